"""The candidacies file: who stands behind each column, in each unit (spec B.3)."""

from collections.abc import Sequence

from openprep.databases.write.cells import line, protect
from openprep.databases.write.head import BOM, official_name
from openprep.election import ANYWHERE, Contest, Election, Level
from openprep.election.area_path import ids_of


def write_candidacies(election: Election, contest_id: str) -> bytes:
    """The candidacies file: who stands behind each column, in each unit."""
    contest = election.contests[contest_id]
    names = election.databases.shapes[contest_id].candidacy_columns
    lines = [list(names)]
    for area, candidacies in contest.candidacies.items():
        by_column = {column: candidacy for candidacy in candidacies for column in candidacy.columns}
        place = _place_of(election, contest, names, area)
        for column in contest.columns:
            candidacy = by_column.get(column.id)
            if candidacy is not None:
                people = [candidacy.name, candidacy.substitute][: len(names) - len(place) - 1]
                lines.append([*place, official_name(column.id), *people])
    return (BOM + "".join(line([*map(protect, cells)]) for cells in lines)).encode()


def _place_of(
    election: Election, contest: Contest, names: Sequence[str], area: str
) -> Sequence[str]:
    """The first cells of a candidacy's row. Federal files give ids, 0 for the whole nation."""
    if election.root.level is Level.NATIONAL:
        ids = dict(zip(contest.levels, ids_of(area), strict=False))
        own = {level: ids.get(level, "0") if area != ANYWHERE else "0" for level in Level}
        return [own[Level.ENTITY], own[Level.DISTRICT]][: names.index("PARTIDO_CI")]
    return [election.root.name] if len(names) == 3 else [election.root.id, *ids_of(area)]
