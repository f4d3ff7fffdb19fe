"""What a command writes in its log."""

import re
import subprocess
import sys

import pytest

PLACE = "https://tec:secreto@prep.tec.example/tree?token=abc123"
LINES = {
    "a message": f"log.warning('%s: cut 3 does not match', '{PLACE}')",
    "an exception": f"""
try:
    raise OSError('{PLACE} does not answer')
except OSError:
    log.exception('unexpected')
""",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_password_in_an_address_stands_in_no_line_of_the_log(line):
    program = f"""
import logging
from openprep.cli.options import log_to_stderr
log_to_stderr()
log = logging.getLogger("openprep.mirror")
{line}
"""
    written = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stderr
    assert "https://***@prep.tec.example/tree?token=***" in written
    assert "secreto" not in written
    assert "abc123" not in written
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} openprep\.mirror ", written)
