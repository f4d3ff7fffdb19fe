"""The fenced blocks of the documentation, and which of them a test reads."""

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
CAPTURE = "docs/commands/capture.md"
CEREMONY = "docs/commands/ceremony.md"
CENTER = "docs/commands/center.md"
STATION = "docs/commands/station.md"
MIRROR = "docs/commands/mirror.md"

FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```[ ]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """What stands between two fences of a page, and where."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


READ: set[Block] = set()
"""The blocks that a test took up with :func:`block`."""


def pages() -> list[str]:
    """Every page for people who use OpenPREP, by its path in the repository."""
    found = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    return sorted(path.relative_to(REPOSITORY).as_posix() for path in found)


def blocks_of(page: str) -> list[Block]:
    text = (REPOSITORY / page).read_text()
    return [
        Block(page, text[: fence.start()].count("\n") + 1, fence[2].strip(), fence[3])
        for fence in FENCE.finditer(text)
    ]


def block(page: str, words: str) -> Block:
    """The one block of a page that has these words; from then on it counts as read."""
    found = [block for block in blocks_of(page) if words in block.text]
    assert len(found) == 1, f"{page}: {len(found)} blocks with {words!r}"
    READ.add(found[0])
    return found[0]
