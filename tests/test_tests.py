"""The tests keep house too: what they share stands in helpers, and folders are small.

And they see the source from outside: by what it answers, writes and says, so that whoever changes
how it does that finds the tests on his side.
"""

import ast
import inspect
import os
import re
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

import pytest
from mypy.main import process_options

TESTS = Path(__file__).parent
GLANCE = 16
"""Modules in one folder that a reader can still take in."""


MODULES = [path.relative_to(TESTS) for path in TESTS.rglob("*.py")]


def imported(path):
    for node in ast.walk(ast.parse((TESTS / path).read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_module_imports_from_a_test_module_or_a_conftest():
    found = {
        f"{path} imports {name}"
        for path in MODULES
        for name in imported(path)
        if name.rpartition(".")[2].startswith(("test_", "conftest")) and "aiohttp" not in name
    }
    assert found == set()


def test_no_folder_is_more_than_a_glance():
    for folder in {path.parent for path in MODULES}:
        assert len(list((TESTS / folder).glob("*.py"))) <= GLANCE, folder


OURS = {"openprep", *(path.stem for path in TESTS.iterdir())}
"""Where what is imported is the source's, or may give what is."""

OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}
"""Public, whatever they begin with."""

BY_NAME = {"getattr", "setattr", "delattr", "hasattr", "object", "attrgetter", "parametrize"}
"""Calls that may take an attribute's name as text; ``object`` is that of ``patch``.

What a test is parametrized by may be data: what has capitals in it is taken for that.
"""


def is_private(name):
    hidden = name.startswith("_") and not name.startswith("__") and name != "_"
    return hidden and name not in OF_NAMED_TUPLES


def has_private(path):
    return any(is_private(part) for part in path.split("."))


def imports_of(tree):
    """Each imported name, and the path of what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (
                (alias.asname or alias.name.partition(".")[0], alias.name) for alias in node.names
            )
        elif isinstance(node, ast.ImportFrom):
            yield from (
                (alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names
            )


def named_in(tree):
    """Private attributes and functions that some code has or asks for."""
    names = (getattr(node, "attr", getattr(node, "name", None)) for node in ast.walk(tree))
    return {name for name in names if isinstance(name, str) and is_private(name)}


@cache
def privates_of(path):
    """Private names of a class of the source, and of those that it is made from."""
    kind = resolve_name(path)
    ours = [base for base in inspect.getmro(kind) if base.__module__.startswith("openprep.")]
    return set().union(*(named_in(ast.parse(inspect.getsource(base))) for base in ours))


class Reaches(ast.NodeVisitor):
    """Where a test's text reaches into what is private to the source."""

    def __init__(self, text):
        tree = ast.parse(text)
        self.imported = dict(imports_of(tree))
        found = (path for path in self.imported.values() if path.startswith("openprep."))
        self.found = {path for path in found if has_private(path)}
        self.visit(tree)

    def is_of_others(self, node):
        """Of the class of the tests that says so itself, or of another library."""
        text = ast.unparse(node)
        path = self.imported.get(text, "openprep")
        return text in ("self", "cls", "super()") or path.partition(".")[0] not in OURS

    def visit_Attribute(self, node):
        if is_private(node.attr) and not self.is_of_others(node.value):
            self.found.add(ast.unparse(node))
        self.generic_visit(node)

    def visit_Subscript(self, node):
        text = ast.unparse(node.value) if isinstance(node.slice, ast.Constant) else ""
        if text.startswith("vars(") or text.endswith(".__dict__"):
            self.add_texts(node.slice)
        self.generic_visit(node)

    def visit_Constant(self, node):
        path = node.value if isinstance(node.value, str) else ""
        if path.startswith("openprep.") and " " not in path and has_private(path):
            self.found.add(path)

    def visit_Call(self, node):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in BY_NAME and node.args and not self.is_of_others(node.args[0]):
            self.add_texts(node, capitals=name != "parametrize")
        self.generic_visit(node)

    def visit_ClassDef(self, node):
        for base in map(ast.unparse, node.bases):
            root, dot, rest = base.partition(".")
            path = self.imported.get(root, "") + dot + rest
            if path.startswith("openprep."):
                self.found |= {f"{base}.{name}" for name in privates_of(path) & named_in(node)}
        self.generic_visit(node)

    def add_texts(self, tree, *, capitals=True):
        constants = (
            constant.value for constant in ast.walk(tree) if isinstance(constant, ast.Constant)
        )
        texts = {text for text in constants if isinstance(text, str) and is_private(text)}
        self.found |= {text for text in texts if capitals or text.islower()}


def test_no_test_reaches_into_what_is_private_to_the_source():
    reaches = {path: Reaches((TESTS / path).read_text()).found for path in MODULES}
    found = {f"{path}: {reach}" for path, reached in reaches.items() for reach in reached}
    assert found == set()


STRANGERS = "openprep.distribution.strangers"
OF_STRANGERS = min(privates_of(f"{STRANGERS}.Strangers"))


@pytest.mark.parametrize(
    "text",
    [
        "office.service._accounts",
        "self.office._accounts",
        "from openprep.bucket import sync\nsync._trouble()",
        "from openprep.bucket.sync import _trouble",
        "from openprep._bucket import sync",
        "import openprep._bucket",
        "from small import center\ncenter._election",
        "monkeypatch.setattr(directory, '_write', full)",
        "monkeypatch.setattr('openprep.hosting.directory._write', full)",
        "patch.object(directory, '_write', full)",
        "getattr(office, '_packages')",
        "vars(office)['_packages']",
        "office.__dict__['_packages']",
        "@pytest.mark.parametrize('step', ['write', '_write'])\ndef test(step): pass",
        f"from {STRANGERS} import Strangers\nclass Own(Strangers):\n one = self.{OF_STRANGERS}",
        f"import {STRANGERS} as of\nclass Own(of.Strangers):\n def {OF_STRANGERS}(self): pass",
    ],
)
def test_a_reach_is_found(text):
    assert Reaches(text).found


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos._exit(9)",
        "row._replace(votes=1)",
        "office.__class__",
        "class Own(Night):\n def _learn(self): return super()._learn() + self._more",
        "from tuf.ngclient import Updater\nmonkeypatch.delattr(Updater, '_persist_file')",
        f"from {STRANGERS} import Strangers\nclass Own(Strangers):\n one = self._of_no_strangers",
    ],
)
def test_what_a_test_or_another_library_has_itself_is_no_reach(text):
    assert not Reaches(text).found


