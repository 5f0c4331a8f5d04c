"""The conformance profile: every suite issues and verifies, and everything malformed is refused on both sides.

The rows follow what the public suites send (VC-DATA-MODEL-2.0, VC-API); the suites themselves are run from outside.
"""

from __future__ import annotations

import hashlib
import json
import ssl
import subprocess
import sys
import urllib.request
from base64 import b64encode
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import contexts
from credkit.encoding import base64url_encode
from credkit.errors import CredkitError
from credkit.formats.jwt_vc import sign_jwt_vc_json, sign_vp_jwt
from credkit.jose import sign_compact
from credkit.proofs import add_proof
from demo.conformance.app import create_app
from demo.conformance.issuing import Issuers
from demo.conformance.profile import CITIZENSHIP_V4RC1, EXAMPLES_V2, Keys, build_environment
from demo.conformance.resolution import PROFILE, resolve
from tests.support.shared import ROOT, read_json

V1, V2 = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"
KEYS = Keys()
DIDS = KEYS.dids()
KEY_OF = {
    "vc2": "ed25519", "vc-api": "ed25519", "eddsa-rdfc-2022": "ed25519", "eddsa-jcs-2022": "ed25519",
    "ecdsa-rdfc-2019-p256": "p256", "ecdsa-rdfc-2019-p384": "p384", "ecdsa-jcs-2019-p256": "p256",
    "ecdsa-jcs-2019-p384": "p384", "ecdsa-sd-2023": "p256", "bbs-2023": "bls", "ed25519signature2020": "ed25519",
}
SELECTIVE = ("ecdsa-sd-2023", "bbs-2023")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    environment = build_environment(None)
    issuers = Issuers(KEYS, environment, lambda: "https://localhost:1/status/1")
    app = create_app(issuers, environment, partial(resolve, environment.resolver))
    return app.test_client()


def credential(did: str, **changes: Any) -> dict[str, Any]:
    document = {"@context": [V2, EXAMPLES_V2], "type": ["VerifiableCredential"], "issuer": did,
                "credentialSubject": {"id": "did:example:subject"}, **changes}
    return {name: value for name, value in document.items() if value is not ...}


def older(did: str) -> dict[str, Any]:
    return {"@context": [V1], "type": ["VerifiableCredential"], "issuer": did, "issuanceDate": "2020-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:subject"}}


def issue(client: FlaskClient, slug: str, document: Any) -> Any:
    return client.post(f"/issuers/{slug}/credentials/issue", json={"credential": document})


def verify(client: FlaskClient, document: Any, **options: Any) -> Any:
    return client.post("/verifiers/vc2/credentials/verify", json={"verifiableCredential": document, "options": options})


def issued(client: FlaskClient, slug: str = "vc2", document: Any = None) -> dict[str, Any]:
    answer = issue(client, slug, document or credential(DIDS[KEY_OF[slug]]))
    assert answer.status_code == 201, answer.data
    return dict(json.loads(answer.data))


@pytest.mark.parametrize("slug", KEY_OF)
@pytest.mark.parametrize("make", [credential, older])
def test_every_slug_issues_what_the_verifier_verifies(client: FlaskClient, slug: str, make: Any) -> None:
    document = make(DIDS[KEY_OF[slug]])
    signed = issued(client, slug, document)
    proof = signed.pop("proof")
    contexts = signed.pop("@context")
    assert contexts[: len(document["@context"])] == document.pop("@context") and signed == document
    assert proof["proofPurpose"] == "assertionMethod"
    signed = {"@context": contexts, **signed, "proof": proof}
    if slug in SELECTIVE:
        assert verify(client, signed).status_code == 400, "a base proof is never shown"
        answer = client.post(f"/holders/{slug}/credentials/derive", json={
            "verifiableCredential": signed, "options": {"selectivePointers": ["/credentialSubject"]}})
        assert answer.status_code == 201
        signed = json.loads(answer.data)["verifiableCredential"]
    answer = verify(client, signed)
    assert (answer.status_code, answer.json["verified"]) == (200, True), answer.json
    forged = {**signed, "credentialSubject": {"id": "did:example:thief"}}
    assert verify(client, forged).status_code == 400


