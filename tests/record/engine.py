"""What stands below the record and the outboxes: their connections to SQLite, and a full disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

Connections = list[sqlite3.Connection]


@contextmanager
def noting_connections() -> Iterator[Connections]:
    """Connections that are opened meanwhile, in order: a store's first one is what it writes by."""
    opened: Connections = []
    real = sqlite3.connect

    def connect(*given: Any, **options: Any) -> sqlite3.Connection:
        opened.append(real(*given, **options))
        return opened[-1]

    with patch.object(sqlite3, "connect", connect):
        yield opened


@contextmanager
def full_disk(writer: sqlite3.Connection) -> Iterator[None]:
    """Meanwhile there is no page more for the store."""
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        writer.execute("PRAGMA max_page_count = 1000000")
