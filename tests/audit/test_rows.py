"""What rows say is told apart as cell by cell, and no row is taken for one that stood before."""

from collections.abc import Hashable

import pytest

from databases.official import CUTS, ROWS, change, night, write
from openprep.audit.checks.election import DeclaredElection
from openprep.audit.checks.log import fetch_log
from openprep.audit.checks.tree import Audit
from openprep.audit.counting.rows import (
    RowsRead,
    are_the_same,
    as_digests,
    as_numbers,
    digests_of_rows,
)
from openprep.audit.keys import from_verifiers
from openprep.audit.place import open_place
from openprep.databases import read_database
from openprep.election import Counting, FieldState

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


# Of the log


@pytest.fixture
def night_of(honest):
    """What the log says of the honest night's one contest, and where each cut's leaf is."""
    keys = from_verifiers([str(honest.signer.verifier)])
    with open_place(str(honest.tree.root)) as place:
        audit = Audit(place, keys)
        opened = audit.checkpoint()
        log = fetch_log(place, opened.checkpoint, audit.findings)
        election = DeclaredElection.of_tree(place, log.rules.rules_sha256, audit.findings)
        audit.read(log, opened, election, None)
    assert not audit.findings.failed
    return log.contests["AYUN"], [cut.index for cut in log.cuts]


def test_the_rows_of_a_cut_do_not_tell_which_cut_was_asked_for_before(night_of):
    versions, cuts = night_of
    onwards = [as_digests(versions.rows(size)) for size in cuts]
    back = [as_digests(versions.rows(size)) for size in reversed(cuts)]
    assert onwards == back[::-1]
    assert onwards[0] != onwards[-1]


def test_every_row_has_the_key_of_its_acta(night_of):
    versions, cuts = night_of
    claves = list(versions.claves(cuts[-1]))
    assert len(claves) == len(versions.rows(cuts[-1]))
    assert claves.count("") == 1, "out of catalogue"
    assert len(set(claves)) == len(claves)


def test_digests_are_compared_as_often_as_they_stand():
    one, other = bytes(16), bytes(range(16))
    both = as_numbers([one, other])
    assert as_digests(both) == [one, other]
    assert are_the_same(both, as_numbers([other, one]))
    assert not are_the_same(both, as_numbers([one, one]))
    assert not are_the_same(as_numbers([one, one, other]), as_numbers([one, other, other]))
    assert not are_the_same(both, as_numbers([one]))
    assert are_the_same(as_numbers([]), as_numbers([]))
