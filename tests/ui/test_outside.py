"""The way out to other hosts: over a page that names the host, for addresses that this server signed (F01)."""

from __future__ import annotations

import re

import pytest

from tests.ui.conftest import ORIGIN, make_app
from ui.web.outside import outside_link

ADDRESS = "https://work.example/a?b=1&c=%3Cx%3E"


def path_to(app, url: str = ADDRESS) -> str:
    with app.test_request_context("/", base_url=ORIGIN):
        return outside_link(url).split('href="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "You are leaving Backpack"), ("es", "Va a salir de Backpack")]
)
def test_the_page_names_the_whole_host_and_the_address_as_text(app, browser, language, words):
    page = browser.get(f"{path_to(app)}?lang={language}")

    assert page.status_code == 200 and f"<h1>{words}</h1>" in page.text
    assert "<strong>work.example</strong>" in page.text
    assert '<dd class="code" lang="en">https://work.example/a?b=1&amp;c=%3Cx%3E</dd>' in page.text


def test_it_leads_on_only_by_a_press_and_tells_nobody_from_where(app, browser):
    page = browser.get(path_to(app))

    assert "Location" not in page.headers and "Refresh" not in page.headers and "http-equiv" not in page.text
    leading_out = re.findall(r"<a [^>]*href=\"https:[^>]*>", page.text)
    assert len(leading_out) == 1
    assert 'rel="noopener noreferrer nofollow external" referrerpolicy="no-referrer"' in leading_out[0]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"


def test_an_address_of_somebody_elses_choice_has_no_such_page(app, browser):
    token = path_to(app).rpartition("/")[2]
    other = make_app()
    other.secret_key = b"x" * 32
    strange = path_to(other, "https://evil.example/")
    for path in (strange, f"/outside/{token[:-1]}", f"/outside/x{token}", "/outside/https://evil.example",
                 "/outside/%22https%3A%2F%2Fevil.example%22", "/outside/.", "/outside/" + "A" * 3000):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert 'href="https:' not in answer.text


def test_a_token_of_another_kind_is_no_way_out(app, browser):
    from itsdangerous import URLSafeSerializer

    for value in ("javascript:alert(1)", "http://x.example", "//x.example", 7, ["https://x.example"], None):
        token = URLSafeSerializer(app.secret_key, salt="backpack-outside").dumps(value)
        assert browser.get(f"/outside/{token}").status_code == 404
    foreign = URLSafeSerializer(app.secret_key, salt="something else").dumps("https://x.example")
    assert browser.get(f"/outside/{foreign}").status_code == 404


@pytest.mark.parametrize(
    ("host", "plain"), [("lincоln.example", "xn--lincln-zqf.example"), ("müller.example:8443", "xn--mller-kva.example")]
)
def test_a_host_in_look_alike_letters_is_shown_in_plain_ones(app, browser, host, plain):
    page = browser.get(path_to(app, f"https://{host}/")).text
    assert plain in page and f'lang="en">{host}</dd>' in page


def test_the_way_back_is_one_of_our_own_pages(app, browser):
    path = path_to(app)
    for referrer, back in ((f"{ORIGIN}/office", f"{ORIGIN}/office"), ("https://evil.example/", "/"), ("", "/"),
                           (f"{ORIGIN}.evil.example/", "/")):
        page = browser.get(path, headers={"Referer": referrer}).text
        assert f'<a class="btn btn-primary" href="{back}">' in page


def test_too_long_an_address_is_text(app):
    with app.test_request_context("/", base_url=ORIGIN):
        assert "<a" not in outside_link("https://x.example/" + "a" * 3000)
