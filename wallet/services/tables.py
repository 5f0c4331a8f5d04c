"""Tables for other programs: CSV that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def build_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 text with a byte order mark, so that spreadsheets read accents.

    A cell that a spreadsheet might compute gets an apostrophe in front; plain numbers stay numbers.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([safe_cell(cell) for cell in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + buffer.getvalue()


def safe_cell(cell: str) -> str:
    """``cell`` so that it is text or a number, never a formula."""
    cell = cell.replace("\0", "")
    if _NUMBER.fullmatch(cell):
        return cell
    return "'" + cell if cell.lstrip(" \u00a0\ufeff").startswith(_STARTS_A_FORMULA) else cell
