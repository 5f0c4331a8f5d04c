"""Ed-Fi's descriptors in the words of our templates (requirements.md §5.2). What has no counterpart is not guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SCALES: Final[Mapping[str, str]] = {
    "vertical score": "vertical", "vertical scale score": "vertical", "adaptive scale score": "vertical",
    "rit scale score": "rit", "scale score": "scaled", "act score": "composite", "composite score": "composite",
    "college board examination scores": "composite", "international baccalaureate score": "composite",
    "percentage": "percent", "raw score": "raw",
}
"""Reporting method → scale of the one main score; the first of this list that a result has is the main one."""

VALUES: Final[Mapping[str, str]] = {
    "raw score": "points", "number score": "points", "lexile measure": "lexile", "quantile measure": "quantile",
    "standard error measurement": "sem", "achievement/proficiency level": "level", "proficiency level": "level",
    "mastery level": "level",
}
"""Reporting method → question of the assessment template."""

PERCENTILES: Final[Mapping[str, str]] = {
    "national college-bound percentile": "National, college-bound", "percentile": "", "percentile rank": "",
    "state college-bound percentile": "State, college-bound",
}
"""Reporting method → the group it compares with, where the method itself names one; without a group it is left out."""

_GRADES: Final = ("Kindergarten", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth",
                  "Tenth", "Eleventh", "Twelfth")
_SUBJECTS: Final[Mapping[str, str]] = {
    "mathematics": "math", "reading": "reading", "critical reading": "reading", "writing": "writing",
    "english language arts": "language arts", "english": "language arts", "science": "science",
    "life and physical sciences": "science", "social studies": "social studies",
    "social sciences and history": "social studies",
}
_LANGUAGES: Final[Mapping[str, str]] = {"eng": "en", "spa": "es", "en": "en", "es": "es"}
_ABSENT: Final = frozenset({"excused absence", "unexcused absence"})


def code_of(descriptor: str) -> str:
    """``uri://ed-fi.org/TermDescriptor#Fall Semester`` and ``Fall Semester`` as ``Fall Semester``."""
    return descriptor.rpartition("#")[2].strip()


def grade_of(descriptor: str) -> str:
    """``K`` or ``1`` to ``12``, empty for anything else."""
    first = code_of(descriptor).partition(" ")[0]
    if first not in _GRADES:
        return ""
    number = _GRADES.index(first)
    return str(number) if number else "K"


def subject_of(descriptor: str) -> str:
    """A subject of the assessment template; ``other`` for what has no counterpart."""
    return _SUBJECTS.get(code_of(descriptor).casefold(), "other")


def subject_in(title: str) -> str:
    """A subject that a test's name says, empty if none."""
    words = title.casefold().replace("-", " ").replace("_", " ")
    return next((subject for word, subject in _SUBJECTS.items() if word in words), "")


def language_of(descriptor: str) -> str:
    """``en``, ``es``, ``other``, or empty if nothing is said."""
    code = code_of(descriptor).casefold()
    return _LANGUAGES.get(code, "other") if code else ""


def purpose_of(category: str) -> str:
    """``summative``, ``interim``, ``formative``, or empty where the category does not say."""
    words = code_of(category).casefold()
    for word, purpose in (("summative", "summative"), ("formative", "formative"), ("interim", "interim"),
                          ("benchmark", "interim"), ("state", "summative")):
        if word in words:
            return purpose
    return ""


def is_absence(category: str) -> bool:
    """Whether an attendance event says that the student was not there."""
    return code_of(category).casefold() in _ABSENT


def is_late(category: str) -> bool:
    """Whether an attendance event says that the student came late."""
    return code_of(category).casefold() == "tardy"
