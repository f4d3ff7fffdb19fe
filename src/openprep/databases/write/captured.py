"""The rest of the rows of the catalogue: what was captured of their actas, or that nothing was."""

from collections.abc import Iterable, Sequence

from openprep.databases.wording import (
    DIGITIZATIONS,
    DOCUMENTS,
    FEDERAL_FIELD_STATES,
    FIELD_STATES,
    ORIGINS,
    write_observations,
)
from openprep.databases.words import Memo
from openprep.databases.write.cells import NOT_APPLICABLE, NOT_CAPTURED, protect, quoted
from openprep.databases.write.columns import NOTHING, FigureRows, Times, tokens, vocabulary
from openprep.election import (
    MESAS,
    Acta,
    CasillaKind,
    Contest,
    Cotejada,
    Election,
    ExpectedActa,
    Flavour,
    Observation,
    count,
)


class CapturedRows:
    """Writes what was captured of actas of one contest, many at a time."""

    def __init__(self, election: Election) -> None:
        self._rules = election.rules
        self._flavour = election.databases.flavour
        self._federal = self._flavour is Flavour.FEDERAL_2024
        self._figures = FigureRows(FEDERAL_FIELD_STATES if self._federal else FIELD_STATES)
        self._times = Times(election.window.local)
        self._observed = Memo(self._observation)
        self._transfers = Memo(_free_text)
        self._origins = vocabulary(ORIGINS, NOT_APPLICABLE)
        self._digitizations = vocabulary(DIGITIZATIONS, NOT_APPLICABLE)
        self._documents = vocabulary(DOCUMENTS, NOT_APPLICABLE)
        self._cotejadas = vocabulary({each: str(each.value) for each in Cotejada}, NOT_CAPTURED)

    def write(self, expected: Sequence[ExpectedActa], actas: Sequence[Acta]) -> Iterable[str]:
        """TOTAL_BOLETAS_SOBRANTES and all after it, of each acta beside what was expected."""
        counts = [count(acta, row, self._rules) for acta, row in zip(actas, expected, strict=True)]
        figures = [
            (
                acta.surplus_ballots,
                acta.people_voted,
                acta.representatives_voted,
                acta.ballots_taken,
                *acta.votes,
                acta.total_written,
                counted.total,
            )
            for acta, counted in zip(actas, counts, strict=True)
        ]
        columns = (
            self._figures.write(figures),
            lists(expected),
            [self._observed[acta.observations] for acta in actas],
            tokens([counted.counting for counted in counts]),
            *self._provenance(actas),
        )
        return map(",".join, zip(*columns, strict=True))

    def _provenance(self, actas: Sequence[Acta]) -> Iterable[Iterable[str]]:
        """MECANISMOS_TRASLADO and all after it, column by column."""
        yield [self._transfer(acta) for acta in actas]
        yield [_image(acta.image_sha256) for acta in actas]
        yield self._times.write([acta.received_at for acta in actas])
        yield self._times.write([acta.captured_at for acta in actas])
        yield self._times.write([acta.verified_at for acta in actas])
        origins = tokens([acta.origin for acta in actas])
        yield [self._origins[origin] for origin in origins]
        digitizations = tokens([acta.digitization for acta in actas])
        yield [self._digitizations[digitization] for digitization in digitizations]
        documents = tokens([acta.document for acta in actas])
        yield [self._documents[document] for document in documents]
        if self._federal:
            cotejadas = tokens([acta.cotejada for acta in actas])
            yield [self._cotejadas[cotejada] for cotejada in cotejadas]

    def _observation(self, noted: tuple[Observation, ...]) -> str:
        return quoted(write_observations(noted, self._flavour))

    def _transfer(self, acta: Acta) -> str:
        if acta.transfer:
            return self._transfers[acta.transfer]
        return NOT_CAPTURED if acta.image_sha256 else NOT_APPLICABLE


class WaitingRows:
    """Writes that nothing was captured yet, with what the form of each kind has."""

    def __init__(self, contest: Contest, flavour: Flavour) -> None:
        votes = [NOT_CAPTURED] * len(contest.columns)
        last = [NOT_CAPTURED] * (10 + (flavour is Flavour.FEDERAL_2024))
        self._before = {
            kind: ",".join(
                [
                    *(NOT_CAPTURED if has else NOT_APPLICABLE for has in _fields_of(kind, flavour)),
                    *votes,
                    NOT_CAPTURED,
                    "0",
                ]
            )
            for kind in CasillaKind
        }
        self._after = ",".join(last)

    def write(self, expected: Sequence[ExpectedActa]) -> Iterable[str]:
        """TOTAL_BOLETAS_SOBRANTES and all after it, of each row."""
        for row, listed in zip(expected, lists(expected), strict=True):
            yield f"{self._before[row.kind]},{listed},{self._after}"


def lists(expected: Sequence[ExpectedActa]) -> Iterable[str]:
    """LISTA_NOMINAL and REPRESENTANTES_PP_CI of each row."""
    nominal = tokens([row.lista_nominal for row in expected])
    representatives = tokens([row.representatives for row in expected])
    for listed, shown in zip(nominal, representatives, strict=True):
        yield f"{listed},{NOT_APPLICABLE if shown == NOTHING else shown}"


def _image(digest: str | None) -> str:
    if digest is not None and digest.isalnum():
        return digest
    return _free_text(digest or NOT_APPLICABLE)


def _free_text(cell: str) -> str:
    return quoted(protect(cell))


def _fields_of(kind: CasillaKind, flavour: Flavour) -> tuple[bool, bool, bool, bool]:
    """Which of surplus, people, representatives and ballots taken the form of a kind has.

    Mesas count no ballots of their own and have no representatives who vote; the mesa of the vote
    from abroad does not list people either (files of Puebla 2024). Federal files give none of the
    four for any mesa (spec G.2).
    """
    mesa = kind in MESAS
    unlisted = kind is CasillaKind.EXTRANJERO or flavour is Flavour.FEDERAL_2024
    people = not (mesa and unlisted)
    return not mesa, people, not mesa, people
