"""A federal file of ours, read by our reader, gives back the state of the election it was cut from.

What a file cannot say is named here: versions before the standing one, who reported, and the order
in which observations were noted.
"""

from datetime import timedelta

import msgspec
import pytest

from databases.official import contest_database
from drill.small_drill import CONTESTS, Centre, small_drill
from openprep.databases import (
    Field,
    Figure,
    check_database,
    read_candidacies,
    read_database,
    read_official_zip,
)
from openprep.databases.write.candidacies import write_candidacies
from openprep.databases.write.writer import ContestDatabase, write_database
from openprep.election import (
    Acta,
    Basis,
    Counting,
    FieldState,
    Observation,
    Summary,
    VotesOverList,
    calculated_total,
    counting_of,
)
from openprep.election.cut import CutKind

SEEDS = (1, 5)


class Read:
    """A centre at a cut, and its official ZIP as our reader understands it."""

    def __init__(self, seed, folder, closing):
        self.centre = Centre(small_drill(seed)[0], folder)
        window = self.centre.election.window
        self.at = window.closes if closing else window.opens + timedelta(hours=6, minutes=20)
        self.manifest = self.centre.cut(self.at, CutKind.CLOSING if closing else CutKind.DATABASE)
        _, data = self.centre.database(self.at, closing=closing)
        self.official_zip = read_official_zip(data)

    def database(self, contest):
        name = f"{contest}_2024.csv"
        return next(
            document
            for path, document in self.official_zip.documents.items()
            if path.endswith(name)
        )


@pytest.fixture(
    scope="module",
    params=[(seed, closing) for seed in SEEDS for closing in (False, True)],
    ids=lambda night: f"{night[0]}-{'closing' if night[1] else 'mid-night'}",
)
def read(request, tmp_path_factory):
    return Read(request.param[0], tmp_path_factory.mktemp("centre"), request.param[1])


@pytest.fixture(params=CONTESTS)
def contest(request):
    return request.param


def by_key(read, contest):
    """Catalogue ids by CLAVE_ACTA, spelt from the catalogue alone."""
    found = {}
    for expected in read.centre.election.catalogues[contest]:
        entity = expected.area.split("/")[-2]
        casilla = f"{entity}{expected.seccion or '0000'}{expected.kind.value}{expected.number:02}"
        found[f"{casilla}{expected.extension:02}{expected.tipo_acta}"] = expected
    assert len(found) == len(read.centre.election.catalogues[contest])
    return found


def test_the_same_actas_with_votes_field_states_observations_and_times(read, contest):
    catalogue, found = by_key(read, contest), {}
    for row in read.database(contest).rows:
        if row.counting in (Counting.COUNTED, Counting.NOT_COUNTED):
            expected = catalogue[row.clave_acta]
            found[expected.id] = row.acta(contest, expected.id)
    assert found == read.centre.actas(contest)
    assert found


def test_the_same_actas_are_still_expected(read, contest):
    catalogue, actas = by_key(read, contest), read.centre.actas(contest)
    waiting = {
        catalogue[row.clave_acta].id
        for row in read.database(contest).rows
        if row.counting is Counting.NOT_CAPTURED
    }
    assert waiting == {expected.id for expected in catalogue.values()} - actas.keys()


def test_every_acta_counts_as_it_did(read, contest):
    election = read.centre.election
    catalogue, actas = by_key(read, contest), read.centre.actas(contest)
    for row in read.database(contest).rows:
        if row.clave_acta and row.counting is not Counting.NOT_CAPTURED:
            expected = catalogue[row.clave_acta]
            acta = actas[expected.id]
            assert row.counting is counting_of(acta, expected, election.rules)
            assert row.total_calculated == calculated_total(acta.votes)


def test_the_actas_out_of_catalogue_are_those_of_the_state(read, contest):
    found = [
        row.acta(contest, None)
        for row in read.database(contest).rows
        if row.counting is Counting.OUT_OF_CATALOGUE
    ]
    outside = [
        version.acta for version in read.centre.state.contest(contest).out_of_catalogue.values()
    ]
    assert found == sorted(outside, key=lambda acta: acta.received_at)


def test_the_drills_have_actas_out_of_catalogue_to_read():
    for seed in SEEDS:
        figures = small_drill(seed)[1].contests.values()
        assert any(contest.out_of_catalogue for contest in figures)


