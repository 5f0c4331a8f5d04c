"""Unlocking with the recovery kit: 160 random bits on paper, in groups that can be typed or pasted (security.md H04).

Crockford's base 32: no letter looks like a digit; case, spaces and hyphens do not count. Each group of four ends with a
check character of its own, so that a page can say which group was mistyped, or that two were exchanged.
"""

from __future__ import annotations

import json
from typing import Final

from credkit.encoding import base64url_encode, sha256
from credkit.errors import WrongSecret
from credkit.ports import Randomness
from wallet.vault.methods import _reading

NAME = "recovery_kit"
_BYTES: Final = 20
_GROUPS: Final = 8
_IN_GROUP: Final = 4
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = {**{digit: value for value, digit in enumerate(_DIGITS)}, "O": 0, "I": 1, "L": 1}
_LONGEST_INPUT: Final = 400


class MistypedCode(WrongSecret):
    """The code cannot be right: ``group`` is the first that cannot, counted from 1, or 0 if the length is wrong."""

    code = "mistyped_code"

    def __init__(self, group: int) -> None:
        super().__init__("This is no recovery code. Compare it with the paper, group by group.")
        self.group = group


def new_code(randomness: Randomness) -> str:
    """A fresh code: ``7QK4M-…``, eight groups of four characters and a check character."""
    number = int.from_bytes(randomness.token_bytes(_BYTES), "big")
    digits = [(number >> shift) & 31 for shift in range(155, -1, -5)]
    groups = [digits[start:start + _IN_GROUP] for start in range(0, len(digits), _IN_GROUP)]
    return "-".join("".join(_DIGITS[digit] for digit in (*group, _check(place, group)))
                    for place, group in enumerate(groups))


def secret_of(code: str) -> bytes:
    """The 20 bytes that a typed or pasted code stands for.

    Raises:
        MistypedCode: a group does not fit its check character, or there are more or fewer than eight.
    """
    letters = [letter for letter in code[:_LONGEST_INPUT].upper() if not letter.isspace() and letter not in "-–—·."]
    values = [_READ_AS.get(letter, -1) for letter in letters]
    groups = [values[start:start + _IN_GROUP + 1] for start in range(0, len(values), _IN_GROUP + 1)]
    for place, group in enumerate(groups[:_GROUPS]):
        if len(group) == _IN_GROUP + 1 and (-1 in group or group[-1] != _check(place, group[:-1])):
            raise MistypedCode(place + 1)
    if len(values) != _GROUPS * (_IN_GROUP + 1):
        raise MistypedCode(0)
    number = 0
    for group in groups:
        for digit in group[:-1]:
            number = number << 5 | digit
    return number.to_bytes(_BYTES, "big")


def _check(place: int, group: list[int]) -> int:
    """A checksum over GF(32) in which every position has a weight of its own: one wrong or two exchanged characters,
    and a group in another's place, never fit."""
    value = place + 1
    for digit in group:
        value = (value << 1 ^ (0b100101 if value & 16 else 0)) ^ digit
    return value << 1 ^ (0b100101 if value & 16 else 0)


def slot_id(secret: bytes) -> str:
    """The slot that a code opens: whoever has the code need not say who they are."""
    return base64url_encode(sha256(b"backpack-recovery-kit" + secret)[:16])


def new_parameters(added_at: int, randomness: Randomness) -> str:
    """The parameters of a new slot, as JSON; ``added_at`` in seconds, UTC."""
    return json.dumps({"salt": base64url_encode(randomness.token_bytes(_reading.SALT_BYTES)), "at": added_at})


def derive_key(secret: bytes, parameters: str) -> bytes:
    """The 32-byte key that opens the slot; ``secret`` as ``secret_of`` gives it.

    Raises:
        SealBroken: the parameters are not what we wrote.
    """
    return _reading.key_of(secret, _reading.read(parameters), NAME)
