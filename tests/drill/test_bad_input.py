"""Wrong orders and wrong folders are refused by code, and nothing of them is left behind."""

import errno
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from drill.small_drill import small_folder
from openprep.cli.main import main
from openprep.drill.nation.codes import GenerationRefused, NationCode
from openprep.drill.nation.generate import Order, generate, marked
from openprep.drill.nation.shape import Shape
from openprep.election.declared.mistakes import FolderCode, FolderRefused


@pytest.fixture
def folder(tmp_path):
    """A copy of the corner that a test may spoil."""
    return shutil.copytree(small_folder(), tmp_path / "spoilt")


@pytest.fixture
def target(tmp_path):
    place = tmp_path / "drills"
    place.mkdir()
    return place / "drill"


def order(*words):
    command = ["drill", "generate", "--seed", "1", *(str(word) for word in words)]
    return CliRunner().invoke(main, command)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def refused(folder, target, shape=Shape.TIED):
    with pytest.raises(GenerationRefused) as trouble:
        generate(Order(folder, 1, 1.0, shape), target)
    assert not list(target.parent.iterdir())
    return trouble.value


# Orders


@pytest.mark.parametrize("scale", ["0", "2", "nan", "-1", "inf", "-inf", "1e-9", "1.0000001"])
def test_a_scale_that_is_no_part_of_the_whole(scale, target):
    answer = order("--election", small_folder(), "--scale", scale, "--to", target)
    assert answer.exit_code == 2
    assert "N004" in answer.output
    assert "from 0.001 to 1" in answer.output
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize("words", [("--scale", "half"), ("--seed", "-1"), ("--seed", 2**63)])
def test_what_is_not_a_number_in_bounds(words, target):
    answer = order("--election", small_folder(), *words, "--to", target)
    assert answer.exit_code == 2
    assert words[0] in answer.output
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_target_that_exists_is_left_as_it_was(kind, target):
    if kind == "folder":
        target.mkdir()
        (target / "final.json").write_text("another drill")
    else:
        target.write_text("another drill")
    answer = order("--election", small_folder(), "--to", target)
    assert answer.exit_code == 2
    assert "N002" in answer.output
    kept = target / "final.json" if kind == "folder" else target
    assert kept.read_text() == "another drill"
    assert list(target.parent.iterdir()) == [target]


def test_a_place_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    answer = order("--election", small_folder(), "--to", tmp_path / "file" / "drill")
    assert answer.exit_code == 2
    assert "N003" in answer.output


def test_what_an_interrupted_generation_left_is_no_hindrance(target):
    left = target.with_name(f".{target.name}.partial")
    left.mkdir()
    (left / "schedules").write_text("half")
    generate(Order(small_folder(), 1), target)
    assert list(target.parent.iterdir()) == [target]


# Folders


@pytest.mark.parametrize("name", ["federal-1824", "puebla-2019"])
def test_a_folder_that_no_nation_can_be_made_of(name, target):
    answer = order("--election", name, "--to", target)
    assert answer.exit_code == 2
    assert ("E001" if name == "federal-1824" else "N001") in answer.output
    assert not list(target.parent.iterdir())


def test_districts_and_catalogue_that_disagree(folder, target):
    edit(folder / "areas.csv", "district,32/04,Distrito 04\n", "")
    answer = order("--election", folder, "--to", target)
    assert answer.exit_code == 2
    assert "E009 contests/PRES/catalogue.csv" in answer.output
    assert "E009 contests/SEN/catalogue.csv" in answer.output
    assert "nothing was used" in answer.output
    assert not list(target.parent.iterdir())


def test_a_contest_without_catalogue_rows(folder, target):
    path = folder / "contests/SEN/catalogue.csv"
    path.write_text(path.read_text().splitlines(keepends=True)[0])
    with pytest.raises(FolderRefused) as trouble:
        generate(Order(folder, 1), target)
    assert (FolderCode.BROKEN_RULE, "contests/SEN/catalogue.csv") in {
        (mistake.code, mistake.file) for mistake in trouble.value.mistakes
    }
    assert not list(target.parent.iterdir())


