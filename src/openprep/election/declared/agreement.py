"""Whether a contest's files fit together: columns, who runs where, and the actas it expects."""

from collections.abc import Sequence

from openprep.coded import Text, said
from openprep.election.area_path import is_within
from openprep.election.catalogue import ExpectedActa
from openprep.election.contest import ANYWHERE, NOBODYS, Contest
from openprep.election.declared.mistakes import FolderCode, Mistakes


def check_agreement(
    contest: Contest, catalogue: Sequence[ExpectedActa], mistakes: Mistakes
) -> None:
    """Note votes that nobody would receive, and people whom nobody could vote for."""
    files = (
        f"contests/{contest.id}/{name}.csv" for name in ("columns", "candidacies", "catalogue")
    )
    if not all(map(mistakes.was_read, files)):
        return
    if not contest.columns or not contest.candidacies or not catalogue:
        return
    if mistakes.has(FolderCode.UNKNOWN_REFERENCE, f"contests/{contest.id}/candidacies.csv"):
        return
    _check_columns(contest, mistakes)
    _check_units(contest, catalogue, mistakes)


def _check_columns(contest: Contest, mistakes: Mistakes) -> None:
    every = (candidacy for own in contest.candidacies.values() for candidacy in own)
    claimed = {column for candidacy in every for column in candidacy.columns}
    for column in contest.columns:
        if column.kind not in NOBODYS and column.id not in claimed:
            text = said(
                "column {column} belongs to no candidacy: nobody would receive its votes",
                column=column.id,
            )
            _note(contest, "candidacies", text, mistakes)


def _check_units(contest: Contest, catalogue: Sequence[ExpectedActa], mistakes: Mistakes) -> None:
    units = {expected.area for expected in catalogue}
    for unit in sorted(units):
        if not contest.candidacies_in(unit):
            where = unit or said("the root")
            text = said("actas are expected in {where}, where nobody runs", where=where)
            _note(contest, "catalogue", text, mistakes)
    for area in sorted(contest.candidacies):
        inside = area == ANYWHERE or any(is_within(unit, area) for unit in units)
        if not inside:
            text = said("somebody runs in {area}, where no acta is expected", area=area)
            _note(contest, "candidacies", text, mistakes)


def _note(contest: Contest, file: str, text: Text, mistakes: Mistakes) -> None:
    mistakes.add(FolderCode.DISAGREEMENT, f"contests/{contest.id}/{file}.csv", None, text)
