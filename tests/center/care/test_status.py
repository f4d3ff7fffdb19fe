"""What `center status` and `center conflicts` tell, beside a centre that runs and without it."""

import asyncio
import re
import shutil
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest

from openprep.center import refusal_counts
from openprep.center.care.status import (
    CenterStatus,
    Question,
    conflicts_in,
    read_state,
    status_of_center,
)
from openprep.center.care.words import MOST_NAMES, words_of, words_of_waiting
from openprep.center.refusal_counts import INBOX, keeping, read_counts
from openprep.ceremony.enrolment import Changes, from_enrolled
from openprep.cuts.signing_key import make_key
from openprep.election.cut import CutKind
from openprep.record.codes import RecordTrouble
from openprep.record.events import Closed, CutMade, Opened
from openprep.record.facts import ActaCorrected, ActaReported
from openprep.transmission.inbox.status import Waiting
from openprep.transmission.keys import Enrolled
from served.fronted_center import fronted_center
from small.election import acta, outside, small_election, without_acta
from small.image import digest_of, jpeg
from small.trust import SmallTrust, request
from transmission.small_center import ELECTION, KEYS, NOW, SmallCenter, sealed


@pytest.fixture
def center(tmp_path):
    center = SmallCenter(tmp_path / "record.sqlite")
    yield center
    center.record.close()


def ask(folder, **changes):
    values = {"election": ELECTION, "data": folder, "now": NOW}
    return status_of_center(Question(**{**values, **changes}))


async def send(center, station, sequence, *facts):
    return await center.inbox.receive(sealed(sequence, *facts, station=station, key=station))


async def night(center):
    """Five actas of seven, one of them without figures; a correction; four facts that wait."""
    await send(
        center,
        "D01",
        1,
        ActaReported(acta(0)),
        ActaReported(acta(1)),
        ActaReported(without_acta(2)),
        ActaReported(acta(3)),
        ActaReported(outside()),
    )
    await send(center, "D01", 2, ActaCorrected(acta(1, total_written=7), "cotejo"))
    await send(center, "D02", 1, ActaReported(acta(0, total_written=9)), ActaReported(acta(4)))
    absurd = ActaReported(acta(4, people_voted=90_000_000))
    await send(center, "D03", 1, absurd)


def names(of):
    return [
        Enrolled(name, name, key.public_key().public_bytes_raw().hex(), ("*",)) for name, key in of
    ]


async def test_a_night_is_counted_by_contest_and_by_what_waits(center, tmp_path):
    await night(center)
    status = ask(tmp_path)
    ayun = status.contests["AYUN"]
    assert (ayun.expected, ayun.received, ayun.counted, ayun.missing) == (7, 4, 3, 3)
    assert (ayun.corrected, ayun.out_of_catalogue, ayun.waiting) == (1, 1, 3)
    assert status.waiting == {"R020": 1, "R022": 1, "R024": 1}
    assert status.images_missing == 3
    assert status.facts == 9
    assert status.phase == "before"
    assert status.last_cut is None


async def test_cut_phase_and_images_are_told(center, tmp_path):
    image = jpeg(1)
    await send(center, "D01", 1, ActaReported(acta(0, image_sha256=digest_of(image))))
    await center.images.receive(digest_of(image), image)
    center.record.append(
        [
            Opened(NOW, ELECTION.digest),
            CutMade(NOW, 0, CutKind.ZERO, 2, "ab" * 32, 1, 2, b"r" * 32),
        ]
    )
    status = ask(tmp_path, now=NOW + timedelta(seconds=90))
    assert (status.phase, status.images, status.images_missing) == ("open", 1, 0)
    assert (status.last_cut.number, status.last_cut.kind, status.last_cut.age) == (0, "zero", 90)
    center.record.append([Closed(NOW, "the window ended")])
    assert ask(tmp_path).phase == "closed"


async def test_stations_that_were_never_heard_of_or_are_silent_are_named(center, tmp_path):
    trust = SmallTrust(tmp_path / "public/trust")
    enrolled = names((name, KEYS[name]) for name in ("D01", "D02", "D03"))
    trust.version(Changes(requests=[request("tec")], stations=from_enrolled(enrolled)))
    await send(center, "D01", 1, ActaReported(acta(0)))
    center.now = NOW + timedelta(minutes=50)
    await send(center, "D02", 1, ActaReported(acta(1)))
    await send(center, "COTEJO", 1, ActaCorrected(acta(0, total_written=7), "cotejo"))
    stations = ask(tmp_path, now=NOW + timedelta(minutes=61)).stations
    assert (stations.enrolled, stations.heard) == (3, 3)
    assert stations.never == ("D03",)
    assert stations.silent == ("D01",)
    assert stations.not_enrolled == ("COTEJO",)
    assert ask(tmp_path).trust.version == trust.version().targets_version - 1
    assert ask(tmp_path).trust.publishers == 1


