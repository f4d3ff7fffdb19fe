"""Open files: raised at the start, and kept in reserve for what the process itself must write."""

import resource
from typing import NamedTuple

MOST = 65_536
"""Files that no listener here needs more than."""

RESERVE = 128
"""Files kept for the record, for cuts, for the log and for threads, whatever strangers open."""

ACCEPTED_AT_ONCE = 128
"""Connections that the system hands over at once, before anybody can refuse one of them."""

FEW = 500
"""Connections of a listener below which an operator is told."""


class Room(NamedTuple):
    """What one listener may take of the process's files."""

    connections: int
    backlog: int


def allow_files(wanted: int = MOST) -> int:
    """Raise the soft limit on open files as far as the hard one allows: what it now is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return soft


def room_for(most: int, listeners: int, files: int) -> Room:
    """A listener's share of ``files``, at most ``most`` connections.

    Listeners have no file in common, so that a crowd at one leaves the others as they are.
    """
    share = max(8, (files - RESERVE) // listeners)
    backlog = min(ACCEPTED_AT_ONCE, share // 4)
    return Room(min(most, share - backlog), backlog)
