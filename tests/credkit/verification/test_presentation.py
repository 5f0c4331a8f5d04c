"""The presentation pipeline: for whom, by whom, of whose records (security.md E04)."""

from __future__ import annotations

import copy

import pytest

from credkit.environment import SystemRandomness
from credkit.proofs import derive
from credkit.verification import Outcome, Policy, verify_presentation
from tests.support.world import Holder, School, World

CHALLENGE = "nonce-1"
DOMAIN = "decentralized_identifier:did:web:college.example"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def school(world):
    return School(world)


@pytest.fixture
def holder(world):
    return Holder(world)


@pytest.fixture
def course(world, school, holder):
    base = school.sign_base(school.course(subject_id=holder.did))
    return derive(base, ["/credentialSubject/achievement/name", "/credentialSubject/result/0/value"], world.processor,
                  SystemRandomness())


def verify(world, presentation, challenge=CHALLENGE, domain=DOMAIN):
    return verify_presentation(presentation, Policy(), world.environment(), challenge=challenge, domain=domain)


def outcomes(report):
    return {check.id: str(check.outcome) for check in report.checks}


def test_a_presentation_made_for_us_holds(world, holder, course):
    report = verify(world, holder.present(course))
    assert outcomes(report) == dict.fromkeys(
        ("shape", "vocabulary", "proof", "holder", "binding", "credentials"), "passed"
    )
    assert report.verified


@pytest.mark.parametrize(
    ("challenge", "domain"), [("other", DOMAIN), (CHALLENGE, "did:web:college.example"), ("", DOMAIN)]
)
def test_a_presentation_made_for_another_request_does_not_hold(world, holder, course, challenge, domain):
    report = verify(world, holder.present(course), challenge, domain)
    assert outcomes(report)["binding"] == "failed"
    assert not report.verified


@pytest.mark.parametrize(("challenge", "domain"), [(None, None), (CHALLENGE, None), (None, DOMAIN)])
def test_without_knowing_the_request_the_binding_could_not_be_checked(world, holder, course, challenge, domain):
    report = verify(world, holder.present(course), challenge, domain)
    assert outcomes(report)["binding"] == "indeterminate"
    assert report.outcome is Outcome.INDETERMINATE


def test_a_stolen_record_cannot_be_presented_by_another_key(world, course):
    thief = Holder(world)
    report = verify(world, thief.present(course))
    assert outcomes(report)["holder"] == "failed"


def test_a_named_holder_who_did_not_sign_is_refused(world, holder, course):
    report = verify(world, holder.present(course, holder=Holder(world).did))
    assert outcomes(report)["holder"] == "failed"


def test_an_unsigned_presentation_is_refused(world, holder, course):
    presentation = holder.present(course)
    del presentation["proof"]
    report = verify(world, presentation)
    assert outcomes(report)["proof"] == "failed"


def test_an_empty_presentation_is_refused(world, holder):
    report = verify(world, holder.present())
    assert outcomes(report)["credentials"] == "failed"


def test_one_bad_record_spoils_the_presentation(world, school, holder, course):
    other = school.sign_base(school.course(index=9, subject_id=holder.did))
    bad = copy.deepcopy(derive(other, ["/credentialSubject/result/0/value"], world.processor, SystemRandomness()))
    bad["credentialSubject"]["result"][0]["value"] = "A+"
    report = verify(world, holder.present(course, bad))
    assert outcomes(report)["credentials"] == "failed"
    assert [member.verified for member in report.members] == [True, False]


def test_a_base_proof_in_a_presentation_is_refused(world, school, holder):
    report = verify(world, holder.present(school.sign_base(school.course(subject_id=holder.did))))
    assert outcomes(report)["credentials"] == "failed"


@pytest.mark.parametrize("presentation", [None, [], "x", 7])
def test_what_is_no_object_is_a_failed_shape(world, presentation):
    assert outcomes(verify(world, presentation)) == {"shape": "failed"}
