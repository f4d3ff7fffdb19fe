"""Who may come into a house: its signed list of people, taken up anew whenever the file changes."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import count
from pathlib import Path

from openprep.capture.acts import Who
from openprep.capture.steps import SessionId
from openprep.clock import Clock
from openprep.coded import CodedError
from openprep.desks.web.people import Listed
from openprep.people.authority import load_public
from openprep.people.codes import RosterCode, RosterRefused
from openprep.people.passwords import PasswordChecks
from openprep.people.roster import SignedRoster, read_roster
from openprep.people.session_file import Session, Shut
from openprep.people.sessions import Begun, Sessions
from openprep.people.sign_in import Asked, SignIn

LOOK_EVERY = 2.0
"""Seconds between two looks at whether there is a newer list."""

SWEEP_EVERY = 30
"""Looks after which sessions that ended by themselves are let go."""

_KINDS: Mapping[Who, Shut] = {Who.PERSON: "person", Who.PLACE: "place"}

log = logging.getLogger("openprep.capture")


class HousePeople:
    """The people of one house, as its pages ask for them."""

    def __init__(self, sessions: Sessions, roster: Path, authority: Path, clock: Clock) -> None:
        self.sessions = sessions
        self._roster = roster
        self._authority = authority
        self._checks = PasswordChecks()
        self._sign_in = SignIn(sessions, self._checks, clock=clock)
        self._told: dict[str, str] = {}

    def session_of(self, token: str) -> Session | None:
        """The session of a token; ``None`` where it ended or never was."""
        return self.sessions.find(token)

    async def sign_in(self, asked: Asked) -> Begun:
        """Begin a session.

        Raises:
            SignInRefused: it is not begun, and why, in words that tell a stranger nothing.
            RosterRefused: the list ran out.
            RecordTrouble: the disk refused; nobody was signed in.
        """
        return await self._sign_in.sign_in(asked)

    async def sign_out(self, token: str) -> None:
        """End the session of a token, which is over from the call on.

        Raises:
            RecordTrouble: the disk refused: it is over only until this process ends.
        """
        await self.sessions.end(token)

    def everybody(self) -> tuple[Session, ...]:
        """Who is signed in now."""
        return self.sessions.everybody()

    async def revoke_session(self, session: SessionId) -> bool:
        """End a session, which is over from the call on; whether it was there.

        Raises:
            RecordTrouble: the disk refused: it is over only until this process ends.
        """
        return await self.sessions.revoke_session(session)

    def listed(self) -> Sequence[Listed]:
        """Everybody who is on the list, signed in or not."""
        return [
            Listed(one.sign_in, one.person, one.role, one.places) for one in self._sign_in.listed
        ]

    async def shut_out(self, who: Who, which: str) -> None:
        """Shut a person or a place out, who is out from the call on.

        Raises:
            RecordTrouble: the disk refused: they are out only until this process ends.
        """
        await self.sessions.revoke(_KINDS[who], which)

    async def let_in(self, who: Who, which: str) -> None:
        """Let a person or a place sign in again.

        Raises:
            RecordTrouble: the disk refused: nothing changed.
        """
        await self.sessions.readmit(_KINDS[who], which)

    async def go_by(self, out: AbstractSet[tuple[Who, str]]) -> None:
        """Have out who is out by the house's journal, and nobody else.

        A house that was killed between sealing that and this has it there only.

        Raises:
            RecordTrouble: the disk refused.
        """
        before = {(Who(kind), which) for kind, which in self.sessions.shut_out()}
        for who, which in out - before:
            await self.shut_out(who, which)
        for who, which in before - out:
            await self.let_in(who, which)

    async def take_list(self) -> None:
        """Take up the list that is there.

        Raises:
            RosterRefused: it cannot be used; the list before goes on.
            RecordTrouble: the disk refused.
        """
        signed = await asyncio.to_thread(self._read)
        ended = await self._sign_in.take(signed)
        log.info("list %d of people; sessions ended by it: %d", signed.roster.number, ended)

    def _read(self) -> SignedRoster:
        signed = read_roster(self._roster, load_public(self._authority))
        own, listed = self.sessions.election, signed.roster.election
        if listed != own:
            raise RosterRefused(
                RosterCode.OTHER_ELECTION,
                "the list is of {listed}, this house of {own}",
                listed=listed,
                own=own,
            )
        return signed

    async def keep_up(self) -> None:
        """Take up each newer list when it is there, until cancelled; what is wrong is told once.

        A list that was refused is tried at every look, though its file stays as it is: the day of
        tomorrow's list comes, a clock is set, a disk is freed, a right is given.
        """
        taken = self._mark()
        for look in count(1):
            await asyncio.sleep(LOOK_EVERY)
            if look % SWEEP_EVERY == 0:
                await self._is_done("sweep", self.sessions.sweep())
            now = self._mark()
            if now != taken and await self._is_done(f"list {now}", self.take_list()):
                taken = now

    async def _is_done(self, what: str, doing: Awaitable[object]) -> bool:
        """Whether it was done; why it was not is told once, until that is something else."""
        try:
            await doing
        except (CodedError, OSError) as trouble:
            if self._told.get(what) != str(trouble):
                self._told[what] = str(trouble)
                log.error("%s", trouble)
            return False
        self._told.pop(what, None)
        return True

    def _mark(self) -> tuple[int, int, int] | None:
        """What changes with the file."""
        try:
            found = self._roster.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def close(self) -> None:
        """Give the sessions up; whoever is signed in is so again after the next start."""
        self._checks.close()
        self.sessions.close()
