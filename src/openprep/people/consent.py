"""Four eyes: what one person asks for, another agrees to, before it is done. Pure.

    asked --grant--> granted --spend--> (done, gone)

Either state ends when its time is over, and when the asker withdraws. A consent is for one act on
one thing, in the words that both saw: it is worth nothing for another, and nothing a second time.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from openprep.capture.steps import Pseudonym, SessionId
from openprep.people.codes import ConsentCode, ConsentRefused
from openprep.people.permissions import FOUR_EYES, Act, allows
from openprep.people.roles import Role

ConsentId: TypeAlias = str
"""Whatever the caller draws for it."""

GOOD_FOR = 600.0
"""Seconds from the asking until it is over, granted or not."""

MOST_OF_ONE = 10
"""What one person may have asked for at a time: more, and the oldest is forgotten."""


class Party(NamedTuple):
    """Who asks, or agrees: a person, in a session, at a place."""

    person: Pseudonym
    session: SessionId
    place: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What is asked for. ``about`` says on what, with all that the second person must know."""

    act: Act
    about: str
    asked_by: Party
    asked_at: float
    granted_by: Party | None = None

    def is_over(self, now: float) -> bool:
        """Whether it waited too long."""
        return now - self.asked_at >= GOOD_FOR


@dataclass(slots=True)
class Consents:
    """What waits for a second person. ``now`` is of a clock that is never set back."""

    by_id: dict[ConsentId, Consent] = field(default_factory=dict)

    def ask(
        self, named: ConsentId, act: Act, about: str, by: Party, role: Role, now: float
    ) -> Consent:
        """Ask for a second person's consent to ``act``.

        Raises:
            ConsentRefused: NO_RIGHT: the role may not do it, or it is no act of two.
        """
        if act not in FOUR_EYES or not allows(role, act):
            raise ConsentRefused(
                ConsentCode.NO_RIGHT, "{act} by {role}", act=act.value, role=role.value
            )
        self._forget(by.person, now)
        asked = Consent(act, about, by, now)
        self.by_id[named] = asked
        return asked

    def waiting(self, now: float) -> dict[ConsentId, Consent]:
        """What a second person may still agree to."""
        return {
            named: one
            for named, one in self.by_id.items()
            if one.granted_by is None and not one.is_over(now)
        }

    def grant(self, named: ConsentId, by: Party, role: Role, now: float) -> Consent:
        """Agree to what another asks for. Agreed to twice, the first stays.

        Raises:
            ConsentRefused: NOT_ASKED, EXPIRED, SAME_PERSON, or NO_RIGHT.
        """
        asked = self._live(named, now)
        if by.person == asked.asked_by.person:
            raise ConsentRefused(ConsentCode.SAME_PERSON, "{act}", act=asked.act.value)
        if not allows(role, Act.CONSENT):
            raise ConsentRefused(ConsentCode.NO_RIGHT, "consent by {role}", role=role.value)
        if asked.granted_by is None:
            self.by_id[named] = replace(asked, granted_by=by)
        return self.by_id[named]

    def withdraw(self, named: ConsentId, by: Pseudonym) -> None:
        """Ask for it no more; nothing happens where it is not one's own."""
        asked = self.by_id.get(named)
        if asked is not None and asked.asked_by.person == by:
            del self.by_id[named]

    def spend(self, named: ConsentId, act: Act, about: str, by: Pseudonym, now: float) -> Consent:
        """Use the consent, once, for exactly what was agreed to, by who asked.

        Raises:
            ConsentRefused: NOT_ASKED (also of another act, thing or person), EXPIRED, NOT_GRANTED.
        """
        asked = self._live(named, now)
        if (asked.act, asked.about, asked.asked_by.person) != (act, about, by):
            raise ConsentRefused(ConsentCode.NOT_ASKED, "{act}", act=act.value)
        if asked.granted_by is None:
            raise ConsentRefused(ConsentCode.NOT_GRANTED, "{act}", act=act.value)
        del self.by_id[named]
        return asked

    def _live(self, named: ConsentId, now: float) -> Consent:
        asked = self.by_id.get(named)
        if asked is None:
            raise ConsentRefused(ConsentCode.NOT_ASKED, "it is not there")
        if asked.is_over(now):
            del self.by_id[named]
            raise ConsentRefused(ConsentCode.EXPIRED, "{act}", act=asked.act.value)
        return asked

    def _forget(self, by: Pseudonym, now: float) -> None:
        """Drop what is over, and the oldest of a person who asks for too much."""
        self.by_id = {named: one for named, one in self.by_id.items() if not one.is_over(now)}
        own = [named for named, one in self.by_id.items() if one.asked_by.person == by]
        for named in own[: max(0, len(own) - MOST_OF_ONE + 1)]:
            del self.by_id[named]
