"""An enrolled mirror's whole process, with a real distribution service in the same loop."""

import asyncio
import logging
from datetime import timedelta

import aiohttp
import pyrage
import pytest
from click.testing import CliRunner

from mirror.night import public_files
from openprep.cli.main import main
from openprep.distribution.export import seal_into_file
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.process import following as run
from openprep.mirror.process.lock import alone_in
from openprep.mirror.process.publisher import PublisherMirror, PublisherPlan
from openprep.mirror.process.report import troubles_of, words_of
from openprep.mirror.process.status import read_status
from openprep.mirror.process.stick import show_carried
from openprep.mirror.sources.source import Source
from openprep.mirror.trust.membership import Member, Membership
from small.election import OPENS, small_election
from small.publishers import EVENING, hurry, small_network, until
from small.trust import NOW


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    hurry(monkeypatch)


@pytest.fixture
async def network(tmp_path):
    async with small_network(tmp_path) as network:
        yield network


@pytest.fixture
def trust_looked_at_often(monkeypatch):
    monkeypatch.setattr("openprep.mirror.process.publisher.TRUST_EVERY", 0.1)


@pytest.fixture
def tec(network):
    return network.mirrors["tec"]


@pytest.fixture
def unam(network):
    return network.mirrors["unam"]


async def test_every_cut_reaches_the_mirror_as_soon_as_it_is_made(network, tec):
    tec.start()
    for cut in range(4):
        network.center.next_cut()
        await tec.shows(cut)
    ours, theirs = public_files(tec.folder / "public"), public_files(network.center.tree.root)
    different = {name for name in theirs if ours.get(name) != theirs[name]}
    different = {name for name in different if not name.startswith("trust/")}
    assert different <= {"checkpoint", "live/checkpoint"}, "a cosignature is added, and no more"


async def test_each_publisher_s_cosignature_reaches_all_checkpoints(network, tec, unam):
    network.center.next_cut()
    tec.start()
    unam.start()
    both = {"tec", "unam"}
    await until(lambda: network.cosigners(network.center.tree.read("checkpoint")) == both)
    for mirror in (tec, unam):
        await until(lambda mirror=mirror: mirror.status.cosigned_by == 2)
        assert network.cosigners(mirror.read("checkpoint")) == both
    assert tec.status.quorum == 2


async def test_a_cosignature_that_found_the_centre_down_is_handed_over_later(network, tec):
    network.center.next_cut()
    tec.start()
    await tec.shows(0)
    await tec.stop()
    await network.close()
    network.center.tree.amend_head(0, "checkpoint", network.center.tree.read("cuts/0.note"))
    tec.start()
    await until(lambda: tec.status.failures > 0)
    await network.open()
    await until(lambda: network.cosigners(network.center.tree.read("checkpoint")) == {"tec"})


async def test_a_mirror_that_starts_before_the_centre_waits_for_it(network, tec):
    await network.close()
    tec.start()
    await until(lambda: tec.status.trust_trouble is not None)
    assert MirrorCode.UNREACHABLE.code in read_status(tec.folder / "status.json").trust_trouble
    network.center.next_cut()
    await network.open()
    await tec.shows(0)
    await until(lambda: tec.status.trust_trouble is None)


async def test_a_mirror_asks_seldom_before_there_is_anything(network, tec, monkeypatch):
    asked = []
    count = network.service.distribution.news.after

    async def after(cut, seconds):
        asked.append(seconds)
        return await count(cut, seconds)

    monkeypatch.setattr(network.service.distribution.news, "after", after)
    tec.start()
    await until(lambda: len(asked) >= 2)
    assert asked[:2] == [0.0, 25.0], "the second question waits at the centre"
    network.center.next_cut()
    await tec.shows(0)


