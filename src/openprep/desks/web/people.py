"""What the pages ask of the room of people: who is it, and may they come in."""

from typing import Protocol

from openprep.capture.steps import SessionId
from openprep.people.session_file import Session
from openprep.people.sessions import Begun
from openprep.people.sign_in import Asked


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
        """End the session of a token."""

    def everybody(self) -> tuple[Session, ...]:
        """Who is signed in now."""

    async def revoke_session(self, session: SessionId) -> bool:
        """End a session, which is over from the call on; whether it was there.

        Raises:
            RecordTrouble: the disk refused: it is over only until the house ends.
        """
