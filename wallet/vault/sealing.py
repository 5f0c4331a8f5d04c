"""AES-256-GCM with bound context and padded sizes: the one way anything is sealed here."""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credkit.encoding import base64url_encode, parse_json_object
from credkit.errors import ParsingError, SealBroken, TooComplexError
from credkit.ports import Randomness

KEY_BYTES = 32
_NONCE_BYTES = 12
_NAME_BYTES = 16
_LENGTH_BYTES = 4
_SMALLEST_BUCKET = 1024
_STEP = 65_536
MAX_ITEM_BYTES = 8 * 1024 * 1024


def new_name(randomness: Randomness) -> str:
    """A fresh name of 127 random bits, which begins with a letter: no command takes it for an option."""
    first, *rest = randomness.token_bytes(_NAME_BYTES)
    return base64url_encode(bytes((first & 0x7F, *rest)))


def seal(key: bytes, plaintext: bytes, context: tuple[str | int, ...], randomness: Randomness) -> bytes:
    """Nonce ‖ ciphertext ‖ tag of ``plaintext`` under ``key`` (32 bytes), bound to every part of ``context``."""
    nonce = randomness.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, _bind(context))


def unseal(key: bytes, sealed: bytes, context: tuple[str | int, ...]) -> bytes:
    """The plaintext of ``seal``.

    Raises:
        SealBroken: another key, another context, or changed bytes.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bind(context))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("something in this backpack was changed by somebody who may not") from error


def _bind(context: tuple[str | int, ...]) -> bytes:
    # JSON keeps the parts apart: ("a", "bc") and ("ab", "c") are two contexts.
    return json.dumps(["backpack-seal-v1", *context], separators=(",", ":")).encode("ascii")


def pad(content: dict[str, Any]) -> bytes:
    """JSON in a bucket of 1, 2, 4 … 64 KiB or a multiple of 64 KiB, so that sizes tell little (security.md H07).

    Raises:
        TooComplexError: more than 8 MiB.
    """
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    needed = _LENGTH_BYTES + len(body)
    if needed > MAX_ITEM_BYTES:
        raise TooComplexError("a record is too large to keep")
    bucket = _SMALLEST_BUCKET
    while bucket < needed and bucket < _STEP:
        bucket *= 2
    if bucket < needed:
        bucket = -(-needed // _STEP) * _STEP
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body + bytes(bucket - needed)


def unpad(padded: bytes, *, own: bool = False) -> dict[str, Any]:
    """The JSON object of ``pad``.

    Args:
        own: Only this party can have sealed it, so it is read without the guards against hostile JSON.

    Raises:
        SealBroken: not something ``pad`` made.
    """
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    content = padded[_LENGTH_BYTES:_LENGTH_BYTES + length]
    if own:
        found: dict[str, Any] = json.loads(content)
        return found
    try:
        return parse_json_object(content)
    except (ParsingError, TooComplexError) as error:
        raise SealBroken("something in this backpack cannot be read") from error
