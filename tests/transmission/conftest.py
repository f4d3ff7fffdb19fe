import pytest

from transmission.small_center import SmallCenter


@pytest.fixture
def center(tmp_path):
    center = SmallCenter(tmp_path / "record.sqlite")
    yield center
    center.record.close()
