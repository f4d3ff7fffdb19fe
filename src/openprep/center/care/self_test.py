"""Whether a centre is ready for the night: looked at before it, changing nothing.

Beside a centre that runs, too. Everything that would keep it from starting, or publishers from
believing it, is said here first.
"""

import resource
import shutil
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from openprep.center.care.backup import read_through
from openprep.center.care.status import LEAST_ROOM
from openprep.center.machine_clock import last_doubt
from openprep.center.publishers import Word, addresses_of, ask, clocks_in
from openprep.center.start import (
    RECORD_FILE,
    StartRefused,
    check_log,
    check_publishers,
    checkpoint_in,
)
from openprep.center.steady_clock import JUMP
from openprep.ceremony.codes import CeremonyRefused
from openprep.ceremony.folder import load_standing
from openprep.ceremony.proposal import Standing
from openprep.ceremony.standing import check_election
from openprep.clock import Clock, system_clock
from openprep.cuts.signing_key import KEY_FILE, KeyUnusable, load_signer
from openprep.doors.addresses import is_listened_on
from openprep.election import Election
from openprep.hosting.verdicts import Check, Verdict, outlasting, until
from openprep.pages.codes import PageTrouble
from openprep.pages.kit import Kit
from openprep.record.codes import RecordTrouble
from openprep.record.database import owner_of
from openprep.record.events import CutMade
from openprep.record.sqlite import RECORD
from openprep.transmission.keys import KeyTrouble, load_enrolment
from openprep.wire.note import Signer
from openprep.wire.trust import FOLDER as TRUST
from openprep.wire.trust import TrustData

LEAST_FREE = 4 * 1024**3
LEAST_FILES = 4096
TIMEOUT = aiohttp.ClientTimeout(total=8, sock_connect=4)


@dataclass(frozen=True)
class Subject:
    """The centre that is looked at, as it would be started."""

    election: Election
    data: Path
    stations: Path | None = None
    host: str = "127.0.0.1"
    ports: Sequence[int] = ()
    authorities: Sequence[str] = ()
    with_page: bool = True
    clock: Clock = system_clock


async def self_test(subject: Subject) -> list[Check]:
    """Every check, in the order in which an operator would mend what it finds."""
    checks = [_space(subject.data), _files(), *_ports(subject)]
    if subject.with_page:
        checks.append(_page())
    signer, found = _key(subject)
    checks.append(found)
    cuts, found = _record(subject)
    checks.append(found)
    standing, found = _trust(subject)
    checks += [found, *_stations(subject, standing)]
    if standing is not None:
        checks += _enrolment(subject, standing, signer, cuts)
        checks += await _publishers(subject, standing.data, signer, cuts)
    checks.append(_doubt(subject))
    checks += [await _authority(name) for name in subject.authorities]
    return checks


