"""Sessions: one signed cookie per role, for pages only; protocol routes neither read nor set one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from ui.web.protocol import is_protocol_request


def cookie_name(role: str, origin: str) -> str:
    """The session cookie of one role at one address: cookies know no ports, so an explicit port is part of the name."""
    port = urlsplit(origin).port
    return f"__Host-backpack-{role}" + (f"-{port}" if port else "")


class PageSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, kept away from protocol routes (protocols.md "Server rules": no cookies on them)."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not is_protocol_request() and not (request.endpoint or "").endswith("static"):
            super().save_session(app, session, response)

    def open_session(self, app: Flask, request: Request) -> Any:  # noqa: F811
        session = super().open_session(app, request)
        if session:
            session.permanent = True  # signed anew with every answer: an idle limit
        return session
