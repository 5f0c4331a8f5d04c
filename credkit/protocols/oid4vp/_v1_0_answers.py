"""OpenID4VP 1.0: reading what wallets post to ``response_uri`` and to ``request_uri``.

Spec: OID4VP-1.0 #response-parameters, #error-response, #response_encryption, #request_uri_method_post
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from credkit.encoding import parse_json_object
from credkit.errors import ParsingError
from credkit.jose import decrypt_direct
from credkit.protocols._reading import Form, form_parameters, json_object, optional_text, plain_text, reading
from credkit.protocols.oid4vp.messages import AuthorizationResponse, EncryptedResponse, ErrorResponse, Presentation
from credkit.shape import optional_member

WalletResponse = AuthorizationResponse | ErrorResponse
_ERROR = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]{1,128}")
_MAX_DESCRIPTION = 300
_MAX_NONCE: Final = 1024


def parse_request_uri_form(form: Form) -> str | None:
    """The ``wallet_nonce`` to repeat in the request object, None if there is none; everything else is passed over.

    Raises:
        ProtocolError: ``invalid_request``: not a form, the nonce is longer than 1,024 characters, or
            ``wallet_metadata`` is there and no JSON object.
    """
    with reading("invalid_request"):
        parameters = form_parameters(form)
        nonce, metadata = parameters.get("wallet_nonce"), parameters.get("wallet_metadata")
        if nonce is not None and len(nonce) > _MAX_NONCE:
            raise ParsingError("the nonce is too long")
        if metadata is not None:
            parse_json_object(metadata)
        return nonce


def parse_direct_post(form: Form) -> WalletResponse | EncryptedResponse:
    """Read what a wallet posts to ``response_uri``.

    Whether query ids are known and the query is satisfied is not said here (``dcql.check_response``).

    Raises:
        ProtocolError: ``invalid_request``: not exactly one of answer, error and encrypted answer, or a malformed one.
    """
    with reading("invalid_request"):
        parameters = form_parameters(form)
        sealed, state = parameters.get("response"), parameters.get("state")
        if sealed is None:
            token = parameters.get("vp_token")
            return _response({**parameters, **({} if token is None else {"vp_token": json_object(token)})}, state)
        if "vp_token" in parameters or "error" in parameters:
            raise ParsingError("the answer must hold either presentations or an error, or be encrypted as a whole")
        return EncryptedResponse(sealed, state)


def open_response(response: EncryptedResponse, private_jwk: Mapping[str, Any]) -> WalletResponse:
    """Read an answer that is encrypted to ``private_jwk`` and holds its parameters as a JSON object.

    Raises:
        ProtocolError: ``invalid_request``: sealed for another key, changed, malformed, or another ``state`` inside
            than beside it.
    """
    with reading("invalid_request"):
        parameters = parse_json_object(decrypt_direct(response.jwe, private_jwk))
        state = optional_text(parameters, "state")
        if state is not None and response.state not in (None, state):
            raise ParsingError("the answer names two requests")
        return _response(parameters, state or response.state)


def _response(parameters: Mapping[str, Any], state: str | None) -> WalletResponse:
    said = dict(parameters)
    error = optional_text(said, "error")
    entries = optional_member(said, "vp_token", dict)
    if (entries is None) == (error is None):
        raise ParsingError("the answer must hold either presentations or an error")
    if error is not None:
        if not _ERROR.fullmatch(error):
            raise ParsingError("the error has no proper name")
        return ErrorResponse(error, plain_text(optional_text(said, "error_description"), _MAX_DESCRIPTION), state)
    presentations = {name: _presentations(value) for name, value in (entries or {}).items()}
    bare = any(not isinstance(value, list) for value in (entries or {}).values())
    return AuthorizationResponse(presentations, state, bare)


def _presentations(value: Any) -> tuple[Presentation, ...]:
    entries = value if isinstance(value, list) else [value]
    if not entries or not all(isinstance(entry, (str, dict)) and entry for entry in entries):
        raise ParsingError("the answer holds something that is no presentation")
    return tuple(entries)
