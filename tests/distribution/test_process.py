"""The centre's service: who stands now, cosignatures, fresh trust, and what it survives."""

import asyncio
import shutil
from datetime import timedelta

import aiohttp
import pytest
from click.testing import CliRunner

from openprep.ceremony import standing as enrolled
from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.ceremony.enrolment import Changes, from_enrolled
from openprep.ceremony.standing import StandingTrust, check_election
from openprep.cli.main import main
from openprep.distribution import process as service
from openprep.distribution.export import trust_files
from openprep.distribution.process import Service, ServicePlan, run_service
from openprep.distribution.service import CosignatureRefused
from openprep.distribution.witnesses import REMEMBERED, Witnessing
from openprep.hosting import TreeDirectory
from openprep.transmission.codes import RefusalCode, Refused
from openprep.transmission.inbox.inbox import Inbox
from openprep.transmission.keys import Enrolled, public_half
from openprep.wire.log.checkpoint import Checkpoint, cosign_checkpoint
from openprep.wire.note import split_note
from small.election import OPENS, small_election
from small.publishers import EVENING, PATIENCE, free_port, small_network, until
from small.trust import NOW, SmallTrust, request
from transmission.small_center import KEYS, sealed
from transmission.small_center import SmallCenter as SmallInbox


@pytest.fixture
async def network(tmp_path):
    async with small_network(tmp_path) as network:
        yield network


def line_over(network, who, cut, at=EVENING, checkpoint=None):
    """What a publisher hands over: the text of a cut's checkpoint and its own line."""
    text, _ = split_note(network.center.tree.read(f"cuts/{cut}.note"))
    checkpoint = checkpoint or Checkpoint.parse(text)
    cosigner = network.mirrors[who].membership.cosigner
    line = cosign_checkpoint(checkpoint, cosigner, int(at.timestamp()))
    return f"{checkpoint.text()}\n{line}".encode()


def witnessing_of(network):
    trust = StandingTrust(network.trust.folder, lambda: network.now[0])
    return Witnessing(network.center.tree, trust, lambda: network.now[0]), trust


async def test_a_cosignature_is_put_on_the_checkpoint_that_is_up(network):
    network.center.next_cut()
    witnessing, trust = witnessing_of(network)
    await witnessing.take(trust.find("tec"), line_over(network, "tec", 0))
    assert network.cosigners(network.center.tree.read("checkpoint")) == {"tec"}
    assert witnessing.held[0] == {"tec"}
    await witnessing.take(trust.find("unam"), line_over(network, "unam", 0))
    assert network.cosigners(network.center.tree.read("checkpoint")) == {"tec", "unam"}


async def test_a_publisher_quicker_than_the_watch_is_taken(network):
    witnessing, trust = witnessing_of(network)
    network.center.next_cut()
    witnessing.cut_shown(0)
    network.center.next_cut()
    await witnessing.take(trust.find("tec"), line_over(network, "tec", 1))
    assert witnessing.held[1] == {"tec"}


async def test_a_cosignature_of_an_older_cut_counts_and_changes_no_checkpoint(network):
    for _ in range(2):
        network.center.next_cut()
    witnessing, trust = witnessing_of(network)
    before = network.center.tree.read("checkpoint")
    await witnessing.take(trust.find("tec"), line_over(network, "tec", 0))
    assert witnessing.held[0] == {"tec"}
    assert network.center.tree.read("checkpoint") == before


async def test_only_the_newest_cuts_are_cosigned(network, monkeypatch):
    monkeypatch.setattr("openprep.distribution.witnesses.REMEMBERED", 2)
    for _ in range(3):
        network.center.next_cut()
    witnessing, trust = witnessing_of(network)
    witnessing.cut_shown(2)
    assert set(witnessing.held) == {1, 2}
    with pytest.raises(CosignatureRefused):
        await witnessing.take(trust.find("tec"), line_over(network, "tec", 0))
    assert REMEMBERED >= 30


@pytest.mark.parametrize(
    "wrong", ["another's line", "another's name", "two lines", "other root", "future", "nothing"]
)
async def test_what_is_not_the_publisher_s_own_cosignature_is_refused(network, wrong):
    network.center.next_cut()
    witnessing, trust = witnessing_of(network)
    note = line_over(network, "tec", 0)
    who = "tec"
    if wrong == "another's line":
        who = "unam"
    elif wrong == "another's name":
        note = line_over(network, "unam", 0)
    elif wrong == "two lines":
        note += note.splitlines(keepends=True)[-1]
    elif wrong == "other root":
        other = Checkpoint(network.center.signer.name, 2, b"x" * 32)
        note = line_over(network, "tec", 0, checkpoint=other)
    elif wrong == "future":
        note = line_over(network, "tec", 0, at=EVENING + timedelta(minutes=6))
    else:
        note = b"nothing"
    before = network.center.tree.read("checkpoint")
    with pytest.raises(CosignatureRefused):
        await witnessing.take(trust.find(who), note)
    assert network.center.tree.read("checkpoint") == before


