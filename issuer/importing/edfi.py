"""Ed-Fi Data Standard 5 interchange XML, one file or several in a zip: students, contacts, tests, attendance, IEP.

What it finds fills our templates; a registrar sees it before anything is kept. Disabilities, restrictions on contacts,
homelessness and the like are never taken over (requirements.md §3.1).

Spec: Ed-Fi Data Standard 5.2 (Interchange-Student, -StudentAssessment, -AssessmentMetadata, -StudentAttendance,
-StudentProgram, -Contact, -EducationOrgCalendar)
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from issuer.importing import _edfi_words as words
from issuer.importing._tree import Node, parse_xml
from issuer.importing._values import read_date
from issuer.importing._zip import names, unpack
from issuer.importing.errors import IncompleteFile, UnknownFile
from issuer.importing.model import (
    N_,
    Contact,
    FormRecord,
    KnownTest,
    Note,
    Roster,
    Student,
    merge_notes,
)

FORMAT: Final = "Ed-Fi"
_ZIP_MAGIC: Final = b"PK\x03\x04"
_ROOT: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?Interchange[A-Za-z]+[\s>/]")
_HEAD_BYTES: Final = 4096
_MAX_NUMBER: Final = 80
_LEFT_OUT: Final = {
    "Disability": "disability_left_out", "ContactRestrictions": "restriction_left_out",
}


def is_mine(data: bytes) -> bool:
    """Whether it is an interchange file, or a zip of XML files only."""
    if data.startswith(_ZIP_MAGIC):
        found = names(data)
        return bool(found) and all(name.endswith(".xml") for name in found)
    return _ROOT.search(data[:_HEAD_BYTES]) is not None


def read(data: bytes) -> Roster:
    """Read one interchange file, or a zip of them as one export.

    Raises:
        FileProblem: see ``issuer.importing.read_export``.
    """
    files = unpack(data) if data.startswith(_ZIP_MAGIC) else {"edfi.xml": data}
    reading = _Reading()
    for name, content in files.items():
        reading.read_file(name, parse_xml(content))
    return reading.roster()


class _Reading:
    """Gathers what the files say of each student, by the student's number."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.names: dict[str, tuple[str, str]] = {}
        self.records: dict[str, list[FormRecord]] = defaultdict(list)
        self.contacts: dict[str, list[Contact]] = defaultdict(list)
        self.tests: dict[str, KnownTest] = {}
        self._people: dict[str, str] = {}
        self._links: list[tuple[str, str, Node]] = []
        self._terms: dict[str, tuple[str, str]] = {}
        self._events: dict[tuple[str, str], Counter[str]] = {}
        self._objectives: dict[str, str] = {}
        self._shown: list[tuple[str, str, FormRecord]] = []
        self._unused: Counter[tuple[str, str]] = Counter()
        self._used: list[tuple[str, Node]] = []
        self._readers: Mapping[str, Callable[[str, Node], None]] = {
            "Student": self._student, "StudentAssessment": self._test, "Assessment": self._description,
            "ObjectiveAssessment": self._objective, "StudentSectionAttendanceEvent": self._event,
            "StudentSchoolAttendanceEvent": self._event, "Session": self._session,
            "StudentSpecialEducationProgramAssociation": self._special, "Contact": self._contact,
            "Parent": self._contact, "StudentContactAssociation": self._link, "StudentParentAssociation": self._link,
        }

    def read_file(self, file: str, root: Node) -> None:
        """One interchange; records we have no use for are counted by their name."""
        if not root.name.startswith("Interchange"):
            raise UnknownFile(N_("The file is not an Ed-Fi interchange."))
        for node in root.children:
            reader = self._readers.get(node.name)
            if reader is None:
                self._unused[file, node.name] += 1
            else:
                reader(file, node)
                self._used.append((file, node))

    def roster(self) -> Roster:
        """Everything by student, in order of their numbers."""
        self._count_attendance()
        self._join_contacts()
        self._join_objectives()
        for file, node in self._used:
            self._unused.update({(file, name): count for name, count in node.unread().items()})
        self.notes += [Note(file, None, "element_not_used", {"name": name, "count": str(count)})
                       for (file, name), count in sorted(self._unused.items())]
        numbers = sorted({*self.names, *self.records, *self.contacts})
        if not numbers and not self.tests:
            raise IncompleteFile(N_("The file holds nothing that we could read."))
        students = tuple(Student(number, *self.names.get(number, ("", "")), records=tuple(self.records[number]),
                                 contacts=tuple(self.contacts[number])) for number in numbers)
        return Roster(FORMAT, students, merge_notes(self.notes), tests=tuple(self.tests.values()))

    def _student(self, file: str, node: Node) -> None:
        number = _number(node.value("StudentUniqueId"))
        given = " ".join(filter(None, (node.value("Name", "FirstName"), node.value("Name", "MiddleName"))))
        family = " ".join(filter(None, (node.value("Name", "LastSurname"), node.value("Name", "GenerationCodeSuffix"))))
        if not number or not (given or family):
            self._note(file, node, "name_missing")
        elif number in self.names:
            self._note(file, node, "row_twice")
        else:
            self.names[number] = (given, family)

    def _test(self, file: str, node: Node) -> None:
        number, taken_on = self._number(node), node.value("AdministrationDate")[:10]
        test = node.value("AssessmentReference", "AssessmentIdentity", "AssessmentIdentifier")
        if not number or not test or read_date(taken_on) is None:
            self._note(file, node, "test_incomplete")
            return
        answers = {"test": test, "subject": words.subject_in(test) or "other", "taken_on": taken_on,
                   "grade": words.grade_of(node.value("WhenAssessedGradeLevel")),
                   "tested_in": words.language_of(node.value("AdministrationLanguage")),
                   **self._scores(file, node)}
        level = node.value("PerformanceLevel", "PerformanceLevel")
        if level:
            answers["level"] = words.code_of(level)
        self.records[number].append(_record("assessment", answers, file, node, test=test))
        for each in node.all("StudentObjectiveAssessment"):
            objective = each.value("ObjectiveAssessmentReference", "ObjectiveAssessmentIdentity", "IdentificationCode")
            shown = words.code_of(each.value("PerformanceLevel", "PerformanceLevel"))
            if objective and shown:
                record = _record("mastery", {"level": shown, "shown_on": taken_on}, file, each)
                self._shown.append((number, objective, record))

    def _scores(self, file: str, node: Node) -> dict[str, str]:
        """The one main score with its scale, and what stands beside it; every other method is named in the report."""
        found: dict[str, str] = {}
        for result in node.all("ScoreResult"):
            method = words.code_of(result.value("AssessmentReportingMethod")).casefold()
            value = result.value("Result")
            if value and method not in found:
                found[method] = value
        answers: dict[str, str] = {}
        main = next((method for method in words.SCALES if method in found), None)
        if main is not None:
            answers = {"scale": words.SCALES[main], "score": found.pop(main)}
        for method, value in found.items():
            group = words.PERCENTILES.get(method)
            if method in words.VALUES and words.VALUES[method] not in answers:
                answers[words.VALUES[method]] = value
            elif group and "percentile" not in answers:
                answers |= {"percentile": value, "norm_group": group}
            else:
                self._note(file, node, "score_not_used", method=method)
        return answers

    def _description(self, file: str, node: Node) -> None:
        identifier, title = node.value("AssessmentIdentifier"), node.value("AssessmentTitle")
        if not identifier:
            self._note(file, node, "test_incomplete")
            return
        subject = words.subject_of(node.value("AcademicSubject"))
        answers = {"test": title or identifier, "subject": words.subject_in(title) or subject,
                   "purpose": words.purpose_of(node.value("AssessmentCategory")),
                   "grade": words.grade_of(node.value("AssessedGradeLevel")),
                   "version": node.value("AssessmentVersion"), "tested_in": words.language_of(node.value("Language"))}
        bounds = {}
        for score in node.all("AssessmentScore"):
            method = words.code_of(score.value("AssessmentReportingMethod")).casefold()
            bounds[words.SCALES.get(method, "")] = (score.value("MinimumScore"), score.value("MaximumScore"))
        self.tests[identifier] = KnownTest(
            identifier, {name: value for name, value in answers.items() if value},
            {scale: limits for scale, limits in bounds.items() if scale})

    def _objective(self, file: str, node: Node) -> None:
        del file
        standard = node.value("LearningStandardReference", "LearningStandardIdentity", "LearningStandardId")
        code = node.value("IdentificationCode")
        if code and standard:
            self._objectives[code] = standard

    def _join_objectives(self) -> None:
        unknown = 0
        for number, objective, record in self._shown:
            standard = self._objectives.get(objective)
            if standard is None:
                unknown += 1
            else:
                answers = {**record.answers, "standard": standard}
                self.records[number].append(FormRecord(record.template, answers, record.file, record.line))
        if unknown:
            self.notes.append(Note("edfi", None, "objective_without_standard", {"count": str(unknown)}))

    def _event(self, file: str, node: Node) -> None:
        number, category = self._number(node), node.value("AttendanceEvent", "AttendanceEventCategory")
        day = node.value("AttendanceEvent", "EventDate")
        paths = (("SectionReference", "SectionIdentity", "CourseOfferingReference", "CourseOfferingIdentity",
                  "SessionReference", "SessionIdentity", "SessionName"),
                 ("SessionReference", "SessionIdentity", "SessionName"))
        term = next((name for path in paths if (name := node.value(*path))), "")
        if not number or not term or read_date(day) is None:
            self._note(file, node, "event_incomplete")
            return
        counts = self._events.setdefault((number, term), Counter())
        if words.is_late(category):
            counts["late"] += 1
        elif words.is_absence(category) and node.name == "StudentSchoolAttendanceEvent":
            counts[f"absent {day}"] = 1
        else:
            self._note(file, node, "event_not_counted", category=words.code_of(category))

    def _session(self, file: str, node: Node) -> None:
        del file
        name, begins, ends = (node.value(part) for part in ("SessionName", "BeginDate", "EndDate"))
        if name and read_date(begins) is not None and read_date(ends) is not None:
            self._terms.setdefault(name, (begins, ends))

    def _count_attendance(self) -> None:
        """Events only: how many days a student was enrolled they do not say, so no rate comes of them."""
        for (number, term), counts in self._events.items():
            absent = sum(1 for name in counts if name.startswith("absent "))
            answers = {"term": term}
            if counts["late"]:
                answers["times_late"] = str(counts["late"])
            if absent:
                answers["days_absent"] = str(absent)
            if len(answers) == 1:
                continue
            if term in self._terms:
                answers["begins"], answers["ends"] = self._terms[term]
            self.records[number].append(FormRecord("attendance", answers, "edfi", None))

    def _special(self, file: str, node: Node) -> None:
        number = self._number(node)
        begins = node.value("IEPBeginDate") or node.value("BeginDate")
        if not number or read_date(begins) is None:
            self._note(file, node, "program_incomplete")
            return
        services = [words.code_of(each.value("SpecialEducationProgramService"))
                    for each in node.all("SpecialEducationProgramService")]
        answers = {
            "begins": begins, "ends": node.value("IEPEndDate"), "services": "\n".join(filter(None, services)),
            "setting": words.code_of(node.value("SpecialEducationSetting")),
            "hours": node.value("SpecialEducationHoursPerWeek"), "review_on": node.value("IEPReviewDate"),
            "evaluated_on": node.value("LastEvaluationDate"),
        }
        self._note_left_out(file, node)
        if answers["services"] or answers["setting"] or answers["hours"]:
            self.records[number].append(_record("iep", answers, file, node))
        else:
            self._note(file, node, "program_incomplete")

    def _contact(self, file: str, node: Node) -> None:
        key = node.value("ContactUniqueId") or node.value("ParentUniqueId")
        name = " ".join(filter(None, (node.value("Name", "FirstName"), node.value("Name", "LastSurname"))))
        if key and name:
            self._people[key] = name
        else:
            self._note(file, node, "name_missing")

    def _link(self, file: str, node: Node) -> None:
        self._note_left_out(file, node)
        self._links.append((file, self._number(node), node))

    def _join_contacts(self) -> None:
        for file, number, node in self._links:
            key = (node.value("ContactReference", "ContactIdentity", "ContactUniqueId")
                   or node.value("ParentReference", "ParentIdentity", "ParentUniqueId"))
            if not number or key not in self._people:
                self._note(file, node, "contact_unknown")
                continue
            self.contacts[number].append(Contact(
                key, self._people[key], words.code_of(node.value("Relation")),
                legal=node.value("LegalGuardian").casefold() in ("true", "1"),
                restricted=node.first("ContactRestrictions") is not None))

    def _note_left_out(self, file: str, node: Node) -> None:
        for name, code in _LEFT_OUT.items():
            if node.first(name) is not None:
                self._note(file, node, code)

    def _number(self, node: Node) -> str:
        return _number(node.value("StudentReference", "StudentIdentity", "StudentUniqueId"))

    def _note(self, file: str, node: Node, code: str, **values: str) -> None:
        self.notes.append(Note(file, node.line, code, values))


def _number(text: str) -> str:
    return text if len(text) <= _MAX_NUMBER else ""


def _record(template: str, answers: Mapping[str, str], file: str, node: Node, *, test: str | None = None) -> FormRecord:
    return FormRecord(template, {name: value for name, value in answers.items() if value}, file, node.line, test)
