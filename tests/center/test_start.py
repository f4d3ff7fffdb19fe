"""What a centre holds against each other before it signs anything."""

import asyncio
import socket
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from time import monotonic

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec import structs

from center.publisher_site import CENTER, ELECTION, cut, publisher
from openprep.center import machine_clock
from openprep.center.machine_clock import MachineClock
from openprep.center.process import Plan, run_center
from openprep.center.publishers import Address, addresses_of, ask, clocks_in
from openprep.center.start import (
    StartRefused,
    check_log,
    check_origin,
    check_publishers,
    open_record,
)
from openprep.ceremony.enrolment import Changes
from openprep.clock import system_clock
from openprep.cuts.codes import PublicationCode
from openprep.cuts.signing_key import load_signer, make_key
from openprep.distribution.process import ServicePlan, run_service
from openprep.hosting import TreeDirectory
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.record.events import EnvelopeReceived, Opened
from openprep.record.facts import ActaReported, Envelope, encode_envelope
from openprep.record.sqlite import Record
from openprep.wire.note import Signer
from openprep.wire.trust import LogIdentity
from small.election import OPENS, acta, small_election
from small.publishers import free_port, until
from small.trust import NOW, SmallTrust, new_key, request

CORRECTED = small_election(digest="cd" * 32)

KEYS = [CENTER.verifier]


def code_of(call):
    with pytest.raises(StartRefused) as refused:
        call()
    return refused.value.code


def trust_of(folder, signer=CENTER, until=None):
    data = SmallTrust(folder).found()
    key = structs.replace(data.log.keys[0], key=str(signer.verifier), until_cut=until)
    return structs.replace(data, log=structs.replace(data.log, origin=signer.name, keys=(key,)))


# The key and the log's name.


def test_a_key_that_the_trust_root_does_not_name_is_refused_at_the_start(tmp_path):
    trust = trust_of(tmp_path)
    check_log(CENTER, trust, 0)
    other = Signer(CENTER.name, new_key())
    assert code_of(lambda: check_log(other, trust, 0)) is PublicationCode.LOG_NOT_OF_TRUST


def test_a_log_of_another_name_is_refused_at_the_start(tmp_path):
    """The ceremony with --log-origin <election>/log, which no publisher could ever show."""
    trust = trust_of(tmp_path, Signer(f"{ELECTION.id}/log", CENTER.private))
    assert code_of(lambda: check_log(CENTER, trust, 0)) is PublicationCode.LOG_NOT_OF_TRUST


def test_a_key_that_was_ended_signs_nothing_after_its_last_cut(tmp_path):
    trust = trust_of(tmp_path, until=4)
    check_log(CENTER, trust, 4)
    assert code_of(lambda: check_log(CENTER, trust, 5)) is PublicationCode.LOG_NOT_OF_TRUST


# What publishers hold.


@pytest.mark.parametrize("cuts", [[], [cut(0, 5)], [cut(0, 5), cut(1, 8)]])
async def test_a_record_that_lacks_what_a_publisher_holds_signs_nothing(tmp_path, cuts):
    async with publisher(size=9) as site:
        words = await ask([site])
    with pytest.raises(StartRefused, match="shows cut 7") as refused:
        check_publishers(words, KEYS, CENTER.name, cuts)
    assert refused.value.code is PublicationCode.PUBLISHERS_HOLD_MORE


async def test_a_publisher_that_holds_another_history_is_told_from_one_that_lags(tmp_path):
    cuts = [cut(0, 5), cut(1, 8, b"s" * 32)]
    async with publisher(size=5) as lagging, publisher(size=8) as other:
        check_publishers(await ask([lagging]), KEYS, CENTER.name, cuts)
        words = await ask([other])
    check = partial(check_publishers, words, KEYS, CENTER.name, cuts)
    assert code_of(check) is PublicationCode.PUBLISHERS_HOLD_OTHER


async def test_a_checkpoint_that_the_log_s_key_did_not_sign_keeps_nobody_from_starting(tmp_path):
    async with publisher(size=900, signer=Signer(CENTER.name, new_key())) as liar:
        words = await ask([liar])
    check_publishers(words, KEYS, CENTER.name, [cut(0, 5)])


