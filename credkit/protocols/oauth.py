"""OAuth 2.0 as far as issuing needs it: error answers, bearer tokens, authorization server metadata.

Spec: RFC6749; RFC6750; RFC8414
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from credkit.errors import ParsingError, ProblemError, ProtocolError
from credkit.ports import JSONObject
from credkit.protocols._reading import Message, json_object, origin_of, reading, split_url, strings, text
from credkit.shape import optional_member

FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"
JSON_CONTENT_TYPE = "application/json"
PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
AUTHORIZATION_CODE = "authorization_code"

_STATUS = {"invalid_client": 401, "invalid_token": 401, "insufficient_scope": 403, "server_error": 500,
           "temporarily_unavailable": 503}
_ERROR = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]{1,128}")
_NOT_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_MAX_DESCRIPTION = 300


@dataclass(frozen=True)
class AuthorizationServerMetadata:
    """What an authorization server says of itself (RFC8414 #section-2, OID4VCI #as-metadata)."""

    issuer: str
    token_endpoint: str
    grant_types_supported: tuple[str, ...] = (PRE_AUTHORIZED_CODE,)
    pre_authorized_grant_anonymous_access_supported: bool = False


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


def parse_bearer(authorization: str | None) -> str:
    """The access token of an ``Authorization`` header.

    Raises:
        ProtocolError: ``invalid_token``, status 401: no header, another scheme, or no token68.

    Spec: RFC6750 #section-2.1
    """
    match = _BEARER.fullmatch(authorization) if isinstance(authorization, str) else None
    if match is None:
        raise protocol_error("invalid_token", "an access token is needed")
    return match[1]


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
    return {
        "issuer": metadata.issuer,
        "token_endpoint": metadata.token_endpoint,
        "grant_types_supported": list(metadata.grant_types_supported),
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_details_types_supported": ["openid_credential"],
        "pre-authorized_grant_anonymous_access_supported": metadata.pre_authorized_grant_anonymous_access_supported,
    }


def parse_server_metadata(message: Message, *, expected_issuer: str) -> AuthorizationServerMetadata:
    """Read an RFC 8414 document and check that it is the one that was asked for.

    Raises:
        ProtocolError: ``invalid_server_metadata``: malformed, ``issuer`` is not ``expected_issuer``, or the token
            endpoint belongs to somebody else (security.md E09).
    """
    with reading("invalid_server_metadata"):
        document = json_object(message)
        metadata = AuthorizationServerMetadata(
            issuer=text(document, "issuer"),
            token_endpoint=text(document, "token_endpoint"),
            grant_types_supported=strings(document, "grant_types_supported") or (AUTHORIZATION_CODE, "implicit"),
            pre_authorized_grant_anonymous_access_supported=optional_member(
                document, "pre-authorized_grant_anonymous_access_supported", bool) or False,
        )
        if metadata.issuer != expected_issuer:
            raise ParsingError("the authorization server is not the one that was asked")
        if origin_of(metadata.token_endpoint) != origin_of(expected_issuer):
            raise ParsingError("the token endpoint belongs to another server")
    return metadata
