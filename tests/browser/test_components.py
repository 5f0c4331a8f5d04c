"""Every component of ``ui``, looked at in a browser: on a phone in Spanish, on a wide screen in English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, Screen
from tests.browser.serving import serving
from tests.browser.showcase import PAGES, make_app


@pytest.fixture(scope="module")
def showcase() -> Iterator[str]:
    with serving(make_app) as origin:
        yield origin


def test_every_component_fits_and_is_accessible(page: Page, look: Look, showcase: str, screen: Screen) -> None:
    for name in PAGES:
        page.goto(f"{showcase}/{name}?quiet=1")
        look(page, name, folder="components")
        page.set_viewport_size({"width": screen.width // 2, "height": 422})  # text twice as large
        widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert widths[0] <= max(widths[1], 320), f"{name} scrolls sideways when enlarged"
        page.set_viewport_size({"width": screen.width, "height": 844})


def test_errors_come_back_with_what_was_typed(page: Page, look: Look, showcase: str) -> None:
    page.goto(f"{showcase}/form")
    page.locator("form").first.evaluate("form => document.getElementById('page-form').noValidate = true")
    page.fill("[name=name]", "José")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=name]")).to_have_value("José")
    look(page, "form-errors", folder="components")


def test_the_language_switch_keeps_the_form(page: Page, watch: object, showcase: str, screen: Screen) -> None:
    other = {"es": "English", "en": "Español"}[screen.language]
    page.goto(f"{showcase}/form?offer=1")
    page.fill("[name=name]", "José")
    page.check("[name=what][value=b]")
    page.get_by_role("button", name=other).click()
    assert page.locator("html").get_attribute("lang") != screen.language
    expect(page.locator("[name=name]")).to_have_value("José")
    assert page.is_checked("[name=what][value=b]")
    assert page.url.endswith("/form?offer=1")


def test_nothing_of_a_page_is_smaller_than_a_finger_on_a_phone(page: Page, watch: object, showcase: str) -> None:
    for name in ("form", "consent", "offer", "result-fails", "badges", "transcript"):
        page.goto(f"{showcase}/{name}?quiet=1")
        small = page.evaluate("""[...document.querySelectorAll(
                'a[href], button, summary, input:not([type=hidden]), select, textarea')]
            .filter(e => !e.matches('.skip-link, [hidden], [aria-hidden=true], p a, dd a, dd *, .narrative a, th a'))
            .map(e => [e.outerHTML.slice(0, 90), e.labels && e.labels[0] && e.type.match(/radio|checkbox/)
                ? e.labels[0].parentElement.getBoundingClientRect().height : e.getBoundingClientRect().height])
            .filter(([, height]) => height < 43.5)""")
        assert small == [], name


def test_a_page_works_and_reads_without_scripts(browser, showcase: str, screen: Screen) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": screen.width, "height": 844})
    page = context.new_page()
    page.goto(f"{showcase}/offer")
    expect(page.locator("img.qr")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    context.close()
