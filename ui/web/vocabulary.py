"""Our own vocabulary, for whoever meets its name in a credential and wants to read what the words mean."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from ui.web.protocol import ProtocolBlueprint, protocol_blueprint

PATH = "/contexts/family-v1"
_A_DAY = "public, max-age=86400"


def vocabulary_blueprint(content: bytes) -> ProtocolBlueprint:
    """The route that serves ``content``, the bytes of the pinned context, to anybody (docs/decisions/0010)."""
    blueprint = protocol_blueprint("vocabulary", __name__)

    @blueprint.get(PATH)
    def family_v1() -> ResponseReturnValue:
        response = Response(content, content_type="application/ld+json")
        response.headers["Cache-Control"] = _A_DAY
        return response

    return blueprint
