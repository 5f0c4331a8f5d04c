"""A standard that was shown, with the item of its framework (D7, D13). The statement stays when the address is gone."""

from __future__ import annotations

from issuer.importing.model import N_
from issuer.services.templates._template import Answers, Content, Field, Measure, Template, Words

_MAX_NAME = 120


def _content(answers: Answers, words: Words) -> Content:
    standard = answers.standards["standard"]
    code = standard.code or ""
    label = standard.name if code in standard.name else f"{code} {standard.name}"
    title = label if len(label) <= _MAX_NAME else label[:_MAX_NAME - 1].rstrip() + "…"
    level = Measure("level", words("mastery_level"), "RubricCriterionLevel", answers.get("level"))
    return Content(
        key="|".join((standard.url, answers.get("shown_on"))), title=title, achievement=title,
        description=words("mastery_description", standard=standard.name), criteria=words("mastery_criteria"),
        measures=(level,), tags=("mastery",), alignments=(standard,), narrative=answers.get("story") or None,
        term=answers.get("term") or None, ended=answers.day("shown_on"),
    )


TEMPLATE = Template(
    "mastery", N_("Standard shown"), N_("One learning standard and how well the student showed it."), "Competency",
    (
        Field("standard", N_("Standard"), "standard", required=True, help=N_("Code or address of a CASE item.")),
        Field("level", N_("Level shown"), required=True,
              help=N_("In your school’s words, such as Mastered or Partly.")),
        Field("shown_on", N_("Day it was shown"), "date", required=True), Field("term", N_("Term")),
        Field("story", N_("How the student showed it"), "textarea"),
    ), _content,
)
