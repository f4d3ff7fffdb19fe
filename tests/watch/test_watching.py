"""A watch over real trees served over HTTP: an honest network is quiet, each attack is named."""

import asyncio
import contextlib
import random
import re
import shutil
import ssl
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from openprep.ceremony.enrolment import Changes
from openprep.cuts.cutter import Cutter
from openprep.hosting import TreeDirectory
from openprep.mirror.codes import Refused
from openprep.watch import look as looking
from openprep.watch import process as watching
from openprep.watch.codes import WatchCode as W
from openprep.watch.history import Fork, History, LogHistory
from openprep.watch.look import Ground, look_at
from openprep.watch.machine import Site
from openprep.watch.report import State
from openprep.watch.sample import Comparing, Sampling, files_of
from openprep.watch.visit import Visitor
from openprep.wire.cut import manifest as wire
from openprep.wire.cut.objects import decode_object, parts_of
from openprep.wire.cut.pack import Where, links_to, packed_object
from openprep.wire.cut.ref import Link, image_path
from openprep.wire.cut.results import ResultsReader
from openprep.wire.log.checkpoint import (
    Checkpoint,
    cosign_checkpoint,
    open_checkpoint,
    sign_checkpoint,
)
from openprep.wire.log.merkle import verify_consistency
from openprep.wire.log.tiles import ENTRIES, partial_tiles
from openprep.wire.note import Signer, sign_note, split_note
from openprep.wire.trust import LogKey
from served.certificates import certificate
from small.center import SmallCenter
from small.election import OPENS, acta, outside, version
from small.image import digest_of, jpeg
from small.trust import RETAINED, new_key
from watch.small_network import EVERYTHING, codes, impostor, never, only, site_of, small_network


@pytest.fixture
async def network(tmp_path):
    async with small_network(tmp_path) as network:
        yield network


async def test_an_honest_network_raises_nothing_all_night(network):
    assert codes(await network.look()) == {}
    for _ in range(4):
        network.cut()
        report = await network.look()
        assert codes(report) == {}
        assert not report.alarmed
        assert {site.state for site in report.sites} == {State.CURRENT}
        assert report.newest.held_by == ("tec", "unam", "uv")
        assert (report.publishers, report.quorum) == (3, 2)
    assert codes(await network.look(timedelta(hours=12))) == {}


# one publisher


async def test_a_publisher_that_is_down_is_named_and_nobody_else(network):
    network.cut()
    await network.uv.server.close()
    report = await network.look()
    assert codes(report) == only(network.uv, W.UNREACHABLE)
    assert site_of(report, "uv").state is State.UNREACHABLE
    assert report.newest.held_by == ("tec", "unam")


async def test_a_publisher_that_never_answers_keeps_nobody_waiting(network, monkeypatch):
    network.cut()
    network.uv.instead["current.json"] = never
    monkeypatch.setattr(looking, "LOOK_SECONDS", 3.0)
    assert await network.codes() == only(network.uv, W.UNREACHABLE)


async def test_reports_go_on_while_a_publisher_never_answers(network):
    network.uv.instead["checkpoint"] = never
    seen = []

    def show(report):
        assert site_of(report, "uv").state is State.UNSEEN
        if site_of(report, "tec").cut == network.center.cut:
            seen.append(report.newest.cut)
            if len(seen) == 4:
                task.cancel()
            else:
                network.cut(network.tec, network.unam)

    network.cut(network.tec, network.unam)
    task = asyncio.ensure_future(network.watching.run(0.05, show))
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(task, 60)
    assert seen == [0, 1, 2, 3]
    assert network.uv.asked.count("checkpoint") == 1


async def test_endless_data_ends_at_the_limit(network):
    async def endless(asked):
        response = web.StreamResponse()
        await response.prepare(asked)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"0" * 65536)
        return response

    network.cut()
    network.uv.instead["checkpoint"] = endless
    assert await network.codes() == only(network.uv, W.ALTERED)


async def test_a_redirect_is_not_followed(network):
    async def away(asked):
        raise web.HTTPFound(network.tec.address + asked.path)

    network.cut()
    network.uv.instead["checkpoint"] = away
    assert await network.codes() == only(network.uv, W.UNREACHABLE)


