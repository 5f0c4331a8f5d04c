"""Text of strangers in every component stays text, adds no element, moves nothing (security.md F01, F03, F11)."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import render_template_string

from credkit.protocols.oid4vci.v1_0 import offer_links
from tests.ui.conftest import make_app
from ui.handover import build_handover
from ui.text import clean, one_line
from ui.web.components import (
    Badge,
    Choice,
    Consent,
    Course,
    Disclosure,
    Fact,
    Job,
    NavItem,
    SharedRecord,
    Signer,
    Term,
    Transcript,
)
from ui.web.markdown import render_markdown
from ui.web.outside import outside_link, safe_url
from ui.words import ExplainedCheck, ExplainedRemark, Verdict

PAYLOADS = (
    "<script>window.__pwned=1</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "</textarea></title></style></script><svg onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)//",
    "{{ 7 * 7 }}{% include 'x' %}",
    "%(name)s %s %d",
    "<a href='https://evil.example'>click</a><form action='https://evil.example'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202ednuof ton\u2066 \u200b\u200d INVALID\u0000\u001b[31m",
    "a" + "\u0301" * 500,
    "＜script＞alert(1)＜/script＞",
    "<!--",
    "]]>",
    "<![CDATA[<script>]]>",
    "\\u003cscript\\u003e",
    "A" * 5000,
)
SIGNER = Signer("did:web:x.example", None, "calls itself", "x.example", "en")
FACT = Fact("label", "value", "en")
COURSE = Course("title", "1.0", "A", "good", "note", None, "en")
DISCLOSURE = Disclosure("name", "label", "value", False, True, "warning", "en")
RECORD = SharedRecord("title", SIGNER, (DISCLOSURE, replace(DISCLOSURE, required=True)), ("stays",), "en")
VALUES: dict[str, Any] = {
    "signer": SIGNER,
    "known": replace(SIGNER, known_as="known"),
    "badge": Badge("title", "/", SIGNER, "school", date(2026, 1, 1), "good", None, "en", "note"),
    "fact": FACT,
    "long_fact": replace(FACT, markdown=False),
    "transcript": Transcript((Term("year", "term", (COURSE, replace(COURSE, grade=""))),), (FACT,)),
    "consent": Consent(SIGNER, "purpose", (RECORD,), "until", (("stays", "en"),), "en", ("warning",)),
    "job": Job(1, 2),
    "choice": Choice("value", "label", "help", "en"),
    "item": NavItem("label", "/", True),
    "check": ExplainedCheck("a", "fails", "✕", "word", "title", "sentence", "advice", (("check", "x"), ("a", "x"))),
    "remark": ExplainedRemark("code", "sentence", ("/place",)),
    "verdict": Verdict("fails", "✕", "word", "sentence", "advice"),
    "text": "text",
}
MACROS = {
    "verdict": "ui.verdict(verdict, 'p', text)",
    "check_list": "ui.check_list([check], text, remarks=[remark])",
    "who_signed": "ui.who_signed(signer) ~ ui.who_signed(known, text) ~ ui.signer_name(signer)",
    "badge_card": "ui.badge_card(badge) ~ ui.badge_list([badge])",
    "record_head": "ui.record_head(text, 'school', 'good', 'en', None, text)",
    "facts": "ui.facts(text, [fact, long_fact]) ~ ui.tags(text, [text])",
    "transcript": "ui.transcript(transcript)",
    "consent_sheet": "ui.consent_sheet(consent, '/x', text, [text], {'a': text})",
    "qr_panel": "ui.qr_panel(handover, text, text)",
    "progress": "ui.progress(job, text)",
    "field": "ui.field('a', text, 'text', text, text, {'a': text}) ~ ui.field('b', text, 'textarea', text)"
    " ~ ui.field('c', text, 'radios', '', text, {}, options=[choice])"
    " ~ ui.field('d', text, 'select', '', options=[choice])",
    "error_summary": "ui.error_summary({'a': text, '': text}, text)",
    "page parts": "ui.empty_state(text, text, '/', text) ~ ui.nav([item], text) ~ ui.steps([text], 1)"
    " ~ ui.back('/', text)"
    " ~ ui.copy_field('c', text, text) ~ ui.post_button('/x', text, fields={'a': text}) ~ ui.submit(text)"
    " ~ ui.contact(text)",
    "notices": "ui.notices()",
}
TOKEN = re.compile(r"/outside/[\w.-]+")
KEPT = {
    "url",
    "kind",
    "status",
    "language",
    "purpose_language",
    "name",
    "look",
    "symbol",
    "id",
    "markdown",
    "picture",
    "state",
}


class Outline(HTMLParser):
    """Elements and the names of their attributes, in order, and all text and attribute values."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[str] = []
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value or "" for _, value in attrs]
        self.links += [
            value or "" for name, value in attrs if name in ("href", "src", "action", "formaction", "data-refresh")
        ]

    def handle_data(self, data):
        self.values.append(data)


def poison(value: Any, payload: str) -> Any:
    """``value`` with every free text in it replaced."""
    if isinstance(value, str):
        return payload if value else value
    if isinstance(value, tuple):
        return tuple(poison(entry, payload) for entry in value)
    if isinstance(value, Signer):
        known = value.known_as and f"{payload} known"
        return replace(value, identifier=payload, known_as=known, calls_itself=payload, domain=payload)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {
            field.name: poison(getattr(value, field.name), payload) for field in fields(value) if field.name not in KEPT
        }
        return replace(value, **changes)
    return value


@pytest.fixture(scope="module")
def app():
    return make_app()