async def test_what_is_up_is_served_at_once_though_nobody_answers(network, tec):
    network.center.next_cut()
    tec.start()
    await tec.shows(0)
    await tec.stop()
    await network.close()
    tec.start(serving=True)
    async with aiohttp.ClientSession() as session:

        async def serves():
            try:
                async with session.get(f"{tec.base}/current.json") as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        async with asyncio.timeout(10):
            while not await serves():
                await asyncio.sleep(0.01)


async def test_with_the_centre_dark_cuts_come_from_another_publisher(network, tec, unam):
    network.center.next_cut()
    for mirror in (tec, unam):
        mirror.start(serving=True)
        await mirror.shows(0)
    await tec.stop()
    network.center.next_cut()
    await unam.shows(1)
    await network.close()
    tec.start(serving=True)
    await tec.shows(1)
    status = tec.status
    await until(lambda: status.source == unam.base)
    assert status.error is not None, "that the centre is silent is still told"
    await network.open()
    network.center.next_cut()
    await tec.shows(2)
    await until(lambda: status.error is None)


HOLE = ("cuts/0.note", "cuts/1.json")


def lose_part_of_the_past(mirror):
    """As a disk may; what was lost."""
    lost = {name: mirror.read(name) for name in HOLE}
    for name in HOLE:
        (mirror.folder / "public" / name).unlink()
    return lost


async def shows_cut_2(network, *mirrors):
    for _ in range(3):
        network.center.next_cut()
    for mirror in mirrors:
        await mirror.start(serving=True).shows(2)


@pytest.mark.parametrize("dark", [False, True], ids=["from the centre", "with the centre dark"])
async def test_a_hole_in_the_past_heals_by_itself(network, tec, unam, dark):
    await shows_cut_2(network, tec, *([unam] if dark else []))
    await tec.stop()
    lost = lose_part_of_the_past(tec)
    if dark:
        await network.close()
    await tec.start().shows(2)
    await until(lambda: {name: tec.read(name) for name in HOLE} == lost)
    await until(lambda: tec.status.gaps == 0 and tec.status.looked is not None)


async def test_a_hole_that_nobody_can_fill_is_told_and_no_new_cut_waits_for_it(network, tec):
    await shows_cut_2(network, tec)
    await tec.stop()
    lose_part_of_the_past(tec)
    network.center.tree.path("cuts/0.note").unlink()
    tec.start()
    network.center.next_cut()
    await tec.shows(3)
    await until(lambda: tec.status.gaps == 2)
    words = "\n".join(words_of(tec.status, tec.folder, EVENING))
    assert "past cuts:    2 lack a file" in words


async def test_a_stick_fills_a_hole_in_the_past(network, tec):
    await shows_cut_2(network, tec)
    await tec.stop()
    lost = lose_part_of_the_past(tec)
    await carried(network, tec)
    stick = network.folder / "stick.age"
    await asyncio.to_thread(show_carried, tec.folder, stick, lambda: EVENING)
    assert {name: tec.read(name) for name in HOLE} == lost


async def test_before_the_opening_nothing_is_served_and_then_everything_is(network, tec):
    network.now[0] = OPENS - timedelta(minutes=1)
    network.trust.refresh(network.now[0])
    network.center.next_cut()
    tec.start(serving=True)
    await tec.shows(0)
    async with aiohttp.ClientSession() as session:
        for path in ("", "current.json", "checkpoint", "cuts/0.json"):
            async with session.get(f"{tec.base}/{path}") as answer:
                assert answer.status == 503
                assert answer.headers["Cache-Control"] == "no-store"
        assert "not yet" in "\n".join(words_of(tec.status, tec.folder, network.now[0]))
        network.now[0] = OPENS
        async with session.get(f"{tec.base}/current.json") as answer:
            assert answer.status == 200


async def test_after_the_retention_the_cut_stays_up_and_the_status_says_so(network, tec):
    network.center.next_cut()
    tec.start(serving=True)
    await tec.shows(0)
    network.now[0] = network.trust.found().policy.retained_until
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{tec.base}/current.json") as answer,
    ):
        assert answer.status == 200
    assert "may be taken down" in "\n".join(words_of(tec.status, tec.folder, network.now[0]))


