"""When each station reports what: the script of a replayed night, one file a station.

A line of the file is the instant at which the station saves a fact, and the fact.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.election import Election
from openprep.election.area_path import first_id
from openprep.election.remit import fewest_scopes
from openprep.record.facts import ActaFact


class Arrival(Struct, frozen=True):
    """At ``at``, in the time of the replay, a station saves ``fact``."""

    at: datetime
    fact: ActaFact


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Arrival)


def write_schedules(folder: Path, schedules: Mapping[str, Iterable[Arrival]]) -> None:
    """Write one file a station, its arrivals in order of time; the folder appears whole."""
    write_as_they_come(folder, schedules.items())


def write_as_they_come(folder: Path, schedules: Iterable[tuple[str, Iterable[Arrival]]]) -> None:
    """The same, of stations of which one at a time is held."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        for station, arrivals in schedules:
            ordered = sorted(arrivals, key=lambda arrival: arrival.at)
            write_schedule(partial / f"{station}.jsonl", ordered)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_schedule(path: Path, arrivals: Iterable[Arrival]) -> None:
    """Write the arrivals of one station, which are in order of time."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as stream:
        stream.writelines(_encoder.encode(each) + b"\n" for each in arrivals)
    temporary.replace(path)


class _Instant(Struct):
    at: datetime


_instants = msgspec.json.Decoder(_Instant)


def instants_of(path: Path) -> Iterator[float]:
    """When each arrival of one station is due, in seconds since 1970; nothing else is read."""
    with path.open("rb") as lines:
        for line in lines:
            yield _instants.decode(line).at.timestamp()


def read_schedule(path: Path) -> Iterator[Arrival]:
    """The arrivals of one station."""
    with path.open("rb") as lines:
        for line in lines:
            yield _decoder.decode(line)


def remits_of(paths: Iterable[Path], election: Election) -> dict[str, tuple[str, ...]]:
    """What each station of the schedules reports in its night, as scopes of the election.

    One that reports actas out of catalogue alone is given their contest.
    """
    owners: dict[tuple[str, str], str] = {}
    outside: dict[str, set[str]] = {}
    for path in paths:
        outside[path.stem] = set()
        for arrival in read_schedule(path):
            acta = arrival.fact.acta
            if acta.acta is None:
                outside[path.stem].add(acta.contest)
            else:
                owners.setdefault((acta.contest, acta.acta), path.stem)
    scopes = fewest_scopes(owners, election)
    for station, contests in outside.items():
        own = scopes.setdefault(station, set())
        own |= contests - {first_id(scope) for scope in own}
    return {station: tuple(sorted(scopes[station])) for station in outside}
