"""Every route, every role, every id that is not theirs: the answer is that of an id that does not exist (P7, F05)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.amount import FULL
from tests.support.world import World
from tests.wallet.family.town import Household, found_household
from tests.wallet.web.browser import ORIGIN, Browser, form_of
from wallet.bootstrap import Services, build_services
from wallet.config import Config, GuessCost
from wallet.web import create_app

ROLES = ("mother", "father", "tutor", "child") if FULL else ("mother", "tutor")
_SAMPLE = 2
"""So many ids are tried at every route in ``make test``; ``make full`` tries all."""
OURS, THEIRS = "Quetzalli", "Zephyrine"
_OPEN_TO_ALL = ("ui", "bootstrap", "static", "vocabulary", "promises", "protocol", "shared", "share_api", "joining",
                "security", "unlocking", "practice", "outside")
"""Pages of these blueprints need no key, or their argument is a word and not an id."""
_VARIABLE = re.compile(r'name="(?:csrf_token|whose)" value="[^"]*"')
_WORDS = ("kind", "category", "role", "lesson", "answer", "subject_id", "index", "filename")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Services, Flask, Household, Household]:
    folder: Path = tmp_path_factory.mktemp("wallet")
    world = World()
    services = build_services(
        Config(folder, f"sqlite:///{folder / 'wallet.sqlite3'}", origin=ORIGIN, guess_cost=GuessCost(19 * 1024, 2, 1)),
        clock=world.clock, fetcher=world.web)
    app = create_app(services)
    app.testing = True
    app.extensions["backpack_limiter"].enabled = False
    return services, app, found_household(services, world, OURS), found_household(services, world, THEIRS)


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and path with ``{id}`` where an id stands, of every route that takes one."""
    for rule in app.url_map.iter_rules():
        names = [name for name in rule.arguments if name not in _WORDS]
        if rule.endpoint.partition(".")[0] in _OPEN_TO_ALL or not names:
            continue
        path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", lambda m: "{id}" if m[1] not in _WORDS else "0", rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule.endpoint, method, path


def ask(browser: Browser, method: str, path: str, token: dict[str, str]) -> TestResponse:
    return browser.client.open(path, method=method, base_url=ORIGIN, headers={"Origin": ORIGIN, "Accept": "text/html"},
                               data=token if method == "POST" else None)


def told(answer: TestResponse, item_id: str) -> tuple[int, str, str]:
    """What a person learns from an answer: status, where it leads, and the text without what differs each time."""
    text = _VARIABLE.sub("", answer.text).replace(item_id, "ID")
    return answer.status_code, answer.headers.get("Location", "").replace(item_id, "ID"), text


@pytest.mark.parametrize("role", ROLES)
def test_what_is_another_familys_is_not_there(
        place: tuple[Services, Flask, Household, Household], role: str) -> None:
    _services, app, ours, theirs = place
    browser = ours.browser(app, role)
    token = form_of(browser.get("/settings"), "/lock")["hidden"]
    foreign = [each for ids in theirs.ids().values() for each in (ids if FULL else ids[:1])]
    foreign = foreign if FULL else foreign[::max(1, len(foreign) // _SAMPLE)]
    absent = secrets.token_urlsafe(16)
    checked = 0
    for endpoint, method, path in routes(app):
        nothing = told(ask(browser, method, path.replace("{id}", absent), token), absent)
        assert nothing[0] in (303, 404, 409, 422), (endpoint, method, nothing[0])
        for item_id in foreign:
            answer = ask(browser, method, path.replace("{id}", item_id), token)
            assert told(answer, item_id) == nothing, (role, endpoint, method)
            assert THEIRS not in answer.text and THEIRS.lower() not in answer.text, (role, endpoint, method)
            checked += 1
    assert checked > 200


def test_a_tutor_finds_nothing_of_what_was_not_granted(
        place: tuple[Services, Flask, Household, Household]) -> None:
    _services, app, ours, _theirs = place
    browser = ours.browser(app, "tutor")
    token = form_of(browser.get("/settings"), "/lock")["hidden"]
    record = ours.guardian
    granted = {entry.id for entry in record.entries("credential")
               if entry.summary["category"] == "supplemental-achievement"}
    hidden = [item_id for kind, ids in ours.ids().items() if kind not in ("learner", "party", "learner-id", "file")
              for item_id in ids if item_id not in granted and browser_party(ours) not in record.recipients(item_id)]
    absent = secrets.token_urlsafe(16)
    assert len(hidden) > 10
    hidden = hidden if FULL else hidden[::max(1, len(hidden) // _SAMPLE)]
    for endpoint, method, path in routes(app):
        nothing = told(ask(browser, method, path.replace("{id}", absent), token), absent)
        for item_id in hidden:
            answer = ask(browser, method, path.replace("{id}", item_id), token)
            assert told(answer, item_id) == nothing, (endpoint, method, item_id)


def browser_party(household: Household) -> str:
    """The tutor's party id."""
    return next(party_id for party_id, member in household.guardian.members().items() if member.kind == "delegate")


def test_every_list_page_shows_each_person_only_what_is_theirs(
        place: tuple[Services, Flask, Household, Household]) -> None:
    _services, app, ours, _theirs = place
    pages = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
             and rule.endpoint.partition(".")[0] not in _OPEN_TO_ALL]
    for role in ROLES:
        browser = ours.browser(app, role)
        for path in pages:
            answer = browser.get(path)
            assert answer.status_code < 500, (role, path)
            assert THEIRS not in answer.text, (role, path)
            if role == "tutor":
                for word in ("iep", "transcript", "comment", "paper", "is kind"):
                    assert f"{OURS} {word}" not in answer.text, (role, path, word)


def test_nothing_readable_lies_on_disk_or_in_an_address(
        place: tuple[Services, Flask, Household, Household]) -> None:
    """P8: names, titles, signers, texts and passphrases of both families in database, log and key files: no hit."""
    services, app, ours, theirs = place
    ours.browser(app, "mother").get("/")
    disk = b"".join(path.read_bytes() for path in sorted(services.config.data.rglob("*")) if path.is_file())

    for word in (OURS, THEIRS, OURS.lower(), THEIRS.lower(), "a long passphrase", "mother ", "tutor "):
        assert word.encode() not in disk, word
    assert len(theirs.ids()) > 8
