"""Which actas of a place wait for another image: who has the paper makes one, as of any other."""

from datetime import UTC, datetime
from typing import NamedTuple

from openprep.capture.papers import PaperKey
from openprep.capture.work.tasks import Task
from openprep.desks.house import House
from openprep.desks.web.paper.finding import Where, where_of

MOST_LISTED = 50


class AskedAgain(NamedTuple):
    """An acta of which another image is asked for: since when, and why.

    Without an identity (``where`` is ``None``) ``named`` begins the digest of its image.
    """

    named: str
    where: Where | None
    reason: str
    since: datetime


def asked_again(house: House, place: str) -> list[AskedAgain]:
    """Those that ``place`` digitises, the oldest first."""
    waiting = sorted((since, key) for key, since in house.floor.progress.redigitise.items())
    return [_asked(house, since, key) for since, key in waiting if _is_of(house, place, key)]


def _is_of(house: House, place: str, key: PaperKey) -> bool:
    acta = house.floor.papers.by_key[key].acta
    return place in house.floor.places_for(Task.DIGITISE, key[0], acta)


def _asked(house: House, since: float, key: PaperKey) -> AskedAgain:
    paper = house.floor.papers.by_key[key]
    where = None if paper.acta is None else where_of(house.election, key[0], paper.acta)
    asked = paper.asked
    return AskedAgain(
        named=paper.acta or key[1][:8],
        where=where,
        reason=(asked and asked.reason) or "",
        since=house.election.window.local(datetime.fromtimestamp(since, UTC)),
    )
