"""The desks of a real process: people of a signed list come in, and what they type is published."""

import asyncio
from datetime import timedelta

import aiohttp
import pyotp
import pytest

from desks.serving.center import published
from desks.serving.running import make_places, plan_of, running
from desks.small_house import OPENED, steps_of
from desks.web.room import ORIGIN, Browser, all_of
from openprep.capture.acts import HouseAct, LetIn, ShutOut, Who
from openprep.desks.pictures import Shot
from openprep.desks.serving import entering
from openprep.desks.serving.room import Entry
from openprep.people.codes import RosterCode, RosterRefused
from openprep.people.roles import Role
from openprep.people.roster import Person, Roster, seal_roster, signer_name
from openprep.people.sessions import Sessions
from openprep.record.codes import RecordCode, RecordTrouble
from openprep.wire.cut.ref import image_path
from openprep.wire.note import Signer
from people.small_house import PASSWORD, SECRET, password_hash, pseudonym
from small.image import digest_of, jpeg
from small.publishers import until
from small.trust import new_key
from transmission.small_center import ELECTION, NOW

SIGNER = Signer(signer_name(ELECTION.id), new_key())
PEOPLE = {"c001": "CCV1", "c002": "CCV2"}


def write_list(path, number=1, people=PEOPLE, since=NOW - timedelta(days=1)):
    listed = tuple(
        Person(name, pseudonym(name), Role.CAPTURISTA, (place,), password_hash(), SECRET)
        for name, place in people.items()
    )
    day = timedelta(days=1)
    roster = Roster(ELECTION.id, number, since, since + 3 * day, listed)
    new = path.with_suffix(".new")
    new.write_bytes(seal_roster(roster, SIGNER))
    new.chmod(0o600)
    new.replace(path)


@pytest.fixture
def entry(tmp_path):
    make_places(tmp_path / "places")
    write_list(tmp_path / "house.people")
    (tmp_path / "people.pub").write_text(f"{SIGNER.verifier}\n")
    return Entry(tmp_path / "house.people", tmp_path / "people.pub", frozenset({ORIGIN}))


async def sign_in(house, session, name, at=NOW):
    browser = Browser(f"http://127.0.0.1:{house.opened.plan.port}", session)
    page = await browser.get("/entrar")
    code = pyotp.TOTP(SECRET).at(at)
    form = {"nombre": name, "clave": PASSWORD, "codigo": code, "lugar": PEOPLE[name]}
    await browser.post("/entrar", {"ficha": page.hidden("ficha"), **form})
    return browser