def test_of_a_centre_that_never_started_there_is_nothing_and_nothing_is_made(tmp_path):
    status = ask(tmp_path)
    assert (status.position, status.stations, status.trust) == (0, None, None)
    assert status.contests["AYUN"].missing == 7
    assert list(tmp_path.iterdir()) == []
    assert "no cut yet" in words_of(status)


async def test_a_record_of_another_election_is_refused(center, tmp_path):
    with pytest.raises(RecordTrouble):
        read_state(small_election(id="otra-2024"), tmp_path)


async def test_a_record_made_under_another_folder_is_told_and_not_counted_by_this_one(
    center, tmp_path
):
    await night(center)
    fewer = {name: actas[2:] for name, actas in ELECTION.catalogues.items()}
    other = small_election(catalogues=fewer, digest="cd" * 32)
    with pytest.raises(RecordTrouble, match=ELECTION.digest):
        read_state(other, tmp_path)


async def test_a_trust_root_that_cannot_be_read_is_told_and_the_rest_is_too(center, tmp_path):
    SmallTrust(tmp_path / "public/trust")
    for path in (tmp_path / "public/trust").glob("*.targets.json"):
        path.write_bytes(b"damaged")
    status = ask(tmp_path)
    assert status.trust_trouble
    assert any(status.trust_trouble in line for line in words_of(status))


async def test_looking_changes_nothing_in_the_folder_of_a_centre_that_runs(center, tmp_path):
    await night(center)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.name[-4:] != "-shm"}
    ask(tmp_path)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.name[-4:] != "-shm"}
    assert after == before
    await send(center, "D03", 2, ActaReported(acta(5)))
    assert ask(tmp_path).facts == 10


# What waits for a person.


async def test_what_waits_is_told_with_what_stands_and_what_settles_it(center, tmp_path):
    await night(center)
    waiting = conflicts_in(read_state(ELECTION, tmp_path))
    assert [(aside.code, aside.acta, aside.station) for aside in waiting] == [
        ("R024", "A0", "D02"),
        ("R020", "A4", "D02"),
        ("R022", "A4", "D03"),
    ]
    lines = list(words_of_waiting(waiting, ELECTION))
    assert "    total_written: 301 → 9" in lines
    assert sum("→" in line for line in lines) == 1, "what both say alike is left out"
    assert any("nothing stands" in line for line in lines)
    assert any("compare the papers, and correct" in line for line in lines)


async def test_what_was_settled_waits_no_more(center, tmp_path):
    await night(center)
    await send(center, "COTEJO", 1, ActaCorrected(acta(0, total_written=9), "cotejo"))
    left = conflicts_in(read_state(ELECTION, tmp_path))
    assert "R024" not in {aside.code for aside in left}


# Refusals.


async def test_refusals_are_kept_while_the_process_runs_and_at_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(refusal_counts, "EVERY", 0.01)
    counter = Counter()
    async with keeping(counter, tmp_path / INBOX, lambda: NOW):
        assert read_counts(tmp_path / INBOX).counts == {}
        counter["T003"] += 1
        async with asyncio.timeout(30):
            while read_counts(tmp_path / INBOX).counts != {"T003": 1}:
                await asyncio.sleep(0.01)
        monkeypatch.setattr(refusal_counts, "EVERY", 1000)
        counter["T004"] += 2
    assert read_counts(tmp_path / INBOX).counts == {"T003": 1, "T004": 2}
    status = ask(tmp_path)
    assert status.refusals.since == NOW
    assert any("T003 1, T004 2" in line for line in words_of(status))


