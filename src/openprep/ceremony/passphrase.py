"""Passphrases of members' keys: drawn by the machine, or one that nobody guesses first.

A passphrase is said, written down and typed by people whose first language is Spanish: one that is
drawn has words of four letters that are read as they are written.
"""

import secrets
from itertools import pairwise

from openprep.ceremony.codes import CeremonyCode, CeremonyRefused
from openprep.coded import Text, said

LEAST_CHARACTERS = 16
LEAST_DIFFERENT = 8
"""Different characters: six words have more than that, a key held down has one."""

_CONSONANTS = "bdfgklmnprst"
_VOWELS = "aeiou"
WORDS = 7
"""Of two syllables, 11.8 bits each: 82 bits, beyond anybody's guessing."""


def draw_passphrase() -> str:
    """A new passphrase: ``WORDS`` words, none of which means anything."""
    return " ".join("".join(_syllable() for _ in range(2)) for _ in range(WORDS))


def _syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)


def check_passphrase(passphrase: str) -> None:
    """Refuse what is tried first by whoever guesses.

    Raises:
        CeremonyRefused: PASSPHRASE_WEAK, saying of what kind it is and nothing of it.
    """
    weakness = _weakness(passphrase)
    if weakness is not None:
        raise CeremonyRefused(CeremonyCode.PASSPHRASE_WEAK, "{weakness}", weakness=weakness)


def _weakness(passphrase: str) -> Text | None:
    letters = passphrase.casefold()
    if len(passphrase) < LEAST_CHARACTERS:
        return said(
            "it has {count} characters, fewer than {least}",
            count=len(passphrase),
            least=LEAST_CHARACTERS,
        )
    if len(set(letters)) < LEAST_DIFFERENT:
        return said("it has fewer than {least} different characters", least=LEAST_DIFFERENT)
    if _repeats(letters):
        return said("it says one thing again and again")
    if _runs(letters) * 2 > len(letters):
        return said("most of it goes along the alphabet, the digits or the keyboard")
    return None


def _repeats(letters: str) -> bool:
    """Whether it is one shorter text over and over: it stands within itself, said twice."""
    return letters in (letters + letters)[1:-1] or _of_one_word(letters.split())


def _of_one_word(words: list[str]) -> bool:
    return len(words) > 1 and len(set(words)) < max(2, len(words) // 2)


_ROWS = ("abcdefghijklmnñopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjklñ", "zxcvbnm")
_NEIGHBOURS = frozenset(
    pair for row in _ROWS for key, other in pairwise(row) for pair in (key + other, other + key)
)


def _runs(letters: str) -> int:
    """How many of its characters only follow their neighbour in an alphabet or on a keyboard."""
    return sum(key + other in _NEIGHBOURS for key, other in pairwise(letters))
