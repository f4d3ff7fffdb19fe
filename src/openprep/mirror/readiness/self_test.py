"""Whether this mirror is ready for the night: measured, held against limits, go or no-go.

The limits are in :mod:`openprep.mirror.readiness.limits`. Each check is bounded in time, and one
that fails says what it was told.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter

import aiohttp
import msgspec
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata

from openprep.clock import Clock, system_clock
from openprep.doors.addresses import is_listened_on
from openprep.hosting.verdicts import Check, Verdict, outlasting, until
from openprep.masking import masked
from openprep.mirror.codes import Refused
from openprep.mirror.keys import PublisherKeyTrouble
from openprep.mirror.process.status import read_status
from openprep.mirror.readiness import limits
from openprep.mirror.readiness import measures as measuring
from openprep.mirror.sources.center import CenterSource
from openprep.mirror.sources.source import Source
from openprep.mirror.trust.membership import Member, Membership
from openprep.pages.codes import PageCode, PageTrouble
from openprep.pages.kit import Kit
from openprep.wire.trust import FOLDER, JOINED_ROOT, TrustError, fingerprint

TIMES = 3
"""Measures of a processor, of which the best counts: others may be using it."""

NOT_JOINED = "not joined yet: run `openprep mirror join`, with the root that the authority gives"

SECONDS_OF_A_CHECK = 25.0
SECONDS_OF_BANDWIDTH = 5.0
SAMPLE_BYTES = 16 * 1024 * 1024
SECONDS_OF_SERVING = 2.0


@dataclass(frozen=True)
class Subject:
    """The mirror that is tested. Requests are signed by the machine's clock, ``clock`` judges."""

    folder: Path
    host: str
    port: int
    clock: Clock = system_clock


async def self_test(subject: Subject) -> AsyncIterator[Check]:
    """Every check, as it is done.

    Raises:
        Refused: NOT_ENROLLED, the folder is no mirror.
    """
    membership = Membership(subject.folder)
    member = membership.member
    await _fetch_trust(membership, subject)
    for check in (
        _space(subject.folder),
        *_images(subject.folder),
        *_keys(membership),
        *_trust(membership, subject),
        _page(),
    ):
        yield check
    asked = (lambda: _line(member), lambda: _admission(subject, membership))
    for measure in (
        lambda: _disk(subject.folder),
        _verification,
        _serving,
        *(asked if member.center else (_not_joined,)),
        lambda: _ports(subject),
    ):
        for check in await _bounded(measure):
            yield check
    for address in member.addresses:
        for check in await _bounded(partial(_address, subject, address)):
            yield check


async def _bounded(measure: Callable[[], Awaitable[list[Check]]]) -> list[Check]:
    try:
        async with asyncio.timeout(SECONDS_OF_A_CHECK):
            return await measure()
    except TimeoutError:
        limit = f"{SECONDS_OF_A_CHECK:.0f} s"
        return [Check("time", Verdict.NO_GO, "a check did not end in time", limit)]
    except Exception as trouble:  # noqa: BLE001 - the other checks are worth their lines
        found = f"{type(trouble).__name__} {trouble}"
        return [Check("this check", Verdict.NO_GO, masked(found), "it can be made")]


async def _best(measure: Callable[[], float]) -> float:
    return max([await asyncio.to_thread(measure) for _ in range(TIMES)])


def _page() -> Check:
    """Which kit's page this publisher will show."""
    name, limit = "page, installed", "of the release that was announced"
    try:
        return Check(name, Verdict.GO, f"kit {Kit.load().name}", limit)
    except PageTrouble as trouble:
        missing = trouble.code is PageCode.MISSING
        return Check(name, Verdict.LOOK if missing else Verdict.NO_GO, str(trouble), limit)


