"""School exports: read, show what was understood, and after the office's word keep it and draft the records.

Nothing is changed before ``confirm``. Confirming again, or importing the same file again, changes nothing
(security.md R06); a student whose record cannot be made is named, and the others go on.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from credkit.errors import ProblemError, StateError
from credkit.ports import JSONObject
from issuer.importing import read_export
from issuer.importing.model import Roster, Student
from issuer.services.drafting import Drafted, Drafting
from issuer.services.office import Office
from issuer.services.rosters import course_to_json, roster_from_json, roster_to_json
from issuer.store import ImportRecord, Person

_MAX_FILE_NAME = 200


@dataclass(frozen=True)
class Outcome:
    """What confirming an import came to.

    Attributes:
        students: Students that were kept.
        new, renewed, unchanged: Credentials by what happened to them.
        refused: Student number and reason for each student whose records could not be made.
    """

    students: int
    new: int
    renewed: int
    unchanged: int
    refused: tuple[tuple[str, str], ...] = ()


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

    def __init__(self, office: Office, drafting: Drafting) -> None:
        self._office = office
        self._drafting = drafting

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
        drafted, refused = [], []
        for student in reading.roster.students:
            try:
                drafted.append(self._keep(student))
            except (ProblemError, StateError) as error:
                refused.append((student.number, error.detail))
        outcome = Outcome(len(drafted), sum(each.new for each in drafted), sum(each.renewed for each in drafted),
                          sum(each.unchanged for each in drafted), tuple(refused))
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            if unit.confirm_import(import_id, now, _outcome_to_json(outcome)):
                counts = {"students": outcome.students, "new": outcome.new, "renewed": outcome.renewed,
                          "refused": len(refused)}
                unit.append_log(now, "imported", actor, import_id, counts)
        return outcome

    def _keep(self, student: Student) -> Drafted:
        """One student in one transaction: all of it or nothing."""
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            known = unit.student_numbered(student.number)
            person = Person(known.id if known is not None else self._office.new_id(), student.number,
                            student.given_name, student.family_name, student.aliases)
            unit.save_student(person, now)
            for position, course in enumerate(student.courses):
                unit.save_course(person.id, course.key, course_to_json(course), position)
            return self._drafting.prepare_student(unit, person)


def _reading(record: ImportRecord) -> Reading:
    outcome = None
    if record.confirmed_at is not None and record.outcome is not None:
        stored = record.outcome
        outcome = Outcome(**{**stored, "refused": tuple((number, reason) for number, reason in stored["refused"])})
    return Reading(record.id, record.file_name, roster_from_json(record.roster), outcome)


def _outcome_to_json(outcome: Outcome) -> JSONObject:
    return {**asdict(outcome), "refused": [list(pair) for pair in outcome.refused]}
