"""An older copy put back: every page stops, who unlocks anew too, until a person takes it for the newest (H02, R08)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from itsdangerous import URLSafeSerializer

from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import Browser, heading, words
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.people.people import About
from wallet.web.context import CookieCounters

STOPS = "This backpack is older than the one you last saw"


@pytest.fixture
def mother(services: Services, visitor: Browser) -> Browser:
    """A browser in which the mother has worked on her child's record, after the copy was made that is put back."""
    own = services.vault.create(PASSPHRASE).vault
    record = services.people.add_learner(own, About("Lucía", "2015-03-09", "America/Denver", "es"), basis="parent")
    visitor.submit(visitor.get("/"), passphrase=PASSPHRASE)
    path = Path(services.config.data / "wallet.sqlite3")
    move(path, path.with_name("older.sqlite3"))
    services.people.change_learner(record, About("Lucía H.", "2015-03-09", "America/Denver", "es"))
    services.people.set_my_name(own, "María")
    assert visitor.get("/people").status_code == 200
    move(path.with_name("older.sqlite3"), path)
    return visitor


def move(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def test_every_page_stops_until_a_person_has_decided(services: Services, mother: Browser) -> None:
    for page in ("/", "/people", "/activity", "/rules/", "/profile"):
        told = mother.get(page)
        assert (told.status_code, heading(told)) == (409, STOPS), page

    after = mother.submit(told, "/older-copy")

    assert after.status_code == 200 and mother.get("/people").status_code == 200
    vault = services.vault.unlock(PASSPHRASE, client="x").vault
    (learner,) = vault.learners()
    assert activity.lines(vault.for_learner(learner.owner_id))[0].kind == "tampered"


def test_who_was_locked_out_by_the_copy_unlocks_and_decides(mother: Browser) -> None:
    """The sessions of then may be gone with it; the browser still remembers what it saw."""
    mother.client.delete_cookie("__Host-backpack-vault", domain="wallet.example", path="/")
    asked = mother.get("/people")
    assert asked.request.path == "/unlock"
    told = mother.submit(asked, passphrase=PASSPHRASE)

    assert heading(told) == STOPS and "ask who runs this backpack" in words(told).lower()
    assert heading(mother.get("/people")) == STOPS
    assert mother.submit(told, "/older-copy").status_code == 200
    assert mother.get("/people").status_code == 200


def test_a_browser_that_was_never_here_is_not_stopped(services: Services, mother: Browser) -> None:
    other = Browser(mother.app)

    assert heading(other.submit(other.get("/"), passphrase=PASSPHRASE)) != STOPS


def test_what_a_browser_remembers_fits_into_a_cookie(services: Services, mother: Browser) -> None:
    with mother.app.test_request_context("/"):
        counters, response = CookieCounters(), mother.app.response_class()
        for number in range(100):
            counters.see(f"{number:022}.{'x' * 22}", 1_000_000 + number, f"{number:043}".replace("0", "Qw"[number % 2]))
        counters.save(response)
        (cookie,) = response.headers.getlist("Set-Cookie")
        kept = URLSafeSerializer(services.session_key, salt="backpack-seen").loads(cookie.partition(";")[0].partition(
            "=")[2])

    assert len(cookie.partition(";")[0]) < 4096 and len(kept) >= 24 and f"{99:022}.{'x' * 22}" in kept
