"""Old papers (requirements.md T2): a photo, a PDF or a CSV of a record, kept and shown apart, as never verified.

Nobody signed them, so they are no records: they are in no list of records and answer no question. In what a family
hands out they go along only apart from the records, as never verified (``sharing.enclosures``).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Final

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.shape import format_date_time
from wallet.services import activity, authority
from wallet.services.record import files
from wallet.services.record.files import File
from wallet.services.record.items import UNVERIFIED
from wallet.vault import Entry, OpenVault

CATEGORY: Final = "other"
_MOST_TITLE: Final = 120
_MOST_NOTE: Final = 2_000
_MOST_ROWS: Final = 500
_MOST_COLUMNS: Final = 30
_LONGEST_CELL: Final = 200


@dataclass(frozen=True)
class Paper:
    """A line of the list."""

    id: str
    title: str
    name: str
    media_type: str
    size: int
    at: str


@dataclass(frozen=True)
class Table:
    """A CSV as it stands, cut to what a page can show. ``left_out`` counts the rows that are not shown."""

    rows: tuple[tuple[str, ...], ...]
    left_out: int


def keep(vault: OpenVault, environment: Environment, *, title: str, note: str, name: str, media_type: str,
         data: bytes) -> str:
    """Keep a paper; returns its id.

    Raises:
        StateError: no title, too long, a file that cannot be kept (see ``files.keep``), or one who may not.
    """
    authority.check(vault, "review", environment.clock.now())
    title = " ".join(title.split())
    if not title:
        raise StateError("Write what this paper is, so that you find it again.")
    if len(title) > _MOST_TITLE or len(note) > _MOST_NOTE:
        raise StateError("This is too long. The title has room for 120 characters, the note for 2,000.")
    if media_type == "text/csv":
        read_table(data)
    file_id = files.keep(vault, name=name, media_type=media_type, data=data, category=CATEGORY)
    paper_id = vault.add(UNVERIFIED, {
        "title": title, "note": note.strip(), "name": name, "media_type": media_type, "size": len(data),
        "file_id": file_id, "at": format_date_time(environment.clock.now()), "category": CATEGORY,
        "author": vault.party_id})
    activity.log(vault, environment.clock, "unverified", {"titles": [title], "state": "added"})
    return paper_id


def papers(vault: OpenVault) -> tuple[Paper, ...]:
    """All papers, newest first."""
    entries = sorted(vault.entries(UNVERIFIED), key=lambda entry: (str(entry.summary["at"]), entry.id), reverse=True)
    return tuple(_paper(entry) for entry in entries)


def show(vault: OpenVault, paper_id: str) -> tuple[Paper, str, Table | None]:
    """A paper, its note, and its table if it is a CSV.

    Raises:
        StateError: no such paper.
    """
    item = vault.read(paper_id, UNVERIFIED)
    paper = _paper(Entry(item.id, item.type, item.body))
    table = read_table(file_of(vault, paper_id).data) if paper.media_type == "text/csv" else None
    return paper, item.body["note"], table


def file_of(vault: OpenVault, paper_id: str) -> File:
    """The file of a paper.

    Raises:
        StateError: no such paper.
    """
    return files.read(vault, vault.read(paper_id, UNVERIFIED).body["file_id"])


def read_table(data: bytes) -> Table:
    """A CSV in UTF-8 (or Windows-1252, as spreadsheets save it), its separator found by itself.

    Raises:
        StateError: not a table that can be read.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise StateError("This table cannot be read. Save it as CSV and try again.")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise StateError("This table cannot be read. Save it as CSV and try again.") from error
    shown = tuple(tuple(cell[:_LONGEST_CELL] for cell in row[:_MOST_COLUMNS]) for row in rows[:_MOST_ROWS])
    width = max((len(row) for row in shown), default=0)
    return Table(tuple(row + ("",) * (width - len(row)) for row in shown), max(0, len(rows) - _MOST_ROWS))


def _paper(entry: Entry) -> Paper:
    summary = entry.summary
    return Paper(entry.id, summary["title"], summary["name"], summary["media_type"], summary["size"], summary["at"])
