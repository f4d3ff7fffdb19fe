"""Keys of the stations: each makes its own, and the centre knows the public halves."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from openprep.record.facts import StationId

MAX_ENROLMENT_BYTES = 4 * 1024 * 1024


class KeyTrouble(Exception):
    """A key or an enrolment file cannot be used, and why."""


class Enrolled(Struct, frozen=True, forbid_unknown_fields=True):
    """A station that the centre believes: its id, its name, its public key in hex."""

    id: StationId
    name: str
    public_key: str


Stations = Mapping[str, Ed25519PublicKey]
"""Public keys of the enrolled stations, by id."""


def make_station_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and keep it at ``path``, for its owner only.

    Raises:
        KeyTrouble: there is one already: a key is never replaced in passing.
    """
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyTrouble(f"{path}: there is a key already; move it away to make another") from error
    with os.fdopen(descriptor, "w") as stream:
        stream.write(key.private_bytes_raw().hex() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return key


def load_station_key(path: Path) -> Ed25519PrivateKey:
    """The key kept at ``path``.

    Raises:
        KeyTrouble: missing, readable by others, or not a key.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise KeyTrouble(f"{path}: others may read this key: chmod 600 {path}")
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    except (OSError, ValueError) as error:
        raise KeyTrouble(f"{path}: {error}") from error


def public_half(key: Ed25519PrivateKey) -> str:
    """What the station hands to the centre: its public key in hex."""
    return key.public_key().public_bytes_raw().hex()


def save_enrolment(path: Path, stations: list[Enrolled]) -> None:
    """Write the list of enrolled stations."""
    entries = [msgspec.to_builtins(station) for station in stations]
    path.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n")


def load_enrolment(path: Path) -> Stations:
    """The enrolled stations in a JSON list of ``{id, name, public_key}``.

    Raises:
        KeyTrouble: unreadable, or any entry is wrong: all of them are named.
    """
    try:
        if path.stat().st_size > MAX_ENROLMENT_BYTES:
            raise KeyTrouble(f"{path}: more than {MAX_ENROLMENT_BYTES} bytes")
        entries = msgspec.json.decode(path.read_bytes(), type=list[Enrolled])
    except (OSError, msgspec.DecodeError) as error:
        raise KeyTrouble(f"{path}: {error}") from error
    stations: dict[str, Ed25519PublicKey] = {}
    mistakes = []
    for number, entry in enumerate(entries, 1):
        if entry.id in stations:
            mistakes.append(f"entry {number}: station {entry.id} is enrolled twice")
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(entry.public_key))
        except ValueError:
            mistakes.append(f"entry {number}: {entry.id} has no valid public key")
            continue
        stations[entry.id] = public
    if mistakes:
        raise KeyTrouble("\n".join([f"{path}: nothing was used", *mistakes]))
    return stations
