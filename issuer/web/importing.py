"""Importing a school export: upload, what we understood, confirm, done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from issuer.importing import MAX_FILE_BYTES
from issuer.importing.errors import FileProblem
from issuer.importing.model import NOTES, CourseRecord, FormRecord, Note, Roster, group_notes
from issuer.services.imports import Reading
from issuer.services.templates import Field, template
from issuer.web.context import actor, found, services
from issuer.web.words import status_words
from ui.web import allow_body, rate_limit
from ui.web.components import Course, Fact, Term, Transcript

CourseLine = tuple[CourseRecord, str, str | None]
"""A course, ``good`` or ``revoked`` for its mark, and where it leads."""
SHOWN_STUDENTS = 50
SHOWN_NOTES = 200
SHOWN_LINES = 12
_FORM_OVERHEAD = 64 * 1024
blueprint = Blueprint("importing", __name__)


@dataclass(frozen=True)
class NoteLine:
    """A line of the report; ``place`` is file and lines."""

    place: str
    sentence: str


@dataclass(frozen=True)
class ReadCourse:
    """A course as it was understood.

    Attributes:
        language: BCP 47 tag of the title, None where the file does not say.
        place: Where it stands in the file.
    """

    title: str
    language: str | None
    credit: str
    grade: str
    place: str


@blueprint.get("/import")
def upload() -> ResponseReturnValue:
    """Choose a file."""
    return render_template("issuer/import.html", errors={}, recent=services().imports.recent(5))


@blueprint.post("/import")
@allow_body(MAX_FILE_BYTES + _FORM_OVERHEAD)
@rate_limit("30 per minute")
def receive() -> ResponseReturnValue:
    """Read the file and go on to what was understood."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _again(_("Choose a file first."))
    try:
        reading = services().imports.receive(file.read(MAX_FILE_BYTES + 1), file.filename, actor())
    except FileProblem as problem:
        return _again(_(problem.message) % problem.values)
    return redirect(url_for("importing.show", import_id=reading.id), code=303)


@blueprint.get("/import/<import_id>")
def show(import_id: str) -> ResponseReturnValue:
    """What was understood, row by row, and after confirming what came of it."""
    reading = found(services().imports.find, import_id)
    return render_template("issuer/import_read.html", reading=reading, **_summary(reading))


@blueprint.post("/import/<import_id>")
@rate_limit("30 per minute")
def confirm(import_id: str) -> ResponseReturnValue:
    """Keep it and draft the records."""
    found(services().imports.find, import_id)
    services().imports.confirm(import_id, actor())
    return redirect(url_for("importing.show", import_id=import_id), code=303)


def transcript_of(courses: Sequence[CourseLine]) -> Transcript:
    """Courses as people read them, by school year and term."""
    terms: dict[tuple[str, str], list[Course]] = {}
    for course, status, url in courses:
        term = course.term
        place = ("", "") if term is None else (term.school_year or "", term.name)
        credit = course.credits_earned if course.status == "Completed" else course.credits_available
        terms.setdefault(place, []).append(Course(
            title=course.title, credit="" if credit is None else f"{credit:g}", note=status_words(course.status),
            grade=" · ".join(grade.value for grade in course.grades), url=url,
            status="revoked" if status == "revoked" else "good", language=course.language,
        ))
    ordered = sorted(terms.items(), key=lambda item: _term_key(courses, item[0]))
    return Transcript(tuple(Term(year, name, tuple(rows)) for (year, name), rows in ordered))


def _term_key(courses: Sequence[CourseLine], place: tuple[str, str]) -> tuple[str, str]:
    starts = next((course.term.starts for course, _status, _url in courses
                   if course.term is not None and (course.term.school_year or "", course.term.name) == place
                   and course.term.starts is not None), None)
    return place[0], starts.isoformat() if starts is not None else place[1]


def _again(message: str) -> ResponseReturnValue:
    page = render_template("issuer/import.html", errors={"file": message}, recent=services().imports.recent(5))
    return page, 422


def _summary(reading: Reading) -> dict[str, Any]:
    roster = reading.roster
    grouped = group_notes(roster.notes)
    shown = [(student, _read_courses(student.courses), _read_records(student.records))
             for student in roster.students[:SHOWN_STUDENTS]]
    return {
        "students": shown, "hidden_students": max(0, len(roster.students) - SHOWN_STUDENTS),
        "lines": [_line(note, lines) for note, lines in grouped[:SHOWN_NOTES]],
        "hidden_lines": max(0, len(grouped) - SHOWN_NOTES), "facts": _facts(roster),
    }


def _read_courses(courses: Sequence[CourseRecord]) -> list[tuple[str, list[ReadCourse]]]:
    """Term by term what was read, in the order of the file."""
    terms: dict[str, list[ReadCourse]] = {}
    for course in courses:
        grades = " · ".join(grade.value for grade in course.grades)
        credit = "" if course.credits_available is None else f"{course.credits_available:g}"
        place = f"{course.file}:{course.line}" if course.line is not None else course.file
        words = " · ".join(part for part in (grades, status_words(course.status)) if part)
        terms.setdefault(course.term.label if course.term is not None else "", []).append(
            ReadCourse(course.title, course.language, credit, words, place))
    return list(terms.items())


def _read_records(records: Sequence[FormRecord]) -> list[tuple[str, str]]:
    """Each record that fills a template: what it is, and its answers on one line."""
    found = []
    for record in records:
        form = template(record.template)
        labels = {each.name: each for each in form.fields}
        said = [f"{_(labels[name].label)}: {_answer(labels[name], value)}"
                for name, value in record.answers.items() if name in labels]
        found.append((str(_(form.title)), " · ".join(said)))
    return found


def _answer(question: Field, value: str) -> str:
    choices = dict(question.options)
    return str(_(choices[value])) if value in choices else value


def _facts(roster: Roster) -> list[Fact]:
    graded = sum(1 for student in roster.students for course in student.courses if course.grades)
    records = sum(len(student.records) for student in roster.students)
    counts = [(_("Students"), len(roster.students)), (_("Courses with a grade"), graded),
              (_("Courses without a grade"), roster.course_count - graded), (_("Other records"), records),
              (_("Adults named"), sum(len(student.contacts) for student in roster.students)),
              (_("Learning standards"), len(roster.standards)), (_("Tests described"), len(roster.tests))]
    return [Fact(_("Format"), roster.format), *(Fact(label, str(count)) for label, count in counts if count)]


def _line(note: Note, lines: Sequence[int]) -> NoteLine:
    place = note.file
    if lines:
        named = ", ".join(str(line) for line in lines[:SHOWN_LINES]) + (" …" if len(lines) > SHOWN_LINES else "")
        place = ngettext("%(file)s, line %(lines)s", "%(file)s, %(num)s lines: %(lines)s", len(lines), file=note.file,
                         lines=named)
    return NoteLine(place, _(NOTES[note.code]) % dict(note.values))
