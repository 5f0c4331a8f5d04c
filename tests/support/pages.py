"""Checks that hold for every route of every role; each role's tests call them with its own app (security.md F04)."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from ui.web import ProtocolBlueprint

FORGED = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


def check_headers_of_every_route(app: Flask, origin: str) -> int:
    """See that every answer of every route carries the security headers; how many answers there were."""
    client = app.test_client()
    count = 0
    for rule, path in _paths(app):
        for method in ("GET", "OPTIONS", "DELETE"):
            answer = client.open(path, method=method, base_url=origin)
            headers, place = answer.headers, f"{method} {path}"
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, place
            assert not any(word in policy for word in ("unsafe", "*", "http:")), place
            assert headers["X-Content-Type-Options"] == "nosniff", place
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", place
            assert headers["Referrer-Policy"] == "same-origin", place
            assert headers["Permissions-Policy"], place
            assert ("Strict-Transport-Security" in headers) is origin.startswith("https:"), place
            assert "Access-Control-Allow-Credentials" not in headers, place
            if is_protocol(app, rule):
                assert "Set-Cookie" not in headers, place
            elif not rule.endpoint.endswith("static"):
                assert headers["Cache-Control"] == "no-store", place
                assert "Access-Control-Allow-Origin" not in headers, place
            count += 1
    return count


def check_forged_forms_are_refused(app: Flask, origin: str) -> int:
    """See that no page takes a form from elsewhere or without its token; how many pages take forms."""
    client = app.test_client()
    count = 0
    for rule, path in _paths(app):
        if is_protocol(app, rule) or not {"POST", "PUT", "DELETE", "PATCH"} & (rule.methods or set()):
            continue
        for headers in FORGED:
            assert client.post(path, base_url=origin, headers=headers).status_code == 403, f"{path} {headers}"
        assert client.post(path, base_url=origin, headers={"Origin": origin}).status_code == 400, path
        count += 1
    return count


def is_protocol(app: Flask, rule: Rule) -> bool:
    """Whether a route is for programs."""
    return isinstance(app.blueprints.get(rule.endpoint.rpartition(".")[0]), ProtocolBlueprint)


def _paths(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, "1")
        if rule.endpoint.endswith("static"):
            values["filename"] = "backpack.css"
        built = rule.build({**values, **(rule.defaults or {})})
        assert built is not None, rule
        yield rule, built[1]
