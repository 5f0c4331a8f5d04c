"""Answers in every format and to every shape of query: what holds, what is refused, and what the page says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credkit.dids import build_did_document, did_jwk_of, web_document_url
from credkit.encoding import base64url_encode
from credkit.formats._sd_jwt import issue_sd_jwt
from credkit.formats.jwt_vc import sign_jwt_vc_json
from credkit.formats.sd_jwt_vc import bind_key, choose
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner, public_key_from_multibase
from credkit.ports import JSONObject
from credkit.proofs import BbsSigner, add_base_proof, add_proof, derive
from tests.support.certified import anchor, certified, key_identifier
from tests.support.world import Holder, OsRandomness
from tests.verifier.conftest import SHOWN, College, form_of, outcomes, parsed
from tests.verifier.test_sd_jwt import page_of
from verifier.bootstrap import build_services
from verifier.services.questions import open_question
from verifier.services.requests import Asked
from verifier.web import create_app

V1 = "https://www.w3.org/2018/credentials/v1"
VC = "https://www.w3.org/2018/credentials#VerifiableCredential"
BADGE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
FREE: JSONObject = {
    "@context": [V1], "type": ["VerifiableCredential", "LibraryCard"], "issuanceDate": "2026-01-01T00:00:00Z",
    "credentialSubject": {"given_name": "Lucía <b>", "card": {"number": "7-11", "active": True}}}


def ask(college: College, *credentials: JSONObject, **more: Any) -> tuple[Asked, JSONObject]:
    question = open_question("", today=college.world.clock.now().date())
    made = college.services.requests.ask(question, query={"credentials": list(credentials), **more})
    return made, college.opened(made)


def query(form: str, name: str = "a", **more: Any) -> JSONObject:
    return {"id": name, "format": form, "meta": {}, **more}


def jwt_vp(college: College, request: JSONObject, document: JSONObject = FREE, *, holder: SoftwareSigner | None = None,
           subject: str | None = None, **changes: Any) -> str:
    """A JWT presentation of VCDM 1.1 with one JWT credential in it."""
    signer = holder or SoftwareSigner.generate("P-256")
    did = did_jwk_of(signer.public_key)
    named = {**document["credentialSubject"], "id": subject or did}
    credential = sign_jwt_vc_json({**document, "issuer": college.school.did, "credentialSubject": named},
                                  college.school.p256)
    vp = {"@context": [V1], "type": ["VerifiablePresentation"], "verifiableCredential": [credential]}
    claims = {"iss": did, "aud": request["client_id"], "nonce": request["nonce"], "vp": vp, **changes}
    return sign_compact({name: value for name, value in claims.items() if value is not None}, signer, typ="JWT",
                        header={"kid": f"{did}#0"})


def send(college: College, request: JSONObject, token: JSONObject) -> Any:
    return college.post_form(request, form_of(vp_token=json.dumps(token), state=request["state"]))


def report_of(college: College, made: Asked) -> JSONObject:
    return college.report(made)


@pytest.mark.spec("OID4VP-1.0", "#jwt_vc")
def test_a_jwt_presentation_is_taken_and_its_words_are_told(college: College) -> None:
    made, request = ask(college, query("jwt_vc_json", meta={"type_values": [[VC, "LibraryCard"]]},
                                       claims=[{"path": ["credentialSubject", "given_name"]}]))
    assert request["client_metadata"]["vp_formats_supported"] == {"jwt_vc_json": {"alg_values": [
        "ES256", "ES384", "EdDSA"]}}
    assert send(college, request, {"a": [jwt_vp(college, request)]}).status_code == 200
    report = report_of(college, made)
    assert report["verified"] is True, json.dumps(report["members"], indent=1)
    page = page_of(college, made)
    for said in ("Library card", "given name", "Lucía &lt;b&gt;", "card · number", "7-11", "Lincoln High School"):
        assert said in page, said


@pytest.mark.parametrize("changes", [
    {"nonce": "other"}, {"nonce": None}, {"aud": "did:web:college.example"}, {"aud": None}, {"nonce": 1},
    {"aud": ["decentralized_identifier:did:web:college.example"]}, {"iss": "did:web:school.example"},
    {"subject": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}, {"vp": {}}, {"vp": []}, {"vp": None},
    {"exp": 1},
])
def test_a_jwt_presentation_for_another_request_or_of_another_holder_is_refused(
        college: College, changes: dict[str, Any]) -> None:
    made, request = ask(college, query("jwt_vc_json"))
    refused = send(college, request, {"a": [jwt_vp(college, request, **changes)]})
    assert (refused.status_code, parsed(refused)["error"]) == (400, "invalid_request")
    good = jwt_vp(college, request)
    head, body, _ = good.split(".")
    assert send(college, request, {"a": [f"{head}.{body}.{jwt_vp(college, request).split('.')[2]}"]}).status_code == 400
    assert send(college, request, {"a": [good]}).status_code == 200


def test_a_changed_record_in_a_good_jwt_presentation_does_not_hold(college: College) -> None:
    made, request = ask(college, query("jwt_vc_json"))
    signer = SoftwareSigner.generate("Ed25519")
    did = did_jwk_of(signer.public_key)
    document = {**FREE, "issuer": college.school.did, "credentialSubject": {"id": did}}
    good, other = (sign_jwt_vc_json({**document, "id": f"urn:uuid:{n}"}, college.school.p256) for n in (1, 2))
    forged = ".".join((*good.split(".")[:2], other.split(".")[2]))
    vp = {"@context": [V1], "type": ["VerifiablePresentation"], "verifiableCredential": [forged]}
    token = jwt_vp(college, request, holder=signer, vp=vp)
    assert send(college, request, {"a": [token]}).status_code == 200
    assert report_of(college, made)["outcome"] == "failed"


def test_what_a_family_asks_of_a_badge_holds_with_every_suite(college: College) -> None:
    holder, school, world = Holder(college.world), college.school, college.world
    course = school.course(subject_id=holder.did)
    bls = BbsSigner.generate(OsRandomness(), verification_method=school.did + "#bls")
    keys = {"ed25519": school.ed25519.public_key, "p256": school.p256.public_key,
            "bls": public_key_from_multibase(bls.public_key_multibase)}
    methods = [(name, key, ("assertionMethod",)) for name, key in keys.items()]
    world.web.serve_json(web_document_url(school.did, allow_loopback=False), build_did_document(school.did, methods))
    base = add_base_proof(course, suite="bbs-2023", signer=bls, processor=world.processor, created=world.clock.now(),
                          randomness=OsRandomness(), mandatory_pointers=("/issuer", "/credentialStatus"))
    records = {
        "bbs-2023": derive(base, SHOWN, world.processor, OsRandomness()),
        "ecdsa-sd-2023": derive(school.sign_base(course), SHOWN, world.processor, OsRandomness()),
        **{suite: school.sign(course, suite) for suite in ("eddsa-rdfc-2022", "ecdsa-rdfc-2019", "eddsa-jcs-2022")},
    }
    for suite, record in records.items():
        made, request = ask(college, query("ldp_vc", meta={"type_values": [[BADGE]]}, claims=[
            {"path": ["credentialSubject", "achievement", "name"], "values": ["Algebra I"]}]))
        assert suite in request["client_metadata"]["vp_formats_supported"]["ldp_vc"]["cryptosuite_values"]
        presentation = holder.present(record, challenge=request["nonce"], domain=request["client_id"])
        assert send(college, request, {"a": [presentation]}).status_code == 200, suite
        assert report_of(college, made)["verified"] is True, (suite, report_of(college, made))


def sd_jwt(college: College, request: JSONObject | None, claims: JSONObject, *, shown: list[str] | None = None,
           header: JSONObject | None = None, typ: str = "dc+sd-jwt") -> str:
    holder, now = SoftwareSigner.generate("P-256"), college.world.clock.now()
    said = {"iss": college.school.did, "vct": "urn:any:card", "cnf": {"jwk": holder.public_key.to_jwk()}, **claims}
    whole = issue_sd_jwt(said, [(name,) for name in claims], college.school.p256, typ=typ, randomness=OsRandomness(),
                         header={"kid": college.school.p256.verification_method, **(header or {})})
    part = choose(whole, [(name,) for name in (claims if shown is None else shown)])
    if request is None:
        return str(part)
    return str(bind_key(part, holder, nonce=request["nonce"], audience=request["client_id"], now=now))


CARD: JSONObject = {"name": "Ana", "zip": "84101", "year": 2026, "member": True, "tags": ["a", "b"],
                    "list": [{"n": 1}, {"n": 2}]}


@pytest.mark.spec("OID4VP-1.0", "#dcql_query")
@pytest.mark.parametrize(("claims", "shown", "holds"), [
    ([{"path": ["name"]}], ["name"], True),
    ([{"path": ["name"]}], ["zip"], False),
    ([{"path": ["zip"], "values": ["1", "84101"]}], ["zip"], True),
    ([{"path": ["zip"], "values": ["1"]}], ["zip"], False),
    ([{"path": ["year"], "values": [2026]}], ["year"], True),
    ([{"path": ["year"], "values": ["2026"]}], ["year"], False),
    ([{"path": ["member"], "values": [True]}], ["member"], True),
    ([{"path": ["member"], "values": [1]}], ["member"], False),
    ([{"path": ["tags", None], "values": ["b"]}], ["tags"], True),
    ([{"path": ["list", None, "n"]}], ["list"], True),
    ([{"path": ["list", 1, "n"], "values": [2]}], ["list"], True),
    ([{"path": ["list", "n"]}], ["list"], False),
    ([{"path": ["tags", 0, "n"]}], ["tags"], False),
])
def test_claims_are_checked_by_path_and_value(college: College, claims: list[JSONObject], shown: list[str],
                                              holds: bool) -> None:
    made, request = ask(college, query("dc+sd-jwt", claims=claims))
    assert send(college, request, {"a": [sd_jwt(college, request, CARD, shown=shown)]}).status_code == 200
    report = report_of(college, made)
    assert (outcomes(report)["query"], report["verified"]) == (("passed", True) if holds else ("failed", False))


@pytest.mark.parametrize(("shown", "holds"), [
    (["name", "zip"], True), (["year"], True), (["name"], False), (["zip"], False), ([], False)])
def test_one_of_the_sets_of_claims_is_enough(college: College, shown: list[str], holds: bool) -> None:
    made, request = ask(college, query("dc+sd-jwt", claim_sets=[["n", "z"], ["y"]], claims=[
        {"id": "n", "path": ["name"]}, {"id": "z", "path": ["zip"]}, {"id": "y", "path": ["year"]}]))
    assert send(college, request, {"a": [sd_jwt(college, request, CARD, shown=shown)]}).status_code == 200
    assert report_of(college, made)["verified"] is holds


SETS = {"credential_sets": [{"options": [["a", "b"], ["c"]]}, {"options": [["d"]], "required": False}]}


@pytest.mark.parametrize(("answered", "holds"), [
    ("ab", True), ("c", True), ("cd", True), ("abd", True), ("abc", True), ("a", False), ("b", False), ("d", False),
    ("bd", False)])
def test_one_option_of_each_required_set_must_be_there(college: College, answered: str, holds: bool) -> None:
    made, request = ask(college, *(query("dc+sd-jwt", name) for name in "abcd"), **SETS)
    token = {name: [sd_jwt(college, request, {"title": "x", "student_name": "Ana"})] for name in answered}
    assert send(college, request, token).status_code == 200
    report = report_of(college, made)
    assert outcomes(report)["query"] == ("passed" if holds else "failed") and report["verified"] is holds


def test_nothing_may_be_sent_where_everything_may_be_left_out(college: College) -> None:
    optional = {"credential_sets": [{"options": [["a"]], "required": False}]}
    made, request = ask(college, query("dc+sd-jwt"), **optional)
    assert send(college, request, {}).status_code == 200
    report = report_of(college, made)
    assert (outcomes(report)["query"], report["outcome"]) == ("passed", "indeterminate")
    _, request = ask(college, query("dc+sd-jwt"))
    assert send(college, request, {}).status_code == 400


@pytest.mark.parametrize(("multiple", "number", "outcome"), [(False, 1, "passed"), (False, 2, "failed"),
                                                             (True, 1, "passed"), (True, 3, "passed")])
def test_several_records_come_only_where_several_were_asked_for(
        college: College, multiple: bool, number: int, outcome: str) -> None:
    made, request = ask(college, query("dc+sd-jwt", multiple=multiple))
    assert send(college, request, {"a": [sd_jwt(college, request, CARD) for _ in range(number)]}).status_code == 200
    assert outcomes(report_of(college, made))["query"] == outcome


def test_records_that_name_nobody_hold_where_no_name_was_asked_for_and_two_names_do_not(college: College) -> None:
    made, request = ask(college, query("dc+sd-jwt"), query("dc+sd-jwt", "b"))
    token = {name: [sd_jwt(college, request, {"zip": "84101"})] for name in "ab"}
    assert send(college, request, token).status_code == 200
    report = report_of(college, made)
    assert (outcomes(report)["same-person"], report["verified"]) == ("indeterminate", True)
    made, request = ask(college, query("dc+sd-jwt"), query("dc+sd-jwt", "b"))
    names = {"a": "Ana", "b": "Luis"}
    token = {name: [sd_jwt(college, request, {"student_name": names[name]})] for name in "ab"}
    assert send(college, request, token).status_code == 200
    assert report_of(college, made)["outcome"] == "indeterminate"


@pytest.mark.spec("OID4VP-1.0", "#credential_query")
def test_records_without_a_holder_are_taken_where_none_is_asked_for(college: College) -> None:
    free: JSONObject = {"require_cryptographic_holder_binding": False}
    document = {**FREE, "issuer": college.school.did}
    bare = {"dc+sd-jwt": sd_jwt(college, None, CARD), "ldp_vc": college.school.sign(college.school.course()),
            "jwt_vc_json": sign_jwt_vc_json(document, college.school.p256)}
    for form, record in bare.items():
        made, request = ask(college, query(form, **free))
        assert request["state"] and send(college, request, {"a": [record]}).status_code == 200, form
        assert report_of(college, made)["verified"] is True, (form, report_of(college, made))
        _, bound = ask(college, query(form))
        assert send(college, bound, {"a": [record]}).status_code == 400, form
    made, request = ask(college, query("dc+sd-jwt", **free))
    other = {**request, "nonce": "another"}
    assert send(college, request, {"a": [sd_jwt(college, other, CARD)]}).status_code == 400
    assert send(college, {**request, "state": "x"}, {"a": [bare["dc+sd-jwt"]]}).status_code == 400
    assert send(college, request, {"a": [sd_jwt(college, request, CARD)]}).status_code == 200


def test_a_record_without_a_holder_that_was_changed_does_not_hold(college: College) -> None:
    made, request = ask(college, query("ldp_vc", require_cryptographic_holder_binding=False))
    record = college.school.sign(college.school.course())
    changed = {**record, "name": "Physics"}
    assert send(college, request, {"a": [changed]}).status_code == 200
    assert report_of(college, made)["outcome"] == "failed"


AKI = base64url_encode(key_identifier())


@pytest.mark.parametrize(("authorities", "with_chain", "on_list", "outcome"), [
    ([{"type": "aki", "values": [AKI]}], True, True, "passed"),
    ([{"type": "aki", "values": ["other"]}], True, True, "failed"),
    ([{"type": "aki", "values": [AKI]}], True, False, "failed"),
    ([{"type": "aki", "values": [AKI]}], False, True, "passed"),
    ([{"type": "etsi_tl", "values": ["https://l.example"]}], False, True, "passed"),
    ([{"type": "etsi_tl", "values": ["https://l.example"]}], False, False, "failed"),
    ([{"type": "etsi_tl", "values": ["https://l.example"]}], False, None, "indeterminate"),
])
def test_who_must_have_signed_is_told_by_our_list_and_not_against_the_certificates(
        college: College, authorities: list[JSONObject], with_chain: bool, on_list: bool | None, outcome: str) -> None:
    if not on_list:
        college.services.trust.remove(college.school.did)
    if on_list is False:
        college.services.trust.add("did:web:other.example", "Other")
    made, request = ask(college, query("dc+sd-jwt", trusted_authorities=authorities))
    assert request["dcql_query"]["credentials"][0]["trusted_authorities"] == authorities
    header = {"x5c": [certified("school.example").x5c]} if with_chain else {}
    assert send(college, request, {"a": [sd_jwt(college, request, CARD, header=header)]}).status_code == 200
    assert outcomes(report_of(college, made))["query"] == outcome


@pytest.mark.parametrize("form", ["dc+sd-jwt", "ldp_vc", "jwt_vc_json"])
def test_one_format_never_answers_for_another(college: College, form: str) -> None:
    _, request = ask(college, query(form))
    sent = {"dc+sd-jwt": sd_jwt(college, request, CARD), "jwt_vc_json": jwt_vp(college, request),
            "ldp_vc": college.presented(request)}
    for other, presentation in sent.items():
        if other != form:
            assert send(college, request, {"a": [presentation]}).status_code == 400, other


def test_a_page_tells_any_kind_of_record_in_its_own_words(college: College) -> None:
    made, request = ask(college, query("dc+sd-jwt"))
    send(college, request, {"a": [sd_jwt(college, request, {"Öffnung": "08:00", "mañana": ["x", 2]})]})
    page = page_of(college, made)
    assert "Öffnung" in page and "mañana" in page and "cnf" not in page
    assert "Card" in page


def old_presentation(college: College, request: JSONObject) -> JSONObject:
    """A presentation with the proof that wallets of the older family make."""
    holder = Holder(college.world)
    document = {"@context": ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/security/suites/ed25519-2020/v1"],
                "type": ["VerifiablePresentation"], "holder": holder.did,
                "verifiableCredential": [college.course(holder)]}
    return add_proof(document, suite="Ed25519Signature2020", signer=holder.signer, processor=college.world.processor,
                     created=college.world.clock.now(), purpose="authentication", challenge=request["nonce"],
                     domain=request["client_id"])


def departures(college: College, request: JSONObject) -> dict[str, tuple[str, JSONObject]]:
    """Part of what the log says of each departure, and the answer that departs."""
    old = sd_jwt(college, request, CARD, typ="vc+sd-jwt")
    return {
        "outside an array": ("dc+sd-jwt", {"a": sd_jwt(college, request, CARD)}),
        "vc+sd-jwt": ("dc+sd-jwt", {"a": [old]}),
        "Ed25519Signature2020": ("ldp_vc", {"a": [old_presentation(college, request)]}),
    }


@pytest.mark.parametrize("named", ["outside an array", "vc+sd-jwt", "Ed25519Signature2020"])
@pytest.mark.parametrize("strict", [False, True])
def test_departures_of_older_drafts_are_taken_and_logged_by_name_and_refused_in_strict_mode(
        college: College, caplog: pytest.LogCaptureFixture, named: str, strict: bool) -> None:
    if strict:
        college.services = build_services(replace(college.services.config, strict=True), clock=college.world.clock,
                                          fetcher=college.world.web)
        college.app = create_app(college.services)
    form = "ldp_vc" if named == "Ed25519Signature2020" else "dc+sd-jwt"
    made, request = ask(college, query(form))
    proof_types = request["client_metadata"]["vp_formats_supported"].get("ldp_vc", {}).get("proof_type_values", [])
    assert ("Ed25519Signature2020" in proof_types) is (form == "ldp_vc" and not strict)
    _, token = departures(college, request)[named]
    sent = send(college, request, token)
    if strict:
        assert (sent.status_code, parsed(sent)["error"]) == (400, "invalid_request") and not caplog.records
        assert college.services.requests.find(made.id).result_id is None
    else:
        assert sent.status_code == 200, sent.text
        assert report_of(college, made)["verified"] is True
        (entry,) = caplog.records
        assert entry.name == "backpack.verifier.compat" and named in entry.getMessage()


def test_a_departure_softens_neither_nonce_nor_audience_nor_query(college: College) -> None:
    for name, value in (("nonce", "another"), ("client_id", "did:web:college.example")):
        _, request = ask(college, query("dc+sd-jwt"))
        assert send(college, request, {"a": sd_jwt(college, {**request, name: value}, CARD)}).status_code == 400
        _, request = ask(college, query("ldp_vc"))
        assert send(college, request, {"a": [old_presentation(college, {**request, name: value})]}).status_code == 400
    made, request = ask(college, query("dc+sd-jwt", claims=[{"path": ["name"]}]))
    send(college, request, {"a": sd_jwt(college, request, CARD, shown=["zip"])})
    assert report_of(college, made)["outcome"] == "failed"


@pytest.mark.parametrize(("anchors", "issuer", "outcome"), [
    (True, "https://records.example", "passed"), (True, None, "passed"),
    (True, "https://evil.example", "failed"), (False, "https://records.example", "indeterminate")])
def test_a_signer_that_a_certificate_names_is_known_where_somebody_trusted_vouches_for_it(
        college: College, tmp_path: Path, anchors: bool, issuer: str | None, outcome: str) -> None:
    if anchors:
        (tmp_path / "anchors.pem").write_bytes(anchor().pem)
        config = replace(college.services.config, anchors_file=str(tmp_path / "anchors.pem"))
        college.services = build_services(config, clock=college.world.clock, fetcher=college.world.web)
        college.app = create_app(college.services)
    for listed in college.services.trust.listed().issuers:
        college.services.trust.remove(listed.did)
    made, request = ask(college, query("dc+sd-jwt", trusted_authorities=[
        {"type": "aki", "values": [base64url_encode(key_identifier())]}]))
    certificate, holder = certified("records.example"), SoftwareSigner.generate("P-256")
    claims = {"iss": issuer, "vct": "urn:any:card", "cnf": {"jwk": holder.public_key.to_jwk()}, **CARD}
    whole = issue_sd_jwt({name: value for name, value in claims.items() if value is not None}, [("name",)],
                         certificate.signer, typ="dc+sd-jwt", randomness=OsRandomness(),
                         header={"x5c": [certificate.x5c]})
    token = str(bind_key(choose(whole, []), holder, nonce=request["nonce"], audience=request["client_id"],
                         now=college.world.clock.now()))
    assert send(college, request, {"a": [token]}).status_code == 200
    (record,) = report_of(college, made)["members"]
    assert outcomes(record)["issuer-binding"] == outcome
    assert report_of(college, made)["outcome"] == outcome
