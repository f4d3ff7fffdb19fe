"""A text of a page in both languages, side by side so that none lacks the other."""

from enum import Enum
from typing import NamedTuple


class Language(Enum):
    """A language of the pages; the value is its tag (BCP 47)."""

    SPANISH = "es"
    ENGLISH = "en"


class Said(NamedTuple):
    """One text; ``{name}`` in it is a fact."""

    spanish: str
    english: str

    def among(self, language: Language) -> str:
        """The text in a language."""
        return self.spanish if language is Language.SPANISH else self.english


def preferred(accepted: str) -> Language:
    """The language of an ``Accept-Language`` header (RFC 9110, 12.5.4); Spanish if it says none.

    Of the weights only the order counts, which is how browsers write them.
    """
    for part in accepted[:200].split(","):
        tag = part.partition(";")[0].strip().lower().partition("-")[0]
        if tag in (language.value for language in Language):
            return Language(tag)
    return Language.SPANISH
