"""OAuth 2.0 from the client's side: what a server offers, asking for a code with PKCE, the answer in the redirect.

Spec: RFC6749; RFC7636; RFC8414; RFC9126; RFC9207
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from credkit.encoding import base64url_encode, sha256
from credkit.errors import ParsingError, ProtocolError
from credkit.ports import JSONObject, Randomness
from credkit.protocols._reading import (
    Form,
    Message,
    form_body,
    form_parameters,
    json_object,
    optional_text,
    origin_of,
    plain_text,
    reading,
    split_url,
    strings,
    text,
)
from credkit.protocols.oauth import AUTHORIZATION_CODE, protocol_error
from credkit.shape import optional_member

_VERIFIER_BYTES: Final = 32
_MAX_DESCRIPTION: Final = 300


@dataclass(frozen=True)
class Server:
    """What a client needs of an authorization server (RFC8414 #section-2).

    Attributes:
        names_itself: Whether its authorization answer carries ``iss`` (RFC9207).
        details_types: Of ``authorization_details``.
        auth_methods: In which ways a client may say who it is.
        dpop_algorithms: What a token can be bound with; empty if it gives bearer tokens only.
    """

    issuer: str
    token_endpoint: str
    authorization_endpoint: str | None = None
    pushed_endpoint: str | None = None
    challenge_methods: tuple[str, ...] = ()
    names_itself: bool = False
    dpop_algorithms: tuple[str, ...] = ()
    details_types: tuple[str, ...] = ()
    auth_methods: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeRequest:
    """Asking for an authorization code.

    Attributes:
        verifier: The PKCE secret, which only goes out with the code.
        details: ``authorization_details``; ``scope`` None if nothing is asked by scope.
        dpop_jkt: Thumbprint of the key that the token will be bound to, if it will (RFC9449 #section-10).
    """

    client_id: str
    redirect_uri: str
    state: str
    verifier: str
    details: Sequence[JSONObject] = ()
    scope: str | None = None
    issuer_state: str | None = None
    dpop_jkt: str | None = None


def parse_server(message: Message, *, expected_issuer: str) -> Server:
    """Read an RFC 8414 document and check that it is the one that was asked for and points nowhere else.

    Raises:
        ProtocolError: ``invalid_server_metadata``: malformed, ``issuer`` is not ``expected_issuer``, or an endpoint
            belongs to somebody else (security.md E09).
    """
    with reading("invalid_server_metadata"):
        document = json_object(message)
        if text(document, "issuer") != expected_issuer:
            raise ParsingError("the authorization server is not the one that was asked")
        server = Server(
            issuer=expected_issuer, token_endpoint=text(document, "token_endpoint"),
            authorization_endpoint=optional_text(document, "authorization_endpoint"),
            pushed_endpoint=optional_text(document, "pushed_authorization_request_endpoint"),
            challenge_methods=_texts(document, "code_challenge_methods_supported"),
            names_itself=optional_member(document, "authorization_response_iss_parameter_supported", bool) or False,
            dpop_algorithms=_texts(document, "dpop_signing_alg_values_supported"),
            details_types=_texts(document, "authorization_details_types_supported"),
            auth_methods=_texts(document, "token_endpoint_auth_methods_supported"))
        for endpoint in (server.token_endpoint, server.authorization_endpoint, server.pushed_endpoint):
            if endpoint is not None and origin_of(endpoint) != origin_of(expected_issuer):
                raise ParsingError("an endpoint belongs to another server")
    return server


def _texts(document: JSONObject, name: str) -> tuple[str, ...]:
    """The member ``name``, an array of texts, which may be empty or absent."""
    return () if optional_member(document, name, list) == [] else strings(document, name)


def new_secret(randomness: Randomness) -> str:
    """A fresh value nobody can guess: a state, or a PKCE verifier of 43 characters (RFC7636 #section-4.1)."""
    return base64url_encode(randomness.token_bytes(_VERIFIER_BYTES))


def code_parameters(request: CodeRequest) -> dict[str, str]:
    """The parameters of the authorization request, with the challenge by S256."""
    challenge = base64url_encode(sha256(request.verifier.encode("ascii")))
    optional = {"scope": request.scope, "issuer_state": request.issuer_state, "dpop_jkt": request.dpop_jkt,
                "authorization_details": json.dumps(list(request.details)) if request.details else None}
    return {"response_type": "code", "client_id": request.client_id, "redirect_uri": request.redirect_uri,
            "state": request.state, "code_challenge": challenge, "code_challenge_method": "S256",
            **{name: value for name, value in optional.items() if value is not None}}


def build_pushed_form(request: CodeRequest) -> str:
    """The form that is pushed before the browser is sent (RFC9126 #section-2.1)."""
    return form_body(code_parameters(request))


def parse_pushed_answer(message: Message) -> str:
    """The ``request_uri``; ``ProtocolError`` ``invalid_response`` if there is none (RFC9126 #section-2.2)."""
    with reading("invalid_response"):
        return text(json_object(message), "request_uri")


def authorization_url(server: Server, parameters: Mapping[str, str]) -> str:
    """Where the browser is sent: with all parameters, or with ``client_id`` and the pushed ``request_uri``."""
    endpoint = server.authorization_endpoint or ""
    split_url(endpoint)
    return endpoint + ("&" if "?" in endpoint else "?") + urlencode(parameters)


def parse_code_answer(form: Form, *, server: Server, state: str) -> str:
    """The code in the parameters that the browser brought back.

    Raises:
        ProtocolError: the server's own error, e.g. ``access_denied``; ``invalid_response``: another ``state``, another
            ``iss`` than who was asked, ``iss`` missing where the server promises it, or no code.

    Spec: RFC6749 #section-4.1.2; RFC9207 #section-2.4; security.md E09
    """
    with reading("invalid_response"):
        parameters = form_parameters(form)
        if parameters.get("state") != state:
            raise ParsingError("this answer belongs to something else")
        issuer = parameters.get("iss")
        if issuer != server.issuer and (issuer is not None or server.names_itself):
            raise ParsingError("this answer comes from somebody else than who was asked")
        if "error" in parameters:
            description = plain_text(parameters.get("error_description"), _MAX_DESCRIPTION)
            raise ProtocolError(plain_text(parameters["error"], 64) or "server_error",
                                description or "the other side gave no reason")
        if "code" not in parameters:
            raise ParsingError("the answer holds no code")
    return parameters["code"]


def build_code_form(request: CodeRequest, code: str) -> str:
    """The form that redeems an authorization code (RFC6749 #section-4.1.3, RFC7636 #section-4.5)."""
    return form_body({"grant_type": AUTHORIZATION_CODE, "code": code, "redirect_uri": request.redirect_uri,
                      "client_id": request.client_id, "code_verifier": request.verifier})


def check_can_ask(server: Server) -> None:
    """Whether a code can be asked for here: there is a page for it, and PKCE is not ruled out.

    Raises:
        ProtocolError: ``invalid_server_metadata``.
    """
    if server.authorization_endpoint is None:
        raise protocol_error("invalid_server_metadata", "the server does not say where to ask for leave")
    if server.challenge_methods and "S256" not in server.challenge_methods:
        raise protocol_error("invalid_server_metadata", "the server does not take the proof that goes with a code")
