"""OpenID4VP 1.0: the signed request object.

Spec: OID4VP-1.0 #vp_token_request; RFC9101
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final

from credkit.dids import DidDocument, Resolver, web_document_url
from credkit.errors import IssuerBindingError, ParsingError, UnsupportedError
from credkit.jose import peek_header, peek_payload, verify_compact
from credkit.keys import PublicKey
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.protocols._reading import optional_text, origin_of, plain_text, reading, request_time, strings, text
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vp.messages import AuthorizationRequest, ClientId
from credkit.shape import member, optional_member

REQUEST_OBJECT_TYPE: Final = "oauth-authz-req+jwt"
DID_PREFIX: Final = "decentralized_identifier"
AUDIENCE: Final = "https://self-issued.me/v2"
CLOCK_SKEW_S: Final = 60
SD_JWT_ALGORITHMS: Final = ("ES256", "ES384", "EdDSA")
"""What the signer of an SD-JWT and its holder may sign with."""
_PREFIXES_NOT_SPOKEN = ("redirect_uri", "openid_federation", "verifier_attestation", "x509_san_dns", "x509_hash")
_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,4096}")
_MAX_CLIENT_ID_CHARACTERS = 2048
_MAX_PURPOSE = 300
_MAX_NAME = 100


def build_client_id(did: str) -> str:
    """The client identifier of a verifier known by its DID: ``decentralized_identifier:did:…``."""
    return f"{DID_PREFIX}:{did}"


def parse_client_id(value: Any) -> ClientId:
    """Read a client identifier; the prefix is what stands before the first colon.

    Raises:
        ProtocolError: ``invalid_request``: absent, empty, or with the reserved prefix ``origin``.
        UnsupportedError: another prefix than ``decentralized_identifier``, or a client to be registered beforehand.

    Spec: OID4VP-1.0 #client_identifier_prefixes
    """
    if not isinstance(value, str) or not value or len(value) > _MAX_CLIENT_ID_CHARACTERS:
        raise protocol_error("invalid_request", "the request does not say who asks")
    prefix, mark, identifier = value.partition(":")
    if mark and prefix == "origin":
        raise protocol_error("invalid_request", "the request names itself in a way that only browsers may use")
    if mark and prefix in _PREFIXES_NOT_SPOKEN:
        raise UnsupportedError("who asks is named in a way that this program does not speak")
    if not mark or prefix != DID_PREFIX:
        raise UnsupportedError("who asks would have to be registered here beforehand")
    if not identifier.startswith("did:"):
        raise protocol_error("invalid_request", "the request names itself by something that is no DID")
    return ClientId(value, prefix, identifier)


def peek_request_object(request: str) -> JSONObject:
    """The members of a request object whose signature has not been checked: for logs and messages, not for decisions.

    Raises:
        ProtocolError: ``invalid_request``: no compact JWS.
    """
    with reading("invalid_request"):
        return peek_payload(request)


def verify_request_object(request: str, *, client_id: ClientId, resolver: Resolver, now: datetime,
                          wallet_nonce: str | None = None) -> AuthorizationRequest:
    """Verify a request object and read it.

    Args:
        request: Compact JWS.
        client_id: The one of the link (``OuterRequest.client_id``); the signed one must be the same, prefix included.
        wallet_nonce: What was posted when fetching it; the object must repeat it.

    Raises:
        ProtocolError: ``invalid_request``, ``invalid_transaction_data``: forged, for another, expired, or malformed.
        UnsupportedError: a client identifier, response mode or DID method that is not spoken here.
        FetchError, DidNotFoundError: the verifier's DID document could not be had: could not check.

    Spec: OID4VP-1.0 #client_identifier_prefixes, #request_uri_method_post; RFC9101 #section-6; security.md E07, E08
    """
    with reading("invalid_request"):
        header, claims = peek_header(request), peek_payload(request)
        # Both before the DID is resolved: no other kind of token makes us fetch, nor a link that names somebody else.
        if header.get("typ") != REQUEST_OBJECT_TYPE:
            raise ParsingError("this is no signed request")
        if claims.get("client_id") != client_id.text:
            raise ParsingError("the link and the signed request name different parties")
        did, origin = client_id.identifier, _origin_of_did(client_id.identifier)
        public_key = _key_of(text(header, "kid"), resolver.resolve(did))
        payload = verify_compact(request, public_key, typ=REQUEST_OBJECT_TYPE)
        _check_binding(payload, origin, now, wallet_nonce)
    return _read_request(payload, client_id, origin)


def _origin_of_did(did: str) -> str:
    """The origin at which a did:web lives; only these DIDs have one. Whether loopback may be, the resolver says."""
    if not did.startswith("did:web:"):
        raise UnsupportedError("who asks is named by a kind of identifier that has no address of its own")
    return origin_of(web_document_url(did, allow_loopback=True))


def _key_of(kid: str, document: DidDocument) -> PublicKey:
    try:
        return document.verification_method(kid, "authentication").public_key
    except IssuerBindingError:
        return document.verification_method(kid, "assertionMethod").public_key


def _check_binding(payload: JSONObject, origin: str, now: datetime, wallet_nonce: str | None) -> None:
    if payload.get("aud") != AUDIENCE:
        raise ParsingError("the request is meant for somebody else")
    if wallet_nonce is not None and payload.get("wallet_nonce") != wallet_nonce:
        raise ParsingError("the request was not made for this wallet")
    skew = timedelta(seconds=CLOCK_SKEW_S)
    expires, begins, issued = (_moment(payload, name) for name in ("exp", "nbf", "iat"))
    if expires is not None and expires <= now - skew:
        raise ParsingError("the request has expired")
    if any(moment is not None and moment > now + skew for moment in (begins, issued)):
        raise ParsingError("the request is from the future")
    if "redirect_uri" in payload:
        raise ParsingError("the request names two places for the answer")
    if origin_of(payload.get("response_uri")) != origin:
        raise ParsingError("the answer would go to somebody else than who asks")


def _moment(payload: JSONObject, name: str) -> datetime | None:
    if name not in payload:
        return None
    return request_time(member(payload, name, object))


def _read_request(payload: JSONObject, client_id: ClientId, origin: str) -> AuthorizationRequest:
    if "transaction_data" in payload:
        raise protocol_error("invalid_transaction_data", "the request asks to authorize something as well")
    with reading("invalid_request"):
        if payload.get("response_type") != "vp_token":
            raise ParsingError("the request asks for something other than presentations")
        if payload.get("response_mode") != "direct_post":
            raise UnsupportedError("the request asks for an answer in a way that is not spoken here")
        if ("dcql_query" in payload) == ("scope" in payload):
            raise ParsingError("the request must hold one question")
        if "scope" in payload:
            raise UnsupportedError("the request asks by a name that is not known here")
        query = dcql.parse_query(member(payload, "dcql_query", dict))
        state = optional_text(payload, "state")
        if state is None and not all(entry.require_cryptographic_holder_binding for entry in query.credentials):
            raise ParsingError("the request must hold a state")
        nonce = text(payload, "nonce")
        if not all(_URL_SAFE.fullmatch(value) for value in (nonce, state) if value is not None):
            raise ParsingError("the request holds a nonce or state with characters that must not be there")
        metadata = member(payload, "client_metadata", dict)
        purpose = payload.get("purpose")
        return AuthorizationRequest(
            client_id=client_id, did=client_id.identifier, origin=origin, response_uri=text(payload, "response_uri"),
            nonce=nonce, state=state, query=query, cryptosuites=_cryptosuites(metadata),
            key_binding_algorithms=_key_binding_algorithms(metadata),
            purpose=plain_text(purpose if isinstance(purpose, str) else None, _MAX_PURPOSE),
            client_name=plain_text(optional_text(metadata, "client_name"), _MAX_NAME),
            expires_at=_moment(payload, "exp"), purpose_until=_moment(payload, "purpose_until"),
        )


def _cryptosuites(metadata: JSONObject) -> tuple[str, ...]:
    formats = member(metadata, "vp_formats_supported", dict, at="/client_metadata")
    ldp_vc = optional_member(formats, "ldp_vc", dict, at="/client_metadata/vp_formats_supported")
    if ldp_vc is None:
        return ()
    strings(ldp_vc, "proof_type_values")
    return strings(ldp_vc, "cryptosuite_values")


def _key_binding_algorithms(metadata: JSONObject) -> tuple[str, ...]:
    formats = member(metadata, "vp_formats_supported", dict, at="/client_metadata")
    sd_jwt = optional_member(formats, dcql.SD_JWT, dict, at="/client_metadata/vp_formats_supported")
    return () if sd_jwt is None else strings(sd_jwt, "kb-jwt_alg_values")
