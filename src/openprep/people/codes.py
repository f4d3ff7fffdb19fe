"""What keeps a person from working: lists, sign-in, and consent of a second person."""

from openprep.coded import Coded, CodedError


class ConsentCode(Coded):
    """Why an act that takes two people is not done. Nothing was changed."""

    SAME_PERSON = ("K340", "Who asks does not consent: another person reads it and agrees.")
    NO_RIGHT = ("K341", "The role may not ask for this, or not consent to it: see the matrix.")
    NOT_ASKED = ("K342", "Nobody asks for this now: it was withdrawn, done, or is another's.")
    EXPIRED = ("K343", "It waited too long for a second person: ask again.")
    NOT_GRANTED = ("K344", "No second person has agreed yet: have one read it and consent.")


class ConsentRefused(CodedError[ConsentCode]):
    """An act that takes two people is refused."""
