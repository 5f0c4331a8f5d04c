"""OneRoster 1.2 CSV: a zip of tables in which people, classes and results name each other by ``sourcedId``.

A class without a final grade becomes a course with status ``Enrolled`` or ``InProgress``, never a bare course.
OneRoster has no column for credits; we read the extension columns ``metadata.credits`` and ``metadata.creditsEarned``.

Spec: OneRoster 1.2 CSV Tables (1EdTech); requirements.md §3.2
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from issuer.importing._csv import Row, Table
from issuer.importing._values import read_date, read_number
from issuer.importing._zip import unpack
from issuer.importing.errors import IncompleteFile, UnknownFile
from issuer.importing.model import N_, Contact, CourseRecord, Grade, Note, Roster, School, Student, Term, merge_notes

FORMAT: Final = "OneRoster"
_ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "users": ("sourcedId", "givenName", "familyName"),
    "classes": ("sourcedId", "title"),
    "enrollments": ("classSourcedId", "userSourcedId", "role"),
    "orgs": ("sourcedId", "name"),
    "academicSessions": ("sourcedId", "title"),
    "courses": ("sourcedId", "title"),
    "roles": ("userSourcedId", "role"),
    "lineItems": ("sourcedId", "title", "classSourcedId"),
    "categories": ("sourcedId", "title"),
    "results": ("lineItemSourcedId", "studentSourcedId", "scoreStatus"),
}
_MUST_BE_THERE: Final = ("users", "classes", "enrollments")
_ACTIVE: Final = ("", "active")
_FINAL: Final = re.compile(
    r"final|overall|report card|(course|term|semester|quarter|year) grade|calificaci[oó]n", re.IGNORECASE
)
_GRADED: Final = "fully graded"
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", re.ASCII)


def is_mine(data: bytes) -> bool:
    """Whether the file is a zip; what is in it is judged by ``read``."""
    return data.startswith(_ZIP_MAGIC)


def read(data: bytes) -> Roster:
    """Read a OneRoster zip.

    Raises:
        FileProblem: see ``issuer.importing.read_export``.
    """
    return _Reading(unpack(data)).roster()


class _Reading:
    """The tables of one export, joined."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.notes: list[Note] = []
        self._files = files
        if not any(f"{name.lower()}.csv" in files for name in _REQUIRED):
            raise UnknownFile(N_("The zip file holds none of the OneRoster files."))
        self._read_manifest()
        self._tables = {name: tuple(self._read_table(name)) for name in _REQUIRED}
        self._note_unused()
        self.orgs = self._by_id("orgs")
        self.sessions = self._by_id("academicSessions")
        self.courses = self._by_id("courses")
        self.classes = self._by_id("classes")
        self.users = self._by_id("users")
        self._agent_roles = {row.get("userSourcedId"): row.get("role").lower() for row in self._tables["roles"]}
        self.categories = self._by_id("categories")
        self.line_items = self._by_id("lineItems")

    def _read_manifest(self) -> None:
        if "manifest.csv" not in self._files:
            self.notes.append(Note("manifest.csv", None, "manifest_missing"))
            return
        table = Table("manifest.csv", self._files["manifest.csv"], ("propertyName", "value"))
        entries = {row.get("propertyName"): row for row in table.rows}
        version = entries.get("oneroster.version")
        if version is None or version.get("value") not in ("1.1", "1.2"):
            raise UnknownFile(N_("The manifest does not say OneRoster 1.2."))
        if version.get("value") == "1.1":
            self.notes.append(version.note("older_version"))

    def _read_table(self, name: str) -> Iterator[Row]:
        data = self._files.get(f"{name.lower()}.csv")
        if data is None:
            if name in _MUST_BE_THERE:
                raise IncompleteFile(N_("The export lacks the file %(file)s."), file=f"{name}.csv")
            return
        table = Table(f"{name}.csv", data, _REQUIRED[name])
        self.notes += table.notes
        for row in table.rows:
            if row.get("status").lower() in _ACTIVE:
                yield row
            else:
                self.notes.append(row.note("row_inactive", status=row.get("status")))

    def _note_unused(self) -> None:
        known = {f"{name.lower()}.csv" for name in _REQUIRED} | {"manifest.csv"}
        self.notes += [Note(name, None, "file_not_used") for name in self._files if name not in known]

    def _by_id(self, name: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for row in self._tables[name]:
            identifier = row.get("sourcedId")
            if not identifier or identifier in found:
                self.notes.append(row.note("row_twice" if identifier else "row_without_id"))
            else:
                found[identifier] = row
        return found

    def roster(self) -> Roster:
        """Join everything into students with their courses."""
        enrolled = self._enrollments()
        scores = self._scores(enrolled)
        named = [row.get("userSourcedId") for row in self._tables["roles"] if row.get("role").lower() == "student"]
        named += [number for number, row in self.users.items() if row.get("role").lower() == "student"]
        by_user: dict[str, list[CourseRecord]] = {user: [] for user in named if user in self.users}
        for (user, class_id), enrolment in enrolled.items():
            course = self._course(enrolment, class_id, scores.get((user, class_id), []))
            by_user.setdefault(user, []).append(course)
        students = tuple(student for user, courses in by_user.items() if (student := self._student(user, courses)))
        if not students:
            raise IncompleteFile(N_("The file holds no student that we could read."))
        return Roster(FORMAT, students, merge_notes(self.notes))

    def _enrollments(self) -> dict[tuple[str, str], Row]:
        enrolled: dict[tuple[str, str], Row] = {}
        for row in self._tables["enrollments"]:
            user, class_id, role = row.get("userSourcedId"), row.get("classSourcedId"), row.get("role").lower()
            if user not in self.users:
                self.notes.append(row.note("no_such_user"))
            elif class_id not in self.classes:
                self.notes.append(row.note("no_such_class"))
            elif role != "student":
                self.notes.append(row.note("not_a_student", role=row.get("role")))
            elif (user, class_id) in enrolled:
                self.notes.append(row.note("row_twice"))
            else:
                enrolled[user, class_id] = row
        return enrolled

    def _scores(self, enrolled: Mapping[tuple[str, str], Row]) -> dict[tuple[str, str], list[tuple[Row, Row]]]:
        """Results with their line item, by student and class."""
        scores: dict[tuple[str, str], list[tuple[Row, Row]]] = {}
        for row in self._tables["results"]:
            item = self.line_items.get(row.get("lineItemSourcedId"))
            if item is None:
                self.notes.append(row.note("no_such_line_item"))
                continue
            place = row.get("studentSourcedId"), item.get("classSourcedId")
            if place in enrolled:
                scores.setdefault(place, []).append((row, item))
            else:
                self.notes.append(row.note("no_student_for_result"))
        return scores

    def _student(self, number: str, courses: list[CourseRecord]) -> Student | None:
        row = self.users[number]
        names = [row.get("givenName"), row.get("middleName")]
        given, family = " ".join(name for name in names if name), row.get("familyName")
        if not given and not family:
            self.notes.append(row.note("name_missing"))
            return None
        if not courses:
            self.notes.append(row.note("no_courses"))
        named = dict.fromkeys((row.get("identifier"), row.get("username")))
        aliases = tuple(alias for alias in named if alias and alias != number)
        return Student(number, given, family, aliases, tuple(courses), contacts=self._contacts(row))

    def _course(self, enrolment: Row, class_id: str, scores: list[tuple[Row, Row]]) -> CourseRecord:
        klass = self.classes[class_id]
        course = self.courses.get(klass.get("courseSourcedId"))
        grades, status = self._grades(scores)
        if not grades:
            self.notes.append(enrolment.note("no_result"))
        available = self._number(course or klass, "metadata.credits")
        earned = self._number(scores[0][0], "metadata.creditsEarned") if scores else None
        if earned is None and status == "Completed":
            earned = available
        subjects = (course.items("subjects") if course else []) or klass.items("subjects")
        return CourseRecord(
            key=class_id, status=status,
            title=(course.get("title") if course else "") or klass.get("title") or class_id,
            code=(course.get("courseCode") if course else "") or klass.get("classCode") or None,
            subject=subjects[0] if subjects else None, credits_available=available,
            credits_earned=earned if status == "Completed" else None, term=self._term(klass), grades=grades,
            school=self._school(klass, enrolment), language=self._language(course or klass), file=enrolment.file,
            line=enrolment.line,
        )

    def _grades(self, scores: list[tuple[Row, Row]]) -> tuple[tuple[Grade, ...], str]:
        """The course grade among a student's scores in a class, and the status that follows from it."""
        final = [pair for pair in scores if self._is_final(pair[1])]
        for row, item in scores:
            if (row, item) not in final:
                self.notes.append(row.note("not_a_final_grade", title=item.get("title")))
        grades: list[Grade] = []
        status = "InProgress" if scores else "Enrolled"
        for row, item in final:
            if row.get("scoreStatus").lower() != _GRADED:
                self.notes.append(row.note("not_fully_graded", status=row.get("scoreStatus")))
                continue
            found = self._grade_values(row, item)
            grades += found
            in_progress = row.get("inProgress").lower() == "true" or row.get("incomplete").lower() == "true"
            if found and not in_progress:
                status = "Completed"
        return tuple(grades[:2]), status

    def _is_final(self, item: Row) -> bool:
        category = self.categories.get(item.get("categorySourcedId"))
        words = item.get("title") + " " + (category.get("title") if category else "")
        return _FINAL.search(words) is not None

    def _grade_values(self, row: Row, item: Row) -> list[Grade]:
        grades = []
        if row.get("textScore"):
            grades.append(Grade("LetterGrade", row.get("textScore")))
        if row.get("score"):
            if read_number(row.get("score")) is None:
                self.notes.append(row.note("number_unreadable", value=row.get("score")))
                return grades
            lowest, highest = item.get("resultValueMin") or None, item.get("resultValueMax") or None
            percent = highest is not None and read_number(highest) == 100.0
            grades.append(Grade("Percent" if percent else "RawScore", row.get("score"), lowest, highest))
        return grades

    def _number(self, row: Row, column: str) -> float | None:
        text = row.get(column)
        value = read_number(text)
        if text and value is None:
            self.notes.append(row.note("number_unreadable", value=text))
        return value

    def _language(self, row: Row) -> str | None:
        """The course's own language, where the export gives it (an extension column of ours)."""
        text = row.get("metadata.language")
        return text if _LANGUAGE.fullmatch(text) else None

    def _contacts(self, row: Row) -> tuple[Contact, ...]:
        """The adults whom the student's row names as agents."""
        found = []
        for identifier in row.items("agentSourcedIds"):
            agent = self.users.get(identifier)
            name = "" if agent is None else " ".join(filter(None, (agent.get("givenName"), agent.get("familyName"))))
            if agent is None or not name:
                self.notes.append(row.note("contact_unknown"))
                continue
            relation = agent.get("role").lower() or self._agent_roles.get(identifier, "")
            found.append(Contact(identifier, name, relation, legal=relation in ("guardian", "parent")))
        return tuple(found)

    def _term(self, klass: Row) -> Term | None:
        for identifier in klass.items("termSourcedIds"):
            session = self.sessions.get(identifier)
            if session is None:
                self.notes.append(klass.note("term_unknown"))
                continue
            starts, ends = self._date(session, "startDate"), self._date(session, "endDate")
            year = _school_year(session.get("schoolYear"), starts)
            return Term(session.get("title") or identifier, year, starts, ends)
        return None

    def _date(self, row: Row, column: str) -> date | None:
        text = row.get(column)
        value = read_date(text) if text else None
        if text and value is None:
            self.notes.append(row.note("date_unreadable", value=text))
        return value

    def _school(self, klass: Row, enrolment: Row) -> School | None:
        identifier = klass.get("schoolSourcedId") or enrolment.get("schoolSourcedId")
        org = self.orgs.get(identifier)
        return School(identifier, org.get("name")) if org is not None and org.get("name") else None


def _school_year(text: str, starts: date | None) -> str | None:
    """A term's dates say it; else OneRoster names a school year by the year in which it ends."""
    if starts is not None:
        first = starts.year if starts.month >= 7 else starts.year - 1
        return f"{first}-{first + 1}"
    return f"{int(text) - 1}-{text}" if re.fullmatch(r"[12][0-9]{3}", text, re.ASCII) else None
