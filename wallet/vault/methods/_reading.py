"""What the methods share: stored parameters that are not what we wrote are a broken seal, and one way to a key."""

from __future__ import annotations

from typing import TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credkit.encoding import base64url_decode, parse_json_object
from credkit.errors import MalformedValueError, ParsingError, SealBroken, TooComplexError
from credkit.ports import JSONObject
from credkit.shape import member

SALT_BYTES = 16
CHANGED = "the lock of this backpack was changed by somebody who may not"
_T = TypeVar("_T")


def read(parameters: str) -> JSONObject:
    """The stored parameters of a slot.

    Raises:
        SealBroken: they are no JSON object.
    """
    try:
        return parse_json_object(parameters)
    except (ParsingError, TooComplexError) as error:
        raise SealBroken(CHANGED) from error


def value(stored: JSONObject, name: str, kind: type[_T]) -> _T:
    """One of them.

    Raises:
        SealBroken: it is not there, or of another kind.
    """
    try:
        return member(stored, name, kind)
    except MalformedValueError as error:
        raise SealBroken(CHANGED) from error


def binary(stored: JSONObject, name: str) -> bytes:
    """One that holds bytes.

    Raises:
        SealBroken: it is not there, or no base64url.
    """
    try:
        return base64url_decode(value(stored, name, str))
    except ParsingError as error:
        raise SealBroken(CHANGED) from error


def key_of(secret: bytes, stored: JSONObject, method: str) -> bytes:
    """The 32-byte key that ``secret``, which nobody can guess, makes with the stored salt (HKDF-SHA256).

    Raises:
        SealBroken: there is no salt of 16 bytes.

    Spec: RFC5869 #section-2
    """
    salt = binary(stored, "salt")
    if len(salt) != SALT_BYTES:
        raise SealBroken(CHANGED)
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=f"backpack-slot-{method}".encode()).derive(secret)
