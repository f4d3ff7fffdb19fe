"""Why the distribution service refuses a request, or a publisher a package."""

from openprep.coded import Coded


class DistributionCode(Coded):
    """Kinds of refusal between the centre's distribution service and a publisher."""

    MALFORMED = ("S001", "The request is not signed as the service asks: see the format.")
    UNSIGNED = ("S002", "The request carries no signature: only enrolled publishers are served.")
    UNKNOWN_PUBLISHER = ("S003", "No publisher is enrolled under this key id: ask the centre.")
    REVOKED = ("S004", "The publisher's key was revoked: make new keys and enrol them.")
    SIGNATURE = ("S005", "The signature is not the publisher's, or the request was altered.")
    OTHER_PROTOCOL = ("S006", "The signature was made for another purpose.")
    COVERAGE = ("S007", "The signature leaves out a part of the request that it must cover.")
    WRONG_AUTHORITY = ("S008", "The request was signed for a service of another name.")
    CLOCK_AHEAD = ("S009", "The request is signed in the future: set the publisher's clock.")
    EXPIRED = ("S010", "The request is older than it may be: sign it anew, or set the clock.")
    LIFETIME = ("S011", "The request asks to be valid for too long, or for no time at all.")
    REPLAYED = ("S012", "The same request was made before: each is signed with a new nonce.")
    TOO_MANY_NONCES = ("S013", "Too many requests wait to expire: ask again in a minute.")
    BODY = ("S014", "The body is not the one that was signed, or is larger than allowed.")

    CROWDED = ("S020", "The publisher has as many connections open as it may have.")
    TOO_OFTEN = ("S021", "The publisher asks more often than it may: wait as the answer says.")
    BUSY = ("S022", "The service prepares all the packages it can hold: ask again shortly.")
    TOO_SLOW = ("S023", "The request did not arrive whole in time.")
    PARAMETER = ("S024", "A parameter of the request cannot be read.")
    NO_SUCH_CUT = ("S025", "There is no such cut here: ask for a full package of the current one.")
    COSIGNATURE = ("S026", "The cosignature was not taken: the detail says why.")
    NOT_READY = ("S027", "A file of the package is not on the centre's disk: ask again shortly.")
    CENTRE_DISK = ("S028", "The centre's disk cannot be written: ask again shortly.")

    NOT_GONE_ON = (
        "S029",
        "A step of the service failed: it serves on from what there is, and tries it again.",
    )

    NOT_ENROLLED = (
        "S030",
        "No publisher of this id is enrolled: give one that is, or enrol it by a ceremony.",
    )

    TOO_MANY_FAILURES = (
        "S060",
        "Too many requests by this name from this network were not the publisher's: wait.",
    )

    UNSEALING = ("S040", "The package is not sealed to this key, or was altered or cut short.")
    COMPRESSION = ("S041", "The package is not compressed as it must be.")
    ARCHIVE = ("S042", "The archive in the package is malformed or cut short.")
    FOREIGN_MEMBER = ("S043", "The package holds something that a published tree has no place for.")
    EXPANSION = ("S044", "The package holds more than a package may.")
    LABEL = ("S045", "The package does not say what it is, or is not the one that was asked for.")
    SEALING = ("S046", "The package could not be sealed to the publisher's recipient.")
