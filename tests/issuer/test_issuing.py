"""From a school export to signed records, over the wire of OpenID4VCI 1.0."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from credkit.encoding import base64url_decode
from credkit.environment import SystemRandomness
from credkit.errors import ProtocolError, StateError
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner
from credkit.profiles import clr_2, openbadges_3
from credkit.proofs import derive
from credkit.protocols.oid4vci.messages import TokenRequest
from credkit.verification import Policy, verify_credential
from issuer.bootstrap import build_services
from issuer.services.drafting import PreparedCredential, holder_document
from tests.issuer.conftest import ORIGIN, School, form, identifiers

PAIR = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


def outcomes(report: Any) -> dict[str, str]:
    return {check.id: str(check.outcome) for check in report.checks}


def collected(school: School) -> list[Any]:
    token, _made = school.redeemed()
    family = school.family
    answers = [family.collect(token.access_token, each)
               for name in ("transcript", "course") for each in identifiers(token, name)]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json["credentials"][0]["credential"] for answer in answers]


@pytest.mark.spec("OID4VCI-1.0", "#credential-endpoint")
def test_a_student_collects_the_transcript_and_every_course_and_each_of_them_holds(school: School) -> None:
    made = school.offer()
    offer = school.read(made)
    assert offer.credential_configuration_ids == ("transcript", "course")

    documents = collected(school)

    assert len(documents) == 25
    assert clr_2.is_mine(documents[0]) and len(clr_2.members_of(documents[0])) == 24
    environment = school.world.environment()
    for document in documents:
        if document["proof"]["cryptosuite"] == "ecdsa-sd-2023":
            continue  # a base proof is for the wallet alone; what it derives is checked below
        report = verify_credential(document, Policy(), environment)
        assert report.verified, outcomes(report)
    view = school.services.students.view(school.services.students.find("20391").id)
    assert (view.progress.collected, view.progress.total) == (25, 25)


@pytest.mark.spec("VC-DI-ECDSA", "#ecdsa-sd-2023")
def test_a_course_shows_its_title_and_grade_and_the_unfinished_one_always_shows_that(school: School) -> None:
    documents = {document["name"]: document for document in collected(school)[1:]}
    processor = school.world.processor
    title = "/credentialSubject/achievement/name"

    shown = derive(documents["Algebra I"], [title, "/credentialSubject/result/0/value"], processor, SystemRandomness())
    assert shown["credentialSubject"]["result"][0]["value"] == "A-"
    assert "identifier" not in shown["credentialSubject"]
    assert verify_credential(shown, Policy(), school.world.environment()).verified

    unfinished = derive(documents["Precalculus"], [title], processor, SystemRandomness())
    assert unfinished["credentialSubject"]["result"][0]["status"] == "InProgress"
    enrolled = derive(documents["Environmental Science"], [title], processor, SystemRandomness())
    assert enrolled["credentialSubject"]["result"][0]["status"] == "Enrolled"
    assert "result" not in derive(documents["Algebra I"], [title], processor, SystemRandomness())["credentialSubject"]


def test_each_record_names_its_student_first_by_name_then_by_number(school: School) -> None:
    for document in collected(school):
        for node in (document, *(member for _at, member in clr_2.members_of(document))) if clr_2.is_mine(
                document) else (document,):
            assert node["credentialSubject"]["identifier"] == [
                {"type": "IdentityObject", "hashed": False, "identityHash": "Lucía Guadalupe Hernández Villaseñor",
                 "identityType": "name"},
                {"type": "IdentityObject", "hashed": False, "identityHash": "20391", "identityType": "sourcedId"},
            ]


def test_a_course_and_its_member_of_the_transcript_are_one_record_with_one_status_entry(school: School) -> None:
    documents = collected(school)
    courses = {document["id"]: document for document in documents[1:]}
    for _at, member in clr_2.members_of(documents[0]):
        own = courses[member["id"]]
        assert member["credentialStatus"] == own["credentialStatus"]
        assert member["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
        assert member["credentialSubject"]["id"] == documents[0]["credentialSubject"]["id"]
    assert len({document["credentialSubject"]["id"] for document in documents}) == 25


def test_nothing_but_the_holders_id_is_added_to_what_was_approved(school: School) -> None:
    for document in collected(school):
        credential, _person = school.services.students.credential(document["id"])
        holder = document["credentialSubject"]["id"]
        bare = {name: value for name, value in document.items() if name != "proof"}
        if clr_2.is_mine(bare):
            members = [{name: value for name, value in member.items() if name != "proof"}
                       for _at, member in clr_2.members_of(bare)]
            bare = {**bare, "credentialSubject": {**bare["credentialSubject"], "verifiableCredential": members}}
        assert bare == holder_document(credential.document, holder)


def test_a_record_changed_after_it_was_approved_is_never_signed(school: School) -> None:
    view = school.services.students.view(school.services.students.find("20391").id)
    credential = view.living[1]
    credential.document["credentialSubject"]["term"] = "Spring 1999"
    with pytest.raises(StateError):
        PreparedCredential(credential).take()


def test_an_approved_record_is_handed_out_once(school: School) -> None:
    view = school.services.students.view(school.services.students.find("20391").id)
    prepared = PreparedCredential(view.living[0])
    prepared.take()
    with pytest.raises(StateError):
        prepared.take()


def test_the_same_key_gets_the_same_record_again_and_another_key_is_refused(school: School) -> None:
    token, _made = school.redeemed()
    family, identifier = school.family, identifiers(token, "course")[0]
    first = family.collect(token.access_token, identifier)
    again = family.collect(token.access_token, identifier)
    assert first.json["credentials"] == again.json["credentials"]
    assert first.json["notification_id"] == again.json["notification_id"]

    other = family.collect(token.access_token, identifier, SoftwareSigner.generate("P-256"))
    assert (other.status_code, other.json["error"]) == (400, "credential_request_denied")


def test_sixty_four_wallets_at_once_redeem_one_code_and_exactly_one_wins(school: School) -> None:
    made = school.offer()
    offer = school.read(made)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _n: school.family.token(offer, made.tx_code), range(64)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 63
    assert {answer.json["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


def test_one_nonce_used_by_many_at_once_gives_one_record(school: School) -> None:
    token, _made = school.redeemed()
    family, key = school.family, SoftwareSigner.generate("Ed25519")
    proof = family.proof(key)
    requests = [{"credential_identifier": each, "proofs": {"jwt": [proof]}}
                for each in identifiers(token, "course")[:8]]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda request: school.family.ask(token.access_token, request), requests))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert {answer.json["error"] for answer in answers if answer.status_code == 400} == {"invalid_nonce"}


def test_a_record_asked_for_twice_at_once_is_issued_once(school: School) -> None:
    token, _made = school.redeemed()
    family, identifier, key = school.family, identifiers(token, "course")[0], SoftwareSigner.generate("Ed25519")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: family.collect(token.access_token, identifier, key), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({json.dumps(answer.json["credentials"]) for answer in answers}) == 1


@pytest.mark.spec("OID4VCI-1.0", "#token-request")
def test_five_wrong_codes_lock_the_offer_even_across_a_restart_and_every_answer_is_the_same(school: School) -> None:
    made = school.offer()
    offer = school.read(made)
    assert offer.pre_authorized is not None
    code, wrong = offer.pre_authorized.pre_authorized_code, f"{(int(made.tx_code) + 1) % 10**6:06d}"
    answers = [school.family.token(offer, wrong) for _ in range(3)]
    restarted = build_services(school.config, clock=school.world.clock, fetcher=school.world.web)
    for _ in range(2):
        with pytest.raises(ProtocolError, match="not right"):
            restarted.tokens.redeem(TokenRequest(code, wrong))
    unknown = form(grant_type=PAIR, **{"pre-authorized_code": "none"}, tx_code="1")
    answers += [school.family.token(offer, made.tx_code), school.family.post_form("/token", unknown)]
    assert {(answer.status_code, answer.data) for answer in answers} == {(400, answers[0].data)}
    assert answers[0].json["error"] == "invalid_grant"
    assert school.services.offers.claims_of(made.claim.person.id)[0].state == "locked"


def test_an_offer_ends_after_ten_minutes_and_its_claim_after_thirty_days(school: School) -> None:
    made = school.offer()
    offer = school.read(made)
    school.world.clock.advance(minutes=11)
    assert school.family.token(offer, made.tx_code).json["error"] == "invalid_grant"
    assert school.family.client.get(made.offer_url.removeprefix(ORIGIN)).status_code == 404

    fresh = school.services.offers.fresh(made.claim.claim.id)
    assert fresh.tx_code == made.tx_code
    assert school.family.token(school.read(fresh), made.tx_code).status_code == 200

    school.world.clock.advance(days=30)
    with pytest.raises(StateError):
        school.services.offers.fresh(made.claim.claim.id)


def test_a_set_broken_off_half_way_says_how_far_it_came_and_a_new_offer_holds_the_rest(school: School) -> None:
    token, made = school.redeemed()
    for identifier in identifiers(token, "course")[:18]:
        assert school.family.collect(token.access_token, identifier).status_code == 200
    progress = school.services.offers.claims_of(made.claim.person.id)[0].progress
    assert (progress.collected, progress.total) == (18, 25)

    rest = school.offer()
    assert len(rest.claim.items) == 7
    assert school.read(rest).credential_configuration_ids == ("transcript", "course")


def test_a_newer_offer_takes_the_place_of_an_older_one(school: School) -> None:
    older = school.offer()
    offer = school.read(older)
    newer = school.offer()
    assert school.family.token(offer, older.tx_code).json["error"] == "invalid_grant"
    assert school.services.offers.claim_on_page(older.page_url.rsplit("/", 1)[1]).state == "expired"
    assert school.family.token(school.read(newer), newer.tx_code).status_code == 200


def test_once_everything_is_collected_only_a_lost_wallet_gets_it_again(school: School) -> None:
    collected(school)
    with pytest.raises(StateError):
        school.offer()
    assert len(school.offer(again=True).claim.items) == 25


def test_without_identifiers_the_transcript_is_given_but_not_one_of_many_courses(school: School) -> None:
    token, _made = school.redeemed(details=False)
    assert token.authorization_details == ()
    family, key = school.family, SoftwareSigner.generate("Ed25519")

    def ask(name: str) -> Any:
        return family.ask(token.access_token, {"credential_configuration_id": name,
                                               "proofs": {"jwt": [family.proof(key)]}})

    assert ask("transcript").status_code == 200
    assert (ask("course").status_code, ask("course").json["error"]) == (400, "credential_request_denied")
    assert ask("diploma").json["error"] == "unknown_credential_configuration"
    assert ask("badge").json["error"] == "credential_request_denied"


def test_a_single_course_is_given_by_its_configuration(school: School) -> None:
    token, _made = school.redeemed()
    for identifier in identifiers(token, "course")[1:]:
        school.family.collect(token.access_token, identifier)
    last, _made = school.redeemed(details=False)
    family = school.family
    answer = family.ask(last.access_token, {"credential_configuration_id": "course", "proofs": {
        "jwt": [family.proof(SoftwareSigner.generate("Ed25519"))]}})
    assert answer.status_code == 200
    assert openbadges_3.is_mine(answer.json["credentials"][0]["credential"])


def test_a_token_lives_five_minutes_and_a_nonce_too(school: School) -> None:
    token, _made = school.redeemed()
    assert token.expires_in_s == 300 and token.token_type == "bearer"
    family, key = school.family, SoftwareSigner.generate("Ed25519")
    nonce = family.nonce()
    school.world.clock.advance(seconds=299)
    late = family.ask(token.access_token, {"credential_identifier": identifiers(token, "course")[0],
                                           "proofs": {"jwt": [family.proof(key, nonce)]}})
    assert late.status_code == 200
    school.world.clock.advance(seconds=2)
    answer = family.collect(token.access_token, identifiers(token, "course")[1])
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.spec("OID4VCI-1.0", "#jwt-proof-type")
def test_every_proof_that_does_not_hold_is_refused_and_leaves_its_nonce_alive(school: School) -> None:
    token, _made = school.redeemed()
    family, key, now = school.family, SoftwareSigner.generate("Ed25519"), school.world.clock.now()
    identifier, nonce = identifiers(token, "course")[0], family.nonce()
    head = {"kid": key.verification_method}
    fresh = {"aud": ORIGIN, "iat": int(now.timestamp()), "nonce": nonce}
    good_jwk = key.public_key.to_jwk()

    def signed(payload: Any = fresh, header: Any = head, typ: str = "openid4vci-proof+jwt") -> str:
        return sign_compact(payload, key, typ=typ, header=header)

    old = int((now - timedelta(minutes=10)).timestamp())
    bad = {
        "other audience": signed({**fresh, "aud": "https://elsewhere.example"}),
        "old": signed({**fresh, "iat": old}),
        "from the future": signed({**fresh, "iat": int((now + timedelta(minutes=10)).timestamp())}),
        "no nonce": signed({"aud": ORIGIN, "iat": int(now.timestamp())}),
        "a client named": signed({**fresh, "iss": "client"}),
        "other type": signed(typ="jwt"),
        "two keys named": signed(header={**head, "jwk": good_jwk}),
        "no key named": signed(header={}),
        "private key in the header": signed(header={"jwk": {**good_jwk, "d": "AA"}}),
        "somebody else's key": signed(header={"kid": SoftwareSigner.generate("Ed25519").verification_method}),
        "broken signature": signed()[:-6] + "AAAAAA",
        "not a JWT": "nonsense",
    }
    for name, proof in bad.items():
        answer = family.ask(token.access_token, {"credential_identifier": identifier, "proofs": {"jwt": [proof]}})
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_proof"), name
        assert answer.json["c_nonce"]
    several = family.ask(token.access_token, {"credential_identifier": identifier,
                                              "proofs": {"jwt": [signed(), signed({**fresh, "iat": old + 590})]}})
    assert several.json["error"] == "invalid_proof"
    missing = family.ask(token.access_token, {"credential_identifier": identifier})
    assert missing.json["error"] == "invalid_proof"

    request = {"credential_identifier": identifier, "proofs": {"jwt": [signed()]}}
    assert family.ask(token.access_token, request).status_code == 200
    replay = family.ask(token.access_token, request)
    assert (replay.status_code, replay.json["error"]) == (400, "invalid_nonce")


ERRORS = [
    ("/token", b"", "application/json", "invalid_request"),
    ("/token", b"\xff\xfe", "application/x-www-form-urlencoded", "invalid_request"),
    ("/token", b"grant_type=password", "application/x-www-form-urlencoded", "unsupported_grant_type"),
    ("/token", f"grant_type={PAIR}".encode(), "application/x-www-form-urlencoded", "invalid_request"),
    ("/token", f"grant_type={PAIR}&pre-authorized_code=x".encode(), "application/x-www-form-urlencoded",
     "invalid_grant"),
    ("/token", f"grant_type={PAIR}&pre-authorized_code=x&tx_code=1&tx_code=2".encode(),
     "application/x-www-form-urlencoded", "invalid_request"),
]


@pytest.mark.parametrize(("path", "body", "content_type", "error"), ERRORS)
def test_a_malformed_token_request_gets_its_code(school: School, path: str, body: bytes, content_type: str,
                                                 error: str) -> None:
    answer = school.family.client.post(path, data=body, content_type=content_type)
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("body", "error"), [
    (b"", "invalid_credential_request"), (b"\x00\x01", "invalid_credential_request"),
    (b"[" * 100_000, "invalid_credential_request"), (b"[]", "invalid_credential_request"),
    (b"{}", "invalid_credential_request"), (b'{"credential_identifier": 7}', "invalid_credential_request"),
    (b'{"credential_identifier": "a", "credential_configuration_id": "course"}', "invalid_credential_request"),
    (b'{"credential_identifier": "a", "credential_identifier": "b"}', "invalid_credential_request"),
    (b'{"credential_identifier": "a"}', "unknown_credential_identifier"),
    (b'{"credential_identifier": "a", "proofs": {"jwt": []}}', "invalid_proof"),
    (b'{"credential_identifier": "a", "credential_response_encryption": {}}', "invalid_encryption_parameters"),
])
def test_a_malformed_credential_request_gets_its_code(school: School, body: bytes, error: str) -> None:
    token, _made = school.redeemed()
    answer = school.family.client.post("/credential", data=body, content_type="application/json",
                                       headers={"Authorization": f"Bearer {token.access_token}"})
    assert (answer.status_code, answer.json["error"]) == (400, error)


def test_a_request_of_ten_megabytes_is_refused_before_it_is_read(school: School) -> None:
    token, _made = school.redeemed()
    answer = school.family.client.post("/credential", data=b"x" * 10_000_000, content_type="application/json",
                                       headers={"Authorization": f"Bearer {token.access_token}"})
    assert answer.status_code == 413 and "error" in answer.json


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer no", "Basic eDp5", "Bearer " + "a" * 9000])
def test_no_token_or_a_wrong_one_is_401(school: School, header: str | None) -> None:
    answer = school.family.client.post("/credential", json={}, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_token")


def test_one_familys_token_opens_nothing_of_another(school: School) -> None:
    mine, _made = school.redeemed()
    theirs, _made = school.redeemed("20877")
    answer = school.family.collect(mine.access_token, identifiers(theirs, "course")[0])
    assert (answer.status_code, answer.json["error"]) == (400, "unknown_credential_identifier")


@pytest.mark.spec("OID4VCI-1.0", "#notification-endpoint")
def test_what_the_wallet_says_is_kept_and_saying_it_twice_is_once(school: School) -> None:
    token, _made = school.redeemed()
    family = school.family
    issued = family.collect(token.access_token, identifiers(token, "course")[0]).json
    told = {"notification_id": issued["notification_id"], "event": "credential_accepted"}
    head = {"Authorization": f"Bearer {token.access_token}"}
    for _ in range(2):
        assert family.client.post("/notification", json=told, headers=head).status_code == 204
    assert [entry.event for entry in school.services.students.log(limit=2)] == ["credential_accepted", "issued"]
    unknown = family.client.post("/notification", json={**told, "notification_id": "x"}, headers=head)
    assert unknown.json["error"] == "invalid_notification_id"
    odd = family.client.post("/notification", json={**told, "event": "eaten"}, headers=head)
    assert odd.json["error"] == "invalid_notification_request"


def test_a_base_proof_carries_its_own_hmac_key_each_time(school: School) -> None:
    proofs = {document["proof"]["proofValue"] for document in collected(school)[1:]}
    assert len(proofs) == 24
    assert all(base64url_decode(proof[1:])[:3] == b"\xd9\x5d\x00" for proof in proofs)


def test_no_secret_of_an_offer_lies_in_the_database(school: School) -> None:
    made = school.offer()
    offer = school.read(made)
    answer = school.family.token(offer, made.tx_code)
    stored = b"".join(path.read_bytes() for path in school.config.data.glob("issuer.sqlite3*"))
    assert offer.pre_authorized is not None
    for secret in (offer.pre_authorized.pre_authorized_code, made.offer_url.rsplit("/", 1)[1],
                   made.page_url.rsplit("/", 1)[1], answer.json["access_token"]):
        assert secret.encode() not in stored
