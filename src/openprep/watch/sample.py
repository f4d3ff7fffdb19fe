"""A sample of a cut's files at a site, held against the digests that stand above them.

Some of the files that the manifest names, and one way at random from a contest's results down to a
section and an image of an acta there. The sample is drawn anew at each look: what cannot be
predicted cannot be prepared for.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from openprep.coded import Text, said
from openprep.watch.codes import WatchCode
from openprep.watch.visit import Span, Trouble, Visitor
from openprep.wire.cut.manifest import Manifest, databases_of
from openprep.wire.cut.objects import (
    OutOfCatalogue,
    PublishedObject,
    SeccionResults,
    decode_object,
    images_of,
)
from openprep.wire.cut.ref import Ref, image_path, pack_path
from openprep.wire.cut.results import AreaResults

MOST_LEVELS = 10
"""Steps from a contest's results downwards; a national tree has six."""

Find = Callable[[WatchCode, Text], None]


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
        self,
        manifest: Manifest,
        of_page: Mapping[str, Ref],
        compared: Callable[[], None],
        find: Find,
    ) -> None:
        """Compare, calling ``compared`` for each file and ``find`` for each that is wrong.

        ``of_page`` are files that the page shown is made of, by path.

        Raises:
            Trouble: UNREACHABLE or TLS.
        """
        files = {**files_of(manifest), **of_page}
        drawn = self._chance.sample(sorted(files), min(self._files, len(files)))
        for path in drawn:
            if await self.right(path, files[path], find) is not None:
                compared()
        if manifest.contests:
            await self._go_down(self._chance.choice(manifest.contests).results, compared, find)

    async def _go_down(self, ref: Ref, compared: Callable[[], None], find: Find) -> None:
        for _ in range(MOST_LEVELS):
            data = await self.right(ref.path, ref, find)
            if data is None:
                return
            compared()
            found = _object_in(data)
            below = _refs_below(found)
            if not below:
                await self._compare_image(found, compared, find)
                return
            ref = self._chance.choice(below)

    async def _compare_image(
        self, found: PublishedObject | None, compared: Callable[[], None], find: Find
    ) -> None:
        """One image of a section, if it has any. A publisher that lacks it may still fetch it."""

        def found_wrong(code: WatchCode, text: Text) -> None:
            if code is not WatchCode.MISSING:
                find(code, text)

        images = images_of(found) if isinstance(found, SeccionResults | OutOfCatalogue) else {}
        if images:
            digest, size = self._chance.choice(sorted(images.items()))
            if await self.right(image_path(digest), Ref(digest, size), found_wrong) is not None:
                compared()

    async def right(self, path: str, ref: Ref, find: Find) -> bytes | None:
        """The bytes, where they are right; ``None`` too where they would be too many."""
        if ref.size > self._budget:
            return None
        span = None if ref.pack is None else Span(ref.offset or 0, ref.size)
        limit = ref.size if span is None else self._budget
        try:
            data = (await self._visitor.get(self._address, path, limit, span)).data
        except Trouble as trouble:
            if trouble.code not in (WatchCode.MISSING, WatchCode.ALTERED):
                raise
            find(trouble.code, trouble.text)
            return None
        self._budget -= len(data)
        found = sha256(data).hexdigest()
        if found == ref.sha256:
            return data
        where = said("{path}", path=path)
        if span is not None:
            where = said("{path} from byte {offset} on", path=path, offset=span.offset)
        told = said(
            "{where}: SHA-256 {found}, and {signed} was signed",
            where=where,
            found=found,
            signed=ref.sha256,
        )
        find(WatchCode.ALTERED, told)
        return None


def files_of(manifest: Manifest) -> dict[str, Ref]:
    """Every file that a manifest names with its digest, by the path where it stays for good."""
    databases = databases_of(manifest).items()
    named = {path: Ref(file.sha256, file.size) for path, file in databases}
    named[pack_path(manifest.cut)] = Ref(manifest.pack.sha256, manifest.pack.size)
    objects = (manifest.description, *(contest.results for contest in manifest.contests))
    return named | {ref.path: ref for ref in objects if ref.pack is None}


def _object_in(data: bytes) -> PublishedObject | None:
    try:
        return decode_object(data)
    except msgspec.MsgspecError:
        return None


def _refs_below(found: PublishedObject | None) -> tuple[Ref, ...]:
    if not isinstance(found, AreaResults):
        return ()
    outside = (found.out_of_catalogue,) if found.out_of_catalogue else ()
    return (*(child.object for child in found.children), *outside)
