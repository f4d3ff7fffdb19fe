"""What is written in bulk, and again only where it changed, is what row by row would give."""

import io
import random
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
import pytest
from benchmarks.row_by_row import rows_of
from hypothesis import given, settings
from hypothesis import strategies as st

from databases.official import NO_BASIS, contest_database, night
from drill.small_drill import small_drill
from openprep.databases import read_database
from openprep.databases.write import blocks
from openprep.databases.write.archive import Entry, zip_of
from openprep.databases.write.cells import joined, line
from openprep.databases.write.deflated import Deflated, crc_of, deflate
from openprep.databases.write.identity import Identities
from openprep.databases.write.official_zip import OfficialZips
from openprep.databases.write.side_by_side import side_by_side
from openprep.databases.write.writer import ContestDatabase, DatabaseWriter, write_database
from openprep.election import (
    MESAS,
    Acta,
    Cotejada,
    Digitization,
    DocumentKind,
    FieldState,
    Flavour,
    Observation,
    Origin,
    Quirk,
    Summary,
)
from openprep.election.declared.folder import load_election

CUT = datetime(2024, 6, 3, 20, tzinfo=ZoneInfo("America/Mexico_City"))
OFFSETS = (UTC, timezone(timedelta(hours=-6)), timezone(timedelta(hours=5, minutes=45)))
TRANSFERS = ("", "F", "F-I", "D-F-I", '=1+1,"x"', "+1", "a\nb", "a\rb", "\t", "años, señor")
DIGESTS = (None, "", "a" * 64, "0" * 64, "-1", 'x",y', "=2")
ROWS_LOOKED_AT = 300
FULL = (Flavour.LOCAL_2024, Flavour.FEDERAL_2024)


class Chance:
    """Actas of every kind that there may be, from a seed."""

    def __init__(self, seed):
        self.dice = random.Random(seed)

    def field(self):
        return self.dice.choice((*FieldState, 0, 1, 7, 250, 99_999_999, *[150] * 6))

    def time(self):
        if self.dice.random() < 0.1:
            return None
        seconds = self.dice.randrange(0, 200_000)
        micros = self.dice.choice((0, 0, 1, 999_999))
        at = datetime(2024, 6, 2, 18, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=micros)
        return at.astimezone(self.dice.choice(OFFSETS))

    def observations(self):
        several = self.dice.sample(list(Observation), self.dice.randrange(4))
        return tuple(several)

    def acta(self, contest, acta):
        plain = self.dice.random() < 0.5
        votes = [self.dice.randrange(400) if plain else self.field() for _ in contest.columns]
        if self.dice.random() < 0.05:
            votes = [self.dice.choice(tuple(FieldState))] * len(votes)
        return Acta(
            contest.id,
            acta,
            tuple(votes),
            *(self.field() for _ in range(5)),
            observations=self.observations(),
            transfer=self.dice.choice(TRANSFERS),
            image_sha256=self.dice.choice(DIGESTS),
            received_at=self.time(),
            captured_at=self.time(),
            verified_at=self.time(),
            origin=self.dice.choice((None, *Origin)),
            digitization=self.dice.choice((None, *Digitization)),
            document=self.dice.choice((None, *DocumentKind)),
            cotejada=self.dice.choice((None, *Cotejada)),
        )


