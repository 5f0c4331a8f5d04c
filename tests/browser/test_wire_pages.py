"""What a family sees of offers and requests from anybody: an exchange, an offer without a code, a nameless asker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.serving import serving
from tests.support.world import School, World
from tests.wallet.household import take
from tests.wallet.offices import AskingCollege, OfferingSchool
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.test_any_asker import BY_ADDRESS, link_of
from tests.wallet.web.test_interactions import ORIGIN as PARTNER
from tests.wallet.web.test_interactions import Partner
from wallet.bootstrap import build_services
from wallet.config import Config, GuessCost
from wallet.web import create_app

LONG = "Biblioteca Pública Regional Josefa Ortiz de Domínguez de San Juan del Río"


@pytest.fixture
def links(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A backpack with one course at an address, and links that came to the family by name."""
    found: dict[str, str] = {}

    def make(origin: str) -> Flask:
        world = World()
        school, college = OfferingSchool(world), AskingCollege(world)
        config = Config(tmp_path / "wallet", f"sqlite:///{tmp_path / 'wallet' / 'wallet.sqlite3'}", origin=origin,
                        guess_cost=GuessCost(19 * 1024, 2, 1), loopback_http=True)
        services = build_services(config, clock=world.clock, fetcher=world.web)
        vault = services.vault.create(PASSPHRASE).vault
        take(services, vault, school.offer(school.course(1, "Biology")))
        world.web.serve(PARTNER, Partner(world, School(world, "https://library.example", LONG)))
        found.update(exchange=f"{PARTNER}/i/1?iuv=1", request=link_of(college, BY_ADDRESS),
                     offer=school.offer(school.course(2, LONG), tx_code=None))
        return create_app(services)

    with serving(make) as origin:
        yield origin, found


def test_offers_and_requests_from_anybody_fit_and_are_accessible(
        page: Page, look: Look, links: tuple[str, dict[str, str]]) -> None:
    origin, found = links
    page.goto(origin)
    page.fill("input[type=password]", PASSPHRASE)
    page.locator("main button[type=submit]").first.click()
    expect(page.locator("#whole-record")).to_be_visible(timeout=30_000)
    page.goto(f"{origin}/interaction?{urlencode({'link': found['exchange']})}")
    look(page, "exchange", folder="wire")
    page.click("button[name=decision][value=take]")
    page.wait_for_load_state()
    look(page, "exchange-done", folder="wire")
    for name in ("offer", "request"):
        page.goto(origin + "/add")
        page.fill("[name=link]", found[name])
        page.locator("#page-form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/add" not in url)
        look(page, name, folder="wire")
