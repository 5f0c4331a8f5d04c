"""The reading level at the end of grade 3, under its fixed label (D14)."""

from __future__ import annotations

from typing import Final

from issuer.importing.model import N_
from issuer.services.templates._template import Answers, Content, Field, Measure, Template, Words
from issuer.services.templates._tests import TAKEN_ON, TESTED_IN

KINDS: Final = (("lexile", N_("Lexile measure")), ("level", N_("Level in words or letters")),
                ("score", N_("Scale score of this test and grade")))
_TYPES: Final = {"lexile": "ext:LexileMeasure", "level": "ext:ReadingLevel", "score": "ScaledScore"}
_FRAGMENT: Final = "reading"


def _check(answers: Answers) -> dict[str, str]:
    if answers.get("sem") and answers.get("kind") == "level":
        return {"sem": N_("A level in words has no standard error.")}
    return {}


def _content(answers: Answers, words: Words) -> Content:
    kind, test = answers.get("kind"), answers.get("test")
    name = words({"lexile": "lexile", "level": "reading_level", "score": "scale_scaled"}[kind])
    measures = [Measure(_FRAGMENT, name, _TYPES[kind], answers.get("value"))]
    if answers.get("sem"):
        measures.append(Measure("sem", words("sem", score=name), "ext:StandardErrorOfMeasurement", answers.get("sem")))
    if answers.get("met"):
        measures.append(Measure("met", words("level"), "PerformanceLevel", words(f"met_{answers.get('met')}")))
    tested_in = answers.get("tested_in")
    tags = ("reading", "grade:3", "end of grade 3", "summative", f"language:{tested_in}" if tested_in else "")
    title = words("reading_title")
    return Content(
        key=answers.get("tested_in") or "reading", title=title, achievement=f"{title}: {test}" if test else title,
        description=words("reading_description"), criteria=words("reading_criteria"), measures=tuple(measures),
        tags=tuple(tag for tag in tags if tag), ended=answers.day("taken_on"),
    )


TEMPLATE = Template(
    "reading-level", N_("Reading level at the end of grade 3"),
    N_("One level under one fixed label, in the language of the test."), "Assessment",
    (
        Field("kind", N_("Kind of level"), "choice", required=True, options=KINDS),
        Field("value", N_("Level"), required=True, help=N_("As the test prints it: 640L, or N.")),
        Field("sem", N_("Standard error of the level"), "number"),
        Field("test", N_("Name of the test")), TAKEN_ON, TESTED_IN,
        Field("met", N_("Grade-level goal"), "choice",
              options=(("yes", N_("Reached")), ("no", N_("Not reached yet")))),
    ), _content, check=_check,
)
