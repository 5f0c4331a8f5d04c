"""Credentials as compact JWS: each way of writing them is read, and two stories under one signature are refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from credkit.errors import CredkitError, CryptographicSecurityError, MalformedValueError, ProofVerificationError
from credkit.formats import FORMATS, jwt_vc, ldp_vc
from credkit.jose import peek_header, peek_payload, sign_compact
from credkit.keys import SoftwareSigner
from tests.support.shared import ROOT, read_json
from tests.support.world import School, World

PUBLISHED = read_json(ROOT / "tests" / "vectors" / "openid4vci" / "jwt_vc.json")["credential"]
V2 = "https://www.w3.org/ns/credentials/v2"
SIGNER = SoftwareSigner.generate("P-256")
BADGE = School(World()).course(subject_id="did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
ISSUER = BADGE["issuer"]["id"]
OLD = {
    "@context": ["https://www.w3.org/2018/credentials/v1"], "id": "urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5",
    "type": ["VerifiableCredential"], "issuer": {"id": ISSUER, "name": "Lincoln High School"},
    "issuanceDate": "2025-01-01T00:00:00Z", "expirationDate": "2030-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"},
}
PRESENTATION = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
                "holder": "did:example:holder", "verifiableCredential": []}


def verify(token, **options):
    return jwt_vc.verify_token(token, SIGNER.public_key, **options)


def signed(payload, typ, **header):
    return sign_compact(payload, SIGNER, typ=typ, header=header)


@pytest.mark.spec("OpenID4VCI-1.0", "#appendix-A.1.1")
def test_the_published_credential_is_read():
    token = jwt_vc.peek_token(PUBLISHED)
    inner = peek_payload(PUBLISHED)["vc"]
    assert token.document == inner and not token.is_presentation
    assert token.claims["iss"] == inner["issuer"] == "https://credential-issuer.example.com"
    assert token.key_id == peek_header(PUBLISHED)["kid"]


def test_vc_jwt_is_the_document_itself():
    text = jwt_vc.sign_vc_jwt(BADGE, SIGNER)
    assert peek_payload(text) == BADGE
    assert peek_header(text) == {"alg": "ES256", "typ": "vc+jwt", "cty": "vc", "kid": SIGNER.verification_method}
    found = verify(text)
    assert (found.document, found.is_presentation, found.key_id) == (BADGE, False, SIGNER.verification_method)
    assert [each.name for each in FORMATS if each.is_mine(text)] == ["jwt_vc_json"]
    assert [each.name for each in FORMATS if each.is_mine(BADGE)] == [ldp_vc.NAME]


def test_vp_jwt_is_for_one_request():
    text = jwt_vc.sign_vp_jwt(PRESENTATION, SIGNER, nonce="n-1", audience="https://college.example")
    found = verify(text)
    assert found.is_presentation and found.document == PRESENTATION
    assert found.claims == {"nonce": "n-1", "aud": "https://college.example"}


def test_the_older_way_moves_members_to_claims_and_back():
    text = jwt_vc.sign_jwt_vc_json(OLD, SIGNER)
    claims = {name: value for name, value in peek_payload(text).items() if name != "vc"}
    assert claims == {"iss": ISSUER, "nbf": 1735689600, "exp": 1893456000, "jti": OLD["id"],
                      "sub": OLD["credentialSubject"]["id"]}
    assert verify(text).document == OLD
    moved_away = ("id", "issuer", "issuanceDate", "expirationDate")
    bare = {name: value for name, value in OLD.items() if name not in moved_away}
    moved = verify(signed({**claims, "vc": {**bare, "credentialSubject": {"name": "Lucía"}}}, "JWT")).document
    assert moved == {**OLD, "issuer": ISSUER, "credentialSubject": {"id": claims["sub"], "name": "Lucía"}}


def test_an_open_badge_has_claims_beside_its_members():
    claims = {"iss": ISSUER, "jti": BADGE["id"], "sub": BADGE["credentialSubject"]["id"]}
    for typ in ("JWT", None):
        assert verify(signed({**BADGE, **claims}, typ)).document == BADGE


@pytest.mark.parametrize("contexts", [None, 7, "x", {}, [], ["https://other.example"], [V2, 7]])
@pytest.mark.parametrize("typ", ["vc+jwt", "JWT"])
def test_a_context_of_another_form_is_refused(contexts, typ):
    with pytest.raises(MalformedValueError):
        verify(signed({**BADGE, "@context": contexts}, typ))


STORIES = {
    "vc under vc+jwt": ({**BADGE, "vc": BADGE}, "vc+jwt"),
    "vp under vp+jwt": ({**PRESENTATION, "vp": {}}, "vp+jwt"),
    "another issuer under vc+jwt": ({**BADGE, "iss": "did:web:mill.example"}, "vc+jwt"),
    "issuer as a list": ({**BADGE, "iss": [ISSUER]}, "vc+jwt"),
    "another id under vc+jwt": ({**BADGE, "jti": "urn:uuid:other"}, "vc+jwt"),
    "another holder": ({**PRESENTATION, "iss": "did:example:thief"}, "vp+jwt"),
    "no context": ({"type": ["VerifiableCredential"]}, "vc+jwt"),
    "old context under vc+jwt": (OLD, "vc+jwt"),
    "dates no numbers": ({**BADGE, "exp": "tomorrow"}, "vc+jwt"),
    "vc no object": ({"iss": ISSUER, "vc": "x"}, "JWT"),
    "another issuer": ({"iss": "did:web:mill.example", "vc": OLD}, "JWT"),
    "another subject": ({"iss": ISSUER, "sub": "did:example:thief", "vc": OLD}, "JWT"),
    "another id": ({"iss": ISSUER, "jti": "urn:uuid:other", "vc": OLD}, "JWT"),
    "another beginning": ({"iss": ISSUER, "nbf": 1735689601, "vc": OLD}, "JWT"),
    "another end": ({"iss": ISSUER, "exp": 1893456001, "vc": OLD}, "JWT"),
    "badge of another issuer": ({**BADGE, "iss": "did:web:mill.example"}, "JWT"),
    "badge of another subject": ({**BADGE, "sub": "did:example:thief"}, "JWT"),
    "badge with another beginning": ({**BADGE, "nbf": 1}, "JWT"),
    "badge with another end": ({**BADGE, "exp": 1893456001}, "JWT"),
    "nothing in it": ({"iss": ISSUER}, "JWT"),
    "another kind": (BADGE, "openid4vci-proof+jwt"),
}


@pytest.mark.parametrize("name", STORIES)
def test_two_stories_under_one_signature_are_refused(name):
    payload, typ = STORIES[name]
    token = signed(payload, typ)
    for act in (verify, jwt_vc.peek_token):
        with pytest.raises(MalformedValueError):
            act(token)


def test_another_key_or_a_change_is_refused():
    token = jwt_vc.sign_vc_jwt(BADGE, SIGNER)
    with pytest.raises(ProofVerificationError):
        jwt_vc.verify_token(token, SoftwareSigner.generate("P-256").public_key)
    with pytest.raises(CryptographicSecurityError):
        jwt_vc.verify_token(token, SoftwareSigner.generate("Ed25519").public_key)
    header, payload, signature = token.split(".")
    forged = sign_compact({**BADGE, "name": "PhD"}, SoftwareSigner.generate("P-256"), typ="vc+jwt").split(".")[1]
    for cheat in (f"{header}.{forged}.{signature}", f"{header}.{payload}.", f"{header}.{payload}.{signature[:-4]}"):
        with pytest.raises(CredkitError):
            verify(cheat)


def test_dates_of_a_signature_are_not_those_of_the_record():
    issued = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
    times = {"iat": issued, "exp": issued + 60}
    assert verify(signed({**BADGE, **times}, "vc+jwt")).claims == times


@pytest.mark.spec("VC-JOSE-COSE", "#securing-with-jose")
@pytest.mark.parametrize(("typ", "content", "holds"), [
    ("vc+jwt", "vc", True), ("vc+jwt", "application/vc", True), ("vc+jwt", "vp", False), ("vc+jwt", "JWT", False),
    ("vp+jwt", "vp", True), ("vp+jwt", "vc", False), ("vp+jwt", "", False),
])
def test_the_kind_of_content_must_be_that_of_the_token(typ, content, holds):
    token = signed(BADGE if typ == "vc+jwt" else PRESENTATION, typ, cty=content)
    if holds:
        assert verify(token).is_presentation == (typ == "vp+jwt")
    else:
        with pytest.raises(MalformedValueError):
            verify(token)


def test_a_day_of_signing_may_be_written_as_text_and_only_as_a_date():
    """One library in the field writes it so; nothing depends on it."""
    assert verify(signed({**BADGE, "iat": "2010-01-01T19:23:24Z"}, "vc+jwt")).document == BADGE
    for value in ("yesterday", "1262373804", None, [], True):
        with pytest.raises(MalformedValueError):
            verify(signed({**BADGE, "iat": value}, "vc+jwt"))


@pytest.mark.parametrize("document", [{}, {"issuanceDate": "yesterday"}, {"validFrom": "2025-01-01T00:00:00Z"}])
def test_what_is_no_older_credential_is_not_signed_as_one(document):
    with pytest.raises(MalformedValueError):
        jwt_vc.sign_jwt_vc_json(document, SIGNER)
