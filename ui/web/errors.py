"""The one table from errors to HTTP status, and the pages and JSON that tell of errors."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Mapping

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_babel import get_translations
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from credkit import errors
from ui.errorwords import ErrorWords, words_for
from ui.languages import N_
from ui.web.guards import ForeignOrigin
from ui.web.locale import current_language
from ui.web.protocol import error_body, is_protocol_request

_TRY_AGAIN = N_("Try again in a few minutes. If it happens again, ask for help.")
_ASK_SENDER = N_("Ask whoever sent it to you for a new one.")

STATUS: Mapping[type[errors.CredkitError], int] = {
    errors.CredkitError: 400,
    errors.ProblemError: 400,
    errors.ParsingError: 400,
    errors.MalformedValueError: 400,
    errors.RangeValueError: 400,
    errors.CryptographicSecurityError: 422,
    errors.DataLossError: 422,
    errors.TooComplexError: 413,
    errors.VocabularyUnknownError: 422,
    errors.ProofGenerationError: 500,
    errors.ProofTransformationError: 422,
    errors.ProofVerificationError: 422,
    errors.InvalidDomainError: 422,
    errors.InvalidChallengeError: 422,
    errors.StatusRetrievalError: 502,
    errors.StatusVerificationError: 502,
    errors.StatusListLengthError: 502,
    errors.DidError: 422,
    errors.InvalidDidError: 422,
    errors.DidNotFoundError: 502,
    errors.InvalidDidDocumentError: 422,
    errors.PolicyError: 422,
    errors.NotYetValid: 422,
    errors.Expired: 422,
    errors.Revoked: 422,
    errors.Suspended: 422,
    errors.IssuerBindingError: 422,
    errors.IssuerNotTrusted: 422,
    errors.IssuerUnknown: 422,
    errors.QueryNotSatisfied: 422,
    errors.DifferentPeople: 422,
    errors.NotPermitted: 422,
    errors.ProtocolError: 400,
    errors.FetchError: 502,
    errors.UnsafeUrlError: 400,
    errors.TooLargeError: 502,
    errors.TimeoutExceeded: 504,
    errors.VaultError: 500,
    errors.VaultLocked: 403,
    errors.WrongSecret: 403,
    errors.SealBroken: 500,
    errors.StateError: 409,
    errors.UnsupportedError: 422,
    errors.ConfigError: 500,
}
"""A ``ProtocolError`` brings its own status; a class that is not listed has its nearest parent's."""

HTTP_TABLE: Mapping[int, ErrorWords] = {
    400: ErrorWords(
        N_("The address or form was not complete."), N_("Go back, load the page again, and try once more.")
    ),
    403: ErrorWords(N_("This page is not open to you."), N_("Sign in, or ask the office for help.")),
    404: ErrorWords(
        N_("There is no such page here."), N_("Check the address, or ask who gave it to you for a new link.")
    ),
    405: ErrorWords(N_("This address cannot be used in this way."), N_("Go to the start page and begin there.")),
    408: ErrorWords(N_("Sending took too long."), _TRY_AGAIN),
    413: ErrorWords(N_("The file or text is too large."), N_("Choose a smaller file and try again.")),
    414: ErrorWords(N_("The link is too long."), _ASK_SENDER),
    415: ErrorWords(N_("This kind of file cannot be used here."), N_("Choose another file and try again.")),
    429: ErrorWords(N_("There were too many tries in a short time."), N_("Wait a minute, then try again.")),
    500: ErrorWords(
        N_("Something went wrong on our side."),
        N_("Try again in a few minutes. If it happens again, call the office and name the number below."),
        N_("We do not know whether the last step was finished. Look before you repeat it."),
    ),
    503: ErrorWords(N_("The service is not ready at the moment."), _TRY_AGAIN),
}
FORM_EXPIRED = ErrorWords(
    N_("This page was open too long, or cookies are off."), N_("Go back, load the page again, and try once more.")
)
FORM_FORGED = ErrorWords(
    N_("Another website tried to send this form in your name. It was refused."),
    N_("Go to the start page and begin there."),
)

