"""A family asks for its records under fresh keys: who may ask, what a registrar's word does, what the family gets."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from credkit.encoding import base64url_encode
from credkit.errors import StateError
from credkit.keys import SoftwareSigner
from credkit.profiles import clr_2
from credkit.protocols import reissue
from credkit.protocols.oid4vci import v1_0
from credkit.verification import Policy, verify_credential
from demo.export import STUDENT_NUMBER
from tests.issuer.conftest import ORIGIN, School, identifiers
from tests.support.world import OsRandomness

SCHOOL_DID = "did:web:school.example"


def collected(school: School) -> dict[str, tuple[dict[str, Any], SoftwareSigner]]:
    """Everything of the demo's student in a wallet: title → record and its key."""
    token, _made = school.redeemed()
    family, kept = school.family, {}
    for detail in token.authorization_details:
        for identifier in detail.credential_identifiers:
            document = family.collect(token.access_token, identifier).json["credentials"][0]["credential"]
            kept[document["name"]] = (document, family.keys[identifier])
    return kept


def request(school: School, key: SoftwareSigner, credential: str, **changes: Any) -> str:
    values = {"audience": SCHOOL_DID, "credential": credential, "now": school.world.clock.now(),
              "jti": base64url_encode(OsRandomness().token_bytes(16)), "reason": "A guardian was removed", **changes}
    return reissue.build_request(key, **values)


def post(school: School, jws: str, content_type: str = reissue.CONTENT_TYPE) -> Any:
    return school.family.client.post("/reissue", data=jws, content_type=content_type)


def state_of(school: School, petition_id: str) -> reissue.ReissueState:
    answer = school.family.client.get(f"/reissue/{petition_id}")
    assert answer.status_code == 200, answer.text
    return reissue.parse_state(answer.data)


def approve(school: School, petition_id: str) -> None:
    view = school.services.approvals.find(petition_id)
    school.services.approvals.approve(petition_id, "registrar", seen_digest=view.digest)


@pytest.fixture
def course(school: School) -> tuple[dict[str, Any], SoftwareSigner]:
    return next(pair for pair in collected(school).values() if not clr_2.is_mine(pair[0]))


def test_an_approved_request_takes_the_old_record_back_and_offers_a_new_one(school: School) -> None:
    records = collected(school)
    title, (old, key) = next(item for item in records.items() if not clr_2.is_mine(item[1][0]))
    answer = post(school, request(school, key, old["id"]))
    assert answer.status_code == 202
    petition_id = reissue.parse_accepted(answer.data)
    assert state_of(school, petition_id) == reissue.ReissueState("waiting")

    approve(school, petition_id)

    state = state_of(school, petition_id)
    assert state.state == "ready" and state.offer is not None
    assert state_of(school, petition_id).offer == state.offer  # reading again makes no second code
    report = verify_credential(records["School transcript, " + old["issuer"]["name"]][0], Policy(),
                               school.world.environment())
    assert report.check("members") is not None and not report.verified  # the old member shows as taken back
    offer = v1_0.parse_offer(school.family.client.get(state.offer.removeprefix(ORIGIN)).data)
    claims = school.services.offers.claims_of(school.services.students.find(STUDENT_NUMBER).id)
    open_claim = next(each.claim.id for each in claims if each.state == "open")
    answer = school.family.token(offer, school.services.offers.tx_code_of(open_claim))
    token = v1_0.parse_token_response(answer.data)
    fresh = school.family.collect(token.access_token, identifiers(token, "course")[0])
    new = fresh.json["credentials"][0]["credential"]
    assert new["name"] == title and new["id"] != old["id"] and new["credentialStatus"] != old["credentialStatus"]
    assert new["credentialSubject"]["result"] == old["credentialSubject"]["result"]
    assert new["credentialSubject"]["id"] != old["credentialSubject"]["id"]
    # the transcript holds the new record in place of the old one, and waits with it
    assert {detail.credential_configuration_id for detail in token.authorization_details} == {"course", "transcript"}


def test_all_records_of_a_student_are_decided_with_one_word(school: School) -> None:
    records = collected(school)
    ids = [reissue.parse_accepted(post(school, request(school, key, old["id"])).data) for old, key in records.values()]
    assert len(set(ids)) == len(records)
    waiting = school.services.approvals.waiting()
    assert len(waiting) == 1 and len(waiting[0].group) == len(records)

    approve(school, ids[0])

    assert {state_of(school, each).state for each in ids} == {"ready"}
    view = school.services.students.view(school.services.students.find(STUDENT_NUMBER).id)
    assert len(view.waiting) == len(view.living) == len(records)
    assert not {each.id for each in view.living} & {old["id"] for old, _key in records.values()}


