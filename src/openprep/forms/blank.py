"""A form that nobody filled in yet: of which acta of an election it is."""

from msgspec import Struct

from openprep.election import Contest, Election, ExpectedActa
from openprep.forms.codes import FormCode, FormTrouble
from openprep.forms.identity import Identity


class Blank(Struct, frozen=True):
    """One acta that an election expects, with where it belongs."""

    election: Election
    contest: Contest
    expected: ExpectedActa

    @property
    def identity(self) -> Identity:
        """What its code says, unsigned."""
        return Identity(self.election.id, self.contest.id, self.expected.id)


def blank_for(election: Election, contest: str, acta: str) -> Blank:
    """The acta of a contest by its id.

    Raises:
        FormTrouble: NOT_EXPECTED.
    """
    expected = election.expected.get(contest, {}).get(acta)
    if expected is None:
        raise FormTrouble(
            FormCode.NOT_EXPECTED,
            "{acta} of {contest} in {election}",
            acta=repr(acta),
            contest=repr(contest),
            election=election.id,
        )
    return Blank(election, election.contests[contest], expected)