async def test_a_key_ended_by_ceremony_keeps_nobody_from_starting(tmp_path):
    async with publisher(size=900) as site:
        words = await ask([site])
    check_publishers(
        words, trust_of(tmp_path, until=0).log.verifiers_at(1), CENTER.name, [cut(0, 5)]
    )


async def test_silent_publishers_and_endless_answers_keep_nobody_waiting(tmp_path):
    async def endless(_):
        return web.Response(body=b"x" * 10_000_000)

    app = web.Application()
    app.router.add_get("/{path:.*}", endless)
    async with TestServer(app) as server:
        sites = [Address("a", str(server.make_url("/"))), Address("b", "http://127.0.0.1:9")]
        words = await ask(sites)
    assert [word.note for word in words] == [None, None]
    assert all(word.trouble for word in words)
    check_publishers(words, KEYS, CENTER.name, [])


# Their clocks.


@pytest.mark.parametrize("ahead", [0, 7200, -7200])
@pytest.mark.parametrize("age", [None, 300])
async def test_a_publisher_s_clock_is_read_from_whatever_it_answers(ahead, age):
    async with publisher(ahead=ahead, age=age) as site:
        (said,) = clocks_in(await ask([site]))
    assert abs(said - ahead) < 3


async def test_a_publisher_with_many_addresses_has_one_voice():
    async with publisher() as first, publisher(ahead=7200) as second:
        assert len(clocks_in(await ask([first, second]))) == 1


def test_every_publisher_is_asked_before_any_second_address(tmp_path):
    from small.trust import publisher as enrolled

    data = structs.replace(
        trust_of(tmp_path),
        publishers=(
            enrolled("a", addresses=("https://a1.example", "https://a2.example")),
            enrolled("b", addresses=("https://b1.example",)),
        ),
    )
    urls = [address.url for address in addresses_of(data, OPENS)]
    assert urls == ["https://a1.example", "https://b1.example", "https://a2.example"]


# A folder that was corrected.


def envelope(sequence=1, *facts, at=OPENS - timedelta(hours=1)):
    when = dict.fromkeys(("received_at", "captured_at", "verified_at"))
    facts = facts or (ActaReported(acta(sequence, **when)),)
    payload = encode_envelope(Envelope(ELECTION.id, "D01", sequence, at, facts))
    return EnvelopeReceived(at, "D01", sequence, payload, b"s" * 64)


def recorded(path, *events):
    record = Record.open(path, ELECTION.id, ELECTION.digest)
    record.append(events)
    record.close()


def test_a_folder_corrected_before_the_first_cut_is_followed_and_nothing_received_is_lost(
    tmp_path, caplog
):
    path = tmp_path / "record.sqlite"
    recorded(path, envelope(1), envelope(2))
    record = open_record(path, CORRECTED)
    assert record.verify() == 2
    assert [event.sequence for _, event in record.read()] == [1, 2]
    record.close()
    assert "P048" in caplog.text
    with pytest.raises(RecordTrouble) as trouble:
        Record.open(path, ELECTION.id, ELECTION.digest)
    assert trouble.value.code is RecordCode.OTHER_ELECTION


@pytest.mark.parametrize("event", [Opened(OPENS, ELECTION.digest), cut(0, 2)])
def test_a_folder_changed_after_the_opening_is_refused_and_the_record_is_as_it_was(tmp_path, event):
    path = tmp_path / "record.sqlite"
    recorded(path, envelope(1), event)
    assert code_of(lambda: open_record(path, CORRECTED)) is PublicationCode.ELECTION_CHANGED
    again = open_record(path, ELECTION)
    assert again.verify() == 2
    again.close()


def test_a_folder_that_what_was_received_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "record.sqlite"
    recorded(path, envelope(1))
    without = small_election(digest="cd" * 32, catalogues={"AYUN": ELECTION.catalogues["AYUN"][2:]})
    assert code_of(lambda: open_record(path, without)) is PublicationCode.ELECTION_CHANGED
    open_record(path, ELECTION).close()


def test_another_election_s_record_is_never_followed(tmp_path):
    path = tmp_path / "record.sqlite"
    recorded(path)
    with pytest.raises(RecordTrouble):
        open_record(path, small_election(id="otra-2024", digest="cd" * 32))


def test_a_record_that_was_never_wholly_made_is_made(tmp_path):
    path = tmp_path / "record.sqlite"
    path.touch()
    open_record(path, ELECTION).close()


# The process.


