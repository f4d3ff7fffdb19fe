"""An evening at the desks of a real process: from the paper in the hand to what is published."""

import re

import aiohttp
import pytest

from desks.serving.center import published
from desks.serving.running import plan_of, running
from desks.serving.staffed import at_desks, entry_for
from desks.web.paper.scans import scan_of
from desks.web.room import all_of
from openprep.capture.paper import Stage
from openprep.people.roles import Role
from openprep.wire.cut.ref import image_path
from small.publishers import until

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
    return entry_for(tmp_path, PEOPLE)


async def test_a_paper_goes_from_hand_to_hand_and_is_published_with_its_image(tmp_path, entry):
    async with (
        published(tmp_path / "center") as (center, tree),
        running(plan_of(tmp_path, center=center), entry.desks) as house,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        url = f"http://127.0.0.1:{house.opened.plan.port}"
        who = await at_desks(session, url, PEOPLE)

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
