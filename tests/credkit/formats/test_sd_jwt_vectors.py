"""SD-JWT against the published examples: what was issued and presented is read as its authors read it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from credkit.errors import InvalidChallengeError, InvalidDomainError, MalformedValueError, ProofVerificationError
from credkit.formats._sd_jwt import check_key_binding, digest_of, expand, parse_sd_jwt, verify_sd_jwt
from credkit.jose import peek_header, peek_payload
from credkit.keys import public_key_from_jwk
from tests.support.shared import ROOT, read_json

VECTORS = ROOT / "tests" / "vectors" / "sd-jwt"
CASES = {f"{path.stem}/{name}": case for path in sorted(VECTORS.glob("*.json"))
         for name, case in read_json(path).items()}
NUMBERED = "testcases/header_mod"
READABLE = [name for name in CASES if name != NUMBERED]
ISSUER = public_key_from_jwk({
    "kty": "EC", "crv": "P-256", "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
    "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8"})


@pytest.mark.spec("RFC9901", "#section-7.1")
@pytest.mark.parametrize("name", READABLE)
def test_a_published_presentation_is_read_as_published(name):
    case = CASES[name]
    assert verify_sd_jwt(parse_sd_jwt(case["presentation"]), ISSUER, typ=None).claims == case["verified"]


@pytest.mark.spec("RFC9901", "#section-7.1")
@pytest.mark.parametrize("name", READABLE)
def test_with_every_disclosure_the_published_claims_are_there(name):
    case = CASES[name]
    issued = parse_sd_jwt(case["issuance"])
    assert peek_payload(issued.jwt) == case["payload"]
    claims = verify_sd_jwt(issued, ISSUER, typ=None).claims
    assert {claim: claims[claim] for claim in case["user_claims"]} == case["user_claims"]


@pytest.mark.parametrize("name", READABLE)
def test_taken_away_tampered_or_foreign_the_published_disclosures_fail(name):
    presented = parse_sd_jwt(CASES[name]["presentation"])
    payload = peek_payload(presented.jwt)
    for text in presented.disclosures:
        with pytest.raises(ProofVerificationError):
            expand(payload, [*presented.disclosures, text])
        altered = text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1]
        with pytest.raises(Exception, match=r".") as caught:
            expand(payload, [altered if each == text else each for each in presented.disclosures])
        assert caught.type.__module__ == "credkit.errors"


@pytest.mark.spec("RFC9901", "#section-7.3")
@pytest.mark.parametrize("name", [name for name in READABLE if "key_binding" in CASES[name]])
def test_a_published_key_binding_holds_for_its_request_alone(name):
    case = CASES[name]
    said, presented = case["key_binding"], parse_sd_jwt(case["presentation"])
    holder = public_key_from_jwk(case["payload"]["cnf"]["jwk"])
    request = {"nonce": said["nonce"], "audience": said["aud"], "now": datetime.fromtimestamp(said["iat"] + 5, UTC)}
    assert digest_of(presented.bound) == said["sd_hash"]
    check_key_binding(presented, holder, **request)
    for wrong, error in (({"nonce": "other"}, InvalidChallengeError), ({"audience": "other"}, InvalidDomainError),
                         ({"now": datetime.fromtimestamp(said["iat"] + 3600, UTC)}, ProofVerificationError),
                         ({"now": datetime.fromtimestamp(said["iat"] - 3600, UTC)}, ProofVerificationError)):
        with pytest.raises(error):
            check_key_binding(presented, holder, **{**request, **wrong})
    with pytest.raises(ProofVerificationError):
        check_key_binding(presented, ISSUER, **request)


def test_a_key_id_that_is_a_number_is_refused():
    assert peek_header(parse_sd_jwt(CASES[NUMBERED]["presentation"]).jwt)["kid"] == 42
    with pytest.raises(MalformedValueError):
        verify_sd_jwt(parse_sd_jwt(CASES[NUMBERED]["presentation"]), ISSUER, typ=None)
