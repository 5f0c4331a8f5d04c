"""A plain entry for every field that growth, mastery and alerts show; headings of tables come from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from wallet.services.record.labels import N_

ENTRIES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({
    "day": (N_("Day"), N_("The day the test was taken. If it is not known, the day the record was signed.")),
    "test": (N_("Test"), N_("The name of the test, as its signer wrote it.")),
    "purpose": (N_("Kind of test"), N_(
        "A small test for teaching, a test during the year, or a test at the end of the year.")),
    "subject": (N_("Subject"), N_("What the test is about, such as math or reading.")),
    "measure": (N_("Measure"), N_("What the score measures, as its signer calls it.")),
    "score": (N_("Score"), N_("The result on the test's own scale, as it was signed. Scales of two tests never mix.")),
    "error": (N_("Standard error"), N_(
        "How far a score may be off by chance. Two times out of three the true score lies within one error.")),
    "range": (N_("Range"), N_("The score minus and plus one standard error: the bar in the chart.")),
    "change": (N_("Change"), N_("The difference from the result before it on the same scale.")),
    "change-error": (N_("Error of the change"), N_(
        "Both scores may be off, so a change may be off by more: the root of both errors squared and added.")),
    "finding": (N_("How sure"), N_(
        "Smaller than its error: no clear change. Twice its error or more: a clear change. Between: probably.")),
    "percentile": (N_("Standing as signed"), N_(
        "The place among a named group, as its signer wrote it. Percentile 65 is above 65 of 100 in that group.")),
    "group": (N_("Comparison group"), N_("The students the result is compared with, as the signer names them.")),
    "z": (N_("Distance from the middle"), N_(
        "The standing on an even scale: 0 is the middle of the group, +1 is higher than 84 of 100.")),
    "pace": (N_("Pace in a year"), N_(
        "How the distance from the middle moves in a year. Half of all students stay within 0.30 up or down.")),
    "said": (N_("Other results"), N_(
        "Levels, marks and growth values of the same test, as signed. We do not compute them.")),
    "signer": (N_("Signed by"), N_("The school, tutor or company that signed the result.")),
    "standard": (N_("Standard"), N_("One thing to know or be able to do, from an official list of standards.")),
    "code": (N_("Code"), N_("The short name of a standard in its list.")),
    "list": (N_("List of standards"), N_("The official list (framework) that a standard belongs to.")),
    "part": (N_("Part of the list"), N_("The heading under which a standard stands in its list.")),
    "level": (N_("Latest level"), N_("What the newest signed result says about the standard.")),
    "state": (N_("State"), N_(
        "Shown: a signed record says it was reached. Started: a record speaks of it but does not say it was reached.")),
    "evidences": (N_("Records"), N_(
        "How many signed records speak of this standard. We count them and average nothing.")),
    "related": (N_("Related standards"), N_(
        "Standards that are near this one. They are shown but never counted for it.")),
    "notice": (N_("Worth a look"), N_("Something in the records of this term that you would want to know soon.")),
    "step": (N_("Next step"), N_("One thing that can be done about it.")),
    "absent": (N_("Days absent"), N_("Days on which the school counted the child as not there.")),
    "enrolled": (N_("School days"), N_("Days on which the child could have been at school in this term.")),
    "late": (N_("Days late"), N_("Days on which the child came after school had begun.")),
    "grade-now": (N_("Grade so far"), N_("A grade of a course that is not finished. It can still change.")),
})
"""Field → its name and what it means (msgids)."""

GROWTH: Final = ("subject", "measure", "day", "test", "purpose", "score", "error", "range", "change", "change-error",
                 "finding", "percentile", "group", "z", "said", "signer")
STANDING: Final = ("day", "test", "percentile", "group", "z", "pace", "signer")
MASTERY: Final = ("list", "part", "standard", "code", "state", "level", "day", "signer", "evidences", "related")
ALERTS: Final = ("absent", "enrolled", "late", "grade-now")


def words_of(fields: tuple[str, ...], translate: Callable[[str], str]) -> list[tuple[str, str]]:
    """Name and meaning of each field, in the language of ``translate``."""
    return [(translate(ENTRIES[field][0]), translate(ENTRIES[field][1])) for field in fields]


def name_of(field: str, translate: Callable[[str], str]) -> str:
    """What a field is called."""
    return translate(ENTRIES[field][0])
