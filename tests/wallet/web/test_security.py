"""Security pages: what is asked, what is refused, what never comes back, and that nobody is told who is here."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.world import World
from tests.wallet.family.conftest import LUCIA
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import ORIGIN, Browser, form_of, heading, words
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault

NEW = "a sentence nobody has used"
SECURITY = "/settings/security"


def code_on(page: TestResponse) -> str:
    """The code that a page shows, in groups."""
    return "-".join(re.findall(r"<span>([0-9A-Z]{5})</span>", page.text))


def states(services: Services, passphrase: str = PASSPHRASE, login: str | None = None) -> list[str]:
    vault = services.vault.unlock(passphrase, client="test", login=login).vault
    return [line.state for line in activity.lines(vault) if line.kind in ("recovery", "backup")]


# Passphrase

def test_the_passphrase_is_changed_and_other_browsers_are_locked(
        inside: Browser, app: Flask, services: Services) -> None:
    other = Browser(app)
    other.submit(other.get("/"), passphrase=PASSPHRASE)
    page = inside.submit(inside.get(f"{SECURITY}/passphrase"), present=PASSPHRASE, new=NEW, again=NEW)

    assert page.request.path == SECURITY and "The passphrase is changed" in page.text
    assert other.get("/settings").request.path == "/unlock"
    assert inside.get("/settings").request.path == "/settings"
    assert states(services, NEW) == ["changed"]


@pytest.mark.parametrize(("present", "new", "again", "status", "said"), [
    (PASSPHRASE, NEW, NEW + "x", 422, "not the same"), (PASSPHRASE, "short", "short", 422, "guessed too quickly"),
    ("wrong", NEW, NEW, 403, "not your passphrase"), ("", "", "", 422, "guessed too quickly"),
])
def test_a_refused_change_says_why_and_shows_no_secret(
        inside: Browser, services: Services, present: str, new: str, again: str, status: int, said: str) -> None:
    page = inside.submit(inside.get(f"{SECURITY}/passphrase"), present=present, new=new, again=again)

    assert page.status_code == status and said in words(page)
    assert not any(f'"{secret}"' in page.text for secret in (present, new, again) if secret)
    services.vault.unlock(PASSPHRASE, client="x")


# Recovery kit

def test_the_kit_is_shown_once_and_opens_the_backpack_with_a_new_passphrase(
        inside: Browser, app: Flask, services: Services) -> None:
    page = inside.submit(inside.get(f"{SECURITY}/kit"), present=PASSPHRASE)
    code = code_on(page)
    assert heading(page) == "Recovery kit" and len(code) == 47
    assert code_on(inside.get(f"{SECURITY}/kit")) == "" and code not in inside.get(SECURITY).text

    other = Browser(app)
    page = other.submit(other.get("/recover/kit"), code=code.lower().replace("-", " "), passphrase=NEW, again=NEW)

    assert page.request.path == SECURITY and "new passphrase" in page.text
    assert inside.get("/settings").request.path == "/unlock", "every other session ends"
    assert states(services, NEW) == ["kit_used", "kit_made"]
    again = Browser(app)
    page = again.submit(again.get("/recover/kit"), code=code, passphrase=NEW, again=NEW)
    assert page.status_code == 403 and "opens nothing" in words(page)


def test_a_mistyped_group_is_named_and_the_code_does_not_come_back_as_a_password(
        inside: Browser, app: Flask) -> None:
    code = code_on(inside.submit(inside.get(f"{SECURITY}/kit"), present=PASSPHRASE))
    groups = code.split("-")
    groups[2] = groups[2][:-1] + ("0" if groups[2][-1] != "0" else "1")
    other = Browser(app)

    page = other.submit(other.get("/recover/kit"), code="-".join(groups), passphrase=NEW, again=NEW)

    assert page.status_code == 403 and "Group 3 is not right" in words(page)
    assert f'"{NEW}"' not in page.text


def test_pasting_is_never_prevented(inside: Browser) -> None:
    """WCAG 3.3.8: a code is pasted, a password manager fills the rest."""
    page = inside.client.get("/recover/kit", base_url=ORIGIN)
    script = inside.client.get("/static/passkeys.js", base_url=ORIGIN).text

    assert "onpaste" not in page.text and "paste" not in script
    assert 'autocomplete="new-password"' in page.text


# Passkeys: ceremonies are tested in a browser; here what comes instead of one

HOSTILE: list[dict[str, str]] = [
    {}, {"answer": "", "prf": ""}, {"answer": "{}"}, {"answer": "[]"}, {"answer": "null"}, {"answer": "x" * 30_000},
    {"answer": '{"id":"a","rawId":"YQ","response":{}}'},
    {"answer": '{"id":"a","rawId":"YQ","response":{"clientDataJSON":"e30"}}'},
    {"answer": '{"rawId":"YQ","response":{"clientDataJSON":"eyJjaGFsbGVuZ2UiOiJBQUFBIn0","userHandle":"YQ"}}'},
    {"answer": '{"rawId":1,"response":{"clientDataJSON":1}}', "prf": "A" * 43},
    {"answer": "\x00", "prf": "\x00"},
]


@pytest.mark.parametrize("posted", HOSTILE)
def test_what_is_no_answer_of_a_passkey_opens_and_adds_nothing(
        inside: Browser, app: Flask, posted: dict[str, str]) -> None:
    other = Browser(app)
    token = form_of(other.get("/unlock"))["hidden"]
    answer = other.client.post("/unlock/passkey", base_url=ORIGIN, headers={"Origin": ORIGIN}, data={**token, **posted})
    page = inside.submit(inside.get(f"{SECURITY}/passkey"), present=PASSPHRASE, **posted)

    assert (answer.status_code, page.status_code) == (403, 403)
    assert other.get("/settings").request.path == "/unlock"
    assert "Passkey" not in words(inside.get(SECURITY)).partition("Add a way")[0].partition("Passphrase")[2]


def test_signing_in_with_a_passkey_names_nobody_before_it_answers(inside: Browser, app: Flask) -> None:
    other = Browser(app)
    token = form_of(other.get("/unlock"))["hidden"]
    begun = [other.client.post("/unlock/passkey/begin", base_url=ORIGIN, headers={"Origin": ORIGIN}, data=token).json
             for _ in range(2)]

    assert all(each and not each.get("allowCredentials") for each in begun)
    first, second = (each or {} for each in begun)
    assert first["challenge"] != second["challenge"] and first["rpId"] == "wallet.example"
    assert {**first, "challenge": ""} == {**second, "challenge": ""}


# Helpers

def helper(services: Services, record: OpenVault, name: str) -> None:
    """Somebody who is let in as a mentor."""
    from datetime import timedelta

    from wallet.services.people.people import Draft

    until = services.clock.now() + timedelta(days=90)
    draft = Draft(name, "mentor", frozenset({"read:portfolio"}), "family-consent", until)
    token = services.people.invite(record, draft)
    newcomer = services.vault.register(name, f"a long passphrase of {name}").vault
    services.people.answer(newcomer, token, name)
    waiting = next(each for each in services.people.invitations(record) if each.state == "answered")
    services.people.confirm(record, waiting.item_id)
    services.people.join(newcomer)


@pytest.fixture
def mother(services: Services, app: Flask) -> Browser:
    """María, with Lucía's record and two helpers, in her browser."""
    own = services.vault.create(PASSPHRASE, login="maria").vault
    services.people.set_my_name(own, "María")
    record = services.people.add_learner(own, LUCIA, basis="parent")
    for name in ("Ana", "Berta"):
        helper(services, record, name)
    return signed_in(app, "maria", PASSPHRASE)