async def test_a_full_disk_at_the_centre_refuses_the_cosignature_and_says_why(network, monkeypatch):
    network.center.next_cut()
    witnessing, trust = witnessing_of(network)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(network.center.tree), "amend_head", full)
    with pytest.raises(CosignatureRefused, match="No space"):
        await witnessing.take(trust.find("tec"), line_over(network, "tec", 0))


async def test_the_compressed_copy_never_shows_fewer_cosignatures(network):
    network.center.next_cut()
    copy = network.center.tree.path("heads/0/checkpoint.gz")
    copy.write_bytes(b"an older one")
    witnessing, trust = witnessing_of(network)
    await witnessing.take(trust.find("tec"), line_over(network, "tec", 0))
    assert not copy.exists()


def test_enrolment_and_revocation_count_from_the_next_question(tmp_path):
    small = SmallTrust(tmp_path / "trust")
    now = [NOW]
    trust = StandingTrust(small.folder, lambda: now[0])
    assert trust.find("tec") is None
    small.version(Changes(requests=[request("tec")]))
    assert trust.find("tec").revoked is False
    assert set(trust.witnesses()) == {"tec"}
    small.version(Changes(revoked_publishers=["tec"]), now=NOW + timedelta(hours=1))
    assert trust.find("tec").revoked is False, "revoked from an hour on"
    now[0] += timedelta(hours=1)
    assert trust.find("tec").revoked is True
    assert not trust.witnesses()


def test_a_folder_that_changes_while_it_is_read_is_read_again(tmp_path, monkeypatch):
    small = SmallTrust(tmp_path / "trust")
    real, versions = enrolled.load_standing, [Changes(requests=[request("tec")])]

    def slow(folder):
        found = real(folder)
        if versions:
            small.version(versions.pop())
        return found

    monkeypatch.setattr(enrolled, "load_standing", slow)
    trust = StandingTrust(small.folder, lambda: NOW)
    assert trust.find("tec") is not None


