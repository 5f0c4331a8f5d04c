"""The API for other programs: check a record, ask where a request stands. Errors are RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from credkit.encoding import parse_json_object
from credkit.errors import CredkitError, ProblemError, StateError
from credkit.shape import format_date_time
from ui.web import protocol_blueprint, rate_limit
from ui.web.errors import page_words, status_of
from verifier.services.checking import MAX_INPUT_BYTES, is_token
from verifier.services.packets import notes
from verifier.services.requests import Asked
from verifier.services.shared import is_link
from verifier.web.context import services

PROBLEM_TYPE = "application/problem+json"
blueprint = protocol_blueprint("api", __name__, cors=False, max_body_bytes=MAX_INPUT_BYTES, url_prefix="/api")


@blueprint.post("/verify")
@rate_limit("240 per minute")
def verify() -> ResponseReturnValue:
    """Check the record in the body, JSON or a compact token, or behind the share link in the body; ``?challenge=`` and
    ``?domain=`` for presentations, ``?offline=yes`` to ask nobody but the wallet behind a link.

    200 with the report, whatever it says, and ``notes`` (``packets.notes``); 400 if the body is none of them, 404 if
    the link leads nowhere any more.
    """
    raw = request.get_data()
    if not is_token(raw) and not is_link(raw):
        parse_json_object(raw.strip(b" \t\r\n"))
    checked = services().checks.check(
        raw,
        keep=False,
        offline=request.args.get("offline") == "yes",
        challenge=request.args.get("challenge"),
        domain=request.args.get("domain"),
    )
    return jsonify({**checked.report.to_json(), "notes": notes(checked.result.story, ())})


@blueprint.get("/requests/<request_id>")
def progress(request_id: str) -> ResponseReturnValue:
    """Where a request stands and, once answered, its report; for whoever has the secret it was made with (Bearer)."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        secret = "-"
    return jsonify(_asked_json(services().requests.find(request_id, secret=secret.strip())))


def _asked_json(asked: Asked) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": asked.id,
        "progress": str(asked.progress),
        "asks": list(asked.question.asks),
        "purpose": asked.question.purpose,
        "expires_at": format_date_time(asked.expires_at),
    }
    if asked.refusal is not None:
        body["refusal"] = asked.refusal
    if asked.result_id is not None:
        body["report"] = services().results.find(asked.result_id).story["report"]
    return body


@blueprint.errorhandler(CredkitError)
def _on_known(error: CredkitError) -> Response:
    status = 404 if isinstance(error, StateError) else status_of(error)
    if not isinstance(error, ProblemError):
        return _problem(
            status, f"urn:backpack:problem:{error.code}", "This could not be done", error.detail, error.code
        )
    return _problem(status, error.type_url, error.title, error.detail, error.code)


@blueprint.errorhandler(HTTPException)
def _on_http(error: HTTPException) -> Response:
    status = error.code or 500
    return _problem(status, "about:blank", error.name, page_words(error).happened, f"http_{status}")


def _problem(status: int, type_url: str, title: str, detail: str, code: str) -> Response:
    response = jsonify({"type": type_url, "title": title, "status": status, "detail": detail, "code": code})
    response.status_code = status
    response.headers["Content-Type"] = PROBLEM_TYPE
    return response
