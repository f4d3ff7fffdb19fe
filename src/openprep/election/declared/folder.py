"""An election folder read into an :class:`Election`, or refused with every mistake in it.

The folder holds ``election.toml``, ``parties.csv``, ``areas.csv`` and, for each contest,
``contests/<id>/columns.csv``, ``candidacies.csv`` and ``catalogue.csv`` (any CSV may be compressed
as ``.gz`` or ``.xz``). ``docs/formats/election-folder.md`` lists every key and column.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openprep.coded import Text, said
from openprep.election.catalogue import CasillaKind, ExpectedActa
from openprep.election.contest import DECLARED_LEVELS, Contest, Level, Party, RpActas, Seats
from openprep.election.declared.agreement import check_agreement
from openprep.election.declared.contest_files import read_candidacies, read_catalogue, read_columns
from openprep.election.declared.declaration import Row, Table, TomlFile, read_rows, read_text
from openprep.election.declared.identifiers import (
    trouble_with_contest_id,
    trouble_with_path,
    trouble_with_token,
)
from openprep.election.declared.mistakes import FolderCode, Mistakes
from openprep.election.election import (
    PLAUSIBLE_VOTES,
    Area,
    CutPeriods,
    Databases,
    DatabaseShape,
    Election,
    Flavour,
    Participation,
    Quirk,
    Root,
    Rules,
    Window,
)
from openprep.election.votes import MAX_COUNT

ELECTION_FILE = "election.toml"
PARTY_COLUMNS = ("id", "name", "colour")
AREA_COLUMNS = ("level", "path", "name")
PARTY_COLUMN = "PARTIDO_CI"
LONGEST_DATABASE_PERIOD = 20
"""Minutes: never fewer than three database updates an hour (Anexo 13, deliverable 19)."""

_ID_OF_A_PARTY = said("the id of a party")
_OF_ELECTION = ("parties", "areas")
_OF_CONTEST = ("columns", "candidacies", "catalogue")
_SUFFIXES = (".csv", ".csv.gz", ".csv.xz")

Areas = Mapping[tuple[Level, str], Area]


def load_election(path: Path) -> Election:
    """Read and validate the folder at ``path``.

    Raises:
        FolderRefused: with every mistake found; nothing was used.
    """
    mistakes = Mistakes()
    text = read_text(path, ELECTION_FILE, mistakes)
    if text is None:
        mistakes.refuse_if_any(str(path))
    toml = TomlFile(ELECTION_FILE, text or "", mistakes)
    mistakes.refuse_if_any(str(path))
    parties = _read_parties(path, mistakes)
    areas = _read_areas(path, mistakes)
    election = _read_election(path, toml, parties, areas, mistakes)
    toml.no_more({"election", "root", "window", "cuts", "rules", "databases", "contest"})
    mistakes.refuse_if_any(str(path))
    return election


def is_declared(file: Path, folder: Path) -> bool:
    """Whether ``file`` of ``folder`` is one of those that declare an election."""
    if file.name == ELECTION_FILE or not file.is_file():
        return file.is_file() and file.parent == folder
    stem = next((file.name.removesuffix(s) for s in _SUFFIXES if file.name.endswith(s)), "")
    return stem in (_OF_ELECTION if file.parent == folder else _OF_CONTEST)


def folder_digest(path: Path) -> str:
    """SHA-256 over the digests of the declared files, by name: the identity of these rules."""
    files = [file for file in path.glob("*") if is_declared(file, path)]
    files += [file for file in path.glob("contests/*/*") if is_declared(file, path)]
    lines = sorted(
        f"{file.relative_to(path).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n"
        for file in files
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _read_parties(path: Path, mistakes: Mistakes) -> dict[str, Party]:
    parties: dict[str, Party] = {}
    spelt: dict[str, str] = {}
    for row in read_rows(path, "parties.csv", PARTY_COLUMNS, mistakes):
        colour = row["colour"].lower()
        if len(colour) != 7 or colour[0] != "#" or set(colour[1:]) - set("0123456789abcdef"):
            text = said("colour must be #rrggbb, not {colour!r}", colour=row["colour"])
            row.note(FolderCode.WRONG_VALUE, text)
        if trouble := trouble_with_token(row["id"], _ID_OF_A_PARTY):
            row.note(FolderCode.UNSAFE_ID, trouble)
        _check_name(row)
        twin = spelt.setdefault(row["id"].lower(), row["id"])
        if row["id"] in parties:
            row.note(FolderCode.DUPLICATE, said("party {party} is declared twice", party=row["id"]))
        elif twin != row["id"]:
            text = said(
                "party {party} differs from {twin} in case only", party=row["id"], twin=twin
            )
            row.note(FolderCode.DUPLICATE, text)
        parties[row["id"]] = Party(row["id"], row["name"], colour)
    return parties


def _check_name(row: Row) -> None:
    if not row["name"].strip():
        row.note(FolderCode.WRONG_VALUE, said("name must not be blank"))


def _read_areas(path: Path, mistakes: Mistakes) -> dict[tuple[Level, str], Area]:
    areas: dict[tuple[Level, str], Area] = {}
    spelt: dict[tuple[Level, str], str] = {}
    for row in read_rows(path, "areas.csv", AREA_COLUMNS, mistakes):
        level = row.member("level", Level)
        if level is None:
            continue
        _check_level(level, row.note)
        if trouble := trouble_with_path(row["path"]):
            row.note(FolderCode.WRONG_VALUE, trouble)
        _check_name(row)
        twin = spelt.setdefault((level, row["path"].lower()), row["path"])
        if (level, row["path"]) in areas:
            text = said("{level} {path} is declared twice", level=level.value, path=row["path"])
            row.note(FolderCode.DUPLICATE, text)
        elif twin != row["path"]:
            text = said("{path} differs from {twin} in case only", path=row["path"], twin=twin)
            row.note(FolderCode.DUPLICATE, text)
        areas[level, row["path"]] = Area(level, row["path"], row["name"])
    return areas


def _check_level(level: Level, note: Callable[[FolderCode, Text], None]) -> None:
    if level not in DECLARED_LEVELS:
        text = said(
            "{level} is no level to declare: sections follow from the catalogue", level=level.value
        )
        note(FolderCode.BROKEN_RULE, text)


def _read_election(
    path: Path, toml: TomlFile, parties: dict[str, Party], areas: Areas, mistakes: Mistakes
) -> Election:
    main = toml.table("election")
    contests: dict[str, Contest] = {}
    catalogues: dict[str, tuple[ExpectedActa, ...]] = {}
    shapes: dict[str, DatabaseShape] = {}
    root = _read_root(toml.table("root"))
    for index, table in enumerate(toml.tables("contest")):
        seats = _read_seats(toml.optional_inner(table, "seats", index))
        if _is_twin(table, contests):
            continue
        contest = _read_contest(path, table, seats, parties, areas, mistakes)
        if contest is None:
            continue
        contests[contest.id] = contest
        catalogues[contest.id] = read_catalogue(path, contest, areas, mistakes)
        check_agreement(contest, catalogues[contest.id], mistakes)
        inner = toml.inner(table, "database", index)
        shapes[contest.id] = _read_shape(inner)
        _check_candidacy_columns(inner, shapes[contest.id].candidacy_columns, contest, root)
        table.no_more()
    _check_inner_zips(toml, shapes, mistakes)
    election = Election(
        id=main.identifier("id"),
        name=main.text("name"),
        authority=main.text("authority"),
        drill=main.flag("drill"),
        root=root,
        window=_read_window(toml.table("window")),
        cuts=_read_cuts(toml.table("cuts")),
        rules=_read_rules(toml.table("rules")),
        parties=parties,
        areas=areas,
        contests=contests,
        catalogues=catalogues,
        databases=_read_databases(toml.table("databases"), shapes),
        digest=folder_digest(path),
        seed=main.optional_integer("seed", 0, 2**63 - 1),
        districting=main.optional_integer("districting", 1978, 2100),
    )
    main.no_more()
    return election


def _is_twin(table: Table, contests: Mapping[str, Contest]) -> bool:
    """Whether the contest of ``table`` is there already; noted, as its files would be the same."""
    own = str(table.values.get("id", ""))
    twin = next((contest for contest in contests if contest.lower() == own.lower()), None)
    if twin is not None:
        twice = said("contest {contest} is declared twice", contest=own)
        alike = said("contest {contest} differs from {twin} in case only", contest=own, twin=twin)
        table.note(FolderCode.DUPLICATE, "id", twice if own == twin else alike)
    return twin is not None


def _read_root(table: Table) -> Root:
    level = table.member("level", Level) or Level.NATIONAL
    _check_level(level, lambda code, text: table.note(code, "level", text))
    root = Root(level, table.identifier("id"), table.text("name"))
    table.no_more()
    return root


def _read_window(table: Table) -> Window:
    opens, closes, zone = table.moment("opens"), table.moment("closes"), table.text("time_zone")
    if opens and closes and closes <= opens:
        table.note(FolderCode.BROKEN_RULE, "closes", said("closes must be after opens"))
    if zone and not _is_zone(zone):
        text = said(
            "time_zone must be an IANA name as America/Mexico_City, not {zone!r}", zone=zone
        )
        table.note(FolderCode.WRONG_VALUE, "time_zone", text)
    table.no_more()
    never = datetime.max.replace(tzinfo=UTC)
    return Window(opens or never, closes or never, zone)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name == "UTC" or "/" in name


def _read_cuts(table: Table) -> CutPeriods:
    periods = CutPeriods(
        live_seconds=table.integer("live_seconds", 1, 3600),
        database_minutes=table.integer("database_minutes", 1, LONGEST_DATABASE_PERIOD),
    )
    table.no_more()
    return periods


def _read_rules(table: Table) -> Rules:
    rules = Rules(
        participation=table.member("participation", Participation)
        or Participation.SPECIAL_CASILLAS_IN_LAST_CUT,
        excess_exempt=frozenset(table.members("excess_exempt", CasillaKind)),
        plausible_votes=table.optional_integer("plausible_votes", 1, MAX_COUNT) or PLAUSIBLE_VOTES,
        capture_places=table.optional_integer("capture_places", 1, 2) or 1,
    )
    table.no_more()
    return rules


def _read_databases(table: Table, shapes: dict[str, DatabaseShape]) -> Databases:
    databases = Databases(
        flavour=table.member("flavour", Flavour) or Flavour.LOCAL_2024,
        quirks=frozenset(table.members("quirks", Quirk)),
        shapes=shapes,
    )
    table.no_more()
    return databases


def _read_shape(table: Table) -> DatabaseShape:
    shape = DatabaseShape(
        heading=table.text("heading"),
        stem=table.identifier("stem"),
        candidacies_stem=table.identifier("candidacies_stem"),
        package=table.identifier("package"),
        unit_id_column=table.text("unit_id_column"),
        unit_name_column=table.text("unit_name_column"),
        candidacy_columns=table.texts("candidacy_columns"),
    )
    table.no_more()
    return shape


def _check_candidacy_columns(
    table: Table, names: Sequence[str], contest: Contest, root: Root
) -> None:
    """The columns are those of what is written: the place, the party, one person or two.

    A federal file has ids up to PARTIDO_CI; a local one the entity, or its id and the unit's.
    """
    if root.level is Level.NATIONAL:
        place = names.index(PARTY_COLUMN) if PARTY_COLUMN in names else 0
        wanted = said(
            "up to two ids, {party}, and the names of one person or two", party=PARTY_COLUMN
        )
        fits = 0 < place <= 2
    else:
        place = 1 if len(names) == 3 else 1 + max(1, len(contest.levels))
        wanted = said(
            "the entity, the unit unless it is 3 columns, the party, and one person or two"
        )
        fits = True
    if not fits or not 1 <= len(names) - place - 1 <= 2 or len(set(names)) < len(names):
        text = said(
            "candidacy_columns must be {wanted}, not {count}: {names}",
            wanted=wanted,
            count=len(names),
            names=" ".join(names),
        )
        table.note(FolderCode.BROKEN_RULE, "candidacy_columns", text)


def _read_seats(table: Table | None) -> Seats:
    if table is None:
        return Seats()
    seats = Seats(
        majority=table.integer("majority", 1, 100),
        first_minority=table.optional_integer("first_minority", 0, 100) or 0,
        proportional=table.optional_integer("proportional", 0, 1000) or 0,
    )
    table.no_more()
    return seats


def _read_levels(table: Table) -> tuple[Level, ...]:
    levels = table.members("levels", Level)
    for level in levels:
        _check_level(level, lambda code, text: table.note(code, "levels", text))
    if len(set(levels)) < len(levels):
        table.note(FolderCode.DUPLICATE, "levels", said("a level is declared twice"))
    return levels


def _check_inner_zips(
    toml: TomlFile, shapes: Mapping[str, DatabaseShape], mistakes: Mistakes
) -> None:
    """Each contest's files have names of their own, or one would be written over another."""
    seen: dict[str, str] = {}
    for contest, shape in shapes.items():
        other = seen.setdefault(shape.package.lower(), contest)
        if other != contest:
            text = said(
                "the contests {other} and {contest} have the same package {package}",
                other=other,
                contest=contest,
                package=shape.package,
            )
            mistakes.add(FolderCode.DUPLICATE, toml.file, None, text)
        if shape.stem.lower() == shape.candidacies_stem.lower():
            text = said(
                "the database and the candidacies of {contest} have the same name", contest=contest
            )
            mistakes.add(FolderCode.DUPLICATE, toml.file, None, text)


def _read_contest(
    path: Path,
    table: Table,
    seats: Seats,
    parties: Mapping[str, Party],
    areas: Areas,
    mistakes: Mistakes,
) -> Contest | None:
    """The contest, or ``None`` where its id names no folder to read the rest from."""
    contest_id = table.identifier("id", trouble_with_contest_id)
    if not contest_id or contest_id == "?":
        return None
    levels = _read_levels(table)
    columns = read_columns(path, contest_id, parties, mistakes)
    constituency = table.optional_member("constituency", Level)
    if constituency is not None and constituency not in levels:
        text = said("the contest has no level {level}", level=constituency.value)
        table.note(FolderCode.BROKEN_RULE, "constituency", text)
    return Contest(
        id=contest_id,
        title=table.text("title"),
        office=table.text("office"),
        levels=levels,
        columns=columns,
        candidacies=read_candidacies(path, contest_id, columns, levels, areas, mistakes),
        rp_tipos=frozenset(table.texts("rp_tipos")),
        rp_actas=table.member("rp_actas", RpActas) or RpActas.ENTITY_ONLY,
        constituency=constituency,
        seats=seats,
    )
