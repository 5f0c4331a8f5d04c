"""Compact JWS through the pipeline: every way of writing them, alone and in envelopes, whose key, and every lie."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from credkit.encoding import base64_encode, base64url_decode, base64url_encode
from credkit.environment import SystemRandomness
from credkit.formats.cose_vc import sign_vc_cose
from credkit.formats.jwt_vc import sign_jwt_vc_json, sign_vc_jwt, sign_vp_jwt
from credkit.formats.vc_sd_jwt import choose, parse_sd_jwt, sign_vc_sd_jwt
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner
from credkit.verification import Outcome, Policy, Report, verify_credential, verify_presentation
from tests.support.world import NOW, V2, Holder, School, World

V1 = "https://www.w3.org/2018/credentials/v1"
CHALLENGE, DOMAIN = "n-0S6_WzA2Mj", "x509_san_dns:college.example"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def school(world):
    return School(world)


@pytest.fixture
def holder(world):
    return Holder(world)


def verify(world, document, **policy):
    return verify_credential(document, Policy(**policy), world.environment())


def outcomes(report: Report) -> dict[str, str]:
    return {check.id: str(check.outcome) for check in report.checks}


def older(school: School, **changes: Any) -> dict[str, Any]:
    return {"@context": [V1], "id": "urn:uuid:4", "type": ["VerifiableCredential"], "issuer": school.did,
            "issuanceDate": "2026-06-01T00:00:00Z", "credentialSubject": {"id": "did:example:student"}, **changes}


def badge_token(school: School, signer: Any = None, **header: Any) -> str:
    """The way of Open Badges: the badge with registered claims beside its members."""
    badge = school.course(subject_id="did:example:student")
    claims = {**badge, "iss": school.did, "jti": badge["id"], "sub": "did:example:student",
              "nbf": int((NOW - timedelta(days=10)).timestamp())}
    signer = signer or school.p256
    return sign_compact(claims, signer, typ=None, header=header or {"kid": signer.verification_method})


def envelope(token: str, media: str = "application/vc+jwt",
             kind: str = "EnvelopedVerifiableCredential") -> dict[str, Any]:
    return {"@context": V2, "type": kind, "id": f"data:{media},{token}"}


def sd_jwt(school: School) -> str:
    return sign_vc_sd_jwt(school.course(), school.p256, selective=[("credentialSubject", "achievement", "description")],
                          randomness=SystemRandomness(), decoys=1)


FORMS = {
    "vc+jwt": lambda school: sign_vc_jwt(school.course(), school.p256),
    "vc+jwt of an Ed25519 key": lambda school: sign_vc_jwt(school.course(), school.ed25519),
    "jwt_vc_json": lambda school: sign_jwt_vc_json(older(school), school.ed25519),
    "open badges": badge_token,
    "enveloped": lambda school: envelope(sign_vc_jwt(school.course(), school.p256)),
    "vc+sd-jwt": lambda school: sd_jwt(school),
    "enveloped vc+sd-jwt": lambda school: envelope(sd_jwt(school), "application/vc+sd-jwt"),
    "vc+cose": lambda school: sign_vc_cose(school.course(), school.p256),
    "enveloped vc+cose": lambda school: envelope(
        base64_encode(sign_vc_cose(school.course(), school.ed25519)), "application/vc+cose;base64"),
    "enveloped, older": lambda school: envelope(sign_jwt_vc_json(older(school), school.p256), "application/jwt"),
}


@pytest.mark.spec("VC-JOSE-COSE", "#securing-with-jose")
@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_and_shows_the_document_that_was_signed(world, school, form):
    report = verify(world, FORMS[form](school))
    assert report.verified, outcomes(report)
    assert {"shape", "vocabulary", "proof", "issuer-binding", "validity", "status", "trust"} <= outcomes(report).keys()
    assert report.document in (school.course(), older(school), school.course(subject_id="did:example:student"))


def text_of(form: Any) -> str:
    return form["id"].partition(",")[2] if isinstance(form, dict) else form


def put_text(form: Any, text: str) -> Any:
    return {**form, "id": form["id"].partition(",")[0] + "," + text} if isinstance(form, dict) else text


TEXTS = [name for name in FORMS if "sd-jwt" not in name and "cose" not in name]


@pytest.mark.parametrize("form", TEXTS)
def test_a_changed_claim_signature_or_header_is_never_shown(world, school, form):
    good = FORMS[form](school)
    header, payload, signature = text_of(good).split(".")
    claims = json.loads(base64url_decode(payload))
    claims["name"] = "Calculus"
    forged = base64url_encode(json.dumps(claims).encode())
    weaker = base64url_encode(json.dumps({**json.loads(base64url_decode(header)), "alg": "none"}).encode())
    for text in (f"{header}.{forged}.{signature}", f"{header}.{payload}.{signature[:-4]}AAAA", f"{weaker}.{payload}.",
                 f"{weaker}.{payload}.{signature}", f"{header}.{payload}", f"{header}.{payload}.{signature}.x", "",
                 "..", f"{header}.{payload}={signature}"):
        report = verify(world, put_text(good, text))
        assert not report.verified, text
        assert "document" not in report.to_json()


def test_what_a_holder_keeps_back_is_not_missed_and_not_shown(world, school):
    shown = str(choose(parse_sd_jwt(sd_jwt(school)), []))
    for form in (shown, envelope(shown, "application/vc+sd-jwt")):
        report = verify(world, form)
        assert report.verified, outcomes(report)
        assert "description" not in report.document["credentialSubject"]["achievement"]
    whole = sd_jwt(school)
    disclosure = whole.split("~")[1]
    other = base64url_encode(json.dumps(["c2FsdHNhbHRzYWx0c2FsdA", "description", "Another course"]).encode())
    for text in (whole.replace(disclosure, other), f"{whole}{other}~", f"{whole}{disclosure}~",
                 whole.removesuffix("~")):
        assert not verify(world, text).verified


def test_a_changed_byte_of_a_cose_token_is_never_shown(world, school):
    good = sign_vc_cose(school.course(), school.p256)
    for place in range(0, len(good), 7):
        report = verify(world, good[:place] + bytes([good[place] ^ 1]) + good[place + 1:])
        assert not report.verified or report.document == school.course()


def test_a_key_that_is_not_the_issuers_decides_nothing(world, school):
    stranger = SoftwareSigner.generate("P-256")
    report = verify(world, sign_vc_jwt(school.course(), stranger))
    assert (outcomes(report)["proof"], outcomes(report)["issuer-binding"]) == ("passed", "failed")
    assert report.outcome is Outcome.FAILED
    borrowed = sign_vc_jwt(school.course(), stranger, key_id=school.p256.verification_method)
    assert outcomes(verify(world, borrowed))["proof"] == "failed"
    brought = sign_compact(school.course(), stranger, typ="vc+jwt", header={"jwk": stranger.public_key.to_jwk()})
    assert not verify(world, brought).verified


def test_a_did_key_has_one_key_and_needs_no_name_for_it(world, school):
    signer = SoftwareSigner.generate("Ed25519")
    did = signer.verification_method.partition("#")[0]
    document = older(school, issuer=did)
    text = sign_compact({"iss": did, "nbf": int(NOW.timestamp()) - 1, "vc": {
        name: value for name, value in document.items() if name != "issuanceDate"}}, signer, typ="JWT")
    assert verify(world, text).verified


def test_the_tokens_own_dates_bound_its_validity(world, school):
    seconds = int(NOW.timestamp())
    for claims, outcome in (({"exp": seconds}, "failed"), ({"exp": seconds + 1}, "passed"),
                            ({"nbf": seconds + 1}, "failed"), ({"iat": "soon"}, None), ({"exp": True}, None)):
        text = sign_compact({**school.course(), **claims}, school.p256, typ="vc+jwt",
                            header={"kid": school.p256.verification_method})
        assert outcomes(verify(world, text)).get("validity") == outcome, claims


@pytest.mark.parametrize("changes", [
    {"iss": "did:web:other.example"}, {"jti": "urn:other"}, {"vc": {}}, {"vp": {}}, {"iss": ["did:web:school.example"]},
])
def test_a_token_that_tells_two_stories_is_refused(world, school, changes):
    text = sign_compact({**school.course(), **changes}, school.p256, typ="vc+jwt",
                        header={"kid": school.p256.verification_method})
    assert verify(world, text).outcome is Outcome.FAILED


def test_a_course_taken_back_is_red_in_a_token_too(world, school):
    school.revoked.add(7)
    school.publish_list()
    assert outcomes(verify(world, sign_vc_jwt(school.course(), school.p256)))["status"] == "failed"


class Rsa:
    """A signer whose key lies with a school that signs the way Open Badges began."""

    algorithm = "RS256"
    verification_method = ""

    def __init__(self, bits: int = 2048) -> None:
        self._secret = rsa.generate_private_key(65537, bits)
        numbers = self._secret.public_key().public_numbers()
        self.jwk = {"kty": "RSA", "kid": "k1", "alg": "RS256", "use": "sig", "n": _number(numbers.n), "e": "AQAB"}

    def token(self, claims: dict[str, Any], **header: Any) -> str:
        text = ".".join(base64url_encode(json.dumps(part).encode()) for part in ({"alg": "RS256", **header}, claims))
        signature = self._secret.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{base64url_encode(signature)}"


def _number(value: int) -> str:
    return base64url_encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def rsa_badge(school: School, **changes: Any) -> dict[str, Any]:
    badge = school.course(subject_id="did:example:student", status=False)
    badge["issuer"]["id"] = "https://school.example/about"
    return {**badge, "iss": "https://school.example/about", "jti": badge["id"], "sub": "did:example:student", **changes}


@pytest.mark.spec("OB-3.0", "#jwt-proof")
def test_an_open_badge_may_be_signed_with_rsa_by_a_key_that_the_issuers_host_publishes(world, school):
    signer, stranger = Rsa(), Rsa()
    world.web.serve_json("https://school.example/.well-known/jwks.json", {"keys": [signer.jwk]})
    world.web.serve_json("https://school.example/keys/1", signer.jwk)
    named = [{"kid": "k1"}, {"kid": "https://school.example/keys/1"}, {"jwk": signer.jwk}, {}]
    for header in named:
        report = verify(world, signer.token(rsa_badge(school), **header))
        assert report.verified, (header, [check.to_json() for check in report.problems()])
        assert not verify(world, stranger.token(rsa_badge(school), **header)).verified
    for header in ({"kid": "k2"}, {"kid": "https://elsewhere.example/keys/1"}, {"jwk": stranger.jwk}):
        assert not verify(world, stranger.token(rsa_badge(school), **header)).verified
    weak = Rsa(1024)
    world.web.serve_json("https://school.example/.well-known/jwks.json", {"keys": [weak.jwk]})
    assert verify(world, weak.token(rsa_badge(school), kid="k1")).outcome is not Outcome.PASSED


def test_rsa_is_for_open_badges_alone(world, school):
    signer = Rsa()
    world.web.serve_json("https://school.example/.well-known/jwks.json", {"keys": [signer.jwk]})
    document = older(school, issuer="https://school.example/about")
    report = verify(world, signer.token({"iss": document["issuer"], "vc": document}, kid="k1"))
    assert not report.verified
    assert outcomes(report)["proof"] != "passed"


@pytest.mark.spec("VC-DATA-MODEL-2.0", "#enveloped-verifiable-credentials")
@pytest.mark.parametrize("changes", [
    {"@context": []}, {"@context": "https://www.w3.org/ns/credentials/examples/v2"}, {"@context": ...},
    {"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]}, {"type": "VerifiableCredential"},
    {"type": ...}, {"id": "eyJ.eyJ.sig"}, {"id": ...}, {"id": None}, {"id": "data:text/plain,x.y.z"},
    {"id": "data:application/vc+jwt,"},
    {"id": "data:application/vp+jwt,{token}"}, {"id": "https://school.example/{token}"},
])
def test_an_envelope_that_is_none_is_refused(world, school, changes):
    document = envelope(sign_vc_jwt(school.course(), school.p256))
    assert verify(world, document).verified
    token = text_of(document)
    for name, value in changes.items():
        document[name] = value.replace("{token}", token) if isinstance(value, str) else value
    document = {name: value for name, value in document.items() if value is not ...}
    assert not verify(world, document).verified


def presented(school: School, student: Holder, **changes: Any) -> dict[str, Any]:
    token = sign_vc_jwt(school.course(subject_id=student.did), school.p256)
    return {"@context": [V2], "type": ["VerifiablePresentation"], "holder": student.did,
            "verifiableCredential": [envelope(token)], **changes}


def verify_vp(world: World, presentation: Any, challenge: str | None = CHALLENGE, domain: str | None = DOMAIN,
              **policy: Any) -> Report:
    return verify_presentation(presentation, Policy(**policy), world.environment(), challenge=challenge, domain=domain)


@pytest.mark.spec("VC-JOSE-COSE", "#securing-vps-with-jose")
def test_a_presentation_in_a_token_holds_for_its_request_and_for_no_other(world, school, holder):
    token = sign_vp_jwt(presented(school, holder), holder.signer, nonce=CHALLENGE, audience=DOMAIN)
    for form in (token, envelope(token, "application/vp+jwt", "EnvelopedVerifiablePresentation")):
        report = verify_vp(world, form)
        assert report.verified, outcomes(report)
        assert report.members[0].document == school.course(subject_id=holder.did)
        assert outcomes(verify_vp(world, form, challenge="another"))["binding"] == "failed"
        assert outcomes(verify_vp(world, form, domain="x509_san_dns:other.example"))["binding"] == "failed"
        assert outcomes(verify_vp(world, form, challenge=None))["binding"] == "indeterminate"
    thief = SoftwareSigner.generate("Ed25519")
    stolen = sign_vp_jwt(presented(school, holder), thief, nonce=CHALLENGE, audience=DOMAIN)
    assert outcomes(verify_vp(world, stolen))["holder"] == "failed"
    did = thief.verification_method.partition("#")[0]
    own = sign_vp_jwt(presented(school, holder, holder=did), thief, nonce=CHALLENGE, audience=DOMAIN)
    assert outcomes(verify_vp(world, own))["holder"] == "failed"
    assert not verify(world, token).verified
    assert not verify_vp(world, sign_vc_jwt(school.course(), school.p256)).verified


def test_an_enveloped_record_in_a_presentation_is_judged_by_its_own_signature(world, school, holder):
    good = presented(school, holder)
    bad = copy.deepcopy(good)
    bad["verifiableCredential"][0]["id"] = bad["verifiableCredential"][0]["id"][:-4] + "AAAA"
    for document, verified in ((good, True), (bad, False)):
        token = sign_vp_jwt(document, holder.signer, nonce=CHALLENGE, audience=DOMAIN)
        assert verify_vp(world, token).verified is verified
        assert (outcomes(verify_vp(world, token))["credentials"] == "passed") is verified


def test_a_verifier_for_others_does_not_ask_whose_record_it_is_and_still_checks_what_it_is_told(world, school, holder):
    document = presented(school, holder, verifiableCredential=[envelope(sign_vc_jwt(school.course(), school.p256))])
    token = sign_vp_jwt(document, holder.signer, nonce=CHALLENGE, audience=DOMAIN)
    assert outcomes(verify_vp(world, token))["holder"] == "failed"
    assert verify_vp(world, token, None, None, asked=False).verified
    assert not verify_vp(world, token, "another", None, asked=False).verified
    assert not verify_vp(world, token, None, "another", asked=False).verified
    unsigned = presented(school, holder)
    assert not verify_vp(world, unsigned, None, None, asked=False).verified
    empty = sign_vp_jwt(presented(school, holder, verifiableCredential=[]), holder.signer, nonce="n", audience="a")
    assert verify_vp(world, empty, None, None, asked=False).verified
    assert outcomes(verify_vp(world, empty, "n", "a"))["credentials"] == "failed"
    for nothing in (None, 7, {}):
        odd = sign_vp_jwt(presented(school, holder, verifiableCredential=nothing), holder.signer, nonce="n",
                          audience="a")
        assert not verify_vp(world, odd, None, None, asked=False).verified
