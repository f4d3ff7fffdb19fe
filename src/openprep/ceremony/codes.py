"""What those who keep the trust root may see. Nothing is written when one of these is said."""

from openprep.coded import Coded, CodedError


class CeremonyCode(Coded):
    """Why a step of the ceremony is refused."""

    PASSPHRASE_WEAK = ("C001", "The passphrase can be guessed: let `ceremony key --draw` make one.")
    PASSPHRASE_WRONG = (
        "C002",
        "The passphrase does not open the key: nothing was signed, type it again.",
    )
    KEY_EXISTS = ("C003", "There is a key already, and it stays: use it, or name another --out.")
    KEY_UNUSABLE = (
        "C004",
        "The key cannot be kept, read or used: `ceremony key` makes the kind that is needed.",
    )
    KEY_EXPOSED = ("C005", "Others may read the key: take the right away (chmod 600).")
    DUPLICATE_KEY = ("C006", "One key or name stands for two members: each makes its own.")
    THRESHOLD = ("C007", "The threshold must be at least 1 and no more than the members.")
    EXPIRED = ("C008", "An expiry date is past, or before the results close: choose a later one.")
    NOT_A_MEMBER = ("C009", "The key is of nobody who may sign this proposal: `show` says who may.")
    ALTERED = ("C010", "The proposal is not as it was made: get it again from its maker.")
    FINGERPRINT = ("C011", "The number spoken aloud is not that of these files: do not go on.")
    TOO_FEW = ("C012", "Not enough members have signed: have others sign, and finish again.")
    OUT_OF_TURN = ("C013", "The proposal does not follow the trust that stands: start it again.")
    ENROLMENT = ("C014", "What is to be vouched for contradicts itself: correct it, start again.")
    REQUEST = ("C015", "An enrolment request cannot be taken: ask the publisher for it again.")
    ONLINE_KEY = ("C016", "The root does not name this online key: take the one it names.")
    DAMAGED = ("C017", "The folder is not whole: bring it back from a copy or from a publisher.")
    NOT_READY = ("C018", "The election is not ready to open: mend what is listed.")
    UNKNOWN = ("C019", "What is to be changed is not enrolled: `show` lists who is.")
    LOG_NAME = (
        "C020",
        "The log key is not the one of this election: give the line that `center init` printed.",
    )
    NO_EFFECT = (
        "C021",
        "What was asked is so already: leave it out. The date alone is renewed without it.",
    )
    NO_PROPOSAL = ("C022", "There is no proposal in this folder: give what `ceremony start` wrote.")
    PASSPHRASE_FILE = (
        "C023",
        "The passphrase's file cannot be read: one line of text, in UTF-8, readable by you.",
    )
    OTHER_FOLDER = (
        "C024",
        "The members signed another folder: take theirs, or hold the ceremony for this one.",
    )
    NO_REMIT = (
        "C040",
        "A station speaks for nothing: list what it reports, captures or corrects.",
    )
    NO_SUCH_AREA = (
        "C041",
        "A station lists an area or acta that the election does not have: correct its entry.",
    )
    NO_ROW = ("C030", "A casilla of the contest has no row in its catalogue.")
    NO_FORM = ("C031", "An acta has no form: no columns, or nobody runs in its unit.")
    NO_ZERO = ("C032", "An acta or an area does not stand at zero in the opening objects.")


class CeremonyRefused(CodedError[CeremonyCode]):
    """A step of the ceremony is refused, and why; what stood before still stands."""
