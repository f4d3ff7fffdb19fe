"""What the tests of all desks share."""

from collections.abc import Iterator

import pytest

from openprep.desks.lesson import Exercise, lesson_of
from openprep.desks.web.capturing import lesson_desk
from openprep.election import Election


@pytest.fixture(scope="session", autouse=True)
def lessons_made_once() -> Iterator[None]:
    """The lesson of an election takes a second or two: it is made once, not for every room."""
    made: dict[int, tuple[Election, tuple[Exercise, ...]]] = {}

    def once(election: Election) -> tuple[Exercise, ...]:
        known = made.setdefault(id(election), (election, ()))
        if not known[1]:
            known = made[id(election)] = (election, lesson_of(election))
        return known[1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lesson_desk, "lesson_of", once)
        yield
