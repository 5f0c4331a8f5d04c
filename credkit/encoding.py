"""Bytes and text: base64, base64url, base58-btc, multibase, SHA-256, strict JSON and strict CBOR.

Decoders are strict: what another reader could take in two ways is refused (security.md A09, A10, B08, C08).
"""

from __future__ import annotations

import binascii
import hashlib
import json
import math
import re
from typing import Any

import cbor2

from credkit.errors import MalformedValueError, ParsingError, TooComplexError

MAX_JSON_BYTES = 8 * 1024 * 1024
MAX_JSON_DEPTH = 64
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MAX_BASE58_CHARACTERS = 1024
_NOT_BASE58 = 255
_BASE58_DIGITS = bytes(_BASE58.find(chr(code)) & _NOT_BASE58 for code in range(256))
_BASE58_PAIRS = [first + second for first in _BASE58 for second in _BASE58]
# For lanes of 1, 2, 4 … digits of eight bits: their bits, 58 to their digits, and every other one of the longest text.
_BASE58_LANES = [
    (8 * size, 58**size, int.from_bytes((bytes(size) + b"\xff" * size) * (_MAX_BASE58_CHARACTERS // size // 2)))
    for size in (1 << step for step in range(10))
]
_TO_BASE64URL = bytes.maketrans(b"+/", b"-_")
# What may not stand in base64url becomes what may not stand in base64 either.
_FROM_BASE64URL = bytes.maketrans(b"-_+/=", b"+/!!!")
# By length modulo 4: what may stand last, and the padding to it. Other letters there have bits that nobody reads.
_BASE64URL_ENDS = {0: (b"", b""), 2: (b"AQgw", b"=="), 3: (b"AEIMQUYcgkosw048", b"=")}
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def sha256(data: bytes) -> bytes:
    """The 32-byte SHA-256 digest."""
    return hashlib.sha256(data).digest()


def base64url_encode(data: bytes) -> str:
    """Base64url without padding (RFC4648 #section-5)."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_BASE64URL, b"=").decode("ascii")


def base64url_decode(text: str) -> bytes:
    """Strict base64url without padding.

    Raises:
        ParsingError: padding, white space, foreign characters or unused bits that are not zero.
    """
    try:
        raw = text.encode("ascii")
        ends, padding = _BASE64URL_ENDS[len(raw) % 4]
        if not padding or raw[-1] in ends:
            return binascii.a2b_base64(raw.translate(_FROM_BASE64URL) + padding, strict_mode=True)
    except (AttributeError, KeyError, UnicodeEncodeError, binascii.Error) as error:
        raise ParsingError("a value is not base64url without padding") from error
    raise ParsingError("a value is not base64url without padding")


def base64_encode(data: bytes) -> str:
    """Base64 of the usual alphabet, without padding (RFC4648 #section-4)."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").decode("ascii")


def base64_decode(text: str) -> bytes:
    """Strict base64 of the usual alphabet, with all of its padding or none.

    Raises:
        ParsingError: white space, foreign characters, some of the padding, or unused bits that are not zero.
    """
    bare = text.rstrip("=") if isinstance(text, str) else ""
    if not isinstance(text, str) or len(text) not in (len(bare), len(bare) + -len(bare) % 4):
        raise ParsingError("a value is not base64")
    try:
        data = binascii.a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)
    except ValueError as error:
        raise ParsingError("a value is not base64") from error
    if base64_encode(data) != bare:
        raise ParsingError("a value is not base64")
    return data


def base58_encode(data: bytes) -> str:
    """Base58 with the Bitcoin alphabet (CID-1.0 #multibase-0)."""
    number = int.from_bytes(data, "big")
    pairs: list[str] = []
    while number:
        number, five_pairs = divmod(number, 58**10)  # few operations on the large number
        for _ in range(5):
            five_pairs, pair = divmod(five_pairs, 58**2)
            pairs.append(_BASE58_PAIRS[pair])
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + "".join(reversed(pairs)).lstrip("1")


def base58_decode(text: str) -> bytes:
    """Base58 with the Bitcoin alphabet, at most 1,024 characters (the work is quadratic, D06).

    Raises:
        ParsingError: too long or a character outside the alphabet.
    """
    if len(text) > _MAX_BASE58_CHARACTERS:
        raise ParsingError("a base58 value is too long")
    digits = text.encode("latin-1", "replace").translate(_BASE58_DIGITS)
    if _NOT_BASE58 in digits:
        raise ParsingError("a value is not base58")
    number = int.from_bytes(digits, "big")
    for bits, base, mask in _BASE58_LANES:  # every two neighbours become one number, all over the text at once
        if bits >= 8 * len(digits):
            break
        number = (number >> bits & mask) * base + (number & mask)
    return b"\0" * (len(text) - len(text.lstrip("1"))) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multibase_encode_base58(data: bytes) -> str:
    """``z`` + base58-btc (CID-1.0 #multibase-0)."""
    return "z" + base58_encode(data)


def multibase_encode_base64url(data: bytes) -> str:
    """``u`` + base64url without padding (CID-1.0 #multibase-0)."""
    return "u" + base64url_encode(data)


def multibase_decode(text: Any, *, allowed: str = "zu") -> bytes:
    """Decode ``z`` (base58-btc) or ``u`` (base64url) multibase; ``allowed`` names the headers that may stand.

    Raises:
        ParsingError: not a string, another header, or bad characters.

    Spec: CID-1.0 #multibase-0
    """
    if not isinstance(text, str) or not text or text[0] not in allowed:
        raise ParsingError("a value does not have the multibase header it must have")
    return base58_decode(text[1:]) if text[0] == "z" else base64url_decode(text[1:])


def parse_json(data: bytes | str, *, max_bytes: int = MAX_JSON_BYTES, max_depth: int = MAX_JSON_DEPTH) -> Any:
    """Parse untrusted JSON so that it has one meaning only.

    Args:
        data: UTF-8 bytes without byte order mark, or text.
        max_bytes: Larger input is refused.
        max_depth: Deeper nesting of arrays and objects is refused.

    Returns:
        ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` or ``None``.

    Raises:
        ParsingError: not UTF-8, not JSON, duplicate members, NaN or Infinity, a number out of range, lone surrogates.
        TooComplexError: larger or deeper than allowed.

    Spec: RFC8259; security.md A09, A10
    """
    raw = _to_bytes(data)
    if len(raw) > max_bytes:
        raise TooComplexError(f"the JSON text is larger than {max_bytes} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParsingError("the text is not UTF-8") from error
    if text.startswith("\ufeff"):
        raise ParsingError("the text begins with a byte order mark")
    bare = text.strip(" \t\n\r")
    try:
        value, end = _DECODER.raw_decode(bare)
    except RecursionError as error:
        raise TooComplexError(f"the JSON text is nested deeper than {max_depth} levels") from error
    except ValueError as error:
        raise ParsingError("the text is not JSON") from error
    if end != len(bare):
        raise ParsingError("the text is not JSON")
    if raw.count(b"[") + raw.count(b"{") > max_depth and _is_deeper(value, max_depth):
        raise TooComplexError(f"the JSON text is nested deeper than {max_depth} levels")
    if "\\u" in text and _SURROGATE_ESCAPE.search(text) and _has_surrogate(value):
        raise ParsingError("a string holds half of a surrogate pair")
    return value


def parse_json_object(data: bytes | str, *, max_bytes: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """``parse_json`` for input that must be an object.

    Raises:
        ParsingError: also when the text is JSON but not an object.
    """
    value = parse_json(data, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise ParsingError("the JSON text is not an object")
    return value


def dump_json(value: Any) -> bytes:
    """``value`` as JSON without white space, UTF-8.

    Raises:
        MalformedValueError: something in it that JSON cannot say.
    """
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedValueError("a value holds something that JSON cannot say") from error


def _to_bytes(data: bytes | str) -> bytes:
    if isinstance(data, bytes):
        return data
    try:
        return data.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ParsingError("the text holds half of a surrogate pair") from error


def _is_deeper(value: Any, max_depth: int) -> bool:
    """Whether arrays and objects stand in each other more than ``max_depth`` times; the parser bounds its own work."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(max_depth):
        level = [item for container in level
                 for item in (container.values() if isinstance(container, dict) else container)
                 if isinstance(item, (dict, list))]
        if not level:
            return False
    return True


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ParsingError("an object holds one member twice")
    return result


def _refuse_constant(name: str) -> Any:
    raise ParsingError("the text holds NaN or Infinity")


def _finite_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ParsingError("a number is too large")
    return value


def _bounded_int(text: str) -> int:
    if len(text) > 400:
        raise ParsingError("a number is too large")
    return int(text)


def _has_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_SURROGATE.search(value))
    if isinstance(value, dict):
        return any(_has_surrogate(key) or _has_surrogate(item) for key, item in value.items())
    if isinstance(value, list):
        return any(_has_surrogate(item) for item in value)
    return False


# What holds itself ends in a RecursionError.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(object_pairs_hook=_object_without_duplicates, parse_constant=_refuse_constant,
                            parse_float=_finite_float, parse_int=_bounded_int)


def cbor_encode(value: Any) -> bytes:
    """Deterministic-length CBOR of ints, bytes, text, arrays and maps (RFC8949 #section-4.1)."""
    return cbor2.dumps(value)


def cbor_decode(data: bytes, *, max_items: int = 65_536, negative: bool = False) -> Any:
    """Strict CBOR: unsigned ints, bytes, text, arrays, maps; shortest lengths, no tags, duplicates or trailer (C08).

    Args:
        negative: Also takes negative ints, as COSE counts its algorithms.

    Raises:
        ParsingError: anything else, or more than ``max_items`` items, or deeper than 8 levels.
    """
    reader = _CborReader(data, max_items, negative)
    value = reader.item(0)
    if reader.at != len(data):
        raise ParsingError("CBOR data has a trailer")
    return value


class _CborReader:
    def __init__(self, data: bytes, budget: int, negative: bool) -> None:
        self.data, self.at, self.budget, self.negative = data, 0, budget, negative

    def item(self, depth: int) -> Any:
        self.budget -= 1
        if depth > 8 or self.budget < 0:
            raise ParsingError("CBOR data is too large")
        if self.at >= len(self.data):
            raise ParsingError("CBOR data ends too early")
        first = self.data[self.at]
        self.at += 1
        major, length = first >> 5, first & 31
        if length > 23:
            length = self._length(length)
        if major == 0:
            return length
        if major == 2:
            return self._bytes(length)
        if major == 3:
            return self._text(length)
        if major == 4:
            return [self.item(depth + 1) for _ in range(self._count(length))]
        if major == 5:
            return self._map(length, depth)
        if major == 1 and self.negative:
            return -1 - length
        raise ParsingError("CBOR data holds a type that may not stand here")

    def _map(self, length: int, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for _ in range(self._count(length)):
            key = self.item(depth + 1)
            if not isinstance(key, (int, str, bytes)) or key in result:
                raise ParsingError("CBOR data holds a bad or repeated key")
            result[key] = self.item(depth + 1)
        return result

    def _length(self, short: int) -> int:
        if short > 27:
            raise ParsingError("CBOR data has a length that may not stand here")
        width = 1 << (short - 24)
        length = int.from_bytes(self._bytes(width), "big")
        if length < (24 if width == 1 else 1 << (4 * width)):
            raise ParsingError("CBOR data has a length that is not the shortest")
        return length

    def _text(self, length: int) -> str:
        try:
            return self._bytes(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParsingError("CBOR data holds text that is not UTF-8") from error

    def _count(self, length: int) -> int:
        if length > self.budget:
            raise ParsingError("CBOR data is too large")
        return length

    def _bytes(self, length: int) -> bytes:
        raw = self.data[self.at:self.at + length]
        if len(raw) != length:
            raise ParsingError("CBOR data ends too early")
        self.at += length
        return raw
