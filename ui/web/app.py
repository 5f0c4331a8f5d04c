"""The application factory every role's own factory calls: headers, sessions, CSRF, language, error pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

from credkit.errors import ConfigError
from ui.web import errors, guards, headers, locale, outside, promises, sessions, views
from ui.web.vocabulary import vocabulary_blueprint

Role = Literal["issuer", "wallet", "verifier"]
Contact = str | Callable[[], str | None] | None
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class BackpackFlask(Flask):
    """A Flask whose templates print every foreign string without characters that hide or move others (F11)."""

    jinja_options: dict[str, Any] = {"finalize": views.finalize, "trim_blocks": True, "lstrip_blocks": True}

    def preprocess_request(self) -> ResponseReturnValue | None:
        guards.set_size_limit()
        locale.show_again()  # before every hook, so that each runs for the page that is shown
        return super().preprocess_request()


def create_app(
    import_name: str,
    *,
    role: Role,
    origin: str,
    secret_key: bytes | str,
    office: str = "",
    contact: Contact = None,
    translations: Sequence[Path] = (),
    form_targets: Sequence[str] = (),
    max_body_bytes: int = 1_048_576,
    session_idle_s: int = 1800,
    trusted_proxies: int = 0,
    timezone: str = "UTC",
    requests_per_minute: int = 600,
    vocabulary: bytes | None = None,
    is_learner: locale.IsLearner | None = None,
) -> Flask:
    """A Flask application with all that every role needs; the caller registers blueprints and a page at ``/``.

    Args:
        import_name: The role's web package (``issuer.web``); its ``templates`` and ``static`` lie in it.
        origin: The configured address, ``https://host[:port]`` or loopback ``http://``.
        secret_key: Signs sessions; at least 32 bytes, from the role's data folder.
        office: Shown in the page head beside the mark: the school's, college's or family's name.
        contact: Whom to ask for help (a phone number, an address), or a function that looks it up.
        translations: The role's own catalogue folders; laid over those of ``ui``.
        form_targets: Origins a form may lead to by redirect, besides our own; ``allow_form_target`` adds one.
        max_body_bytes: Largest body a page accepts; ``@allow_body(n)`` raises it for one view.
        session_idle_s: A session ends after so many seconds without a request.
        trusted_proxies: How many proxies in front set ``X-Forwarded-For``; 0 believes no such header.
        timezone: IANA name of the zone dates are shown in.
        vocabulary: The bytes of our own family vocabulary, served at ``/contexts/family-v1``.
        is_learner: Whether a learner reads this page with a sign-in of their own; Spanish then says *tú*.

    Raises:
        ConfigError: an origin that is no origin, or a secret that is too short.
    """
    host = _host_of(origin)
    if len(secret_key) < 32:
        raise ConfigError("the session secret is too short: it needs 32 bytes")
    app = BackpackFlask(import_name)
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=max_body_bytes,
        MAX_FORM_MEMORY_SIZE=max_body_bytes,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=session_idle_s),
        BACKPACK_ROLE=role,
        BACKPACK_ORIGIN=origin.rstrip("/"),
        BACKPACK_OFFICE=office,
        BACKPACK_CONTACT=contact,
        **_fixed_settings(role, origin, host),
    )
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies)  # type: ignore[method-assign]
    Bootstrap5(app)
    app.register_blueprint(
        Blueprint("ui", "ui.web", template_folder="templates", static_folder="static", static_url_path="/ui/static")
    )
    app.register_blueprint(promises.blueprint)
    app.register_blueprint(outside.blueprint)
    if vocabulary is not None:
        app.register_blueprint(vocabulary_blueprint(vocabulary))
    app.session_interface = sessions.PageSessions()
    locale.install(app, translations, timezone, is_learner)
    views.install(app)
    guards.install(app, f"{requests_per_minute} per minute")
    headers.install(app, form_targets)
    errors.install(app)
    return app


def _fixed_settings(role: Role, origin: str, host: str) -> dict[str, Any]:
    return {
        "TRUSTED_HOSTS": [*_LOOPBACK, host] if host in _LOOPBACK else [host],
        "SESSION_COOKIE_NAME": sessions.cookie_name(role, origin),
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
        "BOOTSTRAP_SERVE_LOCAL": True,
    }


def _host_of(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ConfigError("the origin must look like https://records.example.org")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ConfigError("the origin must use https; http is for this computer only")
    return f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
