"""The page of /authorize in a real Chromium: a person lets a wallet collect, or does not, and is sent back to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser

from demo.export import STUDENT_NUMBER
from issuer.bootstrap import Services
from tests.browser.conftest import PHONE_ES, WIDE_EN, Screen, build_look, watching
from tests.issuer.offices import serving_listener, serving_office


@dataclass
class Town:
    """An office at its origin, and a wallet that hears the answers at another."""

    origin: str
    services: Services
    callback: str
    heard: list[str]

    def address(self, **more: str) -> str:
        asked = {"response_type": "code", "client_id": "https://wallet.example/app", "scope": "transcript",
                 "redirect_uri": self.callback, "code_challenge": "c" * 43, "code_challenge_method": "S256", **more}
        return f"{self.origin}/authorize?{urlencode(asked)}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with (serving_office(tmp_path_factory.mktemp("authorize")) as (origin, services),
          serving_listener() as (wallet, heard)):
        yield Town(origin, services, wallet + "/callback", heard)


@pytest.mark.parametrize("screen", [PHONE_ES, WIDE_EN], ids=str)
def test_a_person_answers_a_wallet(browser: Browser, town: Town, screen: Screen) -> None:
    student = town.services.students.find(STUDENT_NUMBER).id
    made = town.services.offers.offer_student(student, "operator", again=True, grant="code")
    state = town.services.offers.read(made.offer_url.rpartition("/")[2])["grants"]["authorization_code"]["issuer_state"]
    with (browser.new_context(viewport={"width": screen.width, "height": 844}, locale=screen.language,
                              reduced_motion="reduce") as context,
          watching(context, frozenset({"localhost"})) as watch):
        page, look = context.new_page(), build_look(watch, screen)
        page.goto(town.address())
        look(page, "authorize-number", folder="issuer")
        page.fill("[name=number]", STUDENT_NUMBER)
        page.fill("[name=code]", "000000x")
        page.click("form#page-form button.btn-primary")
        look(page, "authorize-wrong", folder="issuer")
        page.click("form.one-button button")
        page.wait_for_url(town.callback + "*")
        page.goto(town.address(issuer_state="used"))
        look(page, "authorize-refused", folder="issuer")
        page.click("main a.btn")
        page.wait_for_url(town.callback + "*error=invalid_request*")
        page.goto(town.address(issuer_state=state))
        look(page, "authorize-code", folder="issuer")
        page.fill("[name=code]", f"{made.tx_code[:3]} {made.tx_code[3:]}")
        page.click("form#page-form button.btn-primary")
        page.wait_for_url(town.callback + "*")

    no, _refused, yes = (parse_qs(urlsplit(each).query) for each in town.heard[-3:])
    assert no["error"] == ["access_denied"] and no["iss"] == yes["iss"] == [town.origin]
    assert len(yes["code"][0]) == 43