async def test_a_key_of_the_log_that_is_replaced_reaches_a_mirror_that_runs(network, tec):
    tec.start()
    network.center.next_cut()
    await tec.shows(0)
    network.rotate(last_cut=0)
    network.center.next_cut()
    await tec.shows(1)


@pytest.mark.usefixtures("trust_looked_at_often")
async def test_an_ended_key_signs_no_later_cut(network, tec):
    tec.start()
    network.center.next_cut()
    await tec.shows(0)
    thief, genuine = network.rotate(last_cut=0), network.center.signer
    await until(lambda: len(tec.membership.trust_root.trusted().log.keys) == 2)
    network.center.restart(signer=thief)
    network.center.next_cut()
    await until(lambda: tec.status.code == MirrorCode.SIGNATURE.code)
    assert tec.cut == 0
    network.center.restart(signer=genuine)
    network.center.next_cut()
    await tec.shows(2)


async def test_rules_that_no_ceremony_vouched_for_are_neither_shown_nor_cosigned(network, tec):
    network.center.restart(election=small_election(name="Otra"))
    network.center.next_cut()
    tec.start()
    await until(lambda: tec.status.code == MirrorCode.RULES.code)
    assert tec.cut is None
    assert not network.cosigners(network.center.tree.read("checkpoint"))


@pytest.mark.usefixtures("trust_looked_at_often")
async def test_a_revoked_publisher_says_so_and_does_not_cosign(network, tec):
    tec.start()
    network.center.next_cut()
    await tec.shows(0)
    network.change(revoked_publishers=["tec"])
    await until(lambda: tec.status.revoked is not None)
    await tec.stop()
    status = read_status(tec.folder / "status.json")
    assert "S004" in "\n".join(line for _, line in troubles_of(status, tec.folder))
    assert "ask the authority" in "\n".join(words_of(status, tec.folder, EVENING))
    assert tec.membership.cosigner_under(network.trust_data(), network.now[0]) is None


@pytest.mark.usefixtures("trust_looked_at_often")
async def test_trust_that_expired_keeps_the_cut_up_and_is_told(network, tec):
    network.center.next_cut()
    tec.start()
    await tec.shows(0)
    network.now[0] += timedelta(hours=30)
    await until(lambda: tec.status.trust_trouble is not None)
    assert MirrorCode.TRUST_EXPIRED.code in tec.status.trust_trouble
    network.center.next_cut()
    await tec.shows(1)
    assert ("trust root", tec.status.trust_trouble) in troubles_of(tec.status, tec.folder)


async def test_the_mirror_passes_on_all_that_vouches(network, tec, unam):
    """A publisher that only another publisher reaches follows the trust root all the same."""
    network.center.next_cut()
    tec.start(serving=True)
    await tec.shows(0)
    await until(lambda: tec.read("trust/timestamp.json") is not None)
    await network.close()
    root = unam.membership.trust_root
    async with Source(tec.base) as source:
        trust = await root.refresh_from(source, network.now[0])
    assert [publisher.id for publisher in trust.publishers] == ["tec", "unam"]


async def test_a_lost_file_of_the_passed_on_trust_is_put_back(network, tec):
    network.center.next_cut()
    tec.start()
    await until(lambda: tec.read("trust/timestamp.json") is not None)
    await tec.stop()
    before = {path.name: path.read_bytes() for path in (tec.folder / "public/trust").iterdir()}
    for path in (tec.folder / "public/trust").iterdir():
        path.unlink()
    tec.start()
    await until(lambda: tec.read("trust/timestamp.json") is not None)
    after = {path.name: path.read_bytes() for path in (tec.folder / "public/trust").iterdir()}
    assert after == before


