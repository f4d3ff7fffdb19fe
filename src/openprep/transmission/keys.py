"""Keys of the stations: each makes its own, and the centre knows the public halves."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta, Struct, structs

from openprep.bounded import TooMany, whole_file
from openprep.coded import CodedError
from openprep.decoding import decoding
from openprep.durable import make_folder, write_durably
from openprep.election.remit import Remit, Scopes
from openprep.plain import unseen_in
from openprep.private import Exposed, create_private, read_private
from openprep.record.facts import StationId
from openprep.transmission.codes import StationCode

MAX_ENROLMENT_BYTES = 16 * 1024 * 1024
"""As large as the document of trust that the list becomes part of."""

MAX_NAME = 200
ID_RULE = "an id has letters without accent, digits, . _ and -, 32 at most, and begins with no sign"
_KEY_DIGITS = 64


class KeyTrouble(CodedError[StationCode]):
    """A key or an enrolment file cannot be used, and why."""


class Enrolled(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A station that the centre believes: its id, its name, its public key in hex, its remit.

    ``reports``, ``corrects`` and ``captures`` are scopes (:mod:`openprep.election.remit`); one of
    them at least is there once it is enrolled.
    """

    id: StationId
    name: Annotated[str, Meta(max_length=MAX_NAME)]
    public_key: str
    reports: Scopes = ()
    corrects: Scopes = ()
    captures: Scopes = ()

    @property
    def scopes(self) -> Scopes:
        """Everything that it speaks for, in whatever role."""
        return (*self.reports, *self.corrects, *self.captures)

    @property
    def remit(self) -> Remit:
        """What it may report and correct."""
        return Remit.of(self.reports, self.corrects, self.captures)


@dataclass(frozen=True)
class Station:
    """An enrolled station, as the inbox knows it."""

    key: Ed25519PublicKey
    remit: Remit


Stations = Mapping[str, Station]
"""The enrolled stations, by id."""

FindStation = Callable[[str], Station | None]
"""The station of an id, if it is enrolled now; asked at every envelope."""


