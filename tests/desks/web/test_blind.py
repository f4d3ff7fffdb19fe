"""Blind byte for byte: what a capturista is answered says nothing of another's capture."""

import re

import pytest

from desks.small_house import image_of, steps_of
from desks.web.room import SmallRoom, all_of, browsing, figures_of, form_of
from openprep.capture.paper import Stage
from openprep.election import FieldState


async def stands_and_is_drawn(room, acta, vote):
    """Two people read the same of it, then a sample is drawn that has it."""
    await room.digitised(acta)
    steps = steps_of(acta)
    for person, place in (("beto", "CCV1"), ("fito", "CCV1")):
        await room.small.take(steps.capture(person, figures_of(acta, vote), image_of(acta)), place)
    await room.small.take(steps.draw(1), "D01")


async def reads_the_sample(browser):
    """A third capturista, who had no part in what was drawn, whatever stands or stood."""
    eva = browser()
    await eva.sign_in("eva")
    await eva.get("/")
    page = await eva.get("/muestra")
    await eva.get(f"/imagen/{page.hidden('boleto')}")
    await eva.post("/muestra", form_of(page) | all_of(page) | {"votes.0": "uno"})
    await eva.post("/muestra", form_of(page) | all_of(page, "5"))
    await eva.post("/muestra", form_of(page) | all_of(page, "6"))
    for path in ("/muestra", "/captura", "/sorteo", "/"):
        await eva.get(path)
    return eva.seen


async def walk(room: SmallRoom, browser):
    """All that a capturista can ask for, with good and bad figures, over three actas."""
    ana = browser()
    await ana.get("/")
    await ana.get("/captura")
    await ana.sign_in("ana")
    await ana.get("/")
    page = await ana.get("/captura")
    await ana.get(f"/imagen/{page.hidden('boleto')}")
    await ana.get("/imagen/x.y")
    routes = sorted(resource.canonical for resource in room.app().router.resources())
    for path in (re.sub(r"\{\w+\}", "x", route) for route in routes):
        await ana.ask("GET", path)
        if path not in ("/salir", "/entrar"):
            await ana.send(path, {"ficha": page.hidden("ficha")})
    await ana.get("/nada")
    await ana.save(page, {"votes.0": "3"})
    await ana.save(page, all_of(page) | {"votes.0": "uno"})
    hints = await ana.save(page, all_of(page) | {"total_written": "999999"})
    form = {name: hints.hidden(name) for name in ("ficha", "boleto", "borrador")}
    await ana.get("/captura?campo=votes.1")
    await ana.send("/captura/confirmar", form | {"borrador": "x"})
    room.small.seconds += 3600
    await ana.get("/captura?campo=votes.1")
    await ana.send("/captura", form_of(page) | all_of(page))
    await ana.send("/captura", form_of(page) | all_of(page, "4"))
    await ana.send("/captura/confirmar", form)
    await ana.send("/captura/otra-imagen", form_of(page) | {"motivo": "ilegible"})
    second = await ana.get("/captura")
    await ana.get(f"/imagen/{page.hidden('boleto')}")
    room.people.live.clear()
    await ana.send("/captura", form_of(second) | all_of(second, "6"))
    await ana.sign_in("ana")
    second = await ana.get("/captura")
    await ana.send("/captura/otra-imagen", form_of(second) | {"motivo": "ilegible"})
    third = await ana.get("/captura")
    await ana.save(third, all_of(third, "2"))
    await ana.send("/salir", {"ficha": second.hidden("ficha")})
    seen = [*ana.seen, *await reads_the_sample(browser)]
    return [(got.status, got.headers, got.body) for got in seen]


def undated(answers):
    """Without the time of day, which the server writes under every answer."""
    return [
        (status, [pair for pair in headers if pair[0] != "Date"], body)
        for status, headers, body in answers
    ]


@pytest.mark.parametrize("other", [4, 0, FieldState.ILEGIBLE, FieldState.SIN_DATO])
async def test_no_byte_of_an_answer_depends_on_what_another_typed(tmp_path, other):
    """Two houses that differ in the first capture only: the same walk gives the same bytes.

    In the one house the two captures agree, and the acta is published; in the other they differ,
    and it waits for an arbiter. Of the sample other figures stand in each.
    """
    seen, stages = [], []
    for vote in (3, other):
        room = SmallRoom(tmp_path / str(vote))
        await room.digitised("A0", "A1", "A2")
        for acta in ("A0", "A1", "A2"):
            step = steps_of(acta).capture("beto", figures_of(acta, vote), image_of(acta))
            await room.small.take(step, "CCV2")
        await stands_and_is_drawn(room, "A3", vote)
        async with browsing(room) as browser:
            seen.append(undated(await walk(room, browser)))
        stages.append(room.small.house.paper("AYUN", "A0").stage)
        room.close()
    assert stages == [Stage.STANDING, Stage.DISPUTED]
    assert len(seen[0]) > 40
    assert seen[0] == seen[1]