def plan_of(folder, **changes):
    values = {
        "election": ELECTION,
        "data": folder,
        "stations": folder / "stations.json",
        "clock": MachineClock(folder, lambda: OPENS - timedelta(hours=1)),
        "host": "127.0.0.1",
        "inbox_port": free_port(),
        "tree_port": free_port(),
        "with_page": False,
    }
    (folder / "stations.json").write_text("[]")
    return Plan(**{**values, **changes})


@pytest.fixture
def folder(tmp_path):
    make_key(tmp_path / "center.key")
    return tmp_path


async def test_a_port_that_is_taken_has_a_code(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        plan = plan_of(folder, inbox_port=taken.getsockname()[1])
        with pytest.raises(StartRefused, match="P040"):
            await run_center(plan)


async def test_the_centre_says_at_its_start_what_it_is_and_when_it_opens(folder, caplog):
    caplog.set_level("INFO")
    plan = plan_of(folder)
    running = asyncio.create_task(run_center(plan))
    while "no trust root" not in caplog.text and not running.done():
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    for part in (
        f"election {ELECTION.id}",
        f"http://127.0.0.1:{plan.inbox_port}/inbox",
        f"http://127.0.0.1:{plan.tree_port}/",
        "page: no",
        "this machine, watched",
        "opens at 2024-06-02T20:00:00-06:00, in 1:00:00",
    ):
        assert part in caplog.text


async def test_a_centre_whose_key_is_not_the_trust_root_s_does_not_start(folder):
    SmallTrust(folder / "public/trust")
    with pytest.raises(StartRefused, match="P041"):
        await run_center(plan_of(folder, clock=system_clock))
    with pytest.raises(StartRefused, match="P041"):
        await run_service(ServicePlan(folder, system_clock, "127.0.0.1", free_port(), ("x",)))


async def test_the_service_refuses_a_log_of_another_name_where_the_key_is_elsewhere(tmp_path):
    small = SmallTrust(tmp_path / "public/trust")
    data = structs.replace(small.found(), log=LogIdentity("chica-2024/log", small.found().log.keys))
    with pytest.raises(StartRefused, match="P041"):
        check_origin(data, f"{ELECTION.id}/center")


async def test_the_service_says_at_its_start_who_is_enrolled_and_a_taken_port_has_a_code(
    tmp_path, caplog
):
    caplog.set_level("INFO")
    small = SmallTrust(tmp_path / "public/trust")
    small.version(Changes(requests=[request("tec")]))
    plan = ServicePlan(tmp_path, lambda: NOW, "127.0.0.1", free_port(), ("prep.example",))
    running = asyncio.create_task(run_service(plan))
    while "signed anew" not in caplog.text and not running.done():
        await asyncio.sleep(0.01)
    for part in (ELECTION.id, "prep.example", "publishers enrolled: tec", "no --online-key"):
        assert part in caplog.text
    with pytest.raises(StartRefused, match="P040"):
        await run_service(plan)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_centre_that_publishers_contradict_opens_once_they_agree(
    folder, caplog, monkeypatch
):
    """Whole: process, trust, HTTP and clocks; a second here is a minute of the night's."""
    caplog.set_level("INFO")
    monkeypatch.setattr(machine_clock, "ASKED_IN_DOUBT", 0.2)
    began = monotonic()
    apart = [7200.0]

    def wall():
        return OPENS - timedelta(seconds=20) + timedelta(seconds=60 * (monotonic() - began))

    async def answer(_):
        dated = wall() + timedelta(seconds=apart[0])
        return web.Response(status=503, headers={"Date": format_datetime(dated, True)})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        log = load_signer(folder / "center.key", ELECTION.id)
        small = SmallTrust(folder / "public/trust", log=log)
        tec = request("tec", addresses=(str(server.make_url("")),))
        small.version(Changes(requests=[tec]))
        clock = MachineClock(folder, wall, lambda: 60 * monotonic(), "this-start")
        running = asyncio.create_task(run_center(plan_of(folder, clock=clock)))
        tree = TreeDirectory(folder / "public")
        await until(lambda: "P037" in caplog.text or running.done())
        await until(lambda: wall() > OPENS + timedelta(seconds=60))
        assert tree.pointer() is None, "opened two hours before everybody else's opening"
        apart[0] = 0.0
        await until(lambda: tree.pointer() is not None or running.done())
        assert tree.pointer().cut == 0
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