async def test_a_clock_hours_off_is_told_by_how_much(network):
    network.cut()
    network.uv.clock_ahead = timedelta(hours=-6)
    report = await network.look()
    assert codes(report) == only(network.uv, W.CLOCK)
    assert re.fullmatch(r"[56]:\d\d:\d\d behind", site_of(report, "uv").alarms[0].detail)


async def test_when_most_clocks_differ_alike_it_is_this_clock_that_is_wrong(network):
    network.cut()
    for host in (network.host, *network.publishers):
        host.clock_ahead = timedelta(hours=1)
    assert await network.codes() == {"network": {W.OWN_CLOCK.code}}


async def test_before_the_opening_a_publisher_that_waits_is_no_alarm(network):
    async def wait(_):
        return web.Response(status=503)

    for host in network.publishers:
        host.instead.update(dict.fromkeys(("", "current.json", "checkpoint"), wait))
    network.now = OPENS - timedelta(minutes=20)
    assert codes(await network.look(timedelta(0))) == {}
    network.now = OPENS + timedelta(minutes=20)
    found = codes(await network.look(timedelta(0)))
    assert all(W.UNREACHABLE.code in found[publisher.id] for publisher in network.publishers)


async def test_results_before_the_opening_are_an_alarm(network):
    network.cut()
    network.now = OPENS - timedelta(minutes=1)
    found = await network.codes()
    assert all(W.EARLY.code in found[publisher.id] for publisher in network.publishers)


# history


async def test_indefinite_freeze(network):
    network.cut()
    await network.look()
    network.cut(network.tec, network.unam)
    report = await network.look()
    assert codes(report) == {}
    assert site_of(report, "uv").state is State.BEHIND
    assert (site_of(report, "uv").cuts_behind, site_of(report, "uv").seconds_behind) == (1, 1200)
    report = await network.look(timedelta(minutes=6))
    assert codes(report) == only(network.uv, W.FREEZE)
    assert report.newest.held_by == ("tec", "unam")
    network.uv.copy(network.center.tree)
    assert await network.codes() == {}


async def test_a_publisher_with_nothing_while_others_have_a_cut_is_frozen_too(network):
    network.cut(network.tec, network.unam)
    network.uv.instead |= {"checkpoint": None, "current.json": None, "": None}
    assert await network.codes() == {}
    assert await network.codes(timedelta(minutes=6)) == only(network.uv, W.FREEZE)


async def test_rollback(network):
    network.cut()
    old = network.folder / "old"
    shutil.copytree(network.uv.folder, old, symlinks=True)
    network.cut()
    await network.look()
    shutil.rmtree(network.uv.folder)
    shutil.copytree(old, network.uv.folder, symlinks=True)
    assert await network.codes() == only(network.uv, W.ROLLBACK)
    network.restart()
    assert await network.codes() == only(network.uv, W.ROLLBACK)


async def test_a_laggard_whose_cut_nobody_saw_is_proven_by_others_and_no_fork(network):
    network.cut()
    network.cut(network.tec, network.unam)
    network.cut(network.tec, network.unam)
    await network.look()
    report = await network.look()
    assert (codes(report), report.forks) == ({}, ())
    assert site_of(report, "uv").state is State.BEHIND
    assert site_of(report, "uv").cuts_behind == 2


@pytest.mark.parametrize("theirs", [1, 2])
async def test_split_view(network, theirs):
    """Of one size, and of another: both notes are kept, and neither is ever forgotten."""
    network.cut()
    network.cut()
    await network.look()
    lie = [version(1, acta(0, votes=(1,) * 11)), version(2, acta(3)), version(3, outside())]
    other = impostor(network, 1, lie)
    if theirs == 2:
        other.next_cut()
    network.uv.copy(other.tree)
    report = await network.look()
    found = codes(report)
    assert W.SPLIT_VIEW.code in found["uv"]
    assert found["network"] == {W.SPLIT_VIEW.code}
    assert "uv" not in report.newest.held_by
    assert {"tec", "unam"} == set(report.newest.held_by)

    (fork,) = report.forks
    assert (fork.smaller.size == fork.larger.size) is (theirs == 1)
    folder = network.folder / "watch" / fork.evidence
    notes = [path.read_bytes() for path in folder.glob("*.note")]
    opened = [
        open_checkpoint(
            note, origin=network.center.signer.name, log=[network.center.signer.verifier]
        )
        for note in notes
    ]
    assert {note.checkpoint.root.hex() for note in opened} == {fork.smaller.root, fork.larger.root}
    kept = msgspec.json.decode((folder / "fork.json").read_bytes(), type=Fork)
    sizes, root = (kept.smaller.size, kept.larger.size), kept.larger.root
    assert verify_consistency(*sizes, kept.beginning, root, kept.proof) or theirs == 1
    assert kept.beginning != kept.smaller.root or theirs == 1

    network.uv.copy(network.center.tree)
    network.restart()
    report = await network.look()
    assert codes(report)["network"] == {W.SPLIT_VIEW.code}
    assert report.forks == (fork,)