SHAPES: dict[str, dict[str, Any]] = {
    "no context": {"@context": ...}, "context a text": {"@context": V2}, "wrong order": {"@context": [EXAMPLES_V2, V2]},
    "context a number": {"@context": [V2, 7]}, "unknown context": {"@context": [V2, "https://unknown.example/v1"]},
    "protected term again": {"@context": [V2, {"VerifiableCredential": "https://other.example/"}]},
    "no type": {"type": ...}, "empty type": {"type": []}, "type no text": {"type": ["VerifiableCredential", 7]},
    "other type": {"type": ["Person"]}, "id null": {"id": None}, "id a list": {"id": ["urn:a:b"]},
    "id no URL": {"id": "not url"},
    "issuer null": {"issuer": None}, "issuer a bool": {"issuer": True}, "issuer a list": {"issuer": []},
    "issuer no URL": {"issuer": "no url"}, "issuer with id null": {"issuer": {"id": None}},
    "no issuer": {"issuer": ...},
    "no subject": {"credentialSubject": ...}, "subject null": {"credentialSubject": None},
    "subject text": {"credentialSubject": "x"},
    "subject empty": {"credentialSubject": {}}, "subjects empty": {"credentialSubject": []},
    "one subject empty": {"credentialSubject": [{"id": "did:example:a"}, {}]},
    "subject with a list": {"credentialSubject": {"id": []}},
    "name a number": {"name": 7}, "description an object": {"description": {"text": "x"}},
    "validFrom no date": {"validFrom": "tomorrow"}, "validFrom without zone": {"validFrom": "2020-01-01T00:00:00"},
    "ends before it begins": {"validFrom": "2021-01-01T00:00:00Z", "validUntil": "2020-01-01T00:00:00Z"},
    "status without type": {"credentialStatus": {"id": "https://a.example/1"}},
    "status with a bad id": {"credentialStatus": {"id": "no url", "type": "Some"}},
    "schema without id": {"credentialSchema": {"type": "JsonSchema"}},
    "refresh without type": {"refreshService": {"id": "urn:a:b"}},
    "terms without type": {"termsOfUse": {"id": "urn:a:b"}}, "evidence without type": {"evidence": {"id": "urn:a:b"}},
}

V2_BYTES = contexts.read(V2)
V2_SRI = "sha384-" + b64encode(hashlib.sha384(V2_BYTES).digest()).decode()
V2_MULTIBASE = "u" + base64url_encode(hashlib.sha256(V2_BYTES).digest())
WRONG_SRI = "sha384-" + b64encode(b"\x07" * 48).decode()
WRONG_MULTIBASE = "u" + base64url_encode(b"\x07" * 32)
SHAPES |= {f"resource {name}": {"relatedResource": value} for name, value in {
    "a text": "https://a.example/1", "of texts": ["https://a.example/1"], "without id": {"digestSRI": V2_SRI},
    "with a bad id": {"id": "no url", "digestSRI": V2_SRI}, "without digest": {"id": V2},
    "twice": [{"id": V2, "digestSRI": V2_SRI}, {"id": V2, "digestSRI": V2_SRI}],
    "with a wrong digestSRI": {"id": V2, "digestSRI": WRONG_SRI},
    "with a wrong digestMultibase": {"id": V2, "digestMultibase": WRONG_MULTIBASE},
    "with one of two wrong": {"id": V2, "digestSRI": V2_SRI, "digestMultibase": WRONG_MULTIBASE},
    "with a digest of another type": {"id": V2, "digestSRI": 7},
}.items()}


@pytest.mark.parametrize("name", SHAPES)
def test_what_has_no_proper_shape_is_refused_at_issue_and_verify(client: FlaskClient, name: str) -> None:
    changes = SHAPES[name]
    answer = issue(client, "vc2", credential(DIDS["ed25519"], **changes))
    assert answer.status_code in (400, 422) and answer.is_json, answer.json
    signed = issued(client)
    broken = {key: value for key, value in {**signed, **changes}.items() if value is not ...}
    assert verify(client, broken).status_code in (400, 422)


