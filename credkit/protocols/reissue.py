"""Asking an issuer to make a record anew for a fresh key and take the old one back. No input or output.

A wallet asks when somebody who could open a record's key may see it no longer (security.md G03). It posts a compact JWS
signed by the record's own key to ``{issuer origin}/reissue`` and gets 202 ``{"request": id}``. A registrar decides. The
wallet reads ``{issuer origin}/reissue/{id}``: ``{"state": "waiting"}``, ``{"state": "refused"}``, or
``{"state": "ready", "offer": uri}``; the code that goes with the offer is given by the office, apart. Whoever asks
without right gets one and the same answer, whatever is wrong, so that nobody learns which records exist.

Source: our own protocol between our roles; the proof follows OID4VCI-1.0 #jwt-proof-type, the offer is one of OID4VCI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from credkit.dids import Resolver
from credkit.errors import FetchError, ParsingError, ProblemError, ProtocolError, UnsupportedError
from credkit.jose import peek_header, sign_compact, verify_compact
from credkit.ports import JSONObject, Signer
from credkit.protocols._reading import (
    Message,
    json_object,
    optional_text,
    plain_text,
    reading,
    request_time,
    split_url,
    text,
)
from credkit.protocols.oauth import protocol_error
from credkit.shape import member

REQUEST_TYPE: Final = "backpack-reissue+jwt"
CONTENT_TYPE: Final = "application/jwt"
WAITING, REFUSED, READY = "waiting", "refused", "ready"
STATES: Final = (WAITING, REFUSED, READY)
MAX_AGE_S: Final = 300
CLOCK_SKEW_S: Final = 60
MAX_REQUEST_CHARACTERS: Final = 8192
_MAX_REASON = 300
_JTI = re.compile(r"[A-Za-z0-9_-]{22,128}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HOLDER_DID_METHODS = ("did:key:", "did:jwk:")
_REFUSAL = "the request to make a record anew cannot be taken"


@dataclass(frozen=True)
class ReissueRequest:
    """A request whose signature holds.

    Attributes:
        credential: Id of the record.
        holder: DID of the key that signed; the issuer compares it with the one it gave the record to.
        jti: The request's own random name; good once.
        reason: Why, in the family's words, fit to be shown; None if not said.
    """

    credential: str
    holder: str
    jti: str
    issued_at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class ReissueState:
    """Where a request stands; ``offer`` is the address of the credential offer once it is ``ready``."""

    state: str
    offer: str | None = None


def build_request(signer: Signer, *, audience: str, credential: str, jti: str, now: datetime,
                  reason: str | None = None) -> str:
    """A request as compact JWS.

    Args:
        signer: The key the record was issued to; its ``verification_method`` is a did:key URL.
        audience: The issuer's DID.
        credential: The record's id.
        jti: At least 128 random bits as base64url text, new for each request.
    """
    claims: JSONObject = {"aud": audience, "credential": credential, "iat": int(now.timestamp()), "jti": jti}
    if reason is not None:
        claims["reason"] = reason
    return sign_compact(claims, signer, typ=REQUEST_TYPE, header={"kid": signer.verification_method})


def verify_request(request: str, *, audience: str, now: datetime, resolver: Resolver) -> ReissueRequest:
    """Verify a request and read it. Whether the key is the record's, and the ``jti`` new, the issuer knows alone.

    Args:
        audience: The issuer's own DID, exactly.
        resolver: Asked for did:key and did:jwk only, which need no network.

    Raises:
        ProtocolError: ``invalid_request``, always with the words of ``refusal``.

    Spec: security.md B01, B02, B11, E03
    """
    try:
        if not isinstance(request, str) or len(request) > MAX_REQUEST_CHARACTERS:
            raise ParsingError("the request is not a short text")
        kid = text(peek_header(request), "kid")
        did, mark, _ = kid.partition("#")
        if not mark or not did.startswith(_HOLDER_DID_METHODS):
            raise ParsingError("the request names its key in a way that is not supported")
        key = resolver.resolve(did).verification_method(kid, "authentication").public_key
        return _read(verify_compact(request, key, typ=REQUEST_TYPE), did, audience, now)
    except (ProblemError, UnsupportedError, FetchError) as problem:
        raise refusal() from problem


def refusal() -> ProtocolError:
    """The one answer to everybody who may not ask: forged, replayed, for another issuer, about no record of theirs."""
    return protocol_error("invalid_request", _REFUSAL)


def _read(claims: JSONObject, did: str, audience: str, now: datetime) -> ReissueRequest:
    if claims.get("aud") != audience:
        raise ParsingError("the request is for somebody else")
    issued, jti = request_time(member(claims, "iat", object)), text(claims, "jti")
    if not now - timedelta(seconds=MAX_AGE_S) <= issued <= now + timedelta(seconds=CLOCK_SKEW_S):
        raise ParsingError("the request is too old or from the future")
    if not _JTI.fullmatch(jti):
        raise ParsingError("the request has no name of its own")
    return ReissueRequest(text(claims, "credential"), did, jti, issued,
                          plain_text(optional_text(claims, "reason"), _MAX_REASON))


def build_accepted(request_id: str) -> JSONObject:
    """The issuer's answer to a request it took, with HTTP status 202."""
    return {"request": request_id}


def parse_accepted(message: Message) -> str:
    """The id under which the request's state can be read.

    Raises:
        ProtocolError: ``invalid_response``.
    """
    with reading("invalid_response"):
        request_id = text(json_object(message), "request")
        if not _ID.fullmatch(request_id):
            raise ParsingError("the issuer's answer names no request")
        return request_id


def build_state(state: ReissueState) -> JSONObject:
    """Where a request stands, as the issuer says it."""
    return {"state": state.state} if state.offer is None else {"state": state.state, "offer": state.offer}


def parse_state(message: Message) -> ReissueState:
    """Read where a request stands.

    Raises:
        ProtocolError: ``invalid_response``: an unknown state, ``ready`` without an offer, or no https address.
    """
    with reading("invalid_response"):
        document = json_object(message)
        state, offer = text(document, "state"), optional_text(document, "offer")
        if state not in STATES or (state == READY) != (offer is not None):
            raise ParsingError("the issuer says something else than where the request stands")
        if offer is not None:
            split_url(offer)
        return ReissueState(state, offer)
