"""Shutting a person or a place out of the house, and letting them in again."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from openprep.capture.acts import LetIn, ShutOut, Who
from openprep.desks.house import House
from openprep.desks.web.agreed.agreeing import AnybodyDoes, signed_by
from openprep.desks.web.people import People
from openprep.desks.web.texts.all import text
from openprep.desks.web.texts.said import Language
from openprep.people.codes import ConsentCode, ConsentRefused
from openprep.people.consent import Consent, Party


class Subject(NamedTuple):
    """A person, by pseudonym, or a place."""

    who: Who
    which: str

    def __str__(self) -> str:
        return f"{self.who.value} {self.which}"

    @property
    def mark(self) -> str:
        """What a form calls it: no page has the pseudonym of another person."""
        return sha256(str(self).encode()).hexdigest()

    @classmethod
    def of(cls, about: str) -> "Subject":
        """The one that is called so."""
        who, _, which = about.partition(" ")
        return cls(Who(who), which)


class Names:
    """How those are called who may be shut out: a person by sign-in names, and never otherwise."""

    def __init__(self, people: People) -> None:
        self._people = people

    def named(self, sign_in: str) -> Subject | None:
        """The person of a sign-in name, in whatever role."""
        typed = sign_in.strip().lower()
        found = (one.person for one in self._people.listed() if one.sign_in == typed)
        return next((Subject(Who.PERSON, person) for person in found), None)

    def of(self, subject: Subject, language: Language) -> str:
        """What a page calls it."""
        if subject.who is Who.PLACE:
            return text(language, "the_place", place=subject.which)
        names = [one.sign_in for one in self._people.listed() if one.person == subject.which]
        return ", ".join(sorted(names)) or text(language, "not_listed")


class ShuttingOut(AnybodyDoes):
    """Shutting somebody out: out at once, and for good once it is said."""

    def __init__(self, house: House, people: People) -> None:
        self._house = house
        self._people = people
        self._names = Names(people)

    def check(self, about: str, party: Party) -> None:
        """Nobody shuts out themselves, nor the place that they work in.

        Raises:
            ConsentRefused: ONESELF.
        """
        if Subject.of(about) in ((Who.PERSON, party.person), (Who.PLACE, party.place)):
            raise ConsentRefused(ConsentCode.ONESELF, "oneself")

    def words(self, about: str, language: Language) -> str | None:
        """Who is to be shut out; nothing where they are."""
        subject = Subject.of(about)
        if subject in self._house.doors.out:
            return None
        return text(language, "shut_out", name=self._names.of(subject, language))

    async def do(self, asked: Consent, agreed: Party, at: datetime) -> None:
        """Seal it, and end their sessions and what was lent in them."""
        subject = Subject.of(asked.about)
        act = ShutOut(**signed_by(asked, agreed, at), who=subject.who, which=subject.which)
        try:
            await self._people.shut_out(*subject)
        finally:  # where the disk refuses they are out all the same, until the house ends
            self._end_work(subject)
            if subject not in self._house.doors.out:
                await self._house.act(asked.asked_by.place, act)

    def _end_work(self, subject: Subject) -> None:
        if subject.who is Who.PERSON:
            self._house.end_work_of(subject.which)
        else:
            self._house.end_work_at(subject.which)


class LettingIn(AnybodyDoes):
    """Letting somebody in again who was shut out."""

    def __init__(self, house: House, people: People) -> None:
        self._house = house
        self._people = people
        self._names = Names(people)

    def words(self, about: str, language: Language) -> str | None:
        """Who is to be let in; nothing where they are."""
        subject = Subject.of(about)
        if subject not in self._house.doors.out:
            return None
        return text(language, "let_in", name=self._names.of(subject, language))

    async def do(self, asked: Consent, agreed: Party, at: datetime) -> None:
        """Seal it, and let them sign in."""
        subject = Subject.of(asked.about)
        if subject in self._house.doors.out:
            act = LetIn(**signed_by(asked, agreed, at), who=subject.who, which=subject.which)
            await self._house.act(asked.asked_by.place, act)
        await self._people.let_in(*subject)
