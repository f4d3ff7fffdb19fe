"""Why the centre refuses an envelope, and what a station sees when it cannot deliver."""

from openprep.coded import Coded


class RefusalCode(Coded):
    """Kinds of refusal. Of a refused envelope nothing is stored."""

    OVERSIZE = ("T001", "The envelope is larger than allowed: send fewer facts in each.")
    MALFORMED = ("T002", "The bytes are not an envelope of this version: update the station.")
    UNKNOWN_STATION = ("T003", "The station is not enrolled: ask the centre to enrol its key.")
    SIGNATURE = ("T004", "The signature is not the station's: check that it uses its own key.")
    OTHER_ELECTION = ("T005", "The envelope is for another election: check the station's setting.")
    REPLAYED = ("T006", "An envelope with this number was recorded with other contents.")
    GAP = ("T007", "An earlier envelope is missing: send it first.")
    CLOCK = ("T008", "The envelope was sealed in the future or before the day: set the clock.")
    CLOSED = ("T009", "Reception is closed: this acta goes to the official count only.")
    UNKNOWN_CONTEST = ("T010", "An acta names a contest that this election does not have.")
    UNKNOWN_ACTA = ("T011", "An acta is not in the catalogue, nor marked as out of it.")
    WRONG_COLUMNS = ("T012", "An acta does not have the vote columns of its contest.")
    WRONG_TIME = (
        "T013",
        "An acta carries a time without offset, or after the envelope was sealed.",
    )
    NOTHING_TO_CORRECT = ("T014", "A correction is for an acta that was never reported.")
    NOT_RECORDED = ("T020", "The centre could not write to its record: send the envelope again.")


class Refused(Exception):
    """An envelope is refused; nothing of it was kept."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code.code} {detail} — {code.meaning}")