def signed_in(app: Flask, login: str, passphrase: str) -> Browser:
    browser = Browser(app)
    page = browser.submit(browser.get("/unlock"), login=login, passphrase=passphrase)
    assert page.request.path != "/unlock", words(page)
    return browser


def choices(page: TestResponse) -> list[str]:
    return re.findall(r'name="helper"[^>]*value="([^"]+)"', page.text)


def test_helpers_are_chosen_asked_and_open_the_backpack_together(
        mother: Browser, app: Flask, services: Services, world: World) -> None:
    page = mother.get(f"{SECURITY}/helpers")
    assert len(choices(page)) == 2 and "Ana" in words(page)
    page = mother.submit(page, helper=choices(page), needed="2", name="María", present=PASSPHRASE)
    assert page.request.path == SECURITY and "Any 2 of these open it together" in words(page)

    lost = Browser(app)
    asked = lost.submit(lost.get("/recover/ask"), login="maria")
    code, spoken = code_on(asked), re.findall(r"<li><strong>(\w+)</strong>", asked.text)
    assert len(spoken) == 8
    assert "Somebody asks your helpers" in mother.get("/settings").text
    ana = signed_in(app, "Ana", "a long passphrase of Ana")
    early = ana.get(f"{SECURITY}/helping")
    assert re.findall(r"<li><strong>(\w+)</strong>", early.text) == spoken and "You can agree from" in words(early)

    world.clock.advance(hours=73)
    for name in ("Ana", "Berta"):
        browser = signed_in(app, name, f"a long passphrase of {name}")
        page = browser.get(f"{SECURITY}/helping")
        action = re.search(r'action="(/settings/security/helping/[^"]+)"', page.text)
        assert action is not None
        assert "You have agreed" in words(browser.submit(page, action[1]))
    page = lost.submit(lost.get("/recover/open"), code=code, passphrase=NEW, again=NEW)

    assert page.request.path == SECURITY and "new passphrase" in page.text
    signed_in(app, "maria", NEW)


