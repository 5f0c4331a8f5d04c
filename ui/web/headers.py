"""Security headers, on every answer without exception (security.md F01 to F04)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, current_app, g, request

from ui.web.protocol import current_protocol, finish_protocol

_PAGE_SOURCES = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; manifest-src 'self'; media-src 'self'; object-src 'none'; script-src 'self'; "
    "style-src 'self'"
)
_DATA_SOURCES = "default-src 'none'; frame-ancestors 'none'"
_FEATURES = (
    "accelerometer",
    "browsing-topics",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "payment",
    "usb",
)
_CAMERA = {"issuer": "()", "wallet": "(self)", "verifier": "(self)"}


def install(app: Flask, form_targets: Sequence[str]) -> None:
    """Make ``app`` put our headers on every answer it gives, errors and static files included."""
    features = ", ".join(f"{name}=()" for name in _FEATURES)
    permissions = f"camera={_CAMERA[app.config['BACKPACK_ROLE']]}, {features}"
    secure = app.config["BACKPACK_ORIGIN"].startswith("https:")

    def finish(response: Response) -> Response:
        blueprint = current_protocol()
        set_header = response.headers.setdefault
        # not no-referrer, which makes the Origin of our own forms null; other hosts learn nothing either way
        set_header("Referrer-Policy", "same-origin")
        set_header("X-Content-Type-Options", "nosniff")
        set_header("Cross-Origin-Opener-Policy", "same-origin")
        set_header("Permissions-Policy", permissions)
        if secure:
            set_header("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if blueprint is not None:
            finish_protocol(response, blueprint)
            set_header("Content-Security-Policy", _DATA_SOURCES)
        else:
            set_header("Content-Security-Policy", page_policy(form_targets))
            set_header("X-Frame-Options", "DENY")
            if not _is_static():
                response.headers["Cache-Control"] = "no-store"
        set_header("Cross-Origin-Resource-Policy", "same-origin")
        return response

    app.after_request(finish)


def page_policy(form_targets: Sequence[str]) -> str:
    """The content security policy of the page being answered."""
    targets = ["'self'", *form_targets, *g.get("form_targets", ())]
    return f"{_PAGE_SOURCES}; form-action {' '.join(dict.fromkeys(targets))}"


def _is_static() -> bool:
    endpoint = request.endpoint or ""
    return endpoint.endswith("static") and endpoint in current_app.view_functions
