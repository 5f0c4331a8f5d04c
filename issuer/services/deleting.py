"""Deleting a student when the school need not keep the record any longer. What families hold stays theirs, and good."""

from __future__ import annotations

from dataclasses import dataclass

from credkit.errors import StateError
from credkit.ports import JSONObject
from issuer.services.office import Office, existing_student
from issuer.store import Person, Unit


@dataclass(frozen=True)
class Deletion:
    """What would go.

    Attributes:
        courses, records: How many there are; of the records ``collected`` are with the family and stay there.
        waiting: Requests that nobody has decided.
    """

    person: Person
    courses: int
    records: int
    collected: int
    waiting: int


class Deleting:
    """Takes students out of the office's books for good."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def weigh(self, student_id: str) -> Deletion:
        """What deleting this student would take.

        Raises:
            StateError: there is none.
        """
        with self._office.store.reading() as unit:
            return _weigh(unit, student_id)

    def delete(self, student_id: str, actor: str, *, number: str) -> Deletion:
        """Delete a student: name, courses, records, offers, requests, adults, and the part of files that were read.

        The places of the student's records in the status lists stay taken, and what was taken back stays so; what a
        family collected is checked as before. The log keeps that a student was deleted, when and by whom.

        Args:
            number: The student's number as somebody typed it, to be sure that it is this one.

        Raises:
            StateError: no such student, another number, or a record is on its way to another school just now.
        """
        with self._office.store.writing() as unit:
            deletion = _weigh(unit, student_id)
            person = deletion.person
            if number.strip() != person.number:
                raise StateError("This is not the number of this student. Nothing was deleted.")
            if any(petition.state == "sending" for petition in unit.petitions(student_id=student_id)):
                raise StateError("A record of this student is on its way to another school. Nothing was deleted.")
            unit.delete_student(student_id)
            unit.rewrite_imports(lambda roster, outcome: _without(person, roster, outcome))
            unit.append_log(self._office.clock.now(), "deleted", actor, student_id,
                            {"courses": deletion.courses, "records": deletion.records})
        self._office.store.scrub()
        return deletion


def _weigh(unit: Unit, student_id: str) -> Deletion:
    person = existing_student(unit, student_id)
    records = unit.credentials_of(student_id)
    return Deletion(person, len(unit.courses_of(student_id)), len(records),
                    sum(each.is_collected for each in records if each.revoked_at is None),
                    len(unit.waiting_petitions(student_id=student_id)))


def _without(person: Person, roster: JSONObject, outcome: JSONObject | None) -> tuple[JSONObject, JSONObject | None]:
    """A file that was read and what became of it, without this student."""
    theirs = {each["number"] for each in roster["students"] if each["number"] == person.number or (
        each["number"] in person.aliases and each["family_name"] == person.family_name)}
    words = {person.number, person.name, person.given_name, *theirs}
    left = {
        **roster,
        "students": [each for each in roster["students"] if each["number"] not in theirs],
        "notes": [each for each in roster["notes"] if not words & set(each["values"].values())],
    }
    if outcome is None:
        return left, None
    return left, {**outcome, "refused": [pair for pair in outcome["refused"] if pair[0] not in theirs]}
