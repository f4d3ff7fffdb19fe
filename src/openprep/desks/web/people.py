"""What the pages ask of the room of people: who is it, and may they come in."""

from dataclasses import dataclass
from typing import Protocol

from openprep.capture.steps import Pseudonym, SessionId
from openprep.people.roles import Role


class Session(Protocol):
    """Who works where, and as what."""

    @property
    def id(self) -> SessionId: ...  # noqa: D102 - as the class says
    @property
    def sign_in(self) -> str: ...  # noqa: D102 - as the class says
    @property
    def person(self) -> Pseudonym: ...  # noqa: D102 - as the class says
    @property
    def place(self) -> str: ...  # noqa: D102 - as the class says
    @property
    def role(self) -> Role: ...  # noqa: D102 - as the class says


class Begun(Protocol):
    """A session that began; ``machine`` is what a machine that was not known is to keep."""

    @property
    def session(self) -> Session: ...  # noqa: D102 - as the class says
    @property
    def token(self) -> str: ...  # noqa: D102 - as the class says
    @property
    def machine(self) -> str | None: ...  # noqa: D102 - as the class says


@dataclass(frozen=True)
class Typed:
    """What somebody typed to come in, where, and the machine's secret, if it has one."""

    name: str
    password: str
    code: str
    place: str
    machine: str

    def __repr__(self) -> str:
        """Nothing of it: people type passwords where names belong."""
        return "Typed()"


class People(Protocol):
    """The sessions of one house."""

    def session_of(self, token: str) -> Session | None:
        """The session of a token; ``None`` where it ended or never was."""

    async def sign_in(self, typed: Typed) -> Begun:
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