async def test_something_unexpected_does_not_stop_the_mirror(network, tec, monkeypatch):
    network.center.next_cut()
    tec.start()
    await tec.shows(0)
    real = run.Follower.step

    async def broken(self, source=None):
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(run.Follower, "step", broken)
    network.center.next_cut()
    await until(lambda: tec.status.code == MirrorCode.UNEXPECTED.code)
    monkeypatch.setattr(run.Follower, "step", real)
    await tec.shows(1)


async def test_a_disk_too_full_for_the_status_does_not_stop_the_mirror(
    network, tec, monkeypatch, caplog
):
    network.center.next_cut()
    tec.start()
    await tec.shows(0)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("openprep.mirror.process.status.write_durably", full)
    monkeypatch.setattr("openprep.mirror.follow.seen.write_durably", full)
    with caplog.at_level(logging.WARNING, "openprep.mirror"):
        network.center.next_cut()
        await until(lambda: tec.status.code == MirrorCode.DISK.code)
        before = tec.status.failures
        await until(lambda: tec.status.failures > before + 1)
    assert tec.cut == 0
    assert sum("status was not written" in message for message in caplog.messages) == 1
    monkeypatch.undo()
    await tec.shows(1)


async def test_one_process_works_in_a_folder(network, tec, tmp_path):
    network.center.next_cut()
    tec.start()
    await tec.shows(0)
    other = PublisherMirror(PublisherPlan(tec.folder, lambda: EVENING, "127.0.0.1", None))
    with pytest.raises(Refused) as refused:
        await other.run()
    assert refused.value.code is MirrorCode.IN_USE
    with pytest.raises(Refused) as refused:
        await asyncio.to_thread(show_carried, tec.folder, tmp_path / "any", lambda: EVENING)
    assert refused.value.code is MirrorCode.IN_USE
    await tec.stop()
    with alone_in(tec.folder):
        pass


async def carried(network, mirror, after=None):
    out = network.folder / "stick.age"

    def clock():
        return network.now[0]

    await asyncio.to_thread(seal_into_file, network.folder, mirror.id, after, out, clock)
    return await asyncio.to_thread(show_carried, mirror.folder, out, clock)


async def test_a_package_on_a_stick_is_shown_and_told_and_then_followed_from(network, tec):
    for _ in range(2):
        network.center.next_cut()
    shown = await carried(network, tec)
    assert shown.cut == tec.cut == 1
    status = read_status(tec.folder / "status.json")
    assert (status.cut, status.announced) == (1, 1)
    assert await carried(network, tec) is None
    tec.start()
    await until(lambda: network.cosigners(network.center.tree.read("checkpoint")) == {"tec"})
    network.center.next_cut()
    await tec.shows(2)


async def test_a_stick_brings_the_trust_root_that_names_another_key(network, tec):
    network.center.next_cut()
    assert (await carried(network, tec)).cut == 0
    network.rotate(last_cut=0)
    network.center.next_cut()
    assert (await carried(network, tec, after=0)).cut == 1
    assert tec.read("trust/3.targets.json") is not None


async def test_a_stick_mends_a_damaged_tree(network, tec):
    network.center.next_cut()
    await carried(network, tec)
    (description, *_) = (tec.folder / "public/objects").rglob("*.json")
    description.write_bytes(b"damaged")
    network.center.next_cut()
    assert (await carried(network, tec)).cut == 1


async def test_a_stick_for_another_publisher_is_refused(network, tec, unam):
    network.center.next_cut()
    await carried(network, tec)
    with pytest.raises(Refused) as refused:
        await asyncio.to_thread(
            show_carried, unam.folder, network.folder / "stick.age", lambda: EVENING
        )
    assert "S040 it is sealed to another key: another publisher's" in str(refused.value)
    assert unam.cut is None
    assert not [path for path in (unam.folder / "staging").rglob("*") if path.is_file()]