_OAUTH_CODES: Mapping[int, str] = {401: "invalid_token", 404: "not_found", 405: "method_not_allowed", 429: "slow_down"}


def page_words(error: BaseException) -> ErrorWords:
    """The row for ``error``: its own class's, else its nearest parent's; a stranger's error is a 500."""
    if isinstance(error, CSRFError):
        return FORM_EXPIRED
    if isinstance(error, ForeignOrigin):
        return FORM_FORGED
    if isinstance(error, HTTPException):
        code = error.code or 500
        return HTTP_TABLE.get(code, HTTP_TABLE[400 if 400 <= code < 500 else 500])
    return words_for(error) if isinstance(error, errors.CredkitError) else HTTP_TABLE[500]


def status_of(error: errors.CredkitError) -> int:
    """The HTTP status of the page or answer for ``error``."""
    if isinstance(error, errors.ProtocolError):
        return error.http_status
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def install(app: Flask) -> None:
    """Answer every error of ``app``: a page for people, JSON for programs."""
    app.register_error_handler(errors.CredkitError, _on_known)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_unforeseen)


def error_page(error: errors.CredkitError | HTTPException) -> Response:
    """The page for ``error`` as a response; for views that catch an error and add nothing of their own."""
    words = page_words(error)
    detail = error.detail if isinstance(error, errors.CredkitError) else ""
    translated = get_translations().gettext(detail) if detail else ""
    specific = isinstance(error, errors.StateError | errors.ConfigError) and bool(detail)
    in_our_language = specific and (translated != detail or current_language() == "en")
    return make_response(
        render_template(
            "ui/error.html",
            words=words,
            happened=translated if in_our_language else "",
            detail="" if in_our_language else detail,
            code=getattr(error, "code", ""),
            error_id=None,
        ),
        status_of(error) if isinstance(error, errors.CredkitError) else error.code or 500,
    )


def _on_known(error: errors.CredkitError) -> Response:
    if not is_protocol_request():
        return error_page(error)
    if isinstance(error, errors.ProtocolError):
        body = error_body(error.error, error.description, error.http_status)
        response = make_response(jsonify(body), error.http_status)
        if error.http_status == 401:
            response.headers["WWW-Authenticate"] = f'Bearer error="{error.error}"'
        return response
    status = status_of(error)
    return make_response(jsonify(error_body("invalid_request", error.detail, status)), status)


def _on_http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    if isinstance(error, SecurityError):  # not our host name: no page can be built for it
        return Response("This address is not served here.\n", 400, mimetype="text/plain")
    if _wants_json():
        code = _OAUTH_CODES.get(error.code, "invalid_request" if error.code < 500 else "server_error")
        response = make_response(jsonify(error_body(code, page_words(error).happened, error.code)), error.code)
    else:
        response = error_page(error)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _on_unforeseen(error: Exception) -> Response:
    error_id = secrets.token_hex(4)
    places = " < ".join(
        f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__)[-8:])
    )
    current_app.logger.error(  # the message may hold personal data: only its class and place are written (K10)
        "unforeseen %s %s at %s",
        error_id,
        type(error).__name__,
        places,
        exc_info=error if current_app.testing else None,
    )
    if _wants_json():
        return make_response(jsonify(error_body("server_error", f"Something went wrong: {error_id}", 500)), 500)
    try:
        page = render_template(
            "ui/error.html", words=HTTP_TABLE[500], happened="", detail="", code="", error_id=error_id
        )
    except Exception:  # noqa: BLE001  the page itself is what is broken: the number still gets out
        return Response(f"{HTTP_TABLE[500].happened} {error_id}\n", 500, mimetype="text/plain")
    return make_response(page, 500)


def _wants_json() -> bool:
    if is_protocol_request():
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
