"""Dates, numbers, foreign passages and typed values as templates see them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import render_template_string

from tests.ui.conftest import make_app

MOMENT = datetime(2026, 4, 21, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def app():
    return make_app(timezone="America/Denver")


def show(app, template, language="en", **values):
    with app.test_request_context(f"/?lang={language}", base_url="https://wallet.example"):
        app.preprocess_request()
        return render_template_string(template, **values)


@pytest.mark.parametrize(
    ("template", "value", "english", "spanish"),
    [
        ("{{ v|date }}", date(2026, 4, 21), "April 21, 2026", "21 de abril de 2026"),
        ("{{ v|date }}", "2026-04-21T03:00:00Z", "April 20, 2026", "20 de abril de 2026"),
        ("{{ v|date }}", "2026-04-21", "April 21, 2026", "21 de abril de 2026"),
        ("{{ v|date }}", "some day", "some day", "some day"),
        ("{{ v|date }}", None, "", ""),
        ("{{ v|moment }}", MOMENT, "Apr 21, 2026, 9:30\u202fAM MDT", "21 abr 2026, 9:30 -0600"),
        ("{{ v|moment }}", "2026-04-21", "April 21, 2026", "21 de abril de 2026"),
        ("{{ v|number }}", 1234567.5, "1,234,567.5", "1.234.567,5"),
        ("{{ v|number }}", "B+", "B+", "B+"),
        ("{{ v|duration }}", 180, "3 minutes", "3 minutos"),
        ("{{ v|passage('en') }}", "Map", '<span dir="auto">Map</span>', '<span lang="en" dir="auto">Map</span>'),
        ("{{ v|passage('\"><x') }}", "Map", '<span dir="auto">Map</span>', '<span dir="auto">Map</span>'),
        ("{{ v|passage('zz-nonsense') }}", "Map", '<span dir="auto">Map</span>', '<span dir="auto">Map</span>'),
        ("{{ v }}", None, "", ""),
    ],
)
def test_values_are_shown_in_the_pages_language(app, template, value, english, spanish):
    assert show(app, template, v=value) == english
    assert show(app, template, "es", v=value) == spanish


def test_a_page_asks_for_help_where_its_settings_say():
    asked = make_app()
    asked.config["BACKPACK_CONTACT"] = lambda: "help@lincoln.example"
    assert '<a href="mailto:help@lincoln.example">' in show(asked, '{% extends "ui/base.html" %}')


def test_choices_come_back_as_they_were_made(app):
    template = (
        '{% import "ui/macros.html" as ui %}{{ ui.field("a", "A", "checkboxes", ["1"], options=['
        '{"value": "1", "label": "x"},'
        ' {"value": "2", "label": "y"}]) }}{{ ui.field("b", "B", "checkbox", true) }}'
    )
    assert show(app, template).count("checked") == 2
    with app.test_request_context("/", method="POST", data={"a": ["1", "2"]}, base_url="https://wallet.example"):
        assert render_template_string(template).count("checked") == 2
    with app.test_request_context("/", method="POST", data={"c": "x"}, base_url="https://wallet.example"):
        assert render_template_string(template).count("checked") == 0
