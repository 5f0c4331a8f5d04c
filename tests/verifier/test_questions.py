"""Plain questions and the queries they become."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest

from credkit.errors import MalformedValueError, UnsupportedError
from verifier.services.questions import FULL_RECORD, KINDS, Question, build_query, build_question, parse_question

TODAY = date(2026, 11, 26)
SCHOOL = "did:web:school.example"
question = partial(build_question, today=TODAY)


def test_courses_ask_for_titles_grades_and_the_name_and_nothing_else() -> None:
    query = build_query(question(["courses"], "Admission"))

    assert query == {
        "credentials": [
            {
                "id": "courses",
                "format": "ldp_vc",
                "multiple": True,
                "meta": {"type_values": [["https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"]]},
                "claims": [
                    {"path": ["credentialSubject", "achievement", "name"]},
                    {"path": ["credentialSubject", "result", 0, "value"]},
                    {"path": ["credentialSubject", "identifier", 0, "identityHash"]},
                    {"path": ["credentialSubject", "identifier", 0, "identityType"]},
                ],
            }
        ]
    }


def test_without_the_name_no_record_is_asked_to_name_its_student() -> None:
    for kind in KINDS:
        sender = SCHOOL if kind.id == FULL_RECORD else ""
        query = build_query(question([kind.id], "Admission", with_name=False, sender=sender))

        assert "identifier" not in str(query)


def test_several_kinds_are_asked_for_once_each_in_our_order() -> None:
    assert question(["badge", "courses", "badge"], "Admission").asks == ("courses", "badge")


def test_a_question_needs_a_purpose() -> None:
    for purpose in ("", "   ", "\u202e\u0000", "x" * 301):
        with pytest.raises(MalformedValueError) as refusal:
            question(["courses"], purpose)
        assert refusal.value.pointer == "/purpose"


def test_a_question_asks_for_something() -> None:
    with pytest.raises(MalformedValueError):
        question([], "Admission")


def test_an_unknown_kind_is_no_guess() -> None:
    with pytest.raises(UnsupportedError):
        question(["everything"], "Admission")


def test_a_purpose_cannot_move_the_text_around_it() -> None:
    assert question(["courses"], "Admission\n\n to \u202ecollege\u0007").purpose == "Admission to college"


def test_a_stored_question_comes_back_as_it_was() -> None:
    asked = Question(("courses", "transcript"), "Solicitud de ingreso: año 2026", TODAY, with_name=False)
    transfer = Question((FULL_RECORD,), "Enrolment", TODAY, sender=SCHOOL)

    assert parse_question(asked.to_json()) == asked
    assert parse_question(transfer.to_json()) == transfer


def test_the_last_day_of_use_is_in_thirty_days_unless_another_within_a_year_is_named() -> None:
    assert question(["courses"], "Admission").until == TODAY + timedelta(days=30)
    assert question(["courses"], "Admission", until=TODAY).until == TODAY
    for wrong in (TODAY - timedelta(days=1), TODAY + timedelta(days=367), date.max):
        with pytest.raises(MalformedValueError) as refusal:
            question(["courses"], "Admission", until=wrong)
        assert refusal.value.pointer == "/until"


def test_enrolment_asks_for_one_class_that_is_going_on_and_no_grade() -> None:
    query = build_query(question(["enrolment"], "Bus pass", with_name=False))["credentials"][0]

    assert "multiple" not in query
    assert query["claims"] == [
        {"path": ["credentialSubject", "result", 0, "status"], "values": ["Enrolled", "InProgress"]},
        {"path": ["credentialSubject", "term"]},
    ]


def test_a_full_record_is_asked_of_the_school_that_signed_it() -> None:
    query = build_query(question([FULL_RECORD], "Enrolment", sender=SCHOOL, with_name=False))["credentials"][0]

    assert query["meta"] == {"type_values": [["https://purl.imsglobal.org/spec/vc/clr/vocab.html#ClrCredential"]]}
    assert query["claims"] == [{"path": ["issuer", "id"], "values": [SCHOOL]}]


@pytest.mark.parametrize(
    ("asks", "sender", "pointer"),
    [
        ([FULL_RECORD], "", "/sender"),
        ([FULL_RECORD], "school.example", "/sender"),
        ([FULL_RECORD], "did:key:z6Mk", "/sender"),
        ([FULL_RECORD], "did:web:school.example/..", "/sender"),
        ([FULL_RECORD, "courses"], SCHOOL, "/asks"),
        (["courses"], SCHOOL, "/sender"),
    ],
)
def test_a_full_record_is_asked_for_alone_and_of_a_school(asks: list[str], sender: str, pointer: str) -> None:
    with pytest.raises(MalformedValueError) as refusal:
        question(asks, "Enrolment", sender=sender)
    assert refusal.value.pointer == pointer
