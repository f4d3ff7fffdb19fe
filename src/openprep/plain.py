"""Text that a person sees whole: no character that hides, or turns what stands beside it around.

Control characters write on terminals and in logs by themselves; bidirectional ones show an acta's
``021`` as ``120`` (CVE-2021-42574 did it to source code); those of no width make two names of one.
None of them has its place in a name, a reason or an id.
"""

import re

UNSEEN = (
    r"\x00-\x1f\x7f-\x9f"  # control
    r"\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"  # marks of other scripts
    r"\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0"  # fillers and blanks
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # no width, direction, marks
    r"\ufe00-\ufe0f\ue000-\uf8ff"  # variants, and what every font draws as it likes
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff\U000f0000-\U0010ffff"  # tags, and private use again
)
"""The characters, as they stand in a character class of a regular expression."""

PLAIN_LINE = rf"^[^{UNSEEN}]*\Z"
"""A line of text, of any length, that has none of them."""

_UNSEEN = re.compile(f"[{UNSEEN}]")


def unseen_in(text: str) -> str | None:
    """The first such character of ``text`` as ``U+202E``; ``None`` if it has none."""
    found = _UNSEEN.search(text)
    return None if found is None else f"U+{ord(found[0]):04X}"


def without_unseen(text: str) -> str:
    """``text`` with the sign of what cannot be shown, U+FFFD, for each such character."""
    return _UNSEEN.sub("\ufffd", text)
