"""The record's own pages: rules, comments, profile, portfolio, letters, old papers, what helpers bring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from credkit.formats.jwt_vc import sign_vc_jwt
from tests.browser.conftest import PHONE_ES, Look, Screen
from tests.browser.serving import serving
from tests.support.world import School, World
from tests.wallet.household import environment_of, of_type, take
from tests.wallet.offices import OfferingSchool
from tests.wallet.support import PASSPHRASE
from wallet.bootstrap import build_services
from wallet.config import Config, GuessCost
from wallet.services.record import about_me, comments, contributions, library, portfolio, tracker, unverified
from wallet.services.record.files import NewFile
from wallet.services.record.tracker import Letter
from wallet.services.sharing import importing
from wallet.web import create_app

LONG = "Coro de la Escuela Secundaria Regional Josefa Ortiz de Domínguez y sus alrededores"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A full backpack at an address, and the paths of its pages by name."""
    paths: dict[str, str] = {}

    def make(origin: str) -> Flask:
        app, found = fill(tmp_path, origin)
        paths.update(found)
        return app

    with serving(make) as origin:
        yield origin, paths


def fill(folder: Path, origin: str) -> tuple[Flask, dict[str, str]]:
    """A wallet with something on every page."""
    world = World()
    school = OfferingSchool(world)
    config = Config(folder / "wallet", f"sqlite:///{folder / 'wallet' / 'wallet.sqlite3'}", origin=origin,
                    guess_cost=GuessCost(19 * 1024, 2, 1), loopback_http=True)
    services = build_services(config, clock=world.clock, fetcher=world.web)
    vault, environment = services.vault.create(PASSPHRASE).vault, environment_of(services)
    take(services, vault, school.offer(
        school.transcript((1, "Biología", "A"), (2, "Álgebra", "B+")), school.course(1, "Biología"),
        of_type(school, 3, "ext:IEPSummary", "IEP"), of_type(school, 4, "CoCurricular", LONG)))
    biology = next(card.item_id for card in library.shelf(vault).all() if card.title == "Biología")
    signed: dict[str, Any] = {"name": "Ana Núñez", "language": "es"}
    comments.comment(vault, environment, biology, comments.Draft("Nos mudamos **dos** veces.", travels=True, **signed))
    note = contributions.contribute(vault, environment, contributions.Draft(
        "work-habits", "note", "Pregunta mucho", "No se rinde.", **signed))
    buffer = BytesIO()
    Image.new("RGB", (900, 600), (180, 120, 40)).save(buffer, "JPEG")
    piece = portfolio.add(vault, environment, title="Un puente", words="Aguantó *12 kg*.", works=[
        NewFile("puente.jpg", "image/jpeg", buffer.getvalue())], **signed)
    about_me.say(vault, environment, kind="strength", words="Paciencia", **signed)
    letter = tracker.prepare(vault, environment, kind="access", deadline="3-business-days", letter=Letter(
        "Escuela Primaria Benito Juárez", "Daniela Hernández", "Ana Núñez"))
    tracker.mark_sent(vault, environment, letter, date(2026, 6, 1))
    paper = unverified.keep(vault, environment, title="Boleta 2024", note="", name="boleta.csv", media_type="text/csv",
                            data=b"Materia;Nota\nArte;10\n")
    office = School(world, "https://lincoln.example")
    token = sign_vc_jwt(office.course(name="Coro"), office.p256, key_id=office.p256.verification_method)
    (text,) = importing.keep(vault, environment, (token,), file_name="coro.jwt").kept
    return create_app(services), {
        "rules": "/rules/", "rule": f"/rules/{biology}", "commented": f"/records/{biology}",
        "comments": f"/records/{biology}/comments", "contribution": f"/contributions/{note}",
        "contributing": "/contributions/new", "profile": "/profile/", "about-me": "/profile/about-me",
        "timeline": "/profile/timeline", "checklist": "/profile/checklist", "portfolio-new": "/portfolio/new",
        "piece": f"/records/{piece}", "text": f"/records/{text}", "import": "/import",
        "letters": "/letters/", "letter-new": "/letters/new",
        "letter": f"/letters/{letter}/letter", "papers": "/papers/", "paper": f"/papers/{paper}"}


def test_every_page_of_the_record_fits_and_is_accessible(
        page: Page, look: Look, record: tuple[str, dict[str, str]], screen: Screen) -> None:
    origin, paths = record
    page.goto(origin)
    page.fill("input[type=password]", PASSPHRASE)
    page.locator("main button[type=submit]").first.click()
    expect(page.locator("#whole-record")).to_be_visible(timeout=30_000)
    for name, path in paths.items():
        answer = page.goto(origin + path)
        assert answer is not None and answer.status == 200, name
        look(page, name, folder="record")


@pytest.mark.parametrize("screen", [PHONE_ES], indirect=True)
def test_a_rule_is_chosen_by_keyboard_alone(page: Page, watch: object, record: tuple[str, dict[str, str]]) -> None:
    origin, paths = record
    page.goto(origin)
    page.fill("input[type=password]", PASSPHRASE)
    page.locator("main button[type=submit]").first.press("Enter")
    expect(page.locator("#whole-record")).to_be_visible(timeout=30_000)
    page.goto(origin + paths["rules"])
    page.locator("[name=rule-transcript]:checked").focus()
    page.keyboard.press("ArrowRight")
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#page-form button[type=submit]')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".notice-success")).to_be_visible()
    assert page.locator("[name=rule-transcript]:checked").get_attribute("value") == "never"
