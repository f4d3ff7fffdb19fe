"""What every room's tests share: the shipped elections, and a small one made for a test."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from openprep.election import Election
from openprep.election.declared.folder import load_election

# How long an example takes tells how busy the machine is, not whether the code is right.
settings.register_profile("openprep", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("openprep")

TESTS = Path(__file__).parent
REPOSITORY = TESTS.parent


LONGEST = ("test_demo.py", "test_night.py")
"""Files that take as long as a hundred others: with several workers they begin first."""


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's nights, trees and browsers are made once, whatever number of workers there is.

    Raises:
        pytest.UsageError: a test is named by where something stands in memory, so that no two
            workers would collect the same.
    """
    nowhere = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if nowhere:
        raise pytest.UsageError(f"named by an address in memory: {nowhere[0]}")
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            group = item.path.relative_to(TESTS).as_posix()
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def puebla() -> Election:
    return load_election(REPOSITORY / "elections/puebla-2024")
