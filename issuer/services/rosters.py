"""A roster as JSON, the way it waits in the database until somebody confirms it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from credkit.ports import JSONObject
from issuer.importing.model import CourseRecord, Grade, Note, Roster, School, Student, Term


def roster_to_json(roster: Roster) -> JSONObject:
    """The JSON form; dates as ISO text."""
    return {
        "format": roster.format,
        "students": [
            {"number": student.number, "given_name": student.given_name, "family_name": student.family_name,
             "aliases": list(student.aliases), "courses": [course_to_json(course) for course in student.courses]}
            for student in roster.students
        ],
        "notes": [{**asdict(note), "values": dict(note.values)} for note in roster.notes],
    }


def roster_from_json(value: JSONObject) -> Roster:
    """Back from ``roster_to_json``."""
    students = tuple(
        Student(each["number"], each["given_name"], each["family_name"], tuple(each["aliases"]),
                tuple(course_from_json(course) for course in each["courses"]))
        for each in value["students"]
    )
    return Roster(value["format"], students, tuple(Note(**note) for note in value["notes"]))


def course_to_json(course: CourseRecord) -> JSONObject:
    """One course record; what an unchanged course gives twice is equal."""
    document: JSONObject = asdict(course)
    if course.term is not None:
        document["term"]["starts"] = _iso(course.term.starts)
        document["term"]["ends"] = _iso(course.term.ends)
    document["grades"] = [asdict(grade) for grade in course.grades]
    return document


def course_from_json(value: JSONObject) -> CourseRecord:
    """Back from ``course_to_json``."""
    term, school = value["term"], value["school"]
    return CourseRecord(**{
        **value,
        "term": None if term is None else Term(**{**term, "starts": _day(term["starts"]), "ends": _day(term["ends"])}),
        "school": None if school is None else School(**school),
        "grades": tuple(Grade(**grade) for grade in value["grades"]),
    })


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: Any) -> date | None:
    return None if text is None else date.fromisoformat(text)
