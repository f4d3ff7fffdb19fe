"""The rooms, and the direction of imports between them: facts flow one way, so does knowledge."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
SOURCE = REPOSITORY / "src" / "openprep"
ARCHITECTURE = (REPOSITORY / "docs" / "architecture.md").read_text()

FREE = {path.stem for path in SOURCE.glob("*.py")} - {"__init__", "__main__"}
"""Modules outside the rooms that all may import."""

SEE_ALL = {"drill", "cli"}
"""Rooms that may import any other, and that no other imports."""

TESTS = REPOSITORY / "tests"
OF_THE_WHOLE = {"documented", "free", "page"}
"""Folders of tests of what no room has alone: the docs' commands, what is free to all, the page."""

OF_A_DEATH = {"killed"}
"""Folders of tests that kill a room's process."""

GLANCE = 16
"""Modules in one folder that a reader can still take in."""


@dataclass(frozen=True)
class Room:
    """A row of the table: its folders, in the order in which they know each other."""

    name: str
    folders: tuple[str, ...]
    imports: frozenset[str]


def rows():
    for name, content, imports in re.findall(
        r"^\| `(\w+)/` \| (.+?) \| (.+?) \|$", ARCHITECTURE, re.MULTILINE
    ):
        folders = tuple(re.findall(r"`(\w+)/`", content))
        yield Room(name, folders, frozenset(re.findall(r"`(\w+)`", imports)))


ROOMS = {room.name: room for room in rows()}


def imported(path: Path) -> set[tuple[str, ...]]:
    """What a module imports of this package, as names below it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {tuple(name.split(".")[1:]) for name in names if name.startswith("openprep.")}
    return found


def test_the_table_names_every_room_and_every_folder_in_it():
    assert set(ROOMS) == {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    for room in ROOMS.values():
        if room.name not in SEE_ALL:
            inside = {path.parent.name for path in (SOURCE / room.name).glob("*/__init__.py")}
            assert set(room.folders) == inside, room.name


def test_what_is_free_to_all_is_named():
    told = ARCHITECTURE.split("enforces it.")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", told)) == FREE


@pytest.mark.parametrize("name", sorted(set(ROOMS) - SEE_ALL))
def test_a_room_imports_what_the_table_says_and_no_more(name):
    used = set()
    for path in (SOURCE / name).rglob("*.py"):
        used |= {parts[0] for parts in imported(path)}
    assert used - FREE - {name, "__version__"} == ROOMS[name].imports


@pytest.mark.parametrize("name", sorted(set(ROOMS) - SEE_ALL))
def test_a_folder_knows_only_those_before_it(name):
    folders = ROOMS[name].folders
    for at, folder in enumerate(folders):
        later = set(folders[at + 1 :])
        for path in (SOURCE / name / folder).rglob("*.py"):
            known = {parts[1] for parts in imported(path) if parts[0] == name and len(parts) > 1}
            assert not known & later, f"{path.relative_to(SOURCE)} imports {known & later}"


@pytest.mark.parametrize("name", sorted(set(ROOMS) - SEE_ALL))
def test_what_stands_beside_folders_knows_none_of_them(name):
    for path in (SOURCE / name).glob("*.py"):
        known = {parts[1] for parts in imported(path) if parts[0] == name and len(parts) > 1}
        within = known & set(ROOMS[name].folders)
        assert path.stem == "__init__" or not within, f"{path.relative_to(SOURCE)}: {within}"


def test_no_folder_is_more_than_a_glance():
    for folder in {path.parent for path in SOURCE.rglob("*.py")}:
        assert len(list(folder.glob("*.py"))) <= GLANCE, folder.relative_to(SOURCE)


@pytest.mark.parametrize(
    "folder",
    sorted({path.parent.relative_to(TESTS) for path in TESTS.glob("*/**/test_*.py")}),
    ids=str,
)
def test_tests_stand_in_the_folder_of_their_room(folder):
    if folder.parts[0] not in OF_THE_WHOLE and folder.name not in OF_A_DEATH:
        assert (SOURCE / folder / "__init__.py").exists(), folder


def test_no_room_imports_the_ones_that_see_all():
    for room in ROOMS.values():
        assert not room.imports & SEE_ALL
