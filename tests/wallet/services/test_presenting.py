"""Presenting: exactly what was seen leaves, to nobody but who asked, and never without a decision."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from credkit.errors import CredkitError, FetchError, ProtocolError, StateError
from credkit.ports import JSONObject
from credkit.protocols.oid4vp.messages import ErrorResponse
from credkit.verification import Policy, verify_credential
from tests.support.world import World
from tests.wallet.offices import CLR, TITLE_AND_GRADE, AskingCollege, OfferingSchool
from tests.wallet.support import PASSPHRASE, items_of
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.consent import Sheet, usual_until
from wallet.services.presenting import Shared
from wallet.services.record import comments, library
from wallet.services.requests import ResolvedRequest
from wallet.services.sharing import receipts
from wallet.vault import OpenVault

COURSES = ((1, "Biology", "A"), (2, "Algebra", "B+"), (3, "History", "C"))


@pytest.fixture
def filled(services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> OpenVault:
    """A backpack with a transcript and its three courses."""
    link = school.offer(school.transcript(*COURSES), *[school.course(*course) for course in COURSES])
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code="4711")
    world.clock.advance(minutes=1)
    return vault


def by_title(vault: OpenVault) -> dict[str, str]:
    return {card.title: card.item_id for card in library.shelf(vault).all()}


def sheet_for(services: Services, vault: OpenVault, link: str, *titles: str) -> tuple[ResolvedRequest, Sheet]:
    resolved = services.presenting.resolve_request(link)
    named = by_title(vault)
    return resolved, services.presenting.sheet(vault, resolved, {"records": tuple(named[title] for title in titles)})


def share(services: Services, vault: OpenVault, resolved: ResolvedRequest, sheet: Sheet) -> Shared:
    decision = services.presenting.agree(vault, resolved, sheet, seen_digest=sheet.digest)
    return services.presenting.share(vault, resolved, decision)


def strings_in(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set().union(*(strings_in(item) for item in node.values())) if node else set()
    if isinstance(node, list):
        return set().union(*(strings_in(item) for item in node)) if node else set()
    return {node} if isinstance(node, str) else set()


def test_two_courses_titles_and_grades_are_verified_by_who_asked(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology", "Algebra")

    shared = share(services, filled, resolved, sheet)

    reports = college.reports()
    assert len(reports) == 2 and all(report.verified for report in reports)
    assert shared.redirect_uri == "https://college.example/done#response_code=abc"
    assert len({report.peek_document["holder"] for report in reports}) == 2


def test_the_sheet_lists_exactly_what_leaves(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    (record,) = sheet.records
    assert {value.kind: value.shown for value in record.leaves} == {
        "identity.name": "María José Hernández Núñez", "credentialSubject.achievement.name": "Biology",
        "credentialSubject.result.value": "A"}
    assert {value.kind.partition(".")[0] for value in record.always} == {
        "id", "issuer", "validFrom", "credentialSubject", "credentialStatus"}
    assert (sheet.host, sheet.calls_itself, sheet.purpose) == (
        "college.example", "Springfield College", "To decide about your application.")
    assert {card.title for card in sheet.stays} == {"Transcript", "Algebra", "History"}

    share(services, filled, resolved, sheet)

    (presentation,) = college.presentations()
    listed = {value.shown for value in (*record.leaves, *record.always)}
    sent = presentation["verifiableCredential"][0]
    assert listed == {text for text in strings_in({**sent, "proof": {}, "@context": []})
                      if text not in ("VerifiableCredential", "OpenBadgeCredential", "Profile", "AchievementSubject",
                                      "IdentityObject", "Achievement", "Result", "BitstringStatusListEntry")}


def test_a_grade_of_unfinished_work_takes_its_status_along_though_its_issuer_did_not_ask_for_it(
        services: Services, vault: OpenVault, school: OfferingSchool, college: AskingCollege, world: World) -> None:
    link = school.offer(school.course(4, "Physics", "D", result_status="InProgress"))
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code="4711")
    world.clock.advance(minutes=1)
    resolved, sheet = sheet_for(services, vault, college.ask(*TITLE_AND_GRADE), "Physics")
    assert "InProgress" in {value.shown for value in sheet.records[0].always}

    share(services, vault, resolved, sheet)

    (presentation,) = college.presentations()
    sent = presentation["verifiableCredential"][0]["credentialSubject"]["result"]
    assert [(each["value"], each["status"]) for each in sent] == [("D", "InProgress")]


def test_whatever_is_chosen_nothing_else_of_the_record_is_in_the_message(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    """All 31 choices among five claims: each message holds the chosen values and no other value of the record."""
    claims = {
        ("credentialSubject", "achievement", "name"): "Biology",
        ("credentialSubject", "achievement", "description"): "Biology, a course of one year.",
        ("credentialSubject", "result", 0, "value"): "A",
        ("credentialSubject", "identifier", 1, "identityHash"): "S-1001",
        ("credentialSubject", "term"): "Spring 2026",
    }
    whole = library.exportable(filled, by_title(filled)["Biology"])
    for count in range(1, 6):
        for chosen in itertools.combinations(claims, count):
            resolved, sheet = sheet_for(services, filled, college.ask(*chosen), "Biology")
            share(services, filled, resolved, sheet)
            (presentation,) = college.presentations()
            seen = {value.shown for record in sheet.records for value in (*record.leaves, *record.always)}
            sent = strings_in(presentation["verifiableCredential"][0])
            assert {claims[claim] for claim in chosen} <= sent
            hidden = strings_in(whole) - seen - set(whole["@context"])
            types = {"VerifiableCredential", "OpenBadgeCredential", "Profile", "AchievementSubject", "Achievement",
                     "Result", "IdentityObject", "BitstringStatusListEntry"}
            assert not (hidden - types) & sent


def test_no_base_proof_and_no_secret_ever_leaves(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    base = [filled.read(item_id, "credential").body["credential"]["proof"]["proofValue"]
            for title, item_id in by_title(filled).items() if title != "Transcript"]
    for titles in (("Biology",), ("Biology", "Algebra", "History")):
        resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), *titles)
        share(services, filled, resolved, sheet)

    out = b"\n".join(request.body + request.url.encode() for request in world.web.requests).decode()

    assert all(value.startswith("u2V0A") for value in base)
    assert "u2V0A" not in out and not any(value[:200] in out for value in base)


def test_nothing_on_the_disk_tells_who_learns_where_and_what(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    """Names, titles, issuers, askers, purposes, holder keys, codes: none is in the data folder in clear (P8, H07)."""
    named = by_title(filled)
    services.inbox.receive_request(filled, college.ask(*TITLE_AND_GRADE))
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    share(services, filled, resolved, sheet)
    services.presenting.refuse(filled, resolved)
    services.receiving.check_again(filled, named["Algebra"])
    canaries = ["María", "Hernández", "S-1001", "Biology", "Algebra", "Lincoln", "school.example", "college.example",
                "Springfield", "application", "did:key", "did:web", "4711", "token-1", PASSPHRASE, "Algebra I",
                "OpenBadgeCredential", "encodedList", college.nonce]

    disk = b"".join(path.read_bytes() for path in sorted(services.config.data.iterdir()))

    assert len(disk) > 50_000
    assert [canary for canary in canaries if canary.encode() in disk] == []
    assert disk.count(b"z6Mk") == 1, "the party's own public key, and no holder's"


def test_a_transcript_travels_whole_and_the_sheet_says_so(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(kind=CLR, multiple=False), "Transcript")
    (record,) = sheet.records
    assert sheet.warnings == ("whole",) and record.whole and record.stays == ()
    assert {"Biology", "Algebra", "History", "A", "B+", "C"} <= {value.shown for value in record.leaves}

    share(services, filled, resolved, sheet)

    (report,) = college.reports()
    assert report.verified
    assert len(report.members[0].members) == 3


def test_asking_for_a_whole_part_is_named(services: Services, filled: OpenVault, college: AskingCollege) -> None:
    _resolved, sheet = sheet_for(services, filled, college.ask(["credentialSubject", "achievement"]), "Biology")

    assert sheet.warnings == ("broad",)
    assert "credentialSubject.achievement.criteria.narrative" in {value.kind for value in sheet.records[0].leaves}


def test_a_choice_that_does_not_answer_is_refused(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    named = by_title(filled)
    resolved = services.presenting.resolve_request(college.ask(*TITLE_AND_GRADE, multiple=False))
    choices: list[dict[str, tuple[str, ...]]] = [
        {}, {"records": ()}, {"records": (named["Transcript"],)}, {"records": ("unknown",)},
        {"records": (named["Biology"], named["Algebra"])},
        {"records": (named["Biology"],), "more": (named["Algebra"],)},
    ]
    for choice in choices:
        with pytest.raises(StateError):
            services.presenting.sheet(filled, resolved, choice)

    assert college.sent == []


def test_what_nothing_answers_cannot_be_shared(services: Services, filled: OpenVault, college: AskingCollege) -> None:
    resolved = services.presenting.resolve_request(college.ask(["credentialSubject", "licenseNumber"]))

    assert not services.presenting.match(filled, resolved).possible
    with pytest.raises(StateError):
        services.presenting.sheet(filled, resolved, {"records": (by_title(filled)["Biology"],)})


def test_a_yes_to_another_sheet_counts_for_nothing(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    link = college.ask(*TITLE_AND_GRADE)
    resolved, one = sheet_for(services, filled, link, "Biology")
    _resolved, two = sheet_for(services, filled, link, "Biology", "Algebra")

    with pytest.raises(StateError):
        services.presenting.agree(filled, resolved, two, seen_digest=one.digest)


def test_a_decision_is_good_for_its_own_request_and_its_own_maker_only(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    decision = services.presenting.agree(filled, resolved, sheet, seen_digest=sheet.digest)
    college.nonce = "n-another-0123456789"
    other, _sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    before = items_of(filled)

    for request, made in ((other, decision), (resolved, replace(decision, actor="somebody"))):
        with pytest.raises(StateError):
            services.presenting.share(filled, request, made)
    world.clock.advance(minutes=21)
    with pytest.raises(StateError):
        services.presenting.share(filled, resolved, decision)

    assert college.sent == [] and items_of(filled) == before


# The log

def test_a_share_is_logged_with_who_why_and_every_value(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    shared = share(services, filled, resolved, sheet)

    line, records = activity.show(filled, shared.activity_id)

    assert (line.kind, line.state, line.host, line.name, line.purpose, line.actor, line.titles) == (
        "shared", "sent", "college.example", "Springfield College", "To decide about your application.",
        filled.party_id, ("Biology",))
    assert {value["value"] for value in records[0]["values"]} == {"Biology", "A", "María José Hernández Núñez"}


def test_a_refusal_tells_access_denied_and_nothing_else_and_is_logged(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    resolved = services.presenting.resolve_request(college.ask(*TITLE_AND_GRADE))

    services.presenting.refuse(filled, resolved)

    (answer,) = college.sent
    assert isinstance(answer, ErrorResponse)
    assert (answer.error, answer.state) == ("access_denied", "state-1")
    assert activity.lines(filled)[0].kind == "refused"


def test_a_refusal_looks_the_same_whether_there_was_something_to_share_or_not(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    bodies = []
    for claims in (TITLE_AND_GRADE, (["credentialSubject", "licenseNumber"],)):
        services.presenting.refuse(filled, services.presenting.resolve_request(college.ask(*claims)))
        bodies.append([request.body for request in world.web.requests if request.url.endswith("/response")][-1])

    assert bodies[0] == bodies[1]


def test_what_the_asker_refuses_is_logged_as_not_taken(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    college.answers["/response"] = (400, b'{"error": "invalid_request"}')

    with pytest.raises(ProtocolError):
        share(services, filled, resolved, sheet)

    assert [(line.kind, line.state) for line in activity.lines(filled)][0] == ("not_sent", "refused")


def test_what_may_have_arrived_stays_in_the_log_as_unknown(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    world.web.unreachable("https://college.example")

    with pytest.raises(FetchError):
        share(services, filled, resolved, sheet)

    assert [(line.kind, line.state) for line in activity.lines(filled)][0] == ("shared", "sending")


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"[]", b'{"redirect_uri": 7}', b'{"redirect_uri": "javascript:x"}'])
def test_an_answer_we_cannot_read_leads_nowhere_but_it_was_shared(
        services: Services, filled: OpenVault, college: AskingCollege, body: bytes) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    college.answers["/response"] = (200, body)

    assert share(services, filled, resolved, sheet).redirect_uri is None
    assert activity.lines(filled)[0].state == "sent"


# Requests that must not be answered

@pytest.mark.parametrize("overrides", [
    {"client_id": "decentralized_identifier:did:web:other.example"}, {"response_uri": "https://evil.example/response"},
    {"lifetime_s": -3600}, {"wallet_nonce": "another"}, {"wallet_nonce": None}, {"nonce": ""},
])
def test_a_request_that_is_not_what_it_says_is_refused(
        services: Services, filled: OpenVault, college: AskingCollege, overrides: JSONObject) -> None:
    before = items_of(filled)
    college.overrides = overrides

    with pytest.raises(CredkitError):
        services.inbox.receive_request(filled, college.ask(*TITLE_AND_GRADE))

    assert items_of(filled) == before and college.sent == []


def test_a_request_that_was_opened_is_not_fetched_twice_and_survives_a_lock(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    link = college.ask(*TITLE_AND_GRADE)
    item_id = services.inbox.receive_request(filled, link)
    fetched = len(world.web.requests)

    again = services.vault.unlock(PASSPHRASE, client="here").vault

    assert services.inbox.receive_request(again, link) == item_id
    assert len(world.web.requests) == fetched
    resolved, state = services.inbox.request(again, item_id)
    assert state == "open" and resolved == services.inbox.request(filled, item_id)[0]
    assert resolved.request.nonce == college.nonce


def test_the_answer_goes_as_the_protocol_says(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    share(services, filled, resolved, sheet)

    sent = world.web.requests[-1]

    form = parse_qs(sent.body.decode())
    assert (sent.method, sent.url) == ("POST", "https://college.example/response")
    assert sorted(form) == ["state", "vp_token"] and form["state"] == ["state-1"]
    (presentation,) = json.loads(form["vp_token"][0])["records"]
    assert presentation["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    assert presentation["proof"]["proofPurpose"] == "authentication"
    assert presentation["proof"]["challenge"] == college.nonce
    assert presentation["proof"]["domain"] == "decentralized_identifier:did:web:college.example"
    assert presentation["verifiableCredential"][0]["proof"]["cryptosuite"] == "ecdsa-sd-2023"


def test_what_was_agreed_to_is_kept_as_a_signed_receipt_before_anything_is_sent(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    until = world.clock.now() + timedelta(days=7)
    decision = services.presenting.agree(filled, resolved, sheet, seen_digest=sheet.digest, until=until, language="es")
    shared = services.presenting.share(filled, resolved, decision)

    receipt_id = receipts.of_entry(filled, shared.activity_id)
    assert receipt_id is not None
    receipt, document = receipts.read(filled, receipt_id)
    assert (receipt.recipient, receipt.recipient_name, receipt.purpose, receipt.until, receipt.language) == (
        college.did, "Springfield College", "To decide about your application.", until, "es")
    sent = college.presentations()[0]["verifiableCredential"][0]
    assert receipt.records == (("Biology", receipts.digest_of(sent)),)
    report = verify_credential(document, Policy(), world.environment())
    assert not [check for check in report.problems() if check.id != "trust"]


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_nothing_is_shared_for_good_or_for_no_time(
        services: Services, filled: OpenVault, college: AskingCollege, world: World, days: int) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")

    with pytest.raises(StateError):
        services.presenting.agree(filled, resolved, sheet, seen_digest=sheet.digest,
                                  until=world.clock.now() + timedelta(days=days))
    assert college.sent == []


def test_the_usual_end_is_thirty_days_or_what_the_asker_promises_if_that_is_sooner(
        services: Services, filled: OpenVault, college: AskingCollege, world: World) -> None:
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology")
    now = world.clock.now()

    assert usual_until(sheet, now) == now + timedelta(days=30)
    assert usual_until(replace(sheet, used_until=now + timedelta(days=5)), now) == now + timedelta(days=5)
    assert usual_until(replace(sheet, used_until=now + timedelta(days=90)), now) == now + timedelta(days=30)
    assert usual_until(replace(sheet, used_until=now - timedelta(days=1)), now) == now + timedelta(days=30)


def test_a_comment_that_travels_is_on_the_sheet_and_in_the_presentation(
        services: Services, filled: OpenVault, college: AskingCollege) -> None:
    comments.comment(filled, services.presenting.environment, by_title(filled)["Biology"], comments.Draft(
        "She was ill in May.", "Ana Núñez, mother", "en", travels=True))
    resolved, sheet = sheet_for(services, filled, college.ask(*TITLE_AND_GRADE), "Biology", "Algebra")
    said = {record.title: [(each.name, each.words) for each in record.comments] for record in sheet.records}
    assert said == {"Biology": [("Ana Núñez, mother", "She was ill in May.")], "Algebra": []}

    share(services, filled, resolved, sheet)

    assert sorted(len(entry["verifiableCredential"]) for entry in college.presentations()) == [1, 2]
    assert all(report.verified for report in college.reports())