async def test_what_two_people_type_at_their_desks_is_published(tmp_path, entry):
    picture = jpeg(1)
    async with (
        published(tmp_path / "center") as (url, tree),
        running(plan_of(tmp_path, center=url), entry.desks) as house,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        house.opened.pictures.keep(Shot(picture, picture, b"as it came"))
        await house.take(steps_of("A0").digitise(digest_of(picture)), "D01")
        for name in PEOPLE:
            browser = await sign_in(house, session, name)
            page = await browser.get("/captura")
            assert (await browser.save(page, all_of(page))).status == 200
        assert house.house.paper("AYUN", "A0").stands is not None
        await until(lambda: tree.path(image_path(digest_of(picture))).exists(), "the image")


async def test_who_is_not_on_the_next_list_is_out_without_a_restart(tmp_path, entry, monkeypatch):
    monkeypatch.setattr(entering, "LOOK_EVERY", 0.02)
    async with (
        running(plan_of(tmp_path), entry.desks) as house,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        first = await sign_in(house, session, "c001")
        second = await sign_in(house, session, "c002")
        assert (await first.ask("GET", "/captura")).status == 200
        write_list(tmp_path / "house.people", 2, {"c002": "CCV2"})
        async with asyncio.timeout(60):
            while (await first.ask("GET", "/captura")).status == 200:
                await asyncio.sleep(0.02)
        assert (await second.ask("GET", "/captura")).status == 200


async def test_a_list_that_cannot_be_used_changes_nothing(tmp_path, entry, monkeypatch, caplog):
    monkeypatch.setattr(entering, "LOOK_EVERY", 0.02)
    async with (
        running(plan_of(tmp_path), entry.desks) as house,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        browser = await sign_in(house, session, "c001")
        entry.roster.write_bytes(b"no list")
        await until(lambda: "K302" in caplog.text)
        assert (await browser.ask("GET", "/captura")).status == 200


async def test_tomorrow_s_list_is_taken_up_once_it_is_good_and_told_once_before(
    tmp_path, entry, monkeypatch, caplog
):
    monkeypatch.setattr(entering, "LOOK_EVERY", 0.02)
    now = NOW
    async with (
        running(plan_of(tmp_path, clock=lambda: now), entry.desks) as house,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        first = await sign_in(house, session, "c001")
        write_list(tmp_path / "house.people", 2, {"c002": "CCV2"}, NOW + timedelta(minutes=10))
        await until(lambda: "K305" in caplog.text)
        await asyncio.sleep(0.2)
        assert (await first.ask("GET", "/captura")).status == 200
        assert caplog.text.count("K305") == 1
        now = NOW + timedelta(minutes=11)
        async with asyncio.timeout(60):
            while (await first.ask("GET", "/captura")).status == 200:
                await asyncio.sleep(0.02)


async def test_a_list_that_others_could_read_is_taken_up_once_they_cannot(
    tmp_path, entry, monkeypatch, caplog
):
    """Rights leave no trace in the time or size of a file."""
    monkeypatch.setattr(entering, "LOOK_EVERY", 0.02)
    path = tmp_path / "house.people"
    async with (
        running(plan_of(tmp_path), entry.desks) as house,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        first = await sign_in(house, session, "c001")
        write_list(path.with_name("next.people"), 2, {"c002": "CCV2"})
        path.with_name("next.people").chmod(0o644)
        path.with_name("next.people").replace(path)
        await until(lambda: "K307" in caplog.text)
        path.chmod(0o600)
        async with asyncio.timeout(60):
            while (await first.ask("GET", "/captura")).status == 200:
                await asyncio.sleep(0.02)


async def test_a_list_that_the_disk_did_not_let_be_kept_is_tried_again(
    tmp_path, entry, monkeypatch, caplog
):
    monkeypatch.setattr(entering, "LOOK_EVERY", 0.02)
    async with running(plan_of(tmp_path), entry.desks):
        with monkeypatch.context() as patched:

            async def refuse(*_):
                raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="sessions")

            patched.setattr(Sessions, "keep_only", refuse)
            write_list(tmp_path / "house.people", 2, {"c002": "CCV2"})
            await until(lambda: "R004" in caplog.text)
        caplog.set_level("INFO")
        await until(lambda: "list 2 of people" in caplog.text)
    assert caplog.text.count("R004") == 1


async def test_who_is_signed_in_is_so_after_a_restart(tmp_path, entry):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        plan = plan_of(tmp_path)
        async with running(plan, entry.desks) as house:
            browser = await sign_in(house, session, "c001")
        async with running(plan, entry.desks):
            assert (await browser.ask("GET", "/captura")).status == 200


async def test_a_house_whose_list_is_of_another_election_does_not_start(tmp_path, entry):
    """List and key belong together, and neither to what is captured here."""
    other, day = Signer(signer_name("puebla-2027"), new_key()), timedelta(days=1)
    roster = Roster("puebla-2027", 1, NOW - day, NOW + day, ())
    entry.roster.write_bytes(seal_roster(roster, other))
    entry.authority.write_text(f"{other.verifier}\n")
    with pytest.raises(RosterRefused) as refusal:
        async with running(plan_of(tmp_path), entry.desks):
            pass
    assert refusal.value.code is RosterCode.OTHER_ELECTION


async def test_a_house_whose_list_is_another_key_s_does_not_start(tmp_path, entry):
    other = Signer(signer_name(ELECTION.id), new_key())
    entry.authority.write_text(f"{other.verifier}\n")
    with pytest.raises(RosterRefused) as refusal:
        async with running(plan_of(tmp_path), entry.desks):
            pass
    assert refusal.value.code is RosterCode.NOT_SIGNED


@pytest.mark.parametrize(
    ("who", "which"), [(Who.PERSON, pseudonym("c001")), (Who.PLACE, PEOPLE["c001"])]
)
async def test_who_was_shut_out_by_the_journal_is_out_after_a_kill_and_back_once_let_in(
    tmp_path, entry, who, which
):
    """The journal alone says it: the house was killed before its sessions had it."""
    said = {name: getattr(OPENED, name) for name in HouseAct.__struct_fields__}
    plan = plan_of(tmp_path)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        async with running(plan, entry.desks) as house:
            first = await sign_in(house, session, "c001")
            second = await sign_in(house, session, "c002")
            await house.house.act("D01", ShutOut(**said, who=who, which=which))
            assert (await first.ask("GET", "/captura")).status == 303
        async with running(plan, entry.desks) as house:
            assert (await first.ask("GET", "/captura")).status == 303
            assert (await second.ask("GET", "/captura")).status == 200
            await house.house.act("D01", LetIn(**said, who=who, which=which))
        clock = NOW + timedelta(minutes=1)
        async with running(plan_of(tmp_path, clock=lambda: clock), entry.desks) as house:
            assert (await sign_in(house, session, "c001", clock)).cookies["openprep-session"]
