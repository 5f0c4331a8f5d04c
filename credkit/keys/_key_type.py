"""What one kind of signing key must be able to do; each kind lives in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class PublicKeyType(Protocol):
    """One kind of public key. ``Any`` stands for the parsed key objects of the cryptography package.

    Attributes:
        name: ``Ed25519``, ``P-256``, ``P-384``, ``P-521`` or ``Bls12381G2``; also the JOSE ``crv``.
        algorithm: What ``Signer.algorithm`` says: ``Ed25519``, ``ES256``, ``ES384``, ``ES512`` or ``BBS``.
        kty: The JOSE key type, ``OKP`` or ``EC``.
        public_codec: Multicodec header (two bytes, a varint) of the public half.
    """

    @property
    def name(self) -> str: ...

    @property
    def algorithm(self) -> str: ...

    @property
    def kty(self) -> str: ...

    @property
    def public_codec(self) -> bytes: ...

    def parse_public(self, raw: bytes) -> Any:
        """The parsed public key.

        Raises:
            MalformedValueError: wrong length or form, or not a point of the curve.
            CryptographicSecurityError: a point that makes forged signatures possible.
        """

    def verify(self, parsed: Any, signature: bytes, message: bytes) -> None:
        """Silence means that the signature holds; ``ProofVerificationError`` otherwise."""

    def raw_to_jwk(self, raw: bytes, parsed: Any) -> dict[str, str]:
        """The public JWK (RFC7517)."""

    def parse_jwk(self, jwk: Mapping[str, Any]) -> tuple[bytes, Any]:
        """The raw and the parsed public key of a JWK whose ``kty`` and ``crv`` are this type's.

        Raises:
            MalformedValueError, CryptographicSecurityError: as ``parse_public``, or a coordinate is not base64url.
        """


class KeyType(PublicKeyType, Protocol):
    """A kind of key that signs messages one by one.

    Attributes:
        secret_codec: Multicodec header of the secret half.
        secret_length: Bytes of the secret.
    """

    @property
    def secret_codec(self) -> bytes: ...

    @property
    def secret_length(self) -> int: ...

    def generate_secret(self) -> bytes:
        """A fresh secret from the operating system's secure source."""

    def parse_secret(self, secret: bytes) -> Any:
        """The parsed secret key; ``MalformedValueError`` for a secret that is none."""

    def raw_public(self, parsed_secret: Any) -> bytes:
        """The raw public half of a parsed secret key."""

    def sign(self, parsed_secret: Any, message: bytes) -> bytes:
        """Signature over ``message``, deterministic."""