def test_the_owner_stops_a_request_on_any_page(mother: Browser, app: Flask, world: World) -> None:
    page = mother.get(f"{SECURITY}/helpers")
    mother.submit(page, helper=choices(page), needed="2", name="María", present=PASSPHRASE)
    lost = Browser(app)
    code = code_on(lost.submit(lost.get("/recover/ask"), login="maria"))
    page = mother.get(SECURITY)
    action = re.search(r'action="(/settings/security/stop/[^"]+)"', page.text)
    assert action is not None

    page = mother.submit(page, action[1])

    assert "Stopped" in page.text and "Somebody asks" not in mother.get("/settings").text
    world.clock.advance(hours=73)
    page = lost.submit(lost.get("/recover/open"), code=code, passphrase=NEW, again=NEW)
    assert page.status_code == 403 and "Nothing opens with this code now" in words(page)


def test_asking_for_a_name_that_nobody_has_looks_the_same(mother: Browser, app: Flask) -> None:
    page = mother.get(f"{SECURITY}/helpers")
    mother.submit(page, helper=choices(page), needed="2", name="María", present=PASSPHRASE)

    def shape(login: str) -> str:
        browser = Browser(app)
        text = words(browser.submit(browser.get("/recover/ask"), login=login))
        return re.sub(r"[A-Z0-9]{5}( -)?|\d\. |\w+ \w+(?= )", "", text)[:40]

    assert shape("maria") == shape("nobody at all")


@pytest.mark.parametrize(("needed", "count"), [("1", 2), ("3", 2), ("2", 1), ("", 2), ("x", 2), ("-1", 0)])
def test_a_choice_that_is_no_quorum_is_refused(mother: Browser, needed: str, count: int) -> None:
    page = mother.get(f"{SECURITY}/helpers")
    page = mother.submit(page, helper=choices(page)[:count], needed=needed, name="María", present=PASSPHRASE)

    assert page.status_code == 422 and "at least two people" in words(page)


@pytest.mark.parametrize("path", ["remove/x", "helping/x", "stop/x"])
def test_what_is_not_ones_own_is_not_there(mother: Browser, path: str) -> None:
    token = form_of(mother.get(f"{SECURITY}/helpers"))["hidden"]
    answer = mother.client.post(f"{SECURITY}/{path}", base_url=ORIGIN, headers={"Origin": ORIGIN}, data={
        **token, "present": PASSPHRASE, "mark": "x"})

    assert answer.status_code == 404


# Backup

def downloaded(browser: Browser) -> bytes:
    page = browser.get("/settings/backup")
    answer = browser.client.post("/settings/backup", base_url=ORIGIN, headers={"Origin": ORIGIN}, data={
        **form_of(page, "")["hidden"], "present": PASSPHRASE})
    assert answer.status_code == 200 and answer.mimetype == "application/octet-stream", answer.text
    assert re.search(r'filename="?backpack-[\d-]+\.backup', answer.headers["Content-Disposition"])
    return answer.data


