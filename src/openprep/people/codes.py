"""What keeps a person from working: lists, sign-in, and consent of a second person."""

from openprep.coded import Coded, CodedError


class RosterCode(Coded):
    """Why a list of people is not used. The one before it, if any, goes on being used."""

    NOT_SIGNED = ("K301", "The list is not signed by the key that was given: get it again.")
    MALFORMED = ("K302", "The bytes are not a list of people of this version: get it again.")
    OTHER_ELECTION = ("K303", "The list is of another election: take the one of this election.")
    EXPIRED = ("K304", "The list has run out, or the clock is ahead: ask the authority for a new.")
    NOT_YET = ("K305", "The list is not good yet, or the clock is behind: look at the clock.")
    OLDER = ("K306", "A newer list was used here, or another of its number: take the newest.")
    EXPOSED = ("K307", "Others may read the list, which has secrets: chmod 600.")
    UNREADABLE = ("K308", "The list cannot be read: see that it is there, and one's rights.")
    KEY = ("K309", "The public key cannot be used: it is the line in `people.pub`.")


class RosterRefused(CodedError[RosterCode]):
    """A list of people is not used."""


class AuthorityCode(Coded):
    """Why no list of people is made. Nothing was written, unless it says so."""

    EXISTS = ("K320", "It is there already, and is never replaced: name another, or use it.")
    UNUSABLE = ("K321", "The authority's key or secret cannot be used: bring back its copy.")
    EXPOSED = ("K322", "Others may read the authority's key or secret: chmod 600.")
    PEOPLE = ("K323", "The list of names has mistakes: correct them all. Nothing was made of it.")
    NOT_LISTED = ("K324", "Nobody on the list has that sign-in name: `people list` has them all.")
    NAME = ("K325", "An election cannot be called so: give its id, as in its folder.")
    NOT_KEPT = ("K326", "A file cannot be written: see the folder and its rights.")


class AuthorityRefused(CodedError[AuthorityCode]):
    """No list of people is made."""


class SignInCode(Coded):
    """Why somebody is not signed in. What is wrong is not told: it would tell a stranger."""

    REFUSED = ("K330", "Name, password, code or place is not right: try again with the next code.")
    WAIT = ("K331", "Too many attempts failed: try again after the pause.")
    BUSY = ("K332", "Too many sign in at this moment: try again, nothing was counted.")


class SignInRefused(CodedError[SignInCode]):
    """Somebody is not signed in. ``again_in``: seconds after which it may be tried again."""

    def __init__(
        self, code: SignInCode, template: str, /, again_in: float = 0.0, **facts: object
    ) -> None:
        self.again_in = again_in
        super().__init__(code, template, **facts)


class ConsentCode(Coded):
    """Why an act that takes two people is not done. Nothing was changed."""

    SAME_PERSON = ("K340", "Who asks does not consent: another person reads it and agrees.")
    NO_RIGHT = ("K341", "The role may not ask for this, or not consent to it: see the matrix.")
    NOT_ASKED = ("K342", "Nobody asks for this now: it was withdrawn, done, or is another's.")
    EXPIRED = ("K343", "It waited too long for a second person: ask again.")
    ONESELF = (
        "K345",
        "Who asks or agrees is not shut out by it, nor is their place.",
    )
    NOT_GRANTED = ("K344", "No second person has agreed yet: have one read it and consent.")


class ConsentRefused(CodedError[ConsentCode]):
    """An act that takes two people is refused."""
