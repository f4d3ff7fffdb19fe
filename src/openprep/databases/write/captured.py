"""The rest of the rows of the catalogue: what was captured of their actas, or that nothing was."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

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
from openprep.databases.write.columns import NOTHING, Times, rows, tokens, vocabulary
from openprep.election import (
    MESAS,
    Acta,
    CasillaKind,
    Contest,
    Cotejada,
    Counting,
    Digitization,
    DocumentKind,
    Election,
    ExpectedActa,
    Flavour,
    Observation,
    Origin,
    VoteField,
    calculated_total,
    count_of_total,
)

COUNTED, NOT_COUNTED = str(Counting.COUNTED.value), str(Counting.NOT_COUNTED.value)

_read_way = msgspec.json.Decoder(
    tuple[Origin | None, Digitization | None, DocumentKind | None, Cotejada | None]
).decode


class CapturedRows:
    """Writes what was captured of actas of one contest, many at a time."""

    def __init__(self, election: Election, times: Times) -> None:
        self._rules = election.rules
        self._flavour = election.databases.flavour
        self._federal = self._flavour is Flavour.FEDERAL_2024
        self._states = vocabulary(FEDERAL_FIELD_STATES if self._federal else FIELD_STATES)
        self._times = times
        self._observed = Memo(self._observation)
        self._transfers = Memo(_transfer)
        self._ways = Memo(self._way)

    def write(
        self,
        identities: Sequence[str],
        expected: Sequence[ExpectedActa],
        actas: Sequence[Acta],
    ) -> Iterator[str]:
        """The rows that begin with ``identities``, of each acta beside what was expected."""
        totals = [calculated_total(acta.votes) for acta in actas]
        columns = (
            identities,
            rows([*map(_figures, actas, totals)], self._states),
            lists(expected),
            [self._observed[acta.observations] for acta in actas],
            [*map(self._counted, expected, actas, totals)],
            *self._provenance(actas),
        )
        return map(",".join, zip(*columns, strict=True))

    def _counted(self, expected: ExpectedActa, acta: Acta, total: int) -> str:
        """CONTABILIZADA: nearly every acta has votes, no more than its list, and no words."""
        if 0 < total <= expected.lista_nominal and not acta.observations:
            return COUNTED
        counting = count_of_total(total, acta, expected, self._rules).counting
        return COUNTED if counting is Counting.COUNTED else NOT_COUNTED

    def _provenance(self, actas: Sequence[Acta]) -> Iterable[Iterable[str]]:
        """MECANISMOS_TRASLADO and all after it, column by column."""
        yield [self._transfers[acta.transfer, bool(acta.image_sha256)] for acta in actas]
        yield _images([acta.image_sha256 for acta in actas])
        yield self._times.write([acta.received_at for acta in actas])
        yield self._times.write([acta.captured_at for acta in actas])
        yield self._times.write([acta.verified_at for acta in actas])
        ways = [(acta.origin, acta.digitization, acta.document, acta.cotejada) for acta in actas]
        yield [self._ways[way] for way in rows(ways)]

    def _observation(self, noted: tuple[Observation, ...]) -> str:
        return quoted(write_observations(noted, self._flavour))

    def _way(self, written: str) -> str:
        """ORIGEN and all after it."""
        origin, digitization, document, cotejada = _read_way(f"[{written}]")
        words = [
            ORIGINS[origin] if origin else NOT_APPLICABLE,
            DIGITIZATIONS[digitization] if digitization else NOT_APPLICABLE,
            DOCUMENTS[document] if document else NOT_APPLICABLE,
        ]
        if self._federal:
            words.append(str(cotejada.value) if cotejada else NOT_CAPTURED)
        return ",".join(words)


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

    def write(self, identities: Iterable[str], expected: Sequence[ExpectedActa]) -> Iterator[str]:
        """The rows that begin with ``identities``."""
        for identity, row, listed in zip(identities, expected, lists(expected), strict=True):
            yield f"{identity},{self._before[row.kind]},{listed},{self._after}"


def lists(expected: Sequence[ExpectedActa]) -> Iterable[str]:
    """LISTA_NOMINAL and REPRESENTANTES_PP_CI of each row."""
    nominal = tokens([row.lista_nominal for row in expected])
    representatives = tokens([row.representatives for row in expected])
    for listed, shown in zip(nominal, representatives, strict=True):
        yield f"{listed},{NOT_APPLICABLE if shown == NOTHING else shown}"


def _transfer(told: tuple[str, bool]) -> str:
    """MECANISMOS_TRASLADO: how an acta came, and whether there is an image of it."""
    by, image = told
    return _free_text(by or (NOT_CAPTURED if image else NOT_APPLICABLE))


def _figures(acta: Acta, total: int) -> tuple[VoteField, ...]:
    """TOTAL_BOLETAS_SOBRANTES to TOTAL_VOTOS_CALCULADO."""
    return (
        acta.surplus_ballots,
        acta.people_voted,
        acta.representatives_voted,
        acta.ballots_taken,
        *acta.votes,
        acta.total_written,
        total,
    )


def _images(digests: Sequence[str | None]) -> list[str]:
    if "".join(filter(None, digests)).encode().isalnum():
        return [digest or NOT_APPLICABLE for digest in digests]
    return [_free_text(digest or NOT_APPLICABLE) for digest in digests]


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
