"""Whether the databases of a declared election could be told apart again by who reads them."""

from openprep.coded import said
from openprep.databases.names import NULL, UNREGISTERED, Field, field_of, plain, vote_names
from openprep.election import Column, ColumnKind, Contest, Election
from openprep.election.declared.mistakes import FolderCode, Mistakes

_OF_UNITS = {
    *(Field.DISTRICT_ID, Field.DISTRICT, Field.MUNICIPALITY_ID, Field.MUNICIPALITY),
    *(Field.KNOWN_OTHER, None),
}
_NOBODYS = {ColumnKind.UNREGISTERED: UNREGISTERED, ColumnKind.NULL: NULL}


def check_column_names(election: Election, folder: str) -> None:
    """Refuse vote columns that a reader of the databases would take for another column.

    Raises:
        FolderRefused: two columns have one name in the spelling of 2024, or one has the name of a
            column that holds no votes.
    """
    mistakes = Mistakes()
    for contest in election.contests.values():
        _check_unit(election, contest, mistakes)
        _check_columns(f"contests/{contest.id}/columns.csv", contest.columns, mistakes)
    mistakes.refuse_if_any(folder)


def _check_unit(election: Election, contest: Contest, mistakes: Mistakes) -> None:
    """The unit's two columns have names that are no other column's."""
    shape = election.databases.shapes[contest.id]
    names = shape.unit_id_column, shape.unit_name_column
    votes = {plain(column.id) for column in contest.columns}
    for name in names:
        if plain(name) in votes or field_of(name) not in _OF_UNITS or names.count(name) > 1:
            text = said(
                "{name}, of the unit of {contest}, is the name of another column",
                name=name,
                contest=contest.id,
            )
            mistakes.add(FolderCode.READ_AS_ANOTHER, "election.toml", None, text)


def _check_columns(file: str, columns: tuple[Column, ...], mistakes: Mistakes) -> None:
    written = [column.id.partition("#")[0] for column in columns]
    seen: dict[str, str] = {}
    for column, name, told in zip(columns, written, vote_names(written), strict=True):
        other = seen.setdefault(told, name)
        expected = _NOBODYS.get(column.kind)
        if other != name:
            text = said(
                "{other} and {name} are both {told} to who reads the database",
                other=other,
                name=name,
                told=told,
            )
        elif expected and told != expected:
            text = said("{name} is not read as {wanted}: call it that", name=name, wanted=expected)
        elif field_of(name) is not None:
            text = said("{name} is the name of a column that holds no votes", name=name)
        else:
            continue
        mistakes.add(FolderCode.READ_AS_ANOTHER, file, None, text)
