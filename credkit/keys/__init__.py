"""Signing keys: public keys as they are written in documents, and the software signer.

Adding a kind of key is one file and one entry in ``KEY_TYPES``, or in ``PUBLIC_KEY_TYPES`` if it does not sign messages
one by one.

Spec: CID-1.0 #Multikey; RFC7517; security.md A07, D06
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from credkit.encoding import base64url_decode, multibase_decode, multibase_encode_base58
from credkit.errors import CryptographicSecurityError, MalformedValueError, ParsingError, UnsupportedError
from credkit.keys._key_type import KeyType, PublicKeyType
from credkit.keys.bls12_381_g2 import BLS12_381_G2
from credkit.keys.ed25519 import ED25519
from credkit.keys.p256 import P256
from credkit.keys.p384 import P384
from credkit.keys.p521 import P521
from credkit.shape import member

__all__ = ["BLS12_381_G2", "KEY_TYPES", "PUBLIC_KEY_TYPES", "KeyType", "PublicKey", "PublicKeyType", "SoftwareSigner",
           "find_key_type", "public_key_from_jwk", "public_key_from_multibase"]

KEY_TYPES: Final[tuple[KeyType, ...]] = (ED25519, P256, P384, P521)
PUBLIC_KEY_TYPES: Final[tuple[PublicKeyType, ...]] = (*KEY_TYPES, BLS12_381_G2)

_MAX_MULTIBASE_CHARACTERS = 256
_MULTICODEC_SECRETS = range(0x1300, 0x1320)
# secp256k1, BLS12-381 in G1 and in both, X25519, sr25519, Ed448, X448, RSA, SM2, JWK: keys that we do not speak.
_MULTICODEC_OTHER_KEYS = frozenset({0xE7, 0xEA, 0xEC, 0xEE, 0xEF, 0x1203, 0x1204, 0x1205, 0x1206, 0xEB51})
_PRIVATE_JWK_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def find_key_type(name: str) -> KeyType:
    """The kind of key called ``name``; ``UnsupportedError`` for a name we do not know."""
    for kind in KEY_TYPES:
        if kind.name == name:
            return kind
    raise UnsupportedError("a key of this kind is not supported")


@dataclass(frozen=True)
class PublicKey:
    """A public key, checked when it is made: always a usable point of its curve.

    Args:
        type: Name of one of ``PUBLIC_KEY_TYPES``.
        raw: 32 bytes (Ed25519), or the compressed point of 33, 49, 67 or 96 bytes.

    Raises:
        UnsupportedError: ``type`` is none of these.
        MalformedValueError: wrong length, or not a point of the curve.
        CryptographicSecurityError: a weak key, under which anything can be signed.
    """

    type: str
    raw: bytes

    def __post_init__(self) -> None:
        # Parsing checks the point; both are kept, so that many signatures under one key cost one parse.
        self._parsed  # noqa: B018

    @cached_property
    def _kind(self) -> PublicKeyType:
        for kind in PUBLIC_KEY_TYPES:
            if kind.name == self.type:
                return kind
        raise UnsupportedError("a key of this kind is not supported")

    @cached_property
    def _parsed(self) -> Any:
        return self._kind.parse_public(self.raw)

    @property
    def algorithm(self) -> str:
        """``Ed25519``, ``ES256``, ``ES384``, ``ES512`` or ``BBS``."""
        return self._kind.algorithm

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check ``signature`` over ``message``; silence means it holds.

        Args:
            signature: 64 bytes for Ed25519, r‖s of 64 or 96 bytes for ECDSA (either s is good).

        Raises:
            ProofVerificationError: it does not.
        """
        self._kind.verify(self._parsed, signature, message)

    def to_multibase(self) -> str:
        """The Multikey form, ``z…`` (CID-1.0 #Multikey)."""
        return multibase_encode_base58(self._kind.public_codec + self.raw)

    def to_jwk(self) -> dict[str, str]:
        """The public JWK: ``kty``, ``crv``, ``x`` and for EC ``y`` (RFC7517)."""
        return self._kind.raw_to_jwk(self.raw, self._parsed)


def public_key_from_multibase(text: Any) -> PublicKey:
    """Read a Multikey ``z…``; nothing but its one proper spelling is accepted.

    Raises:
        MalformedValueError: not base58-btc, too long, no key's multicodec header, wrong length, no point of the curve.
        CryptographicSecurityError: a secret key, or a weak key.
        UnsupportedError: a kind of key that exists but is not in ``PUBLIC_KEY_TYPES``.

    Spec: CID-1.0 #Multikey; security.md D06
    """
    if not isinstance(text, str) or len(text) > _MAX_MULTIBASE_CHARACTERS:
        raise MalformedValueError("a key must be a short text")
    try:
        data = multibase_decode(text, allowed="z")
    except ParsingError as error:
        raise MalformedValueError("a key is not written in base58-btc") from error
    codec, length = _read_varint(data)
    for kind in PUBLIC_KEY_TYPES:
        if data[:length] == kind.public_codec:
            return PublicKey(kind.name, data[length:])
    if codec in _MULTICODEC_SECRETS:
        raise CryptographicSecurityError("this is a secret key; it must be treated as stolen from now on")
    if codec in _MULTICODEC_OTHER_KEYS:
        raise UnsupportedError("a key of this kind is not supported")
    raise MalformedValueError("this is no key")


