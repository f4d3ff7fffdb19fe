"""Why a mirror's tree is not in its bucket as it should be."""

from openprep.coded import Coded, CodedError


class BucketCode(Coded):
    """Kinds of trouble between a mirror and the bucket that it fills."""

    TARGET = ("M080", "The address of the bucket is none that is known here: correct it.")
    STORE = (
        "M081",
        "The bucket does not take or give files: what is in it stays; it is tried again.",
    )
    NO_CUT = ("M082", "The mirror shows no cut yet: there is nothing to send.")
    DAMAGED = (
        "M083",
        "A file on this disk is not the one that the cut names: start the mirror, which mends it.",
    )
    STATE = (
        "M084",
        "What was sent is not remembered: free space, or delete the file named and send all again.",
    )
    CREDENTIALS = ("M085", "There are no credentials for the bucket: set the variables named.")


class BucketTrouble(CodedError[BucketCode]):
    """The bucket stays at the cut that it has; the message says why."""
