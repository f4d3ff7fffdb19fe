"""Why the centre refuses an envelope or image, and what a station sees when it cannot deliver."""

from typing import Any

from openprep.coded import Coded, CodedError


class RefusalCode(Coded):
    """Kinds of refusal. Of a refused envelope or image nothing is stored."""

    OVERSIZE = ("T001", "The envelope is larger than allowed: send fewer facts in each.")
    MALFORMED = ("T002", "The bytes are not an envelope of this version: update the station.")
    UNKNOWN_STATION = ("T003", "The station is not enrolled: ask the centre to enrol its key.")
    SIGNATURE = ("T004", "The signature is not the station's: check that it uses its own key.")
    OTHER_ELECTION = ("T005", "The envelope is for another election: check the station's setting.")
    REPLAYED = (
        "T006",
        "The number was recorded with other contents: if the outbox was lost, enrol a new id.",
    )
    GAP = ("T007", "An earlier envelope is missing: send it first.")
    CLOCK = (
        "T008",
        "The time of sealing is in the future or before the day: a clock is wrong, or was it then.",
    )
    CLOSED = ("T009", "Reception is closed: this acta goes to the official count only.")
    UNKNOWN_CONTEST = ("T010", "An acta names a contest that this election does not have.")
    UNKNOWN_ACTA = ("T011", "An acta is not in the catalogue, nor marked as out of it.")
    WRONG_COLUMNS = ("T012", "An acta does not have the vote columns of its contest.")
    WRONG_TIME = (
        "T013",
        "An acta carries a time without offset, long before the day, or after it was sealed.",
    )
    NOTHING_TO_CORRECT = ("T014", "A correction is for an acta that was never reported.")
    WRONG_VALUE = ("T015", "A field of an acta has a value that the law or the format lacks.")
    IMAGE_OVERSIZE = ("T016", "The image is larger than allowed: scan or photograph it smaller.")
    IMAGE_UNNAMED = ("T017", "No acta that was recorded names this image: send its envelope first.")
    NOT_AN_IMAGE = ("T018", "The file is not a JPEG that a reader could be shown.")
    IMAGE_DIGEST = ("T019", "The bytes are not those of the digest that the acta names.")
    NOT_RECORDED = ("T020", "The centre could not write to its record: send the same bytes again.")
    TOO_SLOW = ("T021", "It did not arrive whole in time: send the same bytes again.")
    CROWDED = ("T022", "The centre is receiving all it can hold: send the same bytes again.")

    CONTRADICTION = (
        "T030",
        "The observations of an acta contradict its figures: correct it and send it again.",
    )
    TOO_MANY_VERSIONS = (
        "T031",
        "An acta was corrected too often: have a place that checks look at it.",
    )
    TOO_MANY_OUTSIDE = (
        "T032",
        "The station has too many actas out of catalogue: call the centre.",
    )
    TOO_MUCH_ASIDE = (
        "T033",
        "Too much of the station waits for a person or repeats what is known: see who has its key.",
    )
    UNSEEN_TEXT = ("T034", "A text has signs that nobody would see: write it without them.")
    NOT_OUTSIDE = ("T035", "A correction names an acta that does not stand out of catalogue.")

    @property
    def curable(self) -> bool:
        """Whether the same bytes, sent again, may be accepted."""
        return self in {RefusalCode.NOT_RECORDED, RefusalCode.TOO_SLOW, RefusalCode.CROWDED}


class Refused(CodedError[RefusalCode]):
    """An envelope or an image is refused; nothing of it was kept.

    ``expected`` is the number of the envelope that the centre waits for, where the refusal is
    about numbers. ``again_in`` are seconds after which the same bytes may be accepted, of a refusal
    that time alone cures.
    """

    def __init__(
        self,
        code: RefusalCode,
        template: str,
        /,
        expected: int | None = None,
        again_in: int | None = None,
        **facts: object,
    ) -> None:
        self.expected = expected
        self.again_in = again_in
        super().__init__(code, template, **facts)

    @property
    def curable(self) -> bool:
        """Whether the same bytes, sent again, may be accepted."""
        return self.code.curable or self.again_in is not None


def not_recorded(trouble: CodedError[Any]) -> Refused:
    """What a station is told of trouble with the centre's disk: paths there are not its affair."""
    return Refused(
        RefusalCode.NOT_RECORDED, "the centre cannot write now ({code})", code=trouble.code.code
    )


class StationCode(Coded):
    """What keeps a station from sealing or delivering. What it saved stays saved."""

    KEY_EXISTS = (
        "T101",
        "There is a key already, and `openprep station show` prints its entry: move it away first.",
    )
    KEY_UNUSABLE = ("T102", "The key cannot be used: bring it back from its copy, or make one.")
    KEY_EXPOSED = ("T103", "Others may read the key: take the right away (chmod 600).")
    ENROLMENT = ("T104", "The list of enrolled stations has mistakes: nothing of it was used.")
    FACT_TOO_LARGE = ("T105", "A fact is larger than an envelope may be: nothing was saved.")
    REFUSED = (
        "T106",
        "Refused for good: kept in the outbox, and later ones wait (`openprep station withdraw`).",
    )
    UNREACHABLE = ("T107", "The centre did not take what it was sent: it is sent again.")
    IMAGE_UNUSABLE = ("T108", "A file is not an image of an acta: nothing of this was saved.")
    IMAGE_REFUSED = ("T109", "The centre refused an image: it is kept, and the others are sent.")
    NOT_A_FACT = ("T110", "The line is not a fact: docs/formats/envelope.md has examples.")
    NOT_SAVED = (
        "T111",
        "The centre would refuse these lines: correct them. Nothing of these files was saved.",
    )
    ENTRY = ("T112", "The station cannot be enrolled so: make its entry with `station init`.")
    NOT_THE_INBOX = (
        "T113",
        "Nothing there takes envelopes: give the inbox's https address. What was saved is kept.",
    )
    NO_FACTS = ("T114", "The file has no facts: see whether it is the right one, and whole.")
