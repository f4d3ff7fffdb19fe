"""The capturista's desk: what was typed and confirmed is sealed once, and nothing of it is lost."""

import asyncio
import re

import pytest

from capture.walking import pseudonym
from desks.small_house import image_of
from desks.web.room import SmallRoom, all_of, browsing, form_of, picture
from openprep.capture.paper import Stage
from openprep.capture.steps import ActaCaptured, ActaSentBack, HintCode
from openprep.election import FieldState, Observation
from openprep.record.codes import RecordCode, RecordTrouble


@pytest.fixture
def room(tmp_path):
    room = SmallRoom(tmp_path)
    yield room
    room.close()


def captures(room, person="ana"):
    return [
        fact
        for _, fact, _ in room.small.journal
        if isinstance(fact, ActaCaptured) and fact.by == pseudonym(person)
    ]


async def test_an_acta_is_captured_and_the_next_one_shown(room):
    await room.digitised("A0", "A1")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        assert set(page.fields.values()) == {""}, "nothing is ever prefilled"
        assert page.focused == "votes.0"
        after = await ana.save(page, all_of(page, "07"))
    (step,) = captures(room)
    assert (step.acta, step.image, step.hints, step.overruled) == ("A0", image_of("A0"), (), False)
    assert step.reading.votes[0] == 7
    assert after.hidden("boleto") != page.hidden("boleto")
    assert set(after.fields.values()) == {""}