def test_an_entity_without_a_shape(folder, target):
    path = folder / "shape/entities.csv"
    kept = [line for line in path.read_text().splitlines() if not line.startswith("29,")]
    path.write_text("\n".join(kept) + "\n")
    trouble = refused(folder, target)
    assert trouble.code is NationCode.NOT_GENERATED_FROM
    assert "entity 29" in str(trouble)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("where", "lugar"),
        ("01,national,", "01,national,x"),
        ("01,national,", "01,national,-"),
        ("01,national,", "01,national\n02,national,"),
        ("01,national,", "01,national,\xff"),
    ],
    ids=["no column", "no number", "a negative", "a short row", "no count"],
)
def test_a_shape_that_cannot_be_read(folder, target, old, new):
    edit(folder / "shape/entities.csv", old, new)
    trouble = refused(folder, target, Shape.REAL)
    assert trouble.code is NationCode.NOT_GENERATED_FROM
    assert "entities.csv" in str(trouble) or "entity" in str(trouble)


def test_a_shape_of_nobodys_votes(folder, target):
    path = folder / "shape/entities.csv"
    header, *lines = path.read_text().splitlines()
    blank = [",".join([*line.split(",")[:2], *"00000"]) for line in lines]
    path.write_text("\n".join([header, *blank]) + "\n")
    assert refused(folder, target, Shape.REAL).code is NationCode.NOT_GENERATED_FROM


def test_a_column_whose_votes_nobody_told(folder, target):
    edit(folder / "parties.csv", "PRD,", "PES,Encuentro Solidario,#5a2a7c\nPRD,")
    columns = folder / "contests/PRES/columns.csv"
    edit(columns, "MORENA,party,MORENA\n", "MORENA,party,MORENA\nPES,party,PES\n")
    people = folder / "contests/PRES/candidacies.csv"
    people.write_text(people.read_text() + "*,PES,Pía,,PES\n")
    trouble = refused(folder, target)
    assert trouble.code is NationCode.NOT_GENERATED_FROM
    assert "PRES" in str(trouble)
    assert "PES" in str(trouble)


@pytest.mark.parametrize("line", ["drill=true", "drill = true # yes", "'drill' = true"])
def test_a_declaration_that_could_not_be_marked_is_not_run_unmarked(folder, target, line):
    edit(folder / "election.toml", "drill = true", line)
    trouble = refused(folder, target)
    assert trouble.code is NationCode.NOT_GENERATED_FROM
    assert "election.toml" in str(trouble)


def test_a_real_election_becomes_a_drill_when_one_is_generated_from_it(folder, target):
    edit(folder / "election.toml", "drill = true", "drill = false")
    generate(Order(folder, 4), target)
    text = (target / "election/election.toml").read_text()
    assert "drill = true\nseed = 4\n" in text
    assert marked(text, 4) == text


def test_a_district_of_mesas_alone_needs_no_section(folder, target):
    for contest, district in (("PRES", "32/04"), ("SEN", "32/04"), ("DIP_FED", "2/32/04")):
        path = folder / f"contests/{contest}/catalogue.csv"
        rows = path.read_text().splitlines(keepends=True)
        kept = [row for row in rows if f",{district}," not in row or f",{district},," in row]
        assert len(kept) < len(rows)
        path.write_text("".join(kept))
    final = generate(Order(folder, 1, 0.5), target)
    assert final.contests["PRES"].expected > 0


# Disks


@pytest.mark.parametrize("files", ["schedules/*", "contests/*/catalogue.csv"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_disk_that_fails_at_any_step_leaves_nothing(target, monkeypatch, files, count):
    opening, written = Path.open, []

    def full(path, mode="r", **how):
        if "w" in mode and path.match(files):
            written.append(path)
            if len(written) == count:
                path.write_text("half a li")
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return opening(path, mode, **how)

    monkeypatch.setattr(Path, "open", full)
    trouble = refused(small_folder(), target)
    assert trouble.code is NationCode.NOT_WRITTEN
    assert "No space left" in str(trouble)
