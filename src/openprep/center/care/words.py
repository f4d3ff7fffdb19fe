"""What an operator reads of a centre's status, and of what waits for a person. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from openprep.center.care.status import CenterStatus, StationsCount
from openprep.center.refusal_counts import RefusalCounts
from openprep.coded import counted
from openprep.cuts.codes import PublicationCode
from openprep.election import Acta, Election
from openprep.record.aside import BY_CODE
from openprep.transmission.inbox.status import Waiting

MOST_NAMES = 20
"""Most stations that a line names; it counts them all."""


def words_of(status: CenterStatus) -> Iterator[str]:
    """A status, line by line."""
    kind = "DRILL" if status.drill else "election"
    yield f"{kind} {status.election}, {status.phase}; {counted(status.facts, 'fact')} recorded"
    for name, contest in status.contests.items():
        yield (
            f"{name}: {contest.expected:,} actas expected, {contest.received:,} received, "
            f"{contest.counted:,} counted, {contest.missing:,} missing, "
            f"{contest.corrected:,} corrected, {contest.out_of_catalogue:,} out of catalogue"
        )
    total = sum(status.waiting.values())
    if total:
        yield f"waiting for a person: {counted(total, 'fact')} (see `openprep center conflicts`)"
        yield from (
            f"  {code} {count:,} — {BY_CODE[code].meaning}"
            for code, count in status.waiting.items()
        )
    else:
        yield "no fact waits for a person"
    yield f"images: {status.images:,} held, {status.images_missing:,} named and not come"
    yield _cut(status)
    yield from _stations(status.stations)
    yield from _refused("inbox", status.refusals)
    yield from _refused("distribution service", status.service_refusals)
    yield _trust(status)
    if status.clock_doubt:
        yield f"clock: {status.clock_doubt}"
    yield f"disk: {_disk(status)}"


def _disk(status: CenterStatus) -> str:
    free, needed = status.free_bytes / 1e6, status.needed_bytes / 1e6
    if not status.lacks_room:
        return f"{free:,.0f} MB free"
    return PublicationCode.DISK_NEARLY_FULL.of(
        "{free:,.1f} MB free, {needed:,.1f} needed", free=free, needed=needed
    )


def _cut(status: CenterStatus) -> str:
    last = status.last_cut
    if last is None:
        return "no cut yet"
    return f"cut {last.number} ({last.kind}), {last.age:,.0f} s ago, at {last.at.isoformat()}"


def _stations(stations: StationsCount | None) -> Iterator[str]:
    if stations is None:
        yield "stations: it is not known who is enrolled"
        return
    yield f"stations: {stations.enrolled:,} enrolled, {stations.heard:,} heard of"
    for what, names in (
        ("never heard of", stations.never),
        ("silent", stations.silent),
        ("heard of and not enrolled now", stations.not_enrolled),
    ):
        if names:
            yield f"  {what}: {len(names):,}: {_some(names)}"


def _some(names: Sequence[str]) -> str:
    more = ", …" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def _refused(what: str, kept: RefusalCounts | None) -> Iterator[str]:
    if kept is None:
        return
    said = ", ".join(f"{code} {count:,}" for code, count in sorted(kept.counts.items()))
    yield f"refused by the {what} since {kept.since.isoformat()}: {said or 'nothing'}"


def _trust(status: CenterStatus) -> str:
    if status.trust_trouble:
        return f"trust root: {status.trust_trouble}"
    if status.trust is None:
        return "no trust root here"
    return f"trust root version {status.trust.version}, {status.trust.publishers} publishers"


def words_of_waiting(waiting: Sequence[Waiting], election: Election) -> Iterator[str]:
    """Each fact that waits: where it came from, how it differs from what stands, and what helps."""
    for held in waiting:
        acta = held.acta or "out of catalogue"
        yield f"{held.code} {held.contest} {acta}, by {held.station} at {held.at}"
        if held.reason:
            yield f"  reason: {held.reason}"
        if held.step:
            yield f"  step: {held.step}"
        if held.reported is not None:
            yield from _reported(held, held.reported, election)
        yield f"  {BY_CODE[held.code].meaning}"


def _reported(held: Waiting, reported: Acta, election: Election) -> Iterator[str]:
    if held.stands is None:
        yield "  nothing stands; reported:"
        yield f"    {_figures(_fields(reported, election))}"
    else:
        yield f"  stands by {held.stands_by}; reported in its place:"
        yield from _differences(held.stands, reported, election)


def _figures(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in fields.items())


def _differences(stands: Acta, reported: Acta, election: Election) -> Iterator[str]:
    """What one says and the other does not; both are of one contest."""
    before, after = _fields(stands, election), _fields(reported, election)
    found = [name for name in before if before[name] != after[name]]
    yield from (f"    {name}: {before[name]} → {after[name]}" for name in found)
    if not found:
        yield "    the same"


def _fields(acta: Acta, election: Election) -> dict[str, str]:
    """What an acta says, by the names of its columns and fields."""
    names = [column.id for column in election.contests[acta.contest].columns]
    votes = dict(zip(names, map(_said, acta.votes), strict=False))
    rest = {
        name: _said(getattr(acta, name))
        for name in acta.__struct_fields__
        if name not in ("contest", "acta", "votes")
    }
    return votes | rest


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_said, value)) or "none"
    if value is None or value == "":
        return "none"
    return str(getattr(value, "value", value))
