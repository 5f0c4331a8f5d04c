"""OpenID4VCI 1.0: asking for leave to collect, and what exactly is asked for.

Spec: OID4VCI-1.0 #authorization-endpoint; RFC6749 #section-4.1; RFC7636; RFC9126; RFC9396
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from credkit.encoding import parse_json
from credkit.errors import MalformedValueError, ParsingError
from credkit.ports import JSONObject
from credkit.protocols._claims_path import is_claims_path
from credkit.protocols._reading import Form, form_parameters, objects, reading, split_url, strings, text
from credkit.protocols.code_grant import SCOPE, answer_address, parse_code_challenge
from credkit.protocols.dpop import parse_thumbprint
from credkit.protocols.oauth import protocol_error
from credkit.protocols.oid4vci.messages import (
    AuthorizationClient,
    AuthorizationDetail,
    AuthorizationRequest,
    CodeTokenRequest,
)
from credkit.shape import member, optional_member, pointer

DETAIL_TYPE: Final = "openid_credential"
REQUEST_URI: Final = "urn:ietf:params:oauth:request_uri:"
RESOURCES: Final = ("resource",)
"""May come several times (RFC8707 #section-2); there is one resource here, so none is read."""
_CLIENT_ID = re.compile(r"[\x20-\x7E]{1,512}", re.ASCII)
_PRIVATE_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{2,63}):/[!-~]*", re.ASCII)
_MAX_CHARACTERS = 2048
# What a browser or a desktop does with these is not "hand it to the wallet".
_NOT_PRIVATE = frozenset({
    "about", "blob", "chrome", "data", "file", "filesystem", "ftp", "ftps", "http", "https", "intent", "jar",
    "javascript", "ldap", "mailto", "resource", "search-ms", "sftp", "smb", "sms", "ssh", "tel", "vbscript",
    "view-source", "ws", "wss",
})


def parse_authorization_form(form: Form) -> dict[str, str]:
    """The parameters of ``/authorize`` or ``/par``, each once; ``ProtocolError`` ``invalid_request`` otherwise."""
    with reading("invalid_request"):
        return form_parameters(form, ignored=RESOURCES)


def parse_authorization_client(parameters: Mapping[str, str]) -> AuthorizationClient:
    """Who asks and where the answer goes: what has to be good before anybody is sent back there.

    Raises:
        ProtocolError: ``invalid_request``: no ``client_id``, or no ``redirect_uri`` that is an https address, an http
            address on the person's own machine, or has a scheme of the wallet's own.

    Spec: RFC6749 #section-4.1.2.1; RFC8252 #section-7
    """
    with reading("invalid_request"):
        client_id = parameters.get("client_id")
        if client_id is None or not _CLIENT_ID.fullmatch(client_id):
            raise ParsingError("the client_id is missing or malformed")
        return AuthorizationClient(client_id, _redirect_uri(parameters.get("redirect_uri")), parameters.get("state"))


def _redirect_uri(value: str | None) -> str:
    if not value or len(value) > _MAX_CHARACTERS or "#" in value:
        raise ParsingError("the redirect_uri is missing or malformed")
    private = _PRIVATE_SCHEME.fullmatch(value)
    if private is None or private[1] in _NOT_PRIVATE:
        split_url(value)
    return value


def parse_authorization_request(parameters: Mapping[str, str]) -> AuthorizationRequest:
    """What is asked, once ``parse_authorization_client`` took the parameters.

    Raises:
        ProtocolError: ``invalid_request`` (PKCE with S256 is a must), ``unsupported_response_type``,
            ``request_not_supported``, ``invalid_scope``, ``invalid_authorization_details``.

    Spec: OID4VCI-1.0 #authorization-request; RFC7636 #section-4.4.1
    """
    client = parse_authorization_client(parameters)
    if "request" in parameters:
        raise protocol_error("request_not_supported", "a request in a signed object is not taken here")
    challenge = parse_code_challenge(parameters)
    with reading("invalid_request"):
        jkt = parse_thumbprint(parameters.get("dpop_jkt"))
    scope = parameters.get("scope", "")
    if scope and not SCOPE.fullmatch(scope):
        raise protocol_error("invalid_scope", "the scope is malformed")
    return AuthorizationRequest(client, challenge, tuple(dict.fromkeys(scope.split())),
                                parse_details(parameters.get("authorization_details")), parameters.get("issuer_state"),
                                jkt)


def build_pushed_response(request_uri: str, lifetime_s: int) -> JSONObject:
    """The answer to a pushed request, status 201, ``Cache-Control: no-store`` (RFC9126 #section-2.2)."""
    return {"request_uri": request_uri, "expires_in": lifetime_s}


def build_authorization_answer(client: AuthorizationClient, issuer: str, answer: Mapping[str, str]) -> str:
    """The address that answers an authorization request: ``code`` or ``error``, with ``state`` and ``iss``.

    Spec: RFC6749 #section-4.1.2; RFC9207 #section-2
    """
    return answer_address(client.redirect_uri, {**answer, "state": client.state or None, "iss": issuer})


def parse_code_token_request(parameters: Mapping[str, str]) -> CodeTokenRequest:
    """The form that redeems an authorization code; ``ProtocolError`` ``invalid_request`` if something is missing.

    A client that says who it is in another way, as by an attestation, needs no ``client_id``.

    Spec: RFC6749 #section-4.1.3; RFC7636 #section-4.5
    """
    missing = [name for name in ("code", "redirect_uri", "code_verifier") if name not in parameters]
    if missing:
        raise protocol_error("invalid_request", f"the parameter {missing[0]} is missing")
    return CodeTokenRequest(parameters["code"], parameters["redirect_uri"], parameters["code_verifier"],
                            parameters.get("client_id"), parse_details(parameters.get("authorization_details")))


def parse_details(value: str | None) -> tuple[AuthorizationDetail, ...]:
    """The ``authorization_details`` parameter, ``()`` if absent; ``invalid_authorization_details`` if malformed."""
    if value is None:
        return ()
    with reading("invalid_authorization_details"):
        details = read_details({"authorization_details": parse_json(value)})
        if not details:
            raise ParsingError("the authorization details are empty")
        return details


def read_details(document: JSONObject, *, known_only: bool = True) -> tuple[AuthorizationDetail, ...]:
    """The ``openid_credential`` details; others are refused if ``known_only``, else ignored (RFC9396 #section-5)."""
    details = []
    for index, entry in enumerate(objects(document, "authorization_details")):
        at = pointer("authorization_details", index)
        if text(entry, "type", at=at) == DETAIL_TYPE:
            if known_only:
                strings(entry, "locations", at=at)
                _check_claims(entry, at)
            details.append(AuthorizationDetail(text(entry, "credential_configuration_id", at=at),
                                               strings(entry, "credential_identifiers", at=at)))
        elif known_only:
            raise ParsingError("this type of authorization details is not known here", pointer=at)
    return tuple(details)


def _check_claims(entry: JSONObject, at: str) -> None:
    """Which claims are asked for is read and left: a record is given out as it is (#claims-description)."""
    claims: list[Any] = optional_member(entry, "claims", list, at=at) or []
    for claim in claims:
        if not is_claims_path(member(claim, "path", list, at=at)):
            raise MalformedValueError("the path of a claim is malformed", pointer=at)


def build_detail(detail: AuthorizationDetail) -> JSONObject:
    """One entry of ``authorization_details``."""
    document: JSONObject = {"type": DETAIL_TYPE, "credential_configuration_id": detail.credential_configuration_id}
    if detail.credential_identifiers:
        document["credential_identifiers"] = list(detail.credential_identifiers)
    return document
