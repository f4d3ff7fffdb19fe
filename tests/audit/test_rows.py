"""What rows say is told apart as cell by cell, and no row is taken for one that stood before."""

from collections import Counter
from collections.abc import Hashable

import pytest

from databases.official import CUTS, ROWS, change, night, write
from openprep.audit import rows as audited_rows
from openprep.audit.place import open_place
from openprep.audit.results import Objects, Unreadable
from openprep.audit.rows import RowsRead, ShownRows, digests_of_rows, digests_of_shown
from openprep.databases import read_database
from openprep.election import Counting, FieldState
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.description import ElectionDescription

DASHES = (FieldState.NOT_CAPTURED, FieldState.NOT_ON_BALLOT)


def plainly(row) -> Hashable:
    """What a row says, one fact after the other."""
    acta = row.acta("", None)
    noted = tuple(sorted(observation.value for observation in acta.observations))
    if row.counting is Counting.OUT_OF_CATALOGUE:
        return noted, acta.image_sha256, acta.received_at
    who = row.clave_acta, row.lista_nominal, row.representatives, row.location, row.counting
    if row.counting is Counting.NOT_CAPTURED:
        return who
    fields = (
        *acta.votes,
        acta.surplus_ballots,
        acta.people_voted,
        acta.representatives_voted,
        acta.ballots_taken,
        acta.total_written,
    )
    return (
        who,
        tuple("-" if field in DASHES else field for field in fields),
        noted,
        acta.image_sha256,
        acta.received_at,
        acta.captured_at,
        acta.verified_at,
        acta.origin,
        acta.digitization,
        acta.document,
    )


@pytest.mark.parametrize("contest", ["GUB", "AYUN"])
def test_rows_are_told_apart_as_fact_by_fact_and_known_again(contest):
    """A night's two databases: equal digests where all facts are equal, and nowhere else."""
    known, told = RowsRead(), {}
    for cut in CUTS:
        database = read_database(night(cut, contest))
        digests = known.digests(database)
        assert digests == digests_of_rows(database)
        for row, digest in zip(database.rows, digests, strict=True):
            assert told.setdefault(plainly(row), digest) == digest
    assert len(set(told.values())) == len(told)


COMPARED = {
    "CLAVE_ACTA": "'210423B01003",
    "UBICACION_CASILLA": "1",
    "TOTAL_BOLETAS_SOBRANTES": "451",
    "TOTAL_PERSONAS_VOTARON": "SIN DATO",
    "TOTAL_REP_PARTIDO_CI_VOTARON": "3",
    "TOTAL_VOTOS_SACADOS": "N/A",
    "PAN": "101",
    "C_PT_PVEM": "-",
    "NULOS": "ILEGIBLE",
    "TOTAL_VOTOS_ASENTADO": "301",
    "LISTA_NOMINAL": "751",
    "REPRESENTANTES_PP_CI": "N/A",
    "OBSERVACIONES": " - ",
    "CONTABILIZADA": "0",
    "CODIGO_INTEGRIDAD": "d" * 64,
    "FECHA_HORA_ACOPIO": "02/06/2024 21:00:01",
    "FECHA_HORA_CAPTURA": "N/A",
    "FECHA_HORA_VERIFICACION": "03/06/2024 21:31:00",
    "ORIGEN": "CATD",
    "DIGITALIZACION": "ESCANER",
    "TIPO_DOCUMENTO": "RPP",
}


@pytest.mark.parametrize(("column", "cell"), COMPARED.items())
def test_another_cell_is_another_row_also_where_the_one_before_is_known(column, cell):
    known = RowsRead()
    (before, *others) = known.digests(read_database(write()))
    altered = read_database(write([change(ROWS[0], **{column: cell}), *ROWS[1:]]))
    (after, *same) = known.digests(altered)
    assert after != before
    assert same == others
    assert after == digests_of_rows(altered)[0]


@pytest.mark.parametrize("mark", ["\x1f", "\\n", "|", '""'])
def test_cells_that_run_into_each_other_are_not_the_cells_that_did_not(mark):
    """Two columns that nobody compares hold, together, the same text cut elsewhere."""
    known = RowsRead()
    first = change(ROWS[0], ENTIDAD=f"A{mark}B", DISTRITO="C", PAN="100")
    other = change(ROWS[0], ENTIDAD="A", DISTRITO=f"B{mark}C", PAN="999")
    for row in (first, other):
        database = read_database(write([row]))
        assert known.digests(database) == digests_of_rows(database)


@pytest.mark.parametrize(
    ("old", "new"), [("(UTC-6)", "(UTC-5)"), ("PAN,MORENA", "MORENA,PAN"), ("ORIGEN", "OTRA")]
)
def test_a_file_with_another_offset_or_other_columns_is_read_anew(old, new):
    known = RowsRead()
    known.digests(read_database(write()))
    database = read_database(write().replace(old.encode(), new.encode()))
    assert known.digests(database) == digests_of_rows(database)


# Of a tree


@pytest.fixture
def rows_of(honest):
    """The rows of the honest night's one contest, and where each cut's results are."""
    tree = honest.tree
    manifests = [wire.decode(tree.read(wire.manifest_path(cut)), wire.Manifest) for cut in range(5)]
    description = wire.decode(tree.read(manifests[-1].description.path), ElectionDescription)
    roots = [manifest.contests[0].results for manifest in manifests]
    with open_place(str(tree.root)) as place:
        yield ShownRows(place, description, description.contests[0]), roots


def rows_in(given):
    return Counter(digest for each in given for digest in each.rows)


def test_an_object_is_read_once_as_long_as_cuts_show_it(rows_of, monkeypatch):
    rows, roots = rows_of
    read, real = [], Objects.find

    def find(self, ref, where):
        read.append(ref)
        return real(self, ref, where)

    monkeypatch.setattr(Objects, "find", find)
    for root in roots:
        rows.of(root)
    assert len(read) == len(set(read))
    before = len(read)
    rows.of(roots[0])
    assert roots[0] in read[before:], "a cut long ago is forgotten: memory is bounded"


def test_the_rows_of_a_cut_do_not_tell_which_cut_was_read_before(rows_of):
    rows, roots = rows_of
    onwards = [rows_in(rows.of(root)) for root in roots]
    back = [rows_in(rows.of(root)) for root in reversed(roots)]
    assert onwards == back[::-1]
    assert onwards[0] != onwards[-1]


def test_every_acta_is_named_where_a_row_of_it_is_lacking(rows_of):
    rows, roots = rows_of
    given = rows_in(rows.of(roots[-1]))
    assert Counter(digests_of_shown(rows.actas(roots[-1]))) == given


def test_a_tree_that_never_ends_is_left(rows_of, monkeypatch):
    rows, roots = rows_of
    monkeypatch.setattr(audited_rows, "MOST_OBJECTS", 3)
    with pytest.raises(Unreadable):
        rows.of(roots[-1])
