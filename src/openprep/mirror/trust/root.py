"""The publisher's side of the trust root: joined once by ear, then followed by TUF's rules.

The rules (order of roles, thresholds, versions, expiry, rotation) are python-tuf's ``Updater``, the
reference client of the specification. This module gives it a source, a clock and a durable disk,
and says what its refusals mean to an operator. ``docs/decisions/0011-trust-root.md`` says why.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tuf.api import exceptions
from tuf.api.metadata import (
    Metadata,
    Root,
    Signed,
    Snapshot,
    Targets,
    Timestamp,
)
from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from openprep.coded import Text, said
from openprep.durable import write_durably
from openprep.mirror.codes import MirrorCode, Refused, not_read, writing
from openprep.mirror.sources.source import Source
from openprep.wire.trust import (
    FOLDER,
    ISSUED_FIELD,
    JOINED_NUMBER,
    JOINED_ROOT,
    MAX_ROOT_BYTES,
    MAX_TRUST_BYTES,
    TARGET,
    RootIdentity,
    TrustData,
    TrustError,
    fingerprint,
    identity_of,
    misheard,
    parse_root,
    parse_trust,
)

Fetch = Callable[[str, int], bytes]
"""Takes a path of the published tree and the most bytes it may have; gives the file's bytes.

It bounds its own time, and raises ``Refused``: NOT_FOUND where the source has no such file,
UNREACHABLE or OVERSIZE. A centre and another mirror serve alike.
"""

LIMITS = UpdaterConfig(
    max_root_rotations=256,
    root_max_length=MAX_ROOT_BYTES,
    timestamp_max_length=16 * 1024,
    snapshot_max_length=64 * 1024,
    targets_max_length=256 * 1024,
)

CLOCK_TOLERANCE = timedelta(minutes=5)
"""By how much this clock may lag behind the one that issued the timestamp."""


def from_source(source: Source, loop: asyncio.AbstractEventLoop) -> Fetch:
    """Trust from a centre or a mirror over HTTP, for a thread that is not that of ``loop``."""

    def fetch(path: str, limit: int) -> bytes:
        return asyncio.run_coroutine_threadsafe(source.get(path, limit), loop).result()

    return fetch


class _Joined(NamedTuple):
    """The root that was joined, as it came and as it reads."""

    data: bytes
    root: Metadata[Root]


class TrustRoot:
    """The trust root that a mirror keeps in ``folder``. One process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._metadata = folder / "metadata"

    def join(
        self,
        root_bytes: bytes,
        spoken_fingerprint: str,
        *,
        drill: bool,
        election: str | None = None,
    ) -> RootIdentity:
        """Keep the root whose number was spoken, durably; joining the same root again is nothing.

        Of a root that is refused nothing is kept. ``election`` is the id that is to be joined, if
        it is known before.

        Raises:
            Refused: TRUST_FORMAT, TRUST_FINGERPRINT, TRUST_OTHER (a drill where none was asked for,
                or the other way round), TRUST_SIGNATURES, TRUST_ALREADY_JOINED or DISK.
        """
        try:
            root = parse_root(root_bytes)
            expected = fingerprint(root_bytes)
        except TrustError as error:
            raise Refused(MirrorCode.TRUST_FORMAT, "{error}", error=error) from error
        _check_spoken(spoken_fingerprint, expected)
        identity = identity_of(root)
        if identity.drill is not drill:
            asked = "a drill" if drill else "an election for real"
            raise Refused(
                MirrorCode.TRUST_OTHER,
                "{asked} was to be joined, this is {identity}",
                asked=asked,
                identity=identity,
            )
        if election is not None and identity.election != election:
            raise Refused(
                MirrorCode.TRUST_OTHER,
                "{election} was to be joined, this is {identity}",
                election=election,
                identity=identity,
            )
        try:
            root.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
        except (exceptions.RepositoryError, ValueError) as error:
            raise Refused(MirrorCode.TRUST_SIGNATURES, "{error}", error=error) from error
        self._keep(root_bytes, root)
        with writing():
            write_durably(self.folder / JOINED_NUMBER, f"{expected}\n".encode())
        return identity

    @property
    def number(self) -> str:
        """The number of the root that was joined, which somebody heard and compared.

        Raises:
            Refused: TRUST_NOT_SPOKEN, the root is there and nobody joined it by its number;
                TRUST_NOT_JOINED or TRUST_FORMAT.
        """
        self.require_spoken()
        return fingerprint(self._joined().data)

    def require_spoken(self) -> None:
        """See that a root was joined here by its number, and is not merely there.

        Raises:
            Refused: as :attr:`number`.
        """
        own = fingerprint(self._joined().data)
        try:
            heard = (self.folder / JOINED_NUMBER).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            heard = ""
        if heard != own:
            raise Refused(MirrorCode.TRUST_NOT_SPOKEN, "{folder}", folder=self.folder)

    def _keep(self, root_bytes: bytes, root: Metadata[Root]) -> None:
        try:
            self._metadata.mkdir(parents=True, exist_ok=True)
            path = self.folder / JOINED_ROOT
            if path.exists():
                if self._joined().root.signed_bytes != root.signed_bytes:
                    raise Refused(MirrorCode.TRUST_ALREADY_JOINED, "{folder}", folder=self.folder)
                return
            write_durably(path, root_bytes)
        except OSError as error:
            raise Refused(
                MirrorCode.DISK, "{folder}: {error}", folder=self.folder, error=error
            ) from error

    def require_joined(self) -> None:
        """See that a root was joined here.

        Raises:
            Refused: TRUST_NOT_JOINED, or TRUST_FORMAT if the file on this disk is damaged.
        """
        identity_of(self._joined().root)

    @property
    def identity(self) -> RootIdentity:
        """Which election, or which drill of it, was joined.

        Raises:
            Refused: TRUST_NOT_JOINED, or TRUST_FORMAT if the file on this disk is damaged.
        """
        return identity_of(self._joined().root)

    def _joined(self) -> _Joined:
        try:
            data = (self.folder / JOINED_ROOT).read_bytes()
            return _Joined(data, parse_root(data))
        except OSError as error:
            raise Refused(
                MirrorCode.TRUST_NOT_JOINED,
                "{folder}: {error}",
                folder=self.folder,
                error=not_read(error),
            ) from error
        except TrustError as error:
            raise Refused(
                MirrorCode.TRUST_FORMAT,
                "{folder}/{joined_root}: {error}",
                folder=self.folder,
                joined_root=JOINED_ROOT,
                error=error,
            ) from error

    def trusted(self) -> TrustData:
        """What the last good refresh brought, whatever its age: to go on with while none succeeds.

        Raises:
            Refused: TRUST_NOT_JOINED if there was none yet, TRUST_FORMAT, TRUST_OTHER.
        """
        identity = self.identity
        try:
            data = (self.folder / TARGET).read_bytes()
        except OSError as error:
            raise Refused(
                MirrorCode.TRUST_NOT_JOINED,
                "{folder}: nothing was fetched yet: {error}",
                folder=self.folder,
                error=not_read(error),
            ) from error
        return _parse(data, identity)

    def files(self) -> dict[str, bytes]:
        """All that was verified, under the names a tree has for it, the timestamp last.

        Another TUF client that finds these files ends where this one did. Empty before the first
        good refresh.
        """
        found: dict[str, bytes] = {}
        for path in sorted((self._metadata / "root_history").glob("*.root.json")):
            found[path.name] = path.read_bytes()
        try:
            for role in (Targets.type, Snapshot.type):
                data = (self._metadata / f"{role}.json").read_bytes()
                found[f"{Metadata.from_bytes(data).signed.version}.{role}.json"] = data
            enrolment = (self.folder / TARGET).read_bytes()
            found[f"{sha256(enrolment).hexdigest()}.{TARGET}"] = enrolment
            name = f"{Timestamp.type}.json"
            found[name] = (self._metadata / name).read_bytes()
        except (OSError, exceptions.RepositoryError):
            return {}
        return {f"{FOLDER}/{name}": data for name, data in found.items()}

    def refresh(self, fetch: Fetch, now: datetime) -> TrustData:
        """Take what is new from any source, and say what is vouched for at ``now``.

        On any refusal what was trusted before is kept. Whatever TUF accepted on the way, as a newer
        root, is remembered durably, so that no source can take it back.

        Raises:
            Refused: TRUST_…, UNREACHABLE, NOT_FOUND, OVERSIZE or DISK.
        """
        joined = self._joined()
        identity = identity_of(joined.root)
        source = _Source(fetch, identity)
        try:
            updater = _DatedUpdater(self._metadata, source, joined.data, now)
            return self._take(updater, identity, now)
        except exceptions.ExpiredMetadataError as error:
            raise Refused(
                MirrorCode.TRUST_EXPIRED, "{expired}", expired=_expired(error, updater, now)
            ) from error
        except (exceptions.RepositoryError, exceptions.DownloadError) as error:
            raise _refusal(error) from error
        except (ValueError, KeyError) as error:
            raise Refused(MirrorCode.TRUST_FORMAT, "{error!r}", error=error) from error
        except OSError as error:
            raise Refused(
                MirrorCode.DISK, "{folder}: {error}", folder=self.folder, error=error
            ) from error

    async def refresh_from(self, source: Source, now: datetime) -> TrustData:
        """As :meth:`refresh`, over HTTP, beside whatever else the loop does.

        Raises:
            Refused: as :meth:`refresh`.
        """
        fetch = from_source(source, asyncio.get_running_loop())
        return await asyncio.to_thread(self.refresh, fetch, now)

    def _take(self, updater: "_DatedUpdater", identity: RootIdentity, now: datetime) -> TrustData:
        updater.refresh()
        _check_clock(updater.timestamp, now)
        info = updater.get_targetinfo(TARGET)
        if info is None or info.length > MAX_TRUST_BYTES:
            raise Refused(
                MirrorCode.TRUST_FORMAT, "it has no {target}, or one too large", target=TARGET
            )
        path, draft = self.folder / TARGET, self.folder / f".{TARGET}.new"
        kept = updater.find_cached_target(info, str(path))
        data = Path(kept or updater.download_target(info, str(draft))).read_bytes()
        trust = _parse(data, identity)
        if kept is None:
            write_durably(path, data)
            draft.unlink()
        return trust


