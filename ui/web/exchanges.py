"""VC-API: what an interaction link leads to, and the exchange itself, for the roles that have some.

Spec: VCALM #interaction-url-format, #participate-in-an-exchange
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import jsonify, redirect, request
from flask.typing import ResponseReturnValue

from credkit.errors import ProtocolError, StateError
from credkit.protocols.exchanges import ExchangeMessage, Protocols, build_message, build_protocols, read_message
from ui.web.guards import rate_limit
from ui.web.protocol import ProtocolBlueprint, protocol_blueprint

Found = TypeVar("Found")
_JSON, _HTML = "application/json", "text/html"


@dataclass(frozen=True)
class Exchanges:
    """What a role knows of its exchanges, each named by a text in its address; all raise ``StateError`` for none.

    Attributes:
        protocols: By which protocols it can be gone on with.
        page: Where a browser goes.
        answer: The answer to one message.
    """

    protocols: Callable[[str], Protocols]
    page: Callable[[str], str]
    answer: Callable[[str, ExchangeMessage], ExchangeMessage]


def exchanges_blueprint(
    import_name: str, workflow: str, exchanges: Exchanges, *, rate: str, max_message_bytes: int
) -> ProtocolBlueprint:
    """``/interactions/NAME`` and ``/workflows/WORKFLOW/exchanges/NAME``."""
    blueprint = protocol_blueprint("exchanges", import_name, cors=True, max_body_bytes=max_message_bytes)
    place = f"/workflows/{workflow}/exchanges/<name>"

    @blueprint.get("/interactions/<name>")
    @rate_limit(rate)
    def interaction(name: str) -> ResponseReturnValue:
        """The map of protocols for wallets; a browser goes on to a page."""
        if request.accept_mimetypes.best_match((_JSON, _HTML), _JSON) == _HTML:
            answer = redirect(_found(exchanges.page, name), code=303)
        else:
            answer = jsonify(build_protocols(_found(exchanges.protocols, name)))
        answer.vary.add("Accept")
        return answer

    @blueprint.get(f"{place}/protocols")
    @rate_limit(rate)
    def protocols(name: str) -> ResponseReturnValue:
        """The same map, whatever is accepted."""
        return jsonify(build_protocols(_found(exchanges.protocols, name)))

    @blueprint.post(place)
    @rate_limit(rate)
    def exchange(name: str) -> ResponseReturnValue:
        """One message of an exchange, and the next one in answer."""
        if request.mimetype != _JSON:
            raise ProtocolError("invalid_request", "the message must be application/json", 415)
        message = read_message(request.get_data())
        return jsonify(build_message(_found(lambda each: exchanges.answer(each, message), name)))

    return blueprint


def _found(look_up: Callable[[str], Found], name: str) -> Found:
    try:
        return look_up(name)
    except StateError as error:
        raise ProtocolError("not_found", error.detail, 404) from error
