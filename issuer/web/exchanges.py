"""VC-API: what an interaction link leads to, and the exchange by which an offer without a code is collected.

Spec: VCALM #interaction-url-format, #participate-in-an-exchange
"""

from __future__ import annotations

from flask import jsonify, redirect, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError, StateError
from credkit.protocols.exchanges import build_message, build_protocols, read_message
from issuer.services.offers import MadeOffer
from issuer.web.context import services
from ui.web import protocol_blueprint, rate_limit

_JSON, _HTML = "application/json", "text/html"
_RATE = "120 per minute"
MAX_MESSAGE_BYTES = 262_144
blueprint = protocol_blueprint("exchanges", __name__, cors=True, max_body_bytes=MAX_MESSAGE_BYTES)


@blueprint.get("/interactions/<secret>")
@rate_limit(_RATE)
def interaction(secret: str) -> ResponseReturnValue:
    """The map of protocols for wallets; a browser goes on to the claim page."""
    made = _found(secret)
    if request.accept_mimetypes.best_match((_JSON, _HTML), _JSON) == _HTML:
        answer = redirect(made.page_url, code=303)
    else:
        answer = jsonify(build_protocols(services().exchanging.links(made)))
    answer.vary.add("Accept")
    return answer


@blueprint.get("/workflows/claim/exchanges/<secret>/protocols")
@rate_limit(_RATE)
def protocols(secret: str) -> ResponseReturnValue:
    """The same map, whatever is accepted."""
    return jsonify(build_protocols(services().exchanging.links(_found(secret))))


@blueprint.post("/workflows/claim/exchanges/<secret>")
@rate_limit(_RATE)
def exchange(secret: str) -> ResponseReturnValue:
    """One message of an exchange, and the next one in answer."""
    if request.mimetype != _JSON:
        raise ProtocolError("invalid_request", "the message must be application/json", 415)
    message = read_message(request.get_data())
    try:
        return jsonify(build_message(services().exchanging.answer(secret, message)))
    except StateError as error:
        raise ProtocolError("not_found", error.detail, 404) from error


def _found(secret: str) -> MadeOffer:
    try:
        return services().exchanging.find(secret)
    except StateError as error:
        raise ProtocolError("not_found", error.detail, 404) from error