REPOSITORY = TESTS.parent

EXCEPTION = re.compile(
    r"# noqa\b|# type: ignore|(?://|/\*|<!--) *(?:eslint-|svelte-|prettier-|@ts-)[a-z]"
)
"""Where a check is told to let something pass."""

REASONED = re.compile(
    r"# noqa: [A-Z0-9, ]+ - \w|# type: ignore\[[\w, -]+\]  # \w"
    r"|(?://|/\*) .* -- \w|<!-- svelte-ignore [\w, ]+ \(\w.*\) -->"
)


def without_reason(text):
    """Lines that except themselves from a check and do not say why."""
    for line in text.splitlines():
        found = EXCEPTION.search(line)
        if found and not REASONED.match(line[found.start() :]):
            yield line.strip()


def written():
    """Every file of the code, in either language."""
    for folder in ("src", "tests", "benchmarks", "tools", "site/src", "site/tests"):
        for path in (REPOSITORY / folder).rglob("*"):
            if path.suffix in (".py", ".ts", ".svelte", ".js") and "_site" not in path.parts:
                yield path


def test_no_check_is_let_off_without_a_reason_beside_the_line():
    files = {path: path.read_text() for path in written() if path != Path(__file__)}
    assert len(files) > 500
    assert [
        f"{path}: {line}" for path, text in files.items() for line in without_reason(text)
    ] == []


@pytest.mark.parametrize(
    ("line", "reasoned"),
    [
        ("a = b  # noqa", False),
        ("a = b  # noqa: S311", False),
        ("a = b  # noqa: S311 -", False),
        ("a = b  # noqa: S311 - keeps no secret", True),
        ("a = b  # type: ignore", False),
        ("a = b  # type: ignore[misc]", False),
        ("a = b  # type: ignore[misc, arg-type]  # as its caller has it", True),
        ("// eslint-disable-next-line no-control-regex", False),
        ("// eslint-disable-next-line no-control-regex -- a note has none", True),
        ("// @ts-expect-error", False),
        ("<!-- svelte-ignore a11y_no_noninteractive_tabindex -->", False),
        ("<!-- svelte-ignore a11y_no_noninteractive_tabindex (it scrolls) -->", True),
    ],
)
def test_an_exception_has_a_reason_or_is_found(line, reasoned):
    assert [*without_reason(line)] == ([] if reasoned else [line])


HELD = ("check_untyped_defs", "disallow_incomplete_defs", "disallow_untyped_defs")
"""What a helper is held to, whatever else its room is let off."""


def test_every_helper_of_tests_and_every_benchmark_has_its_types_checked(monkeypatch):
    """As mypy itself reads its configuration, so that a new helper or room is not left out."""
    monkeypatch.chdir(REPOSITORY)
    sources, options = process_options([])
    checked = {
        Path(source.path)
        for source in sources
        if not (of := options.clone_for_module(source.module)).ignore_errors
        and all(getattr(of, name) for name in HELD)
        and "# mypy:" not in Path(source.path).read_text()
    }
    helpers = {"tests" / path for path in MODULES if not path.name.startswith("test_")}
    helpers |= set(Path("benchmarks").rglob("*.py"))
    assert len(helpers) > 70
    assert helpers - checked == set()


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one worker")
def test_all_tests_of_a_file_go_to_one_worker(request):
    """What pytest 9.2 broke: pytest-xdist reads the group from the end of a test's identity."""
    assert request.node.nodeid.endswith("@test_tests.py")
