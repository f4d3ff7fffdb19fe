"""What every room's tests share: the shipped elections, and a small one made for a test."""

from pathlib import Path

import pytest

from openprep.election import Election
from openprep.election.folder import load_election

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def puebla() -> Election:
    return load_election(REPOSITORY / "elections/puebla-2024")
