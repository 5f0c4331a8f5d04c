"""A roster as JSON, the way it waits in the database until somebody confirms it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from credkit.ports import JSONObject
from issuer.importing.model import (
    Contact,
    CourseRecord,
    FormRecord,
    Grade,
    KnownTest,
    Note,
    Roster,
    School,
    Standard,
    Student,
    Term,
)


def roster_to_json(roster: Roster) -> JSONObject:
    """The JSON form; dates as ISO text."""
    return {
        "format": roster.format,
        "students": [
            {"number": student.number, "given_name": student.given_name, "family_name": student.family_name,
             "aliases": list(student.aliases), "courses": [course_to_json(course) for course in student.courses],
             "records": [{**asdict(record), "answers": dict(record.answers)} for record in student.records],
             "contacts": [asdict(contact) for contact in student.contacts]}
            for student in roster.students
        ],
        "standards": [{**asdict(standard), "grades": list(standard.grades)} for standard in roster.standards],
        "tests": [test_to_json(test) for test in roster.tests],
        "notes": [{**asdict(note), "values": dict(note.values)} for note in roster.notes],
    }


def roster_from_json(value: JSONObject) -> Roster:
    """Back from ``roster_to_json``."""
    students = tuple(
        Student(each["number"], each["given_name"], each["family_name"], tuple(each["aliases"]),
                tuple(course_from_json(course) for course in each["courses"]),
                tuple(FormRecord(**record) for record in each.get("records", ())),
                tuple(Contact(**contact) for contact in each.get("contacts", ())))
        for each in value["students"]
    )
    standards = tuple(Standard(**{**each, "grades": tuple(each["grades"])}) for each in value.get("standards", ()))
    tests = tuple(test_from_json(each) for each in value.get("tests", ()))
    return Roster(value["format"], students, tuple(Note(**note) for note in value["notes"]), standards, tests)


def test_to_json(test: KnownTest) -> JSONObject:
    """The JSON form of what is known of a test."""
    return {"id": test.id, "answers": dict(test.answers),
            "bounds": {scale: list(limits) for scale, limits in test.bounds.items()}}


def test_from_json(value: JSONObject) -> KnownTest:
    """One description of a test, back from its JSON form."""
    bounds = {scale: (limits[0], limits[1]) for scale, limits in value["bounds"].items()}
    return KnownTest(value["id"], value["answers"], bounds)


def described(record: FormRecord, test: KnownTest | None) -> FormRecord:
    """A test result with what is known of its test: the test's own words, unless the result says otherwise."""
    if test is None:
        return record
    answers = {**test.answers, **record.answers, "test": test.answers.get("test", record.answers["test"]),
               "subject": test.answers.get("subject", record.answers["subject"])}
    lowest, highest = test.bounds.get(answers.get("scale", ""), ("", ""))
    answers |= {name: value for name, value in (("lowest", lowest), ("highest", highest)) if value}
    return replace(record, answers=answers)


def course_to_json(course: CourseRecord) -> JSONObject:
    """One course record; what an unchanged course gives twice is equal."""
    document: JSONObject = asdict(course)
    if course.language is None:  # as records were written before there was a language
        del document["language"]
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
