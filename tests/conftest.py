"""What every room's tests share: the shipped elections, and a small one made for a test."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from openprep.election import Election
from openprep.election.declared.folder import load_election

# How long an example takes tells how busy the machine is, not whether the code is right.
settings.register_profile("openprep", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("openprep")

REPOSITORY = Path(__file__).parent.parent


LONGEST = "test_demo.py"
"""The relived night takes as long as a hundred others: with several workers it begins first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.fixture(scope="session")
def puebla() -> Election:
    return load_election(REPOSITORY / "elections/puebla-2024")
