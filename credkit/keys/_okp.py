"""Octet key pairs: what Ed25519 and BLS12-381 share. Spec: RFC8037 #section-2"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import MalformedValueError, ParsingError
from credkit.shape import member

KTY = "OKP"


def okp_jwk(curve: str, raw: bytes) -> dict[str, str]:
    """The public JWK of the raw key."""
    return {"kty": KTY, "crv": curve, "x": base64url_encode(raw)}


def raw_of_okp_jwk(jwk: Mapping[str, Any]) -> bytes:
    """The raw key; ``MalformedValueError`` where ``x`` is missing or not base64url."""
    try:
        return base64url_decode(member(jwk, "x", str))
    except ParsingError as error:
        raise MalformedValueError("a coordinate of the key is not base64url") from error
