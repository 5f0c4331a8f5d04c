"""OpenID4VP 1.0: reading a request, and finding out who asks: by the prefix of the client identifier.

Spec: OID4VP-1.0 #vp_token_request, #client_identifier_prefixes; RFC9101
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from credkit.dids import DidDocument, Resolver, web_document_url
from credkit.encoding import base64url_decode, parse_json_object
from credkit.errors import IssuerBindingError, ParsingError, UnsupportedError
from credkit.jose import peek_header, peek_payload, verify_compact
from credkit.keys import PublicKey
from credkit.ports import JSONObject
from credkit.protocols import dcql
from credkit.protocols._reading import (
    optional_text,
    origin_of,
    plain_text,
    reading,
    request_time,
    split_url,
    strings,
    text,
)
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vp._v1_0_request import (
    AUDIENCE,
    DID_PREFIX,
    PREFIXES,
    REDIRECT_URI,
    REQUEST_OBJECT_TYPE,
    X509_HASH,
    X509_SAN_DNS,
)
from credkit.protocols.oid4vp._v1_0_sealing import response_key_of
from credkit.protocols.oid4vp.messages import AuthorizationRequest, ClientId, Vouched
from credkit.shape import member, optional_member
from credkit.x509 import NO_ANCHORS, Anchors, Certificate, hash_of, verify_chain

CLOCK_SKEW_S: Final = 60
_PREFIXES_NOT_SPOKEN = ("openid_federation", "verifier_attestation")
_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,4096}")
_DNS_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{0,251}[a-z0-9]")
_HASH = re.compile(r"[A-Za-z0-9_-]{43}")
_DIDS = ("did:web:", "did:key:", "did:jwk:")
_JSON_PARAMETERS = ("dcql_query", "client_metadata")
_NUMBERS = ("exp", "nbf", "iat", "purpose_until")
_DIGITS = re.compile(r"[0-9]{1,15}", re.ASCII)
_MAX_CLIENT_ID_CHARACTERS = 2048
_MAX_PURPOSE = 300
_MAX_NAME = 100


class _Asker(NamedTuple):
    """Whom a signature or an address makes sure of.

    Attributes:
        origin: Where the answer has to go; None if who asks may choose.
        certified: Names that somebody else than the asker vouches for, the best first.
    """

    vouched: Vouched
    origin: str | None
    did: str | None = None
    certified: tuple[str, ...] = ()


def parse_client_id(value: Any) -> ClientId:
    """Read a client identifier; the prefix is what stands before the first colon.

    Raises:
        ProtocolError: ``invalid_request``: absent, empty, malformed, or with the reserved prefix ``origin``.
        UnsupportedError: another prefix than ``PREFIXES``, or a client to be registered beforehand.

    Spec: OID4VP-1.0 #client_identifier_prefixes
    """
    if not isinstance(value, str) or not value or len(value) > _MAX_CLIENT_ID_CHARACTERS:
        raise protocol_error("invalid_request", "the request does not say who asks")
    prefix, mark, identifier = value.partition(":")
    if mark and prefix == "origin":
        raise protocol_error("invalid_request", "the request names itself in a way that only browsers may use")
    if mark and prefix in _PREFIXES_NOT_SPOKEN:
        raise UnsupportedError("who asks is named in a way that this program does not speak")
    if not mark or prefix not in PREFIXES:
        raise UnsupportedError("who asks would have to be registered here beforehand")
    with reading("invalid_request"):
        _check_identifier(prefix, identifier)
    return ClientId(value, prefix, identifier)


def _check_identifier(prefix: str, identifier: str) -> None:
    if prefix == DID_PREFIX and not identifier.startswith("did:"):
        raise ParsingError("the request names itself by something that is no DID")
    if prefix == X509_SAN_DNS and not _DNS_NAME.fullmatch(identifier):
        raise ParsingError("the request names itself by something that is no name of a host")
    if prefix == X509_HASH and not _HASH.fullmatch(identifier):
        raise ParsingError("the request names itself by something that is no digest of a certificate")
    if prefix == REDIRECT_URI:
        split_url(identifier)


def verify_request_object(request: str, *, client_id: ClientId, resolver: Resolver, now: datetime,
                          wallet_nonce: str | None = None, anchors: Anchors = NO_ANCHORS) -> AuthorizationRequest:
    """Verify a request object and read it.

    Args:
        request: Compact JWS; of a party named by its address an unsecured JWT, which nobody's signature could secure.
        client_id: The one of the link (``OuterRequest.client_id``); the signed one must be the same, prefix included.
        wallet_nonce: What was posted when fetching it; the object must repeat it.
        anchors: Whose word about the names in certificates is taken.

    Raises:
        ProtocolError: ``invalid_request``, ``invalid_transaction_data``: forged, for another, expired, or malformed.
        UnsupportedError: a client identifier, response mode or DID method that is not spoken here.
        FetchError, DidNotFoundError: the verifier's DID document could not be had: could not check.

    Spec: OID4VP-1.0 #client_identifier_prefixes, #request_uri_method_post; RFC9101 #section-6; security.md E07, E08
    """
    with reading("invalid_request"):
        if client_id.prefix == REDIRECT_URI:
            header, claims = _read_unsecured(request)
        else:
            header, claims = peek_header(request), peek_payload(request)
        # Both before anything is resolved: no other kind of token makes us fetch, nor a link that names somebody else.
        if header.get("typ") != REQUEST_OBJECT_TYPE:
            raise ParsingError("this is no signed request")
        if claims.get("client_id") != client_id.text:
            raise ParsingError("the link and the signed request name different parties")
        payload, asker = claims, _Asker("nobody", None)
        if client_id.prefix != REDIRECT_URI:
            key, asker = _find_asker(header, client_id, resolver, anchors, now)
            payload = verify_compact(request, key, typ=REQUEST_OBJECT_TYPE)
        if payload.get("aud") != AUDIENCE:
            raise ParsingError("the request is meant for somebody else")
        if wallet_nonce is not None and payload.get("wallet_nonce") != wallet_nonce:
            raise ParsingError("the request was not made for this wallet")
        _check_times(payload, now)
    return _read_request(payload, client_id, asker)


def parse_plain_request(parameters: Mapping[str, str], *, client_id: ClientId, now: datetime) -> AuthorizationRequest:
    """Read a request whose parameters stand in the link itself: of a party named by its address alone.

    Raises:
        ProtocolError: ``invalid_request``, ``invalid_transaction_data``: malformed; or somebody whose requests are
            signed, as the prefix says.
        UnsupportedError: a response mode that is not spoken here.

    Spec: OID4VP-1.0 #client_identifier_prefixes
    """
    if client_id.prefix != REDIRECT_URI:
        raise protocol_error("invalid_request", "the link holds no signed request")
    with reading("invalid_request"):
        payload: JSONObject = {name: _plain_value(name, value) for name, value in parameters.items()}
        _check_times(payload, now)
    return _read_request(payload, client_id, _Asker("nobody", None))


def _plain_value(name: str, value: str) -> Any:
    """A parameter as the request object would have it."""
    if name in _JSON_PARAMETERS:
        return parse_json_object(value)
    return int(value) if name in _NUMBERS and _DIGITS.fullmatch(value) else value


def _read_unsecured(request: str) -> tuple[JSONObject, JSONObject]:
    """Header and payload of an unsecured JWT (RFC7519 #section-6); a signature would say something nobody can check."""
    parts = request.split(".") if isinstance(request, str) else []
    if len(parts) != 3 or parts[2]:
        raise ParsingError("a request of a party that is named by its address cannot be signed")
    header, payload = (parse_json_object(base64url_decode(part)) for part in parts[:2])
    if header.get("alg") != "none" or "crit" in header:
        raise ParsingError("a request of a party that is named by its address cannot be signed")
    return header, payload


def _find_asker(header: JSONObject, client_id: ClientId, resolver: Resolver, anchors: Anchors,
                now: datetime) -> tuple[PublicKey, _Asker]:
    """The key that must have signed, and whom it stands for."""
    if client_id.prefix == DID_PREFIX:
        did = client_id.identifier
        asker = _asker_of_did(did)
        return _key_of(text(header, "kid"), resolver.resolve(did)), asker
    certificate = verify_chain(header.get("x5c"), anchors, now)
    if client_id.prefix == X509_HASH:
        if hash_of(certificate.der) != client_id.identifier:
            raise IssuerBindingError("the certificate is not the one that the request names")
        return certificate.public_key, _Asker("certificate", None, certified=_names_in(certificate))
    if client_id.identifier not in certificate.dns_names:
        raise IssuerBindingError("the certificate is for another host than the request names")
    return certificate.public_key, _Asker("certificate", f"//{client_id.identifier}",
                                          certified=(client_id.identifier,))


def _names_in(certificate: Certificate) -> tuple[str, ...]:
    named = plain_text(certificate.subject, _MAX_NAME)
    return (*certificate.dns_names, *((named,) if named else ()))


def _asker_of_did(did: str) -> _Asker:
    """Who a DID stands for; only did:web has an address. Whether loopback may be, the resolver says."""
    if not did.startswith(_DIDS):
        raise UnsupportedError("who asks is named by a kind of identifier that is not spoken here")
    if not did.startswith("did:web:"):
        return _Asker("key", None, did)
    origin = origin_of(web_document_url(did, allow_loopback=True))
    return _Asker("did", origin, did, (origin.partition("://")[2],))


def _key_of(kid: str, document: DidDocument) -> PublicKey:
    try:
        return document.verification_method(kid, "authentication").public_key
    except IssuerBindingError:
        return document.verification_method(kid, "assertionMethod").public_key


def _check_times(payload: JSONObject, now: datetime) -> None:
    skew = timedelta(seconds=CLOCK_SKEW_S)
    expires, begins, issued = (_moment(payload, name) for name in ("exp", "nbf", "iat"))
    if expires is not None and expires <= now - skew:
        raise ParsingError("the request has expired")
    if any(moment is not None and moment > now + skew for moment in (begins, issued)):
        raise ParsingError("the request is from the future")


def _moment(payload: JSONObject, name: str) -> datetime | None:
    if name not in payload:
        return None
    return request_time(member(payload, name, object))


def _destination(payload: JSONObject, client_id: ClientId, asker: _Asker) -> str:
    """The origin to which the answer goes, if who asks may have it sent there.

    Spec: OID4VP-1.0 #response_mode_post, #client_identifier_prefixes
    """
    if "redirect_uri" in payload:
        raise ParsingError("the request names two places for the answer")
    origin = origin_of(payload.get("response_uri"))
    if asker.origin is not None and asker.origin.startswith("//"):
        wanted = split_url(payload["response_uri"]).hostname == asker.origin[2:]
    else:
        wanted = asker.origin in (None, origin)
    if client_id.prefix == REDIRECT_URI:
        wanted = payload["response_uri"] == client_id.identifier
    if not wanted:
        raise ParsingError("the answer would go to somebody else than who asks")
    return origin


def _read_request(payload: JSONObject, client_id: ClientId, asker: _Asker) -> AuthorizationRequest:
    if "transaction_data" in payload:
        raise protocol_error("invalid_transaction_data", "the request asks to authorize something as well")
    with reading("invalid_request"):
        origin = _destination(payload, client_id, asker)
        query, nonce, state = _read_question(payload)
        metadata = optional_member(payload, "client_metadata", dict) or {}
        mode, purpose = payload.get("response_mode"), payload.get("purpose")
        if mode not in ("direct_post", "direct_post.jwt"):
            raise UnsupportedError("the request asks for an answer in a way that is not spoken here")
        formats = optional_member(metadata, "vp_formats_supported", dict, at="/client_metadata") or {}
        ldp_vc = _format(formats, dcql.FORMAT)
        strings(ldp_vc, "proof_type_values")
        return AuthorizationRequest(
            client_id=client_id, did=asker.did, origin=origin, response_uri=text(payload, "response_uri"),
            nonce=nonce, state=state, query=query, cryptosuites=strings(ldp_vc, "cryptosuite_values"),
            key_binding_algorithms=strings(_format(formats, dcql.SD_JWT), "kb-jwt_alg_values"),
            jwt_algorithms=strings(_format(formats, "jwt_vc_json"), "alg_values"),
            purpose=plain_text(purpose if isinstance(purpose, str) else None, _MAX_PURPOSE),
            client_name=plain_text(optional_text(metadata, "client_name"), _MAX_NAME),
            expires_at=_moment(payload, "exp"), purpose_until=_moment(payload, "purpose_until"),
            vouched=asker.vouched, certified_names=asker.certified,
            response_key=response_key_of(metadata) if mode == "direct_post.jwt" else None,
        )


def _read_question(payload: JSONObject) -> tuple[dcql.Query, str, str | None]:
    """The question, the nonce and the state."""
    if payload.get("response_type") != "vp_token":
        raise ParsingError("the request asks for something other than presentations")
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
    return query, nonce, state


def _format(formats: JSONObject, name: str) -> JSONObject:
    return optional_member(formats, name, dict, at="/client_metadata/vp_formats_supported") or {}
