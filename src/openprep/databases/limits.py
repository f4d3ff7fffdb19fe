"""Bounds on what is read: no file can make the reader use more than they allow."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of one reading; the defaults hold a national election with room to spare.

    The largest real database has 171,417 lines, 50 columns and about 60 MB. Memory stays within
    about ten times the size of a real file, sixteen times one of cells that never repeat.
    """

    file_bytes: int = 128 * 1024 * 1024
    rows: int = 1_000_000
    columns: int = 1_000
    field_chars: int = 4_096
    line_chars: int = 65_536
    preamble_lines: int = 40
    """Lines within which the column names must stand; real files have them on 6, 7 or 8."""
    zip_files: int = 200
    zip_levels: int = 2
    zip_bytes: int = 512 * 1024 * 1024
    """Everything in a ZIP together, expanded, inner ZIPs included."""
    places: int = 5
    """Places kept for each kind of finding."""


DEFAULT_LIMITS = Limits()
