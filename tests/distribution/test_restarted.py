"""A request played again to a service that was killed and started: a real process, real time."""

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.ceremony.enrolment import Changes
from openprep.distribution.requests_ahead import FILE, MARGIN, Ahead
from openprep.drill.processes import Crew
from openprep.wire.distribution.codes import DistributionCode
from openprep.wire.distribution.requests import (
    CLOCK_TOLERANCE,
    Admission,
    NotAdmitted,
    Publisher,
    RequestParts,
    sign_request,
)
from served.tree import free_port, wait_for
from small.trust import SmallTrust, request

PATIENCE = 90
TARGET = "/distribution/pointer?after=none"


@dataclass
class Restarted:
    folder: object
    port: int
    keys: dict
    crew: Crew
    nonces: int = 0

    def start(self):
        authority = f"127.0.0.1:{self.port}"
        words = ("center", "serve", "--data", self.folder, "--port", self.port)
        self.crew.start("serve", [*words, "--authority", authority])
        wait_for(self.port, PATIENCE)

    def kill(self):
        self.crew.kill("serve")

    def signed(self, who, ahead=0):
        """A request by a clock that is so many seconds ahead."""
        self.nonces += 1
        parts = RequestParts("GET", f"127.0.0.1:{self.port}", TARGET)
        now = datetime.now(UTC) + timedelta(seconds=ahead)
        return sign_request(parts, self.keys[who], who, f"{self.nonces:022}", now)

    def ask(self, headers):
        """The status, and the code of a refusal."""
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{TARGET}", headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return answer.status, None
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)["code"]


@pytest.fixture
def service(tmp_path):
    now = datetime.now(UTC).replace(microsecond=0)
    trust = SmallTrust(tmp_path / "public/trust", now=now, expires=now + timedelta(days=9))
    keys = {name: Ed25519PrivateKey.generate() for name in ("tec", "unam")}
    trust.version(Changes(requests=[request(name, key=key) for name, key in keys.items()]))
    service = Restarted(tmp_path, free_port(), keys, Crew(tmp_path / "logs"))
    service.start()
    yield service
    service.crew.stop()


def test_a_request_of_a_clock_that_is_ahead_is_not_admitted_again_after_a_restart(service):
    seen = service.signed("tec", ahead=50)
    exact = service.signed("unam")
    assert service.ask(seen) == (204, None)
    assert service.ask(exact) == (204, None)
    assert service.ask(seen) == (401, "S012")
    for _ in range(2):
        service.kill()
        service.start()
        assert service.ask(seen) == (401, "S010")
        assert service.ask(exact) == (401, "S010")
        assert service.ask(service.signed("unam")) == (204, None), "who is on time is let in"
    end = time.monotonic() + PATIENCE
    while service.ask(service.signed("tec", ahead=50)) != (204, None):
        assert time.monotonic() < end, "who is ahead is let in again, too"
        time.sleep(0.5)


def test_a_disk_that_cannot_keep_it_admits_nothing_that_is_ahead(service):
    (service.folder / FILE).mkdir()
    assert service.ask(service.signed("tec", ahead=50)) == (503, "S028")
    assert service.ask(service.signed("tec")) == (204, None)


# The memory itself.

NOW = datetime(2024, 6, 3, 2, 30, tzinfo=UTC)


def note(ahead, publisher, created):
    asyncio.run(ahead.note(publisher, created))


def test_it_is_written_now_and_then_and_not_at_each_request(tmp_path):
    ahead = Ahead(tmp_path / FILE, NOW)
    note(ahead, "tec", NOW)
    first = (tmp_path / FILE).stat().st_mtime_ns
    note(ahead, "tec", NOW + MARGIN)
    assert (tmp_path / FILE).stat().st_mtime_ns == first
    note(ahead, "tec", NOW + MARGIN + timedelta(seconds=1))
    assert Ahead(tmp_path / FILE, NOW).until("tec") == NOW + 2 * MARGIN + timedelta(seconds=1)
    assert ahead.until("tec") is None, "this process has the nonces themselves"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"tec":1}',
        b'{"tec":"2024-06-03T02:30:00"}',
        b"\xff",
        b'{"\xff":"2024-06-03T02:30:00Z"}',
        b'{"tec":"0001-01-01T00:00:00+14:00"}',
    ],
)
def test_a_file_that_cannot_be_read_lets_nobody_in_who_may_have_been_before(tmp_path, data):
    (tmp_path / FILE).write_bytes(data)
    until = NOW + CLOCK_TOLERANCE + MARGIN
    ahead = Ahead(tmp_path / FILE, NOW)
    assert ahead.until("tec") == ahead.until("unam") == until
    # What is written over it says so, too: the next service may start within that minute.
    note(ahead, "tec", NOW + timedelta(seconds=70))
    again = Ahead(tmp_path / FILE, NOW + timedelta(seconds=30))
    assert again.until("unam") == until
    assert again.until("tec") == NOW + timedelta(seconds=75)


def test_a_folder_in_its_place_and_no_file_are_told_apart(tmp_path):
    assert Ahead(tmp_path / FILE, NOW).until("tec") is None
    (tmp_path / FILE).mkdir()
    assert Ahead(tmp_path / FILE, NOW).until("tec") == NOW + CLOCK_TOLERANCE + MARGIN


def test_a_slow_disk_holds_up_only_who_is_ahead(tmp_path, monkeypatch):
    """Until it has written what one publisher costs, another is served."""
    may_write, written = threading.Event(), []

    def slowly(path, data):
        assert may_write.wait(PATIENCE)
        written.append(json.loads(data))

    monkeypatch.setattr("openprep.distribution.requests_ahead.write_durably", slowly)
    ahead = Ahead(tmp_path / FILE, NOW)

    async def several():
        notes = [asyncio.create_task(ahead.note(who, NOW)) for who in ("tec", "unam", "ine")]
        await asyncio.sleep(0.05)
        assert not any(note.done() for note in notes)
        may_write.set()
        await asyncio.gather(*notes)

    asyncio.run(several())
    assert set(written[-1]) == {"tec", "unam", "ine"}, "none is lost by another"


def test_only_the_publisher_that_was_ahead_waits(tmp_path):
    note(Ahead(tmp_path / FILE, NOW), "tec", NOW + timedelta(seconds=50))
    key = Ed25519PrivateKey.generate()
    find = {name: Publisher(name, key.public_key(), "age1") for name in ("tec", "unam")}.get
    again = Admission(find, ["a.mx"], NOW, Ahead(tmp_path / FILE, NOW))
    parts = RequestParts("GET", "a.mx", TARGET)

    def admit(who, nonce, now):
        headers = sign_request(parts, key, who, nonce, now)
        signed = RequestParts("GET", "a.mx", TARGET, tuple(headers.items()))
        return again.admit(signed, now).publisher.id

    assert admit("unam", "u" * 22, NOW) == "unam"
    with pytest.raises(NotAdmitted) as refused:
        admit("tec", "t" * 22, NOW + timedelta(seconds=55))
    assert refused.value.code is DistributionCode.EXPIRED
    assert admit("tec", "T" * 22, NOW + timedelta(seconds=56)) == "tec"
