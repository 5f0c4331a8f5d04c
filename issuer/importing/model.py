"""What a school knows of its students' courses, in words of our own that no format owns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final


def N_(text: str) -> str:  # noqa: N802 - the name by which the translation tools find these texts
    """Marks a sentence for translation; it is translated where it is shown."""
    return text


NOTES: Final[Mapping[str, str]] = MappingProxyType({
    "file_not_used": N_("We do not need this file, so we did not read it."),
    "row_inactive": N_("The row is marked “%(status)s”, so we left it out."),
    "row_without_id": N_("The row has no identifier, so we left it out."),
    "row_twice": N_("The row repeats an earlier one, so we left it out."),
    "row_too_long": N_("The row has more values than columns. We did not use the rest."),
    "no_such_user": N_("The row names a person who is not in the file."),
    "no_such_class": N_("The row names a class that is not in the file."),
    "no_such_line_item": N_("The row names a grade column that is not in the file."),
    "not_a_student": N_("The row is about the role “%(role)s”. We read students only."),
    "no_student_for_result": N_("The score belongs to a student who is not in this class."),
    "not_a_final_grade": N_("This is the score of one assignment, “%(title)s”. Only course grades go into a record."),
    "not_fully_graded": N_("The score is marked “%(status)s”, so the course counts as in progress."),
    "name_missing": N_("The student has no name, so no record can be made."),
    "no_courses": N_("This student has no courses in the file."),
    "number_unreadable": N_("“%(value)s” is not a number. We left this value out."),
    "date_unreadable": N_("“%(value)s” is not a date. We left this value out."),
    "term_unknown": N_("The term of this class is not in the file."),
    "manifest_missing": N_("The file has no manifest. We read it as OneRoster 1.2."),
    "older_version": N_("The file says OneRoster 1.1. We read it like 1.2; please look closely."),
    "element_not_used": N_("We did not use “%(name)s” (found: %(count)s). It does not go into a record."),
    "status_unknown": N_("We do not know the status “%(status)s”. The grade counts as provisional."),
    "no_result": N_("There is no grade yet. The record will say so."),
    "title_missing": N_("The course has no title, so we left it out."),
    "test_incomplete": N_("The test result lacks its student, test or day, so we left it out."),
    "score_not_used": N_("We have no place for a result of the kind “%(method)s”. We left it out."),
    "objective_without_standard":
        N_("Results of parts of a test without a known standard: %(count)s. We left them out."),
    "event_incomplete": N_("The attendance event lacks its student, term or day, so we left it out."),
    "event_not_counted": N_("An attendance event of the kind “%(category)s” is not counted in a summary of days."),
    "program_incomplete": N_("The special-education entry says too little for a summary, so we left it out."),
    "disability_left_out": N_("The kind of disability is left out on purpose. It does not go into a record."),
    "restriction_left_out": N_("This contact has a restriction. We never take it over. Look it up in your own system."),
    "contact_unknown": N_("The contact or the student is not in the file, so we left the entry out."),
    "package_unreadable": N_("A package is not an object, so we left it out."),
    "standard_incomplete": N_("A standard has no text or no address, so we left it out."),
})
"""Every sentence a report may hold, by its stable code."""


@dataclass(frozen=True)
class Note:
    """One thing a reader wants the office to see.

    Attributes:
        file: Name of the file inside the export.
        line: Line in it, counted from 1, or None where there is none.
        code: Key of ``NOTES``.
        values: What stands in the sentence's places.
    """

    file: str
    line: int | None
    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return NOTES[self.code] % dict(self.values)


@dataclass(frozen=True)
class School:
    """A school; ``id`` as the export names it."""

    id: str
    name: str


@dataclass(frozen=True)
class Term:
    """When a course was taught. ``school_year`` like ``2024-2025``, or None."""

    name: str
    school_year: str | None = None
    starts: date | None = None
    ends: date | None = None

    @property
    def label(self) -> str:
        """The term as a transcript prints it: name, and school year unless the name says it already."""
        if self.school_year is None or self.school_year in self.name:
            return self.name
        return f"{self.name} {self.school_year}"


@dataclass(frozen=True)
class Grade:
    """One grade of a course.

    Attributes:
        kind: ``LetterGrade``, ``Percent`` or ``RawScore``.
        value: As the school writes it.
        lowest, highest: Bounds of a numeric scale as text, or None.
    """

    kind: str
    value: str
    lowest: str | None = None
    highest: str | None = None


@dataclass(frozen=True)
class CourseRecord:
    """One student in one course.

    Attributes:
        key: Names the course for this student in every export of this school.
        status: ``Completed``, ``InProgress``, ``Enrolled``, ``Failed``, ``Withdrew``, ``Provisional`` or ``OnHold``.
        grades: Empty unless there is a grade.
        language: BCP 47 tag of the title, where the export gives it, or None.
        file, line: Where it was read.
    """

    key: str
    title: str
    status: str
    code: str | None = None
    subject: str | None = None
    credits_available: float | None = None
    credits_earned: float | None = None
    term: Term | None = None
    grades: tuple[Grade, ...] = ()
    school: School | None = None
    language: str | None = None
    file: str = ""
    line: int | None = None


@dataclass(frozen=True)
class FormRecord:
    """Answers to a template's questions (``issuer.services.templates``), as far as the export gives them.

    Attributes:
        test: Which test it is a result of, where ``KnownTest`` says more about it, or None.
    """

    template: str
    answers: Mapping[str, str]
    file: str = ""
    line: int | None = None
    test: str | None = None


@dataclass(frozen=True)
class KnownTest:
    """What an export says of a test itself. ``bounds``: lowest and highest score by scale."""

    id: str
    answers: Mapping[str, str]
    bounds: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Contact:
    """An adult of a student as a proposal for the registrar; nothing follows from it by itself.

    Attributes:
        legal: Whether the export calls this person a legal guardian.
        restricted: Whether the export holds a restriction; what it says is never taken over.
    """

    key: str
    name: str
    relation: str
    legal: bool = False
    restricted: bool = False


@dataclass(frozen=True)
class Standard:
    """One learning standard of a framework (CASE CFItem)."""

    uri: str
    framework: str
    code: str
    statement: str
    kind: str | None = None
    language: str | None = None
    grades: tuple[str, ...] = ()


@dataclass(frozen=True)
class Student:
    """One student.

    Attributes:
        number: The school's number for the student; unique in an export.
        given_name, family_name: Both empty where the export gives the number only.
        aliases: Other numbers by which the office may ask for the student.
        records: What fills templates.
    """

    number: str
    given_name: str
    family_name: str
    aliases: tuple[str, ...] = ()
    courses: tuple[CourseRecord, ...] = ()
    records: tuple[FormRecord, ...] = ()
    contacts: tuple[Contact, ...] = ()

    @property
    def name(self) -> str:
        """Given name and family names, as one line."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True)
class Roster:
    """All that was read from one export, with the report."""

    format: str
    students: tuple[Student, ...]
    notes: tuple[Note, ...] = ()
    standards: tuple[Standard, ...] = ()
    tests: tuple[KnownTest, ...] = ()

    @property
    def course_count(self) -> int:
        """Course records of all students together."""
        return sum(len(student.courses) for student in self.students)


def group_notes(notes: Iterable[Note]) -> tuple[tuple[Note, tuple[int, ...]], ...]:
    """Notes that say the same of one file together: the first of them and all their lines, in order."""
    groups: dict[tuple[str, str], tuple[Note, list[int]]] = {}
    for note in notes:
        _first, lines = groups.setdefault((note.file, note.sentence), (note, []))
        if note.line is not None:
            lines.append(note.line)
    return tuple((first, tuple(lines)) for first, lines in groups.values())


def merge_notes(notes: Iterable[Note], limit: int = 1000) -> tuple[Note, ...]:
    """The notes in order of file and line, at most ``limit`` of them (a report nobody can read helps nobody)."""
    return tuple(sorted(notes, key=lambda note: (note.file, note.line or 0, note.code))[:limit])
