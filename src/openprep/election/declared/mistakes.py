"""Mistakes in an election folder: all of them at once, each with its file, line and reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from openprep.coded import Coded, CodedError, Lines, Text, counted, said

MOST_MISTAKES = 500
"""A folder with more mistakes than this is of another kind: the rest is only counted."""


class FolderCode(Coded):
    """Kinds of mistakes."""

    MISSING_FILE = ("E001", "A file of the folder is missing or cannot be read.")
    UNREADABLE = ("E002", "A file is not valid TOML, CSV or UTF-8.")
    UNKNOWN_KEY = ("E003", "A key is not known: misspelt, or meant for another version.")
    MISSING_KEY = ("E004", "A required key is missing.")
    WRONG_VALUE = ("E005", "A value has the wrong type or is outside its bounds.")
    WRONG_HEADER = ("E006", "The first line of a CSV does not name the expected columns.")
    WRONG_ROW = ("E007", "A CSV row has too few or too many cells.")
    DUPLICATE = ("E008", "Something that must be unique is declared twice.")
    UNKNOWN_REFERENCE = ("E009", "Something is named that is declared nowhere.")
    BROKEN_RULE = ("E010", "The declaration breaks a rule of the law or of arithmetic.")
    DISAGREEMENT = (
        "E011",
        "Columns, candidacies and catalogue of a contest do not fit together: mend one of them.",
    )
    UNSAFE_ID = (
        "E012",
        "An id cannot be part of an address or of a file name: give it another.",
    )
    UNSEEN_CHARACTER = (
        "E013",
        "A text has a character that nobody sees or that turns its direction: write it again.",
    )
    ANOTHER_FORMAT = (
        "E014",
        "A file was saved in another format: save it as CSV, with commas, in UTF-8.",
    )
    READ_AS_ANOTHER = (
        "E015",
        "A vote column would be read as another one in the official database: rename it.",
    )


CAUSES = frozenset(
    {
        FolderCode.MISSING_FILE,
        FolderCode.UNREADABLE,
        FolderCode.WRONG_HEADER,
        FolderCode.WRONG_ROW,
        FolderCode.ANOTHER_FORMAT,
    }
)
"""Mistakes by which a file, or a row of it, was not read: what other files say of it follows."""


FOLLOWING = frozenset({FolderCode.UNKNOWN_REFERENCE, FolderCode.DISAGREEMENT})
"""Mistakes that may follow from another, which is told before them."""
NAMING = ("election.toml", "parties.csv", "areas.csv", "columns.csv", "candidacies.csv")
"""Files in the order in which one names what the next ones refer to; the catalogue is last."""


SPOILED_NAMES = frozenset(
    {
        *((FolderCode.UNSAFE_ID, name) for name in ("parties.csv", "areas.csv", "columns.csv")),
        *((FolderCode.WRONG_VALUE, name) for name in ("areas.csv", "columns.csv")),
    }
)
"""Mistakes in what a row names, by which what other files say of it follows."""


@dataclass(frozen=True)
class Mistake:
    """One mistake; ``line`` counts from 1, or is ``None`` where the whole file is meant."""

    code: FolderCode
    file: str
    line: int | None
    text: Text

    @property
    def reason(self) -> str:
        """What is wrong, in words."""
        return str(self.text)

    @property
    def order(self) -> tuple[bool, bool, int, str, int]:
        """Where it stands among others: causes before what may follow from them."""
        name = self.file.rpartition("/")[2]
        rank = NAMING.index(name) if name in NAMING else len(NAMING)
        follows = self.code in FOLLOWING
        return self.code not in CAUSES, follows, rank, self.file, self.line or 0

    def in_a_line(self) -> Text:
        """The mistake under its code, with its place."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return said("{code} {where}: {reason}", code=self.code.code, where=where, reason=self.text)


class FolderRefused(CodedError[FolderCode]):
    """The folder has mistakes; nothing of it was used. ``code`` is that of the first of them."""

    def __init__(self, folder: str, mistakes: Sequence[Mistake], beyond: int = 0) -> None:
        self.mistakes = tuple(mistakes)
        lines = [mistake.in_a_line() for mistake in self.mistakes]
        if beyond:
            lines.append(said("… and {beyond} more", beyond=beyond))
        count = len(self.mistakes) + beyond
        super().__init__(
            self.mistakes[0].code,
            "{folder}: {count}, nothing was used:\n{lines}",
            folder=folder,
            count=counted(count, "mistake"),
            lines=Lines(tuple(lines)),
        )

    def in_a_line(self) -> str:
        """One line for each mistake, under its code."""
        return self.detail


class Mistakes:
    """Collects mistakes while a folder is read, so that one reading finds them all."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []
        self.beyond = 0
        self._not_read: set[str] = set()

    def add(self, code: FolderCode, file: str, line: int | None, text: Text) -> None:
        """Note one mistake."""
        if code in CAUSES or (code, file.rpartition("/")[2]) in SPOILED_NAMES:
            self.distrust(file)
        if len(self.found) < MOST_MISTAKES:
            self.found.append(Mistake(code, file, line, text))
        else:
            self.beyond += 1

    def distrust(self, file: str) -> None:
        """What ``file`` names is not all that was meant: that others name more is no mistake."""
        self._not_read.add(file)

    def was_read(self, file: str) -> bool:
        """Whether every row of ``file`` was read, and what it names: else it may lack nothing."""
        return file not in self._not_read

    def has(self, code: FolderCode, file: str) -> bool:
        """Whether a mistake of ``code`` was noted in ``file``."""
        return any(mistake.code is code and mistake.file == file for mistake in self.found)

    def refuse_if_any(self, folder: str) -> None:
        """Raise what was found.

        Raises:
            FolderRefused: at least one mistake was noted.
        """
        if self.found:
            ordered = sorted(self.found, key=lambda mistake: mistake.order)
            raise FolderRefused(folder, ordered, self.beyond)
