"""The files by which people sign in to a real house, and their browsers."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import aiohttp
import pyotp

from desks.serving.running import make_places
from desks.web.paper.scans import KEY
from desks.web.room import ORIGIN, Browser
from openprep.desks.serving.room import Entry
from openprep.people.roles import Role
from openprep.people.roster import Person, Roster, seal_roster, signer_name
from openprep.private import create_private
from openprep.wire.note import Signer
from people.small_house import PASSWORD, SECRET, password_hash, pseudonym
from small.trust import new_key
from transmission.small_center import ELECTION, NOW

Staff = Mapping[str, tuple[Role, str]]
"""By their sign-in name: what each works as, and where."""


def entry_for(folder: Path, staff: Staff) -> Entry:
    """What lets these people in, in files of ``folder``, beside the keys of the places."""
    make_places(folder / "places")
    listed = tuple(
        Person(name, pseudonym(name), role, (place,), password_hash(), SECRET)
        for name, (role, place) in staff.items()
    )
    day, signer = timedelta(days=1), Signer(signer_name(ELECTION.id), new_key())
    roster = Roster(ELECTION.id, 1, NOW - day, NOW + day, listed)
    create_private(folder / "house.people", seal_roster(roster, signer))
    (folder / "people.pub").write_text(f"{signer.verifier}\n")
    create_private(folder / "labels.key", KEY.private_bytes_raw().hex().encode())
    return Entry(
        folder / "house.people", folder / "people.pub", frozenset({ORIGIN}), folder / "labels.key"
    )


async def at_desks(session: aiohttp.ClientSession, url: str, staff: Staff) -> dict[str, Browser]:
    """The browsers of all of them, signed in."""
    return {name: await _at_desk(session, url, name, place) for name, (_, place) in staff.items()}


async def _at_desk(session: aiohttp.ClientSession, url: str, name: str, place: str) -> Browser:
    browser = Browser(url, session)
    page = await browser.get("/entrar")
    form = {"nombre": name, "clave": PASSWORD, "lugar": place}
    form |= {"codigo": pyotp.TOTP(SECRET).at(NOW), "ficha": page.hidden("ficha")}
    await browser.post("/entrar", form)
    return browser
