"""Notices: early, few and plain; quiet where nothing is clear, where it is old, and where it was taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from credkit.ports import JSONObject
from tests.wallet.growth.voices import voice
from tests.wallet.results import SCHOOL, TUTOR, family_year, put, record, source
from wallet.services.growth import alerts, alertwords
from wallet.services.growth.alerts import Alert, build_alerts
from wallet.services.record.reading import read_record
from wallet.vault import OpenVault

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
VOICE = voice()


def days(day: str = "2026-06-01", absent: str = "2", enrolled: str = "80", late: str = "0", *, by: str = SCHOOL,
         term: str = "Spring 2026") -> JSONObject:
    return record(alerts.ATTENDANCE, f"Attendance {term}", day, [
        (("ext:DaysAbsent", "Days absent"), absent, {}), (("ext:DaysEnrolled", "School days"), enrolled, {}),
        (("ext:DaysTardy", "Days tardy"), late, {})], by=by, term=term)


def course(grade: str, signed: str, *, kind: str = "Percent", status: str = "InProgress", ends: str = "2026-06-30",
           name: str = "Algebra I", **more: Any) -> JSONObject:
    return record("Course", name, ends, [((kind, "Grade so far"), grade, {"status": status})], signed=signed, **more)


def seen(*documents: JSONObject, now: datetime = NOW, status: Any = "good") -> list[tuple[str, str]]:
    return [(alert.kind, alertwords.sentence(alert, VOICE)) for alert in found(*documents, now=now, status=status)]


def found(*documents: JSONObject, now: datetime = NOW, status: Any = "good") -> tuple[Alert, ...]:
    return build_alerts([source(document, status=status) for document in documents], now)


def test_a_mother_learns_of_a_dropping_grade_before_the_term_ends() -> None:
    (alert,) = found(course("91", "2026-03-01"), course("88", "2026-04-01"), course("74", "2026-05-20"))

    assert (alert.kind, alert.title, alert.before, alert.now) == ("grade-dropped", "Algebra I", "91", "74")
    assert alertwords.sentence(alert, VOICE) == "The grade so far went from 91 to 74."
    assert alertwords.next_step(alert, VOICE) == "Next step: ask the teacher this week what would help most."


@pytest.mark.parametrize(("before", "now", "kind", "raised"), [
    ("91", "82", "Percent", False), ("91", "81", "Percent", True), ("70", "90", "Percent", False),
    ("A", "B", "LetterGrade", True), ("A", "B+", "LetterGrade", False), ("B+", "a-", "LetterGrade", False),
    ("91", "81", "RawScore", False), ("Exceeds", "Meets", "LetterGrade", False)])
def test_a_drop_is_ten_points_or_a_whole_letter(before: str, now: str, kind: str, raised: bool) -> None:
    notices = seen(course(before, "2026-04-01", kind=kind), course(now, "2026-05-20", kind=kind))

    assert [kind for kind, _said in notices] == (["grade-dropped"] if raised else [])


def test_a_slow_slide_is_seen_too() -> None:
    slide = [course(str(95 - 4 * month), f"2026-0{month}-01") for month in range(1, 6)]

    assert [kind for kind, _said in seen(*slide)] == ["grade-dropped"]


def test_a_grade_that_may_cost_the_credit_is_said_without_blame() -> None:
    assert seen(course("55", "2026-05-20")) == [("grade-low", "The grade so far is 55. The credit is not sure yet.")]
    assert [kind for kind, _said in seen(course("F", "2026-05-20", kind="LetterGrade"))] == ["grade-low"]
    assert seen(course("61", "2026-05-20")) == [] == seen(course("D", "2026-05-20", kind="LetterGrade"))


def test_a_finished_course_raises_nothing() -> None:
    assert seen(course("91", "2026-04-01"), course("55", "2026-05-20", status="Completed")) == []


def test_a_final_grade_that_never_came_is_missed() -> None:
    late = course("80", "2026-02-01", ends="2026-05-20")
    assert seen(late) == [("grade-missing", "The course ended on 2026-05-20, and no final grade has come yet.")]
    assert seen(course("80", "2026-02-01", ends="2026-06-05")) == []
    assert seen(late, course("81", "2026-06-01", ends="2026-05-20", status="Completed")) == []


def test_work_that_is_still_open_is_counted() -> None:
    document = record("Course", "Algebra I", "2026-06-30", [
        (("Percent", "Grade so far"), "85", {"status": "InProgress"}),
        (("ext:MissingAssignments", "Missing assignments"), "3", {"status": "InProgress"})], signed="2026-06-01")

    assert seen(document) == [("work-missing", "Work still to hand in: 3.")]


@pytest.mark.parametrize(("absent", "enrolled", "raised"), [
    ("8", "80", True), ("7.9", "80", False), ("9", "80", True), ("1", "9", False), ("0", "80", False),
    ("80", "80", True), ("81", "80", False)])
def test_one_day_in_ten_is_worth_a_look(absent: str, enrolled: str, raised: bool) -> None:
    assert [kind for kind, _said in seen(days(absent=absent, enrolled=enrolled))] == (["absent"] if raised else [])


def test_more_days_away_than_the_term_before_is_worth_a_look() -> None:
    before = days("2026-01-20", "1", "80", term="Fall 2025")
    assert seen(before, days(absent="6")) == [
        ("absent-more", "More days absent than the term before: 6 of 80.")]
    assert seen(before, days(absent="4")) == []
    assert seen(days("2026-01-20", "1", "80", term="Fall 2025", by=TUTOR), days(absent="6")) == []


def test_being_late_often_is_worth_a_look() -> None:
    assert seen(days(late="8")) == [("late", "Late on 8 of 80 school days.")]


@pytest.mark.parametrize(("names", "values", "expected"), [
    (("ext:DaysPresent", "ext:DaysAbsent"), ("70", "10"), {"absent": 10, "enrolled": 80}),
    (("ext:DaysInAttendance", "ext:NumberOfDaysAbsent"), ("70", "10"), {"absent": 10, "enrolled": 80}),
    (("ext:DaysPresent", "ext:DaysEnrolled"), ("70", "80"), {"absent": 10, "enrolled": 80}),
    (("ext:DaysPresent", "ext:AttendanceRate"), ("70", "88%"), {"rate": 88})])
def test_summaries_are_read_in_the_words_of_several_systems(
        names: tuple[str, str], values: tuple[str, str], expected: dict[str, int]) -> None:
    document = record(alerts.ATTENDANCE, "Attendance", "2026-06-01", [
        ((name, name.removeprefix("ext:")), value, {}) for name, value in zip(names, values, strict=True)])
    found = {what: int(number) for what, number in alerts.read_days(read_record(document)).items()}

    assert expected.items() <= found.items()


def test_what_is_old_or_taken_back_is_quiet() -> None:
    assert seen(days(absent="20"), now=NOW + timedelta(days=200)) == []
    assert seen(days(absent="20"), status="revoked") == []
    assert seen(days("2027-06-01", absent="20")) == []


@pytest.mark.parametrize("value", ["NaN", "1e400", "9" * 400, "-5", "", "many", None, [], {"en": "9"}, "101", "=9"])
def test_hostile_values_raise_nothing_and_break_nothing(value: Any) -> None:
    hostile = days()
    hostile["credentialSubject"]["result"][0]["value"] = value
    graded = course("91", "2026-05-20")
    graded["credentialSubject"]["result"][0]["value"] = value

    assert seen(hostile, course("92", "2026-04-01"), graded) == []


def test_notices_come_from_the_few_records_that_can_tell(vault: OpenVault) -> None:
    put(vault, *family_year(), *[course("80", "2026-05-01", name=f"Course {number}", status="Completed")
                                 for number in range(20)])

    assert [alert.kind for alert in alerts.alerts(vault, NOW)] == ["absent", "grade-dropped"]