class _DatedUpdater(Updater):
    """TUF's client at a given time, on a disk that keeps what it was told.

    ``Updater`` takes the time from the machine, once, as ``reference_time`` of the set of trusted
    metadata, and renames files without flushing them. Both are set right here, and nothing else.
    """

    def __init__(self, folder: Path, source: "_Source", root: bytes, now: datetime) -> None:
        super().__init__(
            metadata_dir=str(folder),
            metadata_base_url=FOLDER,
            target_base_url=FOLDER,
            fetcher=source,
            config=LIMITS,
            bootstrap=root,
        )
        set_time = getattr(self._trusted_set, "reference_time", None)
        if not (isinstance(set_time, datetime) and hasattr(Updater, "_persist_file")):
            raise RuntimeError(
                "this python-tuf keeps its time or its files elsewhere than python-tuf 7 does: no "
                "root was followed; install what openprep asks for (pip install 'tuf>=7,<8')"
            )
        self._trusted_set.reference_time = now

    def _persist_file(self, filename: str, data: bytes) -> None:
        write_durably(Path(filename), data)

    @property
    def timestamp(self) -> Timestamp:
        """The timestamp that was verified."""
        return self._trusted_set.timestamp

    def verified(self) -> Iterator[Signed]:
        """Every role that was verified so far."""
        yield from iter(self._trusted_set)


