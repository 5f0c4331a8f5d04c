"""A school export of one student, written as a story needs it: OneRoster 1.2 CSV, zipped."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

_LONG_AGO = (2026, 11, 1, 8, 0, 0)


@dataclass(frozen=True)
class Pupil:
    """The student."""

    number: str
    given: str
    family: str


@dataclass(frozen=True)
class Course:
    """A course of the student.

    Attributes:
        grade, percent: The grade so far, or at the end.
        credits, earned: What it is worth, and what part of it was earned.
        going_on: It is not finished.
    """

    title: str
    grade: str
    percent: int
    credits: float = 1
    earned: float = 1
    going_on: bool = False


def term_until(today: date) -> tuple[date, date]:
    """A term that began 80 days ago and goes on for 80 more."""
    return today - timedelta(days=80), today + timedelta(days=80)


def build_small_export(target: Path, school: str, pupil: Pupil, courses: Sequence[Course],
                       term: tuple[date, date]) -> Path:
    """Write the zip to ``target``."""
    starts, ends = (day.isoformat() for day in term)
    on = min(term[1], term[0] + timedelta(days=80)).isoformat()
    keys = [f"K{number}" for number in range(1, len(courses) + 1)]
    tables: dict[str, tuple[str, Iterable[Sequence[object]]]] = {
        "manifest": ("propertyName,value", [("manifest.version", "1.0"), ("oneroster.version", "1.2")]),
        "orgs": ("sourcedId,name,type,identifier", [("S", school, "school", "S")]),
        "academicSessions": ("sourcedId,title,type,startDate,endDate", [("T", "Fall", "semester", starts, ends)]),
        "users": ("sourcedId,givenName,familyName,identifier,role",
                  [(pupil.number, pupil.given, pupil.family, pupil.number, "student")]),
        "courses": ("sourcedId,title,courseCode,orgSourcedId,metadata.credits",
                    [(key, course.title, key, "S", course.credits) for key, course in zip(keys, courses, strict=True)]),
        "classes": ("sourcedId,title,courseSourcedId,schoolSourcedId,termSourcedIds",
                    [(key, course.title, key, "S", "T") for key, course in zip(keys, courses, strict=True)]),
        "enrollments": ("classSourcedId,userSourcedId,role", [(key, pupil.number, "student") for key in keys]),
        "lineItems": ("sourcedId,title,classSourcedId,resultValueMin,resultValueMax",
                      [(f"F-{key}", "Final grade", key, 0, 100) for key in keys]),
        "results": (
            "lineItemSourcedId,studentSourcedId,scoreStatus,score,textScore,scoreDate,inProgress,metadata.creditsEarned",
            [(f"F-{key}", pupil.number, "fully graded", course.percent, course.grade, on,
              str(course.going_on).lower(), course.earned) for key, course in zip(keys, courses, strict=True)]),
    }
    with zipfile.ZipFile(target, "w") as archive:
        for name, (header, rows) in tables.items():
            lines = io.StringIO()
            csv.writer(lines, lineterminator="\n").writerows([header.split(","), *rows])
            archive.writestr(zipfile.ZipInfo(f"{name}.csv", _LONG_AGO), lines.getvalue(), zipfile.ZIP_DEFLATED)
    return target
