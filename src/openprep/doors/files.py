"""Open files: raised at the start, and kept in reserve for what the process itself must write."""

import asyncio
import os
import resource
import socket

MOST = 65_536
"""Files that no listener here needs more than."""

RESERVE = 128
"""Files kept for the record, for cuts, for the log and for threads, whatever strangers open."""

ACCEPTED_AT_ONCE = 4
"""Connections that are taken from the system at once, before anything is read from one of them.

Few, so that in a rush of strangers a connection is read from many times before it is the oldest."""

QUEUED = 1024
"""Connections that the system keeps until they are taken: they cost no file."""

FEW = 500
"""Connections of a listener below which an operator is told."""


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


def connections_within(files: int, listeners: int, most: int) -> int:
    """Connections that a listener may have, at most ``most``: its share of ``files``.

    Listeners have no file in common, so that a crowd at one leaves the others as they are.
    """
    share = (files - RESERVE) // listeners - ACCEPTED_AT_ONCE
    return max(8, min(most, share))


def backlog_of(loop: asyncio.AbstractEventLoop) -> int:
    """What a listener is opened with: asyncio takes as many at once as it has queued."""
    return ACCEPTED_AT_ONCE if isinstance(loop, asyncio.BaseEventLoop) else QUEUED


def lengthen_queues(server: asyncio.Server) -> None:
    """Let the system keep more connections than asyncio takes at once."""
    for listening in server.sockets:
        with socket.socket(fileno=os.dup(listening.fileno())) as same:
            same.listen(QUEUED)