def test_the_catalogue_comes_back(read, contest):
    catalogue = by_key(read, contest)
    for row in read.database(contest).rows:
        if row.counting is Counting.OUT_OF_CATALOGUE:
            continue
        expected = catalogue.pop(row.clave_acta)
        assert (row.kind, row.location) == (expected.kind, expected.location)
        assert row.extension == expected.extension
        assert row.tipo_acta == expected.tipo_acta
        assert row.seccion == expected.seccion
        if expected.seccion:
            assert row.number == expected.number
            assert row.unit_id == expected.area.rpartition("/")[2]
        assert row.entity_id == expected.area.split("/")[-2]
    assert not catalogue


def test_the_header_and_the_time_come_back(read, contest):
    database = read.database(contest)
    (cut,) = (shown for shown in read.manifest.contests if shown.id == contest)
    figures = [database.preamble.figures[figure] for figure in Figure]
    assert figures == list(cut.summary.figures)
    assert database.cut == read.at
    assert database.title == read.centre.election.databases.shapes[contest].heading


def test_the_auditors_check_finds_nothing_to_say(read, contest):
    findings = check_database(read.database(contest)).findings
    expected = {"KEYLESS_OUT_OF_CATALOGUE"}  # whoever cannot be identified has no key
    assert {finding.code.name for finding in findings} <= expected


def test_what_was_read_is_written_again_byte_by_byte(read, contest):
    election = read.centre.election
    database = read.database(contest)
    again = contest_database(election, contest, database)
    shown = read.centre.cutter.snapshot(read.at, closing=read.manifest.kind is CutKind.CLOSING)
    assert again.summary.figures == shown.summaries[contest].figures
    data = write_database(election, contest, again, database.cut)
    assert data == write_database(
        election,
        contest,
        msgspec.structs.replace(again, actas=read.centre.actas(contest)),
        read.at.astimezone(database.cut.tzinfo),
    )


def test_candidacies_come_back(read, contest):
    listed = read_candidacies(write_candidacies(read.centre.election, contest)).listed
    declared = read.centre.election.contests[contest].candidacies
    people = {
        name
        for candidacies in declared.values()
        for candidacy in candidacies
        for name in (candidacy.name,)
    }
    assert {candidacy.name for candidacy in listed} == people
    assert len(listed) == sum(
        len(candidacy.columns) for candidacies in declared.values() for candidacy in candidacies
    )


# Every state of every field, which no drill has all of


def every_state():
    states = [
        state
        for state in FieldState
        if state not in (FieldState.NOT_CAPTURED, FieldState.NOT_APPLICABLE)
    ]
    return [*states, 0, 7]


def one_row(centre, expected, acta):
    """The file of a contest that expects one acta, read."""
    election = msgspec.structs.replace(centre.election, catalogues={"PRES": (expected,)})
    database = ContestDatabase(
        {expected.id: acta},
        (),
        Summary(1, *[0] * 12, Basis(VotesOverList.WITHOUT_SPECIAL, 0, None)),
    )
    at = election.window.local(election.window.closes)
    return read_database(write_database(election, "PRES", database, at))


@pytest.mark.parametrize("observation", list(Observation))
def test_every_observation_comes_back(tmp_path, observation):
    centre = Centre(small_drill(SEEDS[0])[0], tmp_path)
    expected = centre.election.catalogues["PRES"][0]
    votes = (every_state() * 4)[:17]
    noted = (observation, Observation.SIN_DATO)
    if observation in (Observation.SIN_DATO, Observation.FUERA_DE_CATALOGO):
        noted = (observation,)
    acta = Acta("PRES", expected.id, tuple(votes), 1, 2, 3, 4, 5, observations=noted)
    written = one_row(centre, expected, acta)
    read = next(written.rows)
    assert set(read.observations) == set(noted)
    if observation is not Observation.FUERA_DE_CATALOGO:
        assert read.votes == tuple(votes)


def test_exceeding_the_lista_nominal_is_written_before_all_else(tmp_path):
    """It prevails over all other observations, in whatever order they were noted (A.4)."""
    centre = Centre(small_drill(SEEDS[0])[0], tmp_path)
    expected = centre.election.catalogues["PRES"][0]
    noted = (Observation.ILEGIBLE, Observation.SIN_DATO, Observation.EXCEDE_LISTA_NOMINAL)
    acta = Acta("PRES", expected.id, (1,) * 17, 1, 2, 3, 4, 5, observations=noted)
    (row,) = one_row(centre, expected, acta).rows
    assert row.cell(Field.OBSERVATIONS) == "['Excede Lista Nominal', 'Ilegible', 'Sin dato']"
