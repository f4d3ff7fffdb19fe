"""One honest night for the whole session; each test takes a copy to corrupt."""

import os
from pathlib import Path

import pytest

from audit.liar import HonestCenter, Liar
from served.kits import installed


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> HonestCenter:
    folder = tmp_path_factory.mktemp("honest") / "tree"
    return HonestCenter(folder, kit=installed()).night()


@pytest.fixture
def liar(honest: HonestCenter, tmp_path: Path) -> Liar:
    return Liar.after(honest, tmp_path / "tree")


@pytest.fixture(autouse=True)
def _disk_that_need_not_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lie is written to be read at once: no test here is about what survives a power cut."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
