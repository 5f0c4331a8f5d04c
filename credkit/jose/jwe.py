"""Compact JWE to an X25519 key: ECDH-ES+A256KW and A256GCM, nothing else.

Everything that could choose another path (``zip``, ``crit``, other algorithms or curves) is refused before any
key is used.

Spec: RFC7516; RFC7518 #section-4.6; RFC8037 #section-3.2; security.md B10
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from credkit.errors import MalformedValueError
from credkit.jose._jwe import check_members, open_with, protected_header, seal_with
from credkit.jose.jwk import x25519_public_jwk
from credkit.shape import member

ALG = "ECDH-ES+A256KW"
ENC = "A256GCM"
_WRAPPED_BYTES = 40


def encrypt(payload: bytes, recipient_jwk: Mapping[str, Any], *, header: Mapping[str, str] | None = None) -> str:
    """Encrypt ``payload`` so that only the holder of the recipient's X25519 secret can read it.

    Args:
        recipient_jwk: ``{"kty": "OKP", "crv": "X25519", "x": …}``; further members are not looked at.
        header: ``kid``, ``typ`` or ``cty`` for the protected header.

    Returns:
        Compact serialization. Randomness comes from the operating system.

    Raises:
        MalformedValueError: an empty payload, not an X25519 key, or another header member.
        CryptographicSecurityError: a key of small order.

    Spec: RFC7516 #section-5.1
    """
    extra = dict(header or {})
    if not extra.keys() <= {"kid", "typ", "cty"} or not all(isinstance(value, str) for value in extra.values()):
        raise MalformedValueError("a header member is reserved")
    if not payload:
        raise MalformedValueError("there is nothing to seal")
    return seal_with(payload, {"alg": ALG, "enc": ENC, **extra}, x25519_public_jwk(recipient_jwk))


def decrypt(jwe: Any, recipient_jwk: Mapping[str, Any]) -> bytes:
    """Open what ``encrypt`` sealed.

    Args:
        jwe: Compact serialization.
        recipient_jwk: The private X25519 JWK (``x25519_private_jwk``).

    Raises:
        ParsingError: not a compact JWE.
        MalformedValueError: a header member of the wrong form, or not an X25519 key.
        CryptographicSecurityError: another algorithm, ``zip``, ``crit`` or any member we do not know.
        ProofVerificationError: it was sealed for another key, or was changed.

    Spec: RFC7516 #section-5.2
    """
    x25519_public_jwk(check_members(protected_header(jwe, key_bytes=_WRAPPED_BYTES), alg=ALG, encs=(ENC,)))
    secret = {**x25519_public_jwk(recipient_jwk), "d": member(recipient_jwk, "d", str)}
    return open_with(jwe, secret, (ALG, ENC))
