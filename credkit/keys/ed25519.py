"""Ed25519 keys.

The cryptography package takes any 32 bytes for a public key. A key of small order verifies signatures that nobody
made, so points are checked here first (security.md D06).

Spec: RFC8032 #section-5.1; RFC8037 #section-2; CID-1.0 #Multikey
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from credkit.errors import CryptographicSecurityError, MalformedValueError, ProofVerificationError
from credkit.keys._okp import KTY, okp_jwk, raw_of_okp_jwk

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_Y_OF_ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303021022
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _Y_OF_ORDER_EIGHT, _P - _Y_OF_ORDER_EIGHT})


@dataclass(frozen=True)
class Ed25519KeyType:
    """See ``KeyType``. Raw public key: 32 bytes; secret: the 32-byte seed; signature: 64 bytes."""

    name: str = "Ed25519"
    algorithm: str = "Ed25519"
    kty: str = KTY
    public_codec: bytes = b"\xed\x01"
    secret_codec: bytes = b"\x80\x26"
    secret_length: int = 32

    def parse_public(self, raw: bytes) -> Any:
        """See ``KeyType.parse_public``."""
        if len(raw) != 32:
            raise MalformedValueError("an Ed25519 key must be 32 bytes")
        check_point(raw)
        return Ed25519PublicKey.from_public_bytes(raw)

    def verify(self, parsed: Any, signature: bytes, message: bytes) -> None:
        """See ``KeyType.verify``."""
        if len(signature) != 64:
            raise ProofVerificationError("an Ed25519 signature must be 64 bytes")
        try:
            parsed.verify(signature, message)
        except InvalidSignature as error:
            raise ProofVerificationError("the signature does not fit the content and the key") from error

    def raw_to_jwk(self, raw: bytes, parsed: Any) -> dict[str, str]:
        """See ``KeyType.raw_to_jwk``."""
        return okp_jwk(self.name, raw)

    def parse_jwk(self, jwk: Mapping[str, Any]) -> tuple[bytes, Any]:
        """See ``KeyType.parse_jwk``."""
        raw = raw_of_okp_jwk(jwk)
        return raw, self.parse_public(raw)

    def generate_secret(self) -> bytes:
        """See ``KeyType.generate_secret``."""
        return Ed25519PrivateKey.generate().private_bytes_raw()

    def parse_secret(self, secret: bytes) -> Any:
        """See ``KeyType.parse_secret``."""
        if len(secret) != 32:
            raise MalformedValueError("an Ed25519 secret must be 32 bytes")
        return Ed25519PrivateKey.from_private_bytes(secret)

    def raw_public(self, parsed_secret: Any) -> bytes:
        """See ``KeyType.raw_public``."""
        raw: bytes = parsed_secret.public_key().public_bytes_raw()
        return raw

    def sign(self, parsed_secret: Any, message: bytes) -> bytes:
        """See ``KeyType.sign``."""
        signature: bytes = parsed_secret.sign(message)
        return signature


def check_point(raw: bytes) -> None:
    """Refuse 32 bytes that are no proper Ed25519 public key.

    Raises:
        MalformedValueError: the y coordinate is not reduced, or no point of the curve has it.
        CryptographicSecurityError: a point of small order, the identity among them.

    Spec: RFC8032 #section-5.1.3
    """
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        raise MalformedValueError("the key is not a point of its curve")
    if y in _SMALL_ORDER_Y:
        raise CryptographicSecurityError("the key is one of the weak keys under which anything can be signed")
    square = y * y % _P
    if pow((square - 1) * (_D * square + 1), (_P - 1) // 2, _P) != 1:
        raise MalformedValueError("the key is not a point of its curve")


ED25519 = Ed25519KeyType()
