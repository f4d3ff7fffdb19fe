"""The checks of electoral QA on the published federal files, run on ours as on the official ones.

They read the CSV with pandas: the 13 figures on line 4, the column names on line 6 (four lines are
skipped, and a blank one), OBSERVACIONES as a printed list. Everything is recomputed from the rows
with no part of OpenPREP; percentages in integers, truncated (spec B.2 to B.4, H).
"""

import io
import re
import zipfile
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from databases.official import cells_of
from drill.small_drill import CONTESTS, Centre, small_drill
from openprep.databases.write.head import SUMMARY_NAMES
from openprep.election.cut import CutKind

SEED = 2024
STEMS = {contest: f"{contest}_2024" for contest in CONTESTS}
FRAME = cells_of(
    "CLAVE_CASILLA,CLAVE_ACTA,ID_ENTIDAD,ENTIDAD,ID_DISTRITO_FEDERAL,DISTRITO_FEDERAL,SECCION,"
    "ID_CASILLA,TIPO_CASILLA,EXT_CONTIGUA,UBICACION_CASILLA,TIPO_ACTA,TOTAL_BOLETAS_SOBRANTES,"
    "TOTAL_PERSONAS_VOTARON,TOTAL_REP_PARTIDO_CI_VOTARON,TOTAL_VOTOS_SACADOS"
)
PARTIES = cells_of(
    "PAN,PRI,PRD,PVEM,PT,MC,MORENA,PAN_PRI_PRD,PAN_PRI,PAN_PRD,PRI_PRD,PVEM_PT_MORENA,PVEM_PT,"
    "PVEM_MORENA,PT_MORENA"
)
REST = cells_of(
    "TOTAL_VOTOS_ASENTADO,TOTAL_VOTOS_CALCULADO,LISTA_NOMINAL,REPRESENTANTES_PP_CI,OBSERVACIONES,"
    "CONTABILIZADA,MECANISMOS_TRASLADO,CODIGO_INTEGRIDAD,FECHA_HORA_ACOPIO,FECHA_HORA_CAPTURA,"
    "FECHA_HORA_VERIFICACION,ORIGEN,DIGITALIZACION,TIPO_DOCUMENTO,COTEJADA"
)
INDEPENDENTS = {"PRES": [], "SEN": [], "DIP_FED": ["CAND_IND_1", "CAND_IND_2"]}
VOTES = {
    contest: [*PARTIES, *INDEPENDENTS[contest], "NO_REGISTRADAS", "NULOS"] for contest in CONTESTS
}
INCONSISTENT = (
    "Todos los campos ilegibles",
    "Sin dato",
    "Ilegible",
    "Todos los campos vacíos",
    "Ilegible, Sin dato",
    "Excede Lista Nominal",
    "Excede Lista Nominal, Sin dato",
    "Excede Lista Nominal, Ilegible",
    "Excede Lista Nominal, Ilegible, Sin dato",
)
"""The values of OBSERVACIONES that QA counts as inconsistencies."""


class Published:
    """The official ZIP that the centre wrote at one cut, and the cut."""

    def __init__(self, centre, manifest, path, data, closing):
        self.centre, self.manifest, self.path, self.data = centre, manifest, path, data
        self.closing = closing
        self.files = {}
        with zipfile.ZipFile(io.BytesIO(data)) as outer:
            self.inner = outer.namelist()
            for name in self.inner:
                with zipfile.ZipFile(io.BytesIO(outer.read(name))) as inner:
                    self.files |= {
                        f"{name}/{inside}": inner.read(inside) for inside in inner.namelist()
                    }

    def file(self, name):
        (data,) = (data for path, data in self.files.items() if path.endswith(f"/{name}"))
        return io.BytesIO(data)

    def rows(self, contest):
        """The rows as QA reads them: four lines skipped, everything kept as text."""
        rows = pd.read_csv(
            self.file(f"{STEMS[contest]}.csv"), skiprows=4, dtype=str, keep_default_na=False
        )
        cleaned = rows["OBSERVACIONES"].map(lambda text: ", ".join(re.findall(r"'([^']*)'", text)))
        return rows.assign(OBSERVADO=cleaned)

    def header(self, contest):
        """The 13 figures as QA reads them: line 4, without names."""
        values = pd.read_csv(
            self.file(f"{STEMS[contest]}.csv"),
            skiprows=3,
            nrows=1,
            header=None,
            names=list(SUMMARY_NAMES),
            dtype=str,
        )
        return values.iloc[0]


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    drill, _ = small_drill(SEED)
    centre = Centre(drill, tmp_path_factory.mktemp("centre"))
    window = centre.election.window
    found = {}
    for name, at, kind in (
        ("opening", window.opens + timedelta(minutes=20), CutKind.DATABASE),
        ("mid-night", window.opens + timedelta(hours=7), CutKind.DATABASE),
        ("closing", window.closes, CutKind.CLOSING),
    ):
        manifest = centre.cut(at, kind)
        closing = kind is CutKind.CLOSING
        found[name] = Published(centre, manifest, *centre.database(at, closing=closing), closing)
    return found


