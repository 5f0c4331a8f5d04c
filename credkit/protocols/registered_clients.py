"""Registered OAuth 2.0 clients, as an authorization server meets them: registering, asking a person, tokens, revoking.

A client is a server with a secret, which it sends by HTTP Basic alone; a code is asked for with PKCE (S256) and state.

Spec: RFC7591; RFC6749 #section-4.1, #section-6; RFC7636; RFC7009; OB-3.0 #api-security
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit

from credkit.errors import ParsingError
from credkit.ports import JSONObject
from credkit.protocols._reading import (
    Form,
    Message,
    form_parameters,
    json_object,
    optional_text,
    plain_text,
    reading,
    split_url,
    strings,
    text,
)
from credkit.protocols.code_grant import SCOPE, parse_code_challenge
from credkit.protocols.oauth import AUTHORIZATION_CODE, protocol_error
from credkit.shape import pointer

REFRESH_TOKEN: Final = "refresh_token"
OFFLINE_ACCESS: Final = "offline_access"
CLIENT_SECRET_BASIC: Final = "client_secret_basic"
_PAGES: Final = ("client_uri", "logo_uri", "tos_uri", "policy_uri")
_MAX_NAME, _MAX_TEXT, _MAX_LIST, _MAX_SCOPE = 100, 512, 5, 2048
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_STATE = re.compile(r"[\x20-\x7E]{1,1024}", re.ASCII)
_BASIC = re.compile(r"Basic +([A-Za-z0-9+/]{1,2048}={0,2})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class ClientMetadata:
    """What a client says of itself (RFC7591 #section-2). ``scopes``: what it may ever ask for."""

    client_name: str
    client_uri: str
    logo_uri: str
    tos_uri: str
    policy_uri: str
    software_id: str
    software_version: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    grant_types: tuple[str, ...]
    contacts: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The one host of all its addresses."""
        return urlsplit(self.client_uri).netloc

    def to_json(self) -> JSONObject:
        """For keeping; ``from_json`` reads it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ClientMetadata:
        """What ``to_json`` wrote."""
        members: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value
                                   for name, value in document.items()}
        return cls(**members)


@dataclass(frozen=True)
class CodeRequest:
    """A client asks a person for leave (RFC6749 #section-4.1.1)."""

    client_id: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    code_challenge: str


@dataclass(frozen=True)
class CodeRedemption:
    """A code for tokens. ``scopes``: what of the grant; None for all of it."""

    code: str
    redirect_uri: str
    code_verifier: str
    scopes: tuple[str, ...] | None


@dataclass(frozen=True)
class RefreshRedemption:
    """A refresh token for new tokens. ``scopes``: what of the grant; None for all of it."""

    refresh_token: str
    scopes: tuple[str, ...] | None


