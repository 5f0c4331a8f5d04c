"""Handing out in a real browser: choose, look, share, open the link as a stranger, take it back, print, practise.

Who opens the link holds it to be the secret: WebCrypto in the page opens what ``credkit.protocols.share_link`` sealed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from credkit.verification import Policy, verify_credential
from tests.browser.conftest import Look, Screen, build_look, watching
from tests.browser.serving import serving
from tests.support.world import World
from tests.wallet.offices import OfferingSchool
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import build_services
from wallet.config import Config, GuessCost
from wallet.services.record import about_me, comments, library
from wallet.web import create_app

WAIT_MS = 60_000
LONG = "Academia Preparatoria de Ciencias y Tecnología Profesor Benito Juárez del Valle Central"


@pytest.fixture
def world() -> World:
    return World()


@contextmanager
def wallet(tmp_path: Path, world: World) -> Iterator[str]:
    """A family's wallet with a transcript, courses, a comment that travels and strengths; its address."""
    school = OfferingSchool(world, name=LONG)

    def make_app(origin: str) -> Flask:
        config = Config(tmp_path / "wallet", f"sqlite:///{tmp_path / 'wallet' / 'wallet.sqlite3'}", origin=origin,
                        loopback_http=True, guess_cost=GuessCost(19 * 1024, 2, 1))
        services = build_services(config, clock=world.clock, fetcher=world.web)
        vault = services.vault.create(PASSPHRASE).vault
        courses = [(1, "Biology", "A"), (2, "Algebra I", "B+")]
        link = school.offer(
            school.transcript(*courses), *[school.course(*course) for course in courses],
            school.course(5, "Geometry", None, result_status="InProgress"))
        services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code="4711")
        environment = services.sharing.environment
        biology = next(card for card in library.shelf(vault).all() if card.title == "Biology")
        comments.comment(vault, environment, biology.item_id, comments.Draft(
            "Estuvo enferma en mayo.", "Ana Núñez, madre", "es", travels=True))
        about_me.say(vault, environment, kind="strength", words="Explains things to others", language="en", name="Ana")
        return create_app(services)

    with serving(make_app) as origin:
        yield origin


def unlock(page: Page, origin: str) -> None:
    page.set_default_timeout(WAIT_MS)
    page.goto(origin + "/")
    page.locator("input[name=passphrase]").fill(PASSPHRASE)
    page.locator("#page-form button[type=submit]").first.click()
    page.wait_for_url(origin + "/")


def test_a_link_is_made_opened_by_a_stranger_and_taken_back(
        page: Page, browser: Browser, look: Look, screen: Screen, tmp_path: Path, world: World) -> None:
    with wallet(tmp_path, world) as origin:
        unlock(page, origin)
        page.goto(origin + "/shares/")
        look(page, "none", folder="shares")
        link = share(page, look, origin, "link", ("Biology", "Geometry"))
        look(page, "link", folder="shares")
        bundle = opened_by_a_stranger(browser, screen, link, tmp_path)
        report = verify_credential(bundle, Policy(), world.environment())
        assert not [check for check in report.problems() if check.id not in ("trust", "validity")]
        page.reload()
        page.locator("form[action$='/end'] button").click()
        expect(page.locator("form[action$='/end']")).to_have_count(0)
        look(page, "taken-back", folder="shares")
        with stranger(browser, screen) as (other, other_look):
            other.goto(link)
            other.locator("#shared-open").click()
            expect(other.locator("#shared-status .notice")).to_be_visible()
            other_look(other, "stranger-gone", folder="shares")
        page.goto(origin + "/activity/")
        look(page, "activity", folder="shares")
        page.locator("main .badge-title a").first.click()
        page.goto(origin + "/shares/")
        look(page, "one", folder="shares")


def share(page: Page, look: Look, origin: str, form: str, titles: tuple[str, ...]) -> str:
    page.goto(origin + "/shares/new")
    look(page, "choose", folder="shares")
    for title in titles:
        page.locator("label", has_text=re.compile(rf"^\s*{title}\s*$")).click()
    page.locator("label", has_text=re.compile("familia|family")).first.click()
    page.locator("input[name=recipient]").fill("Escuela Secundaria " + LONG)
    page.locator("input[name=purpose]").fill("Inscribir a María José para el curso que empieza en agosto")
    page.locator(f"input[name=form][value={form}]").check()
    page.locator("#page-form button[type=submit]").last.click()
    page.wait_for_selector("button[name=decision][value=share]")
    look(page, f"preview-{form}", folder="shares")
    page.locator("button[name=decision][value=share]").click()
    page.wait_for_url(re.compile(r"/shares/[A-Za-z0-9_-]{22}$"))
    return page.locator("#share-link").input_value() if form != "file" else ""


@contextmanager
def stranger(browser: Browser, screen: Screen) -> Iterator[tuple[Page, Look]]:
    """Somebody else's browser."""
    context = browser.new_context(viewport={"width": screen.width, "height": 844}, locale=screen.language,
                                  accept_downloads=True)
    with watching(context, frozenset({"localhost"})) as watched:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        yield page, build_look(watched, screen)
    context.close()


def opened_by_a_stranger(browser: Browser, screen: Screen, link: str, folder: Path) -> dict[str, object]:
    with stranger(browser, screen) as (page, look):
        page.goto(link)
        look(page, "stranger", folder="shares")
        page.locator("#shared-open").click()
        expect(page.locator("#shared-status h3", has_text="Biology")).to_be_visible()
        expect(page.locator("#shared-status", has_text="Estuvo enferma en mayo.")).to_be_visible()
        look(page, "stranger-opened", folder="shares")
        with page.expect_download() as download:
            page.locator("#shared-status a[download]").click()
        target = folder / "records.json"
        download.value.save_as(target)
        found: dict[str, object] = json.loads(target.read_text(encoding="utf-8"))
        return found


def test_without_script_the_page_of_a_link_says_what_to_do(
        browser: Browser, screen: Screen, tmp_path: Path, world: World) -> None:
    with wallet(tmp_path, world) as origin:
        context = browser.new_context(viewport={"width": screen.width, "height": 844}, locale=screen.language,
                                      java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{origin}/s/{'A' * 22}#{'A' * 43}")
        assert page.locator("noscript .notice").is_visible() or page.locator("noscript").inner_text()
        context.close()


def test_paper_export_and_practice_are_pages_one_can_look_at(
        page: Page, look: Look, tmp_path: Path, world: World) -> None:
    with wallet(tmp_path, world) as origin:
        unlock(page, origin)
        share(page, look, origin, "paper", ("Transcript",))
        shown = page.url
        for path in ("packet", "day-one"):
            page.goto(f"{shown}/{path}")
            look(page, path, folder="shares")
        for path in ("export", "import", "practice/", "practice/fair", "practice/greedy", "with-me"):
            page.goto(f"{origin}/{path}")
            look(page, path.strip("/").replace("/", "-"), folder="shares")
        page.goto(f"{origin}/practice/fair")
        page.locator("button[name=decision][value=refuse]").click()
        look(page, "practice-done", folder="shares")
