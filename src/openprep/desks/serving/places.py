"""The places of a house, as ``openprep station init`` made them in one folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openprep.desks.serving.codes import HouseCode, HouseTrouble
from openprep.election import Election
from openprep.election.remit import Remit, unknown_scopes
from openprep.transmission.keys import kept_entry, load_station_key

_ENTRY, _KEY = ".entry.json", ".key"


class Places(NamedTuple):
    """The key and the remit of each place of a house, by its id; and its name, for people."""

    keys: Mapping[str, Ed25519PrivateKey]
    remits: Mapping[str, Remit]
    names: Mapping[str, str]


def load_places(folder: Path, election: Election) -> Places:
    """The places that have an entry and a key in ``folder``.

    Raises:
        HouseTrouble: NO_PLACE, SPEAKS_FOR_NOTHING or UNKNOWN_SCOPE.
        KeyTrouble: a key cannot be used, or an entry is not of its key.
    """
    ids = sorted(path.name.removesuffix(_ENTRY) for path in folder.glob(f"*{_ENTRY}"))
    if not ids:
        raise HouseTrouble(HouseCode.NO_PLACE, "{folder}", folder=folder)
    entries = [kept_entry(folder, place) for place in ids]
    for entry in entries:
        where = folder / f"{entry.id}{_ENTRY}"
        if not entry.scopes:
            raise HouseTrouble(HouseCode.SPEAKS_FOR_NOTHING, "{where}", where=where)
        if unknown := unknown_scopes(entry.scopes, election):
            listed = ", ".join(unknown[:5])
            raise HouseTrouble(
                HouseCode.UNKNOWN_SCOPE, "{where}: {listed}", where=where, listed=listed
            )
    return Places(
        {entry.id: load_station_key(folder / f"{entry.id}{_KEY}") for entry in entries},
        {entry.id: entry.remit for entry in entries},
        {entry.id: entry.name for entry in entries},
    )
