"""What two people do: one asks for it, another agrees, and with that it is done.

Each act says what is shown of it and what is done (:class:`Doing`). Who asked must still be signed
in when another agrees: what somebody asked for whose session was ended since is not asked for any
more.
"""

import asyncio
import secrets
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from openprep.capture.acts import AnyAct, HouseClosed, HouseOpened
from openprep.desks.house import House
from openprep.desks.web.people import People
from openprep.desks.web.texts.all import text
from openprep.desks.web.texts.said import Language
from openprep.desks.web.visit import Visit
from openprep.people.codes import ConsentCode, ConsentRefused
from openprep.people.consent import Consent, Consents, Party
from openprep.people.permissions import Act
from openprep.people.session_file import Session


class Waiting(NamedTuple):
    """What waits for a second person, as a page shows it."""

    named: str
    words: str
    is_own: bool
    image: str
    """Where its image is; empty where it has none."""


class Doing(Protocol):
    """An act of two people."""

    def check(self, about: str, party: Party) -> None:
        """See that ``party`` may ask for it, or agree to it.

        Raises:
            ConsentRefused: ONESELF.
        """

    def words(self, about: str, language: Language) -> str | None:
        """What is asked for; ``None`` where there is nothing to do any more."""

    def image(self, about: str, visit: Visit) -> str:
        """Where an image of it is, for who looks; empty where it has none."""

    async def do(self, asked: Consent, agreed: Party, at: datetime) -> None:
        """Do it.

        Raises:
            CodedError: it was not done.
        """


class Agreements:
    """What is asked for in a house, and how each is done."""

    def __init__(self, house: House, people: People) -> None:
        self._house = house
        self._people = people
        self._consents = Consents()
        self._doing: dict[Act, Doing] = {}

    def offer(self, act: Act, doing: Doing) -> None:
        """Let ``act`` be done so."""
        self._doing[act] = doing

    def ask(self, visit: Visit, act: Act, about: str = "") -> str:
        """Ask for an act; until another agrees nothing happens. What it is called is told.

        Raises:
            ConsentRefused: NO_RIGHT or ONESELF.
        """
        self._doing[act].check(about, party_of(visit))
        named = secrets.token_hex(16)
        self._consents.ask(named, act, about, party_of(visit), visit.who.role, _now())
        return named

    def withdraw(self, visit: Visit, named: str) -> None:
        """Ask for it no more, who asked."""
        self._consents.withdraw(named, visit.who.person)

    async def agree(self, visit: Visit, named: str) -> None:
        """Agree to what another asked for, which is done with it.

        Raises:
            ConsentRefused: nothing was done.
            CodedError: it could not be done.
        """
        agreed = party_of(visit)
        waiting = self._consents.waiting(_now()).get(named)
        if waiting is not None:
            self._doing[waiting.act].check(waiting.about, agreed)
        asked = self._consents.grant(named, agreed, visit.who.role, _now())
        self._consents.spend(named, asked.act, asked.about, asked.asked_by.person, _now())
        if asked.asked_by.session not in {one.id for one in self._people.everybody()}:
            raise ConsentRefused(ConsentCode.NOT_ASKED, "{act}", act=asked.act.value)
        await self._doing[asked.act].do(asked, agreed, self._house.clock())

    def asked_by(self, person: str, act: Act) -> list[str]:
        """What a person waits for of an act."""
        return [
            asked.about
            for asked in self._consents.waiting(_now()).values()
            if asked.act is act and asked.asked_by.person == person
        ]

    def waiting(self, visit: Visit) -> list[Waiting]:
        """What a second person may agree to."""
        live = {one.id for one in self._people.everybody()}
        return [
            Waiting(
                named,
                words,
                asked.asked_by.person == visit.who.person,
                self._doing[asked.act].image(asked.about, visit),
            )
            for named, asked in self._consents.waiting(_now()).items()
            if asked.asked_by.session in live
            and (words := self._doing[asked.act].words(asked.about, visit.language)) is not None
        ]


def party_of(visit: Visit) -> Party:
    """Who asks or agrees by this request."""
    return Party(visit.who.person, visit.who.id, visit.who.place)


def signed_by(asked: Consent, agreed: Party, at: datetime) -> dict[str, Any]:
    """What every act on a house says: who stands behind it, and when."""
    return {
        "by": asked.asked_by.person,
        "session": asked.asked_by.session,
        "agreed_by": agreed.person,
        "agreed_session": agreed.session,
        "at": at,
    }


class AnybodyDoes:
    """What any two may do who have the right."""

    def check(self, about: str, party: Party) -> None:
        """Nothing keeps anybody from it."""

    def image(self, about: str, visit: Visit) -> str:  # noqa: ARG002 - as Doing
        """It has none."""
        return ""


class Turning(AnybodyDoes):
    """Opening the house, or closing it."""

    def __init__(self, house: House, key: str, *, opens: bool) -> None:
        self._house = house
        self._key = key
        self._opens = opens

    def words(self, about: str, language: Language) -> str | None:  # noqa: ARG002 - as Doing
        """That it is to be opened, or closed; nothing where it is so already."""
        done = self._house.doors.is_open is self._opens
        grace = self._house.policy.closing_grace_seconds // 60
        return None if done else text(language, self._key, minutes=grace)

    async def do(self, asked: Consent, agreed: Party, at: datetime) -> None:
        """Seal it, for all places of the house; nothing where it is so already."""
        if self._house.doors.is_open is self._opens:
            return
        said = {**signed_by(asked, agreed, at), "places": tuple(sorted(self._house.places))}
        act: AnyAct
        if self._opens:
            act = HouseOpened(**said)
        else:
            act = HouseClosed(**said, grace_seconds=self._house.policy.closing_grace_seconds)
        await self._house.act(asked.asked_by.place, act)


class EndingSession(AnybodyDoes):
    """Ending somebody's session."""

    def __init__(self, house: House, people: People) -> None:
        self._house = house
        self._people = people

    def words(self, about: str, language: Language) -> str | None:
        """Whose session is to end."""
        one = self._session(about)
        if one is None:
            return None
        role = text(language, f"role.{one.role.value}")
        return text(language, "end_of", name=one.sign_in, role=role, place=one.place)

    async def do(self, asked: Consent, agreed: Party, at: datetime) -> None:  # noqa: ARG002 - as Doing
        """End it, and take back what was lent in it."""
        ended = self._session(asked.about)
        try:
            await self._people.revoke_session(asked.about)
        finally:  # where the disk refuses it is over all the same, until the house ends
            if ended is not None:
                self._house.end_work_of(ended.person)

    def _session(self, named: str) -> Session | None:
        return next((one for one in self._people.everybody() if one.id == named), None)


def _now() -> float:
    """Seconds that only grow."""
    return asyncio.get_running_loop().time()
