"""Files in the vault: a photo, a PDF, a table. Each is an item of its own, sealed like everything else, never fetched.

Pictures are re-encoded before they come here (pages and commands do it: only pixels remain); this layer knows bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from credkit.encoding import multibase_encode_base64url, sha256
from credkit.errors import MalformedValueError, SealBroken, StateError, TooComplexError
from wallet.services.record.items import FILE
from wallet.services.record.labels import N_
from wallet.vault import OpenVault

MOST_BYTES: Final = 5 * 1024 * 1024
"""What fits into one sealed item once it is written as text."""
MEDIA_TYPES: Final = ("image/jpeg", "application/pdf", "text/csv")
_MULTIHASH_SHA256: Final = bytes((0x12, 0x20))
_MOST_NAME: Final = 120
_PDF: Final = b"%PDF-"
_OTHER_KIND: Final = N_("This kind of file cannot be kept. Choose a picture, a PDF or a CSV table.")
_TOO_LARGE: Final = N_("This file is too large. Files up to 5 MB can be kept.")


@dataclass(frozen=True)
class File:
    """A file with its bytes; ``digest_multibase`` is the SHA-256 multihash under which credentials name it."""

    id: str
    name: str
    media_type: str
    data: bytes
    digest_multibase: str


@dataclass(frozen=True)
class NewFile:
    """A file to keep; a picture as it was re-encoded."""

    name: str
    media_type: str
    data: bytes


def prepare(name: str, data: bytes, clean_picture: Callable[[bytes], bytes], *, tables: bool = False) -> NewFile:
    """A file that somebody chose, ready to be kept: a picture re-encoded, a PDF and a CSV as they are.

    Args:
        clean_picture: Picture → a JPEG of its pixels; raises MalformedValueError for what is no picture.
        tables: Whether a CSV is taken too.

    Raises:
        StateError: it is empty, too large, or of another kind.
    """
    if data.startswith(_PDF):
        if len(data) > MOST_BYTES:
            raise StateError(_TOO_LARGE)
        return NewFile(name, "application/pdf", data)
    try:
        return NewFile(name, "image/jpeg", clean_picture(data))
    except TooComplexError as error:
        raise StateError(_TOO_LARGE) from error
    except MalformedValueError as error:
        if tables and data and name.casefold().endswith((".csv", ".txt", ".tsv")):
            return NewFile(name, "text/csv", data)
        raise StateError(_OTHER_KIND) from error


def digest_of(data: bytes) -> str:
    """The SHA-256 multihash of ``data`` in multibase, ``uEi…``.

    Spec: VC-DATA-MODEL-2.0 #integrity-of-related-resources
    """
    return multibase_encode_base64url(_MULTIHASH_SHA256 + sha256(data))


def check(media_type: str, data: bytes) -> None:
    """Go on only if such a file can be kept.

    Raises:
        StateError: empty, too large, or of a kind we do not keep.
    """
    if media_type not in MEDIA_TYPES or not data or (media_type == "application/pdf" and not data.startswith(_PDF)):
        raise StateError(_OTHER_KIND)
    if len(data) > MOST_BYTES:
        raise StateError(_TOO_LARGE)


def keep(vault: OpenVault, *, name: str, media_type: str, data: bytes, category: str) -> str:
    """Seal a file; returns its id.

    Args:
        data: For a picture: as it was re-encoded here.
        category: Of the record it belongs to: who may read that may read this.

    Raises:
        StateError: see ``check``.
    """
    check(media_type, data)
    return vault.add(FILE, {
        "name": " ".join(name.split())[:_MOST_NAME], "media_type": media_type, "size": len(data),
        "data": base64.b64encode(data).decode("ascii"), "digest_multibase": digest_of(data), "category": category})


def read(vault: OpenVault, file_id: str) -> File:
    """Open a file.

    Raises:
        StateError: no such file.
        SealBroken: its bytes are not the ones its digest names.
    """
    body = vault.read(file_id, FILE).body
    data = base64.b64decode(body["data"])
    if digest_of(data) != body["digest_multibase"]:
        raise SealBroken("something in this backpack was changed by somebody who may not")
    return File(file_id, body["name"], body["media_type"], data, body["digest_multibase"])