def _space(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    verdict = Verdict.NO_GO if free < LEAST_ROOM else Verdict.GO
    if verdict is Verdict.GO and free < LEAST_FREE:
        verdict = Verdict.LOOK
    return Check("disk, free", verdict, f"{free / 1e6:,.0f} MB", f">= {LEAST_FREE / 1e6:,.0f} MB")


def _files() -> Check:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard == resource.RLIM_INFINITY or hard >= LEAST_FILES
    found = "without limit" if hard == resource.RLIM_INFINITY else str(hard)
    verdict = Verdict.GO if enough else Verdict.LOOK
    return Check("open files", verdict, found, f">= {LEAST_FILES} (ulimit -Hn)")


def _ports(subject: Subject) -> Iterator[Check]:
    for port in subject.ports:
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind((subject.host, port))
                verdict, found = Verdict.GO, "free"
            except OSError as error:
                verdict, found = Verdict.LOOK, str(error)
                if is_listened_on(subject.data, subject.host, port):
                    verdict, found = Verdict.GO, "this centre's own: it runs"
        yield Check(f"{subject.host}:{port}", verdict, found, "free, or this centre's own")


def _page() -> Check:
    limit = "built, and whole"
    try:
        return Check("page", Verdict.GO, f"kit {Kit.load().name}", limit)
    except PageTrouble as trouble:
        return Check("page", Verdict.NO_GO, str(trouble), limit)


def _key(subject: Subject) -> tuple[Signer | None, Check]:
    limit = "readable by its owner only"
    try:
        signer = load_signer(subject.data / KEY_FILE, subject.election.id)
    except KeyUnusable as trouble:
        return None, Check("key", Verdict.NO_GO, str(trouble), limit)
    return signer, Check("key", Verdict.GO, str(signer.verifier), limit)


def _record(subject: Subject) -> tuple[list[CutMade], Check]:
    path, election, limit = subject.data / RECORD_FILE, subject.election, "whole, of this election"
    try:
        owner = owner_of(path, RECORD)
        if not owner:
            return [], Check("record", Verdict.GO, "none yet: made at the first start", limit)
        kept = owner["election"], owner["election_digest"]
        last, cuts = read_through(path, *kept)
    except (RecordTrouble, KeyError) as trouble:
        return [], Check("record", Verdict.NO_GO, str(trouble), limit)
    found = f"{last} events, {len(cuts)} cuts"
    if kept == (election.id, election.digest):
        return cuts, Check("record", Verdict.GO, found, limit)
    follows = kept[0] == election.id and not cuts
    verdict = Verdict.LOOK if follows else Verdict.NO_GO
    what = "follows the corrected folder at the start" if follows else "is of another folder"
    return cuts, Check("record", verdict, f"{found}; it {what}", limit)


def _trust(subject: Subject) -> tuple[Standing | None, Check]:
    folder, limit = subject.data / "public" / TRUST, "it vouches for this folder"
    try:
        standing = load_standing(folder)
        if standing is None:
            verdict = Verdict.NO_GO if subject.stations is None else Verdict.LOOK
            found = f"none in {folder}: `ceremony finish --trust` goes there"
            return None, Check("trust root", verdict, found, limit)
        check_election(subject.election, standing.data)
    except CeremonyRefused as trouble:
        return None, Check("trust root", Verdict.NO_GO, str(trouble), limit)
    found = f"version {standing.targets.signed.version}"
    return standing, Check("trust root", Verdict.GO, found, limit)


def _stations(subject: Subject, standing: Standing | None) -> Iterator[Check]:
    limit = "at least one"
    try:
        if subject.stations is not None:
            count = len(load_enrolment(subject.stations))
        elif standing is not None:
            count = len(standing.data.stations_at(subject.clock()))
        else:
            return
    except KeyTrouble as trouble:
        yield Check("stations", Verdict.NO_GO, str(trouble), limit)
        return
    yield Check("stations", Verdict.GO if count else Verdict.NO_GO, f"{count} enrolled", limit)


def _enrolment(
    subject: Subject, standing: Standing, signer: Signer | None, cuts: Sequence[CutMade]
) -> Iterator[Check]:
    data = standing.data
    if signer is not None:
        name, limit = "log", "publishers believe what this key signs"
        try:
            check_log(signer, data, cuts[-1].number + 1 if cuts else 0)
            yield Check(name, Verdict.GO, data.log.origin, limit)
        except StartRefused as refused:
            yield Check(name, Verdict.NO_GO, str(refused), limit)
    count, quorum = len(data.publishers_at(subject.clock())), data.policy.quorum
    verdict = Verdict.GO if count >= max(quorum, 1) else Verdict.LOOK
    yield Check("publishers", verdict, f"{count} enrolled", f"at least the quorum, {quorum}")
    for name, expires in (
        ("trust root, root", standing.root.signed.expires),
        ("trust root, targets", standing.targets.signed.expires),
    ):
        yield _expiry(name, expires, subject.clock(), data.policy.closes)


def _expiry(name: str, expires: datetime, now: datetime, closes: datetime) -> Check:
    """Of what was good until the results closed, somebody should know that it is past."""
    outlasts = Verdict.GO if expires > now else Verdict.LOOK
    verdict = outlasts if expires >= closes else Verdict.NO_GO
    return Check(name, verdict, until(expires, now, closes), outlasting(closes))


async def _publishers(
    subject: Subject, trust: TrustData, signer: Signer | None, cuts: Sequence[CutMade]
) -> list[Check]:
    """What publishers say of the time and of the log."""
    words = await ask(addresses_of(trust, subject.clock()), subject.clock)
    return [_clock(words), *([] if signer is None else [_held(words, trust, signer, cuts)])]


def _clock(words: Sequence[Word]) -> Check:
    said, limit = clocks_in(words), f"within {JUMP:.0f} s of most publishers'"
    if not said:
        return Check("clock", Verdict.LOOK, "no publisher answered: nobody vouches for it", limit)
    differing = [ahead for ahead in said if abs(ahead) > JUMP]
    worst = max(said, key=abs)
    found = f"{len(said) - len(differing)} of {len(said)} agree; the farthest by {-worst:+.0f} s"
    most = 2 * len(differing) > len(said)
    verdict = Verdict.NO_GO if most else Verdict.LOOK if differing else Verdict.GO
    return Check("clock", verdict, found, limit)


def _held(
    words: Sequence[Word], trust: TrustData, signer: Signer, cuts: Sequence[CutMade]
) -> Check:
    name, limit = "publishers' cuts", "none that this record lacks"
    keys = trust.log.verifiers_at(cuts[-1].number + 1 if cuts else 0)
    try:
        check_publishers(words, keys, signer.name, cuts)
    except StartRefused as refused:
        return Check(name, Verdict.NO_GO, str(refused), limit)
    shown = sum(checkpoint_in(word, signer.name, keys) is not None for word in words)
    return Check(name, Verdict.GO, f"{shown} of {len(words)} addresses show a checkpoint", limit)


def _doubt(subject: Subject) -> Check:
    doubt = last_doubt(subject.data)
    verdict = Verdict.LOOK if doubt else Verdict.GO
    return Check("clock, at the centre", verdict, doubt or "not doubted", "believed")


async def _authority(name: str) -> Check:
    """Whether the distribution service answers by the name that publishers call it."""
    limit = "the service answers by this name"
    heard = ""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        for scheme in ("https", "http"):
            url = f"{scheme}://{name}/{TRUST}/timestamp.json"
            try:
                async with session.get(url, allow_redirects=False) as response:
                    good = response.status == 200
                    verdict = Verdict.GO if good else Verdict.LOOK
                    return Check(name, verdict, f"{scheme}, HTTP {response.status}", limit)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as trouble:
                heard = heard or f"{type(trouble).__name__} {trouble}"
    return Check(name, Verdict.LOOK, f"`center serve` does not answer: {heard}", limit)
