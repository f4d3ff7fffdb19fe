"""The page's TypeScript types name the same fields and values as the tree's own structs."""

import re
from enum import Enum
from pathlib import Path

import msgspec
import pytest

from openprep import election
from openprep.election.cut import CutKind
from openprep.wire.cut import description, manifest, objects, pack, ref, results
from openprep.wire.log.leaf import ActaLeaf

SOURCES = Path(__file__).parents[3] / "site/src"
WIRE = (SOURCES / "tree/wire.ts").read_text()
LEAVES = (SOURCES / "check/log/leaf.ts").read_text()
INTERFACES = {
    name: re.findall(r"^  (\w+)\??:", body, re.MULTILINE)
    for name, body in re.findall(r"export interface (\w+) \{(.*?)\n\}", WIRE, re.DOTALL)
}
ROWS = {
    name: re.findall(r"(\w+?)_?: ", body)
    for name, body in re.findall(r"export type (\w+) = \[(.*?)\];", WIRE, re.DOTALL)
}
"""What is an array on the wire, labelled; a label that is a word of the language ends in ``_``."""

UNIONS = {
    name: set(re.findall(r"'([^']*)'", body))
    for name, body in re.findall(r"export type (\w+) =(.*?);", WIRE, re.DOTALL)
}
OF_THE_WIRE = (description, manifest, objects, pack, ref)
STRUCTS = {
    struct.__name__: struct
    for module in (election, results, *OF_THE_WIRE)
    for struct in vars(module).values()
    if isinstance(struct, type) and issubclass(struct, msgspec.Struct)
}
ELSEWHERE = {"Location": "At"}
"""Structs that have another name there: an acta's location has this one."""

ENUMS = {
    enum.__name__: enum
    for enum in (*(vars(election)[name] for name in election.__all__), CutKind)
    if isinstance(enum, type) and issubclass(enum, Enum)
}


@pytest.mark.parametrize("name", sorted({*INTERFACES, *ROWS} & set(STRUCTS)))
def test_an_interface_has_the_fields_of_its_struct(name):
    struct = STRUCTS[name]
    if struct.__struct_config__.array_like:
        assert ROWS[name] == list(struct.__struct_fields__)
        return
    tag = (struct.__struct_config__.tag_field,) if struct.__struct_config__.tag else ()
    assert INTERFACES[name] == [*tag, *struct.__struct_fields__]


def test_a_place_in_a_pack_is_an_array_of_its_parts():
    assert ROWS["At"] == list(ref.Location.__struct_fields__)


def test_every_published_struct_has_its_interface():
    published = {
        name
        for name, struct in STRUCTS.items()
        if struct.__module__ in {module.__name__ for module in OF_THE_WIRE}
    }
    published = {ELSEWHERE.get(name, name) for name in published}
    assert published <= {*INTERFACES, *ROWS}


def test_an_acta_of_the_log_has_the_values_of_its_leaf_in_their_order():
    body = re.search(r"const ACTA: .*? = \{(.*?)\n\};", LEAVES, re.DOTALL)
    assert body is not None
    names = re.findall(r"^  (\w+): ", body[1], re.MULTILINE)
    assert ["schema", *names] == list(ActaLeaf.__struct_fields__)


@pytest.mark.parametrize("name", sorted(set(UNIONS) & set(ENUMS)))
def test_a_union_has_the_values_of_its_enum(name):
    values = {member.value for member in ENUMS[name]}
    if all(isinstance(value, str) for value in values):
        assert UNIONS[name] == values
