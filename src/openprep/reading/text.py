"""The words of a page in the order in which they are read: headings, terms, entries, rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from html.parser import HTMLParser

from openprep.reading.numbers import ONE_PERCENT


class Kind(Enum):
    """What a reader takes a piece of text for."""

    HEADING = "heading"
    ENTRY = "entry"
    """One of a list."""
    ROW = "row"
    TERM = "term"
    MEANING = "meaning"
    """What is said of the term before it."""
    WORDS = "words"


@dataclass(frozen=True)
class Said:
    """A piece of text. ``cells`` are those of a row, of anything else the text alone."""

    kind: Kind
    cells: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(self.cells)


_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4"), Kind.HEADING),
    "li": Kind.ENTRY,
    "tr": Kind.ROW,
    "dt": Kind.TERM,
    "dd": Kind.MEANING,
    **dict.fromkeys(("p", "caption", "summary", "title", "figcaption"), Kind.WORDS),
}
_CELLS = frozenset({"td", "th"})
_UNCLOSED = frozenset({"br", "hr", "meta", "link", "wbr", "col", "img", "input"})
_WITHIN_A_LINE = """
    a abbr b bdi bdo cite code data dfn em i kbd mark q s samp small span strong sub sup time u var
    wbr
"""
_INLINE = frozenset(_WITHIN_A_LINE.split())
_READ_ALOUD = frozenset({"title", "aria-label", "aria-description", "data-label", "alt", "content"})
"""Attributes that a browser, a style or a searcher shows as text."""


def said_in(markup: str) -> list[Said]:
    """Everything that is said in ``markup``, hidden or not."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    reader.end()
    return reader.said


@dataclass
class _Piece:
    tag: str
    kind: Kind
    depth: int
    cells: list[list[str]] = field(default_factory=lambda: [[]])
    bars: list[str] = field(default_factory=list)

    def said(self) -> Said | None:
        self.cells[-1] += self.bars
        cells = tuple(text for cell in self.cells if (text := words(cell)))
        return Said(self.kind, cells) if cells else None


def words(pieces: Iterable[str]) -> str:
    """Text as it is read: with single spaces."""
    return " ".join(" ".join(pieces).split())


def _in_number(character: str) -> bool:
    return character.isdigit() or character in (".", ",")


class _Reader(HTMLParser):
    """Gathers text by the outermost of the elements that hold a piece."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[Said] = []
        self._piece: _Piece | None = None
        self._loose: list[str] = []
        self._apart = True
        """Whether what comes next stands apart from what came before."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a piece, or a cell of it."""
        self._apart = self._apart or tag not in _INLINE
        for name, value in attrs:
            if name in _READ_ALOUD and value:
                self.said.append(Said(Kind.WORDS, (words([value]),)))
        if tag == "rect":
            self._bar(dict(attrs).get("width") or "")
        piece = self._piece
        if piece is None and tag in _KINDS:
            self._end_loose()
            self._piece = _Piece(tag, _KINDS[tag], 1)
        elif piece is not None:
            piece.depth += tag == piece.tag
            if tag in _CELLS:
                piece.cells.append([])

    def _bar(self, width: str) -> None:
        """A bar says a percentage, by its length in parts of a million."""
        if not width.isdecimal() or width == "1":  # the sign of a party, or none
            return
        share = f"{int(width) // ONE_PERCENT}.{int(width) % ONE_PERCENT:04} %"
        if self._piece is None:
            self.said.append(Said(Kind.WORDS, (share,)))
        else:
            self._piece.bars.append(share)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """``<rect/>`` and the like hold no text."""
        self.handle_starttag(tag, attrs)
        if tag not in _UNCLOSED:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End the piece."""
        self._apart = self._apart or tag not in _INLINE
        piece = self._piece
        if piece is None or tag != piece.tag:
            return
        piece.depth -= 1
        if piece.depth == 0:
            self._end_piece()

    def handle_data(self, data: str) -> None:
        """Text, of a piece or loose. A number may be written across inline elements."""
        texts = self._loose if self._piece is None else self._piece.cells[-1]
        if not self._apart and texts and _in_number(texts[-1][-1:]) and _in_number(data[:1]):
            texts[-1] += data
        else:
            texts.append(data)
        self._apart = False

    def end(self) -> None:
        """What was never closed is read all the same."""
        self._end_piece()
        self._end_loose()

    def _end_piece(self) -> None:
        said = self._piece.said() if self._piece is not None else None
        if said is not None:
            self.said.append(said)
        self._piece = None

    def _end_loose(self) -> None:
        text, self._loose = words(self._loose), []
        if text:
            self.said.append(Said(Kind.WORDS, (text,)))
