"""What OpenPREP uses of libraries beyond what they promise, and the bounds that this asks for.

A version that renames a private part would leave ours without effect and without a word: the
machine's clock in place of the given one, files renamed without a flush. So the next major version
of such a library is not installed before somebody looked.
"""

import ast
import re
import sys
import tomllib
from importlib import import_module
from inspect import getsource, isclass
from pathlib import Path
from pkgutil import walk_packages
from textwrap import dedent

import pytest
from http_message_signatures import HTTPMessageVerifier
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

import openprep

REPOSITORY = Path(__file__).parent.parent
DECLARED = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["dependencies"]

PRIVATE = {
    ("tuf", "Updater", "_trusted_set"),
    ("tuf", "Updater", "_persist_file"),
    ("tuf", "FetcherInterface", "_fetch"),
}
"""Private parts of libraries' classes that subclasses of ours use or replace."""

REPLACED = {("http-message-signatures", HTTPMessageVerifier, "validate_created_and_expires")}
"""Public methods whose work ours undo, so that they must go on being what the library calls."""


def modules():
    for module in walk_packages(openprep.__path__, "openprep."):
        if not module.name.endswith("__main__"):
            yield import_module(module.name)


MODULES = list(modules())


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name != "_abc_impl"


def of_a_library(module):
    return module.split(".")[0] not in sys.stdlib_module_names | {"openprep"}


def attributes_of_self(made):
    """Names of ``self.name`` in a class: those that it sets, and all of them."""
    nodes = [
        node
        for node in ast.walk(ast.parse(dedent(getsource(made))))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    ]
    return {node.attr for node in nodes if isinstance(node.ctx, ast.Store)}, {
        node.attr for node in nodes
    }


def private_parts_of(made):
    """Private names of a library's class that one of ours, derived from it, uses or defines."""
    bases = [base for base in made.__mro__ if of_a_library(base.__module__)]
    if not bases:
        return set()
    stored, named = attributes_of_self(made)
    theirs = {name for name in vars(made) if any(name in vars(base) for base in bases)}
    ours = stored | {
        name
        for base in made.__mro__
        if base.__module__.startswith("openprep")
        for name in vars(base)
    }
    used = {name for name in theirs | (named - ours) if is_private(name)}
    return {(bases[0].__module__.split(".")[0], bases[0].__name__, name) for name in used}


def test_every_private_part_that_is_used_is_listed():
    classes = (
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isclass(kind) and kind.__module__ == module.__name__
    )
    assert set().union(*(private_parts_of(made) for made in classes)) == PRIVATE


def test_no_private_name_is_imported_from_a_library():
    for module in MODULES:
        for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
            if isinstance(node, ast.ImportFrom) and of_a_library(node.module):
                names = [*node.module.split("."), *(alias.name for alias in node.names)]
                assert not any(map(is_private, names)), f"{module.__name__}: {names}"


@pytest.mark.parametrize("library", sorted({library for library, *_ in PRIVATE | REPLACED}))
def test_a_library_whose_private_parts_are_used_has_an_upper_bound(library):
    (declared,) = (line for line in DECLARED if re.match(r"[\w-]+", line)[0] == library)
    assert re.fullmatch(r"[\w-]+>=(\d+)[\d.]*,<\d+", declared), declared


def test_what_is_replaced_is_there():
    for _, base, name in REPLACED:
        assert name in vars(base)
    assert "_fetch" in FetcherInterface.__abstractmethods__
    assert "_persist_file" in vars(Updater)
