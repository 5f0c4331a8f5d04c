"""What programs ask the wallet's host for: its DID document, and its list of taken-back family credentials.

Spec: did:web #read-resolve; VC-BITSTRING-STATUS-LIST
"""

from __future__ import annotations

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from credkit.ports import JSONObject
from ui.web import protocol_blueprint, rate_limit
from wallet.web.context import services

_RATE = "1200 per minute"
blueprint = protocol_blueprint("protocol", __name__, cors=True)


@blueprint.get("/.well-known/did.json")
@rate_limit(_RATE)
def did_document() -> ResponseReturnValue:
    """The host's DID document with its public key."""
    return _document(services().host.did_document(), "application/did+json", "public, max-age=300")


@blueprint.get("/status/1")
@rate_limit(_RATE)
def status_list() -> ResponseReturnValue:
    """The signed list of taken-back grants. Caches ask whether it is the newest: who is out is out at once (G03)."""
    response = _document(services().host.status_list(), "application/vc+json", "public, no-cache")
    response.add_etag()
    return response.make_conditional(request)


def _document(document: JSONObject, content_type: str, cache_control: str) -> Response:
    response = jsonify(document)
    response.content_type = content_type
    response.headers["Cache-Control"] = cache_control
    return response
