"""What reading noticed, in words: every code of the kernel, on pages and in the terminal, in both languages."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from flask import render_template_string

from credkit.profiles import REMARKS, Remark
from tests.ui.test_words import GOOD
from ui import remarkwords
from ui.cli import Console, backpack_group, common_options
from ui.languages import LANGUAGES, load_translations
from ui.words import explain, explain_remarks

NAME = "Open Badges 2.0"
REPORT = {**GOOD, "remarks": [Remark("/place", code, NAME).to_json() for code in REMARKS]}
OUTER = {**GOOD, "members": [REPORT]}
MACRO = '{% import "ui/macros.html" as ui %}{{ ui.explained(told) }}'

main = backpack_group("backpack-test", role="test", help="For tests.")


@main.command("verify")
@click.option("--inside", is_flag=True)
@common_options
def verify(console: Console, inside: bool) -> int:
    return console.report(OUTER if inside else REPORT)


def sentences(language):
    return [remark.sentence for remark in explain_remarks(REPORT, load_translations(language))]


def test_every_remark_of_the_kernel_has_words():
    assert set(REMARKS) == set(remarkwords.REMARKS)
    for code, sentence in remarkwords.REMARKS.items():
        assert ("%(name)s" in sentence) == ("{name}" in REMARKS[code])
        assert Remark("/x", code, NAME).detail


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_a_sentence_of_its_own_in_each_language(language):
    told = sentences(language)
    assert len(set(told)) == len(REMARKS)
    others = {sentence for other in LANGUAGES if other != language for sentence in sentences(other)}
    assert not others.intersection(told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("report", [REPORT, OUTER], ids=["alone", "inside"])
def test_a_page_and_the_terminal_say_each(app, language, report):
    told = explain(report, load_translations(language))
    with app.test_request_context("/", base_url="https://wallet.example", headers={"Accept-Language": language}):
        page = render_template_string(MACRO, told=told)
    options = ["--inside"] if report is OUTER else []
    printed = CliRunner(env={"LANG": "C"}).invoke(main, ["verify", *options, "--lang", language]).stdout
    for sentence in sentences(language):
        assert sentence.replace("'", "&#39;") in page
        assert sentence in printed


def test_one_sentence_stands_once_with_all_its_places():
    remarks = [Remark(f"/{place}", "member_missing", "criteria").to_json() for place in range(3)]
    (told,) = explain_remarks({"remarks": remarks}, load_translations("en"))
    assert told.sentence == "A part that the standard asks for is missing: what one has to do for it."
    assert told.places == ("/0", "/1", "/2")


@pytest.mark.parametrize("remark", [{}, {"code": "brand_new", "name": "x"}, {"code": 7, "name": None, "pointer": []}])
def test_an_unknown_code_gets_honest_words(remark):
    (told,) = explain_remarks({"remarks": [remark]}, load_translations("en"))
    assert told.sentence == remarkwords.OTHER
