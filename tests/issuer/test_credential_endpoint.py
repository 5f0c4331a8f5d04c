"""The credential endpoint: proofs of each type, sealed messages, records not ready yet, old drafts, wrong types."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from credkit.encoding import parse_json_object
from credkit.errors import ProtocolError
from credkit.jose import (
    DIRECT_ENCS,
    decrypt_direct,
    encrypt_direct,
    generate_encryption_key,
    peek_header,
    peek_jwe_header,
    peek_payload,
    public_encryption_jwk,
    sign_compact,
    verify_compact,
)
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.proofs import add_proof
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    AuthorizationDetail,
    CredentialRequest,
    DeferredRequest,
    TokenRequest,
)
from demo.export import STUDENT_NUMBER
from issuer.config import Config
from tests.issuer.conftest import ORIGIN, School, open_school
from tests.issuer.test_record_forms import ask, offered, office

__all__ = ["office"]
ENDPOINT, WELL_KNOWN = "/credential", "/.well-known/openid-credential-issuer"


@pytest.fixture
def asking(office: School) -> tuple[School, str, str]:
    """A school with a token and the identifier of a badge that it is good for."""
    return (office, *offered(office, "badge-eddsa"))


def post(school: School, path: str, token: str, body: Any, content_type: str = "application/json") -> Any:
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return school.family.client.post(path, data=data, content_type=content_type,
                                     headers={"Authorization": f"Bearer {token}"})


def refused(answer: Any, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json["error"]) == (status, error), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"


def request_of(school: School, identifier: str, key: SoftwareSigner, **more: Any) -> JSONObject:
    return {"credential_identifier": identifier, "proofs": {"jwt": [school.family.proof(key)]}, **more}


# Metadata

@pytest.mark.spec("OID4VCI-1.0", "#credential-issuer-wellknown")
def test_the_metadata_lie_in_every_place_where_wallets_look(school: School) -> None:
    answers = [school.family.client.get(WELL_KNOWN + end) for end in ("", "/")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json and answers[0].json["credential_issuer"] == ORIGIN


@pytest.mark.spec("OID4VCI-1.0", "#signed-metadata")
def test_signed_metadata_are_given_to_whoever_asks_for_them(school: School) -> None:
    client, office = school.family.client, school.services.office
    signed = client.get(WELL_KNOWN, headers={"Accept": "application/jwt"})
    assert signed.headers["Content-Type"] == "application/jwt" and "Accept" in signed.headers["Vary"]
    claims = verify_compact(signed.text, office.keys.selective.public_key, typ="openidvci-issuer-metadata+jwt")
    assert claims["sub"] == ORIGIN and claims["iat"] == int(school.world.clock.now().timestamp())
    plain = client.get(WELL_KNOWN, headers={"Accept": "*/*"})
    assert plain.headers["Content-Type"] == "application/json"
    assert {name: value for name, value in claims.items() if name not in ("iss", "sub", "iat")} == plain.json


# Sealed messages

def sealed(school: School, request: JSONObject, enc: str = "A256GCM") -> str:
    told = school.family.client.get(WELL_KNOWN).json["credential_request_encryption"]
    assert told["enc_values_supported"] == list(DIRECT_ENCS) and told["encryption_required"] is False
    return encrypt_direct(json.dumps(request).encode(), told["jwks"]["keys"][0], enc=enc)


@pytest.mark.spec("OID4VCI-1.0", "#encrypted-messages")
@pytest.mark.parametrize("enc", DIRECT_ENCS)
def test_a_sealed_request_gets_a_sealed_answer(asking: tuple[School, str, str], enc: str) -> None:
    school, token, identifier = asking
    key = generate_encryption_key("wallet-1")
    wanted = {"jwk": public_encryption_jwk(key), "enc": enc}
    request = request_of(school, identifier, SoftwareSigner.generate("P-256"), credential_response_encryption=wanted)
    answer = post(school, ENDPOINT, token, sealed(school, request, enc), "application/jwt")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/jwt")
    opened = parse_json_object(decrypt_direct(answer.text, key))
    assert len(opened["credentials"]) == 1 and opened["notification_id"]
    assert peek_jwe_header(answer.text)["kid"] == "wallet-1"


def test_errors_are_never_sealed(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    wanted = {"jwk": public_encryption_jwk(generate_encryption_key("w")), "enc": "A128GCM"}
    request = {"credential_identifier": identifier, "credential_response_encryption": wanted}
    refused(post(school, ENDPOINT, token, sealed(school, request), "application/jwt"), "invalid_proof")


def test_an_answer_cannot_be_sealed_in_any_other_way(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    changes: list[JSONObject] = [
        {"enc": "A256CBC-HS512"}, {"enc": 1}, {"jwk": {"kty": "oct", "k": "AA"}}, {"jwk": "key"}, {"zip": "DEF"},
        {"alg": "RSA-OAEP"}, {"jwk": {}}]
    for change in changes:
        wanted = {"jwk": public_encryption_jwk(generate_encryption_key("w")), "enc": "A128GCM"} | change
        request = request_of(school, identifier, SoftwareSigner.generate("P-256"),
                             credential_response_encryption=wanted)
        refused(post(school, ENDPOINT, token, sealed(school, request), "application/jwt"),
                "invalid_encryption_parameters")


def test_what_is_sealed_for_another_key_or_changed_is_refused(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    request = request_of(school, identifier, SoftwareSigner.generate("P-256"))
    stranger = encrypt_direct(json.dumps(request).encode(), generate_encryption_key("requests-1"))
    good = sealed(school, request)
    for bad in (stranger, good[:-4] + "AAAA", "a.b.c", "é"):
        refused(post(school, ENDPOINT, token, bad, "application/jwt"), "invalid_encryption_parameters")


# Proofs

def presentation(school: School, key: SoftwareSigner, nonce: str | None = None, domain: str = ORIGIN,
                 **changes: Any) -> JSONObject:
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
                "holder": key.verification_method.partition("#")[0], **changes}
    suite = "eddsa-rdfc-2022" if key.algorithm == "Ed25519" else "ecdsa-rdfc-2019"
    return add_proof(document, suite=suite, signer=key, processor=school.services.office.processor,
                     created=school.world.clock.now(), purpose="authentication",
                     challenge=nonce or school.family.nonce(), domain=domain)


@pytest.mark.spec("OID4VCI-1.0", "#di-vp-proof-type")
@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_a_presentation_proves_a_key_alone_or_in_an_array(asking: tuple[School, str, str], kind: str) -> None:
    school, token, identifier = asking
    key = SoftwareSigner.generate(kind)
    for wrap in (False, True):
        proof = presentation(school, key)
        proof = {**proof, "proof": [proof["proof"]]} if wrap else proof
        answer = post(school, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {"di_vp": [proof]}})
        assert answer.status_code == 200, answer.text
        assert answer.json["credentials"][0]["credential"]["credentialSubject"]["id"] == proof["holder"]


def test_a_presentation_for_others_or_changed_proves_nothing(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    key = SoftwareSigner.generate("Ed25519")
    good = presentation(school, key)
    stranger = SoftwareSigner.generate("Ed25519").verification_method.partition("#")[0]
    bad: list[tuple[Any, str]] = [
        (presentation(school, key, domain="https://other.example"), "invalid_proof"),
        (presentation(school, key, nonce="made-up"), "invalid_nonce"),
        (presentation(school, key, holder=stranger), "invalid_proof"),
        ({**good, "type": ["VerifiableCredential"]}, "invalid_proof"),
        ({**good, "id": "urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c2548f"}, "invalid_proof"),
        ({**good, "proof": {**good["proof"], "proofPurpose": "assertionMethod"}}, "invalid_proof"),
        ({**good, "proof": {**good["proof"], "challenge": 7}}, "invalid_proof"),
        ({**good, "proof": [good["proof"], presentation(school, key)["proof"]]}, "invalid_proof"),
        ({**good, "proof": 1}, "invalid_proof")]
    for proof, error in bad:
        refused(post(school, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {"di_vp": [proof]}}),
                error)


def test_a_nonce_is_used_up_only_when_every_signature_holds_and_then_once(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    family, nonce = school.family, school.family.nonce()
    keys = [SoftwareSigner.generate("Ed25519") for _ in range(2)]
    proofs = [family.proof(key, nonce) for key in keys]
    broken = [proofs[0], proofs[1][:-6] + "AAAAAA"]
    refused(post(school, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {"jwt": broken}}),
            "invalid_proof")
    request = {"credential_identifier": identifier, "proofs": {"jwt": proofs}}
    assert post(school, ENDPOINT, token, request).status_code == 200
    refused(post(school, ENDPOINT, token, request), "invalid_nonce")


# Not ready yet

def drafted(school: School) -> tuple[str, str, str]:
    """A draft that waits, and a token with the identifier of what will come of it."""
    person = school.services.students.find(STUDENT_NUMBER)
    petition = school.services.forms.draft(person.id, "attendance", {
        "term": "Fall 2025", "days_enrolled": "80", "days_absent": "2"}, "rivera")
    made = school.services.offers.offer_form(person.id, "attendance", "operator", tx_code=False)
    grant = school.read(made).pre_authorized
    assert grant is not None
    answer = school.family.post_form("/token", v1_0.build_token_request(TokenRequest(
        grant.pre_authorized_code, authorization_details=(AuthorizationDetail("attendance"),))))
    token = v1_0.parse_token_response(answer.data)
    return petition.id, token.access_token, token.authorization_details[0].credential_identifiers[0]


@pytest.mark.spec("OID4VCI-1.0", "#deferred-credential-endpoint")
def test_what_a_registrar_has_still_to_approve_is_deferred_then_given_once(school: School) -> None:
    petition, token, identifier = drafted(school)
    key = SoftwareSigner.generate("P-256")
    first = ask(school, token, identifier, key)
    assert first.status_code == 202 and first.json.keys() == {"transaction_id", "interval"}
    again = post(school, "/deferred", token, {"transaction_id": first.json["transaction_id"]})
    assert (again.status_code, again.json) == (202, first.json)
    school.services.approvals.approve(petition, "registrar",
                                      seen_digest=school.services.approvals.find(petition).digest)
    ready = post(school, "/deferred", token, {"transaction_id": first.json["transaction_id"]})
    assert ready.status_code == 200, ready.text
    subject = ready.json["credentials"][0]["credential"]["credentialSubject"]
    assert subject["id"] == key.verification_method.partition("#")[0]
    refused(post(school, "/deferred", token, {"transaction_id": first.json["transaction_id"]}),
            "invalid_transaction_id")
    again = ask(school, token, identifier, key)
    assert again.json["credentials"] == ready.json["credentials"]
    told = post(school, "/notification", token, {
        "notification_id": again.json["notification_id"], "event": "credential_accepted"})
    assert told.status_code == 204


@pytest.mark.parametrize("bound", [True, False])
def test_a_token_bound_to_a_key_lives_as_long_as_what_it_waits_for(school: School, bound: bool) -> None:
    person, services = school.services.students.find(STUDENT_NUMBER), school.services
    petition = services.forms.draft(person.id, "attendance", {"term": "Fall 2025", "days_absent": "2"}, "rivera")
    grant = school.read(services.offers.offer_form(person.id, "attendance", "operator", tx_code=False)).pre_authorized
    assert grant is not None
    token = services.tokens.redeem(TokenRequest(grant.pre_authorized_code), jkt="thumbprint" if bound else None)
    proof = school.family.proof(SoftwareSigner.generate("P-256"))
    first = services.issuing.issue(token.access_token, CredentialRequest(None, "attendance", "jwt", (proof,)))
    services.approvals.approve(petition.id, "registrar", seen_digest=services.approvals.find(petition.id).digest)
    school.world.clock.advance(hours=24)
    again = DeferredRequest(str(first.transaction_id))
    if bound:
        assert len(services.issuing.deferred(token.access_token, again).credentials) == 1
    else:
        with pytest.raises(ProtocolError) as caught:
            services.issuing.deferred(token.access_token, again)
        assert caught.value.error == "invalid_token"


def test_what_a_registrar_refuses_is_denied(school: School) -> None:
    petition, token, identifier = drafted(school)
    first = ask(school, token, identifier, SoftwareSigner.generate("P-256"))
    school.services.approvals.refuse(petition, "registrar", "Not so.",
                                     seen_digest=school.services.approvals.find(petition).digest)
    refused(post(school, "/deferred", token, {"transaction_id": first.json["transaction_id"]}),
            "credential_request_denied")
    refused(ask(school, token, identifier, SoftwareSigner.generate("P-256")), "credential_request_denied")


def test_a_transaction_is_good_with_its_own_token_only(office: School) -> None:
    _petition, token, identifier = drafted(office)
    first = ask(office, token, identifier, SoftwareSigner.generate("P-256"))
    other, _identifier = offered(office, "badge-eddsa")
    for transaction in (first.json["transaction_id"], "made-up"):
        refused(post(office, "/deferred", other, {"transaction_id": transaction}), "invalid_transaction_id")
    refused(office.family.client.post("/deferred", json={"transaction_id": "x"}), "invalid_token", 401)


# Older drafts

def old_proof(school: School, key: SoftwareSigner, nonce: str | None = None, **changes: Any) -> str:
    """As Digital Bazaar's client makes it: no typ, no iat."""
    now = int(school.world.clock.now().timestamp())
    claims = {"nonce": nonce or school.family.nonce(), "iss": key.verification_method.partition("#")[0], "aud": ORIGIN,
              "exp": now + 300, "nbf": now, **changes}
    return sign_compact({name: value for name, value in claims.items() if value is not None}, key, typ=None,
                        header={"kid": key.verification_method})


