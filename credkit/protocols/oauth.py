"""OAuth 2.0 as far as issuing needs it: error answers, access tokens, authorization server metadata.

Spec: RFC6749; RFC6750; RFC8414
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from credkit.errors import ParsingError, ProblemError, ProtocolError
from credkit.ports import JSONObject
from credkit.protocols._reading import Message, json_object, origin_of, split_url

FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"
JSON_CONTENT_TYPE = "application/json"
PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
AUTHORIZATION_CODE = "authorization_code"

_STATUS = {"invalid_client": 401, "invalid_token": 401, "insufficient_scope": 403, "server_error": 500,
           "temporarily_unavailable": 503}
_ERROR = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]{1,128}")
_NOT_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")
_AUTHORIZATION = re.compile(r"(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_MAX_DESCRIPTION = 300


@dataclass(frozen=True)
class AuthorizationServerMetadata:
    """What an authorization server says of itself (RFC8414 #section-2; RFC9126; RFC9207; RFC9449; OID4VCI-1.0).

    Without an authorization endpoint no response type is supported.
    """

    issuer: str
    token_endpoint: str
    grant_types_supported: tuple[str, ...] = (PRE_AUTHORIZED_CODE,)
    pre_authorized_grant_anonymous_access_supported: bool = False
    authorization_endpoint: str | None = None
    pushed_authorization_request_endpoint: str | None = None
    code_challenge_methods_supported: tuple[str, ...] = ()
    authorization_response_iss_parameter_supported: bool = False
    dpop_signing_alg_values_supported: tuple[str, ...] = ()
    scopes_supported: tuple[str, ...] = ()
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("none",)
    require_pushed_authorization_requests: bool = False
    challenge_endpoint: str | None = None
    client_attestation_signing_alg_values_supported: tuple[str, ...] = ()
    authorization_details_types_supported: tuple[str, ...] = ("openid_credential",)


def protocol_error(error: str, description: str) -> ProtocolError:
    """The error with the HTTP status its code goes out with (400 unless the code has another, RFC6749 #section-5.2)."""
    return ProtocolError(error, description, _STATUS.get(error, 400))


def build_error(error: ProtocolError) -> JSONObject:
    """The JSON body of an error answer; characters that a description must not hold become ``?``.

    Send it with ``error.http_status``, ``Cache-Control: no-store`` and, on 401, ``build_challenge``.
    """
    return {"error": error.error, "error_description": _NOT_IN_DESCRIPTION.sub("?", error.description)}


def parse_error(message: Message, http_status: int) -> ProtocolError:
    """The other side's error answer; a body that is none becomes ``server_error`` (never raises)."""
    try:
        document = json_object(message)
    except ProblemError:
        document = {}
    error, description = document.get("error"), document.get("error_description")
    if not isinstance(error, str) or not _ERROR.fullmatch(error):
        return ProtocolError("server_error", f"the other side answered with HTTP status {http_status}", http_status)
    if not isinstance(description, str) or not description:
        description = "the other side gave no reason"
    return ProtocolError(error, _NOT_IN_DESCRIPTION.sub("?", description[:_MAX_DESCRIPTION]), http_status)


def build_challenge(error: ProtocolError) -> str:
    """The ``WWW-Authenticate`` header of a refused access token (RFC6750 #section-3)."""
    return f'Bearer error="{_NOT_IN_DESCRIPTION.sub("?", error.error)}"'


def parse_authorization(authorization: str | None) -> tuple[Literal["Bearer", "DPoP"], str]:
    """Scheme and access token of an ``Authorization`` header.

    Raises:
        ProtocolError: ``invalid_token``, status 401: no header, another scheme, or no token68.

    Spec: RFC6750 #section-2.1; RFC9449 #section-7.1
    """
    match = _AUTHORIZATION.fullmatch(authorization) if isinstance(authorization, str) else None
    if match is None:
        raise protocol_error("invalid_token", "an access token is needed")
    return ("DPoP" if match[1].lower() == "dpop" else "Bearer"), match[2]


def well_known_url(identifier: str, name: str) -> str:
    """``/.well-known/NAME`` inserted between host and path of ``identifier``, a final slash of which is dropped.

    Raises:
        ParsingError: ``identifier`` is no https URL, or has a query.

    Spec: RFC8414 #section-3.1
    """
    path = _path_of(identifier)
    return f"{origin_of(identifier)}/.well-known/{name}{path}"


def appended_well_known_url(identifier: str, name: str) -> str:
    """The older layout: ``/.well-known/NAME`` after the path (protocols.md, pitfall 2)."""
    path = _path_of(identifier)
    return f"{origin_of(identifier)}{path}/.well-known/{name}"


def _path_of(identifier: str) -> str:
    parts = split_url(identifier)
    if "?" in identifier:
        raise ParsingError("an identifier of a service has no query")
    return parts.path.rstrip("/")


def build_server_metadata(metadata: AuthorizationServerMetadata) -> JSONObject:
    """The RFC 8414 document. Without an authorization endpoint ``response_types_supported`` is there but empty."""
    has_code = metadata.authorization_endpoint is not None
    optional = {
        "authorization_endpoint": metadata.authorization_endpoint,
        "pushed_authorization_request_endpoint": metadata.pushed_authorization_request_endpoint,
        "response_modes_supported": ["query"] if has_code else None,
        "code_challenge_methods_supported": list(metadata.code_challenge_methods_supported),
        "authorization_response_iss_parameter_supported": metadata.authorization_response_iss_parameter_supported,
        "dpop_signing_alg_values_supported": list(metadata.dpop_signing_alg_values_supported),
        "scopes_supported": list(metadata.scopes_supported),
        "require_pushed_authorization_requests": metadata.require_pushed_authorization_requests,
        "challenge_endpoint": metadata.challenge_endpoint,
        "client_attestation_signing_alg_values_supported": list(
            metadata.client_attestation_signing_alg_values_supported),
        "client_attestation_pop_signing_alg_values_supported": list(
            metadata.client_attestation_signing_alg_values_supported),
        "authorization_details_types_supported": list(metadata.authorization_details_types_supported),
    }
    return {
        "issuer": metadata.issuer,
        "token_endpoint": metadata.token_endpoint,
        "grant_types_supported": list(metadata.grant_types_supported),
        "response_types_supported": ["code"] if has_code else [],
        "token_endpoint_auth_methods_supported": list(metadata.token_endpoint_auth_methods_supported),
        "pre-authorized_grant_anonymous_access_supported": metadata.pre_authorized_grant_anonymous_access_supported,
        **{name: value for name, value in optional.items() if value},
    }