async def test_empty_zero_sin_dato_and_ilegible_are_four_inputs(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        typed = all_of(page, "-") | {"votes.0": "0", "votes.1": "*", "votes.2": ""}
        again = await ana.save(page, typed)
        assert not captures(room)
        assert again.focused == "votes.2"
        assert "Falta teclear" in again.text
        assert again.fields == typed
        hints = await ana.save(again, {"votes.2": "-"})
        assert not hints.fields or "hint" not in hints.text
    (step,) = captures(room)
    assert step.reading.votes[:3] == (0, FieldState.ILEGIBLE, FieldState.SIN_DATO)
    assert step.reading.observations == (Observation.ALGUN_CAMPO_ILEGIBLE_O_SIN_DATO,)


@pytest.mark.parametrize("wrong", ["1.5", "１２", "+3", "-1", "**", "1e3", "0x1", "1234567", "uno"])
async def test_what_is_no_figure_is_named_and_stays_as_it_was_typed(room, wrong):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        typed = all_of(page) | {"votes.1": wrong}
        again = await ana.save(page, typed)
        assert (again.fields, again.focused) == (typed, "votes.1")
    assert not captures(room)


async def test_leading_zeros_are_shown_as_they_were_typed(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        again = await ana.save(page, {"votes.0": "007"})
        assert again.fields["votes.0"] == "007"


async def test_hints_come_after_saving_and_both_answers_keep_the_figures(room):
    await room.digitised("A0", "A1")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        typed = all_of(page) | {"total_written": "9"}
        hints = await ana.save(page, typed)
        assert "total_otherwise" in hints.text
        assert 'value="9"' not in hints.text
        back = await ana.get("/captura?campo=total_written")
        assert (back.fields, back.focused) == (typed, "total_written")
        hints = await ana.save(back, {})
        form = {name: hints.hidden(name) for name in ("ficha", "boleto", "borrador")}
        after = await ana.post("/captura/confirmar", form)
        assert after.hidden("boleto") != page.hidden("boleto")
    (step,) = captures(room)
    assert (step.hints, step.overruled) == ((HintCode.TOTAL_OTHERWISE,), True)
    assert step.reading.total_written == 9


async def test_figures_changed_after_hints_are_not_overruled(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        await ana.save(page, all_of(page) | {"total_written": "9"})
        back = await ana.get("/captura?campo=total_written")
        await ana.save(back, all_of(page))
    (step,) = captures(room)
    assert (step.hints, step.overruled) == ((HintCode.TOTAL_OTHERWISE,), False)


async def test_a_second_tab_does_not_save_figures_that_it_did_not_show(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        shown = await ana.save(page, all_of(page) | {"total_written": "9"})
        await ana.save(page, all_of(page) | {"total_written": "8"})
        form = {name: shown.hidden(name) for name in ("ficha", "boleto", "borrador")}
        again = await ana.post("/captura/confirmar", form)
        assert "total_otherwise" in again.text
    assert not captures(room)


async def test_a_double_enter_two_tabs_back_and_reload_count_once(room):
    await room.digitised("A0", "A1")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        form = form_of(page) | all_of(page)
        await asyncio.gather(*(ana.send("/captura", form) for _ in range(4)))
        other = form | {"votes.0": "4"}
        assert (await ana.send("/captura", other)).status == 303
        assert "<h1>" in (await ana.get("/captura")).text
    assert len(captures(room)) == 1
    assert room.small.house.floor.progress.aside.total() == 0


async def test_an_acta_that_was_sent_back_meanwhile_is_not_counted_twice(room):
    """The same image in a new round: an old page that arrives again is no second capture."""
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        form = form_of(page) | all_of(page)
        await ana.send("/captura", form)
        room.small.house.floor.papers.by_key["AYUN", "A0"].first = None
        await ana.send("/captura", form)
    assert len(captures(room)) == 1


async def test_what_was_typed_when_the_lease_was_lost_is_taken(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        room.small.seconds += 3600
        await ana.save(page, all_of(page))
    assert len(captures(room)) == 1


async def test_what_was_typed_when_the_session_ended_comes_back_to_the_same_person(room):
    await room.digitised("A0", "A1")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        typed = all_of(page, "5")
        room.people.live.clear()
        room.small.house.end_work_of(pseudonym("ana"))
        again = await ana.save(page, typed)
        assert "Su sesión terminó" in again.text
        assert not captures(room)
        beto = browser()
        await beto.sign_in("beto")
        assert set((await beto.get("/captura")).fields.values()) == {""}
        await ana.sign_in("ana")
        back = await ana.get("/captura")
        assert back.fields == typed
        await ana.save(back, {})
    (step,) = captures(room)
    assert step.reading.votes[0] == 5


async def test_a_page_made_for_another_person_takes_nothing(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana, beto = browser(), browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        await beto.sign_in("beto")
        own = await beto.get("/captura")
        form = form_of(page) | all_of(page) | {"ficha": own.hidden("ficha")}
        refused = await beto.send("/captura", form)
        assert (refused.status, "K404" in refused.text) == (403, True)
    assert not captures(room, "beto")


async def test_a_house_killed_between_enter_and_saved_seals_what_was_confirmed(room, monkeypatch):
    await room.digitised("A0", "A1")

    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")

        async def die(*_, **__):
            raise RecordTrouble(RecordCode.DISK_FAILED, "{path}", path="x")

        with monkeypatch.context() as patched:
            patched.setattr(room.small.house, "take", die)
            told = await ana.save(page, all_of(page))
        assert told.status == 503
        assert told.fields == all_of(page)
    assert not captures(room)
    room.restart()
    async with browsing(room) as browser:
        assert len(captures(room)) == 1
        ana = browser()
        await ana.sign_in("ana")
        assert set((await ana.get("/captura")).fields.values()) == {""}
    assert len(captures(room)) == 1


async def test_a_house_killed_after_sealing_does_not_seal_again(room, monkeypatch):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")

        def refuse(*_):
            raise RecordTrouble(RecordCode.DISK_FAILED, "{path}", path="x")

        with monkeypatch.context() as patched:
            patched.setattr(room.drafts, "spend", refuse)
            await ana.save(page, all_of(page))
    room.restart()
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        assert "No hay actas" in (await ana.get("/captura")).text
    assert len(captures(room)) == 1


@pytest.mark.parametrize("again", ["Enter", "another page", "hints"])
async def test_what_was_sealed_counts_once_where_the_disk_fails_right_after(
    room, monkeypatch, again
):
    await room.digitised("A0", "A1")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        figures = all_of(page)

        def refuse(*_):
            raise RecordTrouble(RecordCode.DISK_FAILED, "{path}", path="x")

        with monkeypatch.context() as patched:
            patched.setattr(room.drafts, "spend", refuse)
            after = await ana.save(page, figures)
            assert after.status == 200, "what is sealed is told as sealed"
            assert after.hidden("boleto") != page.hidden("boleto"), "the next acta is shown"
            if again == "Enter":
                await ana.save(page, figures)
        if again == "another page":
            await ana.get("/captura")
        await ana.save(page, figures | ({"votes.0": "9"} if again == "hints" else {}))
        assert (await ana.get("/captura")).hidden("boleto") == after.hidden("boleto")
    assert len(captures(room)) == 1
    room.restart()
    async with browsing(room):
        assert not room.drafts.confirmed()
    assert len(captures(room)) == 1


async def test_what_the_centre_would_not_take_is_told_with_its_code_and_stays(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        typed = all_of(page) | {"votes.0": "999999"}
        hints = await ana.save(page, typed)
        form = {name: hints.hidden(name) for name in ("ficha", "boleto", "borrador")}
        told = await ana.post("/captura/confirmar", form)
        assert (told.status, "K402" in told.text, told.fields) == (422, True, typed)
        fixed = await ana.save(told, all_of(page))
        assert fixed.status == 200
    assert len(captures(room)) == 1


async def test_an_image_that_cannot_be_read_is_sent_back_with_its_reason_once(room):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        form = form_of(page) | {"motivo": "otra_acta", "detalle": "dice B2"}
        await ana.send("/captura/otra-imagen", form)
        after = await ana.post("/captura/otra-imagen", form)
        assert "No hay actas" in after.text
    sent = [fact for _, fact, _ in room.small.journal if isinstance(fact, ActaSentBack)]
    assert [one.reason for one in sent] == ["Es el acta de otra casilla: dice B2"]
    assert room.small.house.paper("AYUN", "A0").stage is Stage.REDIGITISE


@pytest.mark.parametrize("form", [{}, {"motivo": "nada"}, {"motivo": "otra", "detalle": " "}])
async def test_an_image_is_not_sent_back_without_a_reason(room, form):
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        refused = await ana.send("/captura/otra-imagen", form_of(page) | form)
        assert refused.status == 400
    assert room.small.house.paper("AYUN", "A0").stage is Stage.DIGITISED


async def test_an_image_is_for_whom_it_was_lent_to_and_the_next_one_is_named_ahead(room):
    await room.digitised("A0", "A1")
    async with browsing(room) as browser:
        ana, beto = browser(), browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        image = await ana.get(re.search(r'src="(/imagen/[^"]+)"', page.text)[1])
        assert image.body == picture("A0")
        assert image.header("Cache-Control") == "private, max-age=86400, immutable"
        ahead = page.text.split('rel="preload" as="image" href="')[1].split('"')[0]
        assert (await ana.get(ahead)).body == picture("A1")
        await beto.sign_in("beto")
        assert (await beto.get(ahead)).status == 403
        stranger = await browser().ask("GET", ahead)
        assert (stranger.status, stranger.header("Location")) == (303, "/entrar")


async def test_a_draft_waits_where_its_acta_may_be_captured_and_is_in_nobodys_way_elsewhere(room):
    """CCV2 captures the first municipality only: a draft of another would never be sealed there."""
    await room.digitised("A3", "A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana", "CCV1")
        page = await ana.get("/captura")
        while "A3 " not in page.text:
            await ana.save(page, all_of(page))
            page = await ana.get("/captura")
        await ana.save(page, {"votes.0": "5"})
        await ana.sign_in("ana", "CCV2")
        assert "No hay actas" in (await ana.get("/captura")).text
        await ana.sign_in("ana", "CCV1")
        assert (await ana.get("/captura")).fields["votes.0"] == "5"


async def test_what_was_typed_when_the_house_closed_is_taken_and_nothing_more_is_lent(room):
    await room.digitised("A0", "A1", "A2")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        await room.small.close_for_work()
        second = await ana.save(page, all_of(page))
        assert second.fields, "what was lent ahead is still theirs"
        after = await ana.save(second, all_of(second))
        assert "No hay actas" in after.text
    assert [step.acta for step in captures(room)] == ["A0", "A1"]


async def test_a_session_that_was_ended_by_another_gets_nothing_more(room):
    """As when it was stolen: the next request, whichever it is, leads to the sign-in page."""
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana = browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        room.people.live.clear()
        for path in ("/", "/captura", f"/imagen/{page.hidden('boleto')}"):
            got = await ana.ask("GET", path)
            assert (got.status, got.header("Location"), got.body) == (303, "/entrar", b"")
        form = form_of(page) | {"motivo": "ilegible"}
        assert (await ana.send("/captura/otra-imagen", form)).status == 303
    assert room.small.house.paper("AYUN", "A0").stage is Stage.DIGITISED


async def test_what_stands_in_an_address_takes_no_figures(room):
    """Whoever reads a log on the way has the text of an image's address, and no session."""
    await room.digitised("A0")
    async with browsing(room) as browser:
        ana, stranger = browser(), browser()
        await ana.sign_in("ana")
        page = await ana.get("/captura")
        seen = re.search(r'src="/imagen/([^"]+)"', page.text)[1]
        assert (await ana.get(f"/imagen/{seen}")).status == 200
        assert (await ana.get(f"/imagen/{page.hidden('boleto')}")).status == 403
        typed = form_of(page) | all_of(page) | {"boleto": seen}
        assert (await ana.post("/captura", typed)).status == 403
        door = await stranger.get("/entrar")
        await stranger.post("/captura", typed | {"ficha": door.hidden("ficha")})
        assert "777" not in (await ana.get("/captura")).text
