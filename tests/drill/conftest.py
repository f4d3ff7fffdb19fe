"""A file system that a test may fill, whoever runs it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostile.rights import may_mount, run_where_it_may_mount


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if not may_mount():
        yield place
        return
    mount = ("mount", "-t", "tmpfs", "-o", "size=48m", "openprep-test", str(place))
    subprocess.run(mount, check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Who may not mount one runs the test again where they may."""
    if "small_disk" not in pyfuncitem.fixturenames or may_mount():
        return None
    run_where_it_may_mount(pyfuncitem.nodeid.partition("@")[0])
    return True
