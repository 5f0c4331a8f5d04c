"""``python -m demo.conformance jose``: what the public VC-JOSE-COSE suite asks of an implementation, row by row.

The rows are the suite's test mapping at the revision in ``tests/vectors/vc-jose-cose/PROVENANCE.md``, in its order.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from credkit.encoding import base64_decode, base64_encode
from credkit.formats.vc_sd_jwt import parse_sd_jwt
from credkit.jose import peek_header, sign_compact
from credkit.keys import SoftwareSigner
from demo.conformance import jose
from tests.support.jose_cose import CASES, KEYS, compact, cose
from tests.support.shared import ROOT

V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
ISSUER = "https://example.issuer/vc-jose-cose"
KEY_IDS = {kind: method["publicKeyJwk"]["kid"] for kind, method in KEYS.items()}


def credential(**members: Any) -> dict[str, Any]:
    return {"@context": [V2, EXAMPLES], "type": ["VerifiableCredential", "ExampleAlumniCredential"], "issuer": ISSUER,
            "credentialSubject": {"id": "did:example:123"}, **members}


def presentation(*identifiers: str, **members: Any) -> dict[str, Any]:
    entries = [{"@context": V2, "type": "EnvelopedVerifiableCredential", "id": each} for each in identifiers]
    return {"@context": [V2, EXAMPLES], "type": ["VerifiablePresentation"], "holder": ISSUER,
            "id": "urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5", "verifiableCredential": entries, **members}


MINIMAL = credential(
    id="http://university.example/credentials/1872", validFrom="2010-01-01T19:23:24Z",
    credentialSchema={"id": "https://example.org/examples/degree.json", "type": "JsonSchema"},
    credentialSubject={"id": "did:example:123", "degree": {"type": "BachelorDegree", "name": "Bachelor of Science"}})
FULL = {
    **MINIMAL, "validUntil": "2027-01-01T00:00:00Z",
    "credentialStatus": {"id": "https://example.edu/status/3#94567", "type": "StatusList2021Entry",
                         "statusPurpose": "revocation", "statusListIndex": "94567"},
    "evidence": [{"id": "https://example.edu/evidence/f2", "type": ["DocumentVerification"],
                  "verifier": "https://example.edu/issuers/14", "evidenceDocument": "Diploma"}],
    "termsOfUse": [{"id": "https://example.edu/terms/1", "type": "https://example.org/examples/terms/v1"}],
    "refreshService": {"id": "https://example.edu/refresh/3732", "type": "ManualRefreshService2018"},
}
UNKNOWN = {**MINIMAL, "badExtension": {"huh": "what?"}}
SELECTIVE = credential(credentialSubject={"id": "did:example:1", "firstName": "Jane", "lastName": "Doe"})
NESTED = credential(credentialSubject={
    "id": "did:example:1", "address": {"street": "123 Main St", "city": "Anytown", "country": "USA"},
    "phoneNumbers": [{"number": "+1-555-123-4567", "type": "work"}, {"number": "+1-555-987-6543", "type": "mobile"}]})
SINGLE = presentation("data:application/vc+jwt,e30.e30.c2ln")
MULTIPLE = presentation("data:application/vc+jwt,e30.e30.c2ln", "data:application/vc+sd-jwt,e30.e30.c2ln ~e30~",
                        "data:application/vc+cose;base64,0oRA")
SHOWN_IN_PART = presentation("data:application/vc+sd-jwt,e30.e30.c2ln~")

ISSUE = {
    "1 minimal": ("credential_jose", MINIMAL, "P-256", (), "success"),
    "2 all optional members": ("credential_jose", FULL, "P-384", (), "success"),
    "3 one credential": ("presentation_jose", SINGLE, "P-256", (), "success"),
    "4 several credentials": ("presentation_jose", MULTIPLE, "P-521", (), "success"),
    "5 unknown extensions": ("credential_jose", UNKNOWN, "P-521", (), "failure"),
    "17 selective": ("credential_sdjwt", SELECTIVE, "P-384",
                     ("credentialSubject.firstName", "credentialSubject.lastName"), "success"),
    "18 nested": ("credential_sdjwt", NESTED, "P-521",
                  ("credentialSubject.address.street", "credentialSubject.phoneNumbers[0]"), "success"),
    "19 a presentation in part": ("presentation_sdjwt", SHOWN_IN_PART, "P-384",
                                  ("holder", "verifiableCredential[0]"), "success"),
    "27 cose": ("credential_cose", MINIMAL, "Ed25519", (), "success"),
    "28 cose presentation": ("presentation_cose", SINGLE, "P-384", (), "success"),
}
VERIFY = {
    "6": ("credential-jose-minimal", "P-256", "success"), "7": ("presentation-jose-multiple", "P-384", "success"),
    "8": ("credential-issuer-match-signed", "Ed25519", "success"),
    "9": ("credential-jose-unknown-extensions", "Ed25519", "failure"),
    "12": ("credential-jose-bad-signature", "Ed25519", "failure"),
    "13": ("credential-jose-bad-media-type", "Ed25519", "failure"),
    "15": ("credential-jose-vc-vp-claims", "Ed25519", "failure"),
    "16": ("presentation-jose-bad-credential", "Ed25519", "failure"),
    "20": ("credential-sdjwt-selective", "P-384", "success"), "21": ("credential-sdjwt-nested", "P-521", "success"),
    "22": ("presentation-sdjwt-selective", "P-384", "success"),
    "23": ("credential-sdjwt-bad-signature", "P-384", "failure"),
    "24": ("credential-sdjwt-bad-media-type", "Ed25519", "failure"),
    "29": ("credential-cose-minimal", "P-256", "success"), "31": ("presentation-cose-single", "P-384", "success"),
    "32": ("credential-cose-bad-signature", "Ed25519", "failure"),
    "33": ("credential-cose-bad-media-type", "P-384", "failure"),
    "34": ("presentation-cose-bad-media-type", "P-256", "failure"),
    "35": ("presentation-cose-bad-credential", "P-256", "failure"),
}


@pytest.fixture
def run(tmp_path):
    """Run the command on a document or text with a verification method."""
    def act(what, feature, given, method, *more):
        source, key, output = (tmp_path / name for name in ("input", "key.json", "output.json"))
        source.write_text(given if isinstance(given, str) else json.dumps(given), encoding="utf-8")
        if method is not None:
            key.write_text(json.dumps(method), encoding="utf-8")
        jose.run([what, "--input", str(source), "--key", str(key), "--feature", feature, "--output", str(output),
                  *more])
        return json.loads(output.read_text(encoding="utf-8"))
    return act


def wire(name: str) -> str:
    return base64_encode(cose(name)) if "protected" in CASES[name] else compact(name)


@pytest.mark.parametrize("row", ISSUE)
def test_a_document_is_secured_and_holds_under_the_same_key(run, row):
    feature, document, kind, hidden, expected = ISSUE[row]
    more = ["--sd", json.dumps(hidden)] if hidden else []
    found = run("issue", feature, document, KEYS[kind], *more)
    assert found["result"] == expected
    if expected == "success":
        back = run("verify", feature, found["data"] + "\n", KEYS[kind])
        assert (back["result"], json.loads(back["data"])) == ("success", document)
        other = run("verify", feature, found["data"], KEYS["P-521" if kind != "P-521" else "P-256"])
        assert other["result"] == "failure"


@pytest.mark.parametrize("number", VERIFY)
def test_what_the_suite_signed_holds_or_not(run, number):
    name, kind, expected = VERIFY[number]
    method = {key: value for key, value in KEYS[kind].items() if key != "secretKeyJwk"}
    found = run("verify", CASES[name]["feature"], wire(name) + "\n", method)
    assert found["result"] == expected
    for feature in jose.FEATURES:
        if feature != CASES[name]["feature"]:
            assert run("verify", feature, wire(name), method)["result"] == "failure"


@pytest.mark.parametrize(("feature", "given"), [("credential_jose", MINIMAL), ("presentation_jose", SINGLE),
                                                ("credential_sdjwt", MINIMAL), ("presentation_cose", SINGLE),
                                                ("credential_cose", cose("credential-cose-minimal").hex())])
def test_what_is_not_secured_or_written_in_hex_does_not_hold(run, feature, given):
    """Rows 10, 11 and 30 of the suite."""
    assert run("verify", feature, given, KEYS["P-256"])["result"] == "failure"


def test_a_missing_key_file_is_a_failure_with_a_result(run):
    """Row 34 of the suite names a key that its mapping does not have."""
    assert run("verify", "presentation_cose", wire("presentation-cose-single"), None)["result"] == "failure"
    assert run("issue", "credential_jose", "{", KEYS["P-256"])["result"] == "failure"


def test_no_clock_unless_a_time_is_given(run):
    text = wire("presentation-jose-multiple")
    for moment, expected in (("2024-12-16T12:00:00Z", "success"), ("2026-11-26T00:00:00Z", "failure"),
                             ("yesterday", "failure")):
        assert run("verify", "presentation_jose", text, KEYS["P-384"], "--now", moment)["result"] == expected
    ended = {**MINIMAL, "validUntil": "2012-01-01T00:00:00Z"}
    issued = run("issue", "credential_cose", ended, KEYS["P-256"])["data"]
    assert run("verify", "credential_cose", issued, KEYS["P-256"])["result"] == "success"
    late = run("verify", "credential_cose", issued, KEYS["P-256"], "--now", "2013-01-01T00:00:00Z")
    assert late["result"] == "failure"


@pytest.mark.parametrize("kind", KEYS)
def test_the_key_is_named_by_its_thumbprint(run, kind):
    token = run("issue", "credential_jose", MINIMAL, KEYS[kind])["data"]
    assert peek_header(token) == {"alg": {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512",
                                          "Ed25519": "EdDSA"}[kind], "typ": "vc+jwt", "cty": "vc",
                                  "kid": KEY_IDS[kind]}


def test_cose_is_standard_base64_without_padding(run):
    documents = [{**MINIMAL, "name": "x" * length} for length in range(3)]
    texts = [run("issue", "credential_cose", document, KEYS["P-256"])["data"] for document in documents]
    assert all(base64_encode(base64_decode(text)) == text for text in texts)
    padded = [text + "=" * (-len(text) % 4) for text in texts]
    assert sorted(run("verify", "credential_cose", text, KEYS["P-256"])["result"] for text in padded) == [
        "failure", "failure", "success"]


@pytest.mark.parametrize("pointers", [
    ["--sd", "/credentialSubject/firstName,/credentialSubject/lastName"],
    ["--sd", "/credentialSubject/firstName", "--sd", "/credentialSubject/lastName"],
    ["--sd", '["/credentialSubject/firstName", "credentialSubject.lastName"]'],
])
def test_what_can_be_kept_back_is_named_by_pointers(run, pointers):
    token = run("issue", "credential_sdjwt", SELECTIVE, KEYS["P-256"], *pointers)["data"]
    assert len(parse_sd_jwt(token).disclosures) == 2


@pytest.mark.parametrize(("feature", "pointers"), [
    ("credential_sdjwt", "/issuer"), ("credential_sdjwt", "/nothing"), ("credential_sdjwt", "[x"),
    ("credential_sdjwt", "/credentialSubject/firstName/0"), ("credential_jose", "/credentialSubject/firstName"),
    ("credential_cose", "/credentialSubject/firstName"),
])
def test_what_cannot_be_kept_back_is_a_failure(run, feature, pointers):
    assert run("issue", feature, SELECTIVE, KEYS["P-256"], "--sd", pointers)["result"] == "failure"


@pytest.mark.parametrize("document", [
    {**MINIMAL, "type": []}, {**MINIMAL, "issuer": None}, {**MINIMAL, "@context": [EXAMPLES]}, {}, SINGLE,
    {**MINIMAL, "vc": {}}, {**MINIMAL, "iss": "did:example:other"},
    {**MINIMAL, "@context": [V2], "credentialSubject": {"id": "did:example:1", "degree": "x"}},
])
@pytest.mark.parametrize("feature", ["credential_jose", "credential_sdjwt", "credential_cose"])
def test_what_is_no_credential_is_not_secured(run, feature, document):
    assert run("issue", feature, document, KEYS["P-256"])["result"] == "failure"


@pytest.mark.parametrize("entries", [
    ["x"], [MINIMAL], [{"type": "EnvelopedVerifiableCredential"}],
    [{"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "https://example.org/1"}],
    [{"@context": V2, "type": "VerifiableCredential", "id": "data:application/vc+jwt,e30"}],
])
@pytest.mark.parametrize("feature", ["presentation_jose", "presentation_sdjwt", "presentation_cose"])
def test_credentials_in_a_presentation_must_be_secured(run, feature, entries):
    document = {**SINGLE, "verifiableCredential": entries}
    assert run("issue", feature, document, KEYS["P-256"])["result"] == "failure"
    token = sign_compact(document, SoftwareSigner.from_secret_jwk(KEYS["P-256"]["secretKeyJwk"]), typ="vp+jwt")
    assert run("verify", "presentation_jose", token, KEYS["P-256"])["result"] == "failure"


def test_what_is_not_supported_could_not_be_checked(run):
    rsa = {"type": "JsonWebKey", "publicKeyJwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}
    for feature, method in (("credential_xml", KEYS["P-256"]), ("credential_jose", rsa),
                            ("credential_jose", {**KEYS["P-256"], "type": "Multikey"})):
        assert run("verify", feature, wire("credential-jose-minimal"), method)["result"] == "indeterminate"


@pytest.mark.parametrize("change", [
    {"secretKeyJwk": {**KEYS["P-256"]["secretKeyJwk"], "d": KEYS["P-384"]["secretKeyJwk"]["d"]}},
    {"secretKeyJwk": {**KEYS["P-256"]["secretKeyJwk"], "x": KEYS["P-256"]["secretKeyJwk"]["y"]}},
    {"secretKeyJwk": {**KEYS["Ed25519"]["secretKeyJwk"], "d": "AAAA"}}, {"secretKeyJwk": "x"},
    {"secretKeyJwk": KEYS["P-256"]["publicKeyJwk"]},
    {"secretKeyJwk": {**KEYS["Ed25519"]["secretKeyJwk"], "d": "A" * 43}},
])
def test_a_key_that_is_none_signs_nothing(run, change):
    assert run("issue", "credential_jose", MINIMAL, {**KEYS["P-256"], **change})["result"] == "failure"


def test_the_command_runs_from_outside(tmp_path):
    (tmp_path / "input.json").write_text(json.dumps(MINIMAL), encoding="utf-8")
    (tmp_path / "key.json").write_text(json.dumps(KEYS["P-256"]), encoding="utf-8")
    command = [sys.executable, "-m", "demo.conformance", "jose", "issue", "--input", str(tmp_path / "input.json"),
               "--key", str(tmp_path / "key.json"), "--feature", "credential_jose", "--output",
               str(tmp_path / "output.json")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    assert json.loads((tmp_path / "output.json").read_text(encoding="utf-8"))["result"] == "success"