@pytest.fixture(params=["opening", "mid-night", "closing"])
def published(night, request):
    return night[request.param]


@pytest.fixture(params=CONTESTS)
def contest(request):
    return request.param


def share(part, whole):
    """Four truncated decimals, as the norm writes them."""
    return f"{part * 100 // whole}.{part * 1_000_000 // whole % 10_000:04}" if whole else "0.0000"


# The twelve checks: every figure but ACTAS_ESPERADAS, recounted from the rows


def counted(rows):
    return rows[rows["CONTABILIZADA"] == "1"]


def proportional(rows):
    return rows["TIPO_ACTA"].str.endswith("RP")


def votes(rows):
    """Σ TOTAL_VOTOS_CALCULADO of counted actas; those of proportional representation never."""
    frame = counted(rows)
    return int(pd.to_numeric(frame.loc[~proportional(frame), "TOTAL_VOTOS_CALCULADO"]).sum())


def listed(rows):
    return int(pd.to_numeric(counted(rows)["LISTA_NOMINAL"]).sum())


def among(rows, *values):
    return int(rows["CONTABILIZADA"].isin(values).sum())


def ordinary(rows):
    return rows[rows["TIPO_CASILLA"] != "S"]


CHECKS = {
    "ACTAS_REGISTRADAS": lambda rows, expected, last: str(among(rows, "0", "1", "2")),
    "ACTAS_FUERA_CATALOGO": lambda rows, expected, last: str(among(rows, "2")),
    "ACTAS_CAPTURADAS": lambda rows, expected, last: str(among(rows, "0", "1")),
    "PORCENTAJE_ACTAS_CAPTURADAS": lambda rows, expected, last: share(
        among(rows, "0", "1"), expected
    ),
    "ACTAS_CONTABILIZADAS": lambda rows, expected, last: str(among(rows, "1")),
    "PORCENTAJE_ACTAS_CONTABILIZADAS": lambda rows, expected, last: share(
        among(rows, "1"), expected
    ),
    "PORCENTAJE_ACTAS_INCONSISTENCIAS": lambda rows, expected, last: share(
        int(rows["OBSERVADO"].isin(INCONSISTENT).sum()), expected
    ),
    "ACTAS_NO_CONTABILIZADAS": lambda rows, expected, last: str(among(rows, "0")),
    "LISTA_NOMINAL_ACTAS_CONTABILIZADAS": lambda rows, expected, last: str(listed(rows)),
    "TOTAL_VOTOS_C_CS": lambda rows, expected, last: str(votes(rows)),
    "TOTAL_VOTOS_S_CS": lambda rows, expected, last: str(votes(ordinary(rows))),
    "PORCENTAJE_PARTICIPACION_CIUDADANA": lambda rows, expected, last: share(
        votes(rows if last else ordinary(rows)), listed(rows)
    ),
}


@pytest.mark.parametrize("figure", CHECKS)
def test_a_figure_of_the_header_is_what_the_rows_give(published, contest, figure):
    rows, header = published.rows(contest), published.header(contest)
    expected = int(header["ACTAS_ESPERADAS"])
    assert header[figure] == CHECKS[figure](rows, expected, published.closing)


def test_there_are_twelve_checks_and_the_thirteenth_figure_is_the_size_of_the_catalogue(
    published, contest
):
    assert ("ACTAS_ESPERADAS", *CHECKS) == SUMMARY_NAMES
    rows = published.rows(contest)
    expected = int(published.header(contest)["ACTAS_ESPERADAS"])
    assert expected == (rows["CONTABILIZADA"] != "2").sum()
    assert expected == len(published.centre.election.catalogues[contest])


