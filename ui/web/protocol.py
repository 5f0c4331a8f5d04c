"""Routes for programs: JSON in and out, no session, no CSRF token, CORS where a browser wallet may call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, has_request_context, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

ErrorBody = Callable[[str, str, int], dict[str, Any]]
"""Code, description and HTTP status of an error in, the JSON of its answer out."""
_EXPOSED = "DPoP-Nonce, OAuth-Client-Attestation-Challenge, WWW-Authenticate"
_TAKEN = "Authorization, Content-Type, DPoP, OAuth-Client-Attestation, OAuth-Client-Attestation-PoP"


def oauth_error(error: str, description: str, _http_status: int) -> dict[str, Any]:
    """How errors look unless a protocol wants them otherwise (RFC6749 #section-5.2)."""
    return {"error": error, "error_description": description}


class ProtocolBlueprint(Blueprint):
    """A blueprint whose answers, errors included, are for programs.

    Attributes:
        cors: Answer any origin (``*``), never with credentials.
        max_body_bytes: Largest body accepted, else 413.
        error_body: How an error of its routes looks.
    """

    cors: bool = True
    max_body_bytes: int = 262_144
    error_body: ErrorBody = staticmethod(oauth_error)


def protocol_blueprint(
    name: str, import_name: str, *, cors: bool = True, max_body_bytes: int = 262_144,
    error_body: ErrorBody = oauth_error, **options: Any
) -> ProtocolBlueprint:
    """A blueprint for OID4VCI, OID4VP, DID documents, status lists and APIs.

    Every answer is ``Cache-Control: no-store`` unless the view sets its own; every error, 404 and 405 of its paths
    included, is ``{"error", "error_description"}`` or what ``error_body`` makes of it. Raise ``ProtocolError`` for a
    registered code.
    """
    blueprint = ProtocolBlueprint(name, import_name, **options)
    blueprint.cors = cors
    blueprint.max_body_bytes = max_body_bytes
    blueprint.error_body = error_body
    return blueprint


def current_protocol() -> ProtocolBlueprint | None:
    """The protocol blueprint the request belongs to, a wrong method on one of its paths included, or None."""
    if not has_request_context():
        return None
    name = request.blueprint
    if name is None and request.routing_exception is not None:
        name = _blueprint_despite(request.routing_exception)
    blueprint = current_app.blueprints.get(name) if name else None
    return blueprint if isinstance(blueprint, ProtocolBlueprint) else None


def error_body(error: str, description: str, http_status: int) -> dict[str, Any]:
    """The JSON of an error as the protocol of the request has it."""
    blueprint = current_protocol()
    return (oauth_error if blueprint is None else blueprint.error_body)(error, description, http_status)


def is_protocol_request() -> bool:
    """Whether the request is one for programs."""
    return current_protocol() is not None


def finish_protocol(response: Response, blueprint: ProtocolBlueprint) -> None:
    """Put the protocol headers on an answer."""
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if not blueprint.cors:
        return
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, POST, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = _TAKEN
        response.headers["Access-Control-Max-Age"] = "600"


def _blueprint_despite(error: HTTPException) -> str | None:
    methods = getattr(error, "valid_methods", None) or ()
    if not methods:
        return None
    adapter = current_app.create_url_adapter(request)
    for method in methods:
        try:
            endpoint, _ = adapter.match(method=method) if adapter else ("", {})
        except (HTTPException, RequestRedirect):
            continue
        return endpoint.rpartition(".")[0] or None
    return None