async def test_counts_that_are_being_kept_at_the_end_do_not_replace_the_last(tmp_path, monkeypatch):
    writing, begun, go_on = refusal_counts.writing_whole, threading.Event(), threading.Event()
    writes = []

    @contextmanager
    def slow(path):
        """The second write, of the first refusal, waits before it begins."""
        writes.append(path)
        if len(writes) == 2:
            begun.set()
            go_on.wait(60)
        with writing(path) as stream:
            yield stream

    monkeypatch.setattr(refusal_counts, "EVERY", 0.01)
    monkeypatch.setattr(refusal_counts, "writing_whole", slow)
    counter = Counter()
    async with keeping(counter, tmp_path / INBOX, lambda: NOW):
        counter["T003"] += 1
        assert await asyncio.to_thread(begun.wait, 60)
        counter["T004"] += 1
        asyncio.get_running_loop().call_later(0.2, go_on.set)
    await asyncio.get_running_loop().shutdown_default_executor()
    assert read_counts(tmp_path / INBOX).counts == {"T003": 1, "T004": 1}


async def test_counts_that_the_disk_refused_are_kept_when_there_is_room(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(refusal_counts, "EVERY", 0.01)
    path, counter = tmp_path / "later" / INBOX, Counter(T003=1)
    tries, writing = [], refusal_counts.writing_whole
    monkeypatch.setattr(
        refusal_counts, "writing_whole", lambda path: tries.append(path) or writing(path)
    )
    async with keeping(counter, path, lambda: NOW), asyncio.timeout(60):
        counter["T020"] += 1
        while len(tries) < 5:
            await asyncio.sleep(0.01)
        assert sum("not kept yet" in message for message in caplog.messages) == 1
        path.parent.mkdir()
        while read_counts(path) is None:
            await asyncio.sleep(0.01)
        assert read_counts(path).counts == {"T003": 1, "T020": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[",
        b'{"since":1,"at":2,"counts":{}}',
        b'{"since":"2024-06-02T00:00:00Z","at":"2024-06-02T00:00:00Z","counts":{"\xff":1}}',
    ],
)
def test_counts_that_cannot_be_read_are_none(tmp_path, data):
    (tmp_path / INBOX).write_bytes(data)
    assert read_counts(tmp_path / INBOX) is None


def test_many_names_are_counted_and_not_all_of_them_written(tmp_path):
    many = tuple(f"S{number}" for number in range(MOST_NAMES + 5))
    status = ask(tmp_path)
    stations = msgspec.convert(
        {"enrolled": 99, "heard": 0, "never": many, "silent": (), "not_enrolled": ()},
        type(status).__annotations__["stations"].__args__[0],
    )
    line = next(
        word
        for word in words_of(msgspec.structs.replace(status, stations=stations))
        if "never" in word
    )
    assert f"{len(many)}:" in line
    assert many[-1] not in line


# As an operator types it, beside a centre that runs.


def test_beside_a_centre_that_runs_and_when_it_is_stopped(tmp_path, monkeypatch):
    with fronted_center(tmp_path, monkeypatch) as center:
        first = center.fact(0)
        assert center.send([first]).returncode == 0
        other = re.sub(rb'"votes":\[1,', b'"votes":[2,', first)
        answer = center.send([other])
        assert answer.returncode == 1
        assert "R024" in answer.stderr
        where = ("--election", tmp_path / "election", "--data", center.data)
        running = center.run("center", "status", *where, "--json")
        assert running.returncode == 0, running.stderr
        status = msgspec.json.decode(running.stdout, type=CenterStatus)
        assert status.waiting == {"R024": 1}
        assert status.contests["GUB"].received == 1
        assert status.stations.enrolled == 1
        assert status.refusals.counts == {}
        assert status.service_refusals.counts == {}
        told = center.run("center", "conflicts", *where)
        assert told.returncode == 1
        assert "PAN: 1 → 2" in told.stdout
        listed = center.run("center", "conflicts", *where, "--json")
        assert [aside.code for aside in msgspec.json.decode(listed.stdout, type=list[Waiting])] == [
            "R024"
        ]
    stopped = center.run("center", "status", *where)
    assert stopped.returncode == 0, stopped.stderr
    assert "waiting for a person: 1 fact" in stopped.stdout
    assert "GUB: 7,672 actas expected, 1 received, 1 counted, 7,671 missing" in stopped.stdout
    shutil.rmtree(center.data)
    center.data.mkdir()
    elsewhere = center.run("center", "conflicts", *where)
    assert (elsewhere.returncode, elsewhere.stdout, "P050" in elsewhere.stderr) == (2, "", True)
    make_key(center.data / "center.key")
    nothing = center.run("center", "conflicts", *where)
    assert (nothing.returncode, nothing.stdout) == (0, "waiting for a person: 0 facts\n")
