"""An evening at the desks of a real process: from the paper in the hand to what is published."""

import re
from datetime import timedelta

import aiohttp
import pyotp
import pytest

from desks.serving.center import published
from desks.serving.running import make_places, plan_of, running
from desks.web.paper.scans import KEY, scan_of
from desks.web.room import ORIGIN, Browser, all_of
from openprep.capture.paper import Stage
from openprep.desks.serving.room import Entry
from openprep.people.roles import Role
from openprep.people.roster import Person, Roster, seal_roster, signer_name
from openprep.private import create_private
from openprep.wire.cut.objects import image_path
from openprep.wire.note import Signer
from people.small_house import PASSWORD, SECRET, password_hash, pseudonym
from small.publishers import until
from small.trust import new_key
from transmission.small_center import ELECTION, NOW

SIGNER = Signer(signer_name(ELECTION.id), new_key())
PEOPLE = {
    "a001": (Role.ACOPIADOR, "D01"),
    "d001": (Role.DIGITALIZADOR, "D01"),
    "c001": (Role.CAPTURISTA, "CCV1"),
    "c002": (Role.CAPTURISTA, "CCV2"),
    "v001": (Role.VERIFICADOR, "CCV1"),
    "k001": (Role.COTEJADOR, "COTEJO"),
    "j001": (Role.COORDINADOR, "D01"),
}
CHOICES = {"medio": "escaner", "origen": "catd", "documento": "acta_prep"}


@pytest.fixture
def entry(tmp_path):
    make_places(tmp_path / "places")
    listed = tuple(
        Person(name, pseudonym(name), role, (place,), password_hash(), SECRET)
        for name, (role, place) in PEOPLE.items()
    )
    day = timedelta(days=1)
    roster = Roster(ELECTION.id, 1, NOW - day, NOW + day, listed)
    create_private(tmp_path / "house.people", seal_roster(roster, SIGNER))
    (tmp_path / "people.pub").write_text(f"{SIGNER.verifier}\n")
    create_private(tmp_path / "labels.key", KEY.private_bytes_raw().hex().encode())
    return Entry(
        tmp_path / "house.people",
        tmp_path / "people.pub",
        frozenset({ORIGIN}),
        tmp_path / "labels.key",
    )


async def at_desk(session, url, name):
    browser = Browser(url, session)
    page = await browser.get("/entrar")
    form = {"nombre": name, "clave": PASSWORD, "lugar": PEOPLE[name][1]}
    form |= {"codigo": pyotp.TOTP(SECRET).at(NOW), "ficha": page.hidden("ficha")}
    await browser.post("/entrar", form)
    return browser


async def test_a_paper_goes_from_hand_to_hand_and_is_published_with_its_image(tmp_path, entry):
    async with (
        published(tmp_path / "center") as (center, tree),
        running(plan_of(tmp_path, center=center), entry.desks) as house,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        url = f"http://127.0.0.1:{house.opened.plan.port}"
        who = {name: await at_desk(session, url, name) for name in PEOPLE}

        page = await who["a001"].get("/acopio?que=A0")
        form = {"ficha": page.hidden("ficha"), "eleccion": "AYUN", "acta": "A0", "traslado": "F"}
        assert "Recibida" in (await who["a001"].post("/acopio/recibir", form)).text

        page = await who["d001"].get("/digitalizacion")
        page = await who["d001"].bring(
            "/digitalizacion/archivo", scan_of("A0"), page.hidden("ficha")
        )
        image = page.hidden("imagen")
        form = {"ficha": page.hidden("ficha"), "imagen": image, **CHOICES}
        assert "guardada" in (await who["d001"].post("/digitalizacion/guardar", form)).text

        for name, vote in (("c001", "3"), ("c002", "4")):
            page = await who[name].get("/captura")
            await who[name].save(page, all_of(page, vote))
        assert house.house.paper("AYUN", "A0").stage is Stage.DISPUTED

        page = await who["v001"].get("/arbitraje")
        form = {"ficha": page.hidden("ficha"), "boleto": page.hidden("boleto")}
        await who["v001"].post("/arbitraje", {**form, **lesser(page)})
        assert house.house.paper("AYUN", "A0").stage is Stage.STANDING

        page = await who["k001"].get("/cotejo")
        form = {"ficha": page.hidden("ficha"), "boleto": page.hidden("boleto")}
        await who["k001"].post("/cotejo", {**form, "fallo": "accepted"})
        assert house.house.paper("AYUN", "A0").stage is Stage.ACCEPTED
        assert ",1," in (await who["j001"].get("/coordinacion/avance.csv")).text

        await until(lambda: house.house.pending == 0, "the envelopes")
        await until(lambda: tree.path(image_path(image)).exists(), "the image in the tree")
    stands = house.house.paper("AYUN", "A0").stands
    assert (stands.transfer, stands.image_sha256, stands.votes[0]) == ("F", image, 3)


def lesser(page):
    """Of the two values of each field that differs, the lesser: those of who typed threes."""
    names = re.findall(r'<fieldset data-field="([\w.]+)"', page.text)
    values = {
        name: re.findall(rf'name="elige\.{re.escape(name)}" value="(\d+)"', page.text)
        for name in names
    }
    return {f"elige.{name}": str(min(map(int, found))) for name, found in values.items()}
