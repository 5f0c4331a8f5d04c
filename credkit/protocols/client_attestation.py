"""Wallet attestation, the server's half: does somebody known vouch for this wallet, and is it this wallet that asks?

Spec: draft-ietf-oauth-attestation-based-client-auth-10
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from credkit.errors import ParsingError, ProblemError, UnsupportedError
from credkit.jose import peek_header, peek_payload, thumbprint, verify_compact
from credkit.keys import PublicKey, public_key_from_jwk
from credkit.ports import JSONObject
from credkit.protocols._reading import CLOCK_SKEW_S, MAX_AGE_S, issued_lately, not_expired, optional_text, text
from credkit.protocols.oauth import protocol_error
from credkit.shape import member, numeric_date

METHOD: Final = "attest_jwt_client_auth"
HEADER: Final = "OAuth-Client-Attestation"
POP_HEADER: Final = "OAuth-Client-Attestation-PoP"
CHALLENGE_HEADER: Final = "OAuth-Client-Attestation-Challenge"
TYP: Final = "oauth-client-attestation+jwt"
POP_TYP: Final = "oauth-client-attestation-pop+jwt"
ALGORITHMS: Final = ("ES256", "ES384", "EdDSA", "Ed25519")
_MAX_CHARACTERS = 32_768
_MAX_JTI = 512

FindAttester = Callable[[JSONObject], PublicKey]
"""Header of an attestation → the key of an attester that is trusted; raises a ``ProblemError`` for anybody else."""


@dataclass(frozen=True)
class ClientAttestation:
    """A wallet that proved to be the one attested. ``is_trusted``: whether we know who attests it."""

    client_id: str
    thumbprint: str
    is_trusted: bool


def build_challenge_response(challenge: str) -> JSONObject:
    """The answer of the challenge endpoint; send it with ``Cache-Control: no-store`` (#section-6.1)."""
    return {"attestation_challenge": challenge}


def verify_client_attestation(attestation: str, pop: str, *, find_attester: FindAttester | None, audience: str,
                              now: datetime, is_fresh: Callable[[str], bool], is_new: Callable[[str, datetime], bool],
                              on_older: Callable[[], None] | None = None,
                              algorithms: Collection[str] = ALGORITHMS) -> ClientAttestation:
    """Verify the two headers of one request.

    Args:
        find_attester: None if no attester is known here: then who attests is not checked, everything else is.
        audience: Our issuer identifier as an authorization server.
        is_fresh: Whether a challenge is one that we gave out lately. A proof without one is taken by its time.
        is_new: Remembers a proof (a text that names key and ``jti``) until a moment; False if it was there before.
        on_older: Called for a proof of an older draft (``_moment_of_older``); None refuses those.
        algorithms: What both may be signed with.

    Raises:
        ProtocolError: ``invalid_client``, or ``use_attestation_challenge`` if all holds but for the challenge.

    Spec: draft-ietf-oauth-attestation-based-client-auth-10 #section-7
    """
    try:
        claims = _verify_attestation(attestation, find_attester, now, algorithms)
        client_id, jwk = text(claims, "sub"), member(member(claims, "cnf", dict), "jwk", dict, at="/cnf")
        payload = _verified(pop, public_key_from_jwk(jwk), POP_TYP, algorithms)
        if audience not in _audiences(payload):
            raise ParsingError("the proof of the wallet is for somebody else")
        is_older = on_older is not None and "iat" not in payload
        until = (_moment_of_older if is_older else _moment)(payload, client_id, now)
        jti, challenge = text(payload, "jti"), optional_text(payload, "challenge") or optional_text(payload, "nonce")
        if len(jti) > _MAX_JTI:
            raise ParsingError("the jti of the proof is too long")
        found = ClientAttestation(client_id, thumbprint(jwk), find_attester is not None)
    except (ProblemError, UnsupportedError) as problem:
        raise protocol_error("invalid_client", problem.detail) from problem
    if challenge is not None and not is_fresh(challenge):
        raise protocol_error("use_attestation_challenge", "the proof must hold the challenge of this answer")
    if not is_new(f"{found.thumbprint}|{jti}", until):
        raise protocol_error("invalid_client", "this proof of the wallet was used before")
    if is_older and on_older is not None:
        on_older()
    return found


def _verify_attestation(attestation: str, find_attester: FindAttester | None, now: datetime,
                        algorithms: Collection[str]) -> JSONObject:
    if find_attester is None:
        _check_size(attestation)
        if peek_header(attestation).get("typ") != TYP:
            raise ParsingError("this is no attestation of a wallet")
        claims = peek_payload(attestation)
    else:
        _check_size(attestation)
        claims = _verified(attestation, find_attester(peek_header(attestation)), TYP, algorithms)
    not_expired(claims, now, "the attestation of the wallet")
    for name in ("iat", "nbf"):
        begins = numeric_date(claims[name]) if name in claims else now
        if begins is None or begins > now + timedelta(seconds=CLOCK_SKEW_S):
            raise ParsingError("the attestation of the wallet is from the future")
    return claims


def _verified(token: str, key: PublicKey, typ: str, algorithms: Collection[str]) -> JSONObject:
    _check_size(token)
    if peek_header(token).get("alg") not in tuple(algorithms):
        raise ParsingError("a token of the wallet is made with an algorithm that is not taken here")
    return verify_compact(token, key, typ=typ)


def _check_size(token: str) -> None:
    if len(token) > _MAX_CHARACTERS:
        raise ParsingError("a token of the wallet is too long")


def _audiences(payload: JSONObject) -> list[Any]:
    audience = payload.get("aud")
    return audience if isinstance(audience, list) else [audience]


def _moment(payload: JSONObject, client_id: str, now: datetime) -> datetime:
    """When a proof will be too old, if it is of now."""
    issued = issued_lately(payload, now, "the proof of the wallet")
    if "iss" in payload and payload["iss"] != client_id:
        raise ParsingError("the proof is of another wallet than the attestation")
    if "exp" in payload:
        not_expired(payload, now, "the proof of the wallet")
    return issued + timedelta(seconds=MAX_AGE_S + CLOCK_SKEW_S)


def _moment_of_older(payload: JSONObject, client_id: str, now: datetime) -> datetime:
    """The proof as drafts up to 05 shaped it: ``iss`` and ``exp`` in the place of ``iat`` (protocols.md §5)."""
    if payload.get("iss") != client_id:
        raise ParsingError("the proof is of another wallet than the attestation")
    expires = not_expired(payload, now, "the proof of the wallet")
    if expires > now + timedelta(seconds=MAX_AGE_S + CLOCK_SKEW_S):
        raise ParsingError("the proof of the wallet is good for too long")
    return expires + timedelta(seconds=CLOCK_SKEW_S)