def test_the_night_is_one_that_the_checks_can_fail_on(night, contest):
    """Each figure differs between the cuts, so that none is right by being always the same."""
    early, late = (night[name].header(contest) for name in ("opening", "closing"))
    assert 0 < int(early["ACTAS_CAPTURADAS"]) < int(late["ACTAS_CAPTURADAS"])
    assert int(late["TOTAL_VOTOS_S_CS"]) < int(late["TOTAL_VOTOS_C_CS"])
    observed = set().union(*(night["closing"].rows(each)["OBSERVADO"] for each in CONTESTS))
    assert {"Ilegible", "Sin dato", "Todos los campos ilegibles"} <= observed
    assert any(text.startswith("Excede Lista Nominal") for text in observed)


# The files


def test_names_of_the_package_and_of_what_is_in_it(published):
    window = published.centre.election.window
    stamp = f"{window.local(published.manifest.time):%Y%m%d_%H%M}"
    assert published.path == f"databases/{stamp}_PREP.zip"
    assert published.inner == [f"{stamp}_PREP_{contest}.zip" for contest in CONTESTS]
    for contest in CONTESTS:
        folder = f"{stamp}_PREP_{contest}.zip"
        held = [path.partition("/")[2] for path in published.files if path.startswith(folder)]
        stem = STEMS[contest]
        assert held == [f"{stem}.csv", f"{contest}_CANDIDATURAS_2024.csv", "LEEME.txt"]


def test_the_leeme_says_that_it_is_a_drill_and_where_the_figures_are(published):
    for path, data in published.files.items():
        if path.endswith("LEEME.txt"):
            text = data.decode()
            assert text.startswith("SIMULACRO")
            assert f"Semilla: {SEED}" in text
            assert "Las filas 3 y 4 dan las trece cifras" in text


def test_lines_and_bytes_are_those_of_the_federal_files(published, contest):
    data = published.file(f"{STEMS[contest]}.csv").read()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    lines = data.decode("utf-8-sig").split("\n")
    assert lines[0] == published.centre.election.databases.shapes[contest].heading
    assert re.fullmatch(r"\d\d/\d\d/2024 \d\d:\d\d \(UTC-6\)", lines[1])
    assert lines[2] == ",".join(SUMMARY_NAMES)
    assert lines[3].count(",") == 12
    assert lines[4] == ""
    assert lines[5].startswith("CLAVE_CASILLA,CLAVE_ACTA,")
    assert lines[6].startswith("'")


@pytest.mark.parametrize(("contest", "columns"), [("PRES", 48), ("SEN", 48), ("DIP_FED", 50)])
def test_the_columns_are_those_of_the_norm_in_their_order(published, contest, columns):
    names = list(published.rows(contest).columns)[:-1]
    assert len(names) == columns
    assert names == [*FRAME, *VOTES[contest], *REST]


def test_keys_stand_between_apostrophes_and_each_expected_acta_once(published, contest):
    rows = published.rows(contest)
    inside = rows[rows["CONTABILIZADA"] != "2"]
    assert inside["CLAVE_CASILLA"].str.fullmatch(r"'\d{6}[BCESMAP]\d{4}'").all()
    assert inside["CLAVE_ACTA"].is_unique
    bare = inside["CLAVE_ACTA"].str.strip("'")
    assert (bare == inside["CLAVE_CASILLA"].str.strip("'") + inside["TIPO_ACTA"]).all()
    outside = rows.index[rows["CONTABILIZADA"] == "2"]
    assert list(outside) == list(range(len(inside), len(rows)))


