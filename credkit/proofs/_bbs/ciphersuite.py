"""The two ciphersuites: how bytes become scalars and generators.

Generators are the same for everybody and expensive, so each is computed once in a process.

Spec: draft-irtf-cfrg-bbs-signatures-08 #section-7; RFC9380 #section-5.3
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from credkit.proofs._bbs.curve import ORDER, hash_to_g1_sha256, map_to_g1, read_g1

if TYPE_CHECKING:
    from py_arkworks_bls12381 import G1Point

EXPAND_BYTES = 48
_FIELD_BYTES = 64
_SHA256_BLOCK_BYTES = 64


class Generators(NamedTuple):
    """P1, then Q1 and one generator for each message, as points and as their 48 bytes."""

    base: G1Point
    points: list[G1Point]
    encoded: list[bytes]


def expand_sha256(message: bytes, dst: bytes, length: int) -> bytes:
    """``expand_message_xmd`` with SHA-256 (RFC9380 #section-5.3.1); ``dst`` of at most 255 bytes."""
    dst_prime = dst + bytes([len(dst)])
    padded = bytes(_SHA256_BLOCK_BYTES) + message + length.to_bytes(2, "big") + b"\0"
    first = hashlib.sha256(padded + dst_prime).digest()
    block = hashlib.sha256(first + b"\1" + dst_prime).digest()
    blocks = [block]
    for index in range(2, -(-length // 32) + 1):
        mixed = (int.from_bytes(first, "big") ^ int.from_bytes(block, "big")).to_bytes(32, "big")
        block = hashlib.sha256(mixed + bytes([index]) + dst_prime).digest()
        blocks.append(block)
    return b"".join(blocks)[:length]


def expand_shake256(message: bytes, dst: bytes, length: int) -> bytes:
    """``expand_message_xof`` with SHAKE-256 (RFC9380 #section-5.3.2); ``dst`` of at most 255 bytes."""
    return hashlib.shake_256(message + length.to_bytes(2, "big") + dst + bytes([len(dst)])).digest(length)


def _hash_to_g1_shake256(message: bytes, dst: bytes) -> G1Point:
    uniform = expand_shake256(message, dst, 2 * _FIELD_BYTES)
    return map_to_g1(int.from_bytes(uniform[:_FIELD_BYTES], "big"), int.from_bytes(uniform[_FIELD_BYTES:], "big"))


@dataclass(frozen=True)
class Ciphersuite:
    """One ciphersuite.

    Attributes:
        api_id: What every domain separation tag begins with.
        base_point: P1, compressed.
        expand: ``expand_message`` (message, dst, length) → bytes.
        hash_to_g1: ``hash_to_curve_g1`` (message, dst) → point.
    """

    api_id: bytes
    base_point: bytes
    expand: Callable[[bytes, bytes, int], bytes]
    hash_to_g1: Callable[[bytes, bytes], G1Point]
    _known: list[tuple[G1Point, bytes]] = field(default_factory=list, compare=False, repr=False)
    _seeds: list[bytes] = field(default_factory=list, compare=False, repr=False)
    _lock: Lock = field(default_factory=Lock, compare=False, repr=False)

    def hash_to_scalar(self, message: bytes, dst: bytes) -> int:
        """A scalar from 0 to the order of the group - 1 (draft #section-4.2.2)."""
        return int.from_bytes(self.expand(message, dst, EXPAND_BYTES), "big") % ORDER

    def messages_to_scalars(self, messages: list[bytes]) -> list[int]:
        """One scalar for each message (draft #section-4.1.2)."""
        dst = self.api_id + b"MAP_MSG_TO_SCALAR_AS_HASH_"
        return [self.hash_to_scalar(message, dst) for message in messages]

    def generators(self, count: int) -> Generators:
        """P1, Q1 and ``count`` message generators (draft #section-4.1.1)."""
        with self._lock:
            while len(self._known) < count + 1:
                self._grow()
            known = self._known[:count + 1]
        return Generators(read_g1(self.base_point), [point for point, _ in known], [encoded for _, encoded in known])

    def _grow(self) -> None:
        seed_dst = self.api_id + b"SIG_GENERATOR_SEED_"
        last = self._seeds[-1] if self._seeds else self.expand(self.api_id + b"MESSAGE_GENERATOR_SEED", seed_dst,
                                                              EXPAND_BYTES)
        seed = self.expand(last + (len(self._known) + 1).to_bytes(8, "big"), seed_dst, EXPAND_BYTES)
        point = self.hash_to_g1(seed, self.api_id + b"SIG_GENERATOR_DST_")
        self._seeds[:] = [seed]
        self._known.append((point, point.to_compressed_bytes()))


SHA_256 = Ciphersuite(
    b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_H2G_HM2S_",
    bytes.fromhex("a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd225e7c59698588e70d11406d161b4e28c9"),
    expand_sha256, hash_to_g1_sha256,
)
SHAKE_256 = Ciphersuite(
    b"BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_H2G_HM2S_",
    bytes.fromhex("8929dfbc7e6642c4ed9cba0856e493f8b9d7d5fcb0c31ef8fdcd34d50648a56c795e106e9eada6e0bda386b414150755"),
    expand_shake256, _hash_to_g1_shake256,
)
