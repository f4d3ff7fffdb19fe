"""What a person at a desk, or who runs the house, is told. What was sealed stays sealed."""

from openprep.coded import Coded


class DeskCode(Coded):
    """Why a step was not sealed. Whoever took it still has it on the screen."""

    NOT_OF_THIS_PLACE = (
        "K401",
        "The place's enrolment does not have this acta in this role: ask the coordinator.",
    )
    IMPLAUSIBLE = ("K402", "No acta has so many votes: compare the digits with the image.")
    WRONG_EXCESS = (
        "K403",
        "EXCEDE LISTA NOMINAL is said by the rule, not by a person: leave it to the house.",
    )
    NO_TICKET = ("K404", "The page was not made for this person: ask for the next acta.")
