"""What real files depart in, pinned: a change of these numbers is a change of the checks."""

import pytest

from databases.official import night, sample
from openprep.coded import said
from openprep.databases import DatabaseCode, check_database, read_database
from openprep.databases.check import row_checks, time_checks

PUEBLA = {"D007": 2, "D033": 53, "D035": 12}
REAL = {
    ("20240603_1800", "GUB"): PUEBLA | {"D031": 14},
    ("20240603_1800", "DIP_LOC"): PUEBLA | {"D031": 26, "D065": 1},
    ("20240603_1800", "AYUN"): PUEBLA | {"D031": 30},
    ("20240603_2000", "GUB"): PUEBLA | {"D031": 14},
    ("20240603_2000", "DIP_LOC"): PUEBLA | {"D031": 26, "D065": 1},
    ("20240603_2000", "AYUN"): PUEBLA | {"D031": 30},
}
DRILL = {"D006": 4, "D007": 2, "D033": 53, "D035": 43, "D061": 1, "D064": 42, "D072": 3}
SAMPLES = {
    "simulacro_PUE_GUB_2024": DRILL
    | {"D010": 7, "D031": 14, "D043": 3, "D046": 3, "D063": 8180, "D065": 1},
    "simulacro_PUE_DIP_LOC_2024": DRILL | {"D031": 27, "D063": 8172, "D070": 1},
    "simulacro_PUE_AYUN_2024": DRILL
    | {"D010": 5, "D031": 33, "D043": 3, "D046": 3, "D063": 7896, "D065": 4},
    "PUE_GUB_ext_2019": {"D006": 11, "D035": 24, "D063": 2},
    "PUE_AYUN_ext_2019": {"D004": 3, "D006": 4, "D020": 1, "D022": 9, "D035": 1},
    "TAMPS_SEN_ext_2023": {"D035": 4, "D046": 2, "D071": 1},
}


def counts(data: bytes) -> dict[str, int]:
    found = check_database(read_database(data)).findings
    return {finding.code.code: finding.count for finding in found}


@pytest.mark.parametrize(("cut", "contest"), REAL)
def test_findings_of_the_night(cut: str, contest: str) -> None:
    assert counts(night(cut, contest)) == REAL[cut, contest]


@pytest.mark.parametrize("name", SAMPLES)
def test_findings_of_drills_and_of_2019(name: str) -> None:
    assert counts(sample(name)) == SAMPLES[name]


def test_ines_own_generator_of_2023_is_read_right_and_its_two_defects_are_told() -> None:
    report = check_database(read_database(sample("TAMPS_SEN_ext_2023")))
    header = report.database.preamble.figures
    assert {figure: report.recount.figures[figure] for figure in header} == header
    assert len(header) == 13
    defects = [finding for finding in report.findings if not finding.is_habit]
    places = {
        finding.code.code: [(at.line, at.column) for at in finding.places] for finding in defects
    }
    assert places == {
        "D046": [(1003, "CONTABILIZADA"), (2072, "CONTABILIZADA")],
        "D071": [(8, "CODIGO_INTEGRIDAD")],
    }


def test_a_drill_header_that_disagrees_says_both_figures_and_where() -> None:
    report = check_database(read_database(sample("simulacro_PUE_GUB_2024")))
    finding = next(f for f in report.findings if f.code is DatabaseCode.HEADER_DISAGREES)
    first = finding.places[0]
    assert (first.line, first.column) == (5, "ACTAS_CONTABILIZADAS")
    assert first.value == "8099, rows give 8098"
    assert first.what == said("{written}, rows give {given}", written="8099", given="8098")


def test_no_text_is_made_for_a_row_that_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (row_checks, time_checks):
        monkeypatch.setattr(module, "said", None)
    assert counts(night("20240603_2000", "GUB")) == REAL["20240603_2000", "GUB"]
