"""The 98 national cuts of the presidential PREP of 2018, held against our arithmetic.

The site published national totals only, so there are no actas to send: nothing here can be relived
from stations. What can be proved is that each published figure follows from the others by the
rules that this project computes with: totals add up, every percentage is truncated (never rounded)
to four decimals, and special casillas enter participation in the last cut only (spec B.4, E.2).

One figure is not what its name says: the percentage of ``actasContabilizadasMR`` is over all
expected actas (``totalActas``, 156,840), in every cut, and not over ``totalActasMR`` (156,808).
"""

import lzma
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.drill.nights.comparison import Comparison, Figure
from openprep.drill.nights.shipped import shipped_election
from openprep.election import NOBODYS, ColumnKind, Contest, Election, Share, format_share
from openprep.tabulation import Tally, share, summarise

FOLDER = "federal-2018-presidencia"
CUTS_FILE = Path("night/cuts.jsonl.xz")
CONTEST = "PRES"


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A count of actas or entities, and its percentage as it was written."""

    count: int
    share: str


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """The votes of a party or candidacy: in the country, from abroad, in all."""

    votes: int
    share: str
    national: int
    abroad: int


class PublishedCut(Struct, frozen=True, forbid_unknown_fields=True):
    """Every figure that the site showed at one cut; percentages as text, to the last digit.

    ``tools/build_replays.py`` tells which field of the site's JSON each one was.
    """

    stamp: str
    """``20180702_2100``, from the name of the cut's database."""
    with_special: bool
    """Whether special casillas enter participation: ``corteEspeciales``."""
    expected: int
    expected_in_the_country: int
    urban: int
    not_urban: int
    captured: Part
    counted: Part
    counted_mr: Part
    entities: Part
    whole_list: int
    lista_nominal: int
    list_share: str
    participation: str
    votes: int
    votes_share: str
    national: int
    abroad: int
    votes_without_special: int
    votes_of_special: int
    leader: str
    parties: Mapping[str, Line]
    candidacies: Mapping[str, Line]

    @property
    def at(self) -> datetime:
        """Official local time, as the name of the database has it: without an offset."""
        return datetime.strptime(self.stamp, "%Y%m%d_%H%M")  # noqa: DTZ007 - see above


def read_cuts(folder: Path | None = None) -> tuple[PublishedCut, ...]:
    """The cuts that ship in ``folder`` (of :data:`FOLDER`), in order of time."""
    packed = ((folder or shipped_election(FOLDER)) / CUTS_FILE).read_bytes()
    decoder = msgspec.json.Decoder(PublishedCut)
    return tuple(map(decoder.decode, lzma.decompress(packed).splitlines()))


def check_cuts(cuts: Sequence[PublishedCut], election: Election) -> Iterator[Comparison]:
    """Each cut's published figures beside what ``election``'s rules make of the others."""
    for cut in cuts:
        yield check_cut(cut, election)


def check_cut(cut: PublishedCut, election: Election) -> Comparison:
    """Every figure of ``cut`` that follows from others, beside ours."""
    contest = election.contests[CONTEST]
    figures = (
        *_shares(cut, election),
        *_totals(cut),
        *_lines(cut, "party", cut.parties),
        *_lines(cut, "candidacy", cut.candidacies),
        *_candidacies(cut, contest),
    )
    return Comparison(cut.stamp, CONTEST, figures, len(figures), ())


def _shares(cut: PublishedCut, election: Election) -> Iterator[Figure]:
    """The official figures of the cut, by the function that every cut of ours goes through."""
    tally = Tally(
        expected=cut.expected,
        captured=cut.captured.count,
        counted=cut.counted.count,
        lista_nominal=cut.lista_nominal,
        votes_with_special=cut.votes,
        votes_without_special=cut.votes_without_special,
        votes_with_list=cut.votes_without_special,
    )
    rule = election.rules.participation
    ours = summarise(tally, rule, root=True, closing=cut.with_special)
    yield _share("captured share", cut.captured.share, ours.captured_share)
    yield _share("counted share", cut.counted.share, ours.counted_share)
    yield _share("participation", cut.participation, ours.participation or 0)
    mr = share(cut.counted_mr.count, cut.expected)
    yield _share("counted share MR, over all expected", cut.counted_mr.share, mr)
    listed = share(cut.lista_nominal, cut.whole_list)
    yield _share("share of the lista nominal", cut.list_share, listed)
    everyone = sum(party.votes for party in cut.parties.values())
    yield _share("share of all votes", cut.votes_share, share(everyone, cut.votes))
    entities = sum(level.value == "entity" for level, _ in election.areas)
    yield _count("entities", cut.entities.count, entities)
    # The only percentage that the site wrote with one decimal.
    all_of_them = format_share(share(cut.entities.count, entities)).removesuffix("000")
    yield Figure("share of entities", cut.entities.share, all_of_them)


def _totals(cut: PublishedCut) -> Iterator[Figure]:
    yield _count("counted, urban and not", cut.counted.count, cut.urban + cut.not_urban)
    yield _count("counted MR", cut.counted_mr.count, cut.counted.count)
    yield _count("votes, in the country and abroad", cut.votes, cut.national + cut.abroad)
    parts = cut.votes_without_special + cut.votes_of_special
    yield _count("votes, ordinary and special casillas", cut.votes, parts)
    for name, lines in (("parties", cut.parties), ("candidacies", cut.candidacies)):
        yield _count(f"votes of all {name}", cut.votes, sum(line.votes for line in lines.values()))
        abroad = sum(line.abroad for line in lines.values())
        yield _count(f"votes from abroad of all {name}", cut.abroad, abroad)


def _lines(cut: PublishedCut, kind: str, lines: Mapping[str, Line]) -> Iterator[Figure]:
    for name, line in lines.items():
        yield _count(f"{kind} {name}", line.votes, line.national + line.abroad)
        yield _share(f"{kind} {name} share", line.share, share(line.votes, cut.votes))


def _candidacies(cut: PublishedCut, contest: Contest) -> Iterator[Figure]:
    """A candidacy has the votes of its parties once combinations are distributed (311.1.c)."""
    nobody = [column.id for column in contest.columns if column.kind in NOBODYS]
    runners = {
        candidacy.key: [
            party
            for name in candidacy.columns
            if (column := contest.columns[contest.column_index[name]]).kind
            is not ColumnKind.COMBINATION
            for party in column.parties
        ]
        for candidacy in contest.candidacies_in("")
    }
    for key, parties in (runners | {name: [name] for name in nobody}).items():
        line, members = cut.candidacies[key], [cut.parties[party] for party in parties]
        yield _count(f"{key} of its parties", line.votes, sum(member.votes for member in members))
        abroad = sum(member.abroad for member in members)
        yield _count(f"{key} of its parties, abroad", line.abroad, abroad)
    ahead = max(runners, key=lambda key: cut.candidacies[key].votes)
    yield Figure("ahead", cut.leader, ahead)


def _share(name: str, published: str, ours: Share) -> Figure:
    return Figure(name, published, format_share(ours))


def _count(name: str, published: int, ours: int) -> Figure:
    return Figure(name, f"{published:,}", f"{ours:,}")
