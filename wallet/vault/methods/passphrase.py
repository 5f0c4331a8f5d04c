"""Unlocking with a passphrase: Argon2id, never below the floor whatever the database says (security.md H01)."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from credkit.encoding import base64url_decode, base64url_encode, parse_json_object
from credkit.errors import MalformedValueError, ParsingError, RangeValueError, SealBroken, TooComplexError
from credkit.ports import Randomness
from credkit.shape import member

NAME = "passphrase"
MINIMUM_CHARACTERS = 12
_FLOOR_KIB, _CEILING_KIB = 19 * 1024, 1024 * 1024
_FLOOR_PASSES, _CEILING_PASSES = 2, 16
_CEILING_LANES = 16
_SALT_BYTES = 16


@dataclass(frozen=True)
class Cost:
    """What one guess costs. The default is RFC 9106's second recommendation; the floor is 19 MiB, 2 passes, 1 lane."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4


def check_strength(passphrase: str) -> None:
    """Refuse what is quickly guessed.

    Raises:
        RangeValueError: fewer than 12 characters, fewer than 6 different ones, or more than 1,024.
    """
    text = unicodedata.normalize("NFC", passphrase)
    if len(text) < MINIMUM_CHARACTERS or len(set(text)) < 6:
        raise RangeValueError("a passphrase needs at least 12 characters, and not the same few again and again")
    if len(text) > 1024:
        raise RangeValueError("a passphrase has at most 1,024 characters")


def new_parameters(cost: Cost, randomness: Randomness) -> str:
    """The parameters of a new slot, as JSON.

    Raises:
        SealBroken: ``cost`` is below the floor.
    """
    parameters = json.dumps({
        "kdf": "argon2id", "salt": base64url_encode(randomness.token_bytes(_SALT_BYTES)),
        "memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes,
    })
    _read(parameters)
    return parameters


def derive_key(passphrase: str, parameters: str) -> bytes:
    """The 32-byte key that opens the slot.

    Raises:
        SealBroken: the stored parameters are below the floor, above the ceiling, or no parameters at all.

    Spec: RFC9106 #section-3.1
    """
    salt, cost = _read(parameters)
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Argon2id(salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes,
                    memory_cost=cost.memory_kib).derive(secret)


def _read(parameters: str) -> tuple[bytes, Cost]:
    try:
        stored = parse_json_object(parameters)
        salt = base64url_decode(member(stored, "salt", str))
        cost = Cost(member(stored, "memory_kib", int), member(stored, "passes", int), member(stored, "lanes", int))
        kdf = member(stored, "kdf", str)
    except (ParsingError, TooComplexError, MalformedValueError) as error:
        raise SealBroken("the lock of this backpack was changed by somebody who may not") from error
    bounded = (_FLOOR_KIB <= cost.memory_kib <= _CEILING_KIB and _FLOOR_PASSES <= cost.passes <= _CEILING_PASSES
               and 1 <= cost.lanes <= _CEILING_LANES)
    if kdf != "argon2id" or len(salt) < _SALT_BYTES or not bounded:
        raise SealBroken("the lock of this backpack was made weaker than it may be")
    return salt, cost