async def test_a_stick_of_16000_stanzas_is_refused_before_age_sees_it(network, tec, monkeypatch):
    monkeypatch.setattr(pyrage, "decrypt_io", None)
    stick = network.folder / "stick.age"
    stick.write_bytes(b"age-encryption.org/v1\n" + b"-> X a\nAAAA\n" * 16_000 + b"--- ")
    with pytest.raises(Refused, match="S040 its header") as refused:
        await asyncio.to_thread(show_carried, tec.folder, stick, lambda: EVENING)
    assert refused.value.code is MirrorCode.PACKAGE


@pytest.mark.parametrize(
    "wrong",
    [
        {"publisher": "two words"},
        {"publisher": ""},
        {"addresses": ("http://prep.example",)},
        {"name": "two\nlines"},
    ],
)
def test_a_request_that_would_be_refused_leaves_no_keys(tmp_path, wrong):
    membership = Membership(tmp_path / "mirror")
    right = {
        "election": "chica-2024",
        "drill": False,
        "publisher": "tec",
        "name": "Tec",
        "addresses": (),
    }
    with pytest.raises(Refused, match=MirrorCode.REQUEST.code):
        membership.init(Member(**{**right, **wrong}), NOW)
    assert not (tmp_path / "mirror").exists() or not list((tmp_path / "mirror").iterdir())
    membership.init(Member(**right), NOW)


def test_init_that_was_cut_short_goes_on_with_the_same_keys(tmp_path, monkeypatch):
    membership = Membership(tmp_path / "mirror")
    member = Member("chica-2024", False, "tec", "Tec", ())

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("openprep.mirror.trust.membership.write_durably", killed)
    with pytest.raises(KeyboardInterrupt):
        membership.init(member, NOW)
    monkeypatch.undo()
    keys = membership.keys.public
    membership.init(member, NOW)
    assert membership.keys.public == keys


async def test_a_root_of_another_election_is_not_kept(network, tmp_path):
    membership = Membership(tmp_path / "other")
    membership.init(Member("otra-2024", False, "tec", "Tec", ()), NOW)
    trust = network.trust
    with pytest.raises(Refused) as refused:
        membership.join(network.base, trust.root_bytes, trust.fingerprint)
    assert refused.value.code is MirrorCode.TRUST_OTHER
    assert not (tmp_path / "other/trust/joined.root.json").exists()


async def test_a_drill_is_followed_as_a_drill_and_never_as_real(tmp_path):
    async with small_network(tmp_path / "drill", ("tec",), drill=True) as drill:
        tec = drill.mirrors["tec"].start()
        drill.center.next_cut()
        await tec.shows(0)
        assert b'"drill":true' in tec.read("current.json")
        assert tec.status.drill is True
        assert "a drill of" in "\n".join(words_of(tec.status, tec.folder, EVENING))
        real = Membership(tmp_path / "real")
        real.init(Member(drill.center.election.id, False, "tec", "Tec", ()), NOW)
        with pytest.raises(Refused) as refused:
            real.join(drill.base, drill.trust.root_bytes, drill.trust.fingerprint)
        assert refused.value.code is MirrorCode.TRUST_OTHER


@pytest.mark.usefixtures("trust_looked_at_often")
async def test_status_ends_with_1_where_an_operator_should_look(network, tec):
    network.center.next_cut()
    tec.start()
    await tec.shows(0)
    await until(lambda: tec.status.answered is not None)
    await until(lambda: tec.status.trust_trouble is None)
    command = ["mirror", "status", "--data", str(tec.folder)]
    run_it = CliRunner().invoke
    assert (await asyncio.to_thread(run_it, main, command)).exit_code == 0
    network.now[0] += timedelta(hours=30)
    await until(lambda: tec.status.trust_trouble is not None)
    for form in ((), ("--json",), ("--metrics",)):
        result = await asyncio.to_thread(run_it, main, [*command, *form])
        assert result.exit_code == 1
        assert result.output