def parse_registration(message: Message, *, known_scopes: Collection[str], allow_loopback: bool) -> ClientMetadata:
    """Read a registration; what is not known is ignored, scopes included.

    Args:
        allow_loopback: The development setting: addresses on this machine, by plain http too.

    Raises:
        ProtocolError: ``invalid_redirect_uri``; ``invalid_client_metadata``: a member is missing or malformed, an
            address is not https or on another host than the rest, another authentication, grant or response type is
            wanted, or no scope is one of ours.

    Spec: OB-3.0 #acg-registration; RFC7591 #section-3.1, #section-3.2.2
    """
    with reading("invalid_client_metadata"):
        document = json_object(message)
        pages = {name: _address(text(document, name), allow_loopback, name) for name in _PAGES}
        name = plain_text(text(document, "client_name"), _MAX_NAME)
        if name is None:
            raise ParsingError("the client_name cannot be shown", pointer="/client_name")
        software = [_short(document, member) for member in ("software_id", "software_version")]
        grants = _of(document, "grant_types", (AUTHORIZATION_CODE, REFRESH_TOKEN), (AUTHORIZATION_CODE,))
        if AUTHORIZATION_CODE not in grants:
            raise ParsingError("the grant type authorization_code is the one to begin with", pointer="/grant_types")
        _of(document, "response_types", ("code",), ("code",))
        method = optional_text(document, "token_endpoint_auth_method") or CLIENT_SECRET_BASIC
        if method != CLIENT_SECRET_BASIC:
            raise ParsingError("only client_secret_basic is spoken here", pointer="/token_endpoint_auth_method")
        contacts = strings(document, "contacts")
        if len(contacts) > _MAX_LIST or any(len(each) > _MAX_TEXT for each in contacts):
            raise ParsingError("there are too many contacts", pointer="/contacts")
        scopes = _known(text(document, "scope"), known_scopes, grants)
    with reading("invalid_redirect_uri"):
        redirects = strings(document, "redirect_uris", required=True)
        if len(redirects) > _MAX_LIST or len(set(redirects)) != len(redirects):
            raise ParsingError("there are too many redirect_uris", pointer="/redirect_uris")
        redirects = tuple(_address(each, allow_loopback, "redirect_uris") for each in redirects)
    found = ClientMetadata(name, **pages, software_id=software[0], software_version=software[1],
                           redirect_uris=redirects, scopes=scopes, grant_types=grants, contacts=contacts)
    hosts = {urlsplit(each).hostname for each in (*pages.values(), *redirects)}
    if len(hosts) != 1:
        raise protocol_error("invalid_client_metadata", "all addresses must be on one host")
    return found


def build_registration_response(metadata: ClientMetadata, client_id: str, client_secret: str,
                                issued_at: datetime) -> JSONObject:
    """The answer to a registration, status 201 (RFC7591 #section-3.2.1); no moment is fixed at which it must end."""
    document = metadata.to_json()
    del document["scopes"]
    if not metadata.contacts:
        del document["contacts"]
    return {
        "client_id": client_id, "client_secret": client_secret, "client_id_issued_at": int(issued_at.timestamp()),
        "client_secret_expires_at": 0, **document, "response_types": ["code"],
        "token_endpoint_auth_method": CLIENT_SECRET_BASIC, "scope": " ".join(metadata.scopes),
    }


def parse_query(form: Form) -> dict[str, str]:
    """The parameters of an authorization request, each once; ``ProtocolError`` ``invalid_request`` otherwise."""
    with reading("invalid_request"):
        return form_parameters(form)


def parse_code_request(parameters: Mapping[str, str], allowed: Collection[str]) -> CodeRequest:
    """What a known client asks, which gave one of its own addresses as ``redirect_uri``.

    Args:
        allowed: The scopes that it registered for.

    Raises:
        ProtocolError: ``invalid_request`` (state and PKCE by S256 are a must), ``unsupported_response_type``,
            ``request_not_supported``, ``invalid_scope``.

    Spec: OB-3.0 #acg-auth-request; RFC6749 #section-4.1.1; RFC7636 #section-4.3
    """
    if "request" in parameters or "request_uri" in parameters:
        raise protocol_error("request_not_supported", "a request in an object is not taken here")
    challenge = parse_code_challenge(parameters)
    if not _STATE.fullmatch(parameters.get("state", "")):
        raise protocol_error("invalid_request", "the state is missing or malformed")
    scopes = _scopes(parameters.get("scope"))
    if not scopes or not set(scopes) <= set(allowed):
        raise protocol_error("invalid_scope", "the scope is missing, or holds what the client did not register for")
    return CodeRequest(parameters["client_id"], parameters["redirect_uri"], parameters["state"], scopes, challenge)


