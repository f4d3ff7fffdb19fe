"""The room of people, as the pages ask it."""

from dataclasses import dataclass

from openprep.desks.web.people import Session, Typed
from openprep.people.sessions import Begun
from openprep.people.sign_in import Asked, SignIn


@dataclass(frozen=True)
class SignedList:
    """The people of a house by their authority's signed list."""

    entrance: SignIn

    def session_of(self, token: str) -> Session | None:
        """As :class:`People` says."""
        return self.entrance.sessions.find(token)

    async def sign_in(self, typed: Typed) -> Begun:
        """As :class:`People` says.

        Raises:
            SignInRefused, RosterRefused, RecordTrouble: nobody was signed in.
        """
        asked = Asked(typed.name, typed.password, typed.code, typed.place, typed.machine)
        return await self.entrance.sign_in(asked)

    async def sign_out(self, token: str) -> None:
        """As :class:`People` says."""
        await self.entrance.sessions.end(token)
