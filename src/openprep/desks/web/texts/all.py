"""All texts together: a key has one text, whichever desk says it."""

from collections.abc import Mapping

from openprep.desks.web.texts.arbitration import ARBITRATION
from openprep.desks.web.texts.capture import CAPTURE
from openprep.desks.web.texts.checking import CHECKING
from openprep.desks.web.texts.digitising import DIGITISING
from openprep.desks.web.texts.identifying import IDENTIFYING
from openprep.desks.web.texts.incidents import INCIDENTS
from openprep.desks.web.texts.lesson import LESSON
from openprep.desks.web.texts.overview import OVERVIEW
from openprep.desks.web.texts.reception import RECEPTION
from openprep.desks.web.texts.room import ROOM
from openprep.desks.web.texts.said import Language, Said
from openprep.desks.web.texts.sample import SAMPLE
from openprep.desks.web.texts.sessions import SESSIONS

OF_DESKS: tuple[Mapping[str, Said], ...] = (
    ROOM,
    CAPTURE,
    ARBITRATION,
    RECEPTION,
    DIGITISING,
    CHECKING,
    IDENTIFYING,
    OVERVIEW,
    INCIDENTS,
    SESSIONS,
    SAMPLE,
    LESSON,
)

TEXTS: Mapping[str, Said] = {key: said for texts in OF_DESKS for key, said in texts.items()}


def text(language: Language, key: str, **facts: object) -> str:
    """The text of a key, with its facts.

    Raises:
        KeyError: there is none, or a fact is missing.
    """
    return TEXTS[key].among(language).format_map(facts)
