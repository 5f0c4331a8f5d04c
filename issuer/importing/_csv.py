"""Tables of untrusted CSV: UTF-8, commas, a header line; every row knows its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from issuer.importing._values import MAX_CHARACTERS, plain
from issuer.importing.errors import IncompleteFile, TooLargeFile, UnreadableFile
from issuer.importing.model import N_, Note

MAX_ROWS = 1_000_000
_WRONG_DELIMITERS = (";", "\t", "|")


@dataclass(frozen=True)
class Row:
    """One row. ``values`` by lower-case column name, as ``plain`` text; empty values are absent."""

    file: str
    line: int
    values: dict[str, str]

    def get(self, column: str) -> str:
        """The value of a column, empty if it is absent."""
        return self.values.get(column.lower(), "")

    def items(self, column: str) -> list[str]:
        """The parts of a value that lists several, separated by commas."""
        return [part.strip() for part in self.get(column).split(",") if part.strip()]

    def note(self, code: str, **values: str) -> Note:
        """A note about this row."""
        return Note(self.file, self.line, code, values)


class Table:
    """One CSV file.

    Args:
        name: File name as people know it.
        data: Its bytes.
        required: Columns without which it cannot be read.

    Raises:
        UnreadableFile: not UTF-8 text, no header, another separator than the comma, or broken quoting.
        IncompleteFile: a required column is missing, or one column stands twice.
        TooLargeFile: too many rows.
    """

    def __init__(self, name: str, data: bytes, required: tuple[str, ...]) -> None:
        self.name = name
        self.notes: list[Note] = []
        self._reader = csv.reader(io.StringIO(_decode(name, data), newline=""), strict=True)
        self._columns = self._read_header(required)
        self.rows = tuple(self._read_rows())

    def _read_header(self, required: tuple[str, ...]) -> list[str]:
        try:
            header = next(self._reader, None)
        except csv.Error as error:
            raise UnreadableFile(N_("%(file)s could not be read as a table."), file=self.name) from error
        if not header:
            raise UnreadableFile(N_("%(file)s has no header line."), file=self.name)
        columns = [column.strip().lower() for column in header]
        if len(columns) == 1 and any(delimiter in columns[0] for delimiter in _WRONG_DELIMITERS):
            raise UnreadableFile(N_("%(file)s does not separate its columns with commas."), file=self.name)
        named = [column for column in columns if column]
        if len(set(named)) != len(named):
            raise IncompleteFile(N_("%(file)s holds one column twice."), file=self.name)
        for column in required:
            if column.lower() not in named:
                raise IncompleteFile(N_("%(file)s lacks the column %(column)s."), file=self.name, column=column)
        return columns

    def _read_rows(self) -> Iterator[Row]:
        count = 0
        before = self._reader.line_num
        try:
            for cells in self._reader:
                line, before = before + 1, self._reader.line_num
                if not any(cell.strip() for cell in cells):
                    continue
                count += 1
                if count > MAX_ROWS:
                    raise TooLargeFile(N_("%(file)s has too many rows."), file=self.name)
                if any(len(cell) > MAX_CHARACTERS for cell in cells):
                    raise IncompleteFile(N_("%(file)s holds a value that is too long, in line %(line)s."),
                                         file=self.name, line=str(line))
                values = {column: text for column, cell in zip(self._columns, cells, strict=False)
                          if column and (text := plain(cell))}
                row = Row(self.name, line, values)
                if any(cell.strip() for cell in cells[len(self._columns):]):
                    self.notes.append(row.note("row_too_long"))
                yield row
        except csv.Error as error:
            raise UnreadableFile(N_("%(file)s could not be read as a table, near line %(line)s."), file=self.name,
                                 line=str(self._reader.line_num)) from error


def _decode(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(N_("%(file)s is not UTF-8 text. Save it again as “CSV UTF-8”."), file=name) from error
    if "\0" in text:
        raise UnreadableFile(N_("%(file)s is not text."), file=name)
    if not text.strip():
        raise UnreadableFile(N_("%(file)s is empty."), file=name)
    return text