class _Source(FetcherInterface):
    """What TUF asks for, taken from a :data:`Fetch`.

    Metadata of another election, or of a drill, is turned away before TUF sees it: members who
    used one key for both would otherwise let a drill's next root follow an election's.
    """

    def __init__(self, fetch: Fetch, identity: RootIdentity) -> None:
        self._take = fetch
        self._identity = identity

    def _fetch(self, url: str) -> Iterator[bytes]:
        limit = _limit(url)
        try:
            data = self._take_at_most(url, limit)
            if not url.endswith(TARGET):
                self._check_identity(url, data)
        except Refused as refusal:
            if refusal.code is MirrorCode.NOT_FOUND:
                raise exceptions.DownloadHTTPError(str(refusal), 404) from refusal
            raise exceptions.DownloadError(str(refusal)) from refusal
        return iter((data,))

    def _take_at_most(self, url: str, limit: int) -> bytes:
        data = self._take(url, limit)
        if len(data) > limit:
            raise Refused(
                MirrorCode.OVERSIZE, "{url}: more than {limit} bytes", url=url, limit=limit
            )
        return data

    def _check_identity(self, url: str, data: bytes) -> None:
        try:
            found = identity_of(Metadata.from_bytes(data))
        except (exceptions.RepositoryError, TrustError) as error:
            raise Refused(
                MirrorCode.TRUST_FORMAT, "{url}: {error}", url=url, error=error
            ) from error
        if found != self._identity:
            raise Refused(
                MirrorCode.TRUST_OTHER,
                "{url} is of {found}, {identity} was joined",
                url=url,
                found=found,
                identity=self._identity,
            )


