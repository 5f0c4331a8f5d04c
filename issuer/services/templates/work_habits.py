"""Work habits and social skills as a teacher sees them (D2, D17): strengths first."""

from __future__ import annotations

from typing import Final

from issuer.importing.model import N_
from issuer.services.templates._sections import sections
from issuer.services.templates._template import Answers, Content, Field, Measure, Template, Words

LEVELS: Final = (("always", N_("Always")), ("mostly", N_("Mostly")), ("sometimes", N_("Sometimes")),
                 ("growing", N_("Is learning this")))
_HABITS: Final = ("persists", "organised", "together", "asks")


def _check(answers: Answers) -> dict[str, str]:
    said = any(answers.get(name) for name in (*_HABITS, "strengths", "next_step"))
    return {} if said else {"strengths": N_("Write at least one thing.")}


def _content(answers: Answers, words: Words) -> Content:
    term, teacher = answers.get("term"), answers.get("teacher")
    habits = tuple(Measure(name, words(f"habit_{name}"), "RubricCriterionLevel", words(f"habit_{answers.get(name)}"))
                   for name in _HABITS if answers.get(name))
    return Content(
        key="|".join((term, teacher)), title=words("habits_title", term=term), achievement=words("habits_name"),
        description=words("habits_description"), criteria=words("habits_criteria"),
        measures=sections(answers, words, "strengths") + habits + sections(answers, words, "next_step"),
        tags=("work habits",), term=term, teacher=(teacher, None) if teacher else None,
    )


TEMPLATE = Template(
    "work-habits", N_("Work habits"), N_("What a teacher sees: strengths first."), "ext:WorkHabits",
    (
        Field("term", N_("Term"), required=True), Field("teacher", N_("Teacher’s name")),
        Field("strengths", N_("Strengths"), "textarea"),
        Field("persists", N_("Keeps at it when it gets hard"), "choice", options=LEVELS),
        Field("organised", N_("Has things in order and on time"), "choice", options=LEVELS),
        Field("together", N_("Works well with others"), "choice", options=LEVELS),
        Field("asks", N_("Asks for help when it is needed"), "choice", options=LEVELS),
        Field("next_step", N_("A next step"), "textarea"),
    ), _content, check=_check,
)
