"""What the centre's operator may see when publishing goes wrong."""

from openprep.coded import Coded


class PublicationCode(Coded):
    """Kinds of trouble in making or placing cuts."""

    KEY_UNUSABLE = ("P002", "The centre's signing key is missing, unreadable or of another kind.")
    TREE_OF_ANOTHER_ELECTION = ("P003", "The folder holds the published tree of another election.")
    TREE_AHEAD_OF_RECORD = ("P004", "The published tree shows a cut that the record never made.")
    CUT_FAILED = ("P005", "A cut could not be made; the one before stays up and it is tried again.")
    SHOWN_AGAIN = ("P006", "A cut that was made is shown again, as a new one: nothing is lost.")
    LOG_NOT_AS_RECORDED = (
        "P010",
        "The record does not give the log that it says was signed; start from a sound copy of it.",
    )
    LOG_AHEAD_OF_RECORD = (
        "P011",
        "The published checkpoint is not of this record's log; start with the record that made it.",
    )
    FEW_FILES = (
        "P060",
        "So few files may be open that few can connect: raise LimitNOFILE, or ulimit -n.",
    )
    IMAGE_LOST = (
        "P012",
        "An image in the record is not on this disk, and not shown: restore it from a copy.",
    )
    CLOCK_JUMPED = (
        "P035",
        "The clock was set by over 30 s: what cannot be undone waits. Set it (NTP), or confirm it.",
    )
    CLOCK_BEHIND_RECORD = (
        "P036",
        "The clock is before what was recorded: set it (NTP), or confirm it as right.",
    )
    CLOCK_UNLIKE_PUBLISHERS = (
        "P037",
        "Most publishers' clocks differ by over 30 s: what cannot be undone waits. Set it (NTP).",
    )
    CLOCK_UNPROVEN = (
        "P038",
        "The clock of a machine just started is looked at for some seconds before the opening.",
    )
    CLOSING_NOT_SEEN = (
        "P039",
        "The window ended before this clock was believed: confirm it, and the closing is made.",
    )
    ADDRESS_TAKEN = (
        "P040",
        "The address cannot be listened on: is another process there, or is it another machine's?",
    )
    LOG_NOT_OF_TRUST = (
        "P041",
        "Publishers would refuse every cut: the ceremony must name the key of `center init`.",
    )
    PUBLISHERS_HOLD_MORE = (
        "P042",
        "Publishers hold what this record lacks, and less is never signed: take the newest copy.",
    )
    PUBLISHERS_HOLD_OTHER = (
        "P043",
        "A publisher holds another history under this log's key: sign nothing, call the auditor.",
    )
    NOBODY_ANSWERS = (
        "P044",
        "No publisher said what it holds: name one (--publisher), or give --nobody-answers.",
    )
    COPY_DAMAGED = ("P045", "The copy is not whole: nothing was restored; take another copy.")
    NOT_EMPTY = ("P046", "There is something already: a copy is never put over it.")
    ELECTION_CHANGED = (
        "P047",
        "An election is corrected only before anything is published: start with its folder as was.",
    )
    RESTAMPED = (
        "P048",
        "The election's folder was corrected before the first cut: the record follows it.",
    )
    NOT_A_CENTER = (
        "P050",
        "There is no centre in this folder: give --data the one where `center init` made its key.",
    )
    DISK_NEARLY_FULL = (
        "P062",
        "The disk is nearly full: make room, or envelopes are refused and no cut is made.",
    )
    DATABASES_LOST = (
        "P063",
        "The process that writes official databases ended, and another begins: is memory short?",
    )
    DATABASE_LATE = (
        "P064",
        "An official database could not be written; it is tried again, and a later cut lists it.",
    )
    NOT_COMPRESSED = (
        "P065",
        "Files could not be compressed: they are served as they are, and nothing else suffers.",
    )
    LITTLE_SPACE = ("P049", "There is not enough room for the copy: nothing was written.")
