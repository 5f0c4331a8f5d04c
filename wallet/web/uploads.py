"""Files that people choose: a picture is re-encoded (only pixels remain), a PDF and a CSV are kept as they are."""

from __future__ import annotations

from flask import Response
from werkzeug.datastructures import FileStorage

from ui.images import clean_picture
from wallet.services.record import files
from wallet.services.record.files import File, NewFile

MOST_UPLOAD_BYTES = 24 * 1024 * 1024
ACCEPT = "image/png,image/jpeg,image/webp,image/gif,application/pdf"
ACCEPT_TABLES = ACCEPT + ",text/csv,.csv"


def read_file(upload: FileStorage, *, tables: bool = False) -> NewFile:
    """The file, ready to be kept; see ``files.prepare``."""
    return files.prepare(upload.filename or "", upload.read(), clean_picture, tables=tables)


def as_response(file: File) -> Response:
    """The bytes of a file that lies here: pictures are shown, everything else is only ever a download (F02)."""
    shown = file.media_type == "image/jpeg"
    response = Response(file.data, mimetype=file.media_type)
    if not shown:
        response.headers.set("Content-Disposition", "attachment", filename=_safe_name(file))
    return response


def _safe_name(file: File) -> str:
    endings = {"application/pdf": ".pdf", "text/csv": ".csv"}
    plain = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in file.name.rpartition(".")[0])
    return (plain.strip()[:80] or "file") + endings[file.media_type]
