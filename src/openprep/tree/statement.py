"""What is signed at each cut: a short text that binds the cut's number and time to its manifest.

The text of the signed note has six lines::

    openprep/cut/v1
    <election>
    <cut>
    <time, ISO 8601 with offset>
    <SHA-256 of the manifest>
    <size of the manifest in bytes>
"""

from datetime import datetime

from msgspec import Struct

from openprep.tree.objects import Ref

HEADING = "openprep/cut/v1"


class StatementError(ValueError):
    """The text of a note is not a statement about a cut."""


class CutStatement(Struct, frozen=True):
    """That in ``election``, cut number ``cut`` made at ``time`` is this manifest."""

    election: str
    cut: int
    time: datetime
    manifest: Ref

    def text(self) -> str:
        """The text to be signed."""
        lines = (
            HEADING,
            self.election,
            str(self.cut),
            self.time.isoformat(),
            self.manifest.sha256,
            str(self.manifest.size),
        )
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "CutStatement":
        """Read the text of a verified note.

        Raises:
            StatementError: it is about something else, or malformed.
        """
        try:
            heading, election, cut, time, sha256, size, rest = text.split("\n")
            statement = cls(
                election, int(cut), datetime.fromisoformat(time), Ref(sha256, int(size))
            )
        except ValueError as error:
            raise StatementError("the note is not a statement about a cut") from error
        if heading != HEADING or rest or statement.text() != text:
            raise StatementError("the note is not a statement about a cut in its exact form")
        return statement
