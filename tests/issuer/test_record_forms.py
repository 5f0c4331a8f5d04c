"""A course or badge in every other form: what is said of it, how it is given out, that it holds, and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from credkit.encoding import base64url_encode, dump_json
from credkit.environment import SystemRandomness
from credkit.errors import UnsupportedError
from credkit.formats import jwt_vc
from credkit.jose import peek_header
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.profiles.unlinkable import is_unlinkable
from credkit.proofs import derive
from credkit.protocols.oid4vci import v1_0
from credkit.verification import Policy, Report, verify_credential
from demo.export import STUDENT_NUMBER
from issuer.services import metadata, record_forms
from issuer.services.awarding import BadgeWords
from issuer.services.profiles import OPEN
from issuer.services.record_forms import FORMS
from tests.issuer.conftest import ORIGIN, School

DID = "did:web:school.example"
BOUND = [name for name, form in FORMS.items() if form.is_bound and form.way != "sd-jwt"]


@pytest.fixture
def office(school: School) -> School:
    """The school, whose student has a badge too."""
    words = BadgeWords("Fractions Coach", "Explains fractions.", "Led ten help sessions.")
    school.services.awarding.award(STUDENT_NUMBER, words, "operator", narrative="Patient and clear.")
    return school


def offered(school: School, configuration: str) -> tuple[str, str]:
    """An access token and the identifier of the first record in this form."""
    person = school.services.students.find(STUDENT_NUMBER)
    made = school.services.offers.offer_form(person.id, configuration, "operator")
    token = v1_0.parse_token_response(school.family.token(school.read(made), made.tx_code).data)
    return token.access_token, token.authorization_details[0].credential_identifiers[0]


def ask(school: School, token: str, identifier: str, *keys: SoftwareSigner, binding: Any = "kid") -> Any:
    nonce, now = school.family.nonce(), school.world.clock.now()
    proofs = [v1_0.build_key_proof(key, audience=ORIGIN, nonce=nonce, now=now, binding=binding) for key in keys]
    return school.family.ask(token, {"credential_identifier": identifier, "proofs": {"jwt": proofs}})


def received(school: School, configuration: str, key: SoftwareSigner) -> Any:
    token, identifier = offered(school, configuration)
    answer = ask(school, token, identifier, key)
    assert answer.status_code == 200, answer.text
    return answer.json["credentials"][0]["credential"]


def checked(school: School, secured: Any) -> Report:
    """The report on a record, of a base proof on all that can be derived from it."""
    if isinstance(secured, dict) and FORMS_OF[secured["proof"]["cryptosuite"]]:
        secured = derive(secured, ("/credentialSubject",), school.world.processor, SystemRandomness())
    return verify_credential(secured, Policy(), school.world.environment())


FORMS_OF = {"eddsa-rdfc-2022": False, "bbs-2023": True}


def subject_of(secured: Any) -> JSONObject:
    document = jwt_vc.peek_token(secured).document if isinstance(secured, str) else secured
    subject: JSONObject = document["credentialSubject"]
    return subject


@pytest.mark.spec("OID4VCI-1.0", "#appendix-A")
def test_the_metadata_name_every_form_with_what_its_format_needs(school: School) -> None:
    told = school.family.client.get("/.well-known/openid-credential-issuer").json
    assert told["batch_credential_issuance"] == {"batch_size": OPEN.batch_size}
    known = told["credential_configurations_supported"]
    for name, form in FORMS.items():
        entry = known[name]
        assert (entry["format"], entry["scope"]) == (form.format, name)
        assert entry["credential_signing_alg_values_supported"] == [form.algorithm]
        assert ("cryptographic_binding_methods_supported" in entry) == ("proof_types_supported" in entry)
        assert ("proof_types_supported" in entry) == form.is_bound
        assert ("vct" in entry) == (form.way == "sd-jwt") == ("credential_definition" not in entry)
        assert ("@context" in entry.get("credential_definition", {})) == (form.format == "ldp_vc")
    bindings = {entry["format"]: entry["cryptographic_binding_methods_supported"] for name, entry in known.items()
                if name != "badge-unlinkable"}
    assert bindings == {"ldp_vc": ["did:key", "did:jwk"], "jwt_vc_json": ["did:key", "did:jwk"], "dc+sd-jwt": ["jwk"]}
    taken = known["badge"]["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"]
    assert taken == ["EdDSA", "ES256", "Ed25519Signature2018", "Ed25519Signature2020"]


@pytest.mark.parametrize("configuration", BOUND)
@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_each_form_holds_is_bound_to_its_holder_and_is_taken_back_with_the_record(
        office: School, configuration: str, kind: str) -> None:
    key = SoftwareSigner.generate(kind)
    secured = received(office, configuration, key)
    assert subject_of(secured)["id"] == key.verification_method.partition("#")[0]
    report = checked(office, secured)
    assert report.verified, [check for check in report.checks if check.problem]
    record = next(each for each in office.services.students.view(
        office.services.students.find(STUDENT_NUMBER).id).credentials if each.kind == FORMS[configuration].record)
    office.services.revoking.revoke(record.id, "operator", "a mistake")
    office.world.clock.advance(hours=2)
    assert not checked(office, secured).verified


@pytest.mark.spec("OID4VCI-1.0", "#appendix-A.1.1")
def test_a_jwt_holds_the_older_data_model_under_the_office_s_own_key(office: School) -> None:
    key = SoftwareSigner.generate("P-256")
    secured = received(office, "badge-jwt", key)
    assert peek_header(secured) == {"alg": "ES256", "typ": "JWT", "kid": f"{DID}#p256"}
    token = jwt_vc.verify_token(secured, office.services.office.keys.selective.public_key)
    assert {"iss", "sub", "jti", "nbf", "vc"} == token.claims.keys() | {"vc"}
    assert token.document["@context"][0] == "https://www.w3.org/2018/credentials/v1"
    assert token.claims["sub"] == token.document["credentialSubject"]["id"]


def test_a_badge_that_cannot_be_linked_asks_for_no_key_and_shows_nothing_of_the_learner(office: School) -> None:
    token, identifier = offered(office, "badge-unlinkable")
    answer = office.family.ask(token, {"credential_identifier": identifier})
    assert answer.status_code == 200, answer.text
    base = answer.json["credentials"][0]["credential"]
    again = office.family.ask(token, {"credential_identifier": identifier})
    assert again.json["credentials"][0]["credential"] == base
    assert not {"id", "credentialStatus"} & base.keys() and not {"id", "identifier"} & base["credentialSubject"].keys()
    shown = derive(base, ("/credentialSubject/achievement",), office.world.processor, SystemRandomness())
    assert is_unlinkable(shown, office.world.processor)
    assert verify_credential(shown, Policy(), office.world.environment()).verified


@pytest.mark.spec("OID4VCI-1.0", "#credential-response")
def test_a_batch_brings_one_copy_for_each_key_and_the_same_again(office: School) -> None:
    token, identifier = offered(office, "badge-eddsa")
    keys = [SoftwareSigner.generate(kind) for kind in ("Ed25519", "P-256", "Ed25519")]
    answer = ask(office, token, identifier, *keys)
    copies = [each["credential"] for each in answer.json["credentials"]]
    assert [copy["credentialSubject"]["id"] for copy in copies] == [
        key.verification_method.partition("#")[0] for key in keys]
    assert len({copy["id"] for copy in copies}) == 1
    assert ask(office, token, identifier, *keys).json["credentials"] == answer.json["credentials"]
    for others in (keys[:2], [*keys[:2], SoftwareSigner.generate("P-256")]):
        refused = ask(office, token, identifier, *others)
        assert (refused.status_code, refused.json["error"]) == (400, "credential_request_denied")


@pytest.mark.parametrize("configuration", ["badge-eddsa", "badge-jwt"])
def test_a_key_named_as_a_jwk_or_by_a_did_jwk_is_the_holder_s_too(office: School, configuration: str) -> None:
    for kind in ("Ed25519", "P-256"):
        key = SoftwareSigner.generate(kind)
        did = "did:jwk:" + base64url_encode(dump_json(key.public_key.to_jwk()))
        named = SoftwareSigner.from_secret(kind, key.secret, f"{did}#0")
        for holder, binding, expected in ((key, "jwk", key.verification_method.partition("#")[0]), (named, "kid", did)):
            token, identifier = offered(office, configuration)
            answer = ask(office, token, identifier, holder, binding=binding)
            assert subject_of(answer.json["credentials"][0]["credential"])["id"] == expected


def test_two_proofs_of_one_key_and_too_many_keys_are_refused(office: School) -> None:
    token, identifier = offered(office, "badge-eddsa")
    key = SoftwareSigner.generate("Ed25519")
    for keys in ((key, key), (key,) * (OPEN.batch_size + 1)):
        answer = ask(office, token, identifier, *keys)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_proof")


def test_an_office_without_bbs_offers_no_form_that_needs_it(office: School) -> None:
    plain = replace(office.services.office, keys=replace(office.services.office.keys, bbs=None))
    assert {name for name in FORMS if name not in metadata.configurations(plain)} == {
        "course-bbs", "badge-bbs", "badge-unlinkable"}
    with office.services.office.store.reading() as unit:
        badge = next(each for each in unit.credentials_of(office.services.students.find(STUDENT_NUMBER).id)
                     if each.kind == "badge")
    with pytest.raises(UnsupportedError):
        record_forms.issue(plain, "badge-unlinkable", badge, None, office.world.clock.now())
