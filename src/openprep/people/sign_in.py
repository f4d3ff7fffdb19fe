"""Signing in: name, password, one-time code and place lead to a session, or to one same refusal.

Whoever is not known, has a wrong password, a wrong or a used code, or does not work at the place is
told the same words, after the same work: one argon2 and three comparisons of a code.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from openprep.clock import Clock, count_seconds, system_clock
from openprep.people.codes import SignInCode, SignInRefused
from openprep.people.lockout import Attempt, Lockout
from openprep.people.one_time_codes import draw_secret, step_of
from openprep.people.passwords import PasswordChecks
from openprep.people.roster import (
    SIGN_IN_NAME,
    Person,
    Roster,
    Seen,
    SignedRoster,
    check_newest,
    check_time,
)
from openprep.people.sessions import Begun, Sessions

LOG = logging.getLogger("openprep.people")
_NAME = re.compile(SIGN_IN_NAME)
_NO_NAME = _NO_PLACE = ""
"""What all that cannot be a sign-in name, or where nobody works, is counted as."""


@dataclass(frozen=True)
class Asked:
    """What somebody typed, where, and the machine's secret, if it has one."""

    name: str
    password: str
    code: str
    place: str
    machine: str = ""

    def __repr__(self) -> str:
        """Nothing of it: people type passwords where names belong."""
        return "Asked()"

    @property
    def sign_in(self) -> str:
        """The sign-in name; ``""`` for whatever cannot be one."""
        name = self.name.strip().lower()
        return name if _NAME.search(name) else _NO_NAME


class SignIn:
    """The way into one house, by the newest list that it was given."""

    def __init__(
        self,
        sessions: Sessions,
        checks: PasswordChecks,
        *,
        clock: Clock = system_clock,
        counter: Callable[[], float] = count_seconds,
    ) -> None:
        self.sessions = sessions
        self.lockout = Lockout()
        self._checks = checks
        self._clock = clock
        self._counter = counter
        self._roster: Roster | None = None
        self._listed: Mapping[str, Person] = {}
        self._places: frozenset[str] = frozenset()
        self._nobodys = draw_secret()

    @property
    def listed(self) -> Iterable[Person]:
        """Who is on the list."""
        return self._listed.values()

    async def take(self, signed: SignedRoster) -> int:
        """Go on by this list; how many sessions ended because it does not provide for them.

        Raises:
            RosterRefused: OLDER, EXPIRED or NOT_YET: the list before goes on.
            RecordTrouble: the disk refused; the list is used until this process ends.
        """
        check_time(signed.roster, self._clock())
        check_newest(signed, self.sessions.seen)
        self._roster, self._listed = signed.roster, signed.roster.by_sign_in()
        self._places = frozenset(place for one in signed.roster.people for place in one.places)
        seen = Seen(signed.roster.number, signed.digest)
        return await self.sessions.keep_only(seen, signed.roster.people)

    async def sign_in(self, asked: Asked) -> Begun:
        """Begin a session.

        Raises:
            SignInRefused: REFUSED, whatever is wrong; WAIT; BUSY (nothing was counted).
            RosterRefused: the list ran out.
            RecordTrouble: the disk refused; nobody was signed in.
        """
        if self._roster is not None:
            check_time(self._roster, self._clock())
        machine = self.sessions.known_machine(asked.machine, asked.place)
        place = asked.place if asked.place in self._places else _NO_PLACE
        attempt = Attempt(asked.sign_in, place, machine)
        pause = self.lockout.begin(attempt, self._counter())
        if pause:
            raise SignInRefused(
                SignInCode.WAIT, "for {seconds:.0f} s", again_in=pause, seconds=max(1.0, pause)
            )
        begun = await self._proved(asked, attempt)
        if begun is None:
            LOG.info("sign-in refused at %s", attempt.place or "an unknown place")
            raise SignInRefused(SignInCode.REFUSED, "not signed in")
        self.lockout.succeeded(attempt)
        LOG.info("session %s begins at %s", begun.session.id, begun.session.place)
        return begun

    async def _proved(self, asked: Asked, attempt: Attempt) -> Begun | None:
        """The session of who proved to be on the list; ``None`` where anything is wrong."""
        entry = self._listed.get(attempt.name)
        kept = None if entry is None else entry.password
        secret = self._nobodys if entry is None else entry.code
        try:
            right = await self._checks.is_right(
                kept, asked.password, known_machine=bool(attempt.machine)
            )
        except BaseException:
            self.lockout.withdraw(attempt)
            raise
        step = step_of(secret, asked.code, self._clock())
        if entry is None or not right or step is None or asked.place not in entry.places:
            return None
        begun = await self.sessions.begin(entry, asked.place, step, asked.machine)
        if begun is not None and self._listed.get(attempt.name) != entry:
            await self.sessions.revoke_session(begun.session.id)  # a newer list came meanwhile
            return None
        return begun
