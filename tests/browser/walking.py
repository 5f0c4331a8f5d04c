"""Somebody at a browser who reads the buttons in the language of the page and goes where they lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from babel.support import NullTranslations
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look
from tests.support.shared import ROOT
from tests.support.translations import read_catalogue
from ui.languages import load_translations
from ui.qr import read_codes

_TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest("[lang]").lang === "es" && !parent.closest("script, noscript, .code, q, input, textarea"))
      found.push(node.data.replace(/\\s+/g, " ").trim());
  }
  return found.filter(text => text);
}"""
_UNMARKED = """() => {
  const focused = document.activeElement;  // the body between the last element and the first
  return focused !== document.body && getComputedStyle(focused).outlineStyle === "none" ? focused.outerHTML : null;
}"""
_ENGLISH = re.compile(r"\b(the|and|of|is|are|was|you|your|with|this|that|for|from|not|in|on)\b", re.IGNORECASE)


@cache
def words_of(role: str, language: str) -> NullTranslations:
    """What ``role`` says in ``language``."""
    return load_translations(language, [ROOT / role / "web" / "translations"])


@dataclass
class Walker:
    """One tab of one browser, on the pages of one role."""

    page: Page
    look: Look
    role: str
    language: str

    def to(self, role: str) -> Walker:
        """The same tab, now on the pages of another role."""
        return Walker(self.page, self.look, role, self.language)

    def say(self, message: str, plural: str | None = None, **values: object) -> str:
        """``message`` as the page says it; ``num`` among the values chooses the plural."""
        words = words_of(self.role, self.language)
        text = words.gettext(message) if plural is None else words.ngettext(message, plural, int(str(values["num"])))
        return text % values if values else text

    def button(self, message: str, plural: str | None = None, **values: object) -> Locator:
        """The one button or link with these words."""
        label = self.say(message, plural, **values)
        return self.page.get_by_role("button", name=label, exact=True).or_(
            self.page.get_by_role("link", name=label, exact=True)).filter(visible=True)

    def press(self, message: str, plural: str | None = None, **values: object) -> None:
        """Press it and arrive where it leads."""
        self.follow(self.button(message, plural, **values).first)

    def menu(self, message: str) -> None:
        """Follow a short entry of the menu."""
        self.open(str(words_of(self.role, self.language).pgettext("menu", message)), part="header")

    def open(self, title: str, *, part: str = "main") -> None:
        """Follow the link with the words ``title``, which are nobody's translation."""
        self.follow(self.page.locator(part).get_by_role("link", name=title, exact=True).first)

    def follow(self, target: Locator) -> None:
        """Press ``target`` and arrive where it leads."""
        with self.page.expect_navigation():
            target.click()

    def field(self, label: str) -> Locator:
        """The field with this label."""
        words = re.compile("^" + re.escape(self.say(label)) + r"( \(.+\))?$")
        return self.page.get_by_label(words).filter(visible=True)

    def fill(self, label: str, value: str) -> None:
        """Type into the field with this label."""
        self.field(label).fill(value)

    def sees(self, name: str, heading: str | None = None, plural: str | None = None, **values: object) -> None:
        """The page has this heading, and is as every page must be; in Spanish nothing is left in English."""
        if heading is not None:
            expect(self.page.locator("h1")).to_have_text(self.say(heading, plural, **values), use_inner_text=True)
        self.look(self.page, name, folder="story")
        if self.language == "es":
            left = english_left(self.page, self.role)
            assert left == [], (name, left)

    def reads(self, message: str, plural: str | None = None, **values: object) -> None:
        """The page says this."""
        expect(self.page.get_by_text(self.say(message, plural, **values)).first).to_be_visible()

    def scan(self) -> str:
        """What the code on the page says to a camera."""
        codes = read_codes(self.page.locator("img.qr").screenshot())
        assert len(codes) == 1
        return codes[0]

    def tab_to(self, target: Locator) -> int:
        """Reach ``target`` with the Tab key; how often it was pressed. What has the focus is visibly marked."""
        for count in range(1, 120):
            self.page.keyboard.press("Tab")
            unmarked = self.page.evaluate(_UNMARKED)
            assert unmarked is None, unmarked
            if target.evaluate("element => element === document.activeElement"):
                return count
        raise AssertionError("the Tab key does not lead there")


def english_left(page: Page, role: str) -> list[str]:
    """Texts of a Spanish page that are English, and not marked as such."""
    texts: list[str] = page.evaluate(_TEXTS)
    return [text for text in texts if text in _english_of(role) or _ENGLISH.search(text)]


@cache
def _english_of(role: str) -> frozenset[str]:
    """Every whole English sentence of the role that reads differently in Spanish."""
    found = set()
    for package in ("ui", role):
        for message in read_catalogue(package):
            pairs = zip(_many(message.id), _many(message.string), strict=False)
            found |= {source for source, translated in pairs if source and source != translated}
    return frozenset(found)


def _many(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text) if isinstance(text, (tuple, list)) else ()
