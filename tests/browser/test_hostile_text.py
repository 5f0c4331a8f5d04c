"""Hostile text in every field of every page, in Chromium: no script, no foreign request, no element (F01, F03, P6).

Each role's pages are found by following its own links, so a page that is added is visited. ``make test`` fills the
fields with one stretch of the corpus; ``make full`` goes on until every text of it has stood in a field by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as BrowserError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.conftest import watching
from tests.browser.hostile_places import PASSWORD, Build, Place, office_place, verifier_place, wallet_place
from tests.browser.serving import serving
from tests.support.amount import FULL
from tests.support.hostile_text import Supply, corpus
from tests.wallet.support import PASSPHRASE

_OF_EACH, _OF_RECORDS = 1, 4 if FULL else 2
"""So many pages of one kind are visited; of records, whose pages differ most, more."""
_FORMS = 99 if FULL else 3
"""So many forms of a role are sent."""
_NO_PAGES = ("static", "ui.static", "bootstrap.static", "vocabulary.family_v1", "promises.privacy_for_machines",
             "promises.data_inventory", "papers.file", "portfolio.work", "records.picture", "unlocking.left",
             "results.report", "api.progress")
"""Files and data, which no browser shows as a page of ours; beside what programs call of each role."""
_FOR_PROGRAMS = ("protocol.", "oauth.", "credentials.", "exchanges.", "badge_api.", "badge_oauth.")
_WITHOUT_WORDS = frozenset({
    "unlocking.welcome", "security.ask", "security.kit", "security.restore", "security.with_helpers", "ways.helping",
    "ways.remove", "authorizing.begin", "badge_access.begin", "offers.receive", "offers.returned", "offers.collecting",
    "requests.receive", "interactions.receive", "interactions.show", "requests.done", "practice.done", "answered.show",
    "exports.receipt"})
"""Pages that no link of ours leads to here, and that say nothing in words of others that another page does not say."""
_LOOK = """() => {
  const found = [];
  const harmful = "iframe frame object embed applet base style math video audio marquee foreignObject " +
    "animate set";
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    if (harmful.split(" ").includes(name)) found.push(element.outerHTML.slice(0, 200));
    if (name === "script" && !(element.src && new URL(element.src).origin === location.origin)) found.push("script");
    if (name === "meta" && element.httpEquiv) found.push(element.outerHTML.slice(0, 200));
    for (const attribute of element.attributes) {
      if (/^on|^(style|srcdoc|background|poster)$/i.test(attribute.name)) found.push(element.outerHTML.slice(0, 200));
      if (!/^(href|src|action|formaction|xlink:href|data-refresh|data-left)$/.test(attribute.name)) continue;
      const url = new URL(attribute.value, location.href);
      const fits = url.origin === location.origin ||
        /^(data:image\\/(png|jpeg|svg)|mailto:|openid|dccrequest:)/.test(url.href);
      const isWayOut = location.pathname.startsWith("/outside/") && element.rel && element.rel.includes("noopener");
      if (!fits && !isWayOut) found.push(`${attribute.name}=${url.href.slice(0, 120)}`);
    }
  }
  if (window.__pwned) found.push("a script ran");
  return found;
}"""
_LINKS = "() => [...document.querySelectorAll('a[href]')].map(a => a.href)"
_FILL = """texts => {
  let next = 0;
  const form = document.getElementById("page-form");
  form.noValidate = true;
  for (const control of form.elements) {
    if (control.type === "checkbox") control.checked = true;
    else if (control.matches("textarea, input:not([type=hidden], [type=file], [type=radio], [type=date])")) {
      control.type = control.localName === "input" ? "text" : control.type;
      control.removeAttribute("maxlength");
      control.value = texts[next++ % texts.length];
    }
  }
}"""

_SEND = "button => { button.form.noValidate = true; button.form.requestSubmit(button) }"


@dataclass
class Visit:
    """A walk through one role's pages."""

    page: Page
    origin: str
    app: Flask
    supply: Supply
    seen: dict[str, list[str]] = field(default_factory=dict)
    dialogs: list[str] = field(default_factory=list)

    def look(self, path: str) -> None:
        """Open a page and see that nothing of it is anybody else's doing."""
        self.seen.setdefault(self.endpoint(path) or "", []).append(path)
        try:
            answer = self.page.goto(self.origin + path, wait_until="domcontentloaded")
        except BrowserError as error:
            assert "Download is starting" in str(error), (path, str(error))
            return
        assert answer is None or answer.status < 500, (path, answer.status)
        self.check(path)

    def check(self, where: str) -> None:
        assert self.page.evaluate(_LOOK) == [], where
        assert self.dialogs == [], where

    def walk(self, *begin: str) -> None:
        """Every page that the pages lead to, some of each kind."""
        waiting, walked = ["/", *begin], dict[str, list[str]]()
        while waiting:
            path = waiting.pop(0)
            endpoint = self.endpoint(path)
            visited = walked.setdefault(endpoint or "", [])
            if endpoint is None or path in visited or (
                    len(visited) >= (_OF_RECORDS if endpoint == "records.show" else _OF_EACH) and path not in begin):
                continue
            visited.append(path)
            self.look(path)
            links: list[str] = self.page.evaluate(_LINKS)
            waiting += [link.removeprefix(self.origin) for link in links if link.startswith(self.origin + "/")]

    def endpoint(self, path: str) -> str | None:
        """The kind of page at a path; None for what is no page."""
        if "lang=" in path:
            return None
        try:
            name, _values = self.app.url_map.bind("localhost").match(urlsplit(path).path)
        except (HTTPException, RequestRedirect):
            return None
        return None if name in _NO_PAGES or name.startswith(_FOR_PROGRAMS) else str(name)

    def fill(self, *paths: str) -> None:
        """Send the form of each page with a hostile text in every field, and the form of the page that follows, where
        there is one: what is answered, refused or taken, is looked at like a page."""
        for path in paths[:_FORMS]:
            self.look(path)
            assert self.page.locator("#page-form").count() == 1, path
            self.page.evaluate(_FILL, list(self.supply.texts(12, 80)))
            for step in range(2):
                button = self.page.locator("#page-form button.btn-primary[type=submit]")
                if not button.count():
                    break
                with self.page.expect_navigation(wait_until="domcontentloaded"):
                    button.last.evaluate(_SEND)
                self.check(f"{path}, sent {step + 1}")
                self.seen.setdefault(self.endpoint(self.page.url.removeprefix(self.origin)) or "", []).append(path)