def parse_basic(authorization: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret of a request to the token or revocation endpoint.

    Raises:
        ProtocolError: ``invalid_client``, status 401: no such header, or the form names a secret or another client.

    Spec: RFC6749 #section-2.3.1
    """
    match = _BASIC.fullmatch(authorization) if isinstance(authorization, str) else None
    if match is None or "client_secret" in form:
        raise protocol_error("invalid_client", "the client must show its secret by HTTP Basic")
    try:
        name, colon, secret = b64decode(match[1], validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise protocol_error("invalid_client", "the client must show its secret by HTTP Basic") from error
    client_id = unquote_plus(name)
    if not colon or form.get("client_id", client_id) != client_id:
        raise protocol_error("invalid_client", "the client must show its secret by HTTP Basic")
    return client_id, unquote_plus(secret)


def parse_token_form(form: Form) -> tuple[dict[str, str], CodeRedemption | RefreshRedemption | None]:
    """The form of a token request, and what it redeems; None for a grant type that is not spoken here.

    Who asks has to be known before anything else is said, so the second is judged after ``parse_basic``.

    Raises:
        ProtocolError: ``invalid_request``, ``invalid_scope``.

    Spec: OB-3.0 #acg-token-request, #token-refresh-request
    """
    with reading("invalid_request"):
        parameters = form_parameters(form)
        grant = text(parameters, "grant_type")
        scopes = None if "scope" not in parameters else _scopes(parameters["scope"])
        if grant == AUTHORIZATION_CODE:
            return parameters, CodeRedemption(text(parameters, "code"), text(parameters, "redirect_uri"),
                                              text(parameters, "code_verifier"), scopes)
        if grant == REFRESH_TOKEN:
            return parameters, RefreshRedemption(text(parameters, "refresh_token"), scopes)
    return parameters, None


def parse_revocation(form: Form) -> tuple[dict[str, str], str]:
    """The form of a revocation and the token in it; the hint at its kind is not needed (RFC7009 #section-2.1)."""
    with reading("invalid_request"):
        parameters = form_parameters(form)
        return parameters, text(parameters, "token")


def build_tokens(access_token: str, lifetime_s: int, scopes: Collection[str],
                 refresh_token: str | None) -> JSONObject:
    """The answer of the token endpoint (RFC6749 #section-5.1)."""
    answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": lifetime_s,
              "scope": " ".join(scopes)}
    return answer if refresh_token is None else {**answer, "refresh_token": refresh_token}


def _scopes(value: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    if len(value) > _MAX_SCOPE or not SCOPE.fullmatch(value):
        raise protocol_error("invalid_scope", "the scope is malformed")
    return tuple(dict.fromkeys(value.split(" ")))


def _known(value: str, known: Collection[str], grants: Collection[str]) -> tuple[str, ...]:
    """The scopes of a registration that are ours; the one for staying needs the grant type for it."""
    if len(value) > _MAX_SCOPE:
        raise ParsingError("the scope is too long", pointer="/scope")
    asked = dict.fromkeys(value.split())
    found = tuple(each for each in asked if each in known and (each != OFFLINE_ACCESS or REFRESH_TOKEN in grants))
    if not set(found) - {OFFLINE_ACCESS}:
        raise ParsingError("no scope of this service is among them", pointer="/scope")
    return found


def _of(document: JSONObject, name: str, choices: Collection[str], default: tuple[str, ...]) -> tuple[str, ...]:
    found = strings(document, name)
    if not set(found) <= set(choices):
        raise ParsingError(f"the member {name} holds what is not spoken here", pointer=pointer(name))
    return tuple(dict.fromkeys(found)) or default


def _short(document: JSONObject, name: str) -> str:
    value = plain_text(text(document, name), _MAX_TEXT)
    if value is None:
        raise ParsingError(f"the member {name} is empty", pointer=pointer(name))
    return value


def _address(value: str, allow_loopback: bool, name: str) -> str:
    parts = split_url(value) if len(value) <= _MAX_TEXT else None
    if parts is None or (parts.hostname in _LOOPBACK or parts.scheme != "https") and not allow_loopback:
        raise ParsingError("an https address was expected", pointer=pointer(name))
    return value
