"""What the centre's operator may see when publishing goes wrong."""

from openprep.coded import Coded


class PublicationCode(Coded):
    """Kinds of trouble in making or placing cuts."""

    KEY_UNUSABLE = ("P002", "The centre's signing key is missing, unreadable or of another kind.")
    TREE_OF_ANOTHER_ELECTION = ("P003", "The folder holds the published tree of another election.")
    TREE_AHEAD_OF_RECORD = ("P004", "The published tree shows a cut that the record never made.")
    CUT_FAILED = ("P005", "A cut could not be made; the one before stays up and it is tried again.")
    LOG_NOT_AS_RECORDED = (
        "P010",
        "The record does not give the log that it says was signed; start from a sound copy of it.",
    )
    LOG_AHEAD_OF_RECORD = (
        "P011",
        "The published checkpoint is not of this record's log; start with the record that made it.",
    )
    IMAGE_LOST = (
        "P012",
        "An image in the record is not on this disk, and not shown: restore it from a copy.",
    )
    CLOCK_JUMPED = (
        "P035",
        "This machine's clock was set by more than 30 s: opening, databases and closing wait until "
        "it is back, publishers agree, or `openprep center clock --confirm` says that it is right.",
    )
    CLOCK_BEHIND_RECORD = (
        "P036",
        "This machine's clock is before what was recorded: set it, or confirm it as right.",
    )
    CLOCK_UNLIKE_PUBLISHERS = (
        "P037",
        "Most publishers' clocks differ from this machine's by more than 30 s: set it (NTP); "
        "opening, databases and closing wait.",
    )
    CLOCK_UNPROVEN = (
        "P038",
        "The machine has just started, and its clock is looked at first: opening waits some seconds.",
    )
    CLOSING_NOT_SEEN = (
        "P039",
        "The window's end was over when this clock began to be believed: the closing waits for "
        "publishers' clocks, or for `openprep center clock --confirm`; reception goes on.",
    )
