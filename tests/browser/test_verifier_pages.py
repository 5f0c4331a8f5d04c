"""A family's words and choices as an office sees them: fits a phone, nothing for axe to find, no English in Spanish."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from credkit.ports import JSONObject
from tests.browser.conftest import Look, Screen
from tests.browser.serving import serving
from tests.browser.walking import english_left
from tests.support.translations import read_catalogue
from tests.support.world import School, World
from tests.verifier.family import STUDENT, Family, LinkHost
from ui.passwords import hash_password
from ui.qr import qr_data_url
from verifier.bootstrap import build_services, initialise_verifier
from verifier.config import from_environ
from verifier.web import create_app

PASSWORD = "correct horse battery"
FOLDER = "verifier"


@dataclass(frozen=True)
class Office:
    """A verifier at its own address, and what a family has given it."""

    origin: str
    school: School
    links: LinkHost
    bundle: JSONObject


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, world = tmp_path_factory.mktemp("verifier"), World()
    school, tutor = School(world), School(world, "https://tutor.example", "Riverside Tutoring")

    def make(origin: str) -> Flask:
        config = from_environ({"BACKPACK_LOOPBACK_HTTP": "1"}, data=folder / "data")
        hashed = hash_password(PASSWORD, b"sixteen bytes ok")
        initialise_verifier(config, origin=origin, name="Roosevelt", wallets=(), password_hash=hashed)
        services = build_services(config, clock=world.clock, fetcher=world.web)
        for signer in (school, tutor):
            services.trust.add(signer.did, signer.name)
        return create_app(services)

    with serving(make) as origin:
        yield Office(origin, school, LinkHost(world), _bundle(Family(world), school, tutor))


def _bundle(family: Family, school: School, tutor: School) -> JSONObject:
    """Two courses of two signers, what the family says of the student, one good comment and one that was changed."""
    course = school.sign(school.course(index=7, name="Álgebra I"))
    lesson = tutor.sign(tutor.course(index=3, name="Fractions and decimals: a bridging course", student=STUDENT))
    about = family.about_me(("strength", "Explains things patiently"), ("need", "A quiet place to read"))
    changed = family.comment(lesson, number=2)
    changed["credentialSubject"]["endorsementComment"] = "forged"
    return family.bundle(course, lesson, about, comments=(family.comment(course), changed))


@pytest.fixture(scope="module")
def session(browser: Browser, office: Office) -> Any:
    """The cookies of somebody who has signed in, once: ten tries in five minutes are all there are."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{office.origin}/login")
        page.fill("input[name=name]", "operator")
        page.fill("input[name=password]", PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(f"{office.origin}/")
        return context.cookies()


@pytest.fixture
def inside(page: Page, office: Office, session: Any) -> Page:
    page.context.add_cookies(session)
    page.goto(f"{office.origin}/")
    return page


def submit(page: Page) -> None:
    page.locator("#page-form button[type=submit]").first.click()


def seen(page: Page, look: Look, screen: Screen, name: str) -> None:
    """A look at the page; words of the records, which stand as they were signed, are English on Spanish pages too."""
    look(page, name, folder=FOLDER)
    if screen.language == "es":
        ours = {message.id for package in ("ui", "verifier") for message in read_catalogue(package)}
        assert [text for text in english_left(page, "verifier") if text in ours] == []


def test_a_pasted_link_becomes_a_result_and_the_teachers_page(
    inside: Page, office: Office, look: Look, screen: Screen
) -> None:
    seen(inside, look, screen, "check")
    inside.fill("#field-text", office.links.share(office.bundle).url)
    submit(inside)
    expect(inside.locator(".verdict-holds")).to_be_visible()
    expect(inside.locator(".badge-family").first).to_contain_text("Ana Núñez, mother")
    assert "forged" not in inside.content()
    seen(inside, look, screen, "bundle")
    inside.locator("a[href$='/day-one']").click()
    seen(inside, look, screen, "day-one")


def test_a_photo_of_the_code_and_a_used_up_link(
    page: Page, office: Office, look: Look, screen: Screen, tmp_path: Path
) -> None:
    link = office.links.share(office.bundle, views=1)
    photo = tmp_path / "code.png"
    photo.write_bytes(base64.b64decode(qr_data_url(link.url).partition(",")[2]))
    for visible in (".verdict-holds", ".error-summary"):
        page.goto(office.origin)
        page.set_input_files("#field-file", photo)
        submit(page)
        expect(page.locator(visible)).to_be_visible()
    seen(page, look, screen, "used-up")


def test_a_full_record_is_asked_of_the_former_school(inside: Page, office: Office, look: Look, screen: Screen) -> None:
    inside.goto(f"{office.origin}/ask")
    seen(inside, look, screen, "ask")
    inside.locator("a[href$='/ask/school']").click()
    seen(inside, look, screen, "ask-school")
    inside.fill("#field-sender", office.school.did)
    inside.fill("#field-purpose", "Ana Núñez, grade 7")
    submit(inside)
    seen(inside, look, screen, "preview-school")
    submit(inside)
    assert str(inside.input_value("#request-link")).startswith("openid4vp://?client_id=")
    seen(inside, look, screen, "wait-school")


def test_keys_are_copied_for_a_place_without_a_network(
    inside: Page, office: Office, look: Look, screen: Screen
) -> None:
    inside.goto(f"{office.origin}/trust")
    inside.locator("form[action$='/trust/refresh'] button").click()
    expect(inside.locator(".notice-success")).to_contain_text("2")
    seen(inside, look, screen, "trust")
