"""Compact JWE to an X25519 key: ECDH-ES+A256KW and A256GCM, nothing else.

Everything that could choose another path (``zip``, ``crit``, other algorithms or curves) is refused before any
key is used.

Spec: RFC7516; RFC7518 #section-4.6; RFC8037 #section-3.2; security.md B10
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jwcrypto.common import JWException
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from credkit.encoding import base64url_decode, parse_json_object
from credkit.errors import CryptographicSecurityError, MalformedValueError, ParsingError, ProofVerificationError
from credkit.jose.jwk import x25519_public_jwk
from credkit.ports import JSONObject
from credkit.shape import member

ALG = "ECDH-ES+A256KW"
ENC = "A256GCM"
_MAX_JWE_CHARACTERS = 16 * 1024 * 1024
_ALLOWED_HEADER = frozenset({"alg", "enc", "epk", "kid", "typ", "cty", "apu", "apv"})


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
    key = JWK(**x25519_public_jwk(recipient_jwk))
    try:
        token = JWE(payload, protected=json.dumps({"alg": ALG, "enc": ENC, **extra}), recipient=key, algs=[ALG, ENC])
        compact: str = token.serialize(compact=True)
    except (JWException, ValueError) as error:
        raise CryptographicSecurityError("nothing can be sealed for this key") from error
    return compact


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
    check_header(_protected_header(jwe))
    key = JWK(**x25519_public_jwk(recipient_jwk), d=member(recipient_jwk, "d", str))
    token = JWE(algs=[ALG, ENC])
    try:
        token.deserialize(jwe, key=key)
    except (JWException, ValueError) as error:
        raise ProofVerificationError("this was sealed for another key, or was changed") from error
    payload: bytes = token.payload
    return payload


def check_header(header: JSONObject) -> None:
    """Refuse whatever is not exactly our lane; see ``decrypt`` for the errors."""
    if header.get("alg") != ALG or header.get("enc") != ENC:
        raise CryptographicSecurityError("the algorithm of the sealed text is not allowed")
    if not header.keys() <= _ALLOWED_HEADER:
        raise CryptographicSecurityError("the header of the sealed text asks for something that is not supported")
    if not all(isinstance(value, str) for name, value in header.items() if name != "epk"):
        raise MalformedValueError("a member of the header has the wrong type")
    epk = member(header, "epk", dict)
    if "d" in epk:
        raise CryptographicSecurityError("the header of the sealed text holds a secret key")
    x25519_public_jwk(epk)


def _protected_header(jwe: Any) -> JSONObject:
    if not isinstance(jwe, str) or len(jwe) > _MAX_JWE_CHARACTERS:
        raise ParsingError("a sealed text must be text of bounded length")
    parts = jwe.split(".", 5)
    if len(parts) != 5:
        raise ParsingError("a sealed text must have five parts")
    lengths = [len(base64url_decode(part)) for part in parts]
    if lengths[1] != 40 or lengths[2] != 12 or lengths[4] != 16:
        raise CryptographicSecurityError("a part of the sealed text has the wrong length")
    return parse_json_object(base64url_decode(parts[0]))
