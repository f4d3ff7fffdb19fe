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
