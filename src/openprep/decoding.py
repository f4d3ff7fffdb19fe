"""Decoding bytes that somebody else chose.

msgspec tells most of what is wrong with its own exceptions, but not all of it: a reader that has to
remember the others would let a hostile file end it, once it forgets.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec


class Undecodable(msgspec.DecodeError):
    """Bytes that msgspec refuses by other exceptions than its own: wrong UTF-8, or too deep."""


@contextmanager
def decoding() -> Iterator[None]:
    """Raise whatever a decoder makes of hostile bytes inside as ``msgspec.DecodeError``."""
    try:
        yield
    except (UnicodeDecodeError, RecursionError) as error:
        raise Undecodable(str(error)) from error
