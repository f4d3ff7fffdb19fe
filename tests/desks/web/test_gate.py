"""The gate: who may ask for what, from where, and what stands around every answer."""

import tracemalloc

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from capture.walking import pseudonym
from desks.web.matrix import asked, give_session, rows_reached, said_by, typed_by
from desks.web.room import ORIGIN, SmallRoom, all_of, browsing, form_of
from openprep.desks.codes import NotGiven
from openprep.desks.web.routes import Open
from openprep.desks.web.visit import MOST_FIELDS, Form
from openprep.digitising.digitiser import Digitiser
from openprep.people.codes import SignInCode, SignInRefused
from openprep.people.permissions import Act, allows
from openprep.people.roles import Role
from openprep.record.codes import RecordCode, RecordTrouble


@pytest.fixture
def room(tmp_path):
    room = SmallRoom(tmp_path)
    yield room
    room.close()


@pytest.fixture
def rows(monkeypatch):
    return rows_reached(monkeypatch)


async def test_every_route_is_open_to_the_roles_of_its_act_and_to_nobody_else(room, rows):
    """The whole matrix: every route with every role, and with nobody."""
    async with browsing(room) as browser:
        assert {row.needs for row in rows} >= {Act.CAPTURE, Act.ARBITRATE, Open.SIGNED_IN}
        for role in (*Role, None):
            one = browser()
            await one.get("/entrar")
            if role is not None:
                token = (await room.people.sign_in(typed_by(role))).token
                give_session(one, token)
            for row in rows:
                got = await asked(one, row)
                if row.needs is Open.TO_ALL:
                    expected = "reached"
                elif role is None:
                    expected = "sign in"
                else:
                    open_ = row.needs is Open.SIGNED_IN or allows(role, row.needs)
                    expected = "reached" if open_ else "K405"
                assert said_by(got) == expected, (row.method, row.path, role)


@pytest.mark.parametrize("role", Role, ids=lambda role: role.value)
def test_each_role_has_each_act_of_it_at_a_desk_that_it_can_open(room, rows, role):
    """Else the table of roles promises what nobody of that role can do."""
    room.digitiser = Digitiser()
    room.app()
    of_it = [row for row in rows if row.is_for(role) and isinstance(row.needs, Act)]
    desks = {row.path.split("/")[1] for row in of_it if row.desk}
    done = {row.needs for row in of_it if row.path.split("/")[1] in desks}
    if Act.CHECK in done:
        done.add(Act.CORRECT_AFTER_PUBLICATION)  # asked for by the verdict of a check
    assert done == {act for act in Act if allows(role, act)}


async def test_a_route_that_is_not_in_the_table_is_answered_by_nobody(room):
    async def leak(_):
        return web.Response(text="secret")

    app = room.app()
    app.router.add_get("/leak", leak)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/leak", headers={"Host": "localhost"})
        assert (answer.status, "secret" in await answer.text()) == (404, False)


async def test_what_everybody_is_refused_looks_the_same(room):
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        paths = ("/nada", "/arbitraje", "/static/x/y", "/captura/", "/%2e%2e/etc", "/imagen/")
        got = [await ana.ask("GET", path) for path in paths]
        assert {one.status for one in got} == {404}
        assert len({one.body for one in got}) == 1
        assert (await ana.ask("HEAD", "/captura")).status == 404
        assert (await ana.ask("PUT", "/captura", b"x")).status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Origin": None},
        {"Origin": None, "Sec-Fetch-Site": "same-site"},
        {"Origin": None, "Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "elsewhere.example"},
    ],
    ids=str,
)
async def test_a_form_of_another_origin_is_refused(room, headers):
    async with browsing(room) as browser:
        ana = browser()
        page = await ana.sign_in("ana")
        got = await ana.send("/salir", {"ficha": page.hidden("ficha")}, **headers)
        assert (got.status, "K406" in got.text) == (403, True)
    assert room.people.live


async def test_a_form_is_taken_by_origin_or_by_what_the_browser_says_of_its_site(room):
    for headers in ({"Origin": ORIGIN}, {"Origin": None, "Sec-Fetch-Site": "same-origin"}):
        async with browsing(room) as browser:
            ana = browser()
            page = await ana.sign_in("ana")
            got = await ana.send("/salir", {"ficha": page.hidden("ficha")}, **headers)
            assert got.status == 303
        assert not room.people.live


@pytest.mark.parametrize("fits", ["", "0" * 64, "é", "x" * 5000])
async def test_a_form_without_what_its_page_had_is_refused(room, fits):
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        got = await ana.send("/salir", {"ficha": fits})
        assert got.status in (400, 403)
    assert room.people.live


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=1" * 40_000, "application/x-www-form-urlencoded"),
        (b"a=" + b"1" * 3000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(600)), "application/x-www-form-urlencoded"),
        (b"\xff\xfe=1", "application/x-www-form-urlencoded"),
        (b"ficha=%ff", "application/x-www-form-urlencoded"),
        (b"ficha=1&ficha=2", "application/x-www-form-urlencoded"),
        (b'{"ficha":"1"}', "application/json"),
        (b"", "multipart/form-data; boundary=x"),
    ],
)
async def test_a_body_that_is_no_form_of_ours_is_refused(room, body, kind):
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        got = await ana.ask("POST", "/captura", body, **{"Content-Type": kind})
        assert (got.status, "K407" in got.text) == (400, True)


