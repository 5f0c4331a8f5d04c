"""The authorization server: what wallets call on their way to an access token, and how one comes in again.

Spec: RFC6749; RFC8414; RFC9126; RFC9449; OID4VCI-1.0 #token-endpoint, #nonce-endpoint
"""

from __future__ import annotations

from dataclasses import replace

from flask import Response, after_this_request, jsonify, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError
from credkit.protocols import client_attestation, dpop, oauth
from credkit.protocols.oid4vci import v1_0
from issuer.services import metadata
from issuer.web.context import services
from ui.web import allow_body, protocol_blueprint, rate_limit

_RATE = "1200 per minute"
_CACHED = "public, max-age=300"
_LARGEST_PUSH = 32_768  # what is pushed is kept for minutes, and anybody may push
blueprint = protocol_blueprint("oauth", __name__, cors=True)


@blueprint.get("/.well-known/oauth-authorization-server")
def server_metadata() -> ResponseReturnValue:
    """Authorization server metadata (RFC8414); inserted and appended forms are one path, as the issuer has none."""
    answer = jsonify(metadata.server_metadata(services().office))
    answer.headers["Cache-Control"] = _CACHED
    return answer


@blueprint.post("/par")
@allow_body(_LARGEST_PUSH)
@rate_limit(_RATE)
def par() -> ResponseReturnValue:
    """Take an authorization request before anybody's browser sees it (RFC9126)."""
    _tell_dpop_nonce()
    parameters = v1_0.parse_authorization_form(_form())
    if "request_uri" in parameters:
        raise oauth.protocol_error("invalid_request", "a pushed request cannot point to another")
    _check_client(parameters.get("client_id"))
    asked = v1_0.parse_authorization_request(parameters)
    request_uri, lifetime_s = services().authorizing.push(asked, jkt=_proven_key())
    return jsonify(v1_0.build_pushed_response(request_uri, lifetime_s)), 201


@blueprint.post("/token")
@rate_limit(_RATE)
def token() -> ResponseReturnValue:
    """Redeem a code (OID4VCI-1.0 #token-endpoint)."""
    _tell_dpop_nonce()
    asked = v1_0.parse_token_request(_form())
    services().tokens.check_grant(asked)
    asked = replace(asked, client_id=_check_client(asked.client_id))
    response = services().tokens.redeem(asked, request.remote_addr or "", jkt=_proven_key())
    answer = v1_0.build_token_response(response)
    if not services().compat.strict:  # where wallets of older drafts look for it (protocols.md §5)
        answer |= v1_0.build_nonce_response(services().tokens.new_nonce())
    return jsonify(answer)


@blueprint.post("/nonce")
@rate_limit(_RATE)
def nonce() -> ResponseReturnValue:
    """A fresh c_nonce (OID4VCI-1.0 #nonce-endpoint)."""
    _tell_dpop_nonce()
    return jsonify(v1_0.build_nonce_response(services().tokens.new_nonce()))


@blueprint.post("/challenge")
@rate_limit(_RATE)
def challenge() -> ResponseReturnValue:
    """A challenge for the proof beside a wallet's attestation (draft-ietf-oauth-attestation-based-client-auth-10)."""
    _tell_dpop_nonce()
    return jsonify(client_attestation.build_challenge_response(services().clients.freshness.new_nonce()))


def presented_token() -> str:
    """The access token of a request to a resource, in the way it may come in: ``Bearer``, or ``DPoP`` with its key.

    Raises:
        ProtocolError: ``invalid_token``, ``invalid_dpop_proof``, ``use_dpop_nonce``, all with status 401 and the
            challenge of the scheme that was used.

    Spec: RFC6750 #section-2.1; RFC9449 #section-7
    """
    scheme, access_token = oauth.parse_authorization(request.headers.get("Authorization"))
    if scheme == dpop.TOKEN_TYPE:
        _challenge_with_dpop()
        proof = request.headers.get(dpop.HEADER)
        if proof is None:
            raise ProtocolError("invalid_dpop_proof", "the DPoP proof is missing", 401)
        token = services().tokens.allowed_by(access_token)
        jkt = services().dpop.check(proof, method=request.method, path=request.path, access_token=access_token)
        services().tokens.check_binding(token, jkt)
    else:
        services().tokens.check_binding(services().tokens.allowed_by(access_token), None)
    return access_token


def _form() -> bytes:
    if request.mimetype != oauth.FORM_CONTENT_TYPE:
        raise oauth.protocol_error("invalid_request", "the request must be a form")
    return request.get_data()


def _check_client(client_id: str | None) -> str | None:
    found = request.headers.get(client_attestation.HEADER), request.headers.get(client_attestation.POP_HEADER)
    if found != (None, None):
        _tell(client_attestation.CHALLENGE_HEADER, services().clients.freshness.new_nonce())
    return services().clients.check(*found, client_id)


def _proven_key() -> str | None:
    proof = request.headers.get(dpop.HEADER)
    return None if proof is None else services().dpop.check(proof, method=request.method, path=request.path)


def _tell_dpop_nonce() -> None:
    _tell(dpop.NONCE_HEADER, services().dpop.freshness.new_nonce())


def _tell(header: str, value: str) -> None:
    @after_this_request
    def tell(response: Response) -> Response:
        response.headers[header] = value
        return response


def _challenge_with_dpop() -> None:
    """Whatever is answered carries the next nonce; a refusal says which scheme it refuses (RFC9449 #section-7.1)."""
    _tell_dpop_nonce()

    @after_this_request
    def challenge(response: Response) -> Response:
        if response.status_code == 401:
            error = (response.get_json(silent=True) or {}).get("error", "invalid_token")
            response.headers["WWW-Authenticate"] = dpop.build_challenge(error)
        return response
