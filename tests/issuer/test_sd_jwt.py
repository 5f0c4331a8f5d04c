"""Courses and badges as SD-JWT VC: what is said of them, how they are given out, and how they are taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from credkit.formats.sd_jwt_vc import choose, parse_sd_jwt, peek_sd_jwt_vc, verify_sd_jwt_vc
from credkit.jose import peek_header
from credkit.keys import SoftwareSigner, public_key_from_jwk
from credkit.protocols.oid4vci import v1_0
from credkit.status.bitstring import MINIMUM_ENTRIES
from credkit.status.token_status_list import decode_list, verify_status_list
from demo.export import STUDENT_NUMBER
from issuer.cli import Ports, main
from issuer.services.sd_jwt import KINDS, LABELS
from tests.issuer.conftest import ORIGIN, School

FRAME = {"iss", "iat", "vct", "cnf", "status"}
COURSE = "course-sd-jwt"


def get(school: School, path: str) -> Any:
    answer = school.family.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer


def offered(school: School) -> tuple[str, tuple[str, ...]]:
    """An access token and the identifiers of the student's courses in this form."""
    person = school.services.students.find(STUDENT_NUMBER)
    made = school.services.offers.offer_form(person.id, COURSE, "operator")
    offer = school.read(made)
    assert offer.credential_configuration_ids == (COURSE,)
    token = v1_0.parse_token_response(school.family.token(offer, made.tx_code).data)
    return token.access_token, token.authorization_details[0].credential_identifiers


def ask(school: School, token: str, identifier: str, key: SoftwareSigner, binding: Any = "jwk") -> Any:
    family = school.family
    proof = v1_0.build_key_proof(key, audience=ORIGIN, nonce=family.nonce(), now=school.world.clock.now(),
                                 binding=binding)
    return family.ask(token, {"credential_identifier": identifier, "proofs": {"jwt": [proof]}})


