"""Compact JWE straight to a P-256 key: ECDH-ES with A128GCM or A256GCM, as OpenID4VP and OpenID4VCI encrypt messages.

Whatever could choose another path (``zip``, ``crit``, other algorithms or curves) is refused before any key is used.

Spec: RFC7516; RFC7518 #section-4.6, #section-6.2; OID4VP-1.0 #response_encryption; security.md B10
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import CryptographicSecurityError, MalformedValueError, ParsingError
from credkit.jose._jwe import check_members, open_with, protected_header, seal_with
from credkit.ports import JSONObject
from credkit.shape import member

DIRECT_ALG: Final = "ECDH-ES"
DIRECT_ENCS: Final = ("A128GCM", "A256GCM")
"""What we read; the first is what is written where nobody says (OID4VP-1.0 #response_encryption)."""
_COORDINATE_BYTES = 32


def generate_encryption_key(key_id: str) -> dict[str, str]:
    """A fresh private P-256 JWK for one exchange, with ``kid``, ``alg`` and ``use`` of encryption."""
    secret = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    public = secret.public_numbers
    numbers = {"x": public.x, "y": public.y, "d": secret.private_value}
    marks = {"kid": key_id, "alg": DIRECT_ALG, "use": "enc"}
    return {"kty": "EC", "crv": "P-256", **{name: _coordinate(value) for name, value in numbers.items()}, **marks}


def public_encryption_jwk(jwk: Any) -> dict[str, str]:
    """The public members of a P-256 JWK that is meant for encryption, with its ``kid`` if it has one.

    Raises:
        MalformedValueError: a member is missing or of the wrong form, or the point is off the curve.
        CryptographicSecurityError: the key is meant for something else.
    """
    if not isinstance(jwk, Mapping):
        raise MalformedValueError("a key must be an object")
    if jwk.get("use", "enc") != "enc" or jwk.get("alg", DIRECT_ALG) != DIRECT_ALG:
        raise CryptographicSecurityError("this key is not meant for sealing messages")
    if (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        raise MalformedValueError("this is not a P-256 key")
    x, y = (_number(member(jwk, name, str)) for name in ("x", "y"))
    try:
        ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError as error:
        raise MalformedValueError("the key is not a point of its curve") from error
    named = {"kid": member(jwk, "kid", str)} if "kid" in jwk else {}
    return {"kty": "EC", "crv": "P-256", "x": _coordinate(x), "y": _coordinate(y), **named, "alg": DIRECT_ALG,
            "use": "enc"}


def encrypt_direct(payload: bytes, recipient_jwk: Mapping[str, Any], *, enc: str = DIRECT_ENCS[0],
                   header: Mapping[str, str] | None = None) -> str:
    """Encrypt ``payload`` to a P-256 key, in compact serialization.

    Args:
        recipient_jwk: The public key; its ``kid`` is copied into the header.
        enc: One of ``DIRECT_ENCS``.
        header: ``typ``, ``cty``, ``apu`` or ``apv``.

    Raises:
        MalformedValueError: an empty payload, another header member, or no P-256 key.
        CryptographicSecurityError: another algorithm, or a key that is meant for something else.
    """
    extra = dict(header or {})
    if not extra.keys() <= {"typ", "cty", "apu", "apv"} or not payload:
        raise MalformedValueError("there is nothing to seal, or a header member is reserved")
    if enc not in DIRECT_ENCS:
        raise CryptographicSecurityError("the algorithm of the sealed text is not allowed")
    public = public_encryption_jwk(recipient_jwk)
    named = {"kid": public["kid"]} if "kid" in public else {}
    key = {name: public[name] for name in ("kty", "crv", "x", "y")}
    return seal_with(payload, {"alg": DIRECT_ALG, "enc": enc, **named, **extra}, key)


def peek_jwe_header(jwe: Any) -> JSONObject:
    """The protected header of a compact JWE, before trust: for finding out which key it names.

    Raises:
        ParsingError, MalformedValueError, CryptographicSecurityError: see ``decrypt_direct``.
    """
    return protected_header(jwe, key_bytes=0)


def decrypt_direct(jwe: Any, private_jwk: Mapping[str, Any], *, encs: Collection[str] = DIRECT_ENCS) -> bytes:
    """Open what was sealed for ``private_jwk``.

    Args:
        encs: The content encryptions that were offered.

    Raises:
        ParsingError: no compact JWE.
        MalformedValueError: a header member of the wrong form, or no P-256 key.
        CryptographicSecurityError: another algorithm, another ``kid``, ``zip``, ``crit`` or any member we do not know.
        ProofVerificationError: it was sealed for another key, or was changed.

    Spec: RFC7516 #section-5.2
    """
    _check_header(peek_jwe_header(jwe), private_jwk, encs)
    key = {name: member(private_jwk, name, str) for name in ("kty", "crv", "x", "y", "d")}
    return open_with(jwe, key, (DIRECT_ALG, *encs))


def _check_header(header: JSONObject, private_jwk: Mapping[str, Any], encs: Collection[str]) -> None:
    epk = check_members(header, alg=DIRECT_ALG, encs=encs)
    if header.get("kid", private_jwk.get("kid")) != private_jwk.get("kid"):
        raise CryptographicSecurityError("the text was sealed for another key")
    public_encryption_jwk({name: value for name, value in epk.items() if name in ("kty", "crv", "x", "y")})


def _number(coordinate: str) -> int:
    try:
        raw = base64url_decode(coordinate)
    except ParsingError as error:
        raise MalformedValueError("a coordinate of the key is not base64url") from error
    if len(raw) != _COORDINATE_BYTES:
        raise MalformedValueError("a coordinate of the key has the wrong length")
    return int.from_bytes(raw, "big")


def _coordinate(value: int) -> str:
    return base64url_encode(value.to_bytes(_COORDINATE_BYTES, "big"))
