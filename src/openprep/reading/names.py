"""Who and what a page's words are of: candidacies and areas, however names are joined."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from openprep.election.area_path import own_id
from openprep.reading.counted import Counted
from openprep.wire.cut.results import CandidacyVotes, ChildArea


def plain(text: str) -> str:
    """Words alone, so that how a page joins them does not matter."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


@dataclass(frozen=True)
class Names:
    """Who runs in an area, and the areas below it, by the plain words that name them."""

    candidacies: Mapping[str, CandidacyVotes] = field(default_factory=dict)
    children: Mapping[str, ChildArea] = field(default_factory=dict)

    @classmethod
    def of(cls, area: Counted) -> "Names":
        """The names of one area."""
        running = {_full(candidacy): candidacy for candidacy in area.votes.candidacies}
        children = {name: child for child in area.children for name in _names_of(child)}
        return cls(running, children)

    def candidacy(self, text: str) -> CandidacyVotes | None:
        """Who is meant: exactly, or with other words beside, none of which has a digit."""
        said = plain(text)
        if said in self.candidacies:
            return self.candidacies[said]
        spoken = set(said.split())
        within = [name for name in self.candidacies if set(name.split()) <= spoken]
        if not within:
            return None
        nearest = max(within, key=lambda name: len(name.split()))
        more = "".join(spoken - set(nearest.split()))
        return None if any(map(str.isdigit, more)) else self.candidacies[nearest]

    def child(self, text: str) -> ChildArea | None:
        """The area below that is meant: by its name, or by its id and name."""
        return self.children.get(plain(text))


def _full(candidacy: CandidacyVotes) -> str:
    return plain(f"{candidacy.name or ''} {parties_of(candidacy)}")


def _names_of(child: ChildArea) -> Iterator[str]:
    own = own_id(child.path)
    yield from (plain(child.name), plain(f"{own} {child.name}"))


def parties_of(candidacy: CandidacyVotes) -> str:
    """The parties of a candidacy, as a page names them."""
    return " ".join(candidacy.parties).replace("_", " ")


def full_name(candidacy: CandidacyVotes) -> str:
    """A candidacy for whoever reads a report."""
    parties = ", ".join(candidacy.parties)
    return f"{candidacy.name} ({parties})" if candidacy.name else parties


def with_votes(candidacy: CandidacyVotes) -> str:
    """A candidacy and its votes."""
    return f"{full_name(candidacy)} {candidacy.votes:,} votos"
