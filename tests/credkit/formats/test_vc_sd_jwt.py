"""VCDM documents as SD-JWT: what others signed is read, what decides cannot be kept back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from credkit.encoding import base64url_encode
from credkit.environment import SystemRandomness
from credkit.errors import (
    CryptographicSecurityError,
    MalformedValueError,
    ProofGenerationError,
    ProofVerificationError,
)
from credkit.formats import FORMATS, sd_jwt_vc, vc_sd_jwt
from credkit.formats._sd_jwt import digest_of, issue_sd_jwt
from credkit.jose import peek_header, peek_payload, sign_compact
from credkit.keys import SoftwareSigner, public_key_from_jwk
from tests.support.jose_cose import CASES, KEYS, compact, named

V2 = "https://www.w3.org/ns/credentials/v2"
SIGNER = SoftwareSigner.generate("P-256")
RANDOM = SystemRandomness()
DOCUMENT = {
    "@context": [V2], "type": ["VerifiableCredential"], "issuer": "https://school.example", "validFrom":
    "2025-01-01T00:00:00Z", "credentialSubject": {"id": "did:example:student", "name": "Lucía", "grades": ["A", "B"]},
}
PRESENTATION = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": "did:example:holder"}
NAME, GRADE = ("credentialSubject", "name"), ("credentialSubject", "grades", 1)


def verify(text, key=SIGNER.public_key):
    return vc_sd_jwt.verify_token(vc_sd_jwt.parse_sd_jwt(text), key)


@pytest.mark.spec("VC-JOSE-COSE", "#securing-with-sd-jwt")
@pytest.mark.parametrize("name", named("credential_sdjwt") + named("presentation_sdjwt"))
def test_what_another_library_signed_holds_or_not(name):
    case, text = CASES[name], compact(name)
    key = public_key_from_jwk(KEYS[case["key"]]["publicKeyJwk"])
    if name.endswith("bad-signature"):
        with pytest.raises(ProofVerificationError):
            verify(text, key)
    elif name.endswith("bad-media-type"):
        with pytest.raises(MalformedValueError):
            verify(text, key)
    else:
        found = verify(text, key)
        assert found == vc_sd_jwt.peek_token(vc_sd_jwt.parse_sd_jwt(text))
        assert found.is_presentation == name.startswith("presentation")
        assert "_sd" not in json.dumps(found.document) and "iss" not in found.document


def test_what_another_library_hid_stands_in_its_place():
    """Expected: the suite's unsigned inputs to the same two credentials and one presentation."""
    def read(name):
        return verify(compact(name), public_key_from_jwk(KEYS[CASES[name]["key"]]["publicKeyJwk"])).document

    subject = read("credential-sdjwt-selective")["credentialSubject"]
    assert subject == {"id": "did:example:ebfeb1f712ebc6f1c276e12ec21", "firstName": "Jane", "lastName": "Doe",
                       "birthDate": "1990-01-01"}
    subject = read("credential-sdjwt-nested")["credentialSubject"]
    assert subject["address"] == {"street": "123 Main St", "city": "Anytown", "country": "USA", "postalCode": "12345"}
    assert [phone["type"] for phone in subject["phoneNumbers"]] == ["work", "mobile"]
    presentation = read("presentation-sdjwt-selective")
    assert presentation["holder"] == "https://example.issuer/vc-jose-cose"
    assert [each["type"] for each in presentation["verifiableCredential"]] == ["EnvelopedVerifiableCredential"]


def test_a_credential_is_the_document_and_shows_what_its_holder_chooses():
    text = vc_sd_jwt.sign_vc_sd_jwt(DOCUMENT, SIGNER, selective=[NAME, GRADE], randomness=RANDOM, key_id="key-1")
    whole = vc_sd_jwt.parse_sd_jwt(text)
    assert peek_header(whole.jwt) == {"alg": "ES256", "typ": "vc+sd-jwt", "cty": "vc", "kid": "key-1"}
    assert verify(text).document == DOCUMENT
    part = vc_sd_jwt.choose(whole, [NAME])
    assert verify(str(part)).document["credentialSubject"] == {"id": "did:example:student", "name": "Lucía",
                                                               "grades": ["A"]}
    bound = vc_sd_jwt.bind_key(part, SIGNER, nonce="n", audience="https://college.example", now=datetime.now(UTC))
    vc_sd_jwt.check_key_binding(bound, SIGNER.public_key, nonce="n", audience="https://college.example",
                                now=datetime.now(UTC))
    assert verify(str(bound)) == verify(str(part))


def test_a_presentation_is_for_one_request_and_can_show_a_part():
    text = vc_sd_jwt.sign_vp_sd_jwt(PRESENTATION, SIGNER, selective=[("holder",)], randomness=RANDOM, nonce="n-1",
                                    audience="https://college.example")
    found = verify(text)
    assert found.is_presentation and found.document == PRESENTATION
    assert found.claims == {"nonce": "n-1", "aud": "https://college.example"}
    assert peek_header(text.split("~")[0])["cty"] == "vp"


