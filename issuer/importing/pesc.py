"""PESC HighSchoolTranscript 1.5, alone or in an AcademicRecordBatch, as XML or as JSON of the same shape.

Spec: PESC HighSchoolTranscript v1.5.0, CoreMain v1.14.0
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from issuer.importing._tree import Node, parse_json_tree, parse_xml
from issuer.importing._values import read_date, read_number
from issuer.importing.errors import IncompleteFile, UnknownFile
from issuer.importing.model import N_, CourseRecord, Grade, Note, Roster, School, Student, Term, merge_notes

FORMAT: Final = "PESC"
_TRANSCRIPT: Final = "HighSchoolTranscript"
_BATCH: Final = "AcademicRecordBatch"
_MARKS: Final = (b"<", b"{")
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_STATUSES: Final[Mapping[str, str]] = {
    "completed": "Completed", "complete": "Completed", "inprogress": "InProgress", "incomplete": "InProgress",
    "registered": "Enrolled", "enrolled": "Enrolled", "withdrawn": "Withdrew", "withdrew": "Withdrew",
    "failed": "Failed", "fail": "Failed", "provisional": "Provisional", "onhold": "OnHold",
}


def is_mine(data: bytes) -> bool:
    """Whether the file looks like XML or JSON; what is in it is judged by ``read``."""
    for mark in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data = data[len(mark):].lstrip(b"\0")
    return data.lstrip()[:1] in _MARKS


def read(data: bytes) -> Roster:
    """Read one transcript or a batch of them.

    Raises:
        FileProblem: see ``issuer.importing.read_export``.
    """
    is_xml = data.startswith(_BYTE_ORDER_MARKS) or data.lstrip()[:1] == b"<"
    reading = _Reading("transcript.xml" if is_xml else "transcript.json")
    root = parse_xml(data) if is_xml else parse_json_tree(data)
    students = tuple(reading.student(transcript) for transcript in _transcripts(root))
    if not students:
        raise IncompleteFile(N_("The file holds no student that we could read."))
    numbers = [student.number for student in students]
    if len(set(numbers)) != len(numbers):
        raise IncompleteFile(N_("The file holds one student twice."))
    return Roster(FORMAT, students, merge_notes(reading.notes))


def _transcripts(root: Node) -> list[Node]:
    root = root.children[0] if root.name == "" and len(root.children) == 1 else root
    if root.name == _TRANSCRIPT:
        return [root]
    if root.name != _BATCH:
        raise UnknownFile(N_("The file is not a PESC high-school transcript."))
    return list(root.all(_TRANSCRIPT))


class _Reading:
    """Gathers notes while the transcripts of one file are read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.notes: list[Note] = []

    def student(self, transcript: Node) -> Student:
        """One transcript."""
        person = transcript.first("Student", "Person") or Node("Person")
        given = " ".join(filter(None, (person.value("Name", "FirstName"), person.value("Name", "MiddleName"))))
        family = person.value("Name", "LastName")
        number, aliases = self._numbers(person)
        if not number or not (given or family):
            raise IncompleteFile(N_("A transcript lacks the student’s number or name."))
        courses = tuple(self._courses(transcript))
        if not courses:
            self.notes.append(self._note(person, "no_courses"))
        self._note_unused(transcript)
        return Student(number, given, family, aliases, courses)

    def _numbers(self, person: Node) -> tuple[str, tuple[str, ...]]:
        found = [person.value("SchoolAssignedPersonID"), person.value("AgencyAssignedID")]
        found += [each.value("AgencyAssignedID") for each in person.all("AgencyIdentifier")]
        numbers = list(dict.fromkeys(number for number in found if number))
        return (numbers[0], tuple(numbers[1:])) if numbers else ("", ())

    def _courses(self, transcript: Node) -> Iterator[CourseRecord]:
        keys: Counter[str] = Counter()
        student = transcript.first("Student") or Node("Student")
        for record in student.all("AcademicRecord"):
            school = self._school(record.first("School"))
            for session in record.all("AcademicSession"):
                term = self._term(session.first("AcademicSessionDetail"))
                held_at = self._school(session.first("School")) or school
                for node in session.all("Course"):
                    course = self._course(node, term, held_at, keys)
                    if course is not None:
                        yield course

    def _school(self, node: Node | None) -> School | None:
        name = node.value("OrganizationName") if node is not None else ""
        if node is None or not name:
            return None
        return School(node.value("LocalOrganizationID", "LocalOrganizationIDCode") or name, name)

    def _term(self, detail: Node | None) -> Term | None:
        if detail is None:
            return None
        name = detail.value("SessionName") or detail.value("SessionDesignator")
        starts, ends = detail.value("SessionBeginDate"), detail.value("SessionEndDate")
        detail.first("SessionDesignator")
        for text in (starts, ends):
            if text and read_date(text) is None:
                self.notes.append(self._note(detail, "date_unreadable", value=text))
        year = detail.value("SessionSchoolYear") or None
        return Term(name or year or "", year, read_date(starts), read_date(ends)) if name or year else None

    def _course(self, node: Node, term: Term | None, school: School | None, keys: Counter[str]) -> CourseRecord | None:
        title = node.value("CourseTitle")
        code = " ".join(filter(None, (node.value("CourseSubjectAbbreviation"), node.value("CourseNumber"))))
        if not title:
            self.notes.append(self._note(node, "title_missing"))
            return None
        grades = tuple(self._grades(node))
        status = self._status(node, bool(grades))
        available = self._number(node, "CourseCreditValue")
        earned = self._number(node, "CourseCreditEarned")
        if earned is None and status == "Completed":
            earned = available
        key = "/".join((school.id if school else "", term.label if term else "", code or title))
        keys[key] += 1
        return CourseRecord(
            key=key if keys[key] == 1 else f"{key}/{keys[key]}", title=title, status=status, code=code or None,
            credits_available=available, credits_earned=earned, term=term, grades=grades, school=school, file=self.file,
            line=node.line,
        )

    def _grades(self, node: Node) -> Iterator[Grade]:
        letter = node.value("CourseAcademicGrade")
        if letter:
            kind = "RawScore" if read_number(letter) is not None else "LetterGrade"
            yield Grade(kind, letter)
        for extra in node.all("CourseSupplementalAcademicGrade"):
            for each in extra.all("CourseSupplementalGrade"):
                value = each.value("CourseAcademicSupplementalGrade")
                number = read_number(value)
                if number is not None and number <= 100:
                    yield Grade("Percent", value, "0", "100")
                    return

    def _status(self, node: Node, has_grade: bool) -> str:
        word = node.value("CourseAcademicGradeStatusCode")
        if not has_grade:
            self.notes.append(self._note(node, "no_result"))
        known = _STATUSES.get(word.replace(" ", "").lower())
        if known == "Completed" and not has_grade:
            return "InProgress"
        if known is not None:
            return known
        if word:
            self.notes.append(self._note(node, "status_unknown", status=word))
            return "Provisional"
        return "Completed" if has_grade else "InProgress"

    def _number(self, node: Node, name: str) -> float | None:
        text = node.value(name)
        value = read_number(text)
        if text and value is None:
            self.notes.append(self._note(node, "number_unreadable", value=text))
        return value

    def _note_unused(self, transcript: Node) -> None:
        for name, count in sorted(transcript.unread().items()):
            self.notes.append(Note(self.file, None, "element_not_used", {"name": name, "count": str(count)}))

    def _note(self, node: Node, code: str, **values: str) -> Note:
        return Note(self.file, node.line, code, values)
