"""Points and sums on BLS12-381: the door to py_arkworks_bls12381.

That library takes some malformed encodings for the point at infinity, so what is read here is written again and
compared.

Spec: draft-irtf-cfrg-bbs-signatures-08 #appendix-B; draft-irtf-cfrg-pairing-friendly-curves-11 #appendix-C
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from credkit.errors import CryptographicSecurityError, MalformedValueError, UnsupportedError
from credkit.keys.bls12_381_g2 import FIELD

if TYPE_CHECKING:
    from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar
else:
    try:
        from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar
    except ImportError:
        GT = G1Point = G2Point = Scalar = None

ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
G1_BYTES = 48
G2_BYTES = 96


def check_available() -> None:
    """Raises ``UnsupportedError`` where the extra ``bbs`` is not installed."""
    if G1Point is None:
        raise UnsupportedError("proofs of this kind need the extra “bbs”, which is not installed here")


def read_g1(data: bytes) -> G1Point:
    """A point of G1 other than the identity from its 48 compressed bytes.

    Raises:
        MalformedValueError: wrong length, or not the canonical encoding of a point of the group.
        CryptographicSecurityError: the identity.
    """
    if len(data) != G1_BYTES:
        raise MalformedValueError("a point must be 48 bytes")
    try:
        point = G1Point.from_compressed_bytes(data)
    except ValueError as error:
        raise MalformedValueError("a point is not on its curve") from error
    if point.to_compressed_bytes() != data:
        raise MalformedValueError("a point is not written canonically")
    if point == G1Point.identity():
        raise CryptographicSecurityError("a point is the identity, under which anything holds")
    return point


def read_g2(data: bytes) -> G2Point:
    """A point of G2 other than the identity from its 96 compressed bytes; raises like ``read_g1``."""
    if len(data) != G2_BYTES:
        raise MalformedValueError("a BLS12-381 key must be 96 bytes")
    try:
        point = G2Point.from_compressed_bytes(data)
    except ValueError as error:
        raise MalformedValueError("the key is not a point of its curve") from error
    if point.to_compressed_bytes() != data:
        raise MalformedValueError("the key is not written canonically")
    if point == G2Point.identity():
        raise CryptographicSecurityError("the key is one of the weak keys under which anything can be signed")
    return point


def sum_of(points: Sequence[G1Point], scalars: Sequence[int]) -> G1Point:
    """Σ points[i]·scalars[i]; scalars from 0 to ``ORDER`` - 1, and never empty."""
    return G1Point.multiexp_unchecked(list(points), [Scalar(scalar) for scalar in scalars])


def pairs_alike(public_key: G2Point, shift: int, left: G1Point, right: G1Point) -> bool:
    """Whether e(left, key + shift·P2) = e(right, P2), the one equation of BBS; ``shift`` is 0 in a proof."""
    base = G2Point()
    shifted = public_key + base * Scalar(shift) if shift else public_key
    return GT.pairing_check([left, right], [shifted, -base])


def public_point(secret: int) -> bytes:
    """secret·P2, 96 compressed bytes."""
    return (G2Point() * Scalar(secret)).to_compressed_bytes()


def hash_to_g1_sha256(message: bytes, dst: bytes) -> G1Point:
    """RFC 9380 suite BLS12381G1_XMD:SHA-256_SSWU_RO_ (RFC9380 #section-8.8.1)."""
    return G1Point.hash_to_curve(message, dst)


def map_to_g1(first: int, second: int) -> G1Point:
    """The last steps of ``hash_to_curve`` from two field elements (RFC9380 #section-3)."""
    return (G1Point.map_from_fp_be((first % FIELD).to_bytes(G1_BYTES, "big"))
            + G1Point.map_from_fp_be((second % FIELD).to_bytes(G1_BYTES, "big")))