def test_importing_again_keeps_what_was_made_anew(school: School, export: bytes,
                                                  course: tuple[dict[str, Any], SoftwareSigner]) -> None:
    old, key = course
    approve(school, reissue.parse_accepted(post(school, request(school, key, old["id"])).data))
    outcome = school.import_export(export)
    assert (outcome.new, outcome.renewed) == (0, 0)


def test_a_refused_request_changes_nothing(school: School, course: tuple[dict[str, Any], SoftwareSigner]) -> None:
    old, key = course
    petition_id = reissue.parse_accepted(post(school, request(school, key, old["id"])).data)
    view = school.services.approvals.find(petition_id)
    school.services.approvals.refuse(petition_id, "registrar", "Not the family", seen_digest=view.digest)
    assert state_of(school, petition_id) == reissue.ReissueState("refused")
    assert school.services.students.credential(old["id"])[0].revoked_at is None
    with pytest.raises(StateError):
        approve(school, petition_id)


def test_whoever_may_not_ask_gets_one_and_the_same_answer(school: School,
                                                          course: tuple[dict[str, Any], SoftwareSigner]) -> None:
    old, key = course
    taken = request(school, key, old["id"])
    assert post(school, taken).status_code == 202
    stranger = SoftwareSigner.generate("Ed25519")
    hostile = {
        "replayed": taken, "another key": request(school, stranger, old["id"]),
        "unknown record": request(school, key, "urn:uuid:00000000-0000-4000-8000-000000000000"),
        "another audience": request(school, key, old["id"], audience="did:web:other.example"),
        "too old": request(school, key, old["id"], now=school.world.clock.now() - timedelta(minutes=10)),
        "forged": taken[:-4] + "AAAA", "no token": "hello", "empty": "", "another's record": request(
            school, key, next(each[0]["id"] for each in [course] if each) + "0"),
        "not text": "\x00\xff" * 20, "large": "a" * 50_000,
    }
    answers = {name: post(school, jws) for name, jws in hostile.items()}
    answers["another content type"] = post(school, request(school, key, old["id"]), "text/plain")
    bodies = {(answer.status_code, answer.data, answer.headers["Content-Type"]) for answer in answers.values()}
    assert len(bodies) == 1 and next(iter(bodies))[0] == 400, {name: answer.data for name, answer in answers.items()}
    assert len(school.services.approvals.waiting()) == 1


def test_a_record_that_was_taken_back_cannot_be_asked_for(school: School,
                                                          course: tuple[dict[str, Any], SoftwareSigner]) -> None:
    old, key = course
    petition_id = reissue.parse_accepted(post(school, request(school, key, old["id"])).data)
    school.services.revoking.revoke(old["id"], "registrar", "A wrong grade")
    assert state_of(school, petition_id).state == "refused"
    assert post(school, request(school, key, old["id"])).status_code == 400


def test_asking_again_is_the_same_request(school: School, course: tuple[dict[str, Any], SoftwareSigner]) -> None:
    old, key = course
    first, second = (post(school, request(school, key, old["id"])).data for _ in range(2))
    assert first == second


def test_a_decision_names_what_was_seen(school: School) -> None:
    records = list(collected(school).values())
    petition_id = reissue.parse_accepted(post(school, request(school, records[0][1], records[0][0]["id"])).data)
    seen = school.services.approvals.find(petition_id).digest
    assert post(school, request(school, records[1][1], records[1][0]["id"])).status_code == 202
    with pytest.raises(StateError, match="changed since you looked"):
        school.services.approvals.approve(petition_id, "registrar", seen_digest=seen)


def test_one_of_many_decisions_at_once_counts(school: School, course: tuple[dict[str, Any], SoftwareSigner]) -> None:
    old, key = course
    petition_id = reissue.parse_accepted(post(school, request(school, key, old["id"])).data)
    digest, outcomes = school.services.approvals.find(petition_id).digest, list[bool]()

    def decide() -> None:
        try:
            school.services.approvals.approve(petition_id, "registrar", seen_digest=digest)
            outcomes.append(True)
        except StateError:
            outcomes.append(False)

    threads = [threading.Thread(target=decide) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]


@pytest.mark.parametrize("name", ["nothing", "..%2f..", "a" * 500])
def test_an_unknown_request_is_not_there(school: School, name: str) -> None:
    assert school.family.client.get(f"/reissue/{name}").status_code == 404
