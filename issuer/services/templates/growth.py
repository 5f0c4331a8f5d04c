"""A growth percentile as the state computed it (D11): shown, never computed here (requirements.md §5.1)."""

from __future__ import annotations

from issuer.importing.model import N_
from issuer.services.templates._template import Answers, Content, Field, Measure, Template, Words
from issuer.services.templates._tests import GRADE, PURPOSE, SUBJECT, TAKEN_ON, TERM, TEST, VERSION, tags_of


def _check(answers: Answers) -> dict[str, str]:
    percentile = answers.number("growth") or 0
    return {} if 1 <= percentile <= 99 else {"growth": N_("A growth percentile lies between 1 and 99.")}


def _content(answers: Answers, words: Words) -> Content:
    test = answers.get("test")
    measures = [Measure("growth", words("growth_percentile", group=answers.get("peers")), "ext:StudentGrowthPercentile",
                        answers.get("growth"), "1", "99")]
    if answers.get("level"):
        measures.append(Measure("level", words("growth_level"), "PerformanceLevel", answers.get("level")))
    title = words("growth_title", test=test)
    return Content(
        key="|".join((test, answers.get("subject"), answers.get("taken_on"))), title=title, achievement=title,
        description=words("growth_description", test=test), criteria=words("growth_criteria"), measures=tuple(measures),
        tags=tags_of(answers, "growth"), version=answers.get("version") or None, term=answers.get("term") or None,
        ended=answers.day("taken_on"),
    )


TEMPLATE = Template(
    "growth", N_("Growth percentile"), N_("As the state or the test’s maker computed it. We compute nothing."),
    "Assessment",
    (
        TEST, VERSION, SUBJECT, PURPOSE, GRADE, TAKEN_ON, TERM,
        Field("growth", N_("Growth percentile"), "whole", required=True),
        Field("peers", N_("Students it compares with"), required=True,
              help=N_("Such as students of the state with similar earlier scores.")),
        Field("level", N_("Level of growth"), help=N_("In the state’s own words.")),
    ), _content, check=_check,
)