@contextmanager
def visiting(browser: Browser, build: Build, folder: Path, supply: Supply) -> Iterator[tuple[Visit, Place]]:
    """A browser at a place full of hostile text."""
    places: list[Place] = []

    def make(origin: str) -> Flask:
        places.append(build(folder, origin, supply))
        places[0].app.extensions["backpack_limiter"].enabled = False
        return places[0].app

    with serving(make) as origin, browser.new_context(viewport={"width": 390, "height": 844}, locale="en") as context, \
            watching(context, frozenset({"localhost"})):
        page = context.new_page()
        visit = Visit(page, origin, places[0].app, supply)

        def noticed(dialog: Any) -> None:
            visit.dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", noticed)
        yield visit, places[0]


def unlock(visit: Visit, login: str, passphrase: str) -> None:
    visit.page.goto(visit.origin + "/unlock")
    visit.page.fill("input[name=login]", login)
    visit.page.fill("input[type=password]", passphrase)
    with visit.page.expect_navigation():
        visit.page.locator("main button[type=submit]").first.click()
    assert visit.page.locator("input[type=password]").count() == 0, visit.page.locator("main").inner_text()


def sign_in(visit: Visit, name: str = "operator") -> None:
    visit.page.goto(visit.origin + "/login")
    visit.page.fill("[name=name]", name)
    visit.page.fill("[name=password]", PASSWORD)
    visit.page.locator("main form button[type=submit]").first.click()
    visit.page.wait_for_url(lambda url: not url.endswith("/login"))


def walk_wallet(browser: Browser, folder: Path, supply: Supply) -> Visit:
    with visiting(browser, wallet_place, folder, supply) as (visit, place):
        for path in place.open:  # as somebody who has no key here
            visit.look(path)
            if visit.page.locator("#shared-open").is_visible():
                visit.page.locator("#shared-open").click()  # the page's script opens what lies behind the link
                expect(visit.page.locator("[data-part=save]")).to_be_visible()
                visit.check(path)
        unlock(visit, place.helper, f"{place.helper} has six blue boats at sea")
        visit.look("/with-me")
        visit.look("/")
        visit.page.context.clear_cookies()
        unlock(visit, "me", PASSPHRASE)
        visit.page.goto(visit.origin + "/learners/")
        visit.page.locator("main form button[type=submit]").first.click()
        visit.walk(f"{place.begin[0]}/comments", "/settings/delete", "/profile/", "/profile/kinds/portfolio",
                   "/practice/fair", "/hand-over/", "/people/copies", "/learners/add", *place.begin)
        visit.look(f"/search?{urlencode({'q': supply.text(90)})}")
        visit.fill("/shares/new", "/people/invite/tutor", "/add", "/papers/new", "/portfolio/new", "/letters/new",
                   "/profile/about-me", "/learners/add")
        return visit


def walk_office(browser: Browser, folder: Path, supply: Supply) -> Visit:
    with visiting(browser, office_place, folder, supply) as (visit, place):
        for path in place.open:
            visit.look(path)
        sign_in(visit)
        visit.walk("/import", "/import/import-1", "/approvals", "/log", "/keys", "/staff", "/forms", "/award",
                   "/achievements", *place.begin)
        visit.fill("/award", "/staff", "/forms/work-habits", "/endorse", f"{place.begin[0]}/transfer",
                   f"{place.begin[0]}/guardians/limit")
        visit.page.context.clear_cookies()
        sign_in(visit, place.helper)
        visit.walk("/drafts")
        return visit


def walk_verifier(browser: Browser, folder: Path, supply: Supply) -> Visit:
    with visiting(browser, verifier_place, folder, supply) as (visit, place):
        for path in place.open:
            visit.look(path)
        sign_in(visit)
        visit.walk("/ask", "/ask/school", "/results", "/trust", *place.begin)
        visit.fill("/", "/ask", "/ask/school", "/trust")
        return visit


WALKS = {"wallet": walk_wallet, "office": walk_office, "verifier": walk_verifier}


@pytest.mark.parametrize("role", WALKS)
def test_no_text_of_others_becomes_anything_but_text(browser: Browser, role: str, tmp_path: Path) -> None:
    supply, rounds = Supply(), 0
    while rounds == 0 or (FULL and supply.given < len(corpus())):
        rounds += 1
        folder = tmp_path / str(rounds)
        folder.mkdir()
        visit = WALKS[role](browser, folder, supply)

    pages = {rule.endpoint for rule in visit.app.url_map.iter_rules() if "GET" in (rule.methods or ())
             and rule.endpoint not in _NO_PAGES and not rule.endpoint.startswith(_FOR_PROGRAMS)}
    has_ways_out = role == "wallet"
    assert sorted(pages - visit.seen.keys() - _WITHOUT_WORDS) == ([] if has_ways_out else ["outside.show"])
    assert supply.given > 150


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(corpus()) == len(set(corpus())) >= 7_000