async def test_a_fork_is_seen_though_its_files_are_withheld(network):
    network.cut()
    network.cut()
    await network.look()
    lie = [version(1, acta(0, votes=(1,) * 11)), version(2, acta(3)), version(3, outside())]
    network.uv.copy(impostor(network, 1, lie).tree)
    shutil.rmtree(network.uv.folder / "tile")
    found = await network.codes()
    assert found == {"network": {W.SPLIT_VIEW.code}, **only(network.uv, W.MISSING)}


async def test_a_thief_of_the_logs_key_cannot_fast_forward_the_network(network):
    network.cut()
    await network.look()
    far = sign_checkpoint(
        Checkpoint(network.center.signer.name, 2**40, b"\x07" * 32), [network.center.signer]
    )
    (network.uv.folder / "checkpoint").resolve().write_bytes(far)
    report = await network.look()
    assert codes(report)["uv"] <= {W.LOG_FILES.code, W.MISSING.code}
    assert set(codes(report)) == {"uv"}
    assert report.newest.cut == 0
    assert site_of(report, "tec").state is State.CURRENT


async def test_a_log_key_that_ended_signs_no_later_cut(network):
    network.cut()
    await network.look()
    ended = Changes(
        log_keys=[LogKey(str(Signer(network.center.signer.name, new_key()).verifier), 1)],
        ended_log_keys={str(network.center.signer.verifier): 0},
    )
    network.trust.version(ended, now=network.now)
    network.cut()
    network.trust.refresh(network.now)
    report = await network.look()
    assert all(
        codes(report)[publisher.id] == {W.SIGNATURE.code} for publisher in network.publishers
    )
    assert report.newest.cut == 0


# content