def test_the_two_kinds_of_sd_jwt_are_told_apart():
    document = vc_sd_jwt.sign_vc_sd_jwt(DOCUMENT, SIGNER, selective=[], randomness=RANDOM)
    claims = {"vct": "https://school.example/badge", "iss": "https://school.example"}
    older = str(issue_sd_jwt(claims, [], SIGNER, typ=sd_jwt_vc.OLD_TYP, randomness=RANDOM))
    newer = sd_jwt_vc.issue_sd_jwt_vc(claims, SIGNER, selective=[], randomness=RANDOM)
    for text, name in ((document, "vc+sd-jwt"), (older, "dc+sd-jwt"), (newer, "dc+sd-jwt"), ("x~", "dc+sd-jwt")):
        assert [each.name for each in FORMATS if each.is_mine(text)] == [name]
    for text in (older, newer):
        with pytest.raises(MalformedValueError):
            verify(text)
    with pytest.raises(MalformedValueError):
        sd_jwt_vc.verify_sd_jwt_vc(sd_jwt_vc.parse_sd_jwt(document), SIGNER.public_key)


@pytest.mark.parametrize("path", [("@context",), ("type",), ("issuer",), ("issuer", "name"), ("validFrom",),
                                  ("credentialStatus", "statusListIndex"), ("credentialSchema",), ("validUntil",)])
def test_what_decides_is_never_ours_to_keep_back(path):
    with pytest.raises(ProofGenerationError):
        vc_sd_jwt.sign_vc_sd_jwt(DOCUMENT, SIGNER, selective=[path], randomness=RANDOM)
    with pytest.raises(ProofGenerationError):
        vc_sd_jwt.sign_vp_sd_jwt(DOCUMENT, SIGNER, selective=[path], randomness=RANDOM, nonce="n", audience="a")


@pytest.mark.spec("VC-JOSE-COSE", "#securing-with-sd-jwt")
@pytest.mark.parametrize("name", sorted(vc_sd_jwt.NEVER_SELECTIVE))
def test_a_disclosure_of_what_decides_is_refused(name):
    values = {"@context": [V2], "issuer": DOCUMENT["issuer"], "iss": DOCUMENT["issuer"], "nbf": 1, "exp": 2**32,
              "validFrom": DOCUMENT["validFrom"], "validUntil": "2030-01-01T00:00:00Z", "cnf": {},
              "credentialStatus": {"type": "BitstringStatusListEntry"}}
    disclosure = base64url_encode(json.dumps(["salt", name, values[name]]).encode())
    payload = {**{key: value for key, value in DOCUMENT.items() if key != name}, "_sd": [digest_of(disclosure)]}
    token = sign_compact(payload, SIGNER, typ="vc+sd-jwt")
    with pytest.raises(ProofVerificationError):
        verify(f"{token}~{disclosure}~")


@pytest.mark.parametrize(("typ", "cty", "claims"), [
    ("vc+jwt", "vc", {}), ("JWT", "vc", {}), (None, None, {}), ("vc+sd-jwt", "vp", {}), ("vp+sd-jwt", "vc", {}),
    ("vc+sd-jwt", "vc", {"vct": "https://school.example/badge"}), ("vc+sd-jwt", "vc", {"vc": {}}),
    ("vc+sd-jwt", "vc", {"iss": "did:web:mill.example"}), ("vc+sd-jwt", "vc", {"jti": "urn:other"}),
    ("vc+sd-jwt", "vc", {"iat": "yesterday"}), ("vc+sd-jwt", "vc", {"exp": "2030-01-01T00:00:00Z"}),
    ("vc+sd-jwt", 7, {}),
])
def test_another_kind_or_another_story_is_refused(typ, cty, claims):
    header = {} if cty is None else {"cty": cty}
    with pytest.raises(MalformedValueError):
        verify(sign_compact({**DOCUMENT, **claims}, SIGNER, typ=typ, header=header) + "~")


def test_another_key_or_a_change_is_refused():
    text = vc_sd_jwt.sign_vc_sd_jwt(DOCUMENT, SIGNER, selective=[NAME], randomness=RANDOM)
    with pytest.raises(ProofVerificationError):
        verify(text, SoftwareSigner.generate("P-256").public_key)
    with pytest.raises(CryptographicSecurityError):
        verify(text, SoftwareSigner.generate("Ed25519").public_key)
    jwt, disclosure = text.split("~")[:2]
    other = base64url_encode(json.dumps(["salt", "name", "Somebody"]).encode())
    for cheat in (f"{jwt}~{other}~", f"{jwt}~{disclosure}~{disclosure}~"):
        with pytest.raises(ProofVerificationError):
            verify(cheat)
    assert "name" not in peek_payload(jwt)["credentialSubject"]
