"""Paths of areas are taken apart in one module."""

import ast
from pathlib import Path

import pytest

import openprep
from openprep.election import area_path

SOURCE = Path(openprep.__file__).parent

OTHER_PATHS = {
    "databases/read/official_zip.py": "names in a ZIP",
    "election/declared/identifiers.py": "ids, part by part, before they may be a path",
    "election/declared/mistakes.py": "files of a folder",
    "mirror/trust/root.py": "the address of a role",
}


@pytest.mark.parametrize(
    ("path", "ids", "parent", "own", "first"),
    [
        ("", [], "", "", ""),
        ("21", ["21"], "", "21", "21"),
        ("21/001", ["21", "001"], "21", "001", "21"),
        ("21/001/0421", ["21", "001", "0421"], "21/001", "0421", "21"),
    ],
)
def test_a_path_and_its_parts(path, ids, parent, own, first):
    assert area_path.ids_of(path) == ids
    assert area_path.path_of(ids) == path
    assert area_path.parent(path) == parent
    assert area_path.own_id(path) == own
    assert area_path.first_id(path) == first


@pytest.mark.parametrize(
    ("path", "levels", "unit"),
    [("21/001/0421", 2, "21/001"), ("21", 2, "21"), ("", 2, ""), ("0421", 0, "")],
)
def test_the_unit_of_a_path(path, levels, unit):
    assert area_path.unit_of(path, levels) == unit


@pytest.mark.parametrize(
    ("path", "area", "within"),
    [
        ("21/001", "21", True),
        ("21", "21", True),
        ("210/001", "21", False),
        ("21", "21/001", False),
        ("21/001", "", True),
    ],
)
def test_within_an_area_by_whole_ids(path, area, within):
    assert area_path.is_within(path, area) is within


def test_nobody_else_cuts_a_path():
    cutting = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"split", "rsplit", "partition", "rpartition"}
                and [ast.unparse(argument) for argument in node.args[:1]] == ["'/'"]
            ):
                cutting.add(file.relative_to(SOURCE).as_posix())
    assert cutting == {"election/area_path.py", *OTHER_PATHS}
