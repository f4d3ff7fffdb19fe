"""A sample of a cut's files at a site, held against the digests that stand above them.

Some of the files that the manifest names, and one way at random from a contest's results down to a
run of sections, an acta in the log and its image. The sample is drawn anew at each look: what
cannot be predicted cannot be prepared for. Where in its packs a site has an object is its own
matter, and is compared with nobody: that what stands there has its digest is what counts.
"""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import msgspec

from openprep.coded import Text, said
from openprep.watch.codes import WatchCode
from openprep.watch.visit import Span, Trouble, Visitor
from openprep.wire.cut.description import ElectionDescription
from openprep.wire.cut.manifest import ContestCut, Manifest, databases_of
from openprep.wire.cut.objects import (
    NOBODY,
    Area,
    Outside,
    ResultObject,
    Run,
    RunCatalogue,
    decode_object,
    parts_of,
)
from openprep.wire.cut.pack import PackError, decode_where, links_to, packed_object
from openprep.wire.cut.ref import SCHEMA, Link, Location, Ref, image_path, pack_path, where_path
from openprep.wire.log.leaf import ActaLeaf, decode_leaf

MOST_LEVELS = 10
"""Steps from a contest's results downwards; a national tree has six."""

MAX_WHERE_BYTES = 256 * 1024

Find = Callable[[WatchCode, Text], None]

Entry = Callable[[int], Awaitable[bytes]]
"""An entry of the site's log, proven; raises ``ValueError`` and :class:`Trouble`."""


class Noting(NamedTuple):
    """Who is told of each file compared, and of each that is wrong."""

    compared: Callable[[], None]
    find: Find


@dataclass(frozen=True)
class Sampling:
    """How much of a cut one look compares: number of files, and bytes of those files in all."""

    files: int = 8
    most_bytes: int = 8 * 1024 * 1024


