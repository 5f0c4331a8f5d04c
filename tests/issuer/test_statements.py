"""What the school says beside its records: teachers' words on a work, guardians, courts; and budgets of wrong codes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from credkit.errors import CredkitError, MalformedValueError, ProtocolError, StateError
from credkit.keys import SoftwareSigner
from credkit.profiles import endorsement, family
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import TokenRequest
from credkit.verification import Policy, verify_credential
from demo.export import STUDENT_NUMBER
from issuer.services.guardians import Statement
from issuer.services.offers import MadeOffer
from tests.issuer.conftest import ORIGIN, School, identifiers
from tests.issuer.test_importing import export as build_roster

EVIDENCE = "urn:uuid:0b6f4a3e-5a52-4f3f-9d3c-3f8f6f0f1a11"
LEARNER = "urn:uuid:11111111-2222-4333-8444-555555555555"
GUARDIAN = Statement("Luz Dyer", "parent", "full", date(2026, 6, 1), None, "Birth certificate seen on June 1", LEARNER)


@pytest.fixture
def student(school: School) -> str:
    return school.services.students.find(STUDENT_NUMBER).id


def collect(school: School, made: MadeOffer, kind: str, key: SoftwareSigner | None = None) -> dict[str, Any]:
    answer = school.family.token(school.read(made), made.tx_code)
    token = v1_0.parse_token_response(answer.data)
    found = school.family.collect(token.access_token, identifiers(token, kind)[0], key)
    assert found.status_code == 200, found.text
    document: dict[str, Any] = found.json["credentials"][0]["credential"]
    return document


def check(school: School, document: dict[str, Any]) -> None:
    report = verify_credential(document, Policy(), school.world.environment())
    outcomes = {each.id: str(each.outcome) for each in report.checks if each.id != "trust"}
    assert set(outcomes.values()) == {"passed"}, [each.problem for each in report.checks]


# a teacher's word


def test_a_teachers_word_becomes_an_endorsement_once_a_registrar_agrees(school: School, student: str) -> None:
    petition = school.services.endorsing.draft(student, EVIDENCE, "Rosa Rivera", "Clear steps, own words.", "teacher")
    view = school.services.approvals.find(petition.id)
    school.services.approvals.approve(petition.id, "registrar", seen_digest=view.digest)
    document = collect(school, school.offer(), "endorsement")
    assert endorsement.is_mine(document) and document["credentialSubject"]["id"] == EVIDENCE
    comment = document["credentialSubject"]["endorsementComment"]
    assert "Clear steps" in comment and "Rosa Rivera" in comment
    assert document["name"] == "Representative work" and document["issuer"]["id"] == "did:web:school.example"
    check(school, document)


def test_a_word_on_a_record_of_another_student_is_refused(school: School, student: str) -> None:
    others = [line.person for line in school.services.students.all() if line.person.id != student]
    record = school.services.students.view(student).living[0].id
    school.services.endorsing.draft(student, record, "Rosa Rivera", "Good", "teacher")
    for other in others[:1]:
        with pytest.raises(StateError, match="no work"):
            school.services.endorsing.draft(other.id, record, "Rosa Rivera", "Good", "teacher")


@pytest.mark.parametrize(("work", "teacher", "comment"), [
    ("", "A", "B"), ("https://x.example", "A", "B"), (EVIDENCE, " ", "B"), (EVIDENCE, "A", " "),
    (EVIDENCE, "A" * 201, "B"), (EVIDENCE, "A", "B" * 2001), ("urn:uuid:" + "0" * 36, "A", "B"),
])
def test_a_word_without_work_name_or_text_is_refused(school: School, student: str, work: str, teacher: str,
                                                     comment: str) -> None:
    with pytest.raises((StateError, MalformedValueError)):
        school.services.endorsing.draft(student, work, teacher, comment, "teacher")
    assert not school.services.approvals.waiting()


# guardians


def test_a_guardianship_is_bound_to_the_wallet_that_collects_it(school: School, student: str) -> None:
    credential = school.services.guardians.state(student, GUARDIAN, "registrar")
    party = SoftwareSigner.generate("Ed25519")
    document = collect(school, school.services.offers.offer_alone(credential.id, "registrar"), "guardianship", party)
    grant = family.read_grant(document)
    assert grant.holder == party.verification_method.partition("#")[0] and grant.learner == LEARNER
    assert grant.role == "guardian" and grant.basis == "parent"
    assert grant.allows("people", school.world.clock.now()) and grant.allows("read:iep", school.world.clock.now())
    check(school, document)


def test_a_statement_about_a_guardian_is_in_nobody_elses_offer(school: School, student: str) -> None:
    credential = school.services.guardians.state(student, GUARDIAN, "registrar")
    set_offer = school.offer()
    assert credential.id not in {item.credential_id for item in set_offer.claim.items}
    alone = school.services.offers.offer_alone(credential.id, "registrar")
    assert [item.credential_id for item in alone.claim.items] == [credential.id]
    assert school.services.offers.claim_on_page(set_offer.page_url.rpartition("/")[2]).state == "open"
    school.offer()
    assert school.services.offers.claim_on_page(alone.page_url.rpartition("/")[2]).state == "open"
    assert school.services.students.view(student).progress.total == set_offer.claim.progress.total


def test_a_courts_limit_names_the_party_that_is_limited(school: School, student: str) -> None:
    limited = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    statement = Statement("Other parent", "court-order", "all", date(2026, 6, 1), date(2027, 6, 1), "Order 12-345",
                          LEARNER, limited)
    credential = school.services.guardians.limit(student, statement, "registrar")
    document = collect(school, school.services.offers.offer_alone(credential.id, "registrar"), "court-limit")
    limit = family.read_court_limit(document)
    assert limit.holder == limited and limit.blocks("share", school.world.clock.now())
    check(school, document)


@pytest.mark.parametrize(("kind", "changes"), [
    ("state", {"name": ""}), ("state", {"paper": " "}), ("state", {"basis": "uncle"}), ("state", {"extent": "all"}),
    ("state", {"ends": date(2026, 5, 1)}), ("state", {"learner": "12"}), ("state", {"name": "x" * 301}),
    ("limit", {"party": ""}), ("limit", {"party": "Bob"}), ("limit", {"extent": "full"}),
])
def test_a_statement_that_cannot_be_right_is_refused(school: School, student: str, kind: str,
                                                     changes: dict[str, Any]) -> None:
    values = {**GUARDIAN.__dict__, "extent": "all" if kind == "limit" else "full",
              "party": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", **changes}
    with pytest.raises(CredkitError):
        getattr(school.services.guardians, kind)(student, Statement(**values), "registrar")
    assert not school.services.students.view(student).statements


def test_agents_of_an_export_are_proposals_only(empty_school: School) -> None:
    users = ("sourcedId,role,givenName,familyName,agentSourcedIds\nS-1,student,Ana,Ruiz,P-1\n"
             "P-1,guardian,Luz,Ruiz,\n")
    empty_school.import_export(build_roster(users=users))
    student = empty_school.services.students.find("S-1").id
    proposal = empty_school.services.guardians.proposals(student)[0]
    assert (proposal.name, proposal.relation, proposal.legal) == ("Luz Ruiz", "guardian", True)
    assert not empty_school.services.students.view(student).statements


# budgets


def test_one_address_may_be_wrong_so_often_and_others_go_on(school: School) -> None:
    tokens, now = school.services.tokens, school.world.clock.now()
    made = school.offer()
    offer = school.read(made)
    assert offer.pre_authorized is not None
    wrong = TokenRequest(offer.pre_authorized.pre_authorized_code, "000000" if made.tx_code != "000000" else "111111")
    with pytest.raises(ProtocolError):
        tokens.redeem(wrong, "192.0.2.7")
    with school.services.office.store.reading() as unit:
        assert unit.counted_against("wrong codes, hour", now, 3600) == 1
    name = school.services.office.keys.derive("address", "192.0.2.7").hex()[:32]
    with school.services.office.store.writing() as unit:
        for _ in range(29):
            unit.count_against(f"wrong codes, {name}", now, 3600)
    right = TokenRequest(offer.pre_authorized.pre_authorized_code, made.tx_code)
    with pytest.raises(ProtocolError):
        tokens.redeem(right, "192.0.2.7")
    assert tokens.redeem(right, "192.0.2.8").access_token
    database = b"".join(path.read_bytes() for path in school.config.data.glob("issuer.sqlite3*"))
    assert b"192.0.2.7" not in database


def test_too_many_wrong_codes_close_the_office_for_a_while_and_the_count_survives_a_restart(school: School) -> None:
    lifetimes = school.services.office.config.lifetimes
    assert (lifetimes.wrong_codes_hour, lifetimes.wrong_codes_day) == (100, 500)
    now = school.world.clock.now()
    with school.services.office.store.writing() as unit:
        for _ in range(99):
            unit.count_against("wrong codes, hour", now, 3600)
    made = school.offer()
    wrong = "000000" if made.tx_code != "000000" else "111111"
    assert school.family.token(school.read(made), wrong).status_code == 400
    answer = school.family.token(school.read(made), made.tx_code)
    assert answer.status_code == 400 and answer.json["error"] == "invalid_grant"
    school.world.clock.advance(hours=1)
    fresh = school.services.offers.fresh(made.claim.claim.id)
    assert school.family.token(school.read(fresh), made.tx_code).status_code == 200


def test_codes_that_were_never_used_are_forgotten(school: School) -> None:
    made = school.offer()
    school.world.clock.moment += timedelta(days=2)
    school.family.nonce()
    with pytest.raises(StateError):
        school.services.offers.show(made.offer.id)
    assert school.services.offers.claim_on_page(made.page_url.removeprefix(ORIGIN + "/claim/")).state == "open"