def _space(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    return limits.at_least("disk, free", free, limits.LEAST_FREE, "MB", 1e6)


def _images(folder: Path) -> Iterator[Check]:
    """Images of the cut that is up; nothing, where the mirror never ran."""
    try:
        missing = read_status(folder / "status.json").images_missing
    except (OSError, msgspec.MsgspecError):
        return
    verdict = Verdict.LOOK if missing else Verdict.GO
    yield Check("images of actas", verdict, f"{missing} still to come", "all, or on their way")


def _keys(membership: Membership) -> Iterator[Check]:
    try:
        found = str(membership.cosigner.verifier)
        yield Check("exclusive keys", Verdict.GO, found, "whole, and readable by their owner only")
    except PublisherKeyTrouble as trouble:
        yield Check("exclusive keys", Verdict.NO_GO, str(trouble), "readable by their owner only")


async def _not_joined() -> list[Check]:
    return [Check("centre", Verdict.NO_GO, NOT_JOINED, "joined")]


async def _fetch_trust(membership: Membership, subject: Subject) -> None:
    """Have what the root vouches for, where it was joined and nothing was fetched yet.

    What fails is told by the checks themselves.
    """
    root, center = membership.trust_root, membership.member.center
    with suppress(Refused):
        root.trusted()
        return
    with suppress(Refused, TimeoutError):
        root.require_joined()
        async with Source(center, SECONDS_OF_A_CHECK) as source:
            await root.refresh_from(source, subject.clock())


def _trust(membership: Membership, subject: Subject) -> Iterator[Check]:
    """The root that was joined, whether this publisher stands in it, and until when it is good."""
    root, now = membership.trust_root, subject.clock()
    if not membership.member.center:
        yield Check("trust root", Verdict.NO_GO, NOT_JOINED, "joined, and fetched once")
        return
    try:
        root.require_joined()
        number = fingerprint((root.folder / JOINED_ROOT).read_bytes())
        yield Check("trust root, joined", Verdict.GO, number, "the number spoken aloud")
        trust = root.trusted()
    except (Refused, TrustError, OSError) as trouble:
        yield Check("trust root", Verdict.NO_GO, str(trouble), "joined, and fetched once")
        return
    standing = trust.publisher(membership.member.publisher, now)
    word = "enrolled" if standing else "not enrolled, or revoked"
    yield Check("enrolment", Verdict.GO if standing else Verdict.NO_GO, word, "enrolled")
    for role in ("root", "targets", "snapshot", "timestamp"):
        yield _expiry(root.files(), role, now, trust.policy.closes)


def _expiry(files: dict[str, bytes], role: str, now: datetime, closes: datetime) -> Check:
    data = next((files[name] for name in reversed(files) if _is_of(role, name)), b"")
    outlasts = role in ("root", "targets")
    name, limit = f"trust root, {role}", outlasting(closes) if outlasts else "not expired"
    try:
        expires = Metadata.from_bytes(data).signed.expires
    except RepositoryError:
        return Check(name, Verdict.NO_GO, "not on this disk", limit)
    good = expires > now and (not outlasts or expires >= closes)
    verdict = Verdict.GO if good else Verdict.NO_GO
    return Check(name, verdict, until(expires, now, closes), limit)


def _is_of(role: str, name: str) -> bool:
    return name == f"{FOLDER}/{role}.json" or name.endswith(f".{role}.json")


async def _disk(folder: Path) -> list[Check]:
    try:
        speed = await asyncio.to_thread(measuring.disk_speed, folder)
    except OSError as trouble:
        return [Check("disk, writing", Verdict.NO_GO, str(trouble), "writable")]
    return [
        limits.at_least("disk, writing", speed.bytes_rate, limits.LEAST_WRITING, "MB/s", 1e6),
        limits.at_most("disk, one flush", speed.flush, limits.MOST_FLUSHING),
    ]


async def _verification() -> list[Check]:
    hashing = await _best(measuring.hashing_rate)
    signatures = await _best(measuring.signature_rate)
    return [
        limits.capable("verifying, SHA-256", hashing, limits.LEAST_HASHING, "MB/s", 1e6),
        limits.capable("verifying, Ed25519", signatures, limits.LEAST_SIGNATURES, "/s"),
    ]


async def _serving() -> list[Check]:
    rate = await measuring.serving_rate(SECONDS_OF_SERVING)
    return [limits.capable("serving, built in", rate, limits.LEAST_SERVING, "answers/s")]


async def _line(member: Member) -> list[Check]:
    url = f"{member.center}/{FOLDER}/timestamp.json"
    try:
        line = await measuring.line_to(url, system_clock)
    except (aiohttp.ClientError, OSError, ValueError) as trouble:
        found = f"{member.center or 'no centre joined'}: {type(trouble).__name__} {trouble}"
        return [Check("centre, answering", Verdict.NO_GO, found, "it answers")]
    return [
        limits.at_most("centre, answering", line.seconds, limits.MOST_LATENCY),
        limits.clock_off(line.ahead),
    ]


async def _admission(subject: Subject, membership: Membership) -> list[Check]:
    """Whether the centre admits this publisher, and how fast a package comes."""
    member = membership.member
    place = subject.folder / ".self-test"
    try:
        source = CenterSource(member.center, member.publisher, membership.keys, place, system_clock)
        async with source:
            began = perf_counter()
            came = await source.sample(SAMPLE_BYTES, SECONDS_OF_BANDWIDTH)
            rate = came / (perf_counter() - began)
    except (Refused, PublisherKeyTrouble, ValueError) as trouble:
        return [Check("centre, admission", Verdict.NO_GO, str(trouble), "it admits this publisher")]
    finally:
        shutil.rmtree(place, ignore_errors=True)
    admitted = Check("centre, admission", Verdict.GO, "admitted", "it admits this publisher")
    return [admitted, limits.bandwidth(came, rate)]


async def _ports(subject: Subject) -> list[Check]:
    """The mirror's own port: free, or this mirror's."""
    name, limit = f"port {subject.port}", "free, or this mirror's own"
    if measuring.is_free(subject.host, subject.port):
        return [Check(name, Verdict.GO, "free", limit)]
    if is_listened_on(subject.folder, subject.host, subject.port):
        return [Check(name, Verdict.GO, "this mirror's own: it runs", limit)]
    try:
        status = await measuring.answers_at(f"http://{subject.host}:{subject.port}/current.json")
    except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
        return [Check(name, Verdict.NO_GO, f"taken by something else: {trouble}", limit)]
    own = status in (200, 404, 503)
    verdict = Verdict.LOOK if own else Verdict.NO_GO
    return [
        Check(name, verdict, f"a web server answers HTTP {status}: see that it is yours", limit)
    ]


async def _address(subject: Subject, address: str) -> list[Check]:
    """One public address: somebody answers, under a certificate of that name."""
    found = []
    if address.startswith("https:"):
        found.append(await _certificate(address))
    limit = "it answers"
    try:
        status = await measuring.answers_at(f"{address.rstrip('/')}/current.json")
    except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
        running = not measuring.is_free(subject.host, subject.port)
        verdict = Verdict.NO_GO if running else Verdict.LOOK
        word = "" if running else "the mirror is not running: "
        found.append(Check(address, verdict, f"{word}{trouble or type(trouble).__name__}", limit))
    else:
        good = status in (200, 404, 503)  # 503 before the opening, 404 before the first cut
        verdict = Verdict.GO if good else Verdict.NO_GO
        found.append(Check(address, verdict, f"HTTP {status}", limit))
    return found


async def _certificate(address: str) -> Check:
    name = f"certificate of {address}"
    limit = f"its name, good for {limits.LEAST_CERTIFICATE.days} days"
    try:
        ends = await measuring.certificate_of(address)
    except (OSError, TimeoutError, ValueError) as trouble:
        return Check(name, Verdict.NO_GO, str(trouble) or type(trouble).__name__, limit)
    good = ends - system_clock() >= limits.LEAST_CERTIFICATE
    return Check(name, Verdict.GO if good else Verdict.NO_GO, f"until {ends.isoformat()}", limit)
