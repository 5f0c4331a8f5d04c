"""Passkeys in a real Chromium with a virtual authenticator: one with PRF opens, one without only says who is here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from playwright.sync_api import CDPSession, Page

from tests.browser.conftest import Look
from tests.browser.serving import serving
from wallet.bootstrap import build_services
from wallet.config import Config, GuessCost
from wallet.web import create_app

PASSPHRASE = "seven green kites over Utah"


@pytest.fixture
def seen() -> list[tuple[str, str, dict[str, str]]]:
    """Every request: method, address with its query, body."""
    return []


@pytest.fixture
def wallet(tmp_path: Path, seen: list[tuple[str, str, dict[str, str]]]) -> Iterator[str]:
    def make(origin: str) -> Flask:
        config = Config(tmp_path / "data", f"sqlite:///{tmp_path / 'data' / 'wallet.sqlite3'}", origin=origin,
                        guess_cost=GuessCost(19 * 1024, 2, 1))
        app = create_app(build_services(config))
        app.before_request(lambda: seen.append((request.method, request.full_path, request.form.to_dict())))
        return app

    with serving(make) as origin:
        yield origin


def authenticator(page: Page, *, prf: bool) -> CDPSession:
    """A passkey store in this browser that answers by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "hasPrf": prf, "isUserVerified": True, "automaticPresenceSimulation": True}})
    return session


def begin(page: Page, wallet: str) -> None:
    page.goto(f"{wallet}/welcome")
    page.fill("[name=passphrase]", PASSPHRASE)
    page.fill("[name=again]", PASSPHRASE)
    page.locator("#page-form button[type=submit]").click()
    page.wait_for_url(lambda url: "welcome" not in url)


def add_passkey(page: Page, wallet: str) -> None:
    page.goto(f"{wallet}/settings/security/passkey")
    page.fill("[name=present]", PASSPHRASE)
    page.locator("form[data-passkey] button[type=submit]").click()
    page.wait_for_url("**/settings/security")


def lock(page: Page, wallet: str) -> None:
    page.goto(f"{wallet}/settings/security")
    page.locator("form[action='/lock'] button").first.click()
    page.wait_for_url("**/unlock**")


def test_a_passkey_opens_the_backpack_and_its_secret_is_posted_once_and_lies_nowhere(
        page: Page, look: Look, wallet: str, tmp_path: Path, seen: list[Any]) -> None:
    authenticator(page, prf=True)
    begin(page, wallet)
    page.goto(f"{wallet}/settings/security/passkey")
    look(page, "passkey-add", folder="security")
    add_passkey(page, wallet)
    look(page, "ways-passkey", folder="security")
    lock(page, wallet)
    look(page, "unlock-passkey", folder="security")

    page.locator("form[data-passkey=get] button[type=submit]").click()
    page.wait_for_url(lambda url: "/unlock" not in url)

    page.goto(f"{wallet}/settings/security")
    assert page.url.endswith("/settings/security")
    posted = [body["prf"] for _method, _address, body in seen if body.get("prf")]
    assert len(posted) == 2 and len(set(posted)) == 1, "once when added, once when opening, and the same value"
    secret = posted[0]
    assert not any(secret in address for _method, address, _body in seen)
    disk = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    stored = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.documentElement.outerHTML])")
    assert secret.encode() not in disk and secret not in stored
    assert all(secret not in cookie["value"] for cookie in page.context.cookies())


def test_a_passkey_without_prf_says_who_is_here_and_the_passphrase_is_asked(
        page: Page, look: Look, wallet: str, seen: list[Any]) -> None:
    authenticator(page, prf=False)
    begin(page, wallet)
    add_passkey(page, wallet)
    lock(page, wallet)
    page.locator("form[data-passkey=get] button[type=submit]").click()
    page.locator(".notice").first.wait_for()
    look(page, "unlock-said", folder="security")
    assert "/unlock" in page.url
    assert not any(body.get("prf") for _method, _address, body in seen)

    page.goto(f"{wallet}/settings/security")
    assert "/unlock" in page.url
    page.fill("[name=passphrase]", PASSPHRASE)
    page.locator("#page-form button[type=submit]").click()
    page.wait_for_url("**/settings/security")


def test_a_passkey_of_another_address_or_none_at_all_is_told_in_place(
        page: Page, look: Look, wallet: str) -> None:
    session = authenticator(page, prf=True)
    begin(page, wallet)
    lock(page, wallet)
    session.send("WebAuthn.disable")
    authenticator(page, prf=True)
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error()); }")
    page.locator("form[data-passkey=get] button[type=submit]").click()

    problem = page.locator("form[data-passkey=get] [role=alert]")
    problem.wait_for(state="visible")
    look(page, "unlock-passkey-failed", folder="security")
    assert page.locator("form[data-passkey=get] button[type=submit]").is_enabled()
