from collections.abc import Iterator
from pathlib import Path

import pytest

from transmission.sending import Places
from transmission.small_center import SmallCenter


@pytest.fixture
def center(tmp_path: Path) -> Iterator[SmallCenter]:
    center = SmallCenter(tmp_path / "record.sqlite")
    yield center
    center.record.close()


@pytest.fixture
def places(center: SmallCenter) -> Places:
    return Places(center)
