"""The page's TypeScript types name the same fields and values as the tree's own structs."""

import re
from enum import Enum
from pathlib import Path

import msgspec
import pytest

from openprep import election
from openprep.election.cut import CutKind
from openprep.wire.cut import manifest, objects

WIRE = (Path(__file__).parents[3] / "site/src/tree/wire.ts").read_text()
INTERFACES = {
    name: re.findall(r"^  (\w+)\??:", body, re.MULTILINE)
    for name, body in re.findall(r"export interface (\w+) \{(.*?)\n\}", WIRE, re.DOTALL)
}
UNIONS = {
    name: set(re.findall(r"'([^']*)'", body))
    for name, body in re.findall(r"export type (\w+) =(.*?);", WIRE, re.DOTALL)
}
STRUCTS = {
    struct.__name__: struct
    for module in (objects, manifest, election)
    for struct in vars(module).values()
    if isinstance(struct, type) and issubclass(struct, msgspec.Struct)
}
ENUMS = {
    enum.__name__: enum
    for enum in (*(vars(election)[name] for name in election.__all__), CutKind)
    if isinstance(enum, type) and issubclass(enum, Enum)
}


@pytest.mark.parametrize("name", sorted(set(INTERFACES) & set(STRUCTS)))
def test_an_interface_has_the_fields_of_its_struct(name):
    struct = STRUCTS[name]
    tag = (struct.__struct_config__.tag_field,) if struct.__struct_config__.tag else ()
    assert INTERFACES[name] == [*tag, *struct.__struct_fields__]


def test_every_published_struct_has_its_interface():
    reached = {
        name
        for name, struct in STRUCTS.items()
        if struct.__module__ in {objects.__name__, manifest.__name__}
    }
    assert reached <= set(INTERFACES)


@pytest.mark.parametrize("name", sorted(set(UNIONS) & set(ENUMS)))
def test_a_union_has_the_values_of_its_enum(name):
    values = {member.value for member in ENUMS[name]}
    if all(isinstance(value, str) for value in values):
        assert UNIONS[name] == values
