"""Why a form, a label or an identity is refused."""

from openprep.coded import Coded, CodedError


class FormCode(Coded):
    """Why a form is not made, or an identity is not believed."""

    TOO_MANY_FIELDS = ("K201", "The contest has more fields than a form: no form was made.")
    NOT_EXPECTED = ("K202", "The election expects no such acta: correct the contest or the id.")
    NO_ROOM = ("K203", "The code does not fit there in whole dots: take a larger label.")
    WRONG_FIGURES = ("K204", "The figures are not those of this form: nothing was drawn.")
    TOO_LONG = ("K210", "The code says more than an identity can: identify the acta by hand.")
    MALFORMED = ("K211", "The code is no identity of an acta: identify the acta by hand.")
    FOREIGN = ("K212", "The acta is of another election: it is not of this place.")
    WRONG_SIGNATURE = (
        "K213",
        "Nobody of this election signed the identity: identify the acta by hand, and report it.",
    )


class FormTrouble(CodedError[FormCode]):
    """No form, label or image was made; the message says why."""


class IdentityRefused(CodedError[FormCode]):
    """What a code says is not believed; nothing follows from it."""
