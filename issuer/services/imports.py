"""School exports: read, show what was understood, and after the office's word keep it and draft the records.

Nothing is changed before ``confirm``. Confirming again, or importing the same file again, changes nothing
(security.md R06); a student whose record cannot be made is named, and the others go on.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace

from credkit.errors import ProblemError, StateError
from credkit.ports import JSONObject
from issuer.importing import read_export
from issuer.importing.model import FormRecord, Roster, Student
from issuer.services.drafting import Drafted, Drafting
from issuer.services.forms import Forms
from issuer.services.office import Office
from issuer.services.rosters import (
    course_to_json,
    described,
    roster_from_json,
    roster_to_json,
    test_from_json,
    test_to_json,
)
from issuer.services.templates import template
from issuer.store import ImportRecord, Person, StandardRow, Unit

_MAX_FILE_NAME = 200


@dataclass(frozen=True)
class Outcome:
    """What confirming an import came to.

    Attributes:
        students: Students that were kept.
        new, renewed, unchanged: Credentials by what happened to them.
        refused: Student number and reason for each student, or form of one, of which no record could be made.
        standards: How many learning standards were kept.
    """

    students: int
    new: int
    renewed: int
    unchanged: int
    refused: tuple[tuple[str, str], ...] = ()
    standards: int = 0


@dataclass(frozen=True)
class Reading:
    """A file that was read, with its report."""

    id: str
    file_name: str
    roster: Roster
    outcome: Outcome | None

    @property
    def is_confirmed(self) -> bool:
        """Whether its records were drafted."""
        return self.outcome is not None


class Imports:
    """The office's imports."""

    def __init__(self, office: Office, drafting: Drafting, forms: Forms) -> None:
        self._office = office
        self._drafting = drafting
        self._forms = forms

    def receive(self, data: bytes, file_name: str, actor: str) -> Reading:
        """Read a file and keep what was understood until somebody confirms it.

        Raises:
            ProblemError, UnsupportedError: see ``issuer.importing.read_export``; nothing is kept.
        """
        roster = read_export(data)
        record = ImportRecord(
            id=self._office.new_id(), file_name=" ".join(file_name.split())[:_MAX_FILE_NAME] or "file",
            digest=hashlib.sha256(data).hexdigest(), roster=roster_to_json(roster), created_at=self._office.clock.now(),
            confirmed_at=None, outcome=None,
        )
        with self._office.store.writing() as unit:
            unit.add_import(record)
            unit.append_log(record.created_at, "received", actor, record.id, {"file": record.digest})
        return _reading(record)

    def look(self, data: bytes, file_name: str) -> Reading:
        """Read a file and keep nothing of it.

        Raises:
            ProblemError, UnsupportedError: see ``issuer.importing.read_export``.
        """
        return Reading("", file_name, read_export(data), None)

    def find(self, import_id: str) -> Reading:
        """An import by its id.

        Raises:
            StateError: there is none.
        """
        with self._office.store.reading() as unit:
            record = unit.find_import(import_id)
        if record is None:
            raise StateError("There is no such import.")
        return _reading(record)

    def recent(self, limit: int = 20) -> tuple[Reading, ...]:
        """The newest imports first."""
        with self._office.store.reading() as unit:
            return tuple(_reading(record) for record in unit.imports(limit))

    def confirm(self, import_id: str, actor: str) -> Outcome:
        """Keep what an import holds and draft its records, student by student.

        Raises:
            StateError: there is no such import.
        """
        reading = self.find(import_id)
        if reading.outcome is not None:
            return reading.outcome
        drafted, refused = [], list[tuple[str, str]]()
        standards = self._keep_knowledge(reading.roster)
        for student in reading.roster.students:
            try:
                done, left_out = self._keep(student)
                drafted.append(done)
                refused += [(student.number, reason) for reason in left_out]
            except (ProblemError, StateError) as error:
                refused.append((student.number, error.detail))
        outcome = Outcome(len(drafted), sum(each.new for each in drafted), sum(each.renewed for each in drafted),
                          sum(each.unchanged for each in drafted), tuple(refused), standards)
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            if unit.confirm_import(import_id, now, _outcome_to_json(outcome)):
                counts = {"students": outcome.students, "new": outcome.new, "renewed": outcome.renewed,
                          "refused": len(refused)}
                unit.append_log(now, "imported", actor, import_id, counts)
        return outcome

    def _keep_knowledge(self, roster: Roster) -> int:
        """What is about no student: standards and tests; how many standards were there."""
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            unit.save_standards([StandardRow(**{**asdict(each), "grades": tuple(each.grades)})
                                 for each in roster.standards], now)
            for test in roster.tests:
                unit.save_test(test.id, test_to_json(test), now)
        return len(roster.standards)

    def _keep(self, student: Student) -> tuple[Drafted, list[str]]:
        """One student in one transaction: all of it or nothing; a single form that does not hold is left out.

        Returns:
            What was drafted, and why each form that is missing was left out.
        """
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            person = self._person(unit, student)
            unit.save_student(person, now)
            for position, course in enumerate(student.courses):
                unit.save_course(person.id, course.key, course_to_json(course), position)
            for contact in student.contacts:
                unit.save_contact(person.id, contact.key, asdict(contact), now)
            done = self._drafting.prepare_student(unit, person)
            outcomes, left_out = [], []
            for record in student.records:
                try:
                    outcomes.append(self._keep_record(unit, person, record))
                except ProblemError as error:
                    left_out.append(f"{record.template}: {error.detail}")
        return Drafted(*(before + outcomes.count(word) for before, word in (
            (done.new, "new"), (done.renewed, "renewed"), (done.unchanged, "unchanged")))), left_out

    def _keep_record(self, unit: Unit, person: Person, record: FormRecord) -> str:
        known = unit.find_test(record.test) if record.test is not None else None
        whole = described(record, None if known is None else test_from_json(known))
        return self._forms.import_within(unit, person, template(record.template), whole.answers)

    def _person(self, unit: Unit, student: Student) -> Person:
        known = unit.student_numbered(student.number)
        if known is None and not student.name:
            raise StateError("There is no student with this number. Import the students first.")
        if known is None:
            return Person(self._office.new_id(), student.number, student.given_name, student.family_name,
                          student.aliases)
        if not student.name:
            return known
        return replace(known, given_name=student.given_name, family_name=student.family_name,
                       aliases=student.aliases or known.aliases)


def _reading(record: ImportRecord) -> Reading:
    outcome = None
    if record.confirmed_at is not None and record.outcome is not None:
        stored = record.outcome
        outcome = Outcome(**{**stored, "refused": tuple((number, reason) for number, reason in stored["refused"])})
    return Reading(record.id, record.file_name, roster_from_json(record.roster), outcome)


def _outcome_to_json(outcome: Outcome) -> JSONObject:
    return {**asdict(outcome), "refused": [list(pair) for pair in outcome.refused]}
