"""School to school: who may be answered and until when, what leaves, and what the family gets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from credkit.errors import CredkitError, FetchError, ProtocolError, StateError, UnsupportedError
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vp.messages import ErrorResponse
from demo.export import STUDENT_NUMBER
from issuer.services.awarding import BadgeWords
from issuer.services.transfers import Transfer, last_day_for
from tests.issuer.conftest import ORIGIN, School, identifiers
from tests.issuer.next_school import FULL_RECORD, NEXT, NextSchool

LEFT = date(2026, 6, 1)


@pytest.fixture
def student(school: School) -> str:
    person = school.services.students.find(STUDENT_NUMBER)
    school.services.students.leave(person.id, LEFT, "registrar")
    return person.id


def digest(school: School, transfer: Transfer) -> str:
    return school.services.approvals.find(transfer.petition.id).digest


def send(school: School, transfer: Transfer) -> Transfer:
    return school.services.transfers.send(transfer.petition.id, "registrar", seen_digest=digest(school, transfer))


def events(school: School) -> list[str]:
    return [entry.event for entry in school.services.students.log(limit=20)]


def test_the_full_record_goes_to_the_school_that_asks_once_a_registrar_says_so(school: School, student: str) -> None:
    school.services.awarding.award(STUDENT_NUMBER, BadgeWords("Reader", "Reads", "Read ten books"), "registrar")
    asking = NextSchool(school.world)
    transfer = school.services.transfers.read(asking.link, student, "registrar")
    assert transfer.asks == {"did": "did:web:next.example", "host": "next.example", "name": "Next School",
                             "purpose": "Ana enrolls with us"}
    assert "Reader" in transfer.records and len(transfer.records) > 5 and not asking.answers

    assert send(school, transfer).petition.state == "sent"

    presentation, report = asking.received()
    record = presentation["verifiableCredential"][0]
    assert presentation["holder"] == record["issuer"]["id"] == "did:web:school.example"
    assert "partial" not in record and record["name"].startswith("Full school record")
    assert len(record["credentialSubject"]["verifiableCredential"]) == len(transfer.records)
    outcomes = {check.id: str(check.outcome) for check in report.checks}
    assert outcomes["proof"] == outcomes["binding"] == outcomes["holder"] == outcomes["shape"] == "passed", outcomes
    assert {str(check.outcome) for check in report.members[0].checks if check.id != "trust"} == {"passed"}
    assert {"transfer_sent", "transfer_approved"} <= set(events(school))


def test_the_family_is_told_and_offered_a_copy(school: School, student: str) -> None:
    send(school, school.services.transfers.read(NextSchool(school.world).link, student, "registrar"))
    claim = school.services.offers.claims_of(student)[0]
    assert claim.claim.notice is not None
    assert all(word in claim.claim.notice for word in ("Next School", "next.example", "June 15, 2026"))
    made = school.services.offers.fresh(claim.claim.id)
    offer = school.read(made)
    assert offer.pre_authorized is not None and offer.pre_authorized.tx_code is not None
    assert claim.claim.notice in (offer.pre_authorized.tx_code.description or "")
    token = v1_0.parse_token_response(school.family.token(offer, made.tx_code).data)
    copy = school.family.collect(token.access_token, identifiers(token, "full-record")[0])
    document = copy.json["credentials"][0]["credential"]
    assert document["credentialSubject"]["id"].startswith("did:key:") and "partial" not in document
    # a later offer says it again until somebody has collected
    page = school.client().get(made.page_url.removeprefix(ORIGIN))
    assert "Next School" in page.text


@pytest.mark.parametrize(("left", "today", "may"), [
    ("2023-06-15", "2026-06-15", True), ("2023-06-14", "2026-06-15", False), ("2026-06-15", "2026-06-15", True),
    ("2026-06-16", "2026-06-15", False), (None, "2026-06-15", False), ("2024-02-29", "2027-03-01", True),
    ("2024-02-29", "2027-03-02", False),
])
def test_a_record_goes_to_schools_for_three_years_after_leaving(school: School, left: str | None, today: str,
                                                               may: bool) -> None:
    person = school.services.students.find(STUDENT_NUMBER)
    day = date.fromisoformat(today)
    school.world.clock.moment = school.world.clock.moment.replace(year=day.year, month=day.month, day=day.day)
    school.services.students.leave(person.id, None if left is None else date.fromisoformat(left), "registrar")
    asking = NextSchool(school.world)
    if may:
        school.services.transfers.read(asking.link, person.id, "registrar")
    else:
        with pytest.raises(StateError):
            school.services.transfers.read(asking.link, person.id, "registrar")
        assert not [each for each in school.world.web.requests if each.url.startswith(NEXT)]


def test_the_last_day_is_the_same_day_three_years_later() -> None:
    assert last_day_for(date(2023, 6, 15)) == date(2026, 6, 15)
    assert last_day_for(date(2024, 2, 29)) == date(2027, 3, 1)


@pytest.mark.parametrize("query", [
    {"credentials": [{"id": "a", "format": "ldp_vc", "meta": {"type_values": [["https://example.org/Other"]]}}]},
    {"credentials": [*FULL_RECORD["credentials"], {"id": "b", "format": "ldp_vc", "meta": {
        "type_values": [["https://example.org/Other"]]}}]},
    {"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["x"]}}]},
    {"credentials": [{"id": "a", "format": "ldp_vc", "meta": {}, "claims": [{"path": ["salary"]}]}]},
])
def test_only_a_request_for_the_record_is_read(school: School, student: str, query: Any) -> None:
    asking = NextSchool(school.world, query=query)
    with pytest.raises(ProtocolError):
        school.services.transfers.read(asking.link, student, "registrar")
    assert not school.services.approvals.waiting()


@pytest.mark.parametrize("changes", [
    {"response_uri": "https://evil.example/responses/1"}, {"lifetime_s": -600}, {"wallet_nonce": "another"},
    {"client_id": "decentralized_identifier:did:web:evil.example"},
])
def test_a_request_that_does_not_hold_is_refused(school: School, student: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        school.services.transfers.read(NextSchool(school.world, changes=changes).link, student, "registrar")
    assert not school.services.approvals.waiting()


@pytest.mark.parametrize("link", [
    "", "hello", "openid4vp://", "openid4vp://?client_id=x", "https://next.example/", "file:///etc/passwd",
    "openid4vp://?client_id=redirect_uri:https://next.example&request_uri=https://next.example/requests/1",
    "openid4vp://?client_id=decentralized_identifier:did:web:next.example&request_uri=https://127.0.0.1/x",
    "x" * 40_000,
])
def test_what_is_no_request_is_refused(school: School, student: str, link: str) -> None:
    with pytest.raises((ProtocolError, UnsupportedError, FetchError)):
        school.services.transfers.read(link, student, "registrar")


def test_a_school_that_cannot_be_reached_changes_nothing(school: School, student: str) -> None:
    asking = NextSchool(school.world)
    school.world.web.unreachable(NEXT)
    with pytest.raises(FetchError):
        school.services.transfers.read(asking.link, student, "registrar")
    assert not school.services.approvals.waiting()


def test_without_an_answer_nobody_knows_and_the_family_is_told_all_the_same(school: School, student: str) -> None:
    asking = NextSchool(school.world)
    transfer = school.services.transfers.read(asking.link, student, "registrar")
    school.world.web.unreachable(NEXT)
    with pytest.raises(FetchError):
        send(school, transfer)
    assert school.services.transfers.find(transfer.petition.id).petition.state == "unknown"
    assert school.services.offers.claims_of(student)[0].claim.notice is not None


def test_an_answer_that_is_refused_there_is_said_to_have_failed(school: School, student: str) -> None:
    asking = NextSchool(school.world, status=400)
    transfer = school.services.transfers.read(asking.link, student, "registrar")
    with pytest.raises(CredkitError):
        send(school, transfer)
    assert school.services.transfers.find(transfer.petition.id).petition.state == "failed"
    assert not school.services.offers.claims_of(student)


def test_a_request_is_answered_once_and_in_time(school: School, student: str) -> None:
    asking = NextSchool(school.world)
    transfer = school.services.transfers.read(asking.link, student, "registrar")
    send(school, transfer)
    with pytest.raises(StateError):
        send(school, transfer)
    late = school.services.transfers.read(asking.link, student, "registrar")
    school.world.clock.moment += timedelta(minutes=21)
    with pytest.raises(StateError, match="time to answer"):
        send(school, late)
    assert len(asking.answers) == 1


def test_a_request_read_twice_is_decided_once(school: School, student: str) -> None:
    asking = NextSchool(school.world)
    first, second = (school.services.transfers.read(asking.link, student, "registrar") for _ in range(2))
    send(school, first)
    assert school.services.transfers.find(second.petition.id).petition.state == "refused"
    assert not school.services.approvals.waiting() and len(asking.answers) == 1


def test_what_changed_since_it_was_seen_is_not_sent(school: School, student: str) -> None:
    asking = NextSchool(school.world)
    transfer = school.services.transfers.read(asking.link, student, "registrar")
    school.services.awarding.award(STUDENT_NUMBER, BadgeWords("Reader", "Reads", "Read ten books"), "registrar")
    with pytest.raises(StateError, match="changed"):
        send(school, transfer)
    with pytest.raises(StateError, match="changed"):
        school.services.transfers.send(transfer.petition.id, "registrar", seen_digest="0" * 64)
    assert not asking.answers and school.services.transfers.find(transfer.petition.id).petition.state == "waiting"


def test_a_registrar_may_say_no_and_the_asking_school_learns_only_that(school: School, student: str) -> None:
    asking = NextSchool(school.world)
    transfer = school.services.transfers.read(asking.link, student, "registrar")
    refused = school.services.transfers.refuse(transfer.petition.id, "registrar", "Not enrolled there",
                                               seen_digest=digest(school, transfer))
    assert refused.petition.state == "refused"
    assert isinstance(asking.answers[0], ErrorResponse) and asking.answers[0].error == "access_denied"
    assert "enrolled" not in str(asking.answers[0])


def test_the_generic_approval_cannot_send_a_record(school: School, student: str) -> None:
    transfer = school.services.transfers.read(NextSchool(school.world).link, student, "registrar")
    with pytest.raises(StateError, match="page of its own"):
        school.services.approvals.approve(transfer.petition.id, "registrar", seen_digest=digest(school, transfer))