def every_kind_of_row(election, contest):
    """Some rows of the catalogue: all mesas and specials, and papers with odd names."""
    catalogue = election.catalogues[contest]
    telling = [row for row in catalogue if row.kind in MESAS or row.kind.value == "S"]
    some = [*telling[: ROWS_LOOKED_AT // 2], *catalogue[: ROWS_LOOKED_AT // 2]]
    odd = ("2", '2"', "=2", "2,E", "Á 2", "")
    return tuple(
        msgspec.structs.replace(row, id=f"row-{n}", tipo_acta=odd[n % 6] if n < 60 else "2")
        for n, row in enumerate(some)
    )


@pytest.fixture(
    scope="module",
    params=[(drill, flavour) for drill in ("puebla", "nation") for flavour in FULL],
    ids=lambda given: f"{given[0]}-{given[1].value}",
)
def election(request, puebla):
    """Each kind of election in each flavour, its names with what a CSV must put in quotes."""
    name, flavour = request.param
    whole = puebla if name == "puebla" else load_election(small_drill(5)[0] / "election")
    shapes = msgspec.structs.replace(
        whole.databases, flavour=flavour, quirks=frozenset(Quirk if name == "puebla" else ())
    )
    areas = {
        place: msgspec.structs.replace(area, name=f"{mark}{area.name}")
        for number, (place, area) in enumerate(whole.areas.items())
        for mark in ("", 'Á, "', "=", "-", "a\n")[number % 5 : number % 5 + 1]
    }
    return msgspec.structs.replace(
        whole,
        databases=shapes,
        areas=areas,
        root=msgspec.structs.replace(whole.root, name=f'{whole.root.name}, "bis"'),
        catalogues={contest: every_kind_of_row(whole, contest) for contest in whole.contests},
    )


def of(actas, outside=()):
    return ContestDatabase(actas, outside, Summary(*[0] * 13, NO_BASIS))


def rows_in(parts):
    """What stands below the head, which is the first part."""
    return b"".join(part.text() for part in parts[1:])


@pytest.mark.parametrize("rows", [1, 7, 2048])
def test_a_night_of_every_kind_of_acta_is_what_row_by_row_gives(election, rows, monkeypatch):
    """Cut after cut: actas come, are corrected and are taken back, in blocks of any size."""
    monkeypatch.setattr("openprep.databases.write.writer.ROWS", rows)
    for number, (name, contest) in enumerate(election.contests.items()):
        chance, writer = Chance(number), DatabaseWriter(election, name)
        actas, outside = {}, []
        for part in (0, 0.3, 0, 0.05, 1):
            for row in election.catalogues[name]:
                if chance.dice.random() < part:
                    actas[row.id] = chance.acta(contest, row.id)
            for gone in chance.dice.sample(sorted(actas), len(actas) // 20):
                del actas[gone]
            outside.append(chance.acta(contest, None))
            shown = of(dict(actas), tuple(outside))
            assert rows_in(writer.write(shown, CUT)) == rows_of(election, name, shown)


@pytest.mark.parametrize("contest", ["GUB", "DIP_LOC", "AYUN"])
def test_a_real_night_is_what_row_by_row_gives(puebla, contest):
    shown = contest_database(puebla, contest, read_database(night("20240603_2000", contest)))
    data = write_database(puebla, contest, shown, CUT)
    assert data.endswith(rows_of(puebla, contest, shown))


def test_only_rows_that_changed_are_formatted_and_only_their_blocks_compressed(puebla, monkeypatch):
    formatted, compressed = [], []
    real = deflate

    def watched(text):
        compressed.append(len(text))
        return real(text)

    monkeypatch.setattr(blocks, "deflate", watched)
    shown = contest_database(puebla, "GUB", read_database(night("20240603_2000", "GUB")))
    writer = DatabaseWriter(puebla, "GUB")
    real_identities = Identities.write

    def identities(self, expected):
        formatted.extend(row.id for row in expected)
        return real_identities(self, expected)

    monkeypatch.setattr(Identities, "write", identities)
    catalogue = puebla.catalogues["GUB"]
    writer.write(shown, CUT)
    assert len(formatted) == len(catalogue)
    formatted.clear()
    compressed.clear()
    writer.write(shown, CUT)
    assert formatted == compressed == []
    third = catalogue[3].id
    corrected = msgspec.structs.replace(shown.actas[third], surplus_ballots=1)
    writer.write(of({**shown.actas, third: corrected}, shown.out_of_catalogue), CUT)
    assert formatted == [third]
    assert len(compressed) == 1


def test_a_database_does_not_tell_what_was_written_before_it(puebla):
    """The centre that was killed and starts anew writes the same bytes as the one that went on."""
    shown = contest_database(puebla, "GUB", read_database(night("20240603_2000", "GUB")))
    few = dict(list(shown.actas.items())[::3])
    zips = OfficialZips(puebla)
    zips.write(CUT, {"GUB": of({})})
    zips.write(CUT, {"GUB": of(few)})
    assert zips.write(CUT, {"GUB": shown}) == OfficialZips(puebla).write(CUT, {"GUB": shown})


def test_what_fails_while_it_is_written_is_written_whole_the_next_time(puebla, monkeypatch):
    shown = contest_database(puebla, "GUB", read_database(night("20240603_2000", "GUB")))
    writer = DatabaseWriter(puebla, "GUB")
    writer.write(of({}), CUT)
    calls, real = [], deflate

    def failing(text):
        calls.append(text)
        if len(calls) == 2:
            raise MemoryError
        return real(text)

    with monkeypatch.context() as patched:
        patched.setattr(blocks, "deflate", failing)
        with pytest.raises(MemoryError):
            writer.write(shown, CUT)
    assert rows_in(writer.write(shown, CUT)) == rows_of(puebla, "GUB", shown)


@given(st.lists(st.text(), min_size=2))
def test_cells_are_joined_as_the_csv_module_joins_them(cells):
    assert joined(cells) + "\n" == line(cells)


@given(st.lists(st.binary(max_size=3000), max_size=8))
def test_parts_are_one_deflated_file(texts):
    parts = [deflate(text) for text in texts]
    assert [part.text() for part in parts] == texts
    with zipfile.ZipFile(io.BytesIO(zip_of([Entry.deflated("all", parts)], CUT))) as archive:
        assert archive.read("all") == b"".join(texts)
        assert crc_of(parts) == archive.infolist()[0].CRC


@settings(max_examples=30)
@given(st.dictionaries(st.text("abñ/.", min_size=1, max_size=9), st.binary(max_size=500)))
def test_the_zip_is_as_python_reads_and_would_write_it(files):
    files = {name.strip("/") or "x": data for name, data in files.items()}
    ours = zip_of([Entry.stored(name, data) for name, data in files.items()], CUT)
    theirs = io.BytesIO()
    with zipfile.ZipFile(theirs, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (2024, 6, 3, 20, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    assert ours == theirs.getvalue()


@pytest.mark.skipif(not shutil.which("unzip"), reason="unzip is not installed")
def test_the_ordinary_unzip_opens_it(puebla, tmp_path):
    shown = contest_database(puebla, "GUB", read_database(night("20240603_2000", "GUB")))
    path = tmp_path / "PREP.zip"
    path.write_bytes(OfficialZips(puebla).write(CUT, {"GUB": shown}))
    for archive in (path, tmp_path / "20240603_2000_PREP_GUB_PUE.zip"):
        subprocess.run(["unzip", "-q", "-o", archive, "-d", tmp_path], check=True)
    assert (tmp_path / "PUE_GUB_2024.csv").read_bytes() == write_database(puebla, "GUB", shown, CUT)


def test_work_side_by_side_keeps_its_order_and_does_not_run_ahead():
    prepared = []

    def work():
        for number in range(100):
            prepared.append(number)
            yield lambda number=number: number

    results = side_by_side(work())
    assert next(results) == 0
    assert len(prepared) < 20
    assert list(results) == list(range(1, 100))


def test_an_error_of_a_thread_is_raised_where_its_result_was_due():
    def fail():
        raise OSError("disk")

    results = side_by_side([lambda: 1, fail])
    assert next(results) == 1
    with pytest.raises(OSError, match="disk"):
        next(results)


def test_what_is_kept_between_two_cuts_is_compressed(puebla):
    shown = contest_database(puebla, "GUB", read_database(night("20240603_2000", "GUB")))
    parts = DatabaseWriter(puebla, "GUB").write(shown, CUT)
    assert all(isinstance(part, Deflated) for part in parts)
    kept = sum(len(part.data) for part in parts)
    assert kept < sum(part.size for part in parts) / 2
