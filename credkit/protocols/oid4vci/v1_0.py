"""OpenID for Verifiable Credential Issuance 1.0: the field names of its messages. No input or output.

A reader takes the body as it came (bytes) or parsed, ignores members it does not know, and raises ``ProtocolError``
and nothing else. A builder returns the JSON object, or the text of the form, that goes out. The documents about issuers
are in ``_v1_0_metadata``, asking for leave in ``_v1_0_authorization``, the proofs of possession in ``_v1_0_proofs``;
all are reached through this module.

Spec: OID4VCI-1.0
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final, get_args
from urllib.parse import urlencode

from credkit.errors import ParsingError
from credkit.ports import JSONObject
from credkit.protocols._presentation_proof import PRESENTATION_SUITES
from credkit.protocols._reading import (
    Form,
    Message,
    form_body,
    form_parameters,
    json_object,
    objects,
    optional_text,
    plain_text,
    reading,
    split_url,
    strings,
    text,
)
from credkit.protocols.links import Links, build_links, link_parameters
from credkit.protocols.oauth import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE, protocol_error
from credkit.protocols.oid4vci._v1_0_attestations import build_key_attestation
from credkit.protocols.oid4vci._v1_0_authorization import (
    DETAIL_TYPE,
    REQUEST_URI,
    RESOURCES,
    build_authorization_answer,
    build_detail,
    build_pushed_response,
    parse_authorization_client,
    parse_authorization_form,
    parse_authorization_request,
    parse_code_token_request,
    parse_details,
    read_details,
)
from credkit.protocols.oid4vci._v1_0_encryption import Sealing, parse_sealing
from credkit.protocols.oid4vci._v1_0_metadata import (
    authorization_server_of,
    build_issuer_metadata,
    check_issuer_metadata,
    issuer_metadata_urls,
    parse_issuer_metadata,
    server_metadata_urls,
)
from credkit.protocols.oid4vci._v1_0_proofs import (
    DEFAULT_ALGORITHMS,
    PROOF_TYPE,
    ProofRules,
    build_key_proof,
    verify_key_proof,
    verify_key_proofs,
    verify_proofs,
)
from credkit.protocols.oid4vci._v1_0_sealed import (
    SEALED_CONTENT_TYPE,
    build_encryption_metadata,
    open_request,
    parse_response_encryption,
    seal_response,
)
from credkit.protocols.oid4vci.messages import (
    AuthorizationCodeGrant,
    CodeTokenRequest,
    CredentialOffer,
    CredentialRequest,
    CredentialResponse,
    DeferredRequest,
    NonceResponse,
    NotificationEvent,
    NotificationRequest,
    OfferReference,
    PreAuthorizedCodeGrant,
    TokenRequest,
    TokenResponse,
    TxCode,
)
from credkit.shape import optional_member, pointer

__all__ = [
    "DEFAULT_ALGORITHMS", "DETAIL_TYPE", "OFFER_SCHEME", "PRESENTATION_SUITES", "PROOF_TYPE",
    "REQUEST_URI", "SEALED_CONTENT_TYPE", "VERSION", "ProofRules", "Sealing", "authorization_server_of",
    "build_authorization_answer",
    "build_credential_request", "build_credential_response", "build_encryption_metadata", "build_issuer_metadata",
    "build_key_attestation", "build_key_proof", "build_nonce_response", "build_notification", "build_offer",
    "build_pushed_response", "build_token_request", "build_token_response", "check_issuer_metadata",
    "issuer_metadata_urls",
    "offer_links", "offer_value_link", "open_request", "parse_authorization_client", "parse_authorization_form",
    "parse_authorization_request", "parse_credential_request", "parse_credential_response", "parse_deferred_request",
    "parse_issuer_metadata", "parse_nonce_response", "parse_notification", "parse_offer", "parse_offer_uri",
    "parse_response_encryption", "parse_sealing", "parse_token_request", "parse_token_response", "seal_response",
    "server_metadata_urls", "verify_key_proof", "verify_key_proofs", "verify_proofs",
]

VERSION: Final = "1.0"
OFFER_SCHEME: Final = "openid-credential-offer"
_PROOF_TYPES = ("jwt", "di_vp", "attestation")
_MAX_PROOFS = 64
_MAX_DESCRIPTION = 300
_TOKEN = re.compile(r"[\x21-\x7E]{1,8192}")


def build_offer(offer: CredentialOffer) -> JSONObject:
    """The credential offer object (#credential-offer-parameters). Serve it as JSON with ``Cache-Control: no-store``."""
    document: JSONObject = {
        "credential_issuer": offer.credential_issuer,
        "credential_configuration_ids": list(offer.credential_configuration_ids),
    }
    grants: JSONObject = {}
    if offer.authorization_code is not None:
        grants[AUTHORIZATION_CODE] = _present(issuer_state=offer.authorization_code.issuer_state,
                                              authorization_server=offer.authorization_code.authorization_server)
    if offer.pre_authorized is not None:
        grant: JSONObject = {"pre-authorized_code": offer.pre_authorized.pre_authorized_code}
        code = offer.pre_authorized.tx_code
        if code is not None:
            grant["tx_code"] = _present(input_mode=code.input_mode, length=code.length, description=code.description)
        grants[PRE_AUTHORIZED_CODE] = grant | _present(authorization_server=offer.pre_authorized.authorization_server)
    return document | ({"grants": grants} if grants else {}) | _present(transfer_notice=offer.transfer_notice)


def offer_links(offer_url: str, wallets: Sequence[str] = (), *, scheme: str = OFFER_SCHEME) -> Links:
    """An offer by reference as links; ``wallets`` are the base addresses of wallets that have an ``/offer`` page."""
    return build_links(scheme, "offer", {"credential_offer_uri": offer_url}, wallets)


def offer_value_link(offer: JSONObject, *, scheme: str = OFFER_SCHEME) -> str:
    """An offer by value as a link: the whole of it stands there, its code too (#credential-offer)."""
    return f"{scheme}://?{urlencode({'credential_offer': json.dumps(offer, separators=(',', ':'))})}"


def parse_offer_uri(link: str) -> CredentialOffer | OfferReference:
    """Read an offer link: ``openid-credential-offer://?…`` or a wallet's https page with the same parameters.

    Returns:
        The offer itself, or where it has to be fetched from.

    Raises:
        ProtocolError: ``invalid_credential_offer``: no such link, both or neither of its parameters, no https address.

    Spec: OID4VCI-1.0 #credential-offer
    """
    with reading("invalid_credential_offer"):
        parameters = link_parameters(link, (OFFER_SCHEME,))
        by_value, by_reference = parameters.get("credential_offer"), parameters.get("credential_offer_uri")
        if (by_value is None) == (by_reference is None):
            raise ParsingError("the link must hold one offer")
        if by_reference is not None:
            split_url(by_reference)
            return OfferReference(by_reference)
    return parse_offer(by_value or "")


def parse_offer(message: Message) -> CredentialOffer:
    """Read a credential offer object.

    Raises:
        ProtocolError: ``invalid_credential_offer``.
    """
    with reading("invalid_credential_offer"):
        document = json_object(message)
        identifiers = strings(document, "credential_configuration_ids", required=True)
        if len(set(identifiers)) != len(identifiers):
            raise ParsingError("the offer names one kind of credential twice")
        issuer = text(document, "credential_issuer")
        split_url(issuer)
        grants = optional_member(document, "grants", dict) or {}
        return CredentialOffer(issuer, identifiers, _parse_pre_authorized(grants), _parse_authorization_code(grants),
                               optional_text(document, "transfer_notice"))


def _parse_pre_authorized(grants: JSONObject) -> PreAuthorizedCodeGrant | None:
    at = pointer("grants", PRE_AUTHORIZED_CODE)
    grant = optional_member(grants, PRE_AUTHORIZED_CODE, dict, at="/grants")
    if grant is None:
        return None
    code = optional_member(grant, "tx_code", dict, at=at)
    return PreAuthorizedCodeGrant(text(grant, "pre-authorized_code", at=at),
                                  None if code is None else _parse_tx_code(code),
                                  optional_text(grant, "authorization_server", at=at))


def _parse_tx_code(code: JSONObject) -> TxCode:
    at = pointer("grants", PRE_AUTHORIZED_CODE, "tx_code")
    mode, length = optional_text(code, "input_mode", at=at), optional_member(code, "length", int, at=at)
    if length is not None and not 0 < length <= 64:
        raise ParsingError("the length of the code is impossible", pointer=at)
    return TxCode("numeric" if mode in (None, "numeric") else "text", length,
                  plain_text(optional_text(code, "description", at=at), _MAX_DESCRIPTION))


def _parse_authorization_code(grants: JSONObject) -> AuthorizationCodeGrant | None:
    at = pointer("grants", AUTHORIZATION_CODE)
    grant = optional_member(grants, AUTHORIZATION_CODE, dict, at="/grants")
    if grant is None:
        return None
    return AuthorizationCodeGrant(optional_text(grant, "issuer_state", at=at),
                                  optional_text(grant, "authorization_server", at=at))


def build_token_request(request: TokenRequest) -> str:
    """The form that redeems a pre-authorized code (#token-request)."""
    details = None
    if request.authorization_details:
        details = json.dumps([build_detail(detail) for detail in request.authorization_details])
    return form_body({"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": request.pre_authorized_code,
                      "tx_code": request.tx_code, "client_id": request.client_id, "authorization_details": details})


def parse_token_request(form: Form) -> TokenRequest | CodeTokenRequest:
    """Read the form at the token endpoint; parameters it does not know (``resource`` …) are ignored.

    Raises:
        ProtocolError: ``invalid_request``: malformed, a parameter missing or twice; ``unsupported_grant_type``;
            ``invalid_authorization_details``.

    Spec: OID4VCI-1.0 #token-request
    """
    with reading("invalid_request"):
        parameters = form_parameters(form, ignored=RESOURCES)
        grant = parameters.get("grant_type")
    if grant is None:
        raise protocol_error("invalid_request", "the request does not say what it redeems")
    if grant == AUTHORIZATION_CODE:
        return parse_code_token_request(parameters)
    if grant != PRE_AUTHORIZED_CODE:
        raise protocol_error("unsupported_grant_type", "this way to an access token is not offered here")
    if "pre-authorized_code" not in parameters:
        raise protocol_error("invalid_request", "the request holds no code")
    return TokenRequest(parameters["pre-authorized_code"], parameters.get("tx_code"), parameters.get("client_id"),
                        parse_details(parameters.get("authorization_details")))


def build_token_response(response: TokenResponse) -> JSONObject:
    """The token answer. Send it with ``Cache-Control: no-store``."""
    document: JSONObject = {"access_token": response.access_token, "token_type": response.token_type}
    details = [build_detail(detail) for detail in response.authorization_details]
    return document | _present(expires_in=response.expires_in_s, authorization_details=details or None)


def parse_token_response(message: Message) -> TokenResponse:
    """Read a token answer.

    Raises:
        ProtocolError: ``invalid_token_response``: malformed, or a token that is neither bearer nor DPoP token.
    """
    with reading("invalid_token_response"):
        document = json_object(message)
        token, kind = text(document, "access_token"), text(document, "token_type")
        lifetime = optional_member(document, "expires_in", int)
        if kind.lower() not in ("bearer", "dpop") or not _TOKEN.fullmatch(token):
            raise ParsingError("the access token is of a kind that is not supported")
        if lifetime is not None and not 0 <= lifetime < 2**31:
            raise ParsingError("the lifetime of the access token is impossible")
        return TokenResponse(token, kind, lifetime, read_details(document, known_only=False))


def build_nonce_response(response: NonceResponse) -> JSONObject:
    """The nonce answer. Send it with ``Cache-Control: no-store`` (#nonce-response)."""
    return {"c_nonce": response.c_nonce}


def parse_nonce_response(message: Message) -> NonceResponse:
    """Read a nonce answer; ``ProtocolError`` ``invalid_nonce_response`` if it is none."""
    with reading("invalid_nonce_response"):
        return NonceResponse(text(json_object(message), "c_nonce"))


def build_credential_request(request: CredentialRequest) -> JSONObject:
    """The credential request (#credential-request)."""
    named = _present(credential_identifier=request.credential_identifier,
                     credential_configuration_id=request.credential_configuration_id)
    return named | _present(proofs={request.proof_type: list(request.proofs)} if request.proof_type else None)


def parse_credential_request(message: Message) -> CredentialRequest:
    """Read a credential request.

    Raises:
        ProtocolError: ``invalid_credential_request``: malformed, or not exactly one of the two names;
            ``invalid_proof``: ``proofs`` is there but not exactly one known type with a non-empty array;
            ``invalid_encryption_parameters``: an answer encrypted in a way that we do not offer.

    Spec: OID4VCI-1.0 #credential-request
    """
    with reading("invalid_credential_request"):
        document = json_object(message)
        identifier = optional_text(document, "credential_identifier")
        configuration = optional_text(document, "credential_configuration_id")
        if (identifier is None) == (configuration is None):
            raise ParsingError("the request must name one credential, in one way")
    encryption = parse_response_encryption(document)
    proof_type, proofs = _parse_proofs(document)
    return CredentialRequest(identifier, configuration, proof_type, proofs, encryption)


def parse_deferred_request(message: Message) -> DeferredRequest:
    """Read a deferred credential request.

    Raises:
        ProtocolError: ``invalid_credential_request``: malformed; ``invalid_encryption_parameters``.

    Spec: OID4VCI-1.0 #deferred-credential-request
    """
    with reading("invalid_credential_request"):
        document = json_object(message)
        transaction_id = text(document, "transaction_id")
    return DeferredRequest(transaction_id, parse_response_encryption(document))


def _parse_proofs(document: JSONObject) -> tuple[str | None, tuple[str | JSONObject, ...]]:
    with reading("invalid_proof"):
        proofs = optional_member(document, "proofs", dict)
        if proofs is None:
            return None, ()
        # A member that is no proof type is not recognised and therefore ignored, as anywhere in the request.
        found = [name for name in _PROOF_TYPES if name in proofs]
        if len(found) != 1:
            raise ParsingError("the proofs must be of one known type", pointer="/proofs")
        entries = optional_member(proofs, found[0], list, at="/proofs")
        kind = dict if found[0] == "di_vp" else str
        if not entries or len(entries) > _MAX_PROOFS or not all(isinstance(entry, kind) and entry for entry in entries):
            raise ParsingError("the list of proofs is empty or malformed", pointer="/proofs")
        return found[0], tuple(entries)


def build_credential_response(response: CredentialResponse) -> JSONObject:
    """The credential answer: status 200 with credentials, 202 with a transaction (#credential-response)."""
    if response.transaction_id is not None:
        return _present(transaction_id=response.transaction_id, interval=response.interval_s)
    credentials = [{"credential": credential} for credential in response.credentials]
    return {"credentials": credentials} | _present(notification_id=response.notification_id)


def parse_credential_response(message: Message) -> CredentialResponse:
    """Read a credential answer; unknown members, also of an entry, are ignored.

    Raises:
        ProtocolError: ``invalid_credential_response``: malformed, or not exactly one of credentials and transaction.
    """
    with reading("invalid_credential_response"):
        document = json_object(message)
        credentials = tuple(_issued(entry) for entry in objects(document, "credentials"))
        transaction_id = optional_text(document, "transaction_id")
        if bool(credentials) == (transaction_id is not None):
            raise ParsingError("the answer must hold credentials or a promise of them")
        interval = optional_member(document, "interval", int)
        if interval is not None and not 0 < interval < 2**31:
            raise ParsingError("the answer names an impossible waiting time")
        return CredentialResponse(credentials, optional_text(document, "notification_id"), transaction_id, interval)


def _issued(entry: JSONObject) -> str | JSONObject:
    credential = entry.get("credential")
    if not credential or not isinstance(credential, (str, dict)):
        raise ParsingError("the answer holds something that is no credential", pointer="/credentials")
    return credential


def build_notification(notification: NotificationRequest) -> JSONObject:
    """The notification (#notification)."""
    return {"notification_id": notification.notification_id, "event": notification.event} | _present(
        event_description=notification.event_description)


def parse_notification(message: Message) -> NotificationRequest:
    """Read a notification; ``ProtocolError`` ``invalid_notification_request`` if malformed or of an unknown event."""
    with reading("invalid_notification_request"):
        document = json_object(message)
        event: Any = text(document, "event")
        if event not in get_args(NotificationEvent):
            raise ParsingError("this event is not known here")
        description = plain_text(optional_text(document, "event_description"), _MAX_DESCRIPTION)
        return NotificationRequest(text(document, "notification_id"), event, description)


def _present(**members: Any) -> JSONObject:
    """The members that are not None."""
    return {name: value for name, value in members.items() if value is not None}
