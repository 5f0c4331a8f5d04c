"""SD-JWT VC through the pipeline: whose key, until when, taken back or not, for which request."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from credkit.encoding import base64url_encode
from credkit.environment import SystemRandomness
from credkit.formats import sd_jwt_vc as vc
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner
from credkit.status import token_status_list as tsl
from credkit.trust.allow_list import AllowList, TrustedIssuer
from credkit.verification import Outcome, Policy, verify_credential, verify_sd_jwt_presentation
from tests.support.world import NOW, School, World

HOLDER = SoftwareSigner.generate("P-256")
LIST_URL = "https://school.example/statuslists/1"
REQUEST = {"nonce": "n-0S6_WzA2Mj", "audience": "https://college.example"}
PLACES: list[vc.Path] = [("student",), ("course", "title"), ("course", "grade")]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def school(world):
    school = School(world)
    publish_list(school)
    return school


def publish_list(school, statuses=None, *, signer=None, url=LIST_URL, moment=None):
    signer, moment = signer or school.p256, moment or school.world.clock.now()
    token = tsl.sign_status_list(tsl.pack(statuses or {}, 2, 1024), url=url, signer=signer, issued_at=moment,
                                 expires_at=moment + timedelta(days=1), header={"kid": signer.verification_method})
    school.world.web.serve_json(LIST_URL, token.encode(), content_type=tsl.MEDIA_TYPE)


def claims_of(school, **changes):
    return {
        "vct": "https://school.example/vct/course", "iss": school.did, "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(days=365)).timestamp()), "cnf": {"jwk": HOLDER.public_key.to_jwk()},
        "status": tsl.build_reference(7, LIST_URL), "student": "Lucía Ramírez",
        "course": {"title": "Algebra I", "grade": "A-"}, **changes,
    }


def issue(school, *, signer=None, header=None, without=(), **changes):
    signer = signer or school.p256
    claims = {name: value for name, value in claims_of(school, **changes).items() if name not in without}
    return vc.issue_sd_jwt_vc(claims, signer, selective=PLACES, randomness=SystemRandomness(),
                              header={"kid": signer.verification_method} if header is None else header)


def present(text, places=(("course", "title"),), **changes):
    chosen = vc.choose(vc.parse_sd_jwt(text), places)
    return str(vc.bind_key(chosen, HOLDER, **{**REQUEST, "now": NOW, **changes}))


def outcomes(report):
    return {check.id: str(check.outcome) for check in report.checks}


def codes(report):
    return {check.id: check.problem["code"] for check in report.checks if check.problem}


def check(world, text, **policy):
    return verify_credential(text, Policy(**policy), world.environment())


def test_what_a_school_issued_holds_and_says_what_is_shown(world, school):
    report = check(world, issue(school))
    assert report.verified and report.document == claims_of(school)
    assert outcomes(report) == {"shape": "passed", "proof": "passed", "issuer-binding": "passed", "validity": "passed",
                                "status": "passed", "trust": "indeterminate"}


def test_a_presentation_for_one_request_holds_for_that_one(world, school):
    text = present(issue(school))
    report = verify_sd_jwt_presentation(text, Policy(), world.environment(), **REQUEST)
    assert report.verified and report.document["course"] == {"title": "Algebra I"}
    assert "student" not in report.document
    for wrong in ({"nonce": "other"}, {"audience": "https://mill.example"}):
        refused = verify_sd_jwt_presentation(text, Policy(), world.environment(), **{**REQUEST, **wrong})
        assert outcomes(refused)["binding"] == "failed" and not refused.verified


def test_without_the_holders_signature_a_presentation_fails(world, school):
    stripped = str(vc.choose(vc.parse_sd_jwt(issue(school)), [("course", "title")]))
    report = verify_sd_jwt_presentation(stripped, Policy(), world.environment(), **REQUEST)
    assert (outcomes(report)["binding"], report.verified) == ("failed", False)
    unbound = present(issue(school, without=("cnf",)))
    assert not verify_sd_jwt_presentation(unbound, Policy(), world.environment(), **REQUEST).verified


def test_a_holder_named_by_a_did_url_signs_with_that_key(world, school):
    text = issue(school, cnf={"kid": HOLDER.verification_method})
    assert verify_sd_jwt_presentation(present(text), Policy(), world.environment(), **REQUEST).verified
    thief = SoftwareSigner.generate("P-256")
    stolen = issue(school, cnf={"kid": thief.verification_method})
    assert not verify_sd_jwt_presentation(present(stolen), Policy(), world.environment(), **REQUEST).verified


def test_taken_back_is_red_and_stays_red(world, school):
    text = issue(school)
    publish_list(school, {7: tsl.INVALID})
    assert codes(check(world, text))["status"] == "revoked"
    world.web.serve_json(LIST_URL, b"", status=503)
    assert codes(check(world, text))["status"] == "revoked"
    assert codes(check(world, text.replace("~", "~", 1)))["status"] == "revoked"


def test_on_hold_is_red_and_another_status_is_not_green(world, school):
    publish_list(school, {7: tsl.SUSPENDED})
    assert codes(check(world, issue(school)))["status"] == "suspended"
    world.clock.advance(minutes=1)
    publish_list(school, {7: 3})
    assert outcomes(check(world, issue(school)))["status"] == "failed"


def test_a_list_that_cannot_be_reached_could_not_be_checked(world, school):
    world.web.serve_json(LIST_URL, b"", status=503)
    report = check(world, issue(school))
    assert outcomes(report)["status"] == "indeterminate" and not report.verified


@pytest.mark.parametrize("fault", ["another signer", "another address", "no list", "old", "from the future", "cut off"])
def test_a_list_that_does_not_hold_is_never_green(world, school, fault):
    if fault == "another signer":
        publish_list(school, signer=SoftwareSigner.generate("P-256"))
    elif fault == "another address":
        publish_list(school, url=LIST_URL + "0")
    elif fault == "no list":
        world.web.serve_json(LIST_URL, b"<html>", content_type="text/html")
    elif fault == "old":
        publish_list(school, moment=NOW - timedelta(days=2))
    elif fault == "from the future":
        publish_list(school, moment=NOW + timedelta(days=2))
    else:
        world.web.serve_json(LIST_URL, b"e30.e30", content_type=tsl.MEDIA_TYPE)
    report = check(world, issue(school))
    assert outcomes(report)["status"] in ("failed", "indeterminate") and not report.verified


def test_a_list_older_than_one_seen_is_not_taken(world, school):
    text = issue(school)
    assert check(world, text).verified
    publish_list(school, moment=NOW - timedelta(hours=2))
    assert outcomes(check(world, text))["status"] == "indeterminate"


def test_days_and_trust(world, school):
    text = issue(school)
    assert codes(check(world, text, now=NOW + timedelta(days=366)))["validity"] == "expired"
    listed = AllowList((TrustedIssuer(school.did, "Lincoln"),))
    report = check(world, text, trust=listed)
    assert report.verified and report.trusted_name == "Lincoln"
    assert codes(check(world, text, trust=AllowList()))["trust"] == "issuer_not_trusted"


def test_a_key_of_somebody_else_is_not_the_named_issuers(world, school):
    mill = School(world, "https://mill.example", "Lincoln High School")
    report = check(world, issue(school, signer=mill.p256))
    assert (codes(report)["issuer-binding"], report.verified) == ("issuer_binding", False)


def test_no_issuer_named_means_who_controls_the_key(world, school):
    report = check(world, issue(school, without=("iss",)), trust=AllowList((TrustedIssuer(school.did, "Lincoln"),)))
    assert report.verified and report.trusted_name == "Lincoln"


@pytest.mark.parametrize("header", [{}, {"x5c": ["MIIB"]}, {"kid": "did:web:nobody.example#key"}, {"jwk": {}}])
def test_a_key_that_cannot_be_found_could_not_be_checked(world, school, header):
    report = check(world, issue(school, header=header))
    assert outcomes(report)["proof"] == "indeterminate" and not report.verified


def test_a_bare_key_id_is_one_of_the_issuers_own(world, school):
    for key_id in ("p256", "#p256"):
        assert check(world, issue(school, header={"kid": key_id})).verified
    assert not check(world, issue(school, header={"kid": "ed25519"})).verified


ISSUER_URL = "https://school.example/branch"
METADATA_URL = "https://school.example/.well-known/jwt-vc-issuer/branch"


def published(school, **changes):
    jwk = {**school.p256.public_key.to_jwk(), "kid": "one"}
    school.world.web.serve_json(METADATA_URL, {"issuer": ISSUER_URL, "jwks": {"keys": [jwk]}, **changes})
    return issue(school, iss=ISSUER_URL, header={"kid": "one"}, without=("status",))


def test_an_https_issuer_publishes_its_keys(world, school):
    assert check(world, published(school)).verified
    jwk = {**school.p256.public_key.to_jwk(), "kid": "one"}
    world.web.serve_json("https://school.example/keys", {"keys": [jwk]})
    school.world.web.serve_json(METADATA_URL, {"issuer": ISSUER_URL, "jwks_uri": "https://school.example/keys"})
    assert check(world, issue(school, iss=ISSUER_URL, header={"kid": "one"}, without=("status",))).verified


@pytest.mark.parametrize("changes", [
    {"issuer": "https://mill.example"}, {"issuer": None}, {"jwks": {"keys": []}}, {"jwks": {"keys": [7]}}, {"jwks": []},
    {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "kid": "one"}]}}, {"jwks_uri": 7}])
def test_metadata_that_does_not_fit_is_never_green(world, school, changes):
    report = check(world, published(school, **changes))
    assert outcomes(report)["proof"] != "passed" and not report.verified


HOSTILE = [None, True, -1, 2**70, 1e400, "", "x", "https://[", "https://school.example:99999", "https://\x00",
           "did:", "did:web:",
           "did:key:z", "#", [], [[]], {}, {"jwk": {"kty": "EC"}}, {"kid": "did:"}, {"status_list": 7}, {"_sd": [7]}]


@pytest.mark.parametrize("name", ["vct", "iss", "sub", "iat", "nbf", "exp", "cnf", "status", "aka_vcts", "jti",
    "_sd", "..."])
def test_whatever_stands_in_a_claim_gives_a_report(world, school, name):
    for value in HOSTILE:
        for header in ({"kid": school.p256.verification_method}, {"kid": "p256"}, {}):
            claims = {**claims_of(school), name: value}
            token = sign_any(claims, school.p256, {"typ": "dc+sd-jwt", "alg": "ES256", **header})
            assert check(world, token + "~").outcome in Outcome
            report = verify_sd_jwt_presentation(token + "~", Policy(), world.environment(), **REQUEST)
            assert not report.verified


@pytest.mark.parametrize("name", ["kid", "typ", "alg", "x5c", "jwk", "crit"])
def test_whatever_stands_in_a_header_gives_a_report(world, school, name):
    for value in HOSTILE:
        header = {"typ": "dc+sd-jwt", "alg": "ES256", "kid": school.p256.verification_method, name: value}
        report = check(world, sign_any(claims_of(school), school.p256, header) + "~")
        assert report.outcome in Outcome
        assert not report.verified or name in ("x5c", "jwk")


def sign_any(claims, signer, header):
    """A token as nobody should write it: any header, any payload, a signature that holds."""
    parts = [base64url_encode(json.dumps(part).replace("Infinity", "1e400").encode()) for part in (header, claims)]
    return ".".join((*parts, base64url_encode(signer.sign(".".join(parts).encode()))))


@pytest.mark.parametrize("text", ["", "~", "a.b.c~", "e30.e30.e30~", "é~", "x" * 100])
def test_what_is_no_sd_jwt_fails_by_its_shape(world, text):
    report = check(world, text)
    assert outcomes(report) == {"shape": "failed"} and not report.verified


def test_a_changed_payload_fails_the_proof(world, school):
    jwt, *rest = issue(school).split("~")
    forged = sign_compact({**json.loads(json.dumps(claims_of(school))), "iss": school.did},
                          SoftwareSigner.generate("P-256"), typ="dc+sd-jwt", header={"kid": school.did + "#p256"})
    assert codes(check(world, forged + "~"))["proof"] == "proof_verification"
    header, payload, signature = jwt.split(".")
    assert not check(world, "~".join((f"{header}.{payload}.{signature[::-1]}", *rest))).verified


@pytest.mark.parametrize(("listed", "outcome"), [
    ("did:web:school.example", "passed"), ("https://school.example", "passed"), ("did:web:school.example:a", "failed"),
    ("did:web:school.example%3A8443", "failed"), ("did:web:mill.example", "failed")])
def test_an_issuer_named_by_its_origin_is_the_did_web_of_that_origin_and_no_other(world, school, listed, outcome):
    jwk = {**school.p256.public_key.to_jwk(), "kid": "one"}
    world.web.serve_json("https://school.example/.well-known/jwt-vc-issuer",
                         {"issuer": "https://school.example", "jwks": {"keys": [jwk]}})
    text = issue(school, iss="https://school.example", header={"kid": "one"}, without=("status",))
    report = check(world, text, trust=AllowList((TrustedIssuer(listed, "Lincoln"),)))
    assert outcomes(report)["trust"] == outcome
    branch = check(world, published(school), trust=AllowList((TrustedIssuer("did:web:school.example", "Lincoln"),)))
    assert outcomes(branch)["trust"] == "failed"
