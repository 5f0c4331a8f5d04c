"""Attendance of one term in numbers (D8). Behaviour is no part of it."""

from __future__ import annotations

from issuer.importing.model import N_
from issuer.services.templates._template import Answers, Content, Field, Measure, Template, Words

_COUNTS = ("days_enrolled", "days_absent", "days_present", "times_late")


def _check(answers: Answers) -> dict[str, str]:
    enrolled, absent = answers.number("days_enrolled"), answers.number("days_absent") or 0
    if not any(answers.get(name) for name in _COUNTS):
        return {"days_absent": N_("Write at least one number.")}
    if enrolled == 0:
        return {"days_enrolled": N_("A term has at least one day.")}
    if enrolled is not None and absent + (answers.number("days_present") or 0) > enrolled:
        return {"days_absent": N_("There cannot be more days present and absent than days enrolled.")}
    return {}


def _content(answers: Answers, words: Words) -> Content:
    enrolled, absent, present = (answers.number(name) for name in ("days_enrolled", "days_absent", "days_present"))
    if present is None and enrolled is not None and absent is not None:
        present = enrolled - absent
    found = (("enrolled", "days_enrolled", "ext:DaysEnrolled", enrolled),
             ("present", "days_present", "ext:DaysPresent", present),
             ("absent", "days_absent", "ext:DaysAbsent", absent),
             ("late", "times_late", "ext:TimesLate", answers.number("times_late")))
    measures = [Measure(fragment, words(name), kind, f"{value:.0f}", "0")
                for fragment, name, kind, value in found if value is not None]
    if enrolled is not None and present is not None:
        measures.append(Measure("rate", words("attendance_rate"), "Percent", f"{100 * present / enrolled:.1f}", "0",
                                "100"))
    term = answers.get("term")
    return Content(
        key=term, title=words("attendance_title", term=term), achievement=words("attendance_name"),
        description=words("attendance_description"), criteria=words("attendance_criteria"), measures=tuple(measures),
        tags=("attendance",), term=term, started=answers.day("begins"), ended=answers.day("ends"),
    )


TEMPLATE = Template(
    "attendance", N_("Attendance summary"), N_("Days present, absent and late in one term."), "ext:AttendanceSummary",
    (
        Field("term", N_("Term"), required=True, help=N_("Such as Fall 2025.")),
        Field("begins", N_("First day"), "date"), Field("ends", N_("Last day"), "date"),
        Field("days_enrolled", N_("Days enrolled"), "whole"),
        Field("days_absent", N_("Days absent"), "whole"),
        Field("days_present", N_("Days present"), "whole", help=N_("If empty: days enrolled less days absent.")),
        Field("times_late", N_("Times late"), "whole"),
    ), _content, check=_check,
)