def make_station_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and keep it at ``path``, whole and durable, for its owner only.

    Raises:
        KeyTrouble: there is one already (a key is never replaced in passing), or it cannot be kept.
    """
    key = Ed25519PrivateKey.generate()
    try:
        make_folder(path.parent)
        create_private(path, f"{key.private_bytes_raw().hex()}\n".encode())
    except FileExistsError as error:
        raise KeyTrouble(StationCode.KEY_EXISTS, "{path}", path=path) from error
    except OSError as error:
        raise KeyTrouble(
            StationCode.KEY_UNUSABLE, "{path}: {error}", path=path, error=error
        ) from error
    return key


def make_station(
    folder: Path,
    station: str,
    name: str,
    *,
    reports: Iterable[str] = (),
    corrects: Iterable[str] = (),
    captures: Iterable[str] = (),
) -> Enrolled:
    """Make a station's key in ``folder`` and keep beside it the entry that enrols it.

    What cannot stand in an entry is refused before anything is made. Where there is a key without
    an entry, as after a start that was cut short, the key stays.

    Raises:
        KeyTrouble: ENTRY, KEY_EXISTS, or the key cannot be kept.
    """
    scopes = {"reports": reports, "corrects": corrects, "captures": captures}
    told = {"id": station, "name": name} | {role: tuple(own) for role, own in scopes.items()}
    entry = _checked(told)
    key_path, entry_path = _files_of(folder, station)
    cut_short = key_path.exists() and not entry_path.exists()
    key = load_station_key(key_path) if cut_short else make_station_key(key_path)
    entry = structs.replace(entry, public_key=public_half(key))
    try:
        write_durably(entry_path, line_of(entry))
    except OSError as error:
        raise KeyTrouble(
            StationCode.KEY_UNUSABLE, "{entry_path}: {error}", entry_path=entry_path, error=error
        ) from error
    return entry


def kept_entry(folder: Path, station: str) -> Enrolled:
    """The entry of a station whose key is in ``folder``.

    Raises:
        KeyTrouble: there is no such key, or ENTRY: no entry, or another key's.
    """
    key_path, entry_path = _files_of(folder, station)
    key = load_station_key(key_path)
    try:
        with decoding():
            entry = msgspec.json.decode(entry_path.read_bytes(), type=Enrolled)
    except (OSError, msgspec.DecodeError) as error:
        raise KeyTrouble(
            StationCode.ENTRY, "{entry_path}: {error}", entry_path=entry_path, error=error
        ) from error
    if (entry.id, entry.public_key) != (station, public_half(key)):
        raise KeyTrouble(
            StationCode.ENTRY,
            "{entry_path} is not of the key {key_path}",
            entry_path=entry_path,
            key_path=key_path,
        )
    return entry


def check_station_id(station: str) -> None:
    """See that a station may be called so.

    Raises:
        KeyTrouble: ENTRY.
    """
    _checked({"id": station, "name": ""})


def line_of(entry: Enrolled) -> bytes:
    """An entry as a line of ``stations.json``."""
    return msgspec.json.encode(entry) + b"\n"


def _files_of(folder: Path, station: str) -> tuple[Path, Path]:
    """Where a station's key and its entry are kept: an id is safe as a file's name."""
    check_station_id(station)
    return folder / f"{station}.key", folder / f"{station}.entry.json"


def _checked(told: Mapping[str, object]) -> Enrolled:
    """An entry, its key aside, once it can be one.

    Raises:
        KeyTrouble: ENTRY.
    """
    try:
        entry = msgspec.convert({"public_key": "", **told}, Enrolled)
        _check_name(entry)
    except ValueError as mistake:  # what msgspec raises is one, too
        said = ID_RULE if "`$.id`" in str(mistake) else str(mistake)
        raise KeyTrouble(
            StationCode.ENTRY,
            "station {name!r}: {said}",
            name=str(told["id"])[:MAX_NAME],
            said=said,
        ) from mistake
    return entry


def _check_name(entry: Enrolled) -> None:
    if unseen := unseen_in(entry.name):
        raise ValueError(f"the name of {entry.id} has {unseen}, which nobody sees")


def load_station_key(path: Path) -> Ed25519PrivateKey:
    """The key kept at ``path``.

    Raises:
        KeyTrouble: missing, readable by others, or not a key.
    """
    try:
        text = read_private(path, 2 * _KEY_DIGITS).decode("ascii")
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))
    except Exposed as error:
        raise KeyTrouble(StationCode.KEY_EXPOSED, "{path}", path=path) from error
    except (OSError, ValueError) as error:
        raise KeyTrouble(
            StationCode.KEY_UNUSABLE, "{path}: {error}", path=path, error=error
        ) from error


def public_half(key: Ed25519PrivateKey) -> str:
    """What the station hands to the centre: its public key in hex."""
    return key.public_key().public_bytes_raw().hex()


def load_enrolment(path: Path) -> Stations:
    """The enrolled stations of :func:`load_entries`, as the inbox knows them.

    Raises:
        KeyTrouble: as there.
    """
    return {
        entry.id: Station(
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry.public_key)), entry.remit
        )
        for entry in load_entries(path)
    }


def load_entries(path: Path) -> list[Enrolled]:
    """The entries of a file of stations: a line each, as ``station init`` prints, or a JSON list.

    Raises:
        KeyTrouble: unreadable, or any entry is wrong: all of them are named.
    """
    try:
        data = whole_file(path, MAX_ENROLMENT_BYTES)
        with decoding():
            entries = _entries_in(data)
    except (OSError, TooMany, msgspec.DecodeError) as error:
        raise KeyTrouble(
            StationCode.ENROLMENT, "{path}: {error}", path=path, error=error
        ) from error
    stations: dict[str, Enrolled] = {}
    owners: dict[str, str] = {}
    mistakes = []
    for number, entry in enumerate(entries, 1):
        try:
            _enrol(entry, stations, owners)
        except ValueError as mistake:  # what msgspec raises is one, too
            mistakes.append(f"entry {number}: {mistake}")
    if mistakes:
        raise KeyTrouble(
            StationCode.ENROLMENT, "{path}:\n{mistakes}\n", path=path, mistakes="\n".join(mistakes)
        )
    return list(stations.values())


def _entries_in(data: bytes) -> list[msgspec.Raw]:
    if data.lstrip().startswith(b"{"):
        return msgspec.json.Decoder(msgspec.Raw).decode_lines(data)
    return msgspec.json.decode(data, type=list[msgspec.Raw])


def _enrol(entry: msgspec.Raw, stations: dict[str, Enrolled], owners: dict[str, str]) -> None:
    station = msgspec.json.decode(entry, type=Enrolled)
    _check_name(station)
    if not station.scopes:
        raise ValueError(f"{station.id} lists nothing that it reports, captures or corrects")
    if station.id in stations:
        raise ValueError(f"station {station.id} is enrolled twice")
    try:
        public = bytes.fromhex(station.public_key)
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise ValueError(f"{station.id} has no valid public key: {error}") from error
    if (other := owners.setdefault(public.hex(), station.id)) != station.id:
        raise ValueError(f"{station.id} has the key of {other}: each station makes its own")
    stations[station.id] = station
