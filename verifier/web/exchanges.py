"""VC-API: what an interaction link of a request leads to, and the exchange by which it is answered.

Spec: VCALM #interaction-url-format, #participate-in-an-exchange
"""

from __future__ import annotations

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError, StateError
from credkit.protocols.exchanges import build_message, build_protocols, read_message
from ui.web import protocol_blueprint, rate_limit
from verifier.services.requests import Asked, Progress
from verifier.web.context import services
from verifier.web.protocol import MAX_ANSWER_BYTES, WALLETS_PER_ADDRESS

_JSON, _HTML = "application/json", "text/html"
blueprint = protocol_blueprint("exchanges", __name__, cors=True, max_body_bytes=MAX_ANSWER_BYTES)


@blueprint.get("/interactions/<request_id>")
@rate_limit(WALLETS_PER_ADDRESS)
def interaction(request_id: str) -> ResponseReturnValue:
    """The map of protocols for wallets; a browser goes on to a wallet's page, or to ours."""
    asked = _found(request_id)
    if request.accept_mimetypes.best_match((_JSON, _HTML), _JSON) == _HTML:
        answer = redirect(next(iter(asked.links.web), url_for("ask.wait", request_id=asked.id)), code=303)
    else:
        answer = jsonify(build_protocols(services().exchanging.links(asked)))
    answer.vary.add("Accept")
    return answer


@blueprint.get("/workflows/ask/exchanges/<request_id>/protocols")
@rate_limit(WALLETS_PER_ADDRESS)
def protocols(request_id: str) -> ResponseReturnValue:
    """The same map, whatever is accepted."""
    return jsonify(build_protocols(services().exchanging.links(_found(request_id))))


@blueprint.post("/workflows/ask/exchanges/<request_id>")
@rate_limit(WALLETS_PER_ADDRESS)
def exchange(request_id: str) -> ResponseReturnValue:
    """One message of an exchange, and the next one in answer."""
    if request.mimetype != _JSON:
        raise ProtocolError("invalid_request", "the message must be application/json", 415)
    message = read_message(request.get_data())
    try:
        return jsonify(build_message(services().exchanging.answer(request_id, message)))
    except StateError as error:
        raise ProtocolError("not_found", error.detail, 404) from error


def _found(request_id: str) -> Asked:
    try:
        asked = services().requests.find(request_id)
    except StateError as error:
        raise ProtocolError("not_found", error.detail, 404) from error
    if asked.progress not in (Progress.WAITING, Progress.OPENED):
        raise ProtocolError("not_found", "this request was answered already or has ended", 404)
    return asked
