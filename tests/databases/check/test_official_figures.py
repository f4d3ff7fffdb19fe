"""The 13 figures counted from the rows are the official ones, to the last digit."""

import pytest

from databases.official import CONTESTS, CUTS, night, sample
from openprep.databases import Figure, check_database, read_database
from openprep.election import RpActas, format_share

ORACLES = {
    ("20240603_1800", "GUB"): "8334, 7770, 12, 7758, 93.0885, 6767, 81.1975, 17.9865, 991,"
    " 4070910, 2619742, 2600241, 63.8737",
    ("20240603_1800", "DIP_LOC"): "8423, 7814, 12, 7802, 92.6273, 6872, 81.5861, 16.8111, 930,"
    " 4105034, 2649245, 2632050, 64.1176",
    ("20240603_1800", "AYUN"): "8352, 7586, 12, 7574, 90.6848, 6876, 82.3275, 13.4458, 698,"
    " 4130232, 2659814, 2654802, 64.2773",
    ("20240603_2000", "GUB"): "8334, 8271, 12, 8259, 99.1000, 6848, 82.1694, 18.2385, 1411,"
    " 4125717, 2658993, 2639492, 64.4492",
    ("20240603_2000", "DIP_LOC"): "8423, 8252, 12, 8240, 97.8273, 6944, 82.4409, 17.0366, 1296,"
    " 4143315, 2676439, 2659244, 64.5965",
    ("20240603_2000", "AYUN"): "8352, 7897, 12, 7885, 94.4085, 6958, 83.3093, 13.6254, 927,"
    " 4169515, 2687769, 2682757, 64.4623",
}


@pytest.mark.parametrize(("cut", "contest"), ORACLES)
def test_rows_and_header_give_the_official_figures(cut: str, contest: str) -> None:
    report = check_database(read_database(night(cut, contest)))
    official = ORACLES[cut, contest].split(", ")
    for figures in (report.recount.figures, report.database.preamble.figures):
        shown = [
            format_share(figures[figure]) if figure.is_share else str(figures[figure])
            for figure in Figure
        ]
        assert shown == official


@pytest.mark.parametrize("cut", CUTS)
def test_rp_actas_of_puebla_are_in_the_totals(cut: str) -> None:
    report = check_database(read_database(night(cut, "DIP_LOC")))
    assert report.recount.rp_actas is RpActas.COUNTED


@pytest.mark.parametrize("contest", CONTESTS)
def test_special_casillas_enter_participation_in_the_last_cut_only(contest: str) -> None:
    for cut, numerator in zip(
        CUTS, (Figure.VOTES_WITHOUT_SPECIAL, Figure.VOTES_WITH_SPECIAL), strict=True
    ):
        figures = read_database(night(cut, contest)).preamble.figures
        participation = figures[numerator] * 1_000_000 // figures[Figure.LISTA_NOMINAL]
        assert figures[Figure.PARTICIPATION] == participation


def test_the_files_of_2019_give_their_own_figures() -> None:
    for name in ("PUE_GUB_ext_2019", "PUE_AYUN_ext_2019"):
        report = check_database(read_database(sample(name)))
        for figure, said in report.database.preamble.figures.items():
            assert report.recount.figures[figure] == said
