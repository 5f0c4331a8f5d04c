"""FakeWeb: an internet of WSGI applications without a socket; implements ``ports.Fetcher``.

    web = FakeWeb()
    web.serve("https://school.example", issuer_app)
    web.unreachable("https://school.example")     # from now on; web.reachable(...) takes it back
    web.requests                                  # what was asked: [Request("GET", "https://school.example/…", …)]

It keeps SafeFetcher's rules for URLs, redirects, encodings and sizes, so that a flow that passes here passes there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client

from credkit.errors import FetchError, TooLargeError
from credkit.http import check_url
from credkit.ports import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Request:
    """One request that went out, whether it was answered or not."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class FakeWeb:
    """Routes an origin (``https://host``; with ``allow_loopback`` also ``http://localhost:port``) to an application."""

    def __init__(self, *, allow_loopback: bool = False) -> None:
        self.requests: list[Request] = []
        self._allow_loopback = allow_loopback
        self._apps: dict[str, WSGIApplication] = {}
        self._down: set[str] = set()

    def serve(self, origin: str, app: WSGIApplication) -> None:
        """From now on ``app`` answers for ``origin``."""
        self._apps[check_url(origin, allow_loopback=self._allow_loopback).origin] = app

    def serve_json(self, url: str, document: Any, *, status: int = 200, content_type: str = "application/json") -> None:
        """One document at one URL (its origin must not be served by an application)."""
        target = check_url(url, allow_loopback=self._allow_loopback)
        site = self._apps.setdefault(target.origin, Site())
        if not isinstance(site, Site):
            raise TypeError(f"{target.origin} is already served by an application")
        site.pages[target.path] = (status, content_type, document)

    def unreachable(self, origin: str) -> None:
        """From now on nobody answers at ``origin``."""
        self._down.add(origin)

    def reachable(self, origin: str) -> None:
        """``origin`` answers again."""
        self._down.discard(origin)

    def get(
        self, url: str, *, accept: str = "*/*", max_bytes: int = 1_048_576, headers: Mapping[str, str] | None = None
    ) -> Response:
        """See ``ports.Fetcher``."""
        return self._ask("GET", url, b"", {**(headers or {}), "Accept": accept}, max_bytes)

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        accept: str = "application/json",
        max_bytes: int = 1_048_576,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """See ``ports.Fetcher``."""
        return self._ask(
            "POST", url, body, {**(headers or {}), "Accept": accept, "Content-Type": content_type}, max_bytes
        )

    def _ask(self, method: str, url: str, body: bytes, headers: dict[str, str], max_bytes: int) -> Response:
        target = check_url(url, allow_loopback=self._allow_loopback)
        self.requests.append(Request(method, url, headers, body))
        app = self._apps.get(target.origin)
        if app is None or target.origin in self._down:
            raise FetchError("the other host could not be reached or did not answer properly")
        answer = Client(app, use_cookies=False).open(
            target.path, method=method, base_url=target.origin, data=body, headers=headers
        )
        if 300 <= answer.status_code < 400:
            raise FetchError("the other host sent a redirect, which is not followed")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise FetchError("the other host sent a compressed answer, which was not asked for")
        if len(answer.data) > max_bytes:
            raise TooLargeError("the answer of the other host is too large")
        return Response(url, answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.data)


class Site:
    """A WSGI application of fixed pages: path → status, content type, bytes or a JSON document."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str, Any]] = {}

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        status, content_type, document = self.pages.get(environ["PATH_INFO"], (404, "text/plain", b"not found"))
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        start_response(f"{status} X", [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]