FIELD = b'--x\r\nContent-Disposition: form-data; name="ficha"\r\n\r\n1\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="archivo"; filename="a"\r\n\r\n%b\r\n'


@pytest.mark.parametrize(
    ("body", "values", "file"),
    [
        (
            FIELD + FILE % b"\xff\r\n\r\n--y\r\n" + b"--x--\r\n",
            {"ficha": ("1",)},
            b"\xff\r\n\r\n--y\r\n",
        ),
        (b"before\r\n" + FIELD + b"--x--", {"ficha": ("1",)}, b""),
        (FIELD + FIELD + b"--x--", {"ficha": ("1", "1")}, b""),
        (FIELD + FILE % b"cut off", {"ficha": ("1",)}, b""),
        (FILE % b"" + b"--x--", {}, b""),
        (b"x--x", {}, b""),
        (b"--x", {}, b""),
        (b"--x--", {}, b""),
        (b"", {}, b""),
    ],
)
def test_a_form_with_a_file_is_read_as_browsers_write_it(body, values, file):
    form = Form.of_parts(body, "x")
    assert (form.values, form.file) == (values, file)


@pytest.mark.parametrize(
    "body",
    [
        FIELD * (MOST_FIELDS + 1) + b"--x--",
        FIELD.replace(b"1", b"1" * 3000) + b"--x--",
        b"--x\r\n\r\nno name\r\n--x--",
        b"--x\r\n--x--",
    ],
    ids=["too many", "too long", "without a name", "empty"],
)
def test_parts_that_no_browser_writes_are_refused(body):
    with pytest.raises(NotGiven):
        Form.of_parts(body, "x")


