"""A badge in a PNG: one ``iTXt`` chunk with keyword ``openbadgecredential``, not compressed.

Reading also takes what Open Badges 2.0 put in: keyword ``openbadges``, ``tEXt``, and compressed ``iTXt``. Every chunk's
checksum is checked and nothing may stand after the end, so that a file is one thing only.

Spec: OB-3.0 #png; PNG-3 #5Chunk-layout, #11iTXt
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from credkit.baking._baked import (
    MAX_TEXT_BYTES,
    OPEN_BADGES_2,
    OPEN_BADGES_3,
    BakedBadge,
    check_size,
    check_text,
    first_of,
)
from credkit.errors import ParsingError, TooComplexError

KEYWORD: Final = b"openbadgecredential"
OLD_KEYWORD: Final = b"openbadges"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_STANDARDS: Final = {KEYWORD: OPEN_BADGES_3, OLD_KEYWORD: OPEN_BADGES_2}
_MAX_CHUNKS: Final = 50_000


def is_png(data: bytes) -> bool:
    """Whether ``data`` begins like a PNG."""
    return data.startswith(_SIGNATURE)


def unbake(data: bytes) -> BakedBadge | None:
    """The badge in a PNG, that of Open Badges 3.0 first; None if it carries none.

    Raises:
        ParsingError: cut off, a wrong checksum, something after its end, or one keyword twice.
        TooComplexError: too large, packed or not.
    """
    found: dict[bytes, str] = {}
    for kind, content in _chunks(data):
        keyword = _keyword(kind, content)
        if keyword is None:
            continue
        if keyword in found:
            raise ParsingError("the picture carries more than one badge")
        found[keyword] = _text(kind, content[len(keyword) + 1 :])
    return first_of(found, _STANDARDS)


def bake(data: bytes, text: str) -> bytes:
    """A copy of the PNG with ``text`` in it, before its pixels; a badge that it carried is left out.

    Raises:
        MalformedValueError: not the text of one credential.
        ParsingError, TooComplexError: a damaged or too large picture.
    """
    raw = check_text(text)
    chunks = [(kind, content) for kind, content in _chunks(data) if _keyword(kind, content) is None]
    place = next((index for index, (kind, _content) in enumerate(chunks) if kind == b"IDAT"), None)
    if place is None:
        raise ParsingError("the picture has no pixels")
    chunks.insert(place, (b"iTXt", KEYWORD + b"\x00\x00\x00\x00\x00" + raw))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    check_size(data)
    place, count, kind = len(_SIGNATURE), 0, b""
    while kind != b"IEND":
        head = data[place : place + 8]
        length = int.from_bytes(head[:4], "big")
        end = place + 12 + length
        if len(head) < 8 or end > len(data):
            raise ParsingError("the picture is cut off")
        kind, content = head[4:], data[place + 8 : end - 4]
        if zlib.crc32(kind + content) != int.from_bytes(data[end - 4 : end], "big"):
            raise ParsingError("the picture is damaged: a checksum does not fit")
        if (kind == b"IHDR") is not (count == 0):
            raise ParsingError("the picture does not begin as it should")
        place, count = end, count + 1
        if count > _MAX_CHUNKS:
            raise TooComplexError("the picture has too many parts")
        yield kind, content
    if place != len(data):
        raise ParsingError("something else stands after the end of the picture")


def _keyword(kind: bytes, content: bytes) -> bytes | None:
    if kind not in (b"iTXt", b"tEXt"):
        return None
    keyword, separator, _rest = content.partition(b"\x00")
    return keyword if separator and keyword in _STANDARDS else None


def _text(kind: bytes, content: bytes) -> str:
    """The text after the keyword (PNG-3 #11iTXt, #11tEXt)."""
    if kind == b"tEXt":
        return _decode(content)
    flags, rest = content[:2], content[2:]
    _language, first, rest = rest.partition(b"\x00")
    _translated, second, packed = rest.partition(b"\x00")
    if len(flags) < 2 or not first or not second or flags not in (b"\x00\x00", b"\x01\x00"):
        raise ParsingError("the badge in the picture cannot be read")
    return _decode(_inflate(packed) if flags[0] else packed)


def _inflate(packed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        raw = inflater.decompress(packed, MAX_TEXT_BYTES + 1)
    except zlib.error as error:
        raise ParsingError("the badge in the picture cannot be unpacked") from error
    if len(raw) > MAX_TEXT_BYTES:
        raise TooComplexError("the record in the picture is too large")
    if not inflater.eof or inflater.unused_data:
        raise ParsingError("the badge in the picture is cut off or has a trailer")
    return raw


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_TEXT_BYTES:
        raise TooComplexError("the record in the picture is too large")
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise ParsingError("the badge in the picture is not UTF-8") from error
    if not text:
        raise ParsingError("the badge in the picture is empty")
    return text
