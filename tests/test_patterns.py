"""Patterns that mean the end of a text say so: ``$`` lets a line feed through before it."""

import ast
import re
from pathlib import Path

import msgspec
import pytest

import openprep
from openprep.election import Acta, Cotejada

SOURCE = Path(openprep.__file__).parent


def patterns():
    """Every literal that is given to ``re`` or to a type as a pattern."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            given = [keyword.value for keyword in node.keywords if keyword.arg == "pattern"]
            if ast.unparse(node.func).startswith("re.") and node.args:
                given.append(node.args[0])
            for argument in given:
                for part in ast.walk(argument):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield f"{path.relative_to(SOURCE)}:{node.lineno}", part.value


def test_no_pattern_takes_a_line_feed_at_its_end():
    found = list(patterns())
    assert len(found) > 60
    for where, pattern in found:
        bare = re.sub(r"\\.|\[[^\]]*\]", "", pattern)
        assert "$" not in bare or pattern.startswith("(?m)"), (where, pattern)


ACTA = {
    "contest": "GUB",
    "acta": "A0",
    "votes": [1, 2, 3],
    "surplus_ballots": 0,
    "people_voted": 6,
    "representatives_voted": 0,
    "ballots_taken": 6,
    "total_written": 6,
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"transfer": "D\n"},
        {"transfer": "D-F-I-D"},
        {"transfer": "d"},
        {"image_sha256": "ab" * 32 + "\n"},
        {"image_sha256": "AB" * 32},
        {"cotejada": 0},
        {"cotejada": 4},
        {"cotejada": "1"},
        {"cotejada": 1.5},
    ],
)
def test_an_acta_holds_what_the_norm_has_and_no_other(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({**ACTA, **wrong}), type=Acta)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_cotejada_stands_on_the_wire_as_the_number_of_the_norm(number):
    given = msgspec.json.encode({**ACTA, "cotejada": number})
    acta = msgspec.json.decode(given, type=Acta)
    assert acta.cotejada is Cotejada(number)
    assert msgspec.json.encode(acta) == given
