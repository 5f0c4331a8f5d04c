"""A summary of the Individualized Education Program (D16): sensitive, never shared by default (IDEA Part B)."""

from __future__ import annotations

from issuer.importing.model import N_
from issuer.services.templates._sections import sections
from issuer.services.templates._template import Answers, Content, Field, Template, Words

_SECTIONS = ("present_levels", "goals", "progress", "services", "supports", "setting", "hours")


def _check(answers: Answers) -> dict[str, str]:
    begins, ends = answers.day("begins"), answers.day("ends")
    if begins is not None and ends is not None and ends < begins:
        return {"ends": N_("It cannot end before it begins.")}
    if not any(answers.get(name) for name in _SECTIONS):
        return {"goals": N_("Write at least one section.")}
    return {}


def _content(answers: Answers, words: Words) -> Content:
    measures = sections(answers, words, *_SECTIONS)
    review = sections(answers, words, "review_on", "evaluated_on")
    return Content(
        key=answers.get("begins"), title=words("iep_title"), achievement=words("iep_title"),
        description=words("iep_description"), criteria=words("iep_criteria"), measures=measures + review,
        tags=("iep",), started=answers.day("begins"), ended=answers.day("ends"),
    )


TEMPLATE = Template(
    "iep", N_("Special-education summary (IEP)"),
    N_("What the IEP says, in sections that a family can show one by one."), "ext:IEPSummary",
    (
        Field("begins", N_("Begins on"), "date", required=True), Field("ends", N_("Ends on"), "date"),
        Field("present_levels", N_("Where the student is now"), "textarea"),
        Field("goals", N_("Goals of this year"), "textarea"), Field("progress", N_("Progress"), "textarea"),
        Field("services", N_("Services"), "textarea", help=N_("Which, how often, how long.")),
        Field("supports", N_("Supports and changes"), "textarea"), Field("setting", N_("Where the student learns")),
        Field("hours", N_("Hours a week"), "number"), Field("review_on", N_("Next review"), "date"),
        Field("evaluated_on", N_("Last evaluation"), "date"),
    ), _content, sensitive=True, check=_check,
)
