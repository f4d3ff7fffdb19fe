"""A demo's folder is one night's: another is refused before anything is written or generated."""

import shutil

import pytest
from click.testing import CliRunner

from drill.small_drill import FEDERAL, small_folder
from openprep.cli.main import main
from openprep.drill.demo.folder import AnotherDrill, claimed, real_night
from openprep.drill.demo.nights import PueblaNight, generated_night
from openprep.drill.nation.codes import GenerationRefused
from openprep.drill.nation.shape import Shape
from openprep.drill.nights.federal_2012 import night_of_2012
from openprep.election.declared.mistakes import FolderRefused

ELECTIONS = FEDERAL.parent


def nation(folder, seed=1, scale=1.0, shape=Shape.TIED, images=0.0):
    return generated_night(folder, str(small_folder()), seed, scale, shape, images)


NIGHTS = {
    "puebla": (PueblaNight, ()),
    "2012": (night_of_2012, ("--election", "federal-2012-presidencia")),
    "nation": (nation, ("--election", str(small_folder()), "--seed", "1", "--scale", "1")),
    "seed": (lambda folder: nation(folder, seed=2), ("--election", str(small_folder()))),
    "federal": (
        lambda folder: generated_night(folder, "federal-2024", 2024, 0.05, Shape.TIED, 0.01),
        ("--election", "federal-2024"),
    ),
}


def claim(folder, name):
    """The folder as it is left where the night of this name had only begun to be prepared."""
    if name in ("puebla", "2012"):
        election = "puebla-2024" if name == "puebla" else "federal-2012-presidencia"
        with claimed(folder, real_night(ELECTIONS / election)):
            return
    with claimed(folder, NIGHTS[name][0](folder).asked):
        return


def content(folder):
    return {
        path.relative_to(folder): (path.is_dir() or path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Folders in which a night was prepared; `nation` was generated and nothing else."""
    place = tmp_path_factory.mktemp("prepared")
    PueblaNight(place / "puebla").prepare()
    nation(place / "nation").prepare()
    return place


@pytest.mark.parametrize("asked", NIGHTS)
@pytest.mark.parametrize("has", ["puebla", "nation"])
def test_a_folder_of_another_night_is_refused_with_nothing_changed(prepared, has, asked):
    folder = prepared / has
    before = content(folder)
    if asked == has:
        NIGHTS[asked][0](folder).prepare()
        assert content(folder) == before
        return
    answer = CliRunner().invoke(main, ["demo", "--data", str(folder), *NIGHTS[asked][1]])
    assert answer.exit_code == 2
    assert "N010" in answer.output
    assert str(folder) in answer.output
    assert content(folder) == before


@pytest.mark.parametrize("asked", NIGHTS)
@pytest.mark.parametrize("has", NIGHTS)
def test_a_night_that_had_only_begun_keeps_the_others_out(tmp_path, has, asked):
    claim(tmp_path / "demo", has)
    before = content(tmp_path)
    if asked == has:
        claim(tmp_path / "demo", asked)
    else:
        with pytest.raises(AnotherDrill):
            NIGHTS[asked][0](tmp_path / "demo").prepare()
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    "other", [{"seed": 2}, {"scale": 0.5}, {"shape": Shape.REAL}, {"images": 0.5}]
)
def test_a_nation_drawn_otherwise_is_another(prepared, other):
    with pytest.raises(AnotherDrill, match="N010"):
        nation(prepared / "nation", **other).prepare()


def test_a_folder_whose_declared_files_changed_is_another(tmp_path):
    own = shutil.copytree(small_folder(), tmp_path / "own")
    folder = tmp_path / "demo"
    with claimed(folder, real_night(own)):
        pass
    toml = own / "election.toml"
    toml.write_text(toml.read_text() + "\n# corrected\n")
    with pytest.raises(AnotherDrill), claimed(folder, real_night(own)):
        pass


@pytest.mark.parametrize("left", ["schedules", "drill", "keys", "center", "mirror", "clock.json"])
def test_a_demo_that_does_not_say_which_it_is_is_refused(tmp_path, left):
    (tmp_path / left).mkdir()
    for night in (PueblaNight(tmp_path), night_of_2012(tmp_path), nation(tmp_path)):
        with pytest.raises(AnotherDrill, match=r"no demo\.json"):
            night.prepare()
    assert [path.name for path in tmp_path.iterdir()] == [left]


@pytest.mark.parametrize("mark", [b"", b"{}", b"null", b"\xff", b'{"election": 1}'])
def test_a_mark_that_nobody_can_read_is_refused(tmp_path, mark):
    (tmp_path / "demo.json").write_bytes(mark)
    with pytest.raises(AnotherDrill):
        PueblaNight(tmp_path).prepare()
    assert (tmp_path / "demo.json").read_bytes() == mark


def test_a_night_that_cannot_be_prepared_leaves_the_folder_free(tmp_path):
    folder = tmp_path / "demo"
    with pytest.raises(GenerationRefused):
        nation(folder, scale=7.0).prepare()
    with pytest.raises(FolderRefused):
        generated_night(folder, str(tmp_path / "none"), 1, 1.0, Shape.TIED).prepare()
    assert not folder.exists()


def test_a_schedule_that_was_cut_off_is_made_again_whole(prepared, tmp_path):
    claim(tmp_path, "puebla")
    partial = tmp_path / ".schedules.partial"
    partial.mkdir()
    (partial / "D99.jsonl").write_text("half")
    PueblaNight(tmp_path).prepare()
    names = {path.name for path in (tmp_path / "schedules").iterdir()}
    assert names == {path.name for path in (prepared / "puebla/schedules").iterdir()}
    assert not partial.exists()