def test_a_damaged_folder_leaves_who_stood_before_and_is_not_read_at_each_request(
    tmp_path, monkeypatch
):
    small = SmallTrust(tmp_path / "trust")
    small.version(Changes(requests=[request("tec")]))
    trust = StandingTrust(small.folder, lambda: NOW)
    seconds, reads, real = [100.0], [], enrolled.load_standing
    monkeypatch.setattr(enrolled, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(enrolled, "load_standing", lambda f: (reads.append(f), real(f))[1])
    saved = (small.folder / "2.targets.json").read_bytes()
    for path in small.folder.glob("*.targets.json"):
        path.write_bytes(b"damaged")
    small.folder.joinpath("timestamp.json").touch()
    for _ in range(5):
        assert trust.find("tec") is not None
    assert len(reads) == 1
    (small.folder / "2.targets.json").write_bytes(saved)
    seconds[0] += enrolled.RETRY
    assert trust.find("tec") is not None
    assert len(reads) == 2


def test_without_a_trust_root_there_is_no_service(tmp_path):
    with pytest.raises(CeremonyRefused):
        Service(ServicePlan(tmp_path, lambda: NOW, "127.0.0.1", 1, ("x",)))


def test_a_trust_root_of_another_folder_is_refused(tmp_path):
    small = SmallTrust(tmp_path / "trust")
    trust = StandingTrust(small.folder, lambda: NOW)
    check_election(small.election, trust.data)
    vouched = f"the election {small.election.id} of digest {small.election.digest}"
    for other, named in (
        ({"drill": True}, f"the drill {small.election.id} of digest {small.election.digest}"),
        ({"digest": "cd" * 32}, f"the election {small.election.id} of digest {'cd' * 32}"),
        ({"id": "otra-2024"}, f"the election otra-2024 of digest {small.election.digest}"),
    ):
        with pytest.raises(CeremonyRefused) as refused:
            check_election(small_election(**other), trust.data)
        assert refused.value.code is CeremonyCode.OTHER_FOLDER
        assert refused.value.detail == (
            f"the folder is {named}, the trust root vouches for {vouched}"
        )


async def test_anybody_may_read_trust_and_checkpoint_and_nothing_else(network):
    network.center.next_cut()
    async with aiohttp.ClientSession() as session:
        for path, status in (
            ("checkpoint", 200),
            ("trust/timestamp.json", 200),
            ("trust/1.root.json", 200),
            ("trust/../current.json", 404),
            ("trust/%2e%2e/current.json", 404),
            ("current.json", 404),
            ("cuts/0.json", 404),
            ("index.html", 404),
        ):
            async with session.get(f"{network.base}/{path}") as answer:
                assert answer.status == status, path


@pytest.mark.parametrize("instead", ["another text", "a folder"])
async def test_a_tree_that_cannot_be_read_for_a_moment_does_not_stop_the_watch(
    network, monkeypatch, caplog, instead
):
    looks, pointer = [], TreeDirectory.pointer

    def noted(tree):
        looks.append(tree)
        return pointer(tree)

    network.center.next_cut()
    live = network.center.tree.path("heads/0/current.json")
    saved = live.read_bytes()
    live.unlink()
    if instead == "a folder":
        live.mkdir()
    else:
        live.write_bytes(b"damaged")
    monkeypatch.setattr(TreeDirectory, "pointer", noted)
    await until(lambda: len(looks) > 3)
    assert not network.watching.done()
    told = any("the tree cannot be read" in message for message in caplog.messages)
    assert told is (instead == "a folder")
    if instead == "a folder":
        live.rmdir()
        live.write_bytes(b"damaged")
    waiting = asyncio.create_task(network.service.distribution.news.after(None, PATIENCE))
    await asyncio.sleep(0)
    live.write_bytes(saved)
    assert (await waiting).cut == 0, "it is announced to whoever waits"


async def test_the_process_signs_the_timestamp_anew_and_ends_cleanly(tmp_path, monkeypatch):
    folder = tmp_path / "center"
    small = SmallTrust(folder / "public/trust")
    monkeypatch.setattr(service, "load_online_key", lambda _: small.online)
    before = small.read("timestamp.json")
    port = free_port()
    plan = ServicePlan(
        folder, lambda: NOW, "127.0.0.1", port, (f"127.0.0.1:{port}",), tmp_path / "online.key"
    )
    running = asyncio.create_task(run_service(plan))
    await until(lambda: small.read("timestamp.json") != before)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    again = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    again.close()


async def test_trust_that_cannot_be_refreshed_does_not_stop_the_service(tmp_path, monkeypatch):
    folder = tmp_path / "center"
    small = SmallTrust(folder / "public/trust")
    monkeypatch.setattr(service, "load_online_key", lambda _: small.online)
    monkeypatch.setattr(service, "REFRESH", 0.01)
    tries = []

    def failing(*arguments):
        tries.append(arguments)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(service, "refresh", failing)
    port = free_port()
    plan = ServicePlan(folder, lambda: NOW, "127.0.0.1", port, ("x",), tmp_path / "any")
    running = asyncio.create_task(run_service(plan))
    await until(lambda: len(tries) > 2 or running.done())
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_package_by_hand_has_the_trust_root(network):
    network.center.next_cut()
    names = trust_files(network.center.tree)
    on_disk = {path.name for path in network.center.tree.path("trust").iterdir()}
    assert set(names) == {f"trust/{name}" for name in on_disk if name.endswith(".json")}
    shutil.rmtree(network.center.tree.path("trust"))
    assert trust_files(network.center.tree) == []


@pytest.mark.parametrize("wrong", ["tek", "", "TEC"])
async def test_a_package_for_nobody_says_at_the_centre_who_is_enrolled(network, tmp_path, wrong):
    network.center.next_cut()
    network.change(revoked_publishers=["unam"])
    where = ("--data", str(network.folder), "--out", str(tmp_path / "package.age"))
    command = ["center", "package", "--publisher", wrong, *where]
    told = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert told.exit_code == 2
    assert f"S030 {wrong!r}; enrolled: tec —" in told.output
    assert "ask the centre" not in told.output
    assert not (tmp_path / "package.age").exists()


async def test_a_stolen_station_key_speaks_for_its_station_until_it_is_revoked(tmp_path):
    """What a thief can do: report for that station. What not: for another; later; twice."""
    small = SmallTrust(tmp_path / "trust")
    stations = [Enrolled(name, name, public_half(key), ("AYUN/001",)) for name, key in KEYS.items()]
    small.version(Changes(stations=from_enrolled(stations)))
    now = [OPENS + timedelta(hours=3)]
    trust = StandingTrust(small.folder, lambda: now[0])
    center = SmallInbox(tmp_path / "record.sqlite")
    inbox = Inbox(small.election, trust.station, center.ledger, lambda: now[0])
    await inbox.receive(sealed(1))
    with pytest.raises(Refused) as refused:
        await inbox.receive(sealed(2, station="D02", key="D01"))
    assert refused.value.code is RefusalCode.SIGNATURE
    small.version(Changes(revoked_stations=["D01"]), now=now[0])
    with pytest.raises(Refused) as refused:
        await inbox.receive(sealed(2))
    assert refused.value.code is RefusalCode.UNKNOWN_STATION
    await inbox.receive(sealed(1, station="D02", key="D02"))
    assert len(center.envelopes) == 2, "what it sent before stays as evidence"
    center.record.close()
