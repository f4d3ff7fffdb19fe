"""Why a mirror does not show a cut. Each keeps the last good cut up, with its time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openprep.coded import Coded, CodedError, Text, said


class MirrorCode(Coded):
    """Kinds of refusal and of trouble."""

    UNREACHABLE = (
        "M001",
        "Whoever was asked does not answer, is too slow, or refuses: it is asked again.",
    )
    NOT_FOUND = ("M002", "A file that was announced is not there.")
    OVERSIZE = ("M003", "More bytes come than were announced: nothing was kept.")
    SIGNATURE = (
        "M010",
        "The log is not signed by the election's key: do not show it; call the centre.",
    )
    OTHER_ELECTION = ("M011", "The cut is of another election, or of a drill: check the address.")
    ROLLBACK = ("M012", "The log is shorter than one already seen: history may not go back.")
    SPLIT_VIEW = (
        "M013",
        "Two different histories were signed: both are kept as evidence; call the centre.",
    )
    BROKEN_CHAIN = ("M014", "The cut does not follow the one before it.")
    MANIFEST = ("M015", "The manifest is not the one that was signed, or is malformed.")
    DIGEST = ("M016", "A file does not match its digest.")
    FORMAT = ("M017", "A file is not of a format known here: the kit may be too old.")
    RECOUNT = ("M018", "The published figures are not the sum of the actas.")
    LOG_ENTRIES = ("M019", "The log's entries do not give the root that is signed.")
    DISK = ("M020", "The mirror's own disk cannot be written: free space or mend it.")
    NOT_ENROLLED = (
        "M023",
        "This folder is no mirror yet: run `openprep mirror init`, then `join`.",
    )
    LOG_FACTS = ("M022", "The cut does not show what the log says was published.")
    IN_USE = (
        "M024",
        "Another process works in this mirror's folder: stop it first, one at a time.",
    )
    UNEXPECTED = (
        "M025",
        "Something that this kit did not expect: keep the log and report it; it goes on.",
    )
    RULES = (
        "M026",
        "The log begins with other rules than the trust root vouches for: call the authority.",
    )
    TREE_DAMAGED = ("M021", "The tree on this disk is not whole: it is fetched again.")
    PACKAGE = ("M050", "The package is not taken, what was up stays: the detail says why.")
    ADDRESS = ("M051", "This is no address: give all of it, http:// or https:// included.")
    NOT_THE_SERVICE = (
        "M052",
        "The root is joined; its service does not answer there: join with its address.",
    )
    TRUST_NOT_SPOKEN = (
        "M053",
        "Nobody compared this root's number: `openprep trust join` it, with the number by ear.",
    )
    ADDRESS_TAKEN = (
        "M054",
        "The address cannot be listened on: is another process there, or is it another machine's?",
    )
    NOT_FOLLOWED = (
        "M055",
        "Nothing was followed in this folder yet: is it the one of `openprep mirror run`?",
    )
    REQUEST = (
        "M056",
        "The enrolment request cannot be made so: correct what `mirror init` is given.",
    )
    NOT_HEARD_OF = (
        "M057",
        "The mirror was not heard of: does it run, and can it write its folder? See its log.",
    )
    LITTLE_SPACE = (
        "M058",
        "The disk is nearly full: make room, or no cut is shown any more.",
    )
    TRUST_NOT_JOINED = ("M030", "There is no trust root on this disk: join the election first.")
    TRUST_FINGERPRINT = (
        "M031",
        "The root is not the one whose number was spoken: do not join; get it again.",
    )
    TRUST_SIGNATURES = (
        "M032",
        "Too few of its keys signed the trust root: the one before stays; call the centre.",
    )
    TRUST_ROLLBACK = (
        "M033",
        "The trust root is older than one seen, or skips one: the one before stays.",
    )
    TRUST_EXPIRED = (
        "M034",
        "The trust root was not renewed in time, or this clock is ahead: check the clock first.",
    )
    TRUST_CLOCK = ("M035", "The trust root was made later than this clock says: set the clock.")
    TRUST_MIXED = (
        "M036",
        "Files of the trust root do not belong together: they are fetched again.",
    )
    TRUST_FORMAT = ("M037", "The trust root is malformed, or of a kind not known here.")
    TRUST_OTHER = (
        "M038",
        "The trust root is of another election, or of a drill: check the address and the command.",
    )
    TRUST_ALREADY_JOINED = (
        "M039",
        "Another root is joined here: keep each election and each drill in its own folder.",
    )
    PAGE = (
        "M040",
        "The page installed here cannot show this cut: install the newest release; data came well.",
    )


class Refused(CodedError[MirrorCode]):
    """A cut is not shown; the message says why, in a form that an operator can act upon."""


class SplitView(Refused):
    """Two histories were signed: ``notes`` are the log's own word for them."""

    def __init__(self, template: str, /, notes: tuple[bytes, ...], **facts: object) -> None:
        self.notes = notes
        super().__init__(MirrorCode.SPLIT_VIEW, template, **facts)


def not_read(error: OSError) -> Text:
    """Which file could not be read, and why, in words."""
    name = Path(str(error.filename)).name
    if isinstance(error, FileNotFoundError):
        return said("{name} is not there", name=name)
    return said("{name} cannot be read: {reason}", name=name, reason=error.strerror)


@contextmanager
def reading() -> Iterator[None]:
    """Raise what the system refuses inside as :class:`Refused` about what stands on this disk."""
    try:
        yield
    except OSError as error:
        raise Refused(MirrorCode.TREE_DAMAGED, "{error}", error=error) from error


@contextmanager
def writing() -> Iterator[None]:
    """Raise what the system refuses inside as :class:`Refused` about this disk."""
    try:
        yield
    except OSError as error:
        raise Refused(MirrorCode.DISK, "{error}", error=error) from error
