"""Snapshots that are made beside a ledger: by another process, when enough was recorded."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from openprep.record import beside
from openprep.record.beside import keeping_snapshots
from openprep.record.events import EnvelopeReceived
from openprep.record.facts import ActaReported, Envelope, encode_envelope
from openprep.record.ledger import Ledger
from openprep.record.snapshot import path_of, position_of
from openprep.record.sqlite import Record
from small.election import acta
from tabulation.small import RULES

T0 = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)


def received(number):
    facts = (ActaReported(acta(number)),)
    payload = encode_envelope(Envelope("chica-2024", "D01", number, T0, facts))
    return EnvelopeReceived(T0 + timedelta(seconds=number), "D01", number, payload, b"s" * 64)


@pytest.fixture
def ledger(tmp_path):
    record = Record.open(tmp_path / "record.sqlite", "chica-2024", "ab" * 32)
    yield Ledger(record, RULES)
    record.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(beside, "LOOK", 0.01)
    monkeypatch.setattr(beside, "LEAST", 2)


async def test_a_snapshot_is_made_when_enough_was_recorded(ledger):
    async with keeping_snapshots(ledger, RULES):
        await ledger.append(received(1))
        await asyncio.sleep(0.1)
        assert position_of(ledger.record.path) == 0
        await ledger.append(received(2))
        while position_of(ledger.record.path) < 2:
            await asyncio.sleep(0.01)
    assert Ledger(ledger.record, RULES).state == ledger.state


async def test_the_end_leaves_a_snapshot_of_what_came_last(ledger, monkeypatch):
    monkeypatch.setattr(beside, "LOOK", 3600)
    async with keeping_snapshots(ledger, RULES):
        for number in range(1, 4):
            await ledger.append(received(number))
    assert position_of(ledger.record.path) == 3


async def test_the_end_of_little_makes_none(ledger):
    async with keeping_snapshots(ledger, RULES):
        await ledger.append(received(1))
    assert not path_of(ledger.record.path).exists()


async def test_the_end_waits_for_no_snapshot_for_long(ledger, monkeypatch):
    monkeypatch.setattr(beside, "LOOK", 3600)
    monkeypatch.setattr(beside, "MOST_AT_THE_END", 0)
    async with keeping_snapshots(ledger, RULES):
        for number in range(1, 4):
            await ledger.append(received(number))
    assert position_of(ledger.record.path) == 0


async def test_a_snapshot_that_cannot_be_made_is_said_and_disturbs_nobody(ledger, caplog):
    caplog.set_level("INFO", "openprep.record")
    path_of(ledger.record.path).mkdir()
    async with keeping_snapshots(ledger, RULES):
        for number in range(1, 4):
            await ledger.append(received(number))
    assert "no snapshot of" in caplog.text
    assert ledger.state.position == 3


async def test_a_snapshot_that_was_not_made_is_made_at_the_next_look(ledger, caplog):
    caplog.set_level("INFO", "openprep.record")
    path_of(ledger.record.path).mkdir()
    async with keeping_snapshots(ledger, RULES):
        await ledger.append(received(1))
        await ledger.append(received(2))
        while "no snapshot of" not in caplog.text:
            await asyncio.sleep(0.01)
        path_of(ledger.record.path).rmdir()
        async with asyncio.timeout(10):
            while position_of(ledger.record.path) < 2:
                await asyncio.sleep(0.01)


async def test_whatever_keeps_a_snapshot_from_being_made_is_said_and_another_is_tried(
    ledger, monkeypatch, caplog
):
    caplog.set_level("INFO", "openprep.record")
    tried = []

    async def child(*_given, **_named):
        tried.append(1)
        raise ValueError("embedded null byte")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", child)
    async with keeping_snapshots(ledger, RULES):
        await ledger.append(received(1))
        await ledger.append(received(2))
        async with asyncio.timeout(10):
            while len(tried) < 2:
                await asyncio.sleep(0.01)
    assert "no snapshot of" in caplog.text
