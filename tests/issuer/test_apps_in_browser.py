"""Letting an app in, in a real Chromium: the office makes a pass, a learner says no and yes, the app hears both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser

from credkit.protocols.ob_api_v3p0 import BASE
from credkit.protocols.registered_clients import OFFLINE_ACCESS
from demo.export import STUDENT_NUMBER
from issuer.bootstrap import Services
from tests.browser.conftest import PHONE_ES, WIDE_EN, Screen, build_look, watching
from tests.issuer.badge_apps import ALL, REGISTRATION
from tests.issuer.offices import serving_listener, serving_office


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
    with (serving_office(tmp_path_factory.mktemp("apps")) as (origin, services),
          serving_listener() as (reader, heard)):
        moved = {name: value.replace("https://app.example", reader) for name, value in REGISTRATION.items()
                 if isinstance(value, str)}
        message = json.dumps({**REGISTRATION, **moved, "redirect_uris": [reader + "/callback"]}).encode()
        app_id = services.apps.register(message, "")["client_id"]
        yield Town(origin, services, app_id, reader + "/callback", heard)


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