ACCEPTED: dict[str, dict[str, Any]] = {
    "inline context": {"@context": [V2, {"term": "https://terms.example/term"}], "term": "x"},
    "words of the examples": {"type": ["VerifiableCredential", "ExampleDegree"], "credentialSubject": {"degree": "BA"}},
    "issuer object": {"issuer": {"id": DIDS["ed25519"], "name": "School"}},
    "issuer without id": {"issuer": {"name": "School"}},
    "name with direction": {"name": {"@value": "ABC", "@language": "en", "@direction": "ltr"}},
    "names in two languages": {"name": [{"@value": "A", "@language": "en"}, {"@value": "B", "@language": "es"}]},
    "offset and fraction": {"validFrom": "2020-01-01T05:00:00.123+05:30"}, "two subjects": {
        "credentialSubject": [{"id": "did:example:a"}, {"id": "did:example:b"}]},
    "resource with digestSRI": {"relatedResource": {"id": V2, "digestSRI": V2_SRI}},
    "resource with both digests": {"relatedResource": [
        {"id": V2, "digestSRI": V2_SRI, "digestMultibase": V2_MULTIBASE, "mediaType": "application/ld+json"}]},
    "resource that nobody has": {"relatedResource": [{"id": "https://a.example/1", "digestMultibase": "uEiAj"}]},
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_unusual_and_sound_is_issued_and_verified(client: FlaskClient, name: str) -> None:
    signed = issued(client, "vc2", credential(DIDS["ed25519"], **ACCEPTED[name]))
    assert verify(client, signed).status_code == 200


@pytest.mark.parametrize("issuer", ["did:example:issuer", {"id": "https://school.example/", "name": "School"}])
def test_another_issuer_s_name_is_never_signed_and_the_slug_s_own_takes_its_place(
        client: FlaskClient, issuer: Any) -> None:
    signed = issued(client, "vc2", credential(DIDS["ed25519"], issuer=issuer))
    wanted = {**issuer, "id": DIDS["ed25519"]} if isinstance(issuer, dict) else DIDS["ed25519"]
    assert signed["issuer"] == wanted
    assert verify(client, signed).status_code == 200


PROOFS: dict[str, Any] = {
    "missing": ..., "text": "x", "null": None, "empty": [], "no type": {"type": ...},
    "no purpose": {"proofPurpose": ...},
    "no method": {"verificationMethod": ...}, "no value": {"proofValue": ...}, "value null": {"proofValue": None},
    "other type": {"type": "Unknown"}, "other suite": {"cryptosuite": "unknown-2022"},
    "other purpose": {"proofPurpose": "authentication"},
    "no multibase": {"proofValue": "3abc"}, "other base": {"proofValue": "uAAAA"}, "short": {"proofValue": "z3s"},
    "created no date": {"created": "yesterday"}, "expires no date": {"expires": "soon"},
    "previous": {"previousProof": "urn:uuid:none"},
}


@pytest.mark.parametrize("slug", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019-p256", "eddsa-jcs-2022", "ed25519signature2020"])
@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_that_is_none_is_refused(client: FlaskClient, slug: str, name: str) -> None:
    signed = issued(client, slug)
    changes = PROOFS[name]
    broken = deepcopy(signed)
    if isinstance(changes, dict):
        broken["proof"] = {key: value for key, value in {**broken["proof"], **changes}.items() if value is not ...}
    elif changes is ...:
        del broken["proof"]
    else:
        broken["proof"] = changes
    assert verify(client, broken).status_code in (400, 422)


def test_a_challenge_domain_or_purpose_of_another_request_is_refused(client: FlaskClient) -> None:
    signed = issued(client)
    assert verify(client, signed).status_code == 200
    assert verify(client, signed, expectedProofPurpose="assertionMethod").status_code == 200
    assert verify(client, signed, expectedProofPurpose="authentication").status_code == 400
    assert verify(client, signed, challenge="c").status_code == 400
    assert verify(client, signed, domain="d").status_code == 400


def test_an_enveloped_credential_is_issued_and_verified(client: FlaskClient) -> None:
    signed = issued(client, "enveloping", credential(DIDS["p256"]))
    assert (signed["@context"], signed["type"]) == (V2, "EnvelopedVerifiableCredential")
    assert signed["id"].startswith("data:application/vc+jwt,ey")
    assert verify(client, signed).status_code == 200
    for changes in ({"@context": []}, {"@context": EXAMPLES_V2}, {"id": signed["id"].partition(",")[2]},
                    {"type": "VerifiableCredential"}, {"id": signed["id"][:-5]}, {"type": ...}):
        broken = {name: value for name, value in {**signed, **changes}.items() if value is not ...}
        assert verify(client, broken).status_code == 400, changes
    older_one = issued(client, "enveloping", older(DIDS["p256"]))
    assert verify(client, older_one).status_code == 200


@pytest.mark.parametrize("name", ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"])
def test_published_sets_and_chains_hold_where_the_issuer_is_not_bound(client: FlaskClient, name: str) -> None:
    vector = read_json(ROOT / "tests" / "vectors" / "vc-di-eddsa-sets" / "proof-sets-and-chains.json")
    signed = {**vector["document"], "proof": vector["proofs"][name]}
    unbound = "/verifiers/unbound/credentials/verify"
    assert client.post(unbound, json={"verifiableCredential": signed}).status_code == 200
    assert verify(client, signed).status_code == 400
    for proof in (signed["proof"] if isinstance(signed["proof"], list) else [signed["proof"]]):
        proof["created"] = "2020-01-01T00:00:00Z"
        assert client.post(unbound, json={"verifiableCredential": signed}).status_code == 400


@pytest.mark.parametrize("name", ["ecdsa/ecdsa-jcs-2019-p384", "ecdsa/ecdsa-rdfc-2019-p256-employ",
                                  "ecdsa/ecdsa-sd-2023-prc", "ecdsa/ecdsa-sd-2023-employ", "bbs/prc", "bbs/windsurf",
                                  "eddsa/eddsa-rdfc-2022-employ"])
def test_published_vectors_hold_where_the_issuer_is_not_bound(client: FlaskClient, name: str) -> None:
    """But for their validity: two of them ended in 2025."""
    vector = read_json(ROOT / "tests" / "vectors" / f"vc-di-{name}.json")
    body = {"verifiableCredential": vector.get("derived") or vector["signed"]}

    def wrong(slug: str) -> set[str]:
        answer = json.loads(client.post(f"/verifiers/{slug}/credentials/verify", json=body).data)
        found = {check["id"]: check["outcome"] for check in answer["checks"]}
        assert found["proof"] == found["vocabulary"] == "passed"
        return {check for check, outcome in found.items() if outcome == "failed"} - {"validity"}

    assert (wrong("unbound"), wrong("vc2")) == (set(), {"issuer-binding"})


def test_a_resident_card_is_issued_in_the_words_of_its_own_context(client: FlaskClient) -> None:
    card = {"type": ["PermanentResident", "Person"], "givenName": "JANE", "birthDate": "1978-07-17",
            "permanentResidentCard": {"type": ["PermanentResidentCard"], "identifier": "83627465"}}
    document = credential(DIDS["bls"], type=["VerifiableCredential", "PermanentResidentCardCredential"],
                          credentialSubject=card, **{"@context": [V2, CITIZENSHIP_V4RC1]})
    asked = {"verifiableCredential": issued(client, "bbs-2023", document),
             "options": {"selectivePointers": ["/credentialSubject/givenName"]}}
    derived = json.loads(client.post("/holders/bbs-2023/credentials/derive", json=asked).data)["verifiableCredential"]
    assert derived["credentialSubject"] == {"type": card["type"], "givenName": "JANE"}
    assert verify(client, derived).status_code == 200


def presentation(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    document = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": [issued(client)],
                **changes}
    return add_proof({name: value for name, value in document.items() if value is not ...}, suite="eddsa-rdfc-2022",
                     signer=KEYS.ed25519, processor=build_environment(None).jsonld, purpose="authentication",
                     created=datetime.now(UTC), challenge="c", domain="d")


def verify_vp(client: FlaskClient, document: Any, **options: Any) -> Any:
    return client.post("/verifiers/vc2/presentations/verify", json={
        "verifiablePresentation": document, "options": options})


def test_a_presentation_holds_with_and_without_options(client: FlaskClient) -> None:
    for changes in ({}, {"verifiableCredential": ...}, {"verifiableCredential": []}, {"holder": DIDS["ed25519"]},
                    {"holder": {"id": DIDS["ed25519"]}},
                    {"id": "urn:uuid:1"}, {"type": ["VerifiablePresentation", "ExamplePresentation"],
                                           "@context": [V2, EXAMPLES_V2]},
                    {"verifiableCredential": [issued(client), issued(client, "ecdsa-rdfc-2019-p256")]},
                    {"verifiableCredential": [issued(client, "enveloping", credential(DIDS["p256"]))]}):
        signed = presentation(client, **changes)
        assert verify_vp(client, signed, checks=[]).status_code == 200, (changes, verify_vp(client, signed).json)
        assert verify_vp(client, signed, challenge="c", domain="d").status_code == 200
        assert verify_vp(client, signed, challenge="x", domain="d").status_code == 400
        assert verify_vp(client, signed, challenge="c", domain="x").status_code == 400


def test_a_presentation_that_is_none_is_refused(client: FlaskClient) -> None:
    wrong: list[dict[str, Any]] = [
        {"holder": "did:example:acme"}, {"holder": {"name": "x"}}, {"holder": "no url"}, {"id": "no url"},
        {"verifiableCredential": {}}, {"verifiableCredential": ["https://a.example/1"]},
        {"verifiableCredential": [{**issued(client), "issuer": "did:example:acme"}]}]
    for changes in wrong:
        try:
            signed = presentation(client, **changes)
        except CredkitError:  # not even signed
            signed = {**presentation(client), **changes}
        assert verify_vp(client, signed).status_code == 400, changes
    signed = presentation(client)
    missing: list[dict[str, Any]] = [
        {"@context": ...}, {"type": ...}, {"@context": [EXAMPLES_V2, V2]}, {"@context": V2},
        {"type": ["VerifiableCredential"]}, {"proof": ...}, {"proof": []}, {"proof": None}]
    for changes in missing:
        broken = {name: value for name, value in {**signed, **changes}.items() if value is not ...}
        assert verify_vp(client, broken).status_code == 400, changes
    for body in ({}, [], None, "text", 7):
        assert verify_vp(client, body).status_code == 400


def test_an_enveloped_presentation_of_either_version_is_verified(client: FlaskClient) -> None:
    inner = issued(client, "enveloping", credential(DIDS["p256"]))
    newer = sign_vp_jwt({"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": [inner]},
                        KEYS.p256, nonce="c", audience="d")
    vc = sign_jwt_vc_json(older(DIDS["p256"]), KEYS.p256)
    claims = {"iss": DIDS["p256"], "nonce": "c", "aud": "d", "vp": {
        "@context": [V1], "type": ["VerifiablePresentation"], "verifiableCredential": [vc]}}
    legacy = sign_compact(claims, KEYS.p256, typ="JWT", header={"kid": KEYS.p256.verification_method})
    for media, token in (("application/vp+jwt", newer), ("application/jwt", legacy)):
        document = {"@context": V2, "type": "EnvelopedVerifiablePresentation", "id": f"data:{media},{token}"}
        assert verify_vp(client, document).status_code == 200, verify_vp(client, document).json
        assert verify_vp(client, document, challenge="c", domain="d").status_code == 200
        assert verify_vp(client, document, challenge="x", domain="d").status_code == 400
        for changes in ({"@context": []}, {"@context": [EXAMPLES_V2]}, {"id": token}, {"id": document["id"][:-6]},
                        {"type": ["VerifiablePresentation"]}):
            assert verify_vp(client, {**document, **changes}).status_code == 400, changes
    wrapped = sign_compact({"vp": {"@context": [V2], "type": ["VerifiablePresentation"]}}, KEYS.p256, typ="vp+jwt",
                           header={"kid": KEYS.p256.verification_method})
    refused = {"@context": V2, "type": "EnvelopedVerifiablePresentation", "id": f"data:application/vp+jwt,{wrapped}"}
    assert verify_vp(client, refused).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"{", b'{"credential": []}', b"\xff",
b'{"credential": {"a": 1, "a": 2}}'])
@pytest.mark.parametrize("path", ["/issuers/vc2/credentials/issue", "/verifiers/vc2/credentials/verify",
"/issuers/none/credentials/issue",
                                  "/verifiers/vc2/presentations/verify", "/holders/bbs-2023/credentials/derive",
                                  "/nowhere"])
def test_what_is_no_request_is_told_in_json(client: FlaskClient, path: str, body: bytes) -> None:
    answer = client.post(path, data=body, content_type="application/json")
    assert 400 <= answer.status_code < 500 and answer.is_json


def test_identifiers_resolve_in_both_forms(client: FlaskClient) -> None:
    did = DIDS["p256"]
    older, newer = f'application/ld+json;profile="{PROFILE}"', "application/did-resolution"

    def ask(name: str, accept: str) -> tuple[int, Any]:
        answer = client.get(f"/1.0/identifiers/{name}", headers={"Accept": accept})
        return answer.status_code, json.loads(answer.data)

    status, found = ask(did, older)
    assert (status, found["didDocument"]["id"], found["didDocumentMetadata"]) == (200, did, {})
    part = ask(f"{did}%23{did[8:]}", older)[1]
    assert part["didDocument"]["controller"] == did and "error" not in part["didDereferencingMetadata"]
    assert ask(did, "application/did+json")[1]["id"] == did
    for bad, word, code in (("did:key:zabc", "invalidDid", 400), ("did:none:x", "methodNotSupported", 501),
                            ("nonsense", "invalidDid", 400)):
        status, found = ask(bad, older)
        assert (status, found["didDocument"], found["didResolutionMetadata"]["error"]) == (code, {}, word)
        status, found = ask(bad, newer)
        assert (status, found["didDocument"]) == (code, None)
        assert found["didResolutionMetadata"]["error"]["type"].startswith("https://www.w3.org/ns/did#")


KEY = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
OLD_KEY_TYPE = "publicKeyFormat=Ed25519VerificationKey2018&enableExperimentalPublicKeyTypes=false"


@pytest.mark.parametrize(("name", "where", "word"), [
    ("did:key:zTjsVPtY", "Resolution", "invalidPublicKeyLength"),
    (f"{KEY}/%5Ea%5E/%3Fq%3D%60%23x", "Dereferencing", "invalidDidUrl"),
    (f"{KEY}/file", "Dereferencing", "notFound"), (f"{KEY}%23x", "Dereferencing", "notFound"),
    (f"{KEY}?publicKeyFormat=unknown", "Resolution", "unsupportedPublicKeyType"),
    (f"{KEY}%23{KEY[8:]}?{OLD_KEY_TYPE}", "Dereferencing", "invalidPublicKeyType"),
    (f"{KEY}%23another?{OLD_KEY_TYPE}", "Dereferencing", "invalidPublicKeyType"),
])
def test_what_went_wrong_is_told_of_the_part_or_of_the_whole(client: FlaskClient, name: str, where: str,
                                                             word: str) -> None:
    for _ in range(2):
        answer = client.get(f"/1.0/identifiers/{name}", headers={"Accept": f'application/ld+json;profile="{PROFILE}"'})
        found = json.loads(answer.data)
        assert (400 <= answer.status_code < 500, found["didDocument"], found["didDocumentMetadata"]) == (True, {}, {})
        assert found[f"did{where}Metadata"] == {"error": word}


@pytest.mark.parametrize("query", [
    "service=%D0%9F", "serviceType=%D0%9F", "versionId=a%E2%80%8Bb", "versionTime=%D0%9F", "hl=%D0%9F",
    "relativeRef=%D0%9F", "relativeRef=my+path", "relativeRef=a%23b", "relativeRef=a%3Fb=c", "versionTime=2025-10-07",
    "versionTime=2025-13-07T12:30:45Z", "versionTime=2025-10-07T12:30:60Z", "versionTime=2025-10-07T00:00:00",
    "versionTime=2025-10-07T00:00:00%2B02:00", "versionTime=2025-10-07T00:00:00.123Z",
])
def test_an_option_of_resolution_that_is_none_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/1.0/identifiers/{KEY}?{query}")
    assert answer.status_code == 400
    assert json.loads(answer.data)["didResolutionMetadata"]["error"]["type"].endswith("#INVALID_OPTIONS")


@pytest.mark.parametrize("query", ["", "?service=files", "?relativeRef=my%2520path/file", "?versionId=1",
                                   "?versionTime=2025-10-07T14:30:00Z", "?publicKeyFormat=Multikey"])
def test_whoever_asks_for_nothing_particular_gets_a_resolution_result(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/1.0/identifiers/{KEY}{query}", headers={"Accept": "*/*"})
    assert (answer.status_code, answer.content_type) == (200, "application/did-resolution")
    assert json.loads(answer.data)["didDocument"]["id"] == KEY


def test_no_identifier_is_an_invalid_one(client: FlaskClient) -> None:
    answer = client.get("/1.0/identifiers/")
    assert answer.status_code == 400
    assert json.loads(answer.data)["didResolutionMetadata"]["error"]["type"].endswith("#INVALID_DID")


def test_the_server_says_ready_and_reads_its_own_list_over_https(tmp_path: Path) -> None:
    dids = tmp_path / "dids.json"
    command = [sys.executable, "-m", "demo.conformance", "--http", "0", "--https", "0", "--dids", str(dids)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        addresses = server.stdout.readline().split()
        assert server.stdout.readline() == "ready\n"
        try:
            did = json.loads(dids.read_text(encoding="utf-8"))["ed25519"]
            for address in addresses:
                body = ask(address + "/issuers/status/credentials/issue", {"credential": credential(did)})
                assert body["credentialStatus"]["statusListCredential"].startswith("https://localhost")
                report = ask(address + "/verifiers/status/credentials/verify", {"verifiableCredential": body})
                assert {check["id"]: check["outcome"] for check in report["checks"]}["status"] == "passed"
        finally:
            server.terminate()


def ask(url: str, body: Any) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    context = ssl._create_unverified_context() if url.startswith("https") else None
    with urllib.request.urlopen(request, context=context) as answer:
        return json.load(answer)
