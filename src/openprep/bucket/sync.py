"""A mirror's verified tree copied into a bucket (or a folder) that serves it: pointer last.

Immutable files go first, in any order and many at once; when the store has acknowledged all of
them, what says where a cut's results stand in the packs; then the files that change with the cut,
one by one, ``checkpoint`` and ``current.json`` last. Stopped anywhere, a reader who starts at
``current.json`` finds the old cut or the new one, whole. Images of actas, which come after their
cut, and renewals of the trust root, its timestamp last, follow when they come. Nothing is ever
deleted from a bucket.

What was acknowledged is remembered in the mirror's own folder, so that only news is sent. The
memory is a convenience: without it all is sent again, and :meth:`BucketSync.verify` holds it
against what the bucket lists.
"""

import asyncio
import gzip
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store, from_url

from openprep.bucket.codes import BucketCode, BucketTrouble
from openprep.bucket.memory import Sent, Uploaded
from openprep.hosting.rules import (
    IMMUTABLE,
    LEADS,
    NEWEST_TRUST,
    PUBLISHER_FRAME,
    RANGED,
    caching_of,
    content_type_of,
    head_file,
    is_compressed,
)
from openprep.masking import masked
from openprep.wire.cut.manifest import POINTER_PATH, Pointer, decode
from openprep.wire.log.tiles import CHECKPOINT_PATH

LAST = (CHECKPOINT_PATH, POINTER_PATH)
"""Of the files that change with the cut, those that are sent after the others, in this order."""

LARGEST_AT_ONCE = 8 * 1024 * 1024
"""Bytes above which a file is sent from the disk in parts."""

REMEMBERED_TOGETHER = 256

_IMAGES = "actas"
_TRUST = "trust"
_FOLDERS = ("objects", "packs", "cuts", "databases", "assets", "tile", _TRUST, _IMAGES)
_BESIDE = (PUBLISHER_FRAME, NEWEST_TRUST)
"""Files that change in their place, and not with the cut."""

_CUT_FILE = re.compile(r"cuts/([0-9]+)\.")
_RETRIES = {"max_retries": 8, "retry_timeout": timedelta(minutes=2)}

