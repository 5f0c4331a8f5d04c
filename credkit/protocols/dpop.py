"""DPoP, the server's half: is this request made by whoever holds the key that a token is bound to?

Spec: RFC9449
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from credkit.encoding import base64url_encode, sha256
from credkit.errors import ParsingError, ProblemError, ProtocolError, UnsupportedError
from credkit.jose import peek_header, thumbprint, verify_compact
from credkit.keys import public_key_from_jwk
from credkit.ports import JSONObject
from credkit.protocols._reading import CLOCK_SKEW_S, MAX_AGE_S, issued_lately, optional_text, split_url, text
from credkit.shape import member

HEADER: Final = "DPoP"
NONCE_HEADER: Final = "DPoP-Nonce"
TOKEN_TYPE: Final = "DPoP"
TYP: Final = "dpop+jwt"
ALGORITHMS: Final = ("ES256", "ES384", "EdDSA", "Ed25519")
_MAX_CHARACTERS = 8192
_MAX_JTI = 512


@dataclass(frozen=True)
class DpopProof:
    """A proof that holds. ``thumbprint`` names its key (RFC7638), as ``cnf.jkt`` and ``dpop_jkt`` do."""

    thumbprint: str
    jti: str


def verify_dpop_proof(proof: str, *, method: str, url: str, now: datetime, is_fresh: Callable[[str], bool],
                      is_new: Callable[[str, datetime], bool], access_token: str | None = None) -> DpopProof:
    """Verify the proof of one request.

    Args:
        proof: The ``DPoP`` header; two headers arrive as one with a comma, which is no JWS.
        method: Of the request. ``url``: of the request at our configured origin, never at the name it was sent to.
        is_fresh: Whether a nonce is one that we gave out lately.
        is_new: Remembers a proof (a text that names key and ``jti``) until a moment; False if it was there before.
        access_token: The token that comes with it, where one does (at a resource).

    Raises:
        ProtocolError: ``invalid_dpop_proof``, or ``use_dpop_nonce`` if all holds but for the nonce; status 400, at a
            resource 401.

    Spec: RFC9449 #section-4.3, #section-8, #section-9, #section-11.1
    """
    status = 400 if access_token is None else 401
    try:
        if len(proof) > _MAX_CHARACTERS:
            raise ParsingError("the DPoP proof is too long")
        header = peek_header(proof)
        if header.get("alg") not in ALGORITHMS:
            raise ParsingError("the DPoP proof is made with an algorithm that is not taken here")
        jwk = member(header, "jwk", dict)
        payload = verify_compact(proof, public_key_from_jwk(jwk), typ=TYP)
        until = _check_claims(payload, method, url, now, access_token)
        found, nonce = DpopProof(thumbprint(jwk), text(payload, "jti")), optional_text(payload, "nonce")
        if len(found.jti) > _MAX_JTI:
            raise ParsingError("the jti of the DPoP proof is too long")
    except (ProblemError, UnsupportedError) as problem:
        raise ProtocolError("invalid_dpop_proof", problem.detail, status) from problem
    if nonce is None or not is_fresh(nonce):
        raise ProtocolError("use_dpop_nonce", "the DPoP proof must hold the nonce that comes with this answer", status)
    if not is_new(f"{found.thumbprint}|{found.jti}", until):
        raise ProtocolError("invalid_dpop_proof", "this DPoP proof was used before", status)
    return found


def _check_claims(payload: JSONObject, method: str, url: str, now: datetime, access_token: str | None) -> datetime:
    """When a proof for this very request will be too old."""
    if payload.get("htm") != method:
        raise ParsingError("the DPoP proof is for another method")
    if _bare(text(payload, "htu")) != _bare(url):
        raise ParsingError("the DPoP proof is for another address")
    issued = issued_lately(payload, now, "the DPoP proof")
    if access_token is not None and payload.get("ath") != base64url_encode(sha256(access_token.encode("ascii"))):
        raise ParsingError("the DPoP proof is for another access token")
    return issued + timedelta(seconds=MAX_AGE_S + CLOCK_SKEW_S)


def _bare(url: str) -> str:
    """An address without query and fragment, scheme and host in small letters, the usual port left out."""
    parts = split_url(url.partition("#")[0])
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    usual = 443 if parts.scheme == "https" else 80
    place = f"{host}" + ("" if parts.port in (None, usual) else f":{parts.port}")
    return urlunsplit((parts.scheme, place, urlsplit(url).path or "/", "", ""))


def build_challenge(error: str) -> str:
    """The ``WWW-Authenticate`` header of a refusal at a resource (RFC9449 #section-7.1)."""
    return f'{TOKEN_TYPE} error="{error}", algs="{" ".join(ALGORITHMS)}"'


def parse_thumbprint(value: str | None) -> str | None:
    """``dpop_jkt`` of an authorization request; ``ParsingError`` for what is no SHA-256 thumbprint."""
    if value is not None and (len(value) != 43 or not value.replace("-", "a").replace("_", "a").isalnum()
                              or not value.isascii()):
        raise ParsingError("dpop_jkt is not the thumbprint of a key")
    return value
