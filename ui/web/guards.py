"""What stands before every view: Origin and CSRF checks on pages, size limits, rate limits (security.md F04, F08)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from limits.storage import MemoryStorage
from limits.strategies import RateLimiter
from werkzeug.exceptions import Forbidden

from ui.web.protocol import current_protocol

View = TypeVar("View", bound=Callable[..., Any])
_SAFE = ("GET", "HEAD", "OPTIONS")


class CountersInMemory(MemoryStorage):
    """Counters of one process, one hit after another: the library's own may start its clearing thread twice at once."""

    STORAGE_SCHEME = ["backpack-memory"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        self._turn = threading.Lock()
        super().__init__(uri, wrap_exceptions, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._turn:
            return super().incr(key, expiry, amount)


class ForeignOrigin(Forbidden):
    """A form that another site's page sent."""


def allow_body(max_bytes: int) -> Callable[[View], View]:
    """Let one view take bodies up to ``max_bytes`` (an upload); put it under the route decorator."""

    def mark(view: View) -> View:
        view.__dict__["backpack_max_bytes"] = max_bytes
        return view

    return mark


def rate_limit(rate: str) -> Callable[[View], View]:
    """Limit one view per address and method, e.g. ``"10 per minute"``; put it under the route decorator."""

    def mark(view: View) -> View:
        view.__dict__["backpack_rate"] = rate
        return view

    return mark


def allow_form_target(url: str) -> None:
    """Let forms on the page being answered lead to ``url``'s origin by redirect (https or loopback only).

    Anything else is ignored: the redirect then stays blocked.
    """
    parts = urlsplit(url)
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        if all(character.isalnum() or character in ".-[]:" for character in host):
            origin = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
            g.form_targets = (*g.get("form_targets", ()), origin)


def allow_form_scheme(scheme: str) -> None:
    """Let forms on the page being answered lead by redirect to an app that answers to ``scheme``.

    The caller has seen to it that the scheme is an app's own, and none that a browser knows.
    """
    if scheme.isascii() and scheme.replace("-", "a").replace(".", "a").replace("+", "a").isalnum():
        g.form_targets = (*g.get("form_targets", ()), f"{scheme}:")


def install(app: Flask, default_rate: str) -> None:
    """Put the guards in front of every view of ``app``; roles' own ``before_request`` hooks run after them."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    csrf = CSRFProtect(app)

    def rate_of_view() -> str:
        view = current_app.view_functions.get(request.endpoint or "")
        return str(getattr(view, "backpack_rate", default_rate))

    def refuse_forgeries() -> None:
        if request.method in _SAFE or current_protocol() is not None or request.routing_exception is not None:
            return
        check_origin()
        csrf.protect()

    app.extensions["backpack_limiter"] = Limiter(
        get_remote_address,
        app=app,
        default_limits=[rate_of_view],
        default_limits_per_method=True,
        default_limits_exempt_when=lambda: (request.endpoint or "").endswith("static"),
        storage_uri="backpack-memory://",
    )
    app.before_request(refuse_forgeries)


def limiter(app: Flask) -> RateLimiter:
    """The counter behind the rate limits, for limits on something else than the address (an account, a code)."""
    counter: RateLimiter = app.extensions["backpack_limiter"].limiter
    return counter


def set_size_limit() -> None:
    """Give the request the size limit of its view or blueprint; runs before anything reads the body."""
    protocol = current_protocol()
    view = current_app.view_functions.get(request.endpoint or "")
    limit = getattr(view, "backpack_max_bytes", protocol.max_body_bytes if protocol else None)
    if limit is not None:
        request.max_content_length = limit
        request.max_form_memory_size = limit


def check_origin() -> None:
    """Refuse a form another site's page sent, before its token is even looked at.

    Raises:
        ForeignOrigin: the browser says that the request comes from elsewhere.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForeignOrigin
    origin = request.headers.get("Origin")
    ours = (current_app.config["BACKPACK_ORIGIN"], request.host_url.rstrip("/"))
    if origin is not None and origin not in ours:
        raise ForeignOrigin
