"""Files made to hurt the reader are refused whole, with a code, within bounded memory and time."""

import io
import signal
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databases.official import (
    COLUMNS,
    COUNTED,
    ROWS,
    change,
    night,
    night_candidacies,
    packed,
    write,
)
from openprep.databases import (
    Database,
    DatabaseCode,
    Limits,
    UnreadableDatabase,
    check_database,
    read_candidacies,
    read_database,
    read_document,
    read_official_zip,
)


def refusal(data: bytes, limits: Limits = Limits()) -> DatabaseCode:  # noqa: B008 - it is frozen
    reader = read_official_zip if data[:2] == b"PK" else read_database
    with pytest.raises(UnreadableDatabase) as refused:
        reader(data, limits)
    assert str(refused.value).startswith(refused.value.code.code)
    return refused.value.code


def test_what_is_no_database_is_refused() -> None:
    assert refusal(b"") is DatabaseCode.EMPTY
    assert refusal(b"hello, world\n") is DatabaseCode.NO_COLUMN_ROW
    assert refusal(b"<html><body>404</body></html>\n" * 200) is DatabaseCode.NO_COLUMN_ROW
    assert refusal(Path("nowhere").joinpath("x").__bytes__()) is DatabaseCode.NO_COLUMN_ROW


def test_a_missing_file_is_refused_with_its_path() -> None:
    with pytest.raises(UnreadableDatabase, match=r"D101 .*/nowhere"):
        read_database(Path("/nowhere"))


def test_a_database_without_vote_columns_is_refused() -> None:
    columns = COLUMNS[:16] + COLUMNS[21:]
    rows = [row[:16] + row[21:] for row in ROWS]
    assert refusal(write(rows, columns)) is DatabaseCode.NO_VOTE_COLUMN


@pytest.mark.parametrize("delimiter", [",", "|"])
def test_a_million_columns_are_refused_before_they_are_cut(delimiter: str) -> None:
    wide = delimiter.join([*COLUMNS, *["X"] * 1_000_000]).encode()
    assert refusal(wide) is DatabaseCode.TOO_MANY_COLUMNS


def test_a_row_of_a_million_cells_is_refused() -> None:
    data = write() + b"," * 1_000_000 + b"\n"
    assert refusal(data) is DatabaseCode.FIELD_TOO_LONG


def test_an_overlong_field_is_refused_plain_and_quoted() -> None:
    for cell in ("A" * 5_000, '"' + "A" * 5_000 + '"'):
        row = change(COUNTED, DISTRITO=cell)
        assert refusal(write([row])) is DatabaseCode.FIELD_TOO_LONG


def test_a_line_without_end_is_refused() -> None:
    assert refusal(write() + b"A" * 2_000_000) is DatabaseCode.FIELD_TOO_LONG


def test_an_oversize_file_is_refused(tmp_path: Path) -> None:
    limits = Limits(file_bytes=1_000)
    assert refusal(write(), limits) is DatabaseCode.FILE_TOO_LARGE
    path = tmp_path / "large.csv"
    path.write_bytes(write())
    with pytest.raises(UnreadableDatabase, match="D102"):
        read_database(path, limits)


def test_too_many_rows_are_refused() -> None:
    assert refusal(write(), Limits(rows=3)) is DatabaseCode.TOO_MANY_ROWS


def test_nuls_are_refused() -> None:
    assert refusal(write().replace(b"MOVIL", b"MO\0IL")) is DatabaseCode.NUL


def test_wrong_encodings_are_refused() -> None:
    text = write().decode("utf-8-sig")
    for data in (
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + text.encode("latin-1"),
        text.encode() + "JUÁREZ\n".encode("latin-1"),
        text.replace("Á", "\x81").encode("latin-1"),
    ):
        assert refusal(data) is DatabaseCode.ENCODING


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=1, max_value=len(write()) - 2))
def test_a_file_cut_anywhere_is_refused_or_found_out(length: int) -> None:
    try:
        database = read_database(write()[:length])
    except UnreadableDatabase:
        return
    assert check_database(database).findings
    codes = {finding.code for finding in check_database(database).findings}
    assert codes & {DatabaseCode.NO_FINAL_LINE_END, DatabaseCode.HEADER_DISAGREES}


