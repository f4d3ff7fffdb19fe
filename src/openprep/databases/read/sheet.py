"""From text to columns of cells: fast where every row has the same width, careful where not.

Rows without quotes are cut with ``str.split`` over a whole stretch of text, and a mark after each
row proves that no cell slipped into another column; a stretch that does not fit is read row by row.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from openprep.coded import Text, said
from openprep.databases.codes import DatabaseCode, UnreadableDatabase
from openprep.databases.findings import Findings
from openprep.databases.limits import Limits
from openprep.databases.words import NOTE, Memo, spoken

STRETCH = 1 << 19
"""Characters cut at a time: what keeps memory flat."""

DELIMITERS = (",", "|", ";", "\t")


@dataclass
class Sheet:
    """Rows below the column names: cells by column, and the line each row stood on."""

    columns: list[list[str]]
    lines: list[int] = field(default_factory=list)
    loose: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    """Lines that are no rows, kept apart: number and cells."""
    surplus: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Cells beyond the column names, by line."""
    short: list[int] = field(default_factory=list)
    """Lines with cells missing; the missing ones were read as empty."""
    trailing_delimiter: bool = False

    def __len__(self) -> int:
        return len(self.lines)


def split_line(line: str, delimiter: str) -> list[str]:
    """Cells of one line on its own."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader(line.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error:
        return line.split(delimiter)


@dataclass(frozen=True)
class SheetReader:
    """Reads the rows of one file into a :class:`Sheet`."""

    delimiter: str
    width: int
    limits: Limits
    findings: Findings
    share: bool
    """Whether equal cells are kept once: slower, and what keeps a national file in memory."""
    _shared: Memo[str, str] = field(default_factory=lambda: Memo(str))

    def read(self, text: str, start: int, line: int) -> Sheet:
        """Rows of ``text`` from position ``start``, which is line number ``line``.

        Raises:
            UnreadableDatabase: a bound was passed, or the text ends in the middle of a row.
        """
        sheet = Sheet([[] for _ in range(self.width)])
        if f'{self.delimiter} "' in text:
            text, start = self._without_blanks_before_quotes(text[start:]), 0
        if text.find('"', start) >= 0:
            self._read_quoted(text[start:], line, sheet)
        else:
            self._read_plain(text, start, line, sheet)
        if not text.endswith("\n"):
            self._refuse_cut_row(sheet)
            self.findings.note(DatabaseCode.NO_FINAL_LINE_END, line=_last_line(sheet))
        if sheet.trailing_delimiter:
            self.findings.note(DatabaseCode.TRAILING_DELIMITER, line=line)
        return sheet

    def _without_blanks_before_quotes(self, text: str) -> str:
        """``text`` with quotes that begin their cell, where a blank was put after delimiters."""
        return re.sub(rf'(?<={re.escape(self.delimiter)}) +"(?!"[^{self.delimiter}\n])', '"', text)

    def _refuse_cut_row(self, sheet: Sheet) -> None:
        """A last line without line end and with cells missing is a file cut short."""
        last = _last_line(sheet)
        loose = [line for line, cells in sheet.loose[-1:] if not NOTE.match(spoken(cells[0]))]
        if last in sheet.short[-1:] or last in loose:
            raise UnreadableDatabase(
                DatabaseCode.TRUNCATED, "the last row has cells missing and no line end", line=last
            )

    def _read_plain(self, text: str, start: int, line: int, sheet: Sheet) -> None:
        position, end = start, len(text)
        while position < end:
            stop = self._stretch_end(text, position, line)
            stretch = text[position:stop]
            if stretch[-1] != "\n":
                stretch += "\n"
            self._bound(stretch, line)
            rows = self._append_aligned(stretch, line, sheet)
            if not rows:
                numbered = enumerate(stretch.split("\n")[:-1], line)
                self._append_rows(((n, row.split(self.delimiter)) for n, row in numbered), sheet)
                rows = stretch.count("\n")
            line += rows
            position = stop

    def _stretch_end(self, text: str, position: int, line: int) -> int:
        if position + STRETCH >= len(text):
            return len(text)
        stop = text.find("\n", position + STRETCH, position + STRETCH + self.limits.line_chars)
        if stop < 0:
            if len(text) - position - STRETCH <= self.limits.line_chars:
                return len(text)
            raise UnreadableDatabase(DatabaseCode.FIELD_TOO_LONG, line=line)
        return stop + 1

    def _bound(self, stretch: str, line: int) -> None:
        longest = max(map(len, stretch.split("\n")))
        if longest <= self.limits.field_chars:
            return
        for number, row in enumerate(stretch.split("\n"), line):
            if len(row) > self.limits.line_chars or any(
                len(cell) > self.limits.field_chars for cell in row.split(self.delimiter)
            ):
                raise UnreadableDatabase(DatabaseCode.FIELD_TOO_LONG, line=number)

    def _append_aligned(self, stretch: str, line: int, sheet: Sheet) -> int:
        """Rows appended, or 0 where the stretch has rows of another width."""
        first = stretch[: stretch.index("\n")]
        stride = first.count(self.delimiter) + 1
        trailing = stride == self.width + 1 and first.endswith(self.delimiter)
        if stride != self.width and not trailing:
            return 0
        rows = stretch.count("\n")
        flat = stretch.replace("\n", f"{self.delimiter}\n{self.delimiter}").split(self.delimiter)
        marks = flat[stride :: stride + 1]
        if len(flat) != rows * (stride + 1) + 1 or marks.count("\n") != rows:
            return 0
        if trailing and any(flat[self.width :: stride + 1]):
            return 0
        self._bound_rows(len(sheet) + rows, line)
        for index, column in enumerate(sheet.columns):
            cells = flat[index :: stride + 1][:rows]
            column.extend(map(self._shared.__getitem__, cells) if self.share else cells)
        sheet.lines += range(line, line + rows)
        sheet.trailing_delimiter |= trailing
        return rows

    def _append_rows(self, rows: Iterable[tuple[int, Sequence[str]]], sheet: Sheet) -> None:
        for line, cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            self._bound_rows(len(sheet) + len(sheet.loose) + 1, line)
            if len(cells) * 2 < self.width:
                self.findings.note(DatabaseCode.LOOSE_LINE, line, value=self.delimiter.join(cells))
                sheet.loose.append((line, tuple(cells)))
                continue
            self._append_row(line, list(cells), sheet)

    def _append_row(self, line: int, cells: list[str], sheet: Sheet) -> None:
        if len(cells) < self.width:
            self.findings.note(DatabaseCode.ROW_WIDTH, line, value=_wide(cells))
            sheet.short.append(line)
            cells += [""] * (self.width - len(cells))
        beyond = tuple(cells[self.width :])
        if any(beyond):
            self.findings.note(DatabaseCode.ROW_WIDTH, line, value=_wide(cells))
            sheet.surplus[line] = beyond
        elif beyond:
            sheet.trailing_delimiter = True
        for column, cell in zip(sheet.columns, cells, strict=False):
            column.append(self._shared[cell] if self.share else cell)
        sheet.lines.append(line)

    def _bound_rows(self, rows: int, line: int) -> None:
        if rows > self.limits.rows:
            raise UnreadableDatabase(
                DatabaseCode.TOO_MANY_ROWS, "over {rows} rows", line=line, rows=self.limits.rows
            )

    def _read_quoted(self, text: str, line: int, sheet: Sheet) -> None:
        if max(map(len, text.split("\n"))) > self.limits.line_chars:
            raise UnreadableDatabase(DatabaseCode.FIELD_TOO_LONG, line=line)
        try:
            for _ in self._quoted_rows(text, line):
                pass
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise UnreadableDatabase(
                    DatabaseCode.TRUNCATED, "a quote is opened and never closed"
                ) from error
            self.findings.note(DatabaseCode.BROKEN_QUOTES, line, value=str(error))
            self._read_plain(text, 0, line, sheet)
            return
        self._append_rows(self._quoted_rows(text, line), sheet)

    def _quoted_rows(self, text: str, line: int) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=self.delimiter, strict=True)
        before = 0
        for count, cells in enumerate(reader, 1):
            self._bound_rows(count, line + before)
            if len(cells) > self.limits.columns or any(
                len(cell) > self.limits.field_chars for cell in cells
            ):
                raise UnreadableDatabase(DatabaseCode.FIELD_TOO_LONG, line=line + before)
            yield line + before, cells
            before = reader.line_num


def _wide(cells: Sequence[str]) -> Text:
    return said("{count} cells", count=len(cells))


def _last_line(sheet: Sheet) -> int:
    lines = sheet.lines[-1:] + [line for line, _ in sheet.loose[-1:]]
    return max(lines, default=0)
