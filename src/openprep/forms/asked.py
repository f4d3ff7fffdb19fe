"""The acta that a form is asked for."""

from msgspec import Struct

from openprep.election import Contest, Election, ExpectedActa
from openprep.forms.codes import FormCode, FormTrouble
from openprep.forms.identity import Identity


class Asked(Struct, frozen=True):
    """One acta that an election expects, with where it belongs."""

    election: Election
    contest: Contest
    expected: ExpectedActa

    @property
    def identity(self) -> Identity:
        """What its code says, unsigned."""
        return Identity(self.election.id, self.contest.id, self.expected.id)


def asked_for(election: Election, contest: str, acta: str) -> Asked:
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
    return Asked(election, election.contests[contest], expected)
