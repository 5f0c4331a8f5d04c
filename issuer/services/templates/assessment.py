"""One test, one subject, one day (D5, D11, D12): score with its scale and error, standing in a named norm group.

Nothing is converted: what the office does not write down is not in the record (requirements.md §5.1 to §5.3).
"""

from __future__ import annotations

from typing import Final

from issuer.importing.model import N_
from issuer.services.templates._template import Answers, Content, Field, Measure, Template, Words
from issuer.services.templates._tests import (
    GRADE,
    PURPOSE,
    SEASONS,
    SUBJECT,
    TAKEN_ON,
    TERM,
    TEST,
    TESTED_IN,
    VERSION,
    tags_of,
)

SCALES: Final = (
    ("scaled", N_("Scale score of this test and grade")), ("vertical", N_("Vertical scale score, over all grades")),
    ("rit", N_("RIT score")), ("raw", N_("Points")), ("percent", N_("Percent")),
    ("composite", N_("Composite score of an entrance exam")),
)
_TYPES: Final = {"scaled": "ScaledScore", "vertical": "ScaledScore", "rit": "ext:RITScore", "raw": "RawScore",
                 "percent": "Percent", "composite": "ScaledScore"}
_VALUES: Final = ("score", "points", "lexile", "quantile", "level", "percentile")


def _check(answers: Answers) -> dict[str, str]:
    score, sem, percentile = (answers.number(name) for name in ("score", "sem", "percentile"))
    lowest, highest = answers.number("lowest"), answers.number("highest")
    if not any(answers.get(name) for name in _VALUES):
        return {"score": N_("Write at least one result.")}
    if score is not None and not answers.get("scale"):
        return {"scale": N_("Say which scale the score is on.")}
    if sem is not None and (score is None or sem <= 0):
        return {"sem": N_("A standard error belongs to a score and is larger than 0.")}
    if percentile is not None and not 1 <= percentile <= 99:
        return {"percentile": N_("A percentile lies between 1 and 99.")}
    if percentile is not None and not answers.get("norm_group"):
        return {"norm_group": N_("Say which group the percentile compares with.")}
    below = score is not None and lowest is not None and score < lowest
    if below or (score is not None and highest is not None and score > highest):
        return {"score": N_("The score lies outside its scale.")}
    return {}


def _content(answers: Answers, words: Words) -> Content:
    test, subject = answers.get("test"), answers.get("subject")
    scale = answers.get("scale")
    accommodations = answers.get("accommodations")
    more = ("scale:vertical" if scale == "vertical" else "",
            f"accommodation:{accommodations}" if accommodations else "")
    return Content(
        key="|".join((test, subject, answers.get("taken_on"))), title=test, achievement=test,
        description=words("test_description", test=test), criteria=words("test_criteria"),
        measures=tuple(_measures(answers, words)), tags=tags_of(answers, *more), version=answers.get("version") or None,
        alignments=tuple(answers.standards.values()), term=answers.get("term") or None, ended=answers.day("taken_on"),
    )


def _measures(answers: Answers, words: Words) -> list[Measure]:
    scale = answers.get("scale")
    lowest, highest = answers.get("lowest") or None, answers.get("highest") or None
    name = words(f"scale_{scale}") if scale else ""
    found = [
        Measure("score", name, _TYPES.get(scale, ""), answers.get("score"), lowest, highest),
        Measure("sem", words("sem", score=name), "ext:StandardErrorOfMeasurement", answers.get("sem")),
        Measure("points", words("scale_raw"), "RawScore", answers.get("points")),
        Measure("lexile", words("lexile"), "ext:LexileMeasure", answers.get("lexile")),
        Measure("quantile", words("quantile"), "ext:QuantileMeasure", answers.get("quantile")),
        Measure("percentile", words("percentile", group=answers.get("norm_group")), "ext:PercentileRank",
                answers.get("percentile"), "1", "99"),
        Measure("level", words("level"), "PerformanceLevel", answers.get("level")),
    ]
    return [each for each in found if each.value]


TEMPLATE = Template(
    "assessment", N_("Test result"), N_("One test, one subject, one day, with its scale and its error."), "Assessment",
    (
        TEST, VERSION, SUBJECT, PURPOSE, GRADE, TAKEN_ON, TERM,
        Field("season", N_("Season"), "choice", options=SEASONS), TESTED_IN,
        Field("scale", N_("Scale of the score"), "choice", options=SCALES),
        Field("score", N_("Score"), "number"), Field("lowest", N_("Lowest possible score"), "number"),
        Field("highest", N_("Highest possible score"), "number"),
        Field("sem", N_("Standard error of the score"), "number", help=N_("It always goes along with the score.")),
        Field("percentile", N_("Percentile"), "whole"),
        Field("norm_group", N_("Group of the percentile"), help=N_("Such as US grade 4, spring, 2025 norms.")),
        Field("points", N_("Points reached"), "number"),
        Field("lexile", N_("Lexile measure"), help=N_("As the test prints it: 997L or BR120L.")),
        Field("quantile", N_("Quantile measure")),
        Field("level", N_("Level reached"), help=N_("In the test’s own words.")),
        Field("standard", N_("Standard the test is about"), "standard", help=N_("Code or address of a CASE item.")),
        Field("accommodations", N_("Accommodations during the test")),
    ), _content, check=_check,
)