def public_key_from_jwk(jwk: Any) -> PublicKey:
    """Read a public JWK (``kty`` OKP or EC) meant for signatures.

    Raises:
        MalformedValueError: a member is missing, of another type or length, or the point is off the curve.
        CryptographicSecurityError: it holds a private member, or is meant for another use, or is a weak key.
        UnsupportedError: a key type or curve that is not in ``PUBLIC_KEY_TYPES``.

    Spec: RFC7517 #section-4; RFC8037 #section-2; security.md D06
    """
    if not isinstance(jwk, Mapping):
        raise MalformedValueError("a key must be an object")
    if not _PRIVATE_JWK_MEMBERS.isdisjoint(jwk):
        raise CryptographicSecurityError("this is a secret key; it must be treated as stolen from now on")
    for kind in PUBLIC_KEY_TYPES:
        if jwk.get("kty") == kind.kty and jwk.get("crv") == kind.name:
            _check_use(jwk, kind)
            return _read_key(kind, *kind.parse_jwk(jwk))
    if not isinstance(jwk.get("kty"), str):
        raise MalformedValueError("a key does not say of which kind it is")
    raise UnsupportedError("a key of this kind is not supported")


def _read_key(kind: PublicKeyType, raw: bytes, parsed: Any) -> PublicKey:
    """A key that was parsed while it was read: to parse a compressed point anew would cost a square root."""
    key = object.__new__(PublicKey)
    key.__dict__.update(type=kind.name, raw=raw, _kind=kind, _parsed=parsed)
    return key


def _check_use(jwk: Mapping[str, Any], kind: PublicKeyType) -> None:
    """``use``, ``key_ops`` and ``alg``, where present, must allow verifying (RFC7517 #section-4.2)."""
    operations = jwk.get("key_ops", ["verify"])
    algorithms = (kind.algorithm, "EdDSA") if kind is ED25519 else (kind.algorithm,)
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise CryptographicSecurityError("this key is not meant for signatures")
    if jwk.get("alg", kind.algorithm) not in algorithms:
        raise CryptographicSecurityError("this key is meant for another algorithm")


def _read_varint(data: bytes) -> tuple[int, int]:
    """Value and length of the unsigned varint that begins ``data``; minimal spelling only, at most 4 bytes."""
    value = 0
    for index, byte in enumerate(data[:4]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if byte == 0 and index > 0:
                break
            return value, index + 1
    raise MalformedValueError("a key does not begin with a proper multicodec header")


class SoftwareSigner:
    """A ``Signer`` whose secret lies in this process.

    ``verification_method`` is the did:key URL of the public half unless another is given. Signatures are deterministic
    (Ed25519 by nature, ECDSA by RFC6979).
    """

    def __init__(self, kind: KeyType, secret: bytes, verification_method: str | None = None) -> None:
        self._kind = kind
        self._secret = secret
        self._parsed = kind.parse_secret(secret)
        self.public_key = PublicKey(kind.name, kind.raw_public(self._parsed))
        self.public_key_multibase = self.public_key.to_multibase()
        multikey = self.public_key_multibase
        self.verification_method = verification_method or f"did:key:{multikey}#{multikey}"

    @classmethod
    def generate(cls, key_type: str, *, verification_method: str | None = None) -> SoftwareSigner:
        """A fresh key of the kind ``Ed25519``, ``P-256``, ``P-384`` or ``P-521``."""
        kind = find_key_type(key_type)
        return cls(kind, kind.generate_secret(), verification_method)

    @classmethod
    def from_secret(cls, key_type: str, secret: bytes, verification_method: str | None = None) -> SoftwareSigner:
        """The key with this secret: the 32-byte seed (Ed25519), or the scalar of 32 or 48 bytes, big-endian.

        Raises:
            MalformedValueError: wrong length, or zero, or not below the order of the curve.
        """
        return cls(find_key_type(key_type), secret, verification_method)

    @classmethod
    def from_secret_multibase(cls, text: str, *, verification_method: str | None = None) -> SoftwareSigner:
        """The key with this secret in Multikey form, as the specifications' examples write it.

        Raises:
            MalformedValueError: not base58-btc, or not a secret.
            UnsupportedError: a kind of key that is not in ``KEY_TYPES``.

        Spec: CID-1.0 #Multikey
        """
        try:
            data = multibase_decode(text, allowed="z")
        except ParsingError as error:
            raise MalformedValueError("a key is not written in base58-btc") from error
        for kind in KEY_TYPES:
            if data.startswith(kind.secret_codec):
                return cls(kind, data[len(kind.secret_codec):], verification_method)
        raise UnsupportedError("a key of this kind is not supported")

    @classmethod
    def from_secret_jwk(cls, jwk: Any, *, verification_method: str | None = None) -> SoftwareSigner:
        """The key of a private JWK (``kty`` OKP or EC); its public half must belong to it.

        Raises:
            MalformedValueError: a member is missing or of the wrong form, or the halves do not belong together.
            CryptographicSecurityError, UnsupportedError: see ``public_key_from_jwk``.

        Spec: RFC7518 #section-6.2.2; RFC8037 #section-2
        """
        secret = member(jwk, "d", str)
        operations = {"key_ops": ["verify"]} if "key_ops" in jwk else {}
        public = public_key_from_jwk({name: value for name, value in jwk.items() if name != "d"} | operations)
        try:
            signer = cls.from_secret(public.type, base64url_decode(secret), verification_method)
        except ParsingError as error:
            raise MalformedValueError("a secret key is not base64url") from error
        if signer.public_key != public:
            raise MalformedValueError("the two halves of a key do not belong together")
        return signer

    @property
    def algorithm(self) -> str:
        """``Ed25519``, ``ES256``, ``ES384`` or ``ES512``."""
        return self._kind.algorithm

    @property
    def secret(self) -> bytes:
        """The secret itself, for whoever seals it away."""
        return self._secret

    def sign(self, message: bytes) -> bytes:
        """64 bytes for Ed25519, r‖s for ECDSA."""
        return self._kind.sign(self._parsed, message)

    def __repr__(self) -> str:
        return f"<SoftwareSigner {self._kind.name} {self.public_key_multibase}>"
