"""Spanish calls a learner with a sign-in of their own *tú* and a guardian *usted*, on every page (requirements §6)."""

from __future__ import annotations

import re
from collections import deque
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.translations import FORMAL, formal_to_learners
from tests.wallet.household import child_of, environment_of, let_in
from tests.wallet.results import family_year, put
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import Browser, words
from wallet.bootstrap import Services
from wallet.services.people.people import Draft
from wallet.services.record import about_me, comments
from wallet.vault import OpenVault

TUTEO = re.compile(r"\b(?:tú|tu|tus|contigo|eres|puedes|tienes|quieres|debes|verás)\b", re.IGNORECASE)
FOR_OTHERS = (
    "wallet/cli/", "ui/cli/", "wallet/services/record/letters.py", "wallet/web/templates/wallet/packet_",
    "wallet/web/templates/wallet/shared.html", "wallet/web/templates/wallet/site_",
)
"""Sources whose sentences nobody reads on a page with a sign-in: a terminal, letters, what is handed to others."""
NOT_TO_THE_READER = ("/outside/", "/shared/", "/ui/static/", "/static/", "/privacy", "/accessibility")
"""Public pages: the promises are one text for everybody."""


@pytest.fixture
def child(services: Services) -> OpenVault:
    """Daniela's record: results, comments, what she says about herself, a tutor, and her own sign-in."""
    child = child_of(services, services.vault.create(PASSPHRASE).vault)
    environment = environment_of(services)
    put(child, *family_year())
    let_in(services, child, "okafor", "read:supplemental-achievement")
    daniela = let_in(services, child, "daniela", role="learner")
    first = next(iter(child.known("credential")))
    comments.comment(child, environment, first.id, comments.Draft("She was ill in May.", "Ana", "en", travels=True))
    about_me.say(daniela, environment, kind="strength", words="I draw.", name="Daniela", language="en")
    return child


def browser_of(app: Flask, login: str, passphrase: str) -> Browser:
    browser = Browser(app, language="es")
    browser.submit(browser.get("/unlock"), login=login, passphrase=passphrase)
    return browser


def pages_of(browser: Browser, most: int = 160) -> list[TestResponse]:
    """Every page that links lead to, one of each shape of address."""
    waiting, seen, found = deque(["/"]), set[str](), []
    while waiting and len(found) < most:
        page = browser.get(waiting.popleft())
        if page.mimetype != "text/html":
            continue
        found.append(page)
        for href in re.findall(r'href="(/[^"#]*)', page.text):
            shape = re.sub(r"[A-Za-z0-9_-]{16,}|urn[^/]*", "*", unescape(href).partition("?")[0])
            if shape not in seen and not href.startswith(NOT_TO_THE_READER):
                seen.add(shape)
                waiting.append(unescape(href))
    return found


def said(page: TestResponse) -> str:
    """What the page says, attributes that are read aloud among it."""
    spoken = re.findall(r'(?:aria-label|title|placeholder|value|alt)="([^"]*)"', page.text)
    return " / ".join([words(page), *map(unescape, spoken)])


def test_every_sentence_that_says_usted_has_a_form_for_a_learner() -> None:
    assert formal_to_learners("wallet", FOR_OTHERS) == []


def test_no_page_says_usted_to_a_learner(app: Flask, child: OpenVault) -> None:
    pages = pages_of(browser_of(app, "daniela", "daniela has six blue boats at sea"))

    assert len(pages) > 40
    formal = {page.request.path: found[0] for page in pages if (found := FORMAL.search(said(page)))}
    assert formal == {}
    assert sum(1 for page in pages if TUTEO.search(said(page))) > 20


def test_no_page_says_tu_to_a_guardian(app: Flask, child: OpenVault) -> None:
    pages = pages_of(browser_of(app, "", PASSPHRASE))

    assert len(pages) > 40
    assert {page.request.path: found[0] for page in pages if (found := TUTEO.search(said(page)))} == {}
    assert sum(1 for page in pages if FORMAL.search(said(page))) > 20


def test_a_learner_who_is_invited_is_spoken_to_as_tu_before_they_have_a_sign_in(
        app: Flask, services: Services) -> None:
    child = child_of(services, services.vault.create(PASSPHRASE).vault)
    token = services.people.invite(child, Draft("daniela", "learner", frozenset(), "parent", None))

    visitor = Browser(app, language="es")
    page = visitor.submit(visitor.get(f"/join/{token}"), name="", login="", passphrase="", again="")

    assert page.status_code == 422
    assert "Escribe un nombre" in words(page)
    assert not FORMAL.search(said(page))
