"""What a publisher's counting has of the centre's: it is said where it is promised to be apart."""

import ast
from pathlib import Path

from openprep import mirror
from openprep.mirror.verify import recount

ROOT = Path(mirror.__file__).parent / "verify"
ARCHITECTURE = Path(__file__).parents[3] / "docs/architecture.md"
APART = {"own_id", "ids_of", "parent", "trouble_with_contest_id"}
"""Of the text of a path or an id, which is a form."""


def test_every_function_of_the_centre_that_counts_here_is_named():
    taken = {
        name.name
        for path in ROOT.glob("*.py")
        for found in ast.walk(ast.parse(path.read_text()))
        if isinstance(found, ast.ImportFrom)
        and (found.module or "").startswith(("openprep.tabulation", "openprep.election"))
        for name in found.names
        if name.name.islower()
    }
    assert taken - APART > {"tally_of_count", "summarise"}
    for text in (recount.__doc__, ARCHITECTURE.read_text()):
        assert [name for name in sorted(taken - APART) if f"`{name}`" not in text] == []
