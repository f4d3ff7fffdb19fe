"""What a publisher shows of a captured district, beside what stands on its papers."""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

import msgspec

from openprep.drill.crowd.papers import Paper, Papers
from openprep.drill.demo.verified import Verified
from openprep.drill.nation.final import PlainCount
from openprep.drill.nights.comparison import Comparison, Figure
from openprep.election import Acta, Election
from openprep.forms.filled import figures_of

Key = tuple[str, str | None]
"""A contest and the id of an acta."""


def beside(
    cut: Verified,
    election: Election,
    papers: Papers,
    finished: AbstractSet[Key],
    shown: Mapping[Key, Acta],
    local: Callable[[datetime], datetime],
) -> Comparison:
    """One contest: its 13 figures, its votes by column, and every field of every ``finished`` acta.

    The figures that must be there are those of the finished papers, counted plainly.
    """
    of_contest = [paper for paper in papers if paper.contest == cut.contest]
    own = [paper for paper in of_contest if (paper.contest, paper.id) in finished]
    count = PlainCount(election.contests[cut.contest])
    for paper in of_contest:
        expected = election.expected[cut.contest][paper.id]
        count.add(expected, paper.acta if paper in own else None)
    figures, votes = count.close()
    must, ours = msgspec.structs.asdict(figures), msgspec.structs.asdict(cut.summary)
    told = [Figure(name, str(must[name]), str(ours[name])) for name in must]
    told += [Figure(name, str(votes[name]), str(cut.votes[name])) for name in votes]
    cells = sum(len(paper.figures) for paper in own)
    different = tuple(_different(own, shown))
    return Comparison(f"{local(cut.at):%Y%m%d_%H%M}", cut.contest, tuple(told), cells, different)


def _different(papers: list[Paper], shown: Mapping[Key, Acta]) -> Iterator[str]:
    """The fields that are not shown as they stand on paper."""
    for paper in papers:
        acta = shown.get((paper.contest, paper.id))
        if acta is None:
            yield f"{paper.contest} {paper.id}: not shown"
            continue
        ours = figures_of(acta)
        for name, value in paper.figures.items():
            if ours[name] != value:
                yield f"{paper.contest} {paper.id} {name}: {ours[name]}, on paper {value}"
        if paper.acta is not None and set(acta.observations) != set(paper.acta.observations):
            words = ", ".join(word.value for word in acta.observations)
            yield f"{paper.contest} {paper.id}: observed {words or 'nothing'}"
