"""The images of a cut's actas, fetched after it is shown: from the centre, or whoever has them.

A cut names each image by its digest and size, which were verified with it. So an image may come
from anybody, over plain HTTP, and no more of it than was announced; packages carry none. What
nobody has yet is asked for again, and what is missing is counted for the operator. What is missing
is told by what is not on the disk: a mirror that starts again goes on where it was.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from random import Random

from openprep.hosting.directory import TreeDirectory
from openprep.mirror.codes import MirrorCode, Refused
from openprep.mirror.sources.source import Source
from openprep.waiting import happens_within
from openprep.wire.cut.ref import image_path

log = logging.getLogger("openprep.mirror")

AT_ONCE = 4
"""Images that are fetched at the same time."""

IMAGE_SECONDS = 120.0
"""What one place may take for one image: 8 MiB over 600 kbit/s."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until what nobody had is asked for again; the pause doubles while nothing comes."""

ABSENT = frozenset({MirrorCode.NOT_FOUND, MirrorCode.UNREACHABLE})
"""Failures that say nothing of an image: another place may have it."""


class Images:
    """The images that a mirror's tree lacks, and how they come.

    ``places`` gives the addresses of trees that may be asked, at each look anew; ``tell`` hears how
    many images are missing whenever that may have changed.
    """

    def __init__(
        self,
        tree: TreeDirectory,
        places: Callable[[], Sequence[str]],
        tell: Callable[[int], None] = lambda _: None,
        random: Random | None = None,
    ) -> None:
        self.missing: dict[str, int] = {}
        """Size by digest."""
        self._tree = tree
        self._places = places
        self._tell = tell
        self._random = random or Random()  # noqa: S311 - spreads load, keeps no secret
        self._wanted = asyncio.Event()
        self._accused: set[str] = set()

    def want(self, named: Mapping[str, int]) -> None:
        """Have the images that a cut names; those that are on this disk are not asked for."""
        for digest, size in named.items():
            if self._tree.size_of(image_path(digest)) != size:
                self.missing[digest] = size
        self._tell(len(self.missing))
        if self.missing:
            self._wanted.set()

    async def run(self) -> None:
        """Fetch what is missing, until cancelled."""
        pause = FIRST_PAUSE
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            came = await self.fetch_missing()
            if self.missing:
                pause = FIRST_PAUSE if came else min(2 * pause, LONGEST_PAUSE)
                await happens_within(pause, self._wanted)  # a new cut may name more
                self._wanted.set()

    async def fetch_missing(self) -> int:
        """Ask once for every image that is missing; how many came."""
        waiting = iter(list(self.missing.items()))
        came = 0

        async def fetch_some() -> None:
            nonlocal came
            for digest, size in waiting:
                if await self._fetch(digest, size):
                    self.missing.pop(digest, None)
                    came += 1

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(fetch_some())
        self._tell(len(self.missing))
        return came

    async def _fetch(self, digest: str, size: int) -> bool:
        """Whether some place gave the image; all are asked, in an order that spreads the load."""
        places = list(self._places())
        for place in self._random.sample(places, len(places)):
            try:
                data = await self._ask(place, digest, size)
                await asyncio.to_thread(self._tree.place, image_path(digest), data)
            except Refused as refused:
                self._accuse(place, refused)
            except OSError as error:
                log.warning("%s", Refused(MirrorCode.DISK, "{error}", error=error))
                return False
            else:
                return True
        return False

    async def _ask(self, place: str, digest: str, size: int) -> bytes:
        path = image_path(digest)
        async with Source(place, IMAGE_SECONDS) as source:
            data = await source.get(path, size)
        if len(data) != size or sha256(data).hexdigest() != digest:
            raise Refused(MirrorCode.DIGEST, "{path} does not match its digest", path=path)
        return data

    def _accuse(self, place: str, refused: Refused) -> None:
        """Say once of each place that it gave something else than the image."""
        if refused.code not in ABSENT and place not in self._accused:
            self._accused.add(place)
            log.warning("%s: %s", place, refused)