class Comparing:
    """One comparison of one site; ``chance`` draws the sample."""

    def __init__(
        self, visitor: Visitor, address: str, chance: random.Random, sampling: Sampling
    ) -> None:
        self._visitor = visitor
        self._address = address
        self._chance = chance
        self._files = sampling.files
        self._budget = sampling.most_bytes

    async def compare(
        self, manifest: Manifest, others: Mapping[str, Ref], entry: Entry, noting: Noting
    ) -> None:
        """Compare some of the files, and go down once to an acta.

        ``others`` are files that the manifest does not name itself, by path: what the page shown is
        made of, what the election declares.

        Raises:
            Trouble: UNREACHABLE or TLS.
        """
        files = {**files_of(manifest), **others}
        drawn = self._chance.sample(sorted(files), min(self._files, len(files)))
        for path in drawn:
            if await self.right(path, files[path], noting.find) is not None:
                noting.compared()
        if manifest.contests:
            contest = self._chance.choice(manifest.contests)
            await self._go_down(manifest.cut, contest, entry, noting)

    async def _go_down(self, cut: int, contest: ContestCut, entry: Entry, noting: Noting) -> None:
        at = await self._root(cut, contest.id, noting.find)
        link = None if at is None else Link(contest.results, at)
        for _ in range(MOST_LEVELS):
            read = None if link is None else await self._object(link, noting)
            if read is None:
                return
            found, parts = read
            if isinstance(found, Run | Outside):
                await self._compare_acta(found, parts, entry, noting)
                return
            below = parts[1:] if isinstance(found, Area) else ()
            link = self._chance.choice(below) if below else None

    async def _root(self, cut: int, contest: str, find: Find) -> Location | None:
        """Where this site says that the contest's results begin."""
        path = where_path(cut)
        data = await self._get(path, MAX_WHERE_BYTES, None, find)
        if data is None:
            return None
        try:
            where = decode_where(data)
        except msgspec.MsgspecError as error:
            find(WatchCode.ALTERED, said("{path}: {why}", path=path, why=str(error)))
            return None
        at = where.roots.get(contest)
        if (where.schema, where.cut) != (SCHEMA, cut) or at is None:
            told = said("{path} does not say where {contest} is", path=path, contest=contest)
            find(WatchCode.ALTERED, told)
            return None
        return at

    async def _object(
        self, link: Link, noting: Noting
    ) -> tuple[ResultObject, tuple[Link, ...]] | None:
        """An object and its parts, where it is right; ``None`` if it is too large, too."""
        path, at = pack_path(link.at.pack), link.at
        if at.size > self._budget:
            return None
        where = said("{path} from byte {offset} on", path=path, offset=at.offset)
        if at.pack < 1 or at.offset < 0 or at.size < 1:
            noting.find(WatchCode.ALTERED, said("{where}: no such place", where=where))
            return None
        data = await self._get(path, self._budget, Span(at.offset, at.size), noting.find)
        if data is None:
            return None
        try:
            packed = packed_object(data, link.digest)
            found = decode_object(packed.data)
            parts = links_to(parts_of(found), packed.parts)
        except (PackError, msgspec.MsgspecError) as error:
            told = said("{where}: {why}", where=where, why=str(error))
            noting.find(WatchCode.ALTERED, told)
            return None
        noting.compared()
        return found, parts

    async def _compare_acta(
        self, found: Run | Outside, parts: tuple[Link, ...], entry: Entry, noting: Noting
    ) -> None:
        """One acta of a run, or of those out of catalogue, if it has any; and its image."""
        ids: tuple[str | None, ...] = (None,) * len(found.leaves)
        if isinstance(found, Run):
            read = await self._object(parts[0], noting)
            if read is None or not isinstance(read[0], RunCatalogue):
                return
            ids = read[0].expected.ids
        rows = list(zip(ids, found.leaves, found.images, strict=False))
        captured = [row for row in rows if row[1] != NOBODY]
        if not captured:
            return
        acta, leaf, size = self._chance.choice(captured)
        try:
            shown = decode_leaf(await entry(leaf))
        except ValueError as error:
            noting.find(WatchCode.LOG_FILES, said("{why}", why=str(error)))
            return
        if not isinstance(shown, ActaLeaf) or (shown.contest, shown.acta) != (found.contest, acta):
            told = said("leaf {leaf} is not the acta {acta}", leaf=leaf, acta=acta)
            noting.find(WatchCode.LOG_FILES, told)
            return
        noting.compared()
        if size and shown.image_sha256 is not None:
            await self._compare_image(Ref(shown.image_sha256, size), noting)

    async def _compare_image(self, image: Ref, noting: Noting) -> None:
        """An image. A publisher that lacks it may still fetch it."""

        def found_wrong(code: WatchCode, text: Text) -> None:
            if code is not WatchCode.MISSING:
                noting.find(code, text)

        if await self.right(image_path(image.sha256), image, found_wrong) is not None:
            noting.compared()

    async def right(self, path: str, ref: Ref, find: Find) -> bytes | None:
        """The bytes, where they are right; ``None`` too where they would be too many."""
        if ref.size > self._budget:
            return None
        data = await self._get(path, ref.size, None, find)
        found = None if data is None else sha256(data).hexdigest()
        if found is None or found == ref.sha256:
            return data
        told = said(
            "{path}: SHA-256 {found}, and {signed} was signed",
            path=path,
            found=found,
            signed=ref.sha256,
        )
        find(WatchCode.ALTERED, told)
        return None

    async def _get(self, path: str, limit: int, span: Span | None, find: Find) -> bytes | None:
        """What is served at a path; ``None``, which is noted, if nothing or too much is."""
        try:
            data = (await self._visitor.get(self._address, path, limit, span)).data
        except Trouble as trouble:
            if trouble.code not in (WatchCode.MISSING, WatchCode.ALTERED):
                raise
            find(trouble.code, trouble.text)
            return None
        self._budget -= len(data)
        return data


def files_of(manifest: Manifest) -> dict[str, Ref]:
    """Every file that a manifest names with its digest, by the path where it stays for good."""
    databases = databases_of(manifest).items()
    named = {path: Ref(file.sha256, file.size) for path, file in databases}
    return named | {manifest.description.path: manifest.description}


def declared_of(description: ElectionDescription) -> dict[str, Ref]:
    """The files that a description names, by path."""
    refs = (ref for contest in description.contests for ref in (contest.running, contest.catalogue))
    return {ref.path: ref for ref in refs}
