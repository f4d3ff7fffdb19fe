"""A file's nights, trees and browsers are made once: all of its tests go to one worker."""

import os

import pytest

needs_workers = pytest.mark.skipif(
    "PYTEST_XDIST_WORKER" not in os.environ, reason="only where there are several workers"
)


@needs_workers
def test_xdist_sees_the_group_of_a_file(request):
    """What pytest 9.2 broke: pytest-xdist reads the group from the end of a test's identity."""
    assert request.node.nodeid.endswith("@test_groups_of_tests.py")