def test_a_real_file_cut_in_the_middle_of_a_row_is_refused() -> None:
    data = night("20240603_2000", "GUB")
    assert refusal(data[: len(data) // 2]) is DatabaseCode.TRUNCATED


def test_a_quote_that_never_closes_is_refused() -> None:
    row = change(COUNTED, DISTRITO='"XICOTEPEC')
    assert refusal(write([row, *ROWS])) is DatabaseCode.TRUNCATED


@pytest.fixture
def no_hanging() -> Iterator[None]:
    """Stop what would run for hours; what it takes is not measured."""

    def stop(signal_number: int, frame: object) -> None:
        raise TimeoutError("the reader hangs on this file")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("no_hanging")
@pytest.mark.parametrize(
    "line",
    [
        b" " * 60_000 + b"x",
        b"sep=" + b" " * 60_000 + b"xy",
        b"03/06/2024 20:00" + b" " * 60_000 + b"x",
        b"03/06/2024 20:00" + b"\t" * 60_000 + b"(UTC",
        b"CAND_IND_" + b"0" * 60_000 + b"x",
        b"PAN" + b"_PAN" * 15_000,
    ],
    ids=["blanks", "separator", "cut", "zone", "independent", "combination"],
)
def test_a_line_made_for_a_pattern_costs_no_more_than_its_length(line: bytes) -> None:
    read_database(line + b"\n" + write())


@pytest.mark.usefixtures("no_hanging")
@pytest.mark.parametrize("cell", ["CAND_IND_" + "0" * 4_000 + "x", "PAN" + "_PAN" * 1_000])
def test_a_party_made_for_a_pattern_costs_no_more_than_its_length(cell: str) -> None:
    lines = "".join(f"0,{cell[:-1]}{number},A,B\n" for number in range(300))
    names = "ID_ENTIDAD,PARTIDO_CI,CANDIDATURA_PROPIETARIA,CANDIDATURA_SUPLENTE\n"
    assert len(read_candidacies((names + lines).encode()).listed) == 300


@pytest.mark.parametrize("date", ["01/01/0001", "31/12/9999", "00/00/0000", "31/02/2024"])
def test_impossible_dates_are_found_and_overflow_nothing(date: str) -> None:
    received = change(COUNTED, FECHA_HORA_ACOPIO=f"{date} 21:00:00")
    report = check_database(read_database(write([received, *ROWS[1:]])))
    assert DatabaseCode.TIME_UNREADABLE in {finding.code for finding in report.findings}
    cut = write().replace(b"03/06/2024 20:00", f"{date} 20:00".encode())
    report = check_database(read_database(cut))
    assert DatabaseCode.CUT_TIME_MISSING in {finding.code for finding in report.findings}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_noise_never_breaks_the_reader(noise: bytes) -> None:
    for data in (noise, write()[:700] + noise, write() + noise):
        try:
            database = read_document(data)
        except UnreadableDatabase:
            continue
        if isinstance(database, Database):
            check_database(database)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_cell_may_hold_anything(data: st.DataObject) -> None:
    text = st.text(st.characters(blacklist_characters='\0\r\n",\ufeff', codec="utf-8"), max_size=12)
    row = [data.draw(text) if index % 3 else cell for index, cell in enumerate(COUNTED)]
    database = read_database(write([row, *ROWS]))
    assert database.row(0).cells == tuple(row)
    check_database(database)


def test_repeated_cells_of_a_large_file_are_kept_once() -> None:
    line = ",".join(COUNTED).encode() + b"\n"
    data = write([]) + line * (17 * 1024 * 1024 // len(line))
    tracemalloc.start()
    read_database(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * len(data)


def test_a_nested_package_is_read() -> None:
    inner = packed(
        {
            "PUE_GUB_2024.csv": night("20240603_2000", "GUB"),
            "PUE_GUB_Candidaturas_2024.csv": night_candidacies("GUB"),
            "LEEME.txt": b"x",
        }
    )
    official_zip = read_official_zip(packed({"20240603_2000_PREP_GUB_PUE.zip": inner}))
    assert [path.split("/")[-1] for path in official_zip.documents] == [
        "PUE_GUB_2024.csv",
        "PUE_GUB_Candidaturas_2024.csv",
    ]
    assert official_zip.others == ("20240603_2000_PREP_GUB_PUE.zip/LEEME.txt",)


@pytest.mark.parametrize(
    "name", ["../x.csv", "/etc/x.csv", "a/../../x.csv", "C:\\x.csv", "..\\x.csv"]
)
def test_paths_that_leave_the_folder_are_refused(name: str) -> None:
    assert refusal(packed({name: write()})) is DatabaseCode.ZIP_PATH


def test_a_link_is_refused() -> None:
    entry = zipfile.ZipInfo("x.csv")
    entry.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert refusal(buffer.getvalue()) is DatabaseCode.ZIP_LINK


def test_too_many_files_are_refused_also_over_several_zips() -> None:
    assert refusal(packed({f"{n}.txt": b"" for n in range(201)})) is DatabaseCode.ZIP_TOO_MANY
    half = packed({f"{n}.txt": b"" for n in range(120)})
    assert refusal(packed({"a.zip": half, "b.zip": half})) is DatabaseCode.ZIP_TOO_MANY


def test_a_third_level_of_zips_is_refused() -> None:
    deep = packed({"c.zip": packed({"b.zip": packed({"a.csv": write()})})})
    assert refusal(deep) is DatabaseCode.ZIP_NESTED


def test_a_bomb_is_stopped_while_it_expands() -> None:
    bomb = packed({"x.csv": b"0" * 50_000_000})
    assert len(bomb) < 100_000
    limits = Limits(zip_bytes=1_000_000)
    tracemalloc.start()
    assert refusal(bomb, limits) is DatabaseCode.ZIP_EXPANDS
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
    several = packed({f"{n}.csv": write() for n in range(50)})
    assert refusal(several, Limits(zip_bytes=20_000)) is DatabaseCode.ZIP_EXPANDS


def test_an_encrypted_zip_is_refused() -> None:
    data = bytearray(packed({"x.csv": write()}))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    assert refusal(bytes(data)) is DatabaseCode.ZIP_ENCRYPTED


def test_a_damaged_zip_is_refused() -> None:
    data = packed({"x.csv": write()})
    assert refusal(data[: len(data) // 2]) is DatabaseCode.ZIP_BROKEN
    broken = bytearray(data)
    broken[60] ^= 0xFF
    assert refusal(bytes(broken)) is DatabaseCode.ZIP_BROKEN


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_zip_damaged_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    broken = bytearray(packed({"x.csv": write(), "LEEME.txt": b"x"}))
    directory = broken.index(b"PK\x01\x02")
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.sampled_from([0, directory]))
        broken[data.draw(st.integers(start, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_official_zip(bytes(broken))
    except UnreadableDatabase:
        return


def test_a_name_in_no_encoding_is_refused() -> None:
    data = bytearray(packed({"x.csv": write(), "ñ.txt": b""}))
    data[data.rindex("ñ".encode())] = 0xFF
    assert refusal(bytes(data)) is DatabaseCode.ZIP_BROKEN


def test_a_directory_of_a_million_entries_is_refused_before_it_is_built() -> None:
    entry = b"PK\x01\x02" + bytes(24) + b"\x01" + bytes(17) + b"a"
    end = b"PK\x05\x06" + bytes(4) + b"\xff\xff\xff\xff"
    directory = entry * 1_000_000
    end += len(directory).to_bytes(4, "little") + bytes(6)
    data = b"PK\x03\x04" + directory + end
    tracemalloc.start()
    assert refusal(data) is DatabaseCode.ZIP_TOO_MANY
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_zip_without_database_is_refused() -> None:
    assert refusal(packed({"LEEME.txt": b"x"})) is DatabaseCode.ZIP_WITHOUT_DATABASE


def test_one_bad_file_refuses_the_whole_package_and_is_named() -> None:
    with pytest.raises(UnreadableDatabase, match=r"bad\.csv"):
        read_official_zip(packed({"good.csv": write(), "bad.csv": b"nothing\n"}))