def test_ids_are_padded_and_mesas_have_neither_district_nor_section(published, contest):
    rows = published.rows(contest)
    rows = rows[rows["CONTABILIZADA"] != "2"]
    mesa = rows["TIPO_CASILLA"].isin(["M", "A", "P"])
    assert mesa.any()
    for column, pattern in (("SECCION", r"\d{4}"), ("ID_CASILLA", r"\d{2}")):
        assert rows.loc[~mesa, column].str.fullmatch(pattern).all()
        assert (rows.loc[mesa, column] == "N/A").all()
    assert rows.loc[~mesa, "ID_DISTRITO_FEDERAL"].str.fullmatch(r"\d{2}").all()
    assert (rows.loc[mesa, ["ID_DISTRITO_FEDERAL", "DISTRITO_FEDERAL"]] == "N/A").all(axis=None)
    totals = FRAME[-4:]
    assert (rows.loc[mesa & ~sin_acta(rows), totals] == "N/A").all(axis=None)
    assert rows["ID_ENTIDAD"].str.fullmatch(r"\d{2}").all()
    assert (rows.loc[rows["TIPO_CASILLA"] == "S", "LISTA_NOMINAL"] == "0").all()


def sin_acta(rows):
    return rows["OBSERVADO"].str.startswith("Sin acta")


def test_actas_stand_by_entity_district_and_section(published, contest):
    rows = published.rows(contest)
    rows = rows[rows["CONTABILIZADA"] != "2"]
    order = ["ID_ENTIDAD", "ID_DISTRITO_FEDERAL", "SECCION", "TIPO_CASILLA", "ID_CASILLA"]
    keys = list(map(tuple, rows[[*order, "EXT_CONTIGUA"]].to_numpy()))
    inside = [key for key in keys if key[1] != "N/A"]
    assert inside == sorted(inside)
    assert [key[0] for key in keys] == sorted(key[0] for key in keys)


def test_observations_are_a_printed_list_or_a_dash(published, contest):
    rows = published.rows(contest)
    words = r"'[A-ZÁÉÍÓÚ][a-záéíóúA-Z ]+'"
    printed = rows["OBSERVACIONES"].str.fullmatch(rf"-|\[{words}(, {words})*\]")
    assert printed.all()
    assert ((rows["OBSERVACIONES"] == "-") == (rows["OBSERVADO"] == "")).all()


def test_totals_and_the_rule_of_the_lista_nominal_hold_in_every_row(published, contest):
    rows = published.rows(contest)
    rows = rows[rows["CONTABILIZADA"].isin(["0", "1"])]
    cells = rows[VOTES[contest]]
    assert (
        cells.isin(["Ilegible", "Sin dato", "Sin acta", "-"])
        .where(~cells.map(str.isdigit), other=True)
        .all(axis=None)
    )
    sums = cells.where(cells.map(str.isdigit), "0").astype(int).sum(axis=1)
    total = rows["TOTAL_VOTOS_CALCULADO"].astype(int)
    assert (sums == total).all()
    more = rows["REPRESENTANTES_PP_CI"].replace("N/A", "0").astype(int)
    limited = ~rows["TIPO_CASILLA"].isin(["M", "A", "P"])
    exceeds = limited & (total > rows["LISTA_NOMINAL"].astype(int) + more)
    assert (exceeds == rows["OBSERVADO"].str.startswith("Excede Lista Nominal")).all()
    some = cells.map(str.isdigit).any(axis=1)
    assert ((rows["CONTABILIZADA"] == "1") == (some & ~exceeds)).all()


def test_times_are_in_order_and_not_after_the_cut(published, contest):
    rows = published.rows(contest)
    names = ["FECHA_HORA_ACOPIO", "FECHA_HORA_CAPTURA", "FECHA_HORA_VERIFICACION"]
    captured = rows[rows["CONTABILIZADA"].isin(["0", "1"]) & ~sin_acta(rows)]
    times = captured[names].apply(pd.to_datetime, format="%d/%m/%Y %H:%M:%S")
    assert (np.diff(times.to_numpy().astype("int64"), axis=1) >= 0).all()
    local = published.centre.election.window.local(published.manifest.time)
    assert times.max(axis=None) <= pd.Timestamp(local.replace(tzinfo=None))
    hashes = captured["CODIGO_INTEGRIDAD"]
    assert hashes.str.fullmatch("[0-9a-f]{64}").all()
    assert hashes.is_unique
    assert captured["COTEJADA"].isin(["-", "1", "2", "3"]).all()


def test_actas_that_are_still_expected_have_a_dash_in_every_captured_field(published, contest):
    rows = published.rows(contest)
    waiting = rows[rows["CONTABILIZADA"] == "-"]
    assert len(waiting)
    assert (waiting[[*VOTES[contest], *REST[4:]]] == "-").all(axis=None)
    assert (waiting["TOTAL_VOTOS_CALCULADO"] == "0").all()


