"""What the pages ask of the room of people: who is it, and may they come in."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from openprep.capture.acts import Who
from openprep.capture.steps import Pseudonym, SessionId
from openprep.desks.house import House
from openprep.people.roles import Role
from openprep.people.session_file import Session
from openprep.people.sessions import Begun
from openprep.people.sign_in import Asked


class Listed(NamedTuple):
    """Somebody who may work in the house: a sign-in name, and a person's pseudonym."""

    sign_in: str
    person: Pseudonym
    role: Role
    places: tuple[str, ...]


class People(Protocol):
    """The sessions of one house."""

    def session_of(self, token: str) -> Session | None:
        """The session of a token; ``None`` where it ended or never was."""

    async def sign_in(self, asked: Asked) -> Begun:
        """Begin a session.

        Raises:
            CodedError: why not, in words that tell a stranger nothing; nobody was signed in.
        """

    async def sign_out(self, token: str) -> None:
        """End the session of a token, which is over from the call on.

        Raises:
            RecordTrouble: the disk refused: it is over only until the house ends.
        """

    def everybody(self) -> tuple[Session, ...]:
        """Who is signed in now."""

    async def revoke_session(self, session: SessionId) -> bool:
        """End a session, which is over from the call on; whether it was there.

        Raises:
            RecordTrouble: the disk refused: it is over only until the house ends.
        """

    def listed(self) -> Sequence[Listed]:
        """Everybody who is on the list, signed in or not."""

    async def shut_out(self, who: Who, which: str) -> None:
        """Shut a person or a place out, who is out from the call on.

        Raises:
            RecordTrouble: the disk refused: they are out only until the house ends.
        """

    async def let_in(self, who: Who, which: str) -> None:
        """Let a person or a place sign in again.

        Raises:
            RecordTrouble: the disk refused: nothing changed.
        """


async def end_session(people: People, house: House, token: str, person: Pseudonym) -> None:
    """End a person's session, and take back what was lent in it, also where the disk refuses.

    Raises:
        RecordTrouble: as :meth:`People.sign_out`.
    """
    try:
        with house.incidents.noting():
            await people.sign_out(token)
    finally:
        house.end_work_of(person)