async def test_every_file_of_a_cut_altered_in_turn(network):
    for _ in range(3):
        network.cut()
    manifest = wire.decode(network.center.tree.read("cuts/2.json"), wire.Manifest)
    size = manifest.leaf + 1
    paths = {*files_of(manifest), "cuts/2.json", "current.json", "checkpoint"}
    paths |= {tile.path for tile in partial_tiles(size)}
    assert len(paths) > 6
    await network.look()
    for path in sorted(paths):
        true = network.uv.read(path)
        for at in {0, len(true) // 2, len(true) - 1}:
            network.uv.instead[path] = true[:at] + bytes([true[at] ^ 1]) + true[at + 1 :]
            report = await network.look()
            assert set(codes(report)) == {"uv"}, (path, at)
            assert "uv" not in report.newest.held_by
        del network.uv.instead[path]
    assert await network.codes() == {}


async def test_an_altered_object_inside_a_pack_is_found_on_the_way_down(network):
    network.cut()
    network.cut()
    for path in network.uv.folder.joinpath("packs").iterdir():
        path.write_bytes(path.read_bytes().replace(b'"kind":"run"', b'"kind":"ruN"'))
    network.restart(sampling=Sampling(files=0))
    found = set()
    for _ in range(20):
        found |= (await network.codes()).get("uv", set())
    assert found == {W.ALTERED.code}


async def test_an_altered_image_is_found_and_one_that_is_still_to_come_is_no_fault(network):
    picture, center = jpeg(1), network.center
    path = image_path(digest_of(picture))
    network.cut()
    center.cutter.learn([version(1, acta(2, image_sha256=digest_of(picture)))])
    center.hold(2, picture)
    network.cut()
    assert await network.codes() == {}
    network.restart(sampling=Sampling(files=0))

    async def found():
        looks = [await network.codes() for _ in range(20)]
        return {code for look in looks for code in look.get("uv", set())}

    network.uv.instead[path] = None
    assert await found() == set()
    network.uv.instead[path] = picture[:-1] + b"\0"
    assert await found() == {W.ALTERED.code}


async def test_a_server_without_ranges_is_compared_all_the_same(network):
    async def whole(asked):
        return web.Response(body=network.uv.read(asked.path.removeprefix("/")))

    network.cut()
    network.cut()
    for path in network.uv.folder.joinpath("packs").iterdir():
        network.uv.instead[f"packs/{path.name}"] = whole
    report = await network.look()
    assert codes(report) == {}
    assert site_of(report, "uv").compared >= 5


def description_of(network):
    manifest = wire.decode(network.center.tree.read("cuts/0.json"), wire.Manifest)
    return manifest.description.path


async def test_a_missing_file(network):
    network.cut()
    for missing in ("packs/1.pack", "cuts/0.where", description_of(network)):
        network.uv.instead = {missing: None}
        assert await network.codes() == only(network.uv, W.MISSING), missing


@pytest.mark.parametrize(
    "where",
    [
        b"[]",
        b'{"schema":2,"cut":1,"roots":{"AYUN":[1,0,10]}}',
        b'{"schema":2,"cut":0,"roots":{}}',
        b'{"schema":2,"cut":0,"roots":{"AYUN":[1,-1,10]}}',
        b'{"schema":2,"cut":0,"roots":{"AYUN":[1,0,10]}}',
    ],
    ids=["no places", "of another cut", "of no contest", "no place", "another place"],
)
async def test_a_site_that_does_not_say_where_its_results_are(network, where):
    network.cut()
    network.uv.instead["cuts/0.where"] = where
    assert await network.codes() == only(network.uv, W.ALTERED)


@pytest.mark.parametrize("what", ["deep", "places"])
async def test_what_a_site_says_of_its_packs_hides_no_fault_of_it(network, what):
    """A false pointer beside a ``.where`` that no decoder takes: both are told."""
    network.cut()
    deep = b'{"x":' + b"[" * 5000 + b"]" * 5000 + b',"schema":2,"cut":0,"roots":{}}'
    far = b'{"schema":2,"cut":0,"roots":{"AYUN":[1,9223372036854775808,10]}}'
    await network.look()
    network.uv.instead["cuts/0.where"] = {"deep": deep, "places": far}[what]
    network.uv.instead["current.json"] = network.uv.read("current.json").replace(
        b'"cut":0', b'"cut":7'
    )
    assert await network.codes() == only(network.uv, W.POINTER, W.ALTERED)


async def test_what_nobody_expected_in_a_look_is_a_fault_of_that_site(network, monkeypatch, caplog):
    network.cut()
    assert await network.codes() == {}

    class Falling(Comparing):
        async def compare(self, *_):
            raise RecursionError("too deep")

    def comparing(visitor, address, *how):
        kind = Falling if address == network.uv.address else Comparing
        return kind(visitor, address, *how)

    monkeypatch.setattr(looking, "Comparing", comparing)
    network.uv.instead["current.json"] = network.uv.read("current.json").replace(
        b'"cut":0', b'"cut":7'
    )
    report = await network.look()
    assert codes(report) == only(network.uv, W.POINTER, W.UNEXPECTED)
    assert site_of(report, "uv").state is State.ALARM
    assert site_of(report, "uv").cut == 0
    assert report.newest.held_by == ("tec", "unam")
    assert "too deep" in caplog.text


async def test_packs_of_a_site_are_its_own(network):
    """The same objects in another pack, at other places, are no difference to anybody."""
    network.cut()
    repacked(network.uv)
    report = await network.look()
    assert codes(report) == {}
    assert site_of(report, "uv").compared == site_of(report, "tec").compared


def repacked(publisher):
    """Have the objects of the first cut in another order, under another number."""
    tree = TreeDirectory(publisher.folder)
    reader = ResultsReader(tree.read_at)
    where = tree.where(0)
    root = Link(
        wire.decode(tree.read("cuts/0.json"), wire.Manifest).contests[0].results,
        where.roots["AYUN"],
    )

    def again(link, pack):
        data, at = packed_object(tree.read_at(link.at), link.digest)
        parts = links_to(parts_of(decode_object(data)), at)
        places = {part.digest: again(part, pack) for part in reversed(parts)}
        return pack.add(data, [places[part.digest] for part in parts])

    assert reader.area(root).children
    with tree.writing_pack(77) as pack:
        tree.place_where(Where(2, 0, {"AYUN": again(root, pack)}))
    tree.drop_packs([1])


async def test_an_acta_that_the_log_does_not_have_where_a_run_says(network):
    network.cut()
    network.cut()
    network.restart(sampling=Sampling(files=0))
    for tile in partial_tiles(network.center.tree_size()):
        if tile.level == ENTRIES:
            network.uv.instead[tile.path] = None
    assert await network.codes() == only(network.uv, W.MISSING)


async def test_a_manifest_that_the_log_does_not_name(network):
    network.cut()
    network.uv.instead["cuts/0.json"] = network.uv.read("cuts/0.json") + b" "
    assert await network.codes() == only(network.uv, W.MANIFEST)


async def test_mix_and_match_of_cuts(network):
    network.cut()
    earlier = network.uv.read("current.json")
    network.cut()
    network.uv.instead["current.json"] = earlier
    assert await network.codes() == only(network.uv, W.POINTER)


@pytest.mark.parametrize("at", ["checkpoint", "current.json", "/"])
async def test_cuts_that_change_while_one_looks_are_no_fault(network, at):
    """Three times in one look, so that pointer and checkpoint are of two cuts all the while."""
    network.cut()
    await network.look()

    async def turn(asked):
        if asked.path.removeprefix("/") == at.removeprefix("/") and network.center.cut < 3:
            now = network.now
            network.cut()
            network.now = now  # an answer under way must not find its own date old

    network.uv.before = turn
    assert await network.codes() == {}
    assert network.center.cut == 3


async def test_other_rules_under_the_right_key_are_another_election(network):
    network.cut()
    other = SmallCenter(network.folder / "other", name="center", authority="Otra autoridad")
    other.cutter = Cutter(other.election, other.tree, network.center.signer)
    other.next_cut()
    network.uv.copy(other.tree)
    assert W.OTHER_ELECTION.code in (await network.codes())["uv"]


async def test_an_unsigned_checkpoint(network):
    network.cut()
    text, _ = split_note(network.uv.read("checkpoint"))
    network.uv.instead["checkpoint"] = sign_note(text, [Signer("chica-2024/log", new_key())])
    assert await network.codes() == only(network.uv, W.SIGNATURE)


async def test_a_wrong_cosignature_of_another_publisher(network):
    network.cut()
    checkpoint = Checkpoint.parse(split_note(network.uv.read("checkpoint"))[0])
    wrong = Checkpoint(checkpoint.origin, checkpoint.size + 1, checkpoint.root)
    line = cosign_checkpoint(wrong, network.tec.cosigner, 1)
    network.uv.instead["checkpoint"] = network.uv.read("checkpoint") + line.encode()
    assert await network.codes() == only(network.uv, W.SIGNATURE)


@pytest.mark.parametrize("changes", [{"drill": True}, {"id": "otra-2024"}])
async def test_a_drill_or_another_election_where_the_real_one_is_watched(network, changes):
    network.cut()
    other = SmallCenter(network.folder / "other", **changes)
    other.next_cut()
    network.uv.copy(other.tree)
    assert await network.codes() == only(network.uv, W.OTHER_ELECTION)


async def test_a_page_of_another_make_under_the_right_name(network):
    network.cut()
    network.uv.instead[description_of(network)] = b""
    assert await network.codes() == only(network.uv, W.ALTERED)


async def test_log_files_that_do_not_prove_the_signed_root(network):
    network.cut()
    await network.look()
    network.cut()
    size = network.center.tree_size()
    for tile in partial_tiles(size):
        if tile.level == 0:
            network.uv.instead[tile.path] = bytes(tile.width * 32)
    assert await network.codes() == only(network.uv, W.LOG_FILES)


# all of them


async def test_too_few_hold_a_cut(network):
    network.cut(network.tec)
    for publisher in (network.unam, network.uv):
        await publisher.server.close()
    await network.look()
    found = await network.codes(timedelta(minutes=6))
    assert found["network"] == {W.QUORUM.code}


async def test_a_publisher_that_serves_and_does_not_cosign_does_not_hold(network):
    network.cut()
    shutil.copy(network.center.tree.root / "checkpoint", network.uv.folder / "checkpoint")
    report = await network.look()
    assert report.newest.held_by == ("tec", "unam")
    assert not site_of(report, "uv").holds_newest


async def test_nobody_has_a_new_cut_while_results_are_open(network):
    network.cut()
    assert await network.codes(timedelta(minutes=29)) == {}
    assert await network.codes(timedelta(minutes=2)) == {"network": {W.STANDSTILL.code}}


async def test_after_the_retention_date_publishers_may_close(network):
    for _ in range(4):
        network.cut()
    await network.look()
    network.now = RETAINED + timedelta(minutes=1)
    await network.uv.server.close()
    report = await network.look()
    assert codes(report) == {}
    assert [notice.code for notice in report.notices] == [W.RETENTION_ENDED.code]
    assert site_of(report, "uv").state is State.CLOSED


# trust


async def test_a_revoked_publisher_is_watched_no_more(network):
    network.cut()
    await network.look()
    network.trust.version(Changes(revoked_publishers=["uv"]), now=network.now)
    network.now += timedelta(minutes=2)
    network.trust.refresh(network.now)
    report = await network.look()
    assert [site.publisher for site in report.sites] == ["center", "tec", "unam"]
    assert (report.publishers, report.newest.held_by) == (2, ("tec", "unam"))


async def test_one_publishers_bad_trust_root_is_passed_over(network):
    network.cut()
    network.host.instead["trust/timestamp.json"] = b"{}"
    assert await network.codes() == {}


async def test_publishers_that_renew_the_trust_root_later_than_the_watch_raise_nothing(network):
    network.cut()
    older = (network.trust.folder / "timestamp.json").read_bytes()
    network.now += timedelta(minutes=2)
    network.trust.refresh(network.now)
    network.root.refresh(network.trust.fetch, network.now)
    for host in (network.host, *network.publishers):
        host.instead["trust/timestamp.json"] = older
    assert await network.codes() == {}


async def test_a_trust_root_that_nobody_serves_rightly_is_an_alarm(network):
    network.cut()
    for host in (network.host, *network.publishers):
        host.instead["trust/timestamp.json"] = b"{}"
    report = await network.look()
    assert codes(report) == {"network": {W.TRUST.code}}
    assert report.newest.held_by == ("tec", "unam", "uv")


# certificates


@pytest.mark.parametrize(
    ("ends_in", "expected", "reached"),
    [
        (timedelta(days=30), set(), True),
        (timedelta(days=3), {W.TLS}, True),
        (timedelta(days=-1), {W.TLS}, False),
    ],
)
async def test_a_certificate_that_ended_or_is_about_to(network, ends_in, expected, reached):
    network.cut()
    now = datetime.now(UTC)
    path = certificate(network.folder, now + ends_in)
    server, client = (
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        ssl.create_default_context(cafile=path),
    )
    server.load_cert_chain(path)
    host = TestServer(network.uv.application(), scheme="https")
    await host.start_server(ssl=server)
    ground = Ground(
        network.root.trusted(),
        LogHistory(History()),
        Visitor(client),
        lambda: now,
        random.Random(1),
        EVERYTHING,
        timedelta(days=7),
        {},
    )
    async with ground.visitor:
        look = await look_at(Site("uv", "uv", str(host.make_url("/")).rstrip("/")), ground, ())
    await host.close()
    assert {fault.code for fault in look.faults} == expected
    assert look.published is reached


# the watch's own disk


async def test_a_damaged_memory_is_never_taken_for_a_first_start(network):
    network.cut()
    await network.look()
    path = network.folder / "watch/seen.json"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(Refused, match=r"^M021 "):
        network.restart()


async def test_the_memory_of_another_election_is_refused(network):
    network.cut()
    await network.look()
    path = network.folder / "watch/seen.json"
    path.write_bytes(path.read_bytes().replace(b"chica-2024", b"otra-2024", 1))
    with pytest.raises(Refused, match=r"^M011 "):
        network.restart()


async def test_what_was_seen_is_on_disk_before_a_report_tells_of_it(network, monkeypatch):
    network.cut()

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(watching, "write_durably", full)
    with pytest.raises(OSError, match="No space"):
        await network.look()