def test_proportional_actas_have_single_parties_only(published):
    for contest in ("SEN", "DIP_FED"):
        rows = published.rows(contest)
        apart = rows[proportional(rows) & rows["CONTABILIZADA"].isin(["0", "1"])]
        apart = apart[~sin_acta(apart)]
        together = [name for name in PARTIES if "_" in name]
        assert (apart[[*together, *INDEPENDENTS[contest]]] == "-").all(axis=None)


def test_the_header_is_what_the_tree_shows_at_the_same_cut(published, contest):
    """Check 12 of the site: what the page says is what the file says."""
    (cut,) = (shown for shown in published.manifest.contests if shown.id == contest)
    header, summary = published.header(contest), cut.summary
    shown = {
        "ACTAS_ESPERADAS": str(summary.expected),
        "ACTAS_CAPTURADAS": str(summary.captured),
        "PORCENTAJE_ACTAS_CAPTURADAS": share(summary.captured, summary.expected),
        "ACTAS_CONTABILIZADAS": str(summary.counted),
        "LISTA_NOMINAL_ACTAS_CONTABILIZADAS": str(summary.lista_nominal),
        "TOTAL_VOTOS_C_CS": str(summary.votes_with_special),
        "TOTAL_VOTOS_S_CS": str(summary.votes_without_special),
        "PORCENTAJE_PARTICIPACION_CIUDADANA": share(summary.participation, 1_000_000),
    }
    assert {name: header[name] for name in shown} == shown


# The candidates files


@pytest.mark.parametrize(
    ("contest", "names"),
    [
        ("PRES", ["ID_ENTIDAD", "PARTIDO_CI", "CANDIDATURA_PROPIETARIA"]),
        ("SEN", ["ID_ENTIDAD", "PARTIDO_CI", "CANDIDATURA_PROPIETARIA", "CANDIDATURA_SUPLENTE"]),
        (
            "DIP_FED",
            [
                *("ID_ENTIDAD", "ID_DISTRITO_FEDERAL", "PARTIDO_CI"),
                *("CANDIDATURA_PROPIETARIA", "CANDIDATURA_SUPLENTE"),
            ],
        ),
    ],
)
def test_candidates_have_a_row_for_each_party_and_combination(published, contest, names):
    file = published.file(f"{contest}_CANDIDATURAS_2024.csv")
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    people = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert list(people.columns) == names
    place = names[: names.index("PARTIDO_CI")]
    assert not people.duplicated([*place, "PARTIDO_CI"]).any()
    assert (people["CANDIDATURA_PROPIETARIA"] != "").all()
    if contest == "PRES":
        assert set(people["ID_ENTIDAD"]) == {"0"}
        assert list(people["PARTIDO_CI"]) == PARTIES
    if contest == "DIP_FED":
        rows = published.rows(contest)
        places = set(map(tuple, people[place].to_numpy()))
        units = rows.loc[rows["ID_DISTRITO_FEDERAL"].str.isdigit(), place]
        assert places == set(map(tuple, units.to_numpy()))


def test_columns_off_the_ballot_are_dashes_exactly_where_nobody_runs(published):
    """Partial coalitions: a combination is ``-`` in the districts where it does not run (G.3)."""
    people = pd.read_csv(
        published.file("DIP_FED_CANDIDATURAS_2024.csv"), dtype=str, keep_default_na=False
    )
    running = set(
        map(tuple, people[["ID_ENTIDAD", "ID_DISTRITO_FEDERAL", "PARTIDO_CI"]].to_numpy())
    )
    rows = published.rows("DIP_FED")
    rows = rows[rows["CONTABILIZADA"].isin(["0", "1"]) & ~sin_acta(rows) & ~proportional(rows)]
    rows = rows[rows["ID_DISTRITO_FEDERAL"] != "N/A"]
    dashes = 0
    for column in [*PARTIES, *INDEPENDENTS["DIP_FED"]]:
        for entity, district, cell in rows[
            ["ID_ENTIDAD", "ID_DISTRITO_FEDERAL", column]
        ].to_numpy():
            assert (cell == "-") is ((entity, district, column) not in running)
            dashes += cell == "-"
    assert dashes > 0