@pytest.fixture
def page(app):
    """A page being answered: links to the outside lead over this site."""
    with app.test_request_context("/", base_url="https://wallet.example"):
        yield


def render(app, call: str, payload: str | None) -> str:
    values = VALUES if payload is None else {name: poison(value, payload) for name, value in VALUES.items()}
    link = build_handover("offer", offer_links((payload or "text")[:200], ["https://wallet.example"]))
    with app.test_request_context("/", base_url="https://wallet.example"):
        return render_template_string('{% import "ui/macros.html" as ui %}{{ ' + call + " }}", handover=link, **values)


@pytest.mark.parametrize("name", MACROS)
def test_hostile_text_adds_no_element_to_a_component(app, name):
    harmless = Outline(render(app, MACROS[name], None))
    for payload in PAYLOADS:
        hostile = Outline(render(app, MACROS[name], payload))
        assert hostile.elements == harmless.elements, payload
        for link in hostile.links:
            assert link.startswith(
                ("/", "https://wallet.example/", "openid-credential-offer://?", "#", "data:image/png")
            ), link
        assert not any(clean(value) != value for value in hostile.values), payload


@pytest.mark.parametrize("name", [name for name in MACROS if name != "notices"])
def test_hostile_text_is_shown_as_what_it_is(app, name):
    shown = Outline(render(app, MACROS[name], PAYLOADS[0])).values
    assert any(PAYLOADS[0] in value for value in shown)


def test_every_macro_is_tried(app):
    template = app.jinja_env.get_template("ui/macros.html")
    with app.test_request_context("/", base_url="https://wallet.example"):
        names = {name for name in vars(template.module) if not name.startswith("_")}
    tried = " ".join(MACROS.values())
    untried = {name for name in names if f"ui.{name}(" not in tried}
    assert untried == {
        "icon",
        "csrf",
        "pagination",
        "language_switch",
        "our_note",
        "explained",
        "status_mark",
        "kind_mark",
    }


def test_a_flashed_text_stays_text(app):
    client = app.test_client()
    with client.session_transaction(base_url="https://wallet.example") as session:
        session["_flashes"] = [('"><script>', "<script>alert(1)</script>")]
    page = client.get("/", base_url="https://wallet.example").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page
    assert 'notice-plain"' in page


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " https://x.example",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "http://x.example",
        "//x.example",
        "https:///x",
        "https://",
        "https://user@x.example",
        "https://x.example/\u202egnp",
        'https://x.example/"onclick=',
        "vbscript:x",
        "https://[",
        "https://x.example:99999",
        None,
        7,
        "",
    ],
)
def test_only_https_becomes_a_link(page, url):
    assert safe_url(url) is None
    assert "<a" not in outside_link(url, "text")


def test_a_link_says_where_it_leads(page):
    link = outside_link("https://x.example/a?b=1&c=2", "<b>")
    assert TOKEN.sub("/outside/TOKEN", link) == (
        '<a href="/outside/TOKEN" rel="noopener noreferrer nofollow external" '
        'data-address="https://x.example/a?b=1&amp;c=2">&lt;b&gt; (x.example)</a>'
    )


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**a** *b* `c`", "<p><strong>a</strong> <em>b</em> <code>c</code></p>\n"),
        ("# Title", "<h4>Title</h4>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>\n"),
        ("https://x.example", "<p>https://x.example</p>\n"),
        ("[a](http://x.example)", "<p><span>a</span></p>\n"),
        (
            "[a](https://x.example)",
            '<p><a href="/outside/TOKEN" rel="noopener noreferrer nofollow external" '
            'data-address="https://x.example">a (x.example)</a></p>\n',
        ),
    ],
)
def test_the_markdown_subset(page, source, html):
    assert TOKEN.sub("/outside/TOKEN", render_markdown(source)) == html


@pytest.mark.parametrize(
    "source",
    [
        "![x](https://evil.example/beacon.png)",
        "[x](javascript:alert(1))",
        "[x](JAVASCRIPT&colon;alert(1))",
        "[x]: https://e.example\n[x]",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "<img src=x onerror=alert(1)>",
        "<https://x.example>",
        "[a](<javascript:alert(1)>)",
        "[a](https://x.example 'x\" onclick=\"alert(1)')",
        "&lt;script&gt;",
        "a\n***\n| a |\n|---|\n| b |",
        "[" * 3000,
        ">" * 3000,
        "* " * 3000,
    ],
)
def test_markdown_never_makes_more_than_the_subset(page, source):
    outline = Outline(render_markdown(source))
    allowed = {"p", "em", "strong", "code", "ul", "ol", "li", "a", "span", "blockquote", "br", "h4", "h5", "h6"}
    assert {tag for tag, _ in outline.elements} <= allowed
    assert all(names in ((), ("href", "rel", "data-address"), ("start",)) for _, names in outline.elements)
    assert all(link.startswith("/outside/") for link in outline.links)


@pytest.mark.parametrize("payload", [7, None, ["x"], {"@value": "x"}])
def test_what_is_no_text_is_no_markdown(payload):
    assert render_markdown(payload) == ""


def test_direction_and_invisible_characters_are_taken_away():
    assert clean("a\u202eb\u2066c\u200bd\ufeffe\u0000f\u00adg\u2028h") == "abcdefgh"
    assert clean("José 👨‍👩‍👧 नमस्ते مرحبا") == "José 👨‍👩‍👧 नमस्ते مرحبا"
    assert clean("\ud800x") == "x"


def test_one_line_is_short():
    assert one_line("a\n\n b\tc") == "a b c"
    assert one_line("x" * 300, 10) == "x" * 9 + "…"