def _limit(url: str) -> int:
    role = url.removesuffix(".json").rpartition("/")[2].rpartition(".")[2]
    limits = {
        "root": LIMITS.root_max_length,
        "timestamp": LIMITS.timestamp_max_length,
        "snapshot": LIMITS.snapshot_max_length,
        "targets": LIMITS.targets_max_length,
    }
    return limits.get(role, MAX_TRUST_BYTES)


def _check_spoken(spoken: str, expected: str) -> None:
    if wrong := misheard(spoken, expected, said("this root has")):
        raise Refused(MirrorCode.TRUST_FINGERPRINT, "{wrong}", wrong=wrong)


def _check_clock(timestamp: Timestamp, now: datetime) -> None:
    """A clock that lags would let old trust live longer than its signers meant."""
    try:
        issued = datetime.fromisoformat(timestamp.unrecognized_fields[ISSUED_FIELD])
        behind = issued - now
    except (KeyError, ValueError, TypeError) as error:
        raise Refused(
            MirrorCode.TRUST_FORMAT, "timestamp without its time: {error}", error=error
        ) from error
    if behind > CLOCK_TOLERANCE:
        raise Refused(
            MirrorCode.TRUST_CLOCK,
            "the trust root was issued {issued}, and this clock says {now}: it is at "
            "least {age} behind",
            issued=issued.isoformat(),
            now=now.isoformat(),
            age=_spell(behind),
        )


def _parse(data: bytes, identity: RootIdentity) -> TrustData:
    try:
        trust = parse_trust(data)
    except TrustError as error:
        raise Refused(MirrorCode.TRUST_FORMAT, "{error}", error=error) from error
    found = RootIdentity(trust.election, trust.drill)
    if found != identity:
        raise Refused(
            MirrorCode.TRUST_OTHER,
            "{found} is vouched for, {identity} was joined",
            found=found,
            identity=identity,
        )
    return trust


_MEANINGS: tuple[tuple[type[Exception], MirrorCode], ...] = (
    (exceptions.UnsignedMetadataError, MirrorCode.TRUST_SIGNATURES),
    (exceptions.BadVersionNumberError, MirrorCode.TRUST_ROLLBACK),
    (exceptions.LengthOrHashMismatchError, MirrorCode.TRUST_MIXED),
    (exceptions.RepositoryError, MirrorCode.TRUST_FORMAT),
    (exceptions.DownloadLengthMismatchError, MirrorCode.OVERSIZE),
)


def _refusal(error: Exception) -> Refused:
    """What a refusal of TUF's client means to an operator."""
    if isinstance(error.__cause__, Refused):
        return error.__cause__
    for kind, code in _MEANINGS:
        if isinstance(error, kind):
            return Refused(code, "{error}", error=error)
    return Refused(MirrorCode.UNREACHABLE, "{error}: {cause!r}", error=error, cause=error.__cause__)


def _expired(error: Exception, updater: _DatedUpdater, now: datetime) -> Text:
    """What expired, when, and by how much this clock is past it."""
    ends = {signed.type: signed.expires for signed in updater.verified()}
    role = next((role for role, expires in ends.items() if expires <= now), Targets.type)
    if role not in ends:  # targets are not kept once they expired
        return said("{error}; this clock says {now}", error=error, now=now.isoformat())
    return said(
        "{role} was good until {end}, and this clock says {now}: {age} later",
        role=role,
        end=ends[role].isoformat(),
        now=now.isoformat(),
        age=_spell(now - ends[role]),
    )


def _spell(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min"
