"""How the delivery of a house stands, as its process puts it down for whoever looks."""

from pathlib import Path

import msgspec
from msgspec import Struct

from openprep.decoding import decoding


class DeliveryNote(Struct, frozen=True):
    """What a person must look at: why nothing leaves, if so, and how many facts were set aside."""

    stopped_by: str = ""
    aside: int = 0


def read_note(path: Path) -> DeliveryNote:
    """What was noted last; nothing where nothing can be read."""
    try:
        with decoding():
            return msgspec.json.decode(path.read_bytes(), type=DeliveryNote)
    except (OSError, msgspec.DecodeError):
        return DeliveryNote()
