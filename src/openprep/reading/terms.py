"""What the words of a page name: the 13 figures by their official names, votes, groups of actas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from openprep.election import ActaGroup
from openprep.reading.counted import Counted, share
from openprep.reading.numbers import Number, count, percentage

Named = TypeVar("Named")


@dataclass(frozen=True)
class Figure:
    """A figure in all the ways that it may be said, and what may be said beside it, after it."""

    own: frozenset[Number]
    beside: frozenset[Number] = frozenset()

    def is_said_by(self, numbers: Sequence[Number]) -> bool:
        """Whether they say it: first the figure itself, and of counts and of percentages, too.

        So ``5 de 7`` is no way to say seven of seven.
        """
        for at, number in enumerate(numbers):
            alike = frozenset(term for term in self.own if term.percentage is number.percentage)
            first = all(before.percentage is not number.percentage for before in numbers[:at])
            allowed = self.own | self.beside
            if at == 0 or (first and alike):
                allowed = alike
            if not number.is_one_of(allowed):
                return False
        return bool(numbers) or not self.own


def named_by(text: str, named: Mapping[str, Named]) -> Named | None:
    """What ``text`` begins with the name of; of several, the longest name."""
    plain = text.casefold()
    found = [name for name in named if plain.startswith(name)]
    return named[max(found, key=len)] if found else None


def figures_of(area: Counted) -> dict[str, Figure]:
    """The figures of an area, by what the words of a page begin with."""
    summary, votes = area.summary, area.votes
    participation = () if summary.participation is None else (percentage(summary.participation),)
    captured = _amount(summary.captured, summary.captured_share, summary.expected)
    counted = _amount(summary.counted, summary.counted_share, summary.expected)
    unregistered = _votes(votes.unregistered, votes.total)
    null = _votes(votes.null, votes.total)
    return {
        "actas esperadas": _only(count(summary.expected)),
        "actas registradas": _only(count(summary.registered)),
        "actas fuera de catálogo": _only(count(summary.out_of_catalogue)),
        "actas capturadas": captured,
        "porcentaje de actas capturadas": _only(percentage(summary.captured_share)),
        "actas contabilizadas": counted,
        "porcentaje de actas contabilizadas": _only(percentage(summary.counted_share)),
        "porcentaje de actas con inconsistencias": _only(percentage(summary.inconsistent_share)),
        "actas no contabilizadas": _only(count(summary.not_counted)),
        "lista nominal": _only(count(summary.lista_nominal)),
        "votos con casillas especiales": _only(count(summary.votes_with_special)),
        "votos sin casillas especiales": _only(count(summary.votes_without_special)),
        "participación": Figure(
            frozenset(participation),
            frozenset((count(summary.basis.votes), count(summary.lista_nominal))),
        ),
        "candidaturas no registradas": unregistered,
        "votos nulos": null,
        "votos en recuadros": _votes(votes.off_ballot, votes.total),
        "total de votos": _only(count(votes.total)),
        "capturadas": captured,
        "contabilizadas": counted,
        "no registradas": unregistered,
        "nulos": null,
        "total": _only(count(votes.total)),
    }


def _only(number: Number) -> Figure:
    return Figure(frozenset((number,)))


def _amount(part: int, of_whole: int, whole: int) -> Figure:
    return Figure(frozenset((count(part), percentage(of_whole))), frozenset((count(whole),)))


def _votes(part: int, total: int) -> Figure:
    return Figure(frozenset((count(part),)), frozenset((percentage(share(part, total)),)))


def progress(part: int, expected: int) -> Figure:
    """So many actas of those that are expected."""
    return _amount(part, share(part, expected), expected)


GROUPS: Mapping[str, ActaGroup] = {
    "casillas urbanas": ActaGroup.URBANA,
    "casillas no urbanas": ActaGroup.NO_URBANA,
    "casillas especiales": ActaGroup.ESPECIAL,
    "voto en el extranjero": ActaGroup.EXTRANJERO,
    "voto anticipado": ActaGroup.ANTICIPADO,
    "voto en prisión preventiva": ActaGroup.PRISION_PREVENTIVA,
    "urna electrónica": ActaGroup.URNA_ELECTRONICA,
}
"""Groups of actas, by what a row of them begins with."""
