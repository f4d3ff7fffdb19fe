"""What may stand in a declared text, and what may be an id: ids become addresses and file names."""

import re

from openprep.coded import Text, said

LONGEST_ID = 64
"""Characters of an id: two of them and a suffix fit in any file name."""
LONGEST_CONTEST_ID = 60
"""Characters of a contest's id: what servers take as the name of a page at the tree's root."""
LONGEST_TEXT = 1_000

_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_CONTEST_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_]*[A-Za-z0-9])?", re.ASCII)
_PATH_PART = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_TOKEN = re.compile(r"[^\s\\,;|\"']+")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
"""Control characters, those that turn the direction of writing, and those that nobody sees."""

_LETTERS = said("letters without accent, digits, . _ and -")
_LETTERS_OF_A_CONTEST = said("letters without accent, digits and _")

RESERVED = frozenset(
    """
    index texto marco 404 403 500 502 503 504 50x current checkpoint live sw manifest robots favicon
    cuts objects databases actas tile trust assets images status estado inbox distribution healthz
    comprobar corte historia pantalla ayuda mi-casilla bases-de-datos fuera-de-catalogo
    con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7
    lpt8 lpt9
    """.split()  # noqa: SIM905 - a list of words to read
)
"""Names of the published tree's own files and of the page's own addresses, and those that a file
cannot have on Windows."""


def unseen_in(text: str) -> int | None:
    """Position of the first character of ``text`` that nobody would see, or ``None``."""
    found = None if text.isascii() and text.isprintable() else _UNSEEN.search(text)
    return found.start() if found else None


def trouble_with_id(text: str) -> Text | None:
    """Why ``text`` cannot be an id, which is part of addresses; ``None`` if it can."""
    return _trouble(text, _ID, _LETTERS)


def trouble_with_contest_id(text: str) -> Text | None:
    """Why ``text`` cannot be the id of a contest, which names its page; ``None`` if it can."""
    if text.lower() in RESERVED:
        return said("{text} is the name of something else in the published tree", text=text)
    return _trouble(text, _CONTEST_ID, _LETTERS_OF_A_CONTEST, LONGEST_CONTEST_ID)


def trouble_with_path(text: str) -> Text | None:
    """Why ``text`` cannot be the path of an area: ids joined by ``/``; ``None`` if it can."""
    if len(text) <= LONGEST_ID and all(map(_PATH_PART.fullmatch, text.split("/"))):
        return None
    return said(
        "path must be ids of letters and digits joined by /, not {short!r}", short=text[:LONGEST_ID]
    )


def trouble_with_token(text: str, what: str | Text) -> Text | None:
    """Why ``text`` cannot stand in a list of names parted by blanks; ``None`` if it can.

    ``what`` it is: the name of its column, or a text.
    """
    if len(text) <= LONGEST_ID and _TOKEN.fullmatch(text):
        return None
    return said(
        "{what} must be one word of 1 to {most} characters, not {short!r}",
        what=what,
        most=LONGEST_ID,
        short=text[:LONGEST_ID],
    )


def _trouble(
    text: str, pattern: re.Pattern[str], allowed: Text, most: int = LONGEST_ID
) -> Text | None:
    if len(text) > most:
        return said("an id has at most {most} characters, not {count}", most=most, count=len(text))
    if not pattern.fullmatch(text):
        return said("an id has {allowed} only, not {text!r}", allowed=allowed, text=text)
    return None
