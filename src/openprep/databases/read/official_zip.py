"""Reading the ZIP in which official databases travel, nested once as INE publishes it (spec B.1).

A ZIP is the easiest of files to attack a reader with: its paths are never used on disk, nothing but
plain files is accepted, and what it expands to is counted while it streams, not believed.
"""

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import NoReturn, TypeAlias

from openprep.coded import Text, said
from openprep.databases.codes import DatabaseCode, UnreadableDatabase
from openprep.databases.findings import Findings
from openprep.databases.limits import DEFAULT_LIMITS, Limits
from openprep.databases.read.candidates import Candidacies, are_candidacy_names, read_candidacies
from openprep.databases.read.database import Database
from openprep.databases.read.layout import find_column_row
from openprep.databases.read.reader import read_database
from openprep.databases.read.text import decode, read_bytes
from openprep.databases.told import Told
from openprep.databases.wording import PARTICIPATION

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
CHUNK = 1 << 16
MOST_NAMED = 3
"""Files that a refusal names."""
READ_SUFFIXES = (".csv", ".zip")
MAYBE_DATABASE = ".txt"
"""What older files are called too, and what LEEME is: read where its column names say so."""
README = "LEEME.txt"
MAX_README = 64 * 1024
ENCRYPTED = 0x1
MOST_ENTRIES = 4
"""Entries of a directory for each file that may be read: archivers leave files beside them."""
DIRECTORY_ENTRY = b"PK\x01\x02"
"""Begins each entry of a ZIP's directory: counted before a directory of millions is built."""

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    ValueError,
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

NO_DATABASE = (DatabaseCode.EMPTY, DatabaseCode.ENCODING, DatabaseCode.NO_COLUMN_ROW)
"""Why a text beside the databases is none."""

Document: TypeAlias = Database | Candidacies


@dataclass(frozen=True)
class OfficialZip:
    """What a ZIP holds: its databases and candidacies by path, and the paths of everything else.

    The path of a file in an inner ZIP is ``inner.zip/file.csv``.
    """

    name: str
    documents: dict[str, Document]
    others: tuple[str, ...]
    readmes: dict[str, str]
    """The text of each LEEME.txt, by its path."""

    def told_of(self, path: str) -> Told:
        """What stands beside the database at ``path``, in its own ZIP, and tells of it."""
        folder = path[: path.rfind("/") + 1]
        beside = [
            document for where, document in self.documents.items() if where.startswith(folder)
        ]
        lists = [document for document in beside if isinstance(document, Candidacies)]
        columns = frozenset(line.column for candidacies in lists for line in candidacies.listed)
        readme = self.readmes.get(f"{folder}{README}", "")
        found = {text: of for of, text in PARTICIPATION.items() if text in readme}
        return Told(columns, found.popitem()[1] if len(found) == 1 else None)


def is_zip(data: bytes) -> bool:
    """Whether ``data`` begins as a ZIP."""
    return data.startswith(ZIP_MAGIC)


def read_official_zip(
    source: Path | bytes, limits: Limits = DEFAULT_LIMITS, name: str = ""
) -> OfficialZip:
    """Every database and candidacies file in a ZIP, or in the ZIPs it holds.

    Raises:
        UnreadableDatabase: the ZIP or any file in it was refused; nothing was used.
    """
    return ZipReader(limits).read(source, name)


