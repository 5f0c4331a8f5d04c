"""Imports, students, their courses, and what can be earned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from credkit.ports import JSONObject
from issuer.store._office import OfficeQueries
from issuer.store.records import ImportRecord, Person, StandardRow, StoredCourse
from issuer.store.schema import (
    NOBODY,
    achievements,
    contacts,
    courses,
    from_ms,
    imports,
    maybe_from_ms,
    ms,
    standards,
    students,
    tests,
)

_IMPORTS_KEPT_MS = 30 * 24 * 60 * 60 * 1000
_STUDENT = sa.select(students).where(students.c.id != NOBODY)
_STUDENT_OF_ID = _STUDENT.where(students.c.id == sa.bindparam("wanted"))
_STUDENT_OF_NUMBER = _STUDENT.where(students.c.number == sa.bindparam("wanted"))


class PeopleQueries(OfficeQueries):
    """Queries about whom and what the office knows."""

    def add_import(self, record: ImportRecord) -> None:
        """Keep a file that was read, before anybody confirmed it."""
        self._connection.execute(sa.insert(imports).values(
            id=record.id, file_name=record.file_name, digest=record.digest, roster=record.roster,
            created_at=ms(record.created_at), confirmed_at=None, outcome=sa.null(),
        ))

    def find_import(self, import_id: str) -> ImportRecord | None:
        """One import."""
        row = self._connection.execute(sa.select(imports).where(imports.c.id == import_id)).one_or_none()
        return None if row is None else _import(row)

    def imports(self, limit: int = 50) -> tuple[ImportRecord, ...]:
        """The newest imports first."""
        query = sa.select(imports).order_by(imports.c.created_at.desc(), imports.c.id).limit(limit)
        return tuple(_import(row) for row in self._connection.execute(query))

    def sweep_imports(self, at: datetime) -> None:
        """Forget files that were read long ago, confirmed or not; what they brought stands with the students."""
        self._connection.execute(sa.delete(imports).where(imports.c.created_at <= ms(at) - _IMPORTS_KEPT_MS))

    def confirm_import(self, import_id: str, at: datetime, outcome: JSONObject) -> bool:
        """Mark an import as done; False if it was done already."""
        query = sa.update(imports).where(imports.c.id == import_id, imports.c.confirmed_at.is_(None))
        return self._connection.execute(query.values(confirmed_at=ms(at), outcome=outcome)).rowcount == 1

    def save_student(self, person: Person, at: datetime) -> None:
        """Add a student, or bring an existing one up to date."""
        values = {"given_name": person.given_name, "family_name": person.family_name, "aliases": list(person.aliases)}
        changed = self._connection.execute(sa.update(students).where(students.c.id == person.id).values(**values))
        if changed.rowcount == 0:
            row = {"id": person.id, "number": person.number, "created_at": ms(at), **values}
            self._connection.execute(sa.insert(students).values(**row))

    def note_leaving(self, student_id: str, on: date | None) -> None:
        """When a student left the school; None takes it back."""
        query = sa.update(students).where(students.c.id == student_id)
        self._connection.execute(query.values(left_on=None if on is None else on.isoformat()))

    def find_student(self, student_id: str) -> Person | None:
        """A student by our own id."""
        return self._one_student(_STUDENT_OF_ID, student_id)

    def student_numbered(self, number: str) -> Person | None:
        """A student by exactly this number."""
        return self._one_student(_STUDENT_OF_NUMBER, number)

    def students(self) -> tuple[Person, ...]:
        """All students by family name."""
        query = sa.select(students).where(students.c.id != NOBODY)
        query = query.order_by(students.c.family_name, students.c.given_name, students.c.number)
        return tuple(_person(row) for row in self._connection.execute(query))

    def courses_of(self, student_id: str) -> tuple[StoredCourse, ...]:
        """A student's course records in the order of the export."""
        query = sa.select(courses).where(courses.c.student_id == student_id).order_by(courses.c.position, courses.c.key)
        return tuple(StoredCourse(row.key, row.record) for row in self._connection.execute(query))

    def save_course(self, student_id: str, key: str, record: JSONObject, position: int) -> bool:
        """Add or change a course record; True if it says something new."""
        place = (courses.c.student_id == student_id, courses.c.key == key)
        before = self._connection.execute(sa.select(courses.c.record).where(*place)).one_or_none()
        if before is None:
            row = {"student_id": student_id, "key": key, "record": record, "position": position}
            self._connection.execute(sa.insert(courses).values(**row))
            return True
        if before.record == record:
            return False
        self._connection.execute(sa.update(courses).where(*place).values(record=record, position=position))
        return True

    def save_achievement(self, achievement_id: str, kind: str, document: JSONObject, at: datetime) -> None:
        """Remember what can be earned, in its newest wording."""
        place = achievements.c.id == achievement_id
        values = {"kind": kind, "document": document}
        if self._connection.execute(sa.update(achievements).where(place).values(**values)).rowcount == 0:
            row = {"id": achievement_id, "created_at": ms(at), **values}
            self._connection.execute(sa.insert(achievements).values(**row))

    def find_achievement(self, achievement_id: str) -> JSONObject | None:
        """The Achievement node with this id."""
        query = sa.select(achievements.c.document).where(achievements.c.id == achievement_id)
        return self._connection.execute(query).scalar_one_or_none()

    def achievements(self, kind: str) -> tuple[JSONObject, ...]:
        """All Achievement nodes of a kind, by when they were first used."""
        query = sa.select(achievements.c.document).where(achievements.c.kind == kind)
        return tuple(self._connection.execute(query.order_by(achievements.c.created_at)).scalars())

    def save_standards(self, rows: Iterable[StandardRow], at: datetime) -> int:
        """Add standards, or bring known ones up to date; how many are new."""
        new = 0
        for each in rows:
            values = {"framework": each.framework, "code": each.code, "statement": each.statement, "kind": each.kind,
                      "language": each.language, "grades": list(each.grades)}
            place = standards.c.uri == each.uri
            if self._connection.execute(sa.update(standards).where(place).values(**values)).rowcount == 0:
                self._connection.execute(sa.insert(standards).values(uri=each.uri, created_at=ms(at), **values))
                new += 1
        return new

    def standards_named(self, name: str) -> tuple[StandardRow, ...]:
        """Standards with exactly this address or this code."""
        query = sa.select(standards).where(sa.or_(standards.c.uri == name, standards.c.code == name))
        return tuple(_standard(row) for row in self._connection.execute(query.order_by(standards.c.uri)))

    def frameworks(self) -> tuple[tuple[str, int], ...]:
        """Every framework of standards with how many items of it are known."""
        query = sa.select(standards.c.framework, sa.func.count()).group_by(standards.c.framework)
        return tuple((row[0], row[1]) for row in self._connection.execute(query.order_by(standards.c.framework)))

    def save_test(self, test_id: str, document: JSONObject, at: datetime) -> None:
        """Remember what an export says of a test itself."""
        if self._connection.execute(sa.update(tests).where(tests.c.id == test_id).values(document=document)).rowcount:
            return
        self._connection.execute(sa.insert(tests).values(id=test_id, document=document, created_at=ms(at)))

    def find_test(self, test_id: str) -> JSONObject | None:
        """What is known of a test, or None."""
        return self._connection.execute(sa.select(tests.c.document).where(tests.c.id == test_id)).scalar_one_or_none()

    def save_contact(self, student_id: str, key: str, document: JSONObject, at: datetime) -> None:
        """Remember an adult of a student as a proposal."""
        place = (contacts.c.student_id == student_id, contacts.c.key == key)
        if self._connection.execute(sa.update(contacts).where(*place).values(document=document)).rowcount:
            return
        row = {"student_id": student_id, "key": key, "document": document, "created_at": ms(at)}
        self._connection.execute(sa.insert(contacts).values(**row))

    def contacts_of(self, student_id: str) -> tuple[JSONObject, ...]:
        """A student's adults as the exports named them."""
        query = sa.select(contacts.c.document).where(contacts.c.student_id == student_id)
        return tuple(self._connection.execute(query.order_by(contacts.c.created_at, contacts.c.key)).scalars())

    def _one_student(self, query: sa.Select[Any], wanted: str) -> Person | None:
        row = self._connection.execute(query, {"wanted": wanted}).one_or_none()
        return None if row is None else _person(row)


def _import(row: Any) -> ImportRecord:
    return ImportRecord(row.id, row.file_name, row.digest, row.roster, from_ms(row.created_at),
                        maybe_from_ms(row.confirmed_at), row.outcome)


def _person(row: Any) -> Person:
    return Person(row.id, row.number, row.given_name, row.family_name, tuple(row.aliases),
                  None if row.left_on is None else date.fromisoformat(row.left_on))


def _standard(row: Any) -> StandardRow:
    return StandardRow(row.uri, row.framework, row.code, row.statement, row.kind, row.language, tuple(row.grades))
