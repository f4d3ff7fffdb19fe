"""What the watch of the publishers raises: alarms about one publisher, or about all of them."""

from openprep.coded import Coded


class WatchCode(Coded):
    """Alarms of the watch."""

    UNREACHABLE = ("W001", "The publisher does not answer, or not in time.")
    SLOW = ("W002", "The publisher answers, but slowly: see to its machine or its line.")
    TLS = ("W003", "The certificate is expired, about to expire, or of another name: renew it.")
    CLOCK = ("W004", "The publisher's clock is far off: set it.")
    OTHER_ELECTION = (
        "W005",
        "It shows another election, other rules, or a drill where none is watched: take it down.",
    )
    SIGNATURE = (
        "W006",
        "The log did not sign the checkpoint, or a signature on it is wrong: do not believe it.",
    )
    EARLY = ("W007", "It shows results before the opening time: take it down until then.")
    FREEZE = ("W010", "It has no new cut for too long while others have one: see why it stands.")
    ROLLBACK = ("W011", "It went back to a log smaller than one it has shown: do not believe it.")
    SPLIT_VIEW = (
        "W012",
        "The log signed two histories: both notes are kept as evidence; call the authority.",
    )
    LOG_FILES = ("W013", "The log's files do not give the signed root: fetch them anew.")
    POINTER = (
        "W014",
        "current.json or the page says other than the signed cut: mixed, or false.",
    )
    MANIFEST = ("W015", "The manifest is not the one in the signed log: fetch the cut anew.")
    ALTERED = ("W016", "A file is not, byte for byte, the one signed, or released: fetch it anew.")
    MISSING = ("W017", "A file that belongs to the cut is not there: fetch it anew.")
    UNEXPECTED = (
        "W018",
        "It serves what ended the look at it unexpectedly: keep the watch's log, and report it.",
    )
    OLD_LOOK = (
        "W019",
        "It was not looked at for too long, and may show anything by now: see the watch's log.",
    )
    QUORUM = ("W020", "Too few publishers hold a cut that has been out for long enough.")
    STANDSTILL = ("W021", "Nobody has a new cut although the results are open: call the centre.")
    OWN_CLOCK = ("W022", "Most publishers' clocks differ from this one's alike: set this clock.")
    TRUST = ("W023", "The trust root cannot be renewed: revocations may be missed.")
    RETENTION_ENDED = (
        "W030",
        "The time for which publishers keep the results up is over: they may close (no alarm).",
    )
