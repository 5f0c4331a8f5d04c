"""The API for other programs."""

from __future__ import annotations

import json

import pytest

from tests.support.world import Holder
from tests.verifier.conftest import College, outcomes, parsed

PROBLEM = "application/problem+json"


def test_a_record_is_checked_and_the_report_comes_back(college: College) -> None:
    answer = college.client().post("/api/verify", json=college.school.sign(college.school.course()))

    assert answer.status_code == 200
    report = parsed(answer)
    assert report["verified"] is True
    assert {"shape", "vocabulary", "proof", "issuer-binding", "validity", "status", "trust"} <= set(outcomes(report))
    assert report["document"]["name"] == "Algebra I"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_record_that_does_not_hold_is_an_answer_and_no_error(college: College) -> None:
    document = college.school.sign(college.school.course())
    document["validUntil"] = "2100-01-01T00:00:00Z"

    answer = college.client().post("/api/verify", json=document)

    assert answer.status_code == 200
    assert parsed(answer)["verified"] is False
    assert "document" not in parsed(answer)


def test_a_presentation_is_bound_by_what_the_caller_names(college: College) -> None:
    holder = Holder(college.world)
    presentation = holder.present(college.course(holder), challenge="c-1", domain="college.example")
    client = college.client()

    bound = parsed(client.post("/api/verify?challenge=c-1&domain=college.example", json=presentation))
    assert outcomes(bound)["binding"] == "passed"
    assert (
        outcomes(parsed(client.post("/api/verify?challenge=c-2&domain=college.example", json=presentation)))["binding"]
        == "failed"
    )
    assert outcomes(parsed(client.post("/api/verify", json=presentation)))["binding"] == "indeterminate"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\x00",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b"<html>",
    ],
)
def test_what_cannot_be_read_is_a_problem_and_no_report(college: College, body: bytes) -> None:
    answer = college.client().post("/api/verify", data=body, content_type="application/json")

    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"] == PROBLEM
    problem = parsed(answer)
    assert problem["type"] and problem["title"] and problem["code"] and len(problem["detail"]) > 10


def test_ten_megabytes_are_too_large(college: College) -> None:
    answer = college.client().post("/api/verify", data=b"[" + b" " * 10_485_760, content_type="application/json")

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == PROBLEM


def test_a_token_that_holds_no_record_is_refused(college: College) -> None:
    answer = college.client().post(
        "/api/verify", data=b"eyJhbGciOiJFUzI1NiIsInR5cCI6InZjK2p3dCJ9.e30.AAAA", content_type="text/plain"
    )

    assert answer.status_code == 200
    assert parsed(answer)["outcome"] == "failed"


def test_only_who_asked_learns_where_a_request_stands(college: College) -> None:
    asked = college.ask()
    client = college.client()

    def ask(secret: str) -> int:
        return int(client.get(f"/api/requests/{asked.id}", headers={"Authorization": f"Bearer {secret}"}).status_code)

    assert ask(asked.secret) == 200
    for wrong in ("", "x", asked.secret[:-1], asked.id):
        assert ask(wrong) == 404
    assert client.get(f"/api/requests/{asked.id}").status_code == 404
    assert client.get(f"/api/requests/{asked.id}").data == client.get("/api/requests/absent").data


def test_the_report_of_an_answer_is_for_who_asked(college: College) -> None:
    asked = college.ask()
    headers = {"Authorization": f"Bearer {asked.secret}"}
    request = college.opened(asked)
    assert parsed(college.client().get(f"/api/requests/{asked.id}", headers=headers))["progress"] == "opened"
    college.answer(request, {"courses": [college.presented(request)]})

    body = parsed(college.client().get(f"/api/requests/{asked.id}", headers=headers))

    assert body["progress"] == "answered"
    assert body["report"]["verified"] is True
    assert "proofValue" not in json.dumps(body)


def test_the_did_document_names_the_key_that_signs(college: College) -> None:
    answer = college.client().get("/.well-known/did.json")
    document = parsed(answer)

    assert document["id"] == "did:web:college.example"
    assert document["verificationMethod"][0]["id"] == "did:web:college.example#p256"
    assert document["authentication"] == ["did:web:college.example#p256"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_unknown_path_or_method_of_the_api_is_a_problem(college: College) -> None:
    assert college.client().get("/api/verify").status_code == 405
    assert college.client().post("/requests/x/object", data=b"\xff").status_code in (400, 404)
