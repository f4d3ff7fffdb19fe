"""What a person at a desk, or who runs the house, is told. What was sealed stays sealed."""

from openprep.coded import Coded, CodedError


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
    NOT_OPEN = (
        "K411",
        "The house is not open, and nothing was sealed: two people open it, then do it again.",
    )
    SHUT_OUT = (
        "K412",
        "The person or the place is shut out of this house: two people let it in again.",
    )
    CLOCK_BEHIND = (
        "K413",
        "The machine's clock is before the day: set it by a telephone, then do it again.",
    )
    NO_TICKET = ("K404", "The page was not made for this person: ask for the next acta.")


class PageCode(Coded):
    """Why a page is not given, or what it sent is not taken. Nothing was sealed."""

    NO_SUCH_PAGE = ("K405", "There is no such page, or it is not for this role: begin at the home.")
    NOT_FROM_HERE = (
        "K406",
        "The request came from no page of this house: open the page again, at its own address.",
    )
    NOT_OF_THIS_PAGE = (
        "K407",
        "What was sent is not what the page sends, or is too much: open the page again.",
    )
    NO_IMAGE = ("K408", "The image is not in this house: tell the coordinator.")
    FAULT = ("K409", "The house failed at this: try again, and see its log.")
    DISPUTE_OVER = ("K410", "The acta waits for no decision any more: ask for the next one.")
    SCANNER_AWAY = (
        "K414",
        "The scanner's folder does not answer; its files are as they were: see its share.",
    )


class NotGiven(CodedError[PageCode]):
    """A page is not given, or what it sent is not taken."""
