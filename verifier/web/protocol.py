"""What wallets and other programs call: the DID document, request objects, answers.

Spec: did:web #read-resolve; OPENID4VP #name-request-uri-method-post, #name-response-mode-direct_post
"""

from __future__ import annotations

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError, StateError
from credkit.protocols.oid4vp import v1_0
from ui.web import protocol_blueprint, rate_limit
from verifier.web.context import services

MAX_ANSWER_BYTES = 4 * 1024 * 1024
WALLETS_PER_ADDRESS = "600 per minute"
"""A school's wallets may all stand behind one address; what they could guess has 128 bits."""
blueprint = protocol_blueprint("protocol", __name__, cors=True, max_body_bytes=MAX_ANSWER_BYTES)


@blueprint.get("/.well-known/did.json")
def did_document() -> ResponseReturnValue:
    """The verifier's DID document."""
    response = jsonify(services().identity.did_document(services().signer))
    response.headers["Content-Type"] = "application/did+json"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.route("/requests/<request_id>/object", methods=["GET", "POST"])
@rate_limit(WALLETS_PER_ADDRESS)
def request_object(request_id: str) -> ResponseReturnValue:
    """The signed request; by POST it repeats the wallet's nonce."""
    nonce = v1_0.parse_request_uri_form(request.get_data()) if request.method == "POST" else None
    try:
        signed = services().requests.serve(request_id, wallet_nonce=nonce)
    except StateError as error:
        raise ProtocolError("invalid_request", error.detail, 404) from error
    return Response(signed, content_type=v1_0.REQUEST_OBJECT_CONTENT_TYPE)


@blueprint.post("/responses/<request_id>")
@rate_limit(WALLETS_PER_ADDRESS)
def receive(request_id: str) -> ResponseReturnValue:
    """Take an answer."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise ProtocolError("invalid_request", "the answer must be a form", 415)
    return jsonify(services().responses.receive(request_id, request.get_data()))
