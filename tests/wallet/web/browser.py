"""A browser without scripts: it keeps cookies, reads forms, follows redirects to our own pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

ORIGIN = "https://wallet.example"


@dataclass
class Browser:
    """One person's browser."""

    app: Flask
    language: str = "en"
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str) -> TestResponse:
        """A page, after all redirects to our own pages."""
        return self._follow(self._open("GET", path))

    def submit(self, page: TestResponse, action: str = "", **values: Any) -> TestResponse:
        """Send the form of ``page`` that posts to ``action`` ("" for the page's own) with ``values``."""
        found = form_of(page, action)
        path = found["action"] or page.request.full_path.rstrip("?")
        return self._follow(self._open("POST", path, data={**found["hidden"], **values},
                                       headers={"Origin": ORIGIN}))

    def _open(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Accept-Language": self.language, "Accept": "text/html", **options.pop("headers", {})}
        return self.client.open(path, method=method, base_url=ORIGIN, headers=headers, **options)

    def _follow(self, answer: TestResponse) -> TestResponse:
        for _ in range(10):
            if answer.status_code != 303:
                break
            target = urlsplit(answer.headers["Location"])
            if target.netloc and target.netloc != urlsplit(ORIGIN).netloc:
                break
            answer = self._open("GET", target.path + (f"?{target.query}" if target.query else ""))
        return answer


def form_of(page: TestResponse, action: str = "") -> dict[str, Any]:
    """``action`` and hidden values of a form of the page."""
    for head, body in re.findall(r"<form([^>]*)>(.*?)</form>", page.text, re.DOTALL):
        found = re.search(r'action="([^"]*)"', head)
        target = unescape(found[1]) if found else ""
        if target.partition("?")[0] == action or (not action and target == page.request.full_path):
            fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body)
            return {"action": target, "hidden": {name: unescape(value) for name, value in fields}}
    raise AssertionError(f"no form for {action!r} on {page.request.path}: {page.text}")


def heading(page: TestResponse) -> str:
    """The text of the one h1."""
    (found,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found)).split())


def words(page: TestResponse) -> str:
    """All text of the page's main part."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())
