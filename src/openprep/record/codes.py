"""What the operator of a centre may see when the record is in trouble."""

from openprep.coded import Coded


class RecordCode(Coded):
    """Kinds of trouble with the record. Nothing that was acknowledged is lost by any of them."""

    IN_USE = (
        "R001",
        "Another process writes this record: stop it first, there is one writer only.",
    )
    OTHER_ELECTION = ("R002", "The record was made for another election or other rules.")
    UNREADABLE = ("R003", "The file is not a record, or is damaged: restore it from a copy.")
    NOT_WRITTEN = ("R004", "The disk refused the write: nothing of it was kept; free space, retry.")
    CHAIN_BROKEN = (
        "R005",
        "An event was changed or removed after it was recorded: call the auditor.",
    )
    CLOSED = ("R006", "The record was closed by this process: nothing more can be appended.")


class RecordTrouble(Exception):
    """Trouble with the record, in words for its operator."""

    def __init__(self, code: RecordCode, detail: str) -> None:
        self.code = code
        super().__init__(f"{code.code} {detail} — {code.meaning}")
