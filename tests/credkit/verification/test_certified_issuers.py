"""SD-JWT VC whose issuer is named by a certificate in the header (draft-ietf-oauth-sd-jwt-vc-18 #section-3.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from credkit.environment import SystemRandomness
from credkit.formats import sd_jwt_vc as vc
from credkit.keys import SoftwareSigner
from credkit.verification import Policy, Report, verify_credential
from credkit.x509 import Anchors
from tests.support.certificates import Issued, authority, leaf
from tests.support.world import NOW, World

ROOT = authority(NOW)
SCHOOL = leaf(NOW, ROOT, ["school.example"], uris=["https://school.example/issuer"])


def issue(issued: Issued = SCHOOL, *, signer: SoftwareSigner | None = None, **claims: Any) -> str:
    said = {"vct": "https://school.example/vct", "iat": int(NOW.timestamp()), "title": "Algebra", **claims}
    return vc.issue_sd_jwt_vc(said, signer or issued.signer, selective=[("title",)], randomness=SystemRandomness(),
                              header={"x5c": [issued.x5c]})


def judge(text: str, *anchors: Issued, world: World | None = None) -> Report:
    environment = (world or World()).environment()
    return verify_credential(text, Policy(), replace(
        environment, anchors=Anchors(lambda: [each.der for each in anchors])))


def outcomes(report: Report) -> dict[str, str]:
    return {check.id: str(check.outcome) for check in report.checks}


@pytest.mark.parametrize("claims", [{}, {"iss": "https://school.example"}, {"iss": "https://school.example/issuer"}])
def test_a_certificate_for_the_issuers_address_gives_its_key(claims: dict[str, Any]) -> None:
    world = World()

    report = judge(issue(**claims), ROOT, world=world)

    assert report.verified and world.web.requests == []


@pytest.mark.parametrize("iss", [
    "https://other.example", "https://sub.school.example", "https://school.example.evil.example"])
def test_a_certificate_for_somebody_else_is_not_the_issuers(iss: str) -> None:
    report = judge(issue(iss=iss), ROOT)

    assert outcomes(report)["issuer-binding"] == "failed" and not report.verified


def test_a_certificate_that_nobody_trusted_vouches_for_could_not_be_checked() -> None:
    for anchors in ((), (authority(NOW),)):
        found = outcomes(judge(issue(), *anchors))
        assert (found["proof"], found["issuer-binding"]) == ("indeterminate", "indeterminate")


def test_a_signature_by_another_key_than_the_certificates_fails() -> None:
    report = judge(issue(signer=SoftwareSigner.generate("P-256")), ROOT)

    assert outcomes(report)["proof"] == "failed"


def test_a_certificate_that_has_run_out_does_not_count() -> None:
    world = World()
    world.clock.moment = NOW + timedelta(days=31)

    assert not judge(issue(), ROOT, world=world).verified


@pytest.mark.parametrize("x5c", [None, "", [], [1], ["x"], {}])
def test_a_malformed_chain_is_no_key(x5c: Any) -> None:
    text = vc.issue_sd_jwt_vc({"vct": "https://school.example/vct"}, SCHOOL.signer, selective=[],
                              randomness=SystemRandomness(), header={"x5c": x5c})

    assert not judge(text, ROOT).verified
