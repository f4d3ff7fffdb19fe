"""The paths of the distribution service, and its refusals, for both sides (docs/formats)."""

from msgspec import Struct

SERVICE = "/distribution/"
POINTER = f"{SERVICE}pointer"
EVENTS = f"{SERVICE}events"
PACKAGE = f"{SERVICE}package"
COSIGNATURE = f"{SERVICE}cosignature"

MAX_COSIGNATURE_BYTES = 4096


class Refusal(Struct, frozen=True):
    """The body of every refusal: its code, what the code means, and what was wrong here."""

    code: str
    meaning: str
    detail: str
