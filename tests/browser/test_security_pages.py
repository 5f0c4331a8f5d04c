"""The security pages in a real browser: ways in, kit, helpers, backup, and what we can promise, each looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.serving import serving
from tests.support.world import World
from wallet.bootstrap import Services, build_services
from wallet.config import Config, GuessCost
from wallet.services.people.people import About, Draft
from wallet.web import create_app

PASSPHRASE = "seven green kites over Utah"
NEW = "a sentence nobody has used"
LONG = "María de los Ángeles Hernández-Núñez y Fernández de la Cruz"


@pytest.fixture
def wallet(tmp_path: Path) -> Iterator[tuple[str, Services, World]]:
    """A mother with one learner and two helpers, on a clock that the test moves."""
    world, made = World(), []

    def make(origin: str) -> Flask:
        config = Config(tmp_path / "data", f"sqlite:///{tmp_path / 'data' / 'wallet.sqlite3'}", origin=origin,
                        guess_cost=GuessCost(19 * 1024, 2, 1))
        made.append(build_services(config, clock=world.clock, fetcher=world.web))
        return create_app(made[0])

    with serving(make) as origin:
        services = made[0]
        own = services.vault.create(PASSPHRASE, login="maria").vault
        services.people.set_my_name(own, LONG)
        record = services.people.add_learner(own, About("Lucía", "2015-03-09", "America/Denver", "es"), basis="parent")
        for name in ("Ana", "Bartolomé Hernández-Núñez y Fernández de la Cruz"):
            draft = Draft(name, "mentor", frozenset({"read:portfolio"}), "family-consent",
                          world.clock.now() + timedelta(days=90))
            token = services.people.invite(record, draft)
            helper = services.vault.register(name, f"a long passphrase of {name}").vault
            services.people.answer(helper, token, name)
            services.people.confirm(record, next(each.item_id for each in services.people.invitations(record)
                                                 if each.state == "answered"))
            services.people.join(helper)
        yield origin, services, world


def sign_in(page: Page, origin: str, login: str, passphrase: str) -> None:
    page.goto(f"{origin}/unlock")
    page.fill("[name=login]", login)
    page.fill("#page-form [name=passphrase]", passphrase)
    page.locator("#page-form button[type=submit]").click()
    page.wait_for_url(lambda url: "/unlock" not in url)


def lock(page: Page, origin: str) -> None:
    page.goto(f"{origin}/settings/security")
    page.locator("form[action='/lock'] button").first.click()
    page.wait_for_url("**/unlock**")


def send(page: Page) -> None:
    page.locator("#page-form button[type=submit]").click()


def code_on(page: Page) -> str:
    return "-".join(page.locator(".kit-code span").all_inner_texts())


def test_the_kit_is_made_printed_and_pasted(
        page: Page, look: Look, wallet: tuple[str, Services, World]) -> None:
    origin, _services, _world = wallet
    sign_in(page, origin, "maria", PASSPHRASE)
    page.goto(f"{origin}/settings/security")
    look(page, "ways-first", folder="security")
    page.goto(f"{origin}/settings/security/kit")
    look(page, "kit-new", folder="security")
    page.fill("[name=present]", "not this one")
    send(page)
    look(page, "kit-wrong", folder="security")
    page.fill("[name=present]", PASSPHRASE)
    send(page)
    look(page, "kit", folder="security")
    code = code_on(page)
    page.emulate_media(media="print")
    look(page, "kit-printed", folder="security")
    page.emulate_media(media="screen")
    expect(page.locator("[data-print]")).to_be_visible()
    lock(page, origin)
    page.goto(f"{origin}/recover")
    look(page, "recover", folder="security")
    page.goto(f"{origin}/recover/kit")
    page.locator("[name=code]").focus()
    page.keyboard.insert_text(code[:-1] + ("0" if code[-1] != "0" else "1"))
    page.fill("[name=passphrase]", NEW)
    page.fill("[name=again]", NEW)
    send(page)
    look(page, "recover-mistyped", folder="security")
    page.fill("[name=code]", code)
    page.fill("[name=passphrase]", NEW)
    page.fill("[name=again]", NEW)
    send(page)
    page.wait_for_url("**/settings/security")
    look(page, "ways-recovered", folder="security")


def test_helpers_open_it_together(page: Page, look: Look, wallet: tuple[str, Services, World]) -> None:
    origin, services, world = wallet
    sign_in(page, origin, "maria", PASSPHRASE)
    page.goto(f"{origin}/settings/security/helpers")
    look(page, "helpers", folder="security")
    for box in page.locator("[name=helper]").all():
        box.check()
    page.fill("[name=present]", PASSPHRASE)
    send(page)
    page.wait_for_url("**/settings/security")
    lock(page, origin)
    page.goto(f"{origin}/recover/ask")
    look(page, "ask", folder="security")
    page.fill("[name=login]", "maria")
    send(page)
    look(page, "asked", folder="security")
    code = code_on(page)
    sign_in(page, origin, "maria", PASSPHRASE)
    look(page, "banner", folder="security")
    page.goto(f"{origin}/settings/security")
    look(page, "ways-asked", folder="security")
    lock(page, origin)
    for login in ("Ana", "Bartolomé Hernández-Núñez y Fernández de la Cruz"):
        sign_in(page, origin, login, f"a long passphrase of {login}")
        page.goto(f"{origin}/settings/security/helping")
        if login == "Ana":
            look(page, "helping-early", folder="security")
            world.clock.advance(hours=72)
            sign_in(page, origin, login, f"a long passphrase of {login}")
            page.goto(f"{origin}/settings/security/helping")
        look(page, "helping", folder="security")
        page.locator("main form button[type=submit]").first.click()
        lock(page, origin)
    page.goto(f"{origin}/recover/open")
    page.fill("[name=code]", code)
    page.fill("[name=passphrase]", NEW)
    page.fill("[name=again]", NEW)
    send(page)
    page.wait_for_url("**/settings/security")
    assert services.vault.unlock(NEW, client="test", login="maria").vault.learners()


def test_a_backup_is_saved_and_added_as_copies(
        page: Page, look: Look, wallet: tuple[str, Services, World], tmp_path: Path) -> None:
    origin, services, _world = wallet
    sign_in(page, origin, "maria", PASSPHRASE)
    page.goto(f"{origin}/settings/backup")
    look(page, "backup", folder="security")
    page.fill("[name=present]", PASSPHRASE)
    with page.expect_download() as download:
        page.locator("main form button[type=submit]").click()
    file = tmp_path / "family.backup"
    download.value.save_as(file)
    page.goto(f"{origin}/settings/backup/copies")
    look(page, "copies", folder="security")
    page.set_input_files("[name=file]", file)
    page.fill("[name=passphrase]", "not this one")
    page.locator("main form button[type=submit]").click()
    look(page, "copies-wrong", folder="security")
    page.set_input_files("[name=file]", file)
    page.fill("[name=passphrase]", PASSPHRASE)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda url: "copies" not in url)
    assert len(services.vault.unlock(PASSPHRASE, client="test", login="maria").vault.learners()) == 2
    pages = (("/security", "promises"), ("/settings/security/passphrase", "change"))
    for path, name in pages:
        page.goto(f"{origin}{path}")
        look(page, name, folder="security")
    lock(page, origin)
    page.goto(f"{origin}/restore")
    look(page, "restore-in-use", folder="security")