_CREDENTIALS: tuple[tuple[type[ObjectStore], str], ...] = (
    (S3Store, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    (GCSStore, "GOOGLE_APPLICATION_CREDENTIALS"),
    (AzureStore, "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY"),
)
_OWN_MACHINE = "169.254."
"""Where a store looks for the credentials of its own machine, once there are no others."""

_LONGEST_WORD = 300


def store_at(target: str) -> ObjectStore:
    """The store at ``s3://…``, ``gs://…``, ``az://…``, ``file://…``, ``memory://`` or a folder.

    Credentials come from the environment, as each provider's own tools have them, and from nowhere
    else: an address is shown in logs.

    Raises:
        BucketTrouble: TARGET.
    """
    if masked(target) != target:
        raise BucketTrouble(
            BucketCode.TARGET,
            "{target}: credentials come from the environment, never in the address",
            target=target,
        )
    try:
        if "://" not in target:
            return LocalStore(Path(target).resolve(), mkdir=True)
        if target.startswith("file://"):
            return from_url(target, mkdir=True)
        if target.startswith("memory://"):
            return from_url(target)
        return from_url(  # type: ignore[no-any-return,call-overload]  # one for each kind of store
            target, retry_config=_RETRIES
        )
    except (BaseError, ValueError, OSError) as error:
        raise BucketTrouble(
            BucketCode.TARGET, "{target}: {error}", target=target, error=_said(error)
        ) from error


def _said(error: Exception) -> str:
    """What a store says, without the inner workings that follow it."""
    return next(iter(str(error).splitlines()), type(error).__name__)[:_LONGEST_WORD]


def _trouble(store: ObjectStore, what: str, error: Exception) -> BucketTrouble:
    if _OWN_MACHINE in str(error):
        needed = next((names for kind, names in _CREDENTIALS if isinstance(store, kind)), "")
        return BucketTrouble(BucketCode.CREDENTIALS, "{what}: {needed}", what=what, needed=needed)
    return BucketTrouble(BucketCode.STORE, "{what}: {error}", what=what, error=_said(error))


@dataclass(frozen=True)
class Report:
    """What a look did: the cut now in the bucket, and files and bytes sent for it."""

    cut: int
    files: int
    sent_bytes: int


class BucketSync:
    """Keeps the bucket ``store`` at the cut that ``public`` shows.

    With ``packed`` files that shrink are stored as gzip, under ``Content-Encoding: gzip``: for a
    bucket that browsers read with no CDN in between. What is read by range never is: packs,
    databases, images and the entries of the log.
    """

    def __init__(
        self,
        public: Path,
        store: ObjectStore,
        uploaded: Uploaded,
        *,
        concurrency: int = 16,
        packed: bool = False,
    ) -> None:
        self._public = public
        self._store = store
        self._uploaded = uploaded
        self._packed = packed
        self._concurrency = concurrency
        self._images_at: int | None = None
        """When the folder of images changed last before all of it was sent."""

    async def sync(self) -> Report | None:
        """Send what is new and turn the bucket to the mirror's cut; ``None`` if it is there.

        Raises:
            BucketTrouble: the bucket stays at a cut that it has whole.
        """
        head, beside = self._read_head(), self._read_beside()
        cut = self._cut_of(head[POINTER_PATH])
        images_at = self._images_changed_at()
        turned, renewed = not self._is_sent(head), not self._is_sent(beside)
        if not (turned or renewed) and images_at == self._images_at:
            return None
        folders = _FOLDERS if turned else (_TRUST, _IMAGES)
        names = await asyncio.to_thread(self._missing, cut, folders)
        leading = [name for name in names if LEADS.fullmatch(name)]
        sizes = await self._send_all(name for name in names if name not in leading)
        sizes += await self._send_all(leading)
        self._images_at = images_at
        for name, data in {**(beside if renewed else {}), **(head if turned else {})}.items():
            etag = await self._put(name, data)
            self._uploaded.remember({name: self._content(name, data)._replace(etag=etag)})
            sizes.append(len(data))
        return Report(cut, len(sizes), sum(sizes)) if sizes else None

    async def verify(self) -> int:
        """Forget what the bucket does not list as it was sent; how many files that are."""
        listed: dict[str, tuple[int, str | None]] = {}
        try:
            async for some in obstore.list(self._store, chunk_size=1000):
                listed.update({meta["path"]: (meta["size"], meta["e_tag"]) for meta in some})
        except BaseError as error:
            raise _trouble(self._store, "the listing", error) from error
        lost = [
            name for name, sent in self._uploaded.all() if not _is_listed(sent, listed.get(name))
        ]
        self._uploaded.forget(lost)
        return len(lost)

    def _read_head(self) -> dict[str, bytes]:
        """The files of one head, the pointer last; read again if the tree turned meanwhile."""
        for _ in range(5):
            try:
                folder = (self._public / "live").resolve(strict=True)
                names = sorted(file.name for file in folder.iterdir() if head_file(file.name))
                names = [name for name in names if name not in LAST] + list(LAST)
                found = {name: (folder / name).read_bytes() for name in names}
            except FileNotFoundError:
                continue
            return found
        raise BucketTrouble(BucketCode.NO_CUT, "{public} has no current.json", public=self._public)

    def _cut_of(self, pointer: bytes) -> int:
        try:
            return decode(pointer, Pointer).cut
        except msgspec.MsgspecError as error:
            raise BucketTrouble(
                BucketCode.DAMAGED,
                "{path}: {error}",
                path=self._public / "live" / POINTER_PATH,
                error=error,
            ) from error

    def _read_beside(self) -> dict[str, bytes]:
        """Read before the files that a timestamp leads to are listed: they are there already."""
        found = {}
        for name in _BESIDE:
            with suppress(FileNotFoundError):
                found[name] = (self._public / name).read_bytes()
        return found

    def _is_sent(self, head: Mapping[str, bytes]) -> bool:
        return all(self._uploaded.has(name, self._content(name, head[name])) for name in head)

    def _images_changed_at(self) -> int | None:
        """A name that is new in a folder changes the folder's own date."""
        try:
            return (self._public / _IMAGES).stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _missing(self, cut: int, folders: Sequence[str] = _FOLDERS) -> list[str]:
        """Immutable files up to ``cut`` that the bucket does not have as they are on this disk."""
        found = []
        for name in files_below(self._public, folders):
            of_cut = _CUT_FILE.match(name)
            if of_cut and int(of_cut[1]) > cut:
                continue  # fetched, and not verified yet
            if not self._uploaded.has(name, self._version((self._public / name).stat(), name)):
                found.append(name)
        return found

    def _version(self, status: os.stat_result, name: str) -> Sent:
        return Sent(status.st_size, status.st_mtime_ns, self._is_packed(name))

    def _content(self, name: str, data: bytes) -> Sent:
        """A file that changes with the cut is known by what it holds."""
        version = int.from_bytes(sha256(data).digest()[:7], "big")
        return Sent(len(data), version, self._is_packed(name))

    async def _send_all(self, names: Iterable[str]) -> list[int]:
        """Send immutable files, several at once; the first trouble stops the others."""
        waiting = iter(names)
        sizes: list[int] = []
        done: dict[str, Sent] = {}
        trouble: Exception | None = None

        async def send_some() -> None:
            for name in waiting:
                sent = await self._send(name)
                if sent is None:
                    continue
                sizes.append(sent.size)
                done[name] = sent
                if len(done) >= REMEMBERED_TOGETHER:
                    self._remember(done)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._concurrency):
                    group.create_task(send_some())
        except* BucketTrouble as troubles:
            # Raised here it would be put into a group again (by Python 3.11.2, for one).
            trouble = troubles.exceptions[0]
        finally:
            self._remember(done)
        if trouble is not None:
            raise trouble
        return sizes

    def _remember(self, done: dict[str, Sent]) -> None:
        self._uploaded.remember(done)
        done.clear()

    async def _send(self, name: str) -> Sent | None:
        """Send one immutable file; ``None`` if the tree dropped it (partial tile, old page)."""
        path = self._public / name
        try:
            status = path.stat()
            large = status.st_size > LARGEST_AT_ONCE
            data = None if large else await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        if data is not None and not _is_as_named(name, data):
            raise BucketTrouble(BucketCode.DAMAGED, "{name}", name=name)
        etag = await self._put(name, path if data is None else data)
        return self._version(status, name)._replace(etag=etag)

    async def _put(self, name: str, content: bytes | Path) -> str | None:
        attributes = self._attributes(name)
        if self._is_packed(name):
            if isinstance(content, Path):
                content = await asyncio.to_thread(content.read_bytes)
            content = await asyncio.to_thread(gzip.compress, content, 6, mtime=0)
        try:
            result = await obstore.put_async(
                self._store,
                name,
                content,
                attributes=attributes or None,
            )
        except (BaseError, OSError) as error:
            raise _trouble(self._store, name, error) from error
        return result["e_tag"]

    def _is_packed(self, name: str) -> bool:
        return self._packed and is_compressed(name) and not RANGED.fullmatch(name)

    def _attributes(self, name: str) -> dict[str, str]:
        """Headers that the bucket is to answer with. A folder on disk keeps none."""
        if isinstance(self._store, LocalStore):
            return {}
        attributes = {"Content-Type": content_type_of(name), "Cache-Control": caching_of(name)}
        if self._is_packed(name):
            attributes["Content-Encoding"] = "gzip"
        return attributes


def files_below(root: Path, folders: Sequence[str] = _FOLDERS) -> Iterator[str]:
    """Paths of all immutable files of a tree; what stands beside them is none of it."""
    for folder in folders:
        for path, _, names in os.walk(root / folder):
            place = PurePosixPath(Path(path).relative_to(root)).as_posix()
            yield from (
                name
                for file in names
                if IMMUTABLE.fullmatch(name := f"{place}/{file}") and name not in _BESIDE
            )


def _is_as_named(name: str, data: bytes) -> bool:
    named = name.startswith(("objects/", f"{_IMAGES}/"))
    return not named or sha256(data).hexdigest() == PurePosixPath(name).stem


def _is_listed(sent: Sent, listed: tuple[int, str | None] | None) -> bool:
    if listed is None:
        return False
    size, etag = listed
    same_size = sent.packed or size == sent.size
    return same_size and (sent.etag is None or etag is None or _bare(etag) == _bare(sent.etag))


def _bare(etag: str) -> str:
    """A tag without its quotes: some stores answer a file with them, and list it without."""
    return etag.removeprefix("W/").strip('"')
