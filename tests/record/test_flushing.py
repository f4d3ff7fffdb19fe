"""What makes an acknowledgement true: the disk is told to keep a commit before it is answered."""

import pytest

from openprep.clock import system_clock
from openprep.record.sqlite import Record
from openprep.transmission.keys import make_station_key
from openprep.transmission.station.outbox import Outbox
from record.engine import noting_connections


@pytest.fixture
def record(tmp_path):
    """The connection that a record writes by."""
    with noting_connections() as connections:
        record = Record.open(tmp_path / "record.sqlite", "chica-2024", "ab" * 32)
    yield connections[0]
    record.close()


@pytest.fixture
def outbox(tmp_path):
    """The connection that an outbox writes by."""
    key = make_station_key(tmp_path / "D01.key")
    with noting_connections() as connections:
        outbox = Outbox(tmp_path / "outbox.sqlite", "chica-2024", "D01", key, system_clock)
    yield connections[0]
    outbox.close()


@pytest.mark.parametrize("store", ["record", "outbox"])
def test_every_commit_is_flushed_before_it_is_acknowledged(store, request):
    """No test can cut the power, and without it OFF and NORMAL look the same as FULL."""
    connection = request.getfixturevalue(store)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