@pytest.mark.spec("OID4VCI-1.0", "#appendix-A.3")
def test_the_metadata_describe_the_form_and_every_claim_in_two_languages(school: School) -> None:
    document = get(school, "/.well-known/openid-credential-issuer").json
    for name, kind in KINDS.items():
        described = document["credential_configurations_supported"][name]
        assert (described["format"], described["vct"]) == ("dc+sd-jwt", f"{ORIGIN}/vct/{kind.record}")
        assert described["cryptographic_binding_methods_supported"] == ["jwk"]
        assert described["credential_signing_alg_values_supported"] == ["ES256"]
        assert described["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] == ["EdDSA", "ES256"]
        assert "credential_definition" not in described
        shown = described["credential_metadata"]["claims"]
        assert [claim["path"] for claim in shown] == [[name] for name in kind.claims]
        assert all({each["locale"] for each in claim["display"]} == {"en", "es"} for claim in shown)


def test_every_claim_of_every_kind_has_its_words() -> None:
    assert {name for kind in KINDS.values() for name in kind.claims} == set(LABELS)


@pytest.mark.spec("draft-ietf-oauth-sd-jwt-vc-18", "#section-4")
def test_a_type_is_described_at_its_own_address(school: School) -> None:
    for kind in KINDS.values():
        document = get(school, f"/vct/{kind.record}").json
        assert document["vct"] == f"{ORIGIN}/vct/{kind.record}"
        assert [claim["path"] for claim in document["claims"]] == [[name] for name in kind.claims]
    answer = school.family.client.get("/vct/diploma")
    assert (answer.status_code, answer.json["error"]) == (404, "not_found")


def test_a_course_is_given_with_flat_claims_each_of_which_can_be_shown_alone(school: School) -> None:
    token, names = offered(school)
    assert len(names) == 24
    key = SoftwareSigner.generate("Ed25519")
    answer = ask(school, token, names[0], key)
    assert answer.status_code == 200, answer.text
    whole = parse_sd_jwt(answer.json["credentials"][0]["credential"])
    keys = get(school, "/.well-known/jwt-vc-issuer").json
    assert keys["issuer"] == ORIGIN
    header = peek_header(whole.jwt)
    assert (header["alg"], header["typ"], header["kid"]) == ("ES256", "dc+sd-jwt", keys["jwks"]["keys"][0]["kid"])
    signer = public_key_from_jwk(keys["jwks"]["keys"][0])
    claims = verify_sd_jwt_vc(whole, signer).claims
    assert claims["iss"] == ORIGIN and claims["vct"] == f"{ORIGIN}/vct/course"
    assert claims["cnf"] == {"jwk": key.public_key.to_jwk()}
    assert {"title", "grade", "state", "credits", "term", "student_name", "student_number", "school"} <= claims.keys()
    assert claims["student_name"] == "Lucía Guadalupe Hernández Villaseñor"
    bare = verify_sd_jwt_vc(choose(whole, ()), signer).claims
    assert bare.keys() == FRAME
    part = verify_sd_jwt_vc(choose(whole, [("title",), ("grade",)]), signer).claims
    assert part.keys() == FRAME | {"title", "grade"}


def test_the_binding_is_the_one_of_the_proof(school: School) -> None:
    token, names = offered(school)
    key = SoftwareSigner.generate("P-256")
    named = ask(school, token, names[0], key, "kid").json["credentials"][0]["credential"]
    assert peek_sd_jwt_vc(parse_sd_jwt(named))["cnf"] == {"kid": key.verification_method}
    held = ask(school, token, names[1], key, "jwk").json["credentials"][0]["credential"]
    assert peek_sd_jwt_vc(parse_sd_jwt(held))["cnf"] == {"jwk": key.public_key.to_jwk()}


def test_a_second_key_is_refused(school: School) -> None:
    token, names = offered(school)
    key = SoftwareSigner.generate("Ed25519")
    first, again = ask(school, token, names[0], key), ask(school, token, names[0], key)
    assert first.json["credentials"] == again.json["credentials"]
    other = ask(school, token, names[0], SoftwareSigner.generate("Ed25519"))
    assert (other.status_code, other.json["error"]) == (400, "credential_request_denied")


@pytest.mark.spec("draft-ietf-oauth-status-list-12", "#section-8.1")
def test_taking_a_course_back_stands_in_both_lists_at_one_place(school: School) -> None:
    token, names = offered(school)
    answer = ask(school, token, names[3], SoftwareSigner.generate("P-256"))
    claims = peek_sd_jwt_vc(parse_sd_jwt(answer.json["credentials"][0]["credential"]))
    place = claims["status"]["status_list"]
    key = public_key_from_jwk(get(school, "/.well-known/jwt-vc-issuer").json["jwks"]["keys"][0])

    def status() -> int:
        served = get(school, place["uri"].removeprefix(ORIGIN))
        assert served.headers["Content-Type"] == "application/statuslist+jwt"
        listed = decode_list(verify_status_list(served.text, key, url=place["uri"])["status_list"])
        assert len(listed.packed) * 8 == MINIMUM_ENTRIES
        return listed.status(place["idx"])

    assert status() == 0
    with school.services.office.store.reading() as unit:
        person = school.services.students.find(STUDENT_NUMBER)
        course = next(each for each in unit.credentials_of(person.id) if each.list_index == place["idx"])
    assert course.title == claims["title"] and course.kind == "course"
    school.services.revoking.revoke(course.id, "operator", "wrong grade")
    assert status() == 1
    late = ask(school, token, names[3], SoftwareSigner.generate("P-256"))
    assert (late.status_code, late.json["error"]) == (400, "credential_request_denied")
    missing = school.family.client.get("/token-status/99")
    assert (missing.status_code, missing.json["error"]) == (404, "not_found")


def test_the_usual_set_is_neither_ended_nor_taken_for_collected(school: School) -> None:
    usual = school.offer()
    token, names = offered(school)
    for name in names[:2]:
        assert ask(school, token, name, SoftwareSigner.generate("Ed25519")).status_code == 200
    assert school.read(usual).credential_configuration_ids == ("transcript", "course")
    assert len(school.offer().claim.items) == 25


def test_the_command_offers_this_form_when_it_is_asked_for(school: School) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, [*arguments, "--data", str(school.config.data)],
                                  obj=Ports(school.world.clock, school.world.web))

    made = json.loads(run("offer", "--student", STUDENT_NUMBER, "--credential", COURSE, "--json").stdout)
    assert {record["kind"] for record in made["records"]} == {COURSE} and len(made["records"]) == 24
    assert v1_0.parse_offer(get(school, made["credential_offer_uri"].removeprefix(ORIGIN)).data
                            ).credential_configuration_ids == (COURSE,)
    assert run("offer", "--student", STUDENT_NUMBER, "--credential", "badge-sd-jwt").exit_code != 0
