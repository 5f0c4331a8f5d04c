"""Old papers that a family adds to the records it chose: a photo, a table, a PDF. Nobody verified them.

They stand in the selection's ``evidence``, signed with it by whoever chose. A picture's bytes and a table's first rows
are kept to be shown; of a PDF only that it is there, for it is not ours to open.

Spec: OB-3.0 #evidence (``id`` as data URI)
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from credkit.ports import JSONObject
from credkit.shape import as_list
from verifier.services.records import text

MAX_PAPERS: Final = 20
MAX_PAPER_BYTES: Final = 5 * 1024 * 1024
PICTURES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp")
_MAX_ROWS, _MAX_COLUMNS, _MAX_CELL = 60, 12, 120
_DATA_URI = re.compile(r"data:([a-z]+/[a-z0-9.+-]+);base64,([A-Za-z0-9+/]*={0,2})")


def read_papers(document: JSONObject) -> list[JSONObject]:
    """The papers in a selection: ``{"title", "note", "media_type", "size", "data"?, "rows"?}`` each.

    ``data`` is a picture's bytes in base64, ``rows`` the beginning of a table. Whatever cannot be read is left out.
    """
    return list(_papers(document))[:MAX_PAPERS]


def without_papers(report: JSONObject) -> JSONObject:
    """A selection's report without the papers in its document: what of them is kept stands beside it."""
    document = report.get("document")
    if not isinstance(document, dict) or "evidence" not in document:
        return report
    return {**report, "document": {name: value for name, value in document.items() if name != "evidence"}}


def _papers(document: JSONObject) -> Iterator[JSONObject]:
    for entry in as_list(document.get("evidence")):
        found = _DATA_URI.fullmatch(entry.get("id", "")) if isinstance(entry, dict) and isinstance(
            entry.get("id"), str) else None
        if found is None:
            continue
        try:
            data = base64.b64decode(found[2], validate=True)
        except binascii.Error:
            continue
        if not data or len(data) > MAX_PAPER_BYTES:
            continue
        paper: JSONObject = {"title": text(entry.get("name")), "note": text(entry.get("description")),
                             "media_type": found[1], "size": len(data)}
        if found[1] in PICTURES:
            paper["data"] = found[2]
        elif found[1] == "text/csv":
            paper["rows"] = _rows(data)
        yield paper


def _rows(data: bytes) -> list[list[str]]:
    words = data.decode("utf-8-sig", "replace").replace("\0", "")
    separator = max(",;\t", key=words.partition("\n")[0].count)
    try:
        read = [row for _, row in zip(range(_MAX_ROWS), csv.reader(io.StringIO(words), delimiter=separator),
                                      strict=False)]
    except csv.Error:
        return []
    rows = [[cell[:_MAX_CELL] for cell in row[:_MAX_COLUMNS]] for row in read if any(cell.strip() for cell in row)]
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]
