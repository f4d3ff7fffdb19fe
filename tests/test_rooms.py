"""The direction of imports between rooms: facts flow one way, and so does knowledge."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "openprep"

MAY_IMPORT = {
    "doors": set(),
    "election": set(),
    "tabulation": {"election"},
    "databases": {"election"},
    "record": {"election"},
    "transmission": {"doors", "election", "record"},
    "capture": {"election", "record"},
    "tree": {"election"},
    "hosting": {"doors", "election", "tree"},
    "pages": {"election", "tree", "hosting"},
    "reading": {"election", "tree"},
    "publication": {
        "doors",
        "election",
        "tabulation",
        "databases",
        "record",
        "transmission",
        "tree",
        "hosting",
        "pages",
    },
    "mirror": {"doors", "election", "tabulation", "tree", "hosting", "pages", "reading"},
    "audit": {"election", "tree", "databases", "hosting", "pages", "reading"},
    "drill": None,
    "cli": None,
}
"""Rooms that each room may import; ``None``: all of them."""

FREE = {"coded", "clock", "decoding", "durable", "masking", "plain"}
"""Modules outside the rooms that all may import."""


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            assert node.level == 0, f"{path}: imports are absolute"
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "openprep" and len(parts) > 1:
                rooms.add(parts[1])
    return rooms


def test_every_folder_is_a_room_with_a_rule():
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert rooms <= set(MAY_IMPORT)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_run_upwards_only(room):
    allowed = MAY_IMPORT[room]
    if allowed is None:
        return
    for path in (SOURCE / room).rglob("*.py"):
        beyond = imported_rooms(path) - allowed - FREE - {room}
        assert not beyond, f"{path.relative_to(SOURCE)} imports {sorted(beyond)}"


def test_no_room_imports_the_ones_that_see_all():
    for allowed in MAY_IMPORT.values():
        if allowed is not None:
            assert not allowed & {"drill", "cli"}
