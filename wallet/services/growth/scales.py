"""Kinds of results an assessment can have (resultType), what each may be used for, and numbers as signed.

Nothing is ever converted from one test's scale to another's. The vocabulary is that of the standard with the ``ext:``
names that follow Ed-Fi's reporting methods.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from credkit.ports import JSONObject
from wallet.services.record.reading import text

ERROR: Final = "ext:StandardErrorOfMeasurement"
VERTICAL: Final = frozenset({"ext:RITScore", "ext:LexileMeasure", "ext:QuantileMeasure"})
"""One scale over all grades by itself, whoever reports it."""

PLAIN: Final = frozenset({"ScaledScore", "RawScore", "Percent", "ext:NumericGrade"})
"""A scale of one test and grade. A ``ScaledScore`` may say that it is vertical; see ``is_vertical``."""

DERIVED: Final = frozenset({"ext:LexileMeasure", "ext:QuantileMeasure", "RawScore", "Percent"})
"""Reported beside the test's own score; the error of measurement is that score's unless it says otherwise."""

NORMS: Final = ("ext:ZScore", "ext:NCE", "ext:TScore", "ext:PercentileRank", "ext:Stanine")
"""Norm-referenced values, the finest first."""

AS_ISSUED: Final = ("ext:StudentGrowthPercentile", "ext:GrowthIndex")
"""Growth that only the signer can compute; shown, never computed."""

FORM: Final = frozenset({"RawScore", "Percent"})
"""Points of one form of a test: another form, even of the same test, counts other questions."""

UNFINISHED: Final = frozenset({"InProgress", "Enrolled", "OnHold", "Withdrew", "Provisional"})
"""Result states under which a grade can still change or never was one."""

LEVELS: Final = ("PerformanceLevel", "RubricCriterionLevel", "LetterGrade", "Status", "RubricScore", "ext:ReadingLevel",
                 "Result")
GRADE_EQUIVALENT: Final = "ext:GradeEquivalent"
PREDICTED: Final = "PredictedScore"

_ORDER: Final = ("ext:RITScore", "ScaledScore", "ext:LexileMeasure", "ext:QuantileMeasure", "ext:NumericGrade",
                 "Percent", "RawScore")
_NUMBER: Final = re.compile(r"([+\-−]?)(\d{1,9}(?:\.\d{1,9})?)", re.ASCII)
_MEASURE: Final = re.compile(r"(BR|EM)?(\d{1,5}(?:\.\d{1,3})?)(?:L|Q)", re.ASCII)
_VERTICAL_WORD: Final = re.compile(r"\b(?:vertical|adaptive|adaptativa)\b", re.IGNORECASE)


def rank_of(kind: str) -> int:
    """The test's own score comes before what is derived from it."""
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def read_number(value: str, kind: str = "") -> Decimal | None:
    """A plain decimal number; None for anything else: text, ``NaN``, exponents, thousands separators, a comma.

    Lexile and Quantile measures may be written ``997L``, ``BR120L`` (below zero), ``EM15Q`` (below zero).
    """
    value = value.strip()
    if kind in ("ext:LexileMeasure", "ext:QuantileMeasure"):
        measure = _MEASURE.fullmatch(value)
        if measure is not None:
            return -Decimal(measure[2]) if measure[1] else Decimal(measure[2])
    match = _NUMBER.fullmatch(value)
    if match is None:
        return None
    return Decimal(match[2]) if match[1] in ("", "+") else -Decimal(match[2])


def is_vertical(kind: str, name: str, tags: tuple[str, ...]) -> bool:
    """Whether a score may be compared over grades: by its nature, or because the signer says so.

    A ``ScaledScore`` says so with the tag ``scale:vertical`` or a name such as "Vertical scale score".
    """
    if kind in VERTICAL:
        return True
    return kind == "ScaledScore" and ("scale:vertical" in tags or _VERTICAL_WORD.search(name) is not None)


def is_inside(value: Decimal, description: JSONObject) -> bool:
    """Whether ``value`` lies within the description's own bounds, where it gives any."""
    low, high = (read_number(text(description.get(name))) for name in ("valueMin", "valueMax"))
    return (low is None or value >= low) and (high is None or value <= high)


def error_belongs_to(name: str, kinds: tuple[str, ...]) -> str | None:
    """The kind of score that a standard error named ``name`` belongs to, None if that cannot be told.

    It names its score ("Standard error of the RIT score"), or there is only one score that is not derived from another.
    """
    words = name.casefold()
    for word, kind in (("lexile", "ext:LexileMeasure"), ("quantile", "ext:QuantileMeasure"), ("rit", "ext:RITScore"),
                       ("raw", "RawScore"), ("percentile", "ext:PercentileRank")):
        if re.search(rf"\b{word}\b", words):
            return kind if kind in kinds else None
    own = [kind for kind in kinds if kind not in DERIVED]
    candidates = own or list(kinds)
    return candidates[0] if len(candidates) == 1 else None
