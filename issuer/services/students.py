"""Looking at students and what they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from credkit.errors import StateError
from issuer.importing.model import CourseRecord
from issuer.services.drafting import COURSE
from issuer.services.office import Office, existing_student
from issuer.services.rosters import course_from_json
from issuer.store import ALONE, Credential, LogEntry, Person, Progress, Revocation

_EARLIEST: Final = date(1900, 1, 1)
_AHEAD: Final = timedelta(days=366)


@dataclass(frozen=True)
class StudentLine:
    """A student in a list."""

    person: Person
    progress: Progress


@dataclass(frozen=True)
class StudentView:
    """A student with all records, living and taken back; ``courses`` by the id of the credential about them."""

    person: Person
    credentials: tuple[Credential, ...]
    courses: Mapping[str, CourseRecord]

    @property
    def living(self) -> tuple[Credential, ...]:
        """Records of the student's set that were not taken back."""
        return tuple(credential for credential in self.credentials
                     if credential.revoked_at is None and credential.kind not in ALONE)

    @property
    def statements(self) -> tuple[Credential, ...]:
        """What the school states about guardians and courts; no part of the student's set."""
        return tuple(credential for credential in self.credentials if credential.kind in ALONE)

    @property
    def waiting(self) -> tuple[Credential, ...]:
        """Records that nobody has collected in their newest version."""
        return tuple(credential for credential in self.living if not credential.is_collected)

    @property
    def progress(self) -> Progress:
        """How much is collected."""
        return Progress(len(self.living) - len(self.waiting), len(self.living))


@dataclass(frozen=True)
class Overview:
    """The state of the office in a few numbers.

    Attributes:
        students: Everybody known.
        records: Records that were not taken back.
        waiting: Records nobody has collected yet; ``students_waiting`` have at least one.
        unconfirmed: Ids of imports that were read and not confirmed.
    """

    students: int
    records: int
    waiting: int
    students_waiting: int
    unconfirmed: tuple[str, ...]


class Students:
    """The office's students."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def all(self) -> tuple[StudentLine, ...]:
        """Everybody, by family name."""
        with self._office.store.reading() as unit:
            progress = unit.progress_by_student()
            return tuple(StudentLine(person, progress.get(person.id, Progress(0, 0))) for person in unit.students())

    def view(self, student_id: str) -> StudentView:
        """One student.

        Raises:
            StateError: there is none.
        """
        with self._office.store.reading() as unit:
            person = existing_student(unit, student_id)
            credentials = unit.credentials_of(student_id)
            stored = {f"{COURSE}:{course.key}": course for course in unit.courses_of(student_id)}
        courses = {
            each.id: course_from_json(stored[slot].record)
            for each in credentials if (slot := each.slot.removesuffix(f"#{each.id}")) in stored
        }
        return StudentView(person, credentials, courses)

    def leave(self, student_id: str, on: date | None, actor: str) -> None:
        """Note on which day a student left the school; None if the student is back or never left.

        Raises:
            StateError: no such student, or a day that cannot be right.
        """
        now = self._office.clock.now()
        if on is not None and not _EARLIEST <= on <= now.date() + _AHEAD:
            raise StateError("This day cannot be right. Nothing was changed.")
        with self._office.store.writing() as unit:
            existing_student(unit, student_id)
            unit.note_leaving(student_id, on)
            unit.append_log(now, "left" if on is not None else "returned", actor, student_id,
                            {} if on is None else {"on": on.isoformat()})

    def find(self, number: str) -> Person:
        """A student by the school's number, or by another number that belongs to one student only.

        Raises:
            StateError: nobody, or several.
        """
        with self._office.store.reading() as unit:
            person = unit.student_numbered(number)
            if person is not None:
                return person
            others = [each for each in unit.students() if number in each.aliases]
        if len(others) != 1:
            if others:
                raise StateError("Several students have this number. Use the school’s own number.")
            raise StateError("There is no student with this number.")
        return others[0]

    def overview(self) -> Overview:
        """What the office should look at today."""
        with self._office.store.reading() as unit:
            progress = unit.progress_by_student()
            known = len(unit.students())
            unconfirmed = tuple(record.id for record in unit.imports() if record.confirmed_at is None)
        waiting = sum(each.total - each.collected for each in progress.values())
        open_students = sum(each.total > each.collected for each in progress.values())
        return Overview(known, sum(each.total for each in progress.values()), waiting, open_students, unconfirmed)

    def credential(self, credential_id: str) -> tuple[Credential, Person]:
        """A record by its id (with or without ``urn:uuid:``) and whose it is.

        Raises:
            StateError: there is none.
        """
        wanted = credential_id if credential_id.startswith("urn:") else f"urn:uuid:{credential_id}"
        with self._office.store.reading() as unit:
            credential = unit.find_credential(wanted)
            person = unit.find_student(credential.student_id) if credential is not None else None
        if credential is None or person is None:
            raise StateError("There is no such record.")
        return credential, person

    def revocation(self, credential_id: str) -> Revocation | None:
        """Who took a record back and why."""
        with self._office.store.reading() as unit:
            return unit.find_revocation(credential_id)

    def log(self, *, limit: int = 200, before: int | None = None) -> tuple[LogEntry, ...]:
        """The newest lines of the log first."""
        with self._office.store.reading() as unit:
            return unit.log_entries(limit=limit, before=before)

    def about(self, entries: Iterable[LogEntry]) -> dict[str, tuple[Credential | None, Person]]:
        """Whom lines of the log are about, and which record if it is about one, by their subject."""
        found = {}
        with self._office.store.reading() as unit:
            for subject in {entry.subject for entry in entries}:
                credential = unit.find_credential(subject)
                person = unit.find_student(credential.student_id if credential is not None else subject)
                if person is not None:
                    found[subject] = credential, person
        return found

    def first_broken_log_entry(self) -> int | None:
        """Number of the first line of the log that was changed or removed, or None."""
        with self._office.store.reading() as unit:
            return unit.first_broken_entry()
