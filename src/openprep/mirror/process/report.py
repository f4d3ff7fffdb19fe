"""A mirror's status in words, and as metrics: what it wrote, held against clock and disk."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from openprep.clock import system_clock
from openprep.mirror.codes import MirrorCode
from openprep.mirror.process.status import Status
from openprep.wire.distribution.codes import DistributionCode


def words_of(status: Status, folder: Path, now: datetime) -> list[str]:
    """What an operator reads, a line each."""
    return [f"{name + ':':<14}{value}" for name, value in _lines(status, folder, now)]


SILENCE = timedelta(minutes=2)
"""A mirror looks at least twice a minute; one that did not for so long does not run."""

LEAST_FREE = 512 * 1024**2
"""Bytes below which a disk will soon be full."""


def troubles_of(status: Status, folder: Path) -> list[tuple[str, str]]:
    """What an operator should look at, by what it is of; each line has a code.

    A disk that is full keeps the mirror from writing its status: what it wrote last is believed
    only while it is fresh and there is room.
    """
    return list(_troubles(status, folder))


def _troubles(status: Status, folder: Path) -> Iterator[tuple[str, str]]:
    heard, free = status.heard, shutil.disk_usage(folder).free
    if heard is not None and system_clock() - heard > SILENCE:
        yield "process", MirrorCode.NOT_HEARD_OF.of("since {heard}", heard=heard.isoformat())
    if free < LEAST_FREE:
        few = MirrorCode.LITTLE_SPACE.of(
            "{free} MB free, at least {least} MB needed",
            free=free // 2**20,
            least=LEAST_FREE // 2**20,
        )
        yield "disk", few
    if status.revoked is not None:
        code = DistributionCode.REVOKED.code
        yield "enrolment", f"{code} revoked from {status.revoked.isoformat()} on: ask the authority"
    if status.trust_trouble:
        yield "trust root", status.trust_trouble
    if status.error:
        yield "trouble", f"{status.failures} failures in a row: {status.error}"


def _lines(status: Status, folder: Path, now: datetime) -> Iterator[tuple[str, str]]:
    kind = "a drill of " if status.drill else ""
    yield "publisher", f"{status.publisher or 'not enrolled'}, {kind}{status.election}"
    yield from _of_cut(status, now)
    yield "log", f"{status.log_size or 0} leaves verified"
    yield "images", f"{status.images_missing} still to come" if status.images_missing else "all"
    if status.gaps:
        yield "past cuts", f"{status.gaps} lack a file, which is asked for"
    yield "peers", f"{status.peers} addresses of other publishers"
    yield "disk", f"{shutil.disk_usage(folder).free // 2**20} MB free"
    yield from _of_policy(status, now)
    yield from troubles_of(status, folder)


def _of_cut(status: Status, now: datetime) -> Iterator[tuple[str, str]]:
    if status.cut is None:
        yield "cut", "none yet"
    else:
        yield "cut", f"{status.cut} of {status.cut_time}, from {status.source or 'this disk'}"
        yield "age", f"{_age(status, now):.0f} s"
    if lag_of(status):
        yield "lag", f"{lag_of(status)} cuts behind cut {status.announced}, which was announced"
    if status.quorum is not None:
        yield "held by", f"{status.cosigned_by} publishers, {status.quorum} make a quorum"


def _of_policy(status: Status, now: datetime) -> Iterator[tuple[str, str]]:
    if status.opens is not None and now < status.opens:
        yield "public", f"from {status.opens.isoformat()} on, not yet"
    if status.retained_until is not None and now >= status.retained_until:
        until = status.retained_until.isoformat()
        yield "retention", f"ended {until}: the cut stays up, and may be taken down"


def lag_of(status: Status) -> int:
    """Cuts that were announced and are not up."""
    if status.announced is None:
        return 0
    return max(0, status.announced - _number(status.cut))


def _age(status: Status, now: datetime) -> float:
    return (now - status.cut_time).total_seconds() if status.cut_time else 0.0


def metrics_of(status: Status, folder: Path, now: datetime) -> str:
    """The same for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
    registry = CollectorRegistry()

    def gauge(name: str, words: str, value: float) -> None:
        Gauge(f"openprep_mirror_{name}", words, registry=registry).set(value)

    gauge("cut", "Number of the cut that is up; -1 before the first.", _number(status.cut))
    gauge("cut_age_seconds", "Age of the cut that is up.", _age(status, now))
    gauge("lag_cuts", "Cuts that were announced and are not up.", lag_of(status))
    gauge("looked_seconds", "Unix time of the last look for a cut.", _seconds(status.looked))
    gauge("answered_seconds", "Unix time of the centre's last answer.", _seconds(status.answered))
    gauge("quorum", "Cosignatures that make a quorum.", status.quorum or 0)
    gauge("peers", "Addresses of other publishers.", status.peers)
    gauge("revoked", "1 where the trust root revoked this publisher.", bool(status.revoked))
    gauge("log_size", "Leaves of the log that were verified.", status.log_size or 0)
    gauge("images_missing", "Images that have not come yet.", status.images_missing)
    gauge("gaps", "Past cuts of which a file is missing.", status.gaps)
    gauge("cosigned_by", "Publishers that cosigned the cut that is up.", status.cosigned_by)
    gauge("failures", "Looks in a row that showed nothing for trouble.", status.failures)
    gauge("disk_free_bytes", "Free space for the mirror.", shutil.disk_usage(folder).free)
    gauge(
        "trust_trouble", "1 while the trust root cannot be refreshed.", bool(status.trust_trouble)
    )
    gauge("trouble", "1 where an operator should look.", bool(troubles_of(status, folder)))
    refusals = Gauge(
        "openprep_mirror_refusals",
        "Refusals since the start, by code.",
        ["code"],
        registry=registry,
    )
    for code, count in status.refusals.items():
        refusals.labels(code).set(count)
    return generate_latest(registry).decode()


def _number(cut: int | None) -> int:
    return -1 if cut is None else cut


def _seconds(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()