class ZipReader:
    """Reads ZIPs that follow each other: a list of candidacies that the last had, only once."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._lists: Mapping[bytes, Candidacies] = {}

    def read(self, source: Path | bytes, name: str = "") -> OfficialZip:
        """As :func:`read_official_zip`."""
        reading = _Reading(self._limits, known=self._lists)
        reading.walk(read_bytes(source, self._limits), "", 1)
        if not any(isinstance(document, Database) for document in reading.documents.values()):
            raise UnreadableDatabase(
                DatabaseCode.ZIP_WITHOUT_DATABASE, "{others}", others=_holding(reading.others)
            )
        self._lists = reading.lists
        shown = name or (source.name if isinstance(source, Path) else "")
        return OfficialZip(shown, reading.documents, tuple(reading.others), reading.readmes)


def read_document(data: bytes, limits: Limits = DEFAULT_LIMITS, name: str = "") -> Document:
    """A CSV as what its column names say that it is.

    Raises:
        UnreadableDatabase: it is neither a database nor a candidacies file.
    """
    try:
        return read_database(data, limits, name)
    except UnreadableDatabase as refused:
        if refused.code is DatabaseCode.NO_COLUMN_ROW and _names_candidacies(data, limits):
            return read_candidacies(data, limits, name)
        raise


def _names_candidacies(data: bytes, limits: Limits) -> bool:
    text = decode(data, Findings(limits.places))
    try:
        find_column_row(text.content, limits, are_candidacy_names)
    except UnreadableDatabase:
        return False
    return True


def _holding(others: Sequence[str]) -> Text:
    """What a ZIP without a database is, or holds."""
    if any(name.startswith(("xl/", "content.xml", "Index/")) for name in others):
        return said("this is a spreadsheet: save it as CSV")
    shown = ", ".join(others[:MOST_NAMED])
    return said("it holds {shown}", shown=shown) if shown else said("")


@dataclass
class _Reading:
    """One reading of an official ZIP, with what is left of its bounds."""

    limits: Limits
    known: Mapping[bytes, Candidacies] = field(default_factory=dict)
    """Lists of candidacies that were read before, by the digest of their bytes."""
    lists: dict[bytes, Candidacies] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    readmes: dict[str, str] = field(default_factory=dict)
    files: int = 0
    expanded: int = 0

    def walk(self, data: bytes, above: str, level: int) -> None:
        """Take in the ZIP ``data``, which stands at the path ``above``."""
        if level > self.limits.zip_levels:
            raise UnreadableDatabase(DatabaseCode.ZIP_NESTED, "{path}", path=above)
        if data.count(DIRECTORY_ENTRY) > MOST_ENTRIES * self.limits.zip_files:
            self._refuse_many()
        with _refusing_damage(above):
            archive = zipfile.ZipFile(io.BytesIO(data))
        self._admit(archive, above)
        for entry in archive.infolist():
            if not _is_left_by_an_archiver(entry.filename):
                self._take(archive, entry, above, level)
            elif not entry.is_dir():
                self.others.append(above + entry.filename)

    def _refuse_many(self) -> NoReturn:
        raise UnreadableDatabase(
            DatabaseCode.ZIP_TOO_MANY, "over {zip_files} files", zip_files=self.limits.zip_files
        )

    def _admit(self, archive: zipfile.ZipFile, above: str) -> None:
        entries = [
            member for member in archive.infolist() if not _is_left_by_an_archiver(member.filename)
        ]
        self.files += len(entries)
        if self.files > self.limits.zip_files:
            self._refuse_many()
        seen: set[str] = set()
        for entry in entries:
            _admit_entry(entry, above)
            if entry.filename in seen:
                raise UnreadableDatabase(
                    DatabaseCode.ZIP_REPEATED, "{path}", path=above + entry.filename
                )
            seen.add(entry.filename)

    def _take(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, above: str, level: int
    ) -> None:
        path = above + entry.filename
        suffix = PurePosixPath(entry.filename).suffix.lower()
        if entry.is_dir():
            return
        if suffix == MAYBE_DATABASE and PurePosixPath(path).name != README:
            self._take_text(archive, entry, path)
            return
        if suffix not in READ_SUFFIXES:
            self.others.append(path)
            if PurePosixPath(entry.filename).name == README and entry.file_size <= MAX_README:
                self.readmes[path] = self._expand(archive, entry, path).decode(errors="replace")
            return
        data = self._expand(archive, entry, path)
        if suffix == ".zip":
            self.walk(data, f"{path}/", level + 1)
        else:
            self.documents[path] = self._document(data, path)

    def _take_text(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> None:
        try:
            self.documents[path] = self._document(self._expand(archive, entry, path), path)
        except UnreadableDatabase as refused:
            if refused.code not in NO_DATABASE:
                raise
            self.others.append(path)

    def _expand(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> bytes:
        data = io.BytesIO()
        with _refusing_damage(path), archive.open(entry) as stream:
            while chunk := stream.read(CHUNK):
                self.expanded += len(chunk)
                if self.expanded > self.limits.zip_bytes:
                    raise UnreadableDatabase(
                        DatabaseCode.ZIP_EXPANDS,
                        "{path}: over {zip_bytes} bytes in all",
                        path=path,
                        zip_bytes=self.limits.zip_bytes,
                    )
                if data.tell() + len(chunk) > self.limits.file_bytes:
                    raise UnreadableDatabase(DatabaseCode.FILE_TOO_LARGE, "{path}", path=path)
                data.write(chunk)
        return data.getvalue()

    def _document(self, data: bytes, path: str) -> Document:
        digest = hashlib.sha256(data).digest()
        known = self.known.get(digest)
        try:
            read = replace(known, name=path) if known else read_document(data, self.limits, path)
        except UnreadableDatabase as refused:
            raise refused.within(path) from refused
        if isinstance(read, Candidacies):
            self.lists[digest] = read
        return read


@dataclass
class _Digesting(_Reading):
    """One reading of an official ZIP for the digests of its files alone."""

    digests: dict[str, str] = field(default_factory=dict)

    def _take(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, above: str, level: int
    ) -> None:
        if entry.is_dir():
            return
        path = above + entry.filename
        data = self._expand(archive, entry, path)
        self.digests[path] = hashlib.sha256(data).hexdigest()
        if PurePosixPath(entry.filename).suffix.lower() == ".zip":
            self.walk(data, f"{path}/", level + 1)


def digests_within(data: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """SHA-256 of every file in the ZIP ``data`` and in the ZIPs it holds, by path.

    Raises:
        UnreadableDatabase: it is no ZIP that an authority would publish; a bound was passed.
    """
    reading = _Digesting(limits)
    reading.walk(data, "", 1)
    return reading.digests


@contextmanager
def _refusing_damage(path: str) -> Iterator[None]:
    """Refuse as a damaged ZIP whatever :mod:`zipfile` raises over bytes that are none."""
    try:
        yield
    except DAMAGE as error:
        raise UnreadableDatabase(
            DatabaseCode.ZIP_BROKEN, "{told}", told=f"{path} {error}".strip()
        ) from error


def _is_left_by_an_archiver(name: str) -> bool:
    """Whether systems and programs put the file beside others: it is nobody's database.

    Resource forks and folder settings of a Mac, thumbnails, zones and settings of Windows, folders
    of disks and of versions, locks and copies of editors.
    """
    parts = [part.lower() for part in PurePosixPath(name.replace("\\", "/")).parts]
    last = parts[-1] if parts else ""
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    return (
        hidden
        or not _FOLDERS_OF_SYSTEMS.isdisjoint(parts)
        or last.startswith(("~$", "thumbs.db", "desktop.ini", "ehthumbs"))
        or last.endswith(("~", ".bak", ".tmp", ":zone.identifier"))
        or last == "icon\r"
    )


_FOLDERS_OF_SYSTEMS = frozenset(
    {"__macosx", "$recycle.bin", "system volume information", "@eadir", "lost+found"}
)


def _admit_entry(entry: zipfile.ZipInfo, above: str) -> None:
    path = above + entry.filename
    name = entry.orig_filename.replace("\\", "/")
    if name.startswith("/") or ":" in name or ".." in name.split("/") or "\0" in name:
        raise UnreadableDatabase(DatabaseCode.ZIP_PATH, "{path!r}", path=path)
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnreadableDatabase(DatabaseCode.ZIP_LINK, "{path}", path=path)
    if entry.flag_bits & ENCRYPTED:
        raise UnreadableDatabase(DatabaseCode.ZIP_ENCRYPTED, "{path}", path=path)
    if entry.compress_type not in METHODS:
        raise UnreadableDatabase(
            DatabaseCode.ZIP_METHOD,
            "{path}: method {compress_type}",
            path=path,
            compress_type=entry.compress_type,
        )
