"""Growth, mastery and notices in a browser: fits a phone, nothing for axe to find, charts that say what they show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, Screen
from tests.browser.serving import serving
from tests.support.world import World
from tests.wallet.results import family_year, fractions, put
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import build_services
from wallet.config import Config, GuessCost
from wallet.services.growth import mastery
from wallet.web import create_app


@pytest.fixture(scope="module")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, world = tmp_path_factory.mktemp("growth"), World()

    def make(origin: str) -> Flask:
        config = Config(folder, f"sqlite:///{Path(folder) / 'wallet.sqlite3'}", origin=origin, loopback_http=True,
                        guess_cost=GuessCost(19 * 1024, 2, 1))
        services = build_services(config, clock=world.clock, fetcher=world.web)
        vault = services.vault.create(PASSPHRASE).vault
        put(vault, *family_year())
        mastery.keep_framework(vault, world.clock, json.dumps(fractions()).encode())
        return create_app(services)

    with serving(make) as origin:
        yield origin


@pytest.fixture
def inside(page: Page, wallet: str) -> Page:
    page.goto(f"{wallet}/unlock")
    page.fill("input[type=password]", PASSPHRASE)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"{wallet}/")
    return page


def hrefs(page: Page, selector: str) -> list[str]:
    return [str(link.get_attribute("href")) for link in page.locator(selector).all()]


def test_from_home_to_how_is_it_going_in_math_is_one_step(inside: Page, wallet: str, look: Look) -> None:
    look(inside, "growth-home", folder="growth")
    inside.locator("a[href='/growth/']").first.click()
    look(inside, "growth-overview", folder="growth")
    expect(inside.locator("main h2").first).to_have_text({"es": "Matemáticas", "en": "Math"}[
        str(inside.locator("html").get_attribute("lang"))])
    for number, href in enumerate(hrefs(inside, "main .plain-list a[href^='/growth/']")):
        inside.goto(wallet + href)
        look(inside, f"growth-test-{number}", folder="growth")


def test_a_chart_has_a_name_a_description_and_is_a_file_of_its_own(inside: Page, wallet: str, screen: Screen) -> None:
    inside.goto(f"{wallet}/growth/")
    inside.locator("main .plain-list a", has_text="RIT").first.click()
    chart = inside.locator("svg.chart")
    expect(chart).to_have_attribute("role", "img")
    assert "222" in (chart.locator("title").text_content() or "")
    assert "216" in (chart.locator("desc").text_content() or "")
    box = chart.bounding_box()
    assert box is not None and box["width"] <= screen.width
    sizes = chart.locator("text").evaluate_all("all => all.map(text => text.getBoundingClientRect().height)")
    assert min(sizes) >= 15
    assert chart.locator("[style], script, foreignObject").count() == 0
    with inside.expect_download() as download:
        inside.locator(".growth-chart a").click()
    root = ElementTree.fromstring(Path(download.value.path()).read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_map_of_standards_opens_to_its_records(inside: Page, wallet: str, look: Look) -> None:
    inside.goto(f"{wallet}/standards/")
    look(inside, "mastery", folder="growth")
    for number, href in enumerate(hrefs(inside, "main h2 a")):
        inside.goto(wallet + href)
        look(inside, f"mastery-map-{number}", folder="growth")
    inside.goto(f"{wallet}/standards/add")
    look(inside, "mastery-add", folder="growth")
    inside.goto(f"{wallet}/growth/notices")
    look(inside, "notices", folder="growth")
