"""Whether bytes are those that a document names: ``digestSRI`` and ``digestMultibase``.

Spec: VC-DATA-MODEL-2.0 #integrity-of-related-resources; SRI #the-integrity-attribute; CID-1.0 #multihash
"""

from __future__ import annotations

import hashlib
from typing import Any

from credkit.encoding import base64_decode, multibase_decode
from credkit.errors import CryptographicSecurityError, MalformedValueError, ParsingError
from credkit.ports import JSONObject

DIGEST_MEMBERS = ("digestSRI", "digestMultibase")
_SRI = {"sha256": 32, "sha384": 48, "sha512": 64}
_MULTIHASH = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
_MAX_CHARACTERS = 1024


def check_digests(entry: JSONObject, data: bytes, *, at: str = "") -> bool:
    """Whether ``entry`` names digests of ``data`` at all; silence about each means that it fits.

    Args:
        entry: An object with ``digestSRI`` (of several, those of the strongest kind count), ``digestMultibase`` (a
            multihash, or 32 bytes of SHA-256), both or neither.

    Raises:
        MalformedValueError: a digest of another type or form.
        CryptographicSecurityError: a digest that does not fit.
    """
    for name in DIGEST_MEMBERS:
        if name not in entry:
            continue
        read = _read_sri if name == "digestSRI" else _read_multibase
        place = f"{at}/{name}"
        try:
            kind, wanted = read(entry[name], place)
        except ParsingError as error:
            raise MalformedValueError("a digest is malformed", pointer=place) from error
        if hashlib.new(kind, data).digest() not in wanted:
            raise CryptographicSecurityError("what was supplied is not what the document names", pointer=place)
    return any(name in entry for name in DIGEST_MEMBERS)


def _read_sri(value: Any, at: str) -> tuple[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for part in _text(value, at).split():
        kind, _, rest = part.partition("-")
        digest = base64_decode(rest.partition("?")[0])
        if kind not in _SRI or len(digest) != _SRI[kind]:
            raise MalformedValueError("a digest is malformed", pointer=at)
        found.setdefault(kind, []).append(digest)
    if not found:
        raise MalformedValueError("a digest is malformed", pointer=at)
    strongest = max(found, key=lambda kind: _SRI[kind])
    return strongest, found[strongest]


def _read_multibase(value: Any, at: str) -> tuple[str, list[bytes]]:
    data = multibase_decode(_text(value, at))
    kind = _MULTIHASH.get(data[:2])
    if kind is not None and len(data) == 2 + _SRI[kind]:
        return kind, [data[2:]]
    if len(data) != _SRI["sha256"]:
        raise MalformedValueError("a digest is malformed", pointer=at)
    return "sha256", [data]


def _text(value: Any, at: str) -> str:
    if not isinstance(value, str) or len(value) > _MAX_CHARACTERS:
        raise MalformedValueError("a digest must be a short text", pointer=at)
    return value
