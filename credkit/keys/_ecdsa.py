"""ECDSA over a NIST curve: what P-256, P-384 and P-521 share.

Signatures are r‖s of fixed length; both s and n - s are valid (the W3C vectors hold high ones, security.md B12).

Spec: SEC1 #section-2.3; RFC6979; RFC7518 #section-3.4; CID-1.0 #Multikey
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import MalformedValueError, ParsingError, ProofVerificationError
from credkit.shape import member


@dataclass(frozen=True)
class EcdsaKeyType:
    """See ``KeyType``. Raw public key: the compressed point; secret: the scalar, big-endian; signature: r‖s."""

    name: str
    algorithm: str
    public_codec: bytes
    secret_codec: bytes
    secret_length: int
    curve: ec.EllipticCurve
    hashing: hashes.HashAlgorithm
    kty: str = "EC"
    _hash: Callable[[bytes], Any] = field(init=False, repr=False, compare=False)
    _scheme: ec.ECDSA = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Digests are taken here: in the cryptography package that costs a twentieth of a signature.
        object.__setattr__(self, "_hash", getattr(hashlib, self.hashing.name))
        object.__setattr__(self, "_scheme", ec.ECDSA(Prehashed(self.hashing), deterministic_signing=True))

    def parse_public(self, raw: bytes) -> Any:
        """See ``KeyType.parse_public``."""
        if len(raw) != self.secret_length + 1 or raw[0] not in (2, 3):
            raise MalformedValueError(f"a {self.name} key must be a compressed point")
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(self.curve, raw)
        except ValueError as error:
            raise MalformedValueError("the key is not a point of its curve") from error

    def verify(self, parsed: Any, signature: bytes, message: bytes) -> None:
        """See ``KeyType.verify``."""
        half = self.secret_length
        if len(signature) != 2 * half:
            raise ProofVerificationError(f"a {self.name} signature must be {2 * half} bytes")
        der = _der(_der_integer(signature[:half]) + _der_integer(signature[half:]))
        try:
            parsed.verify(der, self._hash(message).digest(), self._scheme)
        except InvalidSignature as error:
            raise ProofVerificationError("the signature does not fit the content and the key") from error

    def raw_to_jwk(self, raw: bytes, parsed: Any) -> dict[str, str]:
        """See ``KeyType.raw_to_jwk``."""
        y = parsed.public_numbers().y.to_bytes(self.secret_length, "big")
        return {"kty": "EC", "crv": self.name, "x": base64url_encode(raw[1:]), "y": base64url_encode(y)}

    def parse_jwk(self, jwk: Mapping[str, Any]) -> tuple[bytes, Any]:
        """See ``KeyType.parse_jwk``; the point is checked against the curve before it is compressed."""
        try:
            x, y = base64url_decode(member(jwk, "x", str)), base64url_decode(member(jwk, "y", str))
        except ParsingError as error:
            raise MalformedValueError("a coordinate of the key is not base64url") from error
        if len(x) != self.secret_length or len(y) != self.secret_length:
            raise MalformedValueError(f"a coordinate of a {self.name} key must be {self.secret_length} bytes")
        try:
            parsed = ec.EllipticCurvePublicKey.from_encoded_point(self.curve, b"\x04" + x + y)
        except ValueError as error:
            raise MalformedValueError("the key is not a point of its curve") from error
        return bytes([2 + (y[-1] & 1)]) + x, parsed

    def generate_secret(self) -> bytes:
        """See ``KeyType.generate_secret``."""
        return ec.generate_private_key(self.curve).private_numbers().private_value.to_bytes(self.secret_length, "big")

    def parse_secret(self, secret: bytes) -> Any:
        """See ``KeyType.parse_secret``."""
        if len(secret) != self.secret_length:
            raise MalformedValueError(f"a {self.name} secret must be {self.secret_length} bytes")
        try:
            return ec.derive_private_key(int.from_bytes(secret, "big"), self.curve)
        except ValueError as error:
            raise MalformedValueError(f"these bytes are no {self.name} secret") from error

    def raw_public(self, parsed_secret: Any) -> bytes:
        """See ``KeyType.raw_public``."""
        raw: bytes = parsed_secret.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return raw

    def sign(self, parsed_secret: Any, message: bytes) -> bytes:
        """See ``KeyType.sign``."""
        der: bytes = parsed_secret.sign(self._hash(message).digest(), self._scheme)
        begin = 4 if der[1] < 0x80 else 5
        end = begin + der[begin - 1]
        length = self.secret_length
        return der[begin:end].lstrip(b"\0").rjust(length, b"\0") + der[end + 2:].lstrip(b"\0").rjust(length, b"\0")


# Two numbers in DER (RFC3279 #section-2.2.3). The cryptography package's own functions for it cost as much again.


def _der_integer(number: bytes) -> bytes:
    """``number`` is unsigned and big-endian."""
    shortest = number.lstrip(b"\0")
    if not shortest or shortest[0] >= 0x80:
        shortest = b"\0" + shortest
    return bytes((0x02, len(shortest))) + shortest


def _der(numbers: bytes) -> bytes:
    length = (len(numbers),) if len(numbers) < 0x80 else (0x81, len(numbers))
    return bytes((0x30, *length)) + numbers
