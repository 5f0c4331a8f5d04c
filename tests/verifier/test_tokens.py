"""Tokens that somebody hands in, in a file or pasted: told like any record, and never more than was signed."""

from __future__ import annotations

import json

import pytest

from credkit.encoding import base64url_encode
from credkit.environment import SystemRandomness
from credkit.formats.jwt_vc import sign_vc_jwt, sign_vp_jwt
from credkit.formats.vc_sd_jwt import sign_vc_sd_jwt
from credkit.verification import Outcome, Policy
from tests.support.world import V2, Holder, School, World
from verifier.services.checking import check_input
from verifier.services.stories import Source, tell


@pytest.fixture
def world():
    return World()


@pytest.fixture
def school(world):
    return School(world)


def check(world, text, **bound):
    return check_input(f"\n {text}\n".encode(), Policy(), world.environment(), **bound)


def sd_jwt(school):
    return sign_vc_sd_jwt(school.course(), school.p256, selective=[("credentialSubject", "achievement", "description")],
                          randomness=SystemRandomness())


@pytest.mark.parametrize("form", [lambda school: sign_vc_jwt(school.course(), school.p256), sd_jwt])
def test_a_record_in_a_token_is_told_like_any_other(world, school, form):
    text = form(school)
    report = check(world, text)
    assert report.verified
    story = tell(report, Source())
    assert "Algebra I" in json.dumps(story)
    head, _, tail = text.partition("~")
    broken = check(world, head[:-4] + "AAAA" + ("~" + tail if tail else ""))
    assert broken.outcome is Outcome.FAILED
    assert "Algebra I" not in json.dumps(tell(broken, Source()))


def test_a_presentation_in_a_token_is_one(world, school):
    holder = Holder(world)
    envelope = {"@context": V2, "type": "EnvelopedVerifiableCredential",
                "id": "data:application/vc+jwt," + sign_vc_jwt(school.course(subject_id=holder.did), school.p256)}
    document = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": holder.did,
                "verifiableCredential": [envelope]}
    text = sign_vp_jwt(document, holder.signer, nonce="n", audience="college")
    assert check(world, text, challenge="n", domain="college").verified
    assert not check(world, text).verified
    assert not check(world, text, challenge="other", domain="college").verified


@pytest.mark.parametrize("alg", ["none", "HS256", 7, None])
def test_a_token_without_a_signature_that_proves_anything_is_refused(world, school, alg):
    header, payload = (base64url_encode(json.dumps(part).encode()) for part in ({"alg": alg}, school.course()))
    report = check(world, f"{header}.{payload}.c2lnbmF0dXJl")
    assert (report.outcome, report.checks[0].problem["code"]) == (Outcome.FAILED, "cryptographic_security")
