"""BLS12-381 public keys in G2, for bbs-2023.

Such a key signs lists of messages (``MessageSigner``), so it verifies nothing by itself here. Length and encoding are
checked when it is read; that it is a point of the group, whenever a proof is verified with it.

Spec: CID-1.0 #Multikey; draft-irtf-cfrg-bbs-signatures-08 #section-3.4.2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from credkit.errors import CryptographicSecurityError, MalformedValueError
from credkit.keys._okp import KTY, okp_jwk, raw_of_okp_jwk

FIELD = int("1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16)
_COMPRESSED, _INFINITY = 0x80, 0x40


@dataclass(frozen=True)
class Bls12381G2KeyType:
    """See ``PublicKeyType``. Raw public key: the compressed point, 96 bytes."""

    name: str = "Bls12381G2"
    algorithm: str = "BBS"
    kty: str = KTY
    public_codec: bytes = b"\xeb\x01"

    def parse_public(self, raw: bytes) -> Any:
        """See ``PublicKeyType.parse_public``."""
        if len(raw) != 96:
            raise MalformedValueError("a BLS12-381 key must be 96 bytes")
        if not raw[0] & _COMPRESSED:
            raise MalformedValueError("the key is not a point of its curve")
        if raw[0] & _INFINITY:
            raise CryptographicSecurityError("the key is one of the weak keys under which anything can be signed")
        if int.from_bytes(bytes([raw[0] & 0x1F]) + raw[1:48], "big") >= FIELD or int.from_bytes(raw[48:]) >= FIELD:
            raise MalformedValueError("the key is not a point of its curve")
        return raw

    def verify(self, parsed: Any, signature: bytes, message: bytes) -> None:
        """See ``PublicKeyType.verify``."""
        raise CryptographicSecurityError("a key of this kind makes proofs of bbs-2023 only")

    def raw_to_jwk(self, raw: bytes, parsed: Any) -> dict[str, str]:
        """See ``PublicKeyType.raw_to_jwk``."""
        return okp_jwk(self.name, raw)

    def parse_jwk(self, jwk: Mapping[str, Any]) -> tuple[bytes, Any]:
        """See ``PublicKeyType.parse_jwk``."""
        raw = raw_of_okp_jwk(jwk)
        return raw, self.parse_public(raw)


BLS12_381_G2 = Bls12381G2KeyType()
