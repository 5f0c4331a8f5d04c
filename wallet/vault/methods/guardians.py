"""Unlocking by a quorum of guardians: the slot's secret is shared out, each share sealed to one guardian's own key.

No guardian and no smaller number of them learns anything; the shares stand in the slot's parameters (security.md H04).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from credkit.encoding import base64url_encode
from credkit.errors import SealBroken
from credkit.ports import Randomness
from wallet.vault.methods import _reading

NAME = "guardians"


@dataclass(frozen=True)
class Circle:
    """Who can open a party together: ``threshold`` of those in ``shares`` (party id → JWE to their opening key)."""

    threshold: int
    shares: Mapping[str, str]


def new_parameters(circle: Circle, added_at: int, randomness: Randomness) -> str:
    """The parameters of a new slot, as JSON; ``added_at`` in seconds, UTC."""
    return json.dumps({
        "threshold": circle.threshold, "shares": dict(circle.shares),
        "salt": base64url_encode(randomness.token_bytes(_reading.SALT_BYTES)), "at": added_at})


def read_circle(parameters: str) -> Circle:
    """The quorum of a slot.

    Raises:
        SealBroken: the parameters are not what we wrote.
    """
    stored = _reading.read(parameters)
    shares = _reading.value(stored, "shares", dict)
    if not all(isinstance(jwe, str) for jwe in shares.values()):
        raise SealBroken(_reading.CHANGED)
    return Circle(_reading.value(stored, "threshold", int), shares)


def derive_key(secret: bytes, parameters: str) -> bytes:
    """The 32-byte key that opens the slot; ``secret`` is what the shares make together, 32 bytes.

    Raises:
        SealBroken: the parameters are not what we wrote.
    """
    return _reading.key_of(secret, _reading.read(parameters), NAME)
