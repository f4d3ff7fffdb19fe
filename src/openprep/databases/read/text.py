"""From the bytes of an official file to its text: encoding, line ends, nothing lost.

Real files come as UTF-8 with and without BOM, Latin-1 and ASCII, with lines that end in LF, CRLF or
a bare CR (spec ``database-dialects.md``).
"""

import re
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from openprep.bounded import first_of_file
from openprep.coded import said
from openprep.databases.codes import DatabaseCode, UnreadableDatabase
from openprep.databases.findings import Findings
from openprep.databases.limits import Limits

UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_PAIR = re.compile(rb"[\xc2\xc3][\x80-\xbf]")
_C1 = re.compile(rb"[\x80-\x9f]")
_FIRST_LINE_END = re.compile(rb"\r\n|\r|\n")
_END_OF_FILE = b"\x1a\0"
"""What DOS and some disks write after the end of a text: Ctrl-Z, and NULs up to a whole block."""


_OTHERS = {
    b"\x1f\x8b": said("a gzip file: unpack it first"),
    b"\xfd7zXZ\0": said("an xz file: unpack it first"),
    b"BZh": said("a bzip2 file: unpack it first"),
    b"7z\xbc\xaf\x27\x1c": said("a 7z archive: unpack it first"),
    b"Rar!": said("a RAR archive: unpack it first"),
    b"\xd0\xcf\x11\xe0": said("an Excel workbook: save it as CSV"),
    b"%PDF": said("a PDF"),
    b"<": said("a web page or XML: the address may have answered an error"),
    b"{": said("JSON"),
}
"""How files begin that people take for official CSV, and what they are."""
_QUOTED_LINE = re.compile(r'"(?:[^"]|"")*"')
SAMPLE = 4096
"""Bytes by which another kind of file is told."""
LEAST_DELIMITERS = 10
"""Delimiters that a whole line in quotes has, at least: it was a row."""


class Encoding(Enum):
    """How the characters are written."""

    UTF8_BOM = "utf-8-bom"
    UTF8 = "utf-8"
    LATIN1 = "latin-1"
    WINDOWS_1252 = "windows-1252"
    ASCII = "ascii"


class LineEnd(Enum):
    """How lines end."""

    LF = "lf"
    CRLF = "crlf"
    CR = "cr"
    MIXED = "mixed"
    NONE = "none"


@dataclass(frozen=True)
class Text:
    """A file's text with every line ended by LF, and how it was written."""

    content: str
    encoding: Encoding
    line_end: LineEnd


def read_bytes(source: Path | bytes, limits: Limits) -> bytes:
    """The whole of ``source``.

    Raises:
        UnreadableDatabase: it cannot be opened, is empty, or is larger than ``limits`` allow.
    """
    data = source if isinstance(source, bytes) else _read_file(source, limits)
    if len(data) > limits.file_bytes:
        raise UnreadableDatabase(
            DatabaseCode.FILE_TOO_LARGE, "over {file_bytes} bytes", file_bytes=limits.file_bytes
        )
    if not data:
        raise UnreadableDatabase(DatabaseCode.EMPTY)
    return data


def _read_file(path: Path, limits: Limits) -> bytes:
    try:
        return first_of_file(path, limits.file_bytes + 1)
    except OSError as error:
        raise UnreadableDatabase(
            DatabaseCode.NOT_FOUND, "{path}: {strerror}", path=path, strerror=error.strerror
        ) from error


def decode(data: bytes, findings: Findings) -> Text:
    """The text of ``data``.

    Raises:
        UnreadableDatabase: NULs, no accepted encoding, or another kind of file.
    """
    _refuse_others(data)
    if data.startswith(UTF16_BOMS):
        raise UnreadableDatabase(DatabaseCode.ENCODING, "this is UTF-16")
    data = _without_padding(data, findings)
    nul = data.find(b"\0")
    if nul >= 0 and max(map(data[:SAMPLE].count, (b"\0,", b",\0"))) >= LEAST_DELIMITERS:
        raise UnreadableDatabase(DatabaseCode.ENCODING, "this is UTF-16 without its mark")
    if nul >= 0:
        raise UnreadableDatabase(DatabaseCode.NUL, line=data.count(b"\n", 0, nul) + 1)
    content, encoding = _decode(data)
    if encoding is Encoding.WINDOWS_1252:
        findings.note(DatabaseCode.WINDOWS_1252)
    line_end = _line_end(content)
    if line_end is LineEnd.MIXED:
        findings.note(DatabaseCode.MIXED_LINE_ENDS)
    if line_end not in (LineEnd.LF, LineEnd.NONE):
        content = content.replace("\r\n", "\n").replace("\r", "\n")
    return Text(content, encoding, line_end)


def _refuse_others(data: bytes) -> None:
    begins = data[:SAMPLE].removeprefix(UTF8_BOM).lstrip()
    for magic, kind in _OTHERS.items():
        if begins.startswith(magic):
            raise UnreadableDatabase(DatabaseCode.NO_COLUMN_ROW, "this is {kind}", kind=kind)


def without_quotes_of_lines(text: Text, findings: Findings) -> Text:
    """``text`` with every line that is one quoted cell, and was a row, as that row."""
    if '"' not in text.content:
        return text
    lines = text.content.split("\n")
    rows = [index for index, line in enumerate(lines) if _is_quoted_row(line)]
    if not rows:
        return text
    for index in rows:
        findings.note(DatabaseCode.QUOTED_LINES, index + 1)
        lines[index] = lines[index][1:-1].replace('""', '"')
    return replace(text, content="\n".join(lines))


def _is_quoted_row(line: str) -> bool:
    if line[:1] != '"' or not any(line.count(mark) >= LEAST_DELIMITERS for mark in ",;|\t"):
        return False
    return _QUOTED_LINE.fullmatch(line.rstrip(",;|\t")) is not None


def _without_padding(data: bytes, findings: Findings) -> bytes:
    """``data`` up to the end of its text, where an old system marked one."""
    text = data.rstrip(_END_OF_FILE + b"\r\n")
    padding = data[len(text) :]
    if not text or not padding.strip(b"\r\n"):
        return data
    findings.note(DatabaseCode.PADDED_END, data.count(b"\n", 0, len(text)) + 1)
    line_end = _FIRST_LINE_END.match(padding) or _FIRST_LINE_END.search(text)
    return text + (line_end[0] if line_end else b"")


def _decode(data: bytes) -> tuple[str, Encoding]:
    if data.isascii():
        return data.decode("ascii"), Encoding.ASCII
    marked = data.startswith(UTF8_BOM)
    try:
        return data.decode("utf-8-sig"), Encoding.UTF8_BOM if marked else Encoding.UTF8
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        # A pair that UTF-8 would write for an accented letter never occurs in Spanish Latin-1.
        if marked or _UTF8_PAIR.search(data):
            raise UnreadableDatabase(
                DatabaseCode.ENCODING, "it begins as UTF-8 and has bytes that are not", line=line
            ) from error
    if not _C1.search(data):
        return data.decode("latin-1"), Encoding.LATIN1
    try:
        return data.decode("cp1252"), Encoding.WINDOWS_1252
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableDatabase(DatabaseCode.ENCODING, line=line) from error


def _line_end(content: str) -> LineEnd:
    lines = content.count("\n")
    if "\r" not in content:
        return LineEnd.LF if lines else LineEnd.NONE
    pairs = content.count("\r\n")
    returns = content.count("\r")
    if pairs == returns == lines:
        return LineEnd.CRLF
    return LineEnd.CR if not lines else LineEnd.MIXED
