"""Every endpoint meets hostile input: never a 5xx, never a traceback, stored state as it was (security.md P3)."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient

import issuer.web
import verifier.web
import wallet.web
from tests.flows.conftest import COLLEGE, SCHOOL, WALLET, Town
from tests.flows.conftest import town as town  # noqa: PLC0414
from tests.support.amount import FULL

DEEP = b"[" * 100_000
BODIES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "truncated": b'{"proofs": {"jwt": ["ey',
    "binary": bytes(range(256)) * 8,
    "deep": DEEP,
    "deep objects": b'{"a":' * 100_000,
    "ten megabytes": b'{"a": "' + b"x" * 10_000_000 + b'"}',
    "utf-16": '{"grant_type": "x"}'.encode("utf-16"),
    "latin-1": b'{"name": "Jos\xe9"}',
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "duplicate members": b'{"proofs": {}, "proofs": {}}',
    "not a number": b'{"proofs": NaN}',
    "half a surrogate": b'{"proofs": "\\ud800"}',
    "an array": b"[]",
    "wrong types": b'{"credential_identifier": [], "proofs": 7, "grant_type": {}, "verifiableCredential": "x"}',
    "form": b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code=x&tx_code="
    + b"9" * 5000,
    "broken form": b"%%%=%zz&a&=&a=b&a=c&vp_token=%7B&state=\xff",
    "gzip": gzip.compress(b"\0" * 5_000_000),
    "null bytes": b"a=\0&\0=b",
}
TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")
PROTOCOL_PATHS = {
    SCHOOL: ("/par", "/token", "/nonce", "/credential", "/notification", "/ims/ob/v3p0/register", "/ims/ob/v3p0/token",
             "/ims/ob/v3p0/revoke", "/ims/ob/v3p0/credentials"),
    COLLEGE: ("/responses/nobody", "/requests/nobody/object", "/api/verify"),
}


@pytest.fixture
def apps(town: Town) -> dict[str, Flask]:
    return {SCHOOL: issuer.web.create_app(town.school), COLLEGE: verifier.web.create_app(town.college),
            WALLET: wallet.web.create_app(town.wallet)}


def stored(folder: Path) -> dict[str, list[Any]]:
    """Every row of every table, but those of nonces, which are given to anybody."""
    (database,) = [path for path in folder.iterdir() if path.suffix in (".db", ".sqlite3")]
    with sqlite3.connect(database) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {name: sorted(map(repr, connection.execute(f"SELECT * FROM {name}"))) for name in names
                if "nonce" not in name}


def client_of(app: Flask, origin: str) -> FlaskClient:
    class Browser(FlaskClient):
        def open(self, *arguments: Any, **options: Any) -> Any:
            return super().open(*arguments, **{"base_url": origin, **options})

    return Browser(app, app.response_class, use_cookies=True)


@pytest.mark.parametrize("origin", PROTOCOL_PATHS)
def test_protocol_endpoints_answer_each_hostile_body_with_a_code(town, apps, tmp_path, origin):
    folder = tmp_path / {SCHOOL: "school", COLLEGE: "college"}[origin]
    client = client_of(apps[origin], origin)
    before = stored(folder)
    for path in PROTOCOL_PATHS[origin]:
        for name, body in BODIES.items():
            for content_type in TYPES:
                answer = client.post(path, data=body, content_type=content_type, headers={"Authorization": "Bearer x"})
                where = (path, name, content_type, answer.status_code)
                assert answer.status_code < 500, where
                assert b"Traceback" not in answer.data, where
                if answer.status_code >= 400:
                    document = json.loads(answer.data)
                    code = document.get("error") or document.get("code") or document.get("imsx_codeMajor")
                    words = document.get("error_description") or document.get("detail") or document["imsx_description"]
                    assert code and words, where
    assert stored(folder) == before


def fill(rule: str) -> list[str]:
    """Paths of a rule with ids that nobody has, hostile ones among them."""
    values = ("nobody", "..%2f..%2fetc%2fpasswd", "%00", "' OR 1=1 --", "9" * 400, "%F0%9F%8E%92", "<script>")
    if "<" not in rule:
        return [rule]
    rule = re.sub(r"<int:[^>]+>", "7", rule)
    return [re.sub(r"<[^>]+>", value.replace("\\", "\\\\"), rule) for value in values]


@pytest.mark.parametrize("origin", [SCHOOL, COLLEGE, WALLET])
def test_no_page_breaks_for_a_stranger(apps, origin):
    app = apps[origin]
    client = client_of(app, origin)
    for rule in app.url_map.iter_rules():
        for path in fill(rule.rule.replace("<path:filename>", "<filename>")):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                answer = client.open(path, method=method, data={"csrf_token": "x"} if method == "POST" else None)
                assert answer.status_code < 500, (method, path)
                assert b"Traceback" not in answer.data, (method, path)


def token_in(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def signed_in(app: Flask, origin: str, folder: Path) -> FlaskClient:
    client = client_of(app, origin)
    if origin == WALLET:
        page, form = "/unlock", {"passphrase": "seven green kites over Utah"}
    else:
        page, form = "/login", {"name": "operator", "password": "correct horse battery"}
    token = token_in(client.get(page).text)
    answer = client.post(page, data={**form, "csrf_token": token}, headers={"Referer": origin + page})
    assert answer.status_code == 303, answer.text
    return client


# A value is written as in a form once, not once for each field of each form.
quoted = cache(quote_plus)
FORM_BYTES = 900_000
GARBAGE = ("", "x", "\0", "9" * 5_000, "' OR 1=1 --", "<script>alert(1)</script>", "\u202e\u200b", "https://",
           "openid4vp://?", "{{7*7}}",
           "openid-credential-offer://?credential_offer_uri=http%3A%2F%2F169.254.169.254%2F", '{"a":' * 50_000)


@pytest.mark.parametrize("origin", [SCHOOL, COLLEGE, WALLET])
def test_no_form_breaks_for_who_is_signed_in(apps, origin, tmp_path):
    app = apps[origin]
    client = signed_in(app, origin, tmp_path)
    names = sorted({name for page in (client.get(rule.rule).text for rule in app.url_map.iter_rules()
                                      if "<" not in rule.rule and "GET" in (rule.methods or set()))
                    for name in re.findall(r'name="([^"]+)"', page)} - {"csrf_token", "viewport"})
    number = 0
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()) or rule.endpoint in ("login.sign_out", "unlocking.lock"):
            continue
        for path in fill(rule.rule)[:3]:
            token, number = "", number + 1
            for value in GARBAGE if FULL else GARBAGE[number % 4::4]:  # each form meets a few, each few many forms
                token = token or token_in(client.get("/").text)
                fitting = value[:FORM_BYTES // len(names)]  # a form over the limit would never reach the view
                fields = {**dict.fromkeys(names, fitting), "csrf_token": token}
                answer = client.post(path, data="&".join(f"{quoted(name)}={quoted(fields[name])}" for name in fields),
                                     content_type=TYPES[1], headers={"Referer": origin + "/"})
                token = token if answer.status_code != 303 else ""  # what was done may have changed the session
                assert answer.status_code < 500, (path, value[:40], answer.status_code)
                assert b"Traceback" not in answer.data, (path, value[:40])