def test_the_file_in_a_form_is_copied_once():
    body = FIELD + FILE % bytes(8_000_000) + b"--x--"
    tracemalloc.start()
    try:
        form = Form.of_parts(body, "x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(form.file) == 8_000_000
    assert peak < 9_000_000


async def test_every_answer_says_what_a_browser_may_do_with_it(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.get("/captura")
        page = await ana.sign_in("ana")
        page = await ana.get("/captura")
        await ana.get(f"/imagen/{page.hidden('boleto')}")
        await ana.get("/nada")
        await ana.send("/captura", form_of(page))
        await ana.send("/captura", {})
        for got in ana.seen:
            policy = got.header("Content-Security-Policy") or ""
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
            for part in ("frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"):
                assert part in policy
            assert "unsafe" not in policy
            assert got.header("X-Content-Type-Options") == "nosniff"
            kept = got.header("Cache-Control")
            assert kept == ("no-store" if b"\xff\xd8" not in got.body[:2] else kept)
            assert not any(
                sign in got.body for sign in (b"http://", b"https://", b"style=", b"onclick")
            )


@pytest.mark.parametrize(
    ("origin", "secure"), [("http://localhost", False), ("https://captura.example", True)]
)
async def test_cookies_are_for_no_script_and_no_other_site(room, origin, secure):
    room.origins = frozenset({origin})
    host = origin.partition("://")[2]
    async with browsing(room) as browser:
        ana = browser()
        page = await ana.ask("GET", "/entrar", Host=host)
        form = {"ficha": page.hidden("ficha"), "nombre": "ana-capturista", "lugar": "CCV1"}
        form |= {"clave": "x", "codigo": "1"}
        await ana.send("/entrar", form, Host=host, Origin=origin)
        kept = [value for got in ana.seen for key, value in got.headers if key == "Set-Cookie"]
    assert len(kept) == 3
    for one in kept:
        assert "HttpOnly" in one
        assert "SameSite=Strict" in one
        assert "Path=/" in one
        assert "Domain" not in one
        assert ("Secure" in one) is secure
        assert one.startswith("__Host-") is secure


async def test_who_is_not_let_in_is_told_a_sentence_and_nothing_typed_comes_back(room):
    refusals = {
        "K330": SignInRefused(SignInCode.REFUSED, "no"),
        "K331": SignInRefused(SignInCode.WAIT, "for {seconds:.0f} s", again_in=30.0, seconds=30.0),
        "K332": SignInRefused(SignInCode.BUSY, "no"),
    }
    async with browsing(room) as browser:
        for error in refusals.values():
            room.people.refuses = error
            one = browser()
            page = await one.get("/entrar")
            form = {"ficha": page.hidden("ficha"), "nombre": "anaxyz", "lugar": "CCV1"}
            got = await one.send("/entrar", {**form, "clave": "claveabc", "codigo": "987654"})
            assert got.status == 403
            assert f"<strong>{error.code.code}</strong>" in got.text
            assert not any(typed in got.text for typed in ("anaxyz", "claveabc", "987654"))
            assert "30" in got.text or error.code is not SignInCode.WAIT


async def test_who_works_in_a_place_of_another_house_is_nobody_here(room):
    async with browsing(room) as browser:
        ana = browser()
        got = await ana.sign_in("ana", place="D02")
        assert "<h1>Entrar</h1>" in got.text


async def test_who_signs_out_gives_back_what_was_lent_and_leaves_nothing(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        for name in ("ana", "beto"):
            one = browser()
            await one.sign_in(name)
            page = await one.get("/captura")
            left = await one.send("/salir", {"ficha": page.hidden("ficha")})
            assert left.header("Clear-Site-Data") == '"cache"'
            assert one.cookies["openprep-session"] == ""
        assert room.small.house.floor.at_work().total() == 0


async def test_who_signs_in_over_another_ends_that_session_and_gives_back_its_work(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        one = browser()
        await one.sign_in("ana")
        await one.get("/captura")
        home = await one.sign_in("beto")
        assert "Su trabajo" in home.text
        assert [known.person for known in room.people.live.values()] == [pseudonym("beto")]
    assert room.small.house.floor.at_work().total() == 0


async def test_a_page_speaks_the_language_that_is_asked_for_and_the_one_chosen(room):
    async with browsing(room) as browser:
        for accepted, title in {
            "": "Entrar",
            "en-US,en;q=0.9": "Sign in",
            "fr, en;q=0.5": "Sign in",
            "es-MX,en": "Entrar",
            "xx" * 5000: "Entrar",
        }.items():
            got = await browser().get("/entrar", **{"Accept-Language": accepted[:2000]})
            assert f"<h1>{title}</h1>" in got.text
        one = browser()
        page = await one.get("/entrar")
        chosen = await one.post("/idioma", {"ficha": page.hidden("ficha"), "idioma": "en"})
        assert "<h1>Sign in</h1>" in chosen.text


async def test_a_fault_is_told_without_what_it_was(room, monkeypatch):
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")

        def fail(*_):
            raise ZeroDivisionError("se cayó")

        monkeypatch.setattr(room.small.house, "lend", fail)
        got = await ana.get("/captura")
        assert (got.status, "K409" in got.text, "se cayó" in got.text) == (500, True, False)


async def test_a_session_s_cookie_in_another_browser_ends_the_session_for_both(room):
    """As when it was stolen: the thief gets nothing, and its person finds what they typed."""
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        thief = browser()
        thief.cookies = {"openprep-visit": "ee" * 24, "openprep-session": ana.cookies[COOKIE]}
        got = await thief.ask("GET", "/captura")
        assert (got.status, got.header("Location"), got.body) == (303, "/entrar", b"")
        assert not room.people.live
        assert room.small.house.floor.at_work().total() == 0
        typed = all_of(page)
        assert "Su sesión terminó" in (await ana.save(page, typed)).text
        await ana.sign_in("ana")
        assert (await ana.get("/captura")).fields == typed
    assert len(room.small.steps) == 1


@pytest.mark.parametrize("how", ["copied", "signed out", "another signs in"])
async def test_a_session_that_ends_on_a_full_disk_is_told_with_its_code_and_its_work_taken_back(
    room, monkeypatch, how
):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        sign_out = room.people.sign_out

        async def end_and_refuse(token):
            await sign_out(token)
            raise RecordTrouble(RecordCode.DISK_FULL, "{path}", path="sessions")

        monkeypatch.setattr(room.people, "sign_out", end_and_refuse)
        if how == "copied":
            thief = browser()
            thief.cookies = {"openprep-visit": "ee" * 24, COOKIE: ana.cookies[COOKIE]}
            got = await thief.ask("GET", "/captura")
        elif how == "signed out":
            got = await ana.send("/salir", {"ficha": page.hidden("ficha")})
        else:
            got = await ana.sign_in("beto")
        assert (got.status, "R004" in got.text) == (503, True)
        assert "default-src 'none'" in (got.header("Content-Security-Policy") or "")
        assert room.small.house.incidents.count["R004"] == 1
        assert room.small.house.floor.at_work().total() == 0


async def test_a_fault_while_it_is_seen_who_asks_is_told_as_any_other(room, monkeypatch):
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")

        def fail(*_):
            raise ZeroDivisionError("se cayó")

        monkeypatch.setattr(room.people, "session_of", fail)
        got = await ana.get("/captura")
        assert (got.status, "K409" in got.text, "se cayó" in got.text) == (500, True, False)
        assert got.header("Content-Security-Policy")


@pytest.mark.parametrize("kept", ["ana-1", "ana-1.", "ana-1." + "0" * 64, ".", "é.x", "." * 999])
async def test_a_session_s_cookie_that_nobody_was_given_is_nobody_s(room, kept):
    async with browsing(room) as browser:
        one = browser()
        await one.get("/entrar")
        one.cookies[COOKIE] = kept
        assert (await one.ask("GET", "/captura")).header("Location") == "/entrar"


COOKIE = "openprep-session"