def upload(browser: Browser, path: str, data: bytes, passphrase: str) -> TestResponse:
    page = browser.get(path)
    fields: dict[str, Any] = {"file": (io.BytesIO(data), "family.backup"), "passphrase": passphrase}
    return browser.submit(page, **fields)


def test_a_backup_is_saved_and_put_back_into_an_empty_wallet(
        mother: Browser, services: Services, tmp_path_factory: pytest.TempPathFactory, world: World) -> None:
    from wallet.bootstrap import build_services
    from wallet.config import Config, GuessCost
    from wallet.web import create_app

    own = services.vault.unlock(PASSPHRASE, client="x", login="maria").vault
    record = own.for_learner(own.learners()[0].owner_id)
    record.add(CREDENTIAL, {"credential": {"id": "urn:x", "name": "Álgebra"}, "category": "transcript"})
    data = downloaded(mother)
    folder = tmp_path_factory.mktemp("empty")
    fresh = build_services(Config(folder, f"sqlite:///{folder / 'w.sqlite3'}", origin=ORIGIN,
                                  guess_cost=GuessCost(19 * 1024, 2, 1)), clock=world.clock, fetcher=world.web)
    browser = Browser(create_app(fresh))

    page = upload(browser, "/restore", data, PASSPHRASE)

    assert page.status_code == 200 and page.request.path != "/restore", words(page)
    again = fresh.vault.unlock(PASSPHRASE, client="x").vault
    twin = again.for_learner(record.owner_id)
    assert [entry.summary["credential_id"] for entry in twin.entries(CREDENTIAL)] == ["urn:x"]
    assert [person.name for person in fresh.people.people(twin)] == ["María"]
    assert states(fresh)[0] == "restored" and states(services, login="maria")[0] == "made"


def test_a_backup_is_added_as_copies(mother: Browser, services: Services) -> None:
    data = downloaded(mother)

    page = upload(mother, "/settings/backup/copies", data, PASSPHRASE)

    assert page.status_code == 200, words(page)
    own = services.vault.unlock(PASSPHRASE, client="x", login="maria").vault
    assert [learner.label for learner in own.learners()] == [LUCIA.name, f"{LUCIA.name} (copy)"]


@pytest.mark.parametrize(("data", "passphrase", "said"), [
    (b"", PASSPHRASE, "no backup"), (b"PK\x03\x04zip", PASSPHRASE, "no backup"), (None, "not this one", "passphrase"),
    (None, PASSPHRASE, "damaged")])
def test_a_backup_that_is_not_right_adds_nothing(
        mother: Browser, services: Services, data: bytes | None, passphrase: str, said: str) -> None:
    good = downloaded(mother)
    broken = good[:-1] + bytes([good[-1] ^ 1]) if passphrase == PASSPHRASE else good
    page = upload(mother, "/settings/backup/copies", broken if data is None else data, passphrase)

    assert page.status_code == 422 and said in words(page) and "Nothing was changed" in words(page)
    own = services.vault.unlock(PASSPHRASE, client="x", login="maria").vault
    assert len(own.learners()) == 1


def test_a_backup_needs_the_passphrase_of_today(inside: Browser) -> None:
    page = inside.submit(inside.get("/settings/backup"), present="not this one")

    assert page.status_code == 403 and "not your passphrase" in words(page)


def test_restoring_where_somebody_is_shows_the_other_way(inside: Browser, app: Flask) -> None:
    page = Browser(app).get("/restore")

    assert "in use" in words(page) and "<input" not in page.text.partition("<main")[2].partition("</main>")[0].replace(
        'type="hidden"', "")


# What we can promise

@pytest.mark.parametrize(("language", "said"), [
    ("en", "No web page can protect you from the server that sends it."),
    ("es", "Ninguna página web puede protegerle del servidor que la envía.")])
def test_the_security_page_says_what_a_hosted_page_cannot_promise(app: Flask, language: str, said: str) -> None:
    page = Browser(app, language).get("/security")

    assert page.request.path == "/security" and said in unescape(page.text) and ORIGIN in words(page)
    assert "backpack-wallet serve" in words(page)
