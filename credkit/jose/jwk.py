"""JWKs that are not signing keys of ours: thumbprints, RSA for the Open Badges JWS lane, X25519 for sealing.

Spec: RFC7517; RFC7638; RFC8037
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from credkit.encoding import base64url_decode, base64url_encode, sha256
from credkit.errors import (
    CryptographicSecurityError,
    MalformedValueError,
    ParsingError,
    ProofVerificationError,
    UnsupportedError,
)
from credkit.shape import member

_THUMBPRINT_MEMBERS = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
_MIN_RSA_BITS = 2048
_MAX_RSA_BITS = 8192
_MAX_PEM_CHARACTERS = 20_000


def thumbprint(jwk: Any) -> str:
    """SHA-256 thumbprint, base64url; only the members that make the key count.

    Raises:
        MalformedValueError: a member is missing or no string.
        UnsupportedError: a ``kty`` other than OKP, EC and RSA.

    Spec: RFC7638 #section-3
    """
    names = _THUMBPRINT_MEMBERS.get(member(jwk, "kty", str))
    if names is None:
        raise UnsupportedError("a key of this kind is not supported")
    needed = {name: member(jwk, name, str) for name in names}
    if not all(value.isascii() for value in needed.values()):
        raise MalformedValueError("a member of the key holds foreign characters")
    return base64url_encode(sha256(json.dumps(needed, separators=(",", ":")).encode("ascii")))


@dataclass(frozen=True)
class RsaPublicKey:
    """An RSA key that verifies RS256; made by the functions below only."""

    key: rsa.RSAPublicKey
    algorithm: str = "RS256"

    def verify(self, signature: bytes, message: bytes) -> None:
        """Silence means that the RS256 signature holds; ``ProofVerificationError`` otherwise."""
        try:
            self.key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise ProofVerificationError("the signature does not fit the content and the key") from error


def rsa_public_key_from_jwk(jwk: Any) -> RsaPublicKey:
    """Read a public RSA JWK of 2,048 to 8,192 bits with the exponent 65,537.

    Raises:
        MalformedValueError: a member is missing or not base64url.
        CryptographicSecurityError: a private member, a key that is too short or too long, another exponent.

    Spec: RFC7518 #section-6.3.1; security.md B01
    """
    if isinstance(jwk, Mapping) and "d" in jwk:
        raise CryptographicSecurityError("this is a secret key; it must be treated as stolen from now on")
    if member(jwk, "kty", str) != "RSA":
        raise MalformedValueError("this is not an RSA key")
    modulus, exponent = (_integer(member(jwk, name, str)) for name in ("n", "e"))
    return _rsa_public_key(modulus, exponent)


def rsa_public_key_from_pem(pem: str) -> RsaPublicKey:
    """Read a public RSA key in PEM, as Open Badges 2.0 publishes it.

    Raises:
        ParsingError: too long, or no public key in PEM.
        CryptographicSecurityError: another kind of key, one that is too short or too long, another exponent.

    Spec: RFC7468 #section-13
    """
    try:
        key = load_pem_public_key(pem.strip().encode("ascii")) if len(pem) <= _MAX_PEM_CHARACTERS else None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ParsingError("the key cannot be read") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise CryptographicSecurityError("this is not an RSA key")
    numbers = key.public_numbers()
    return _rsa_public_key(numbers.n, numbers.e)


def _rsa_public_key(modulus: int, exponent: int) -> RsaPublicKey:
    if not _MIN_RSA_BITS <= modulus.bit_length() <= _MAX_RSA_BITS or exponent != 65537 or modulus % 2 == 0:
        raise CryptographicSecurityError("an RSA key must have 2048 to 8192 bits and the usual exponent")
    return RsaPublicKey(rsa.RSAPublicNumbers(exponent, modulus).public_key())


def x25519_private_jwk(secret: bytes) -> dict[str, str]:
    """The private JWK of a 32-byte X25519 secret (RFC8037 #section-2).

    Raises:
        MalformedValueError: not 32 bytes.
    """
    if len(secret) != 32:
        raise MalformedValueError("an X25519 secret must be 32 bytes")
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "X25519", "x": base64url_encode(public), "d": base64url_encode(secret)}


def x25519_public_jwk(jwk: Any) -> dict[str, str]:
    """The public members of an X25519 JWK, ``x`` being 32 bytes.

    Raises:
        MalformedValueError: another kind of key, or ``x`` is not 32 bytes of base64url.
    """
    if (member(jwk, "kty", str), member(jwk, "crv", str)) != ("OKP", "X25519"):
        raise MalformedValueError("this is not an X25519 key")
    x = member(jwk, "x", str)
    try:
        length = len(base64url_decode(x))
    except ParsingError as error:
        raise MalformedValueError("a coordinate of the key is not base64url") from error
    if length != 32:
        raise MalformedValueError("an X25519 key must be 32 bytes")
    return {"kty": "OKP", "crv": "X25519", "x": x}


def _integer(text: str) -> int:
    try:
        return int.from_bytes(base64url_decode(text), "big")
    except ParsingError as error:
        raise MalformedValueError("a number of the key is not base64url") from error
