"""Letting an app in, in a real Chromium: the office makes a pass, a learner says no and yes, the app hears both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask, request
from playwright.sync_api import Browser

from credkit.protocols.ob_api_v3p0 import BASE
from credkit.protocols.registered_clients import OFFLINE_ACCESS
from demo.export import STUDENT_NUMBER, build_export
from issuer.bootstrap import Services, build_services, initialise_issuer
from issuer.config import from_environ
from issuer.web import create_app
from tests.browser.conftest import PHONE_ES, WIDE_EN, Screen, build_look, watching
from tests.browser.serving import serving
from tests.issuer.badge_apps import ALL, REGISTRATION
from ui.passwords import hash_password


@dataclass
class Town:
    """An office at its origin, and an app that hears the answers at another."""

    origin: str
    services: Services
    app_id: str
    callback: str
    heard: list[str]

    def address(self) -> str:
        asked = {"response_type": "code", "client_id": self.app_id, "scope": ALL, "redirect_uri": self.callback,
                 "state": "s", "code_challenge": "c" * 43, "code_challenge_method": "S256"}
        return f"{self.origin}{BASE}/authorize?{urlencode(asked)}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("apps")
    made: list[Services] = []
    heard: list[str] = []

    def make_office(origin: str) -> Flask:
        config = from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder / "school")
        initialise_issuer(config, origin=origin, name="Lincoln High School",
                          password_hash=hash_password("correct horse battery", b"sixteen bytes ok"))
        made.append(build_services(config))
        return create_app(made[0])

    def make_reader(origin: str) -> Flask:
        app = Flask("reader")

        @app.get("/callback")
        def callback() -> str:
            heard.append(request.url)
            return "<title>Back</title>"

        return app

    with serving(make_office) as origin, serving(make_reader) as reader:
        reading = made[0].imports.receive(build_export(folder / "x.zip").read_bytes(), "x.zip", "operator")
        made[0].imports.confirm(reading.id, "operator")
        moved = {name: value.replace("https://app.example", reader) for name, value in REGISTRATION.items()
                 if isinstance(value, str)}
        message = json.dumps({**REGISTRATION, **moved, "redirect_uris": [reader + "/callback"]}).encode()
        app_id = made[0].apps.register(message, "")["client_id"]
        yield Town(origin, made[0], app_id, reader + "/callback", heard)


@pytest.mark.parametrize("screen", [PHONE_ES, WIDE_EN], ids=str)
def test_a_learner_answers_an_app(browser: Browser, town: Town, screen: Screen) -> None:
    student = town.services.students.find(STUDENT_NUMBER).id
    with (browser.new_context(viewport={"width": screen.width, "height": 844}, locale=screen.language,
                              reduced_motion="reduce") as context,
          watching(context, frozenset({"localhost"})) as watch):
        page, look = context.new_page(), build_look(watch, screen)
        page.goto(f"{town.origin}/login")
        page.fill("[name=name]", "operator")
        page.fill("[name=password]", "correct horse battery")
        page.click("form#page-form button.btn-primary, main form button.btn-primary")
        page.goto(f"{town.origin}/students/{student}")
        page.click(f"form[action='/students/{student}/pass'] button")
        look(page, "pass", folder="issuer")
        login, code = page.locator("dd strong").all_inner_texts()
        page.goto(town.address())
        look(page, "app-authorize", folder="issuer")
        page.fill("[name=login]", login)
        page.fill("[name=code]", "wrong")
        page.click("form#page-form button.btn-primary")
        look(page, "app-authorize-wrong", folder="issuer")
        page.click("form.one-button[action$='/no'] button")
        page.wait_for_url(town.callback + "*")
        page.goto(town.address())
        page.uncheck("[name=allow][value=hand_in]")
        page.fill("[name=login]", login)
        page.fill("[name=code]", code)
        page.click("form#page-form button.btn-primary")
        page.wait_for_url(town.callback + "*")
        page.goto(f"{town.origin}/students/{student}")
        look(page, "student-with-pass", folder="issuer")

    no, yes = (parse_qs(urlsplit(each).query) for each in town.heard[-2:])
    assert no["error"] == ["access_denied"] and no["state"] == yes["state"] == ["s"]
    assert len(yes["code"][0]) == 43 and OFFLINE_ACCESS in yes["scope"][0] and "upsert" not in yes["scope"][0]
