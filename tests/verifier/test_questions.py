"""Plain questions and the queries they become."""

from __future__ import annotations

import pytest

from credkit.errors import MalformedValueError, UnsupportedError
from verifier.services.questions import KINDS, Question, build_query, build_question, parse_question


def test_courses_ask_for_titles_grades_and_the_name_and_nothing_else() -> None:
    query = build_query(build_question(["courses"], "Admission"))

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
        query = build_query(build_question([kind.id], "Admission", with_name=False))

        assert "identifier" not in str(query)


def test_several_kinds_are_asked_for_once_each_in_our_order() -> None:
    assert build_question(["badge", "courses", "badge"], "Admission").asks == ("courses", "badge")


def test_a_question_needs_a_purpose() -> None:
    for purpose in ("", "   ", "\u202e\u0000", "x" * 301):
        with pytest.raises(MalformedValueError) as refusal:
            build_question(["courses"], purpose)
        assert refusal.value.pointer == "/purpose"


def test_a_question_asks_for_something() -> None:
    with pytest.raises(MalformedValueError):
        build_question([], "Admission")


def test_an_unknown_kind_is_no_guess() -> None:
    with pytest.raises(UnsupportedError):
        build_question(["everything"], "Admission")


def test_a_purpose_cannot_move_the_text_around_it() -> None:
    assert build_question(["courses"], "Admission\n\n to \u202ecollege\u0007").purpose == "Admission to college"


def test_a_stored_question_comes_back_as_it_was() -> None:
    question = Question(("courses", "transcript"), "Solicitud de ingreso: año 2026", with_name=False)

    assert parse_question(question.to_json()) == question