def old_request(proof: str | None, **changes: Any) -> JSONObject:
    request: JSONObject = {"format": "ldp_vc", "credential_definition": {
        "type": ["VerifiableCredential", "OpenBadgeCredential"]}, **changes}
    return request if proof is None else {**request, "proof": {"proof_type": "jwt", "jwt": proof}}


def test_draft_13_is_answered_in_both_ways_and_logged(
        asking: tuple[School, str, str], caplog: pytest.LogCaptureFixture) -> None:
    school, token, _identifier = asking
    first = post(school, ENDPOINT, token, old_request(None))
    refused(first, "invalid_proof")
    key = SoftwareSigner.generate("Ed25519")
    with caplog.at_level(logging.WARNING, "backpack.issuer.compat"):
        answer = post(school, ENDPOINT, token, old_request(old_proof(school, key, first.json["c_nonce"])))
    assert answer.status_code == 200, answer.text
    assert answer.json["credential"] == answer.json["credentials"][0]["credential"]
    assert answer.json["format"] == "ldp_vc"
    assert len([record for record in caplog.records if "draft 13" in record.getMessage()]) == 3


def test_one_proof_beside_a_name_of_today_is_taken_too(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    key = SoftwareSigner.generate("Ed25519")
    request = {"credential_identifier": identifier,
               "proof": {"proof_type": "jwt", "jwt": school.family.proof(key)}}
    answer = post(school, ENDPOINT, token, request)
    assert answer.json["credential"] == answer.json["credentials"][0]["credential"] and "format" not in answer.json
    both = {**request, "credential_configuration_id": "badge-eddsa"}
    refused(post(school, ENDPOINT, token, both), "invalid_credential_request")
    refused(post(strict(school), ENDPOINT, token, request), "invalid_proof")


def test_an_old_sd_jwt_request_is_taken_by_its_old_name(office: School) -> None:
    token, _identifier = offered(office, "badge-sd-jwt")
    request = old_request(office.family.proof(SoftwareSigner.generate("P-256")), format="vc+sd-jwt",
                          vct=f"{ORIGIN}/vct/badge")
    del request["credential_definition"]
    answer = post(office, ENDPOINT, token, request)
    assert answer.status_code == 200, answer.text
    assert peek_header(answer.json["credential"].partition("~")[0])["typ"] == "dc+sd-jwt"


def test_an_old_proof_is_softened_in_nothing_else(asking: tuple[School, str, str]) -> None:
    school, token, _identifier = asking
    key = SoftwareSigner.generate("Ed25519")
    now = int(school.world.clock.now().timestamp())
    bad: list[JSONObject] = [{"aud": "https://other.example"}, {"exp": 1}, {"exp": None}, {"iss": "did:example:other"},
                             {"nonce": 7}, {"iss": None}, {"exp": None, "iat": now}]
    for change in bad:
        refused(post(school, ENDPOINT, token, old_request(old_proof(school, key, **change))), "invalid_proof")
    refused(post(school, ENDPOINT, token, old_request(old_proof(school, key, "made-up"))), "invalid_nonce")


def test_an_old_proof_of_another_key_or_with_another_typ_is_refused(asking: tuple[School, str, str]) -> None:
    school, token, _identifier = asking
    key, other = SoftwareSigner.generate("Ed25519"), SoftwareSigner.generate("Ed25519")
    claims = peek_payload(old_proof(school, key))
    forged = sign_compact(claims, other, typ=None, header={"kid": key.verification_method})
    typed = sign_compact(claims, key, typ="JWT", header={"kid": key.verification_method})
    for proof in (forged, typed):
        refused(post(school, ENDPOINT, token, old_request(proof)), "invalid_proof")


def test_the_nonce_that_came_with_the_token_is_as_good_and_as_short_lived(office: School) -> None:
    person = office.services.students.find(STUDENT_NUMBER)
    made = office.services.offers.offer_form(person.id, "badge", "operator", tx_code=False)
    grant = office.read(made).pre_authorized
    assert grant is not None
    told = office.family.post_form("/token", v1_0.build_token_request(TokenRequest(grant.pre_authorized_code))).json
    key = SoftwareSigner.generate("P-256")
    request = {"credential_configuration_id": "badge", "proofs": {"jwt": [office.family.proof(key, told["c_nonce"])]}}
    assert post(office, ENDPOINT, told["access_token"], request).status_code == 200
    refused(post(office, ENDPOINT, told["access_token"], request), "invalid_nonce")


def strict(school: School) -> School:
    """The same office in strict mode."""
    from issuer.bootstrap import build_services
    from issuer.web import create_app

    config: Config = replace(school.config, strict=True)
    services = build_services(config, clock=school.world.clock, fetcher=school.world.web)
    return School(school.world, config, services, create_app(services))


def test_strict_mode_takes_none_of_it(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    office = strict(school)
    key = SoftwareSigner.generate("Ed25519")
    refused(post(office, ENDPOINT, token, old_request(None)), "invalid_credential_request")
    refused(post(office, ENDPOINT, token, {"credential_identifier": identifier,
                                           "proofs": {"jwt": [old_proof(office, key)]}}), "invalid_proof")
    wanted = {"jwk": public_encryption_jwk(generate_encryption_key("w")), "enc": "A128GCM"}
    refused(post(office, ENDPOINT, token, request_of(office, identifier, key, credential_response_encryption=wanted)),
            "invalid_encryption_parameters")
    assert post(office, ENDPOINT, token, request_of(office, identifier, key)).status_code == 200


# Wrong types

VALUES: tuple[Any, ...] = (None, True, 7, 1.5, "", "x", [], ["x"], [7], {}, {"x": 7}, [[]], [{}])
REQUEST_ERRORS = {"credential_identifier": {"invalid_credential_request", "unknown_credential_identifier"},
                  "credential_configuration_id": {"invalid_credential_request", "unknown_credential_configuration"},
                  "proofs": {"invalid_proof"},
                  "credential_response_encryption": {"invalid_encryption_parameters"}}


@pytest.mark.parametrize("name", REQUEST_ERRORS)
def test_a_member_of_a_wrong_type_gets_its_exact_error_and_changes_nothing(
        asking: tuple[School, str, str], name: str) -> None:
    school, token, identifier = asking
    for value in VALUES:
        request: JSONObject = {"credential_identifier": identifier} | {name: value}
        if name == "credential_configuration_id":
            del request["credential_identifier"]
        answer = post(school, ENDPOINT, token, request)
        assert answer.status_code == 400, (name, value, answer.text)
        allowed = REQUEST_ERRORS[name] | ({"invalid_proof"} if value is None else set())
        assert answer.json["error"] in allowed, (name, value, answer.text)
    assert ask(school, token, identifier, SoftwareSigner.generate("P-256")).status_code == 200


@pytest.mark.parametrize("kind", ["jwt", "di_vp", "attestation"])
def test_proofs_of_a_wrong_type_are_invalid_proofs(asking: tuple[School, str, str], kind: str) -> None:
    school, token, identifier = asking
    for value in (*VALUES, ["a.b.c"], [{"type": "VerifiablePresentation"}], "a.b.c"):
        refused(post(school, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {kind: value}}),
                "invalid_proof")
    both = {"jwt": [school.family.proof(SoftwareSigner.generate("P-256"))], "attestation": ["a.b.c"]}
    refused(post(school, ENDPOINT, token, {"credential_identifier": identifier, "proofs": both}), "invalid_proof")


@pytest.mark.parametrize(("path", "name", "error"), [
    ("/deferred", "transaction_id", {"invalid_credential_request", "invalid_transaction_id"}),
    ("/notification", "notification_id", {"invalid_notification_request", "invalid_notification_id"}),
    ("/notification", "event", {"invalid_notification_request"})])
def test_the_other_endpoints_answer_wrong_types_alike(
        asking: tuple[School, str, str], path: str, name: str, error: set[str]) -> None:
    school, token, _identifier = asking
    for value in VALUES:
        body = {"notification_id": "x", "event": "credential_accepted", name: value}
        answer = post(school, path, token, body)
        assert (answer.status_code, answer.json["error"] in error) == (400, True), (value, answer.text)


@pytest.mark.parametrize("path", [ENDPOINT, "/deferred", "/notification"])
def test_what_is_no_json_object_is_a_malformed_request(asking: tuple[School, str, str], path: str) -> None:
    school, token, _identifier = asking
    error = "invalid_notification_request" if path == "/notification" else "invalid_credential_request"
    for body in ("", "{", "[]", "7", "null", '"x"', '{"a":1,"a":2}', b"\xff", '{"a":' * 200):
        refused(post(school, path, token, body), error)
    refused(post(school, path, token, "{}", "text/plain"), error)


def test_a_draft_13_request_of_wrong_types_is_refused(asking: tuple[School, str, str]) -> None:
    school, token, _identifier = asking
    for name in ("format", "credential_definition", "vct", "proof"):
        for value in VALUES:
            answer = post(school, ENDPOINT, token, old_request(None) | {name: value})
            assert answer.status_code == 400 and answer.json["error"] in (
                "invalid_credential_request", "invalid_proof", "unsupported_credential_type"), answer.text


def test_unknown_members_are_ignored(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    request = request_of(school, identifier, SoftwareSigner.generate("Ed25519"), issuer_state="x", whatever=[1])
    request["proofs"]["proof_type"] = "jwt"
    assert post(school, ENDPOINT, token, request).status_code == 200


def test_exactly_one_of_the_two_names_is_needed(asking: tuple[School, str, str]) -> None:
    school, token, identifier = asking
    for request in ({}, {"credential_identifier": identifier, "credential_configuration_id": "badge-eddsa"}):
        refused(post(school, ENDPOINT, token, request), "invalid_credential_request")
    refused(post(school, ENDPOINT, token, {"credential_identifier": "x"}), "unknown_credential_identifier")
    refused(post(school, ENDPOINT, token, {"credential_configuration_id": "diploma"}),
            "unknown_credential_configuration")


def test_a_deferral_outlives_a_restart(school: School) -> None:
    petition, token, identifier = drafted(school)
    first = ask(school, token, identifier, SoftwareSigner.generate("P-256"))
    again = open_school(school.config.data)
    assert again.world.clock.now() - school.world.clock.now() < timedelta(seconds=1)
    again.services.approvals.approve(petition, "registrar", seen_digest=again.services.approvals.find(petition).digest)
    answer = post(again, "/deferred", token, {"transaction_id": first.json["transaction_id"]})
    assert answer.status_code == 200
