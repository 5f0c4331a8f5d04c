"""Sign, verify, and the proofs of knowledge.

Messages are bytes; indexes count them from 0. Scalars are ints, points are arkworks objects; what leaves is bytes.

Spec: draft-irtf-cfrg-bbs-signatures-08 #section-3
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from credkit.errors import CredkitError, MalformedValueError, ProofVerificationError
from credkit.ports import Randomness
from credkit.proofs._bbs.ciphersuite import EXPAND_BYTES, Ciphersuite, Generators
from credkit.proofs._bbs.curve import (
    G1_BYTES,
    G2_BYTES,
    ORDER,
    check_available,
    pairs_alike,
    public_point,
    read_g1,
    read_g2,
    sum_of,
)

if TYPE_CHECKING:
    from py_arkworks_bls12381 import G1Point

SCALAR_BYTES = 32
SECRET_KEY_BYTES = SCALAR_BYTES
PUBLIC_KEY_BYTES = G2_BYTES
SIGNATURE_BYTES = G1_BYTES + SCALAR_BYTES
_PROOF_POINTS = 3
_PROOF_SCALARS = 4
_PROOF_BYTES = _PROOF_POINTS * G1_BYTES + _PROOF_SCALARS * SCALAR_BYTES
_MISFIT = "the proof does not fit what is shown and the key"


def key_gen(material: bytes, info: bytes, suite: Ciphersuite) -> int:
    """A secret key from at least 32 random bytes.

    Raises:
        MalformedValueError: too little material, or too much info.

    Spec: draft-irtf-cfrg-bbs-signatures-08 #section-3.4.1
    """
    if len(material) < 32 or len(info) > 65535:
        raise MalformedValueError("a secret key needs 32 random bytes, and at most 65,535 bytes of information")
    return suite.hash_to_scalar(material + len(info).to_bytes(2, "big") + info, suite.api_id + b"KEYGEN_DST_")


def read_secret(data: bytes) -> int:
    """A secret key from its 32 bytes, big-endian; ``MalformedValueError`` if it is none."""
    secret = int.from_bytes(data, "big")
    if len(data) != SECRET_KEY_BYTES or not 0 < secret < ORDER:
        raise MalformedValueError("a BBS secret must be 32 bytes, not zero and below the order of the group")
    return secret


def sk_to_pk(secret: int) -> bytes:
    """The 96 bytes of the public key (draft #section-3.4.2)."""
    check_available()
    return public_point(secret)


def sign(secret: int, public_key: bytes, header: bytes, messages: Sequence[bytes], suite: Ciphersuite) -> bytes:
    """80 bytes, deterministic (draft #section-3.5.1, #section-3.6.1)."""
    check_available()
    scalars = suite.messages_to_scalars(list(messages))
    generators = suite.generators(len(scalars))
    domain = _domain(public_key, generators, header, suite)
    octets = b"".join(_scalar(each) for each in (secret, *scalars, domain))
    exponent = suite.hash_to_scalar(octets, suite.api_id + b"H2S_")
    inverse = pow(secret + exponent, -1, ORDER)
    point = sum_of((generators.base, *generators.points), [each * inverse % ORDER for each in (1, domain, *scalars)])
    return point.to_compressed_bytes() + _scalar(exponent)


def verify(public_key: bytes, signature: bytes, header: bytes, messages: Sequence[bytes], suite: Ciphersuite) -> None:
    """Silence means that the signature holds.

    Raises:
        MalformedValueError, CryptographicSecurityError: the key is none.
        ProofVerificationError: the signature is malformed or does not fit.

    Spec: draft-irtf-cfrg-bbs-signatures-08 #section-3.5.2, #section-3.6.2
    """
    check_available()
    key = read_g2(public_key)
    point, exponent = _read_signature(signature)
    scalars = suite.messages_to_scalars(list(messages))
    generators = suite.generators(len(scalars))
    domain = _domain(public_key, generators, header, suite)
    signed = sum_of((generators.base, *generators.points), (1, domain, *scalars))
    if not pairs_alike(key, exponent, point, signed):
        raise ProofVerificationError("the signature does not fit the content and the key")


class _Proof(NamedTuple):
    """A proof's parts, in the order in which they are written (draft #section-4.2.4.4)."""

    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    e: int
    r1: int
    r3: int
    hidden: tuple[int, ...]
    challenge: int


def proof_gen(public_key: bytes, signature: bytes, header: bytes, presentation_header: bytes,
              messages: Sequence[bytes], disclosed: Sequence[int], suite: Ciphersuite,
              randomness: Randomness) -> bytes:
    """A proof that one knows a signature over ``messages``, showing those at ``disclosed``.

    Args:
        disclosed: Indexes, ascending, each once.

    A signature that does not fit gives a proof that does not hold: check it when it is received.

    Raises:
        ProofVerificationError: the signature is malformed.

    Spec: draft-irtf-cfrg-bbs-signatures-08 #section-3.5.3, #section-3.6.3
    """
    check_available()
    point, exponent = _read_signature(signature)
    scalars = suite.messages_to_scalars(list(messages))
    generators = suite.generators(len(scalars))
    domain = _domain(public_key, generators, header, suite)
    hidden = [index for index in range(len(scalars)) if index not in set(disclosed)]
    r1, r2, e, blind1, blind3, *blinds = _random_scalars(randomness, 5 + len(hidden))
    signed = sum_of((generators.base, *generators.points), (1, domain, *scalars))
    d = sum_of((signed,), (r2,))
    a_bar = sum_of((point,), (r1 * r2 % ORDER,))
    b_bar = sum_of((d, a_bar), (r1, -exponent % ORDER))
    t1 = sum_of((a_bar, d), (e, blind1))
    t2 = sum_of((d, *(generators.points[1 + index] for index in hidden)), (blind3, *blinds))
    shown = [(index, scalars[index]) for index in disclosed]
    challenge = _challenge((a_bar, b_bar, d, t1, t2), shown, domain, presentation_header, suite)
    r3 = pow(r2, -1, ORDER)
    answers = (e + exponent * challenge, blind1 - r1 * challenge, blind3 - r3 * challenge,
               *(blind + scalars[index] * challenge for blind, index in zip(blinds, hidden, strict=True)), challenge)
    return b"".join((*(each.to_compressed_bytes() for each in (a_bar, b_bar, d)),
                     *(_scalar(answer % ORDER) for answer in answers)))


def proof_verify(public_key: bytes, proof: bytes, header: bytes, presentation_header: bytes,
                 shown: Sequence[tuple[int, bytes]], suite: Ciphersuite) -> None:
    """Silence means that the proof holds.

    Args:
        shown: Index and message of each message shown, ascending.

    Raises:
        MalformedValueError, CryptographicSecurityError: the key is none.
        ProofVerificationError: the proof is malformed or does not fit; an index is out of order or too high.

    Spec: draft-irtf-cfrg-bbs-signatures-08 #section-3.5.4, #section-3.6.4
    """
    check_available()
    key, parts = read_g2(public_key), _read_proof(proof)
    indexes = [index for index, _ in shown]
    count = len(indexes) + len(parts.hidden)
    if indexes != sorted(set(indexes)) or (indexes and not 0 <= indexes[0] <= indexes[-1] < count):
        raise ProofVerificationError("the proof's indexes do not fit")
    scalars = suite.messages_to_scalars([message for _, message in shown])
    generators = suite.generators(count)
    domain = _domain(public_key, generators, header, suite)
    revealed = list(zip(indexes, scalars, strict=True))
    t1 = sum_of((parts.b_bar, parts.a_bar, parts.d), (parts.challenge, parts.e, parts.r1))
    t2 = _second_commitment(parts, generators, domain, revealed)
    commitments = (parts.a_bar, parts.b_bar, parts.d, t1, t2)
    if _challenge(commitments, revealed, domain, presentation_header, suite) != parts.challenge:
        raise ProofVerificationError(_MISFIT)
    if not pairs_alike(key, 0, parts.a_bar, parts.b_bar):
        raise ProofVerificationError(_MISFIT)


def _second_commitment(parts: _Proof, generators: Generators, domain: int,
                       revealed: Sequence[tuple[int, int]]) -> G1Point:
    """T2: what the messages shown add up to under the challenge, and the answers for those kept back."""
    shown = {index for index, _ in revealed}
    hidden = [index for index in range(len(generators.points) - 1) if index not in shown]
    points = [generators.base, generators.points[0], parts.d]
    scalars = [parts.challenge, domain * parts.challenge % ORDER, parts.r3]
    for index, scalar in revealed:
        points.append(generators.points[1 + index])
        scalars.append(scalar * parts.challenge % ORDER)
    points += [generators.points[1 + index] for index in hidden]
    return sum_of(points, [*scalars, *parts.hidden])


def _domain(public_key: bytes, generators: Generators, header: bytes, suite: Ciphersuite) -> int:
    """What binds key, generators and header into the signature (draft #section-4.2.3)."""
    count = (len(generators.encoded) - 1).to_bytes(8, "big")
    octets = b"".join((public_key, count, *generators.encoded, suite.api_id, len(header).to_bytes(8, "big"), header))
    return suite.hash_to_scalar(octets, suite.api_id + b"H2S_")


def _challenge(points: Sequence[G1Point], revealed: Sequence[tuple[int, int]], domain: int,
               presentation_header: bytes, suite: Ciphersuite) -> int:
    """draft #section-3.7.3"""
    octets = [len(revealed).to_bytes(8, "big")]
    for index, scalar in revealed:
        octets += [index.to_bytes(8, "big"), _scalar(scalar)]
    octets += [point.to_compressed_bytes() for point in points]
    octets += [_scalar(domain), len(presentation_header).to_bytes(8, "big"), presentation_header]
    return suite.hash_to_scalar(b"".join(octets), suite.api_id + b"H2S_")


def _read_proof(proof: bytes) -> _Proof:
    hidden_bytes = len(proof) - _PROOF_BYTES
    if hidden_bytes < 0 or hidden_bytes % SCALAR_BYTES:
        raise ProofVerificationError("the BBS proof has a length that no proof has")
    points = [_point(proof[at:at + G1_BYTES]) for at in range(0, _PROOF_POINTS * G1_BYTES, G1_BYTES)]
    scalars = [_read_scalar(proof[at:at + SCALAR_BYTES])
               for at in range(_PROOF_POINTS * G1_BYTES, len(proof), SCALAR_BYTES)]
    a_bar, b_bar, d = points
    e, r1, r3, *hidden, challenge = scalars
    return _Proof(a_bar, b_bar, d, e, r1, r3, tuple(hidden), challenge)


def _read_signature(signature: bytes) -> tuple[G1Point, int]:
    if len(signature) != SIGNATURE_BYTES:
        raise ProofVerificationError("a BBS signature must be 80 bytes")
    return _point(signature[:G1_BYTES]), _read_scalar(signature[G1_BYTES:])


def _random_scalars(randomness: Randomness, count: int) -> list[int]:
    """``count`` scalars, each from 48 bytes so that none is likelier than another (draft #section-4.2.1)."""
    return [int.from_bytes(randomness.token_bytes(EXPAND_BYTES), "big") % ORDER for _ in range(count)]


def _point(data: bytes) -> G1Point:
    try:
        return read_g1(data)
    except CredkitError as error:
        raise ProofVerificationError("a part of the proof is not a point of its curve") from error


def _scalar(value: int) -> bytes:
    return value.to_bytes(SCALAR_BYTES, "big")


def _read_scalar(data: bytes) -> int:
    value = int.from_bytes(data, "big")
    if not 0 < value < ORDER:
        raise ProofVerificationError("a number in the proof is out of range")
    return value
