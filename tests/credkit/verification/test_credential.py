"""The credential pipeline: what passes, what fails, what could not be checked (security.md A05, A06, A08, C02, C03)."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from credkit.environment import SystemRandomness
from credkit.keys import SoftwareSigner
from credkit.proofs import add_proof
from credkit.trust.allow_list import AllowList, TrustedIssuer
from credkit.verification import Outcome, Policy, Report, verify_credential
from tests.support.world import NOW, School, World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def school(world):
    return School(world)


def verify(world, document, **policy):
    return verify_credential(document, Policy(**policy), world.environment())


def outcomes(report):
    return {check.id: str(check.outcome) for check in report.checks}


SUITES = ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"]


@pytest.mark.parametrize("suite", SUITES)
def test_a_signed_course_holds_and_its_signer_is_unknown(world, school, suite):
    report = verify(world, school.sign(school.course(), suite))
    assert outcomes(report) == {
        "shape": "passed",
        "vocabulary": "passed",
        "proof": "passed",
        "issuer-binding": "passed",
        "validity": "passed",
        "status": "passed",
        "trust": "indeterminate",
    }
    assert report.verified
    assert report.document["credentialSubject"]["result"][0]["value"] == "A"


def test_with_a_trust_list_the_signer_must_be_on_it(world, school):
    course = school.sign(school.course())
    known = verify(world, course, trust=AllowList((TrustedIssuer(school.did, "Lincoln"),)))
    assert known.verified
    assert known.trusted_name == "Lincoln"
    stranger = verify(world, course, trust=AllowList((TrustedIssuer("did:web:other.example", "Other"),)))
    assert outcomes(stranger)["trust"] == "failed"
    assert not stranger.verified


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("change", ["grade", "name", "credits", "issuer name", "added", "removed"])
def test_a_changed_course_does_not_hold(world, school, suite, change):
    course = copy.deepcopy(school.sign(school.course(), suite))
    subject = course["credentialSubject"]
    if change == "grade":
        subject["result"][0]["value"] = "A+"
    elif change == "name":
        subject["identifier"][0]["identityHash"] = "Somebody Else"
    elif change == "credits":
        subject["creditsEarned"] = 2.0
    elif change == "issuer name":
        course["issuer"]["name"] = "State University"
    elif change == "added":
        subject["licenseNumber"] = "7"
    else:
        del subject["term"]
    report = verify(world, course)
    assert outcomes(report)["proof"] == "failed"
    assert report.outcome is Outcome.FAILED


def test_a_word_the_signature_does_not_cover_is_refused(world, school):
    course = school.sign(school.course())
    course["credentialSubject"]["gpa"] = "4.0"
    report = verify(world, course)
    assert outcomes(report)["vocabulary"] == "failed"
    assert not report.verified


@pytest.mark.parametrize(
    "proof",
    [
        None,
        "x",
        [],
        {},
        [None],
        [{}],
        7,
        {"type": "DataIntegrityProof"},
        {"type": ["DataIntegrityProof"], "cryptosuite": "eddsa-rdfc-2022"},
    ],
)
def test_without_a_proof_nothing_holds(world, school, proof):
    course = {**school.course(), "proof": proof}
    report = verify(world, course)
    assert outcomes(report)["proof"] == "failed"
    assert not report.verified
    del course["proof"]
    assert outcomes(verify(world, course))["proof"] == "failed"


@pytest.mark.parametrize("member", ["type", "cryptosuite", "proofPurpose", "verificationMethod", "proofValue"])
@pytest.mark.parametrize("value", [..., None, 7, [], "", {}])
def test_a_broken_proof_member_never_passes(world, school, member, value):
    course = copy.deepcopy(school.sign(school.course()))
    if value is ...:
        del course["proof"][member]
    else:
        course["proof"][member] = value
    report = verify(world, course)
    assert not report.verified
    assert outcomes(report)["proof"] != "passed" or outcomes(report)["issuer-binding"] == "failed"


def countersigned(world, school, **options):
    """A course that the school signed and somebody else signed too."""
    other = SoftwareSigner.generate("Ed25519")
    signed = add_proof(school.course(), suite="eddsa-rdfc-2022", signer=school.ed25519, processor=world.processor,
                       created=NOW, proof_id="urn:uuid:first")
    return add_proof(signed, suite="eddsa-rdfc-2022", signer=other,
                     processor=world.processor, created=NOW, **options)


@pytest.mark.parametrize("options", [{}, {"previous": ("urn:uuid:first",)}])
def test_a_set_or_chain_holds_if_every_proof_does_and_the_issuer_is_among_the_signers(world, school, options):
    course = countersigned(world, school, **options)
    report = verify(world, course)
    assert report.verified
    assert report.document == course
    for index in (0, 1):
        for member, value in (("proofValue", "z" + "1" * 86), ("cryptosuite", "eddsa-jcs-2022"),
                              ("proofPurpose", "authentication"), ("created", "yesterday"), ("verificationMethod", 7)):
            broken = copy.deepcopy(course)
            broken["proof"][index][member] = value
            assert verify(world, broken).outcome is Outcome.FAILED, (index, member)
        unknown = copy.deepcopy(course)
        unknown["proof"][index]["cryptosuite"] = "mldsa44-rdfc-2024"
        assert not verify(world, unknown).verified
    stranger = copy.deepcopy(course)
    stranger["proof"] = {name: value for name, value in course["proof"][1].items() if name != "previousProof"}
    assert outcomes(verify(world, stranger))["issuer-binding"] == "failed"


def test_one_proof_of_a_kind_we_do_not_speak_leaves_a_good_one_unchecked_and_never_hides_a_bad_one(world, school):
    course = countersigned(world, school)
    course["proof"][1]["cryptosuite"] = "mldsa44-rdfc-2024"
    assert outcomes(verify(world, course))["proof"] == "indeterminate"
    course["proof"][0]["created"] = "2026-01-01T00:00:00Z"
    assert outcomes(verify(world, course))["proof"] == "failed"


def test_a_strangers_proof_over_the_bytes_does_not_vouch_for_the_issuers_words(world, school):
    course = school.sign(school.course())
    course["@context"].append({"another": "https://example.org/another"})
    signed = add_proof(course, suite="eddsa-jcs-2022", signer=SoftwareSigner.generate("Ed25519"),
                       processor=world.processor, created=NOW)
    assert not verify(world, signed).verified
    assert outcomes(verify(world, signed))["vocabulary"] != "passed"


def test_a_single_proof_in_an_array_is_the_same(world, school):
    course = school.sign(school.course())
    course["proof"] = [course["proof"]]
    assert verify(world, course).verified


def test_an_unknown_suite_could_not_be_checked(world, school):
    course = school.sign(school.course())
    course["proof"] = {**course["proof"], "cryptosuite": "xx-2030"}
    report = verify(world, course)
    assert outcomes(report)["proof"] == "indeterminate"
    assert report.outcome is Outcome.INDETERMINATE


class TestWhoSigned:
    def test_another_school_cannot_sign_in_this_ones_name(self, world, school):
        other = School(world, "https://other.example", "Other")
        report = verify(world, school.sign(school.course(), signer=other.ed25519))
        assert outcomes(report)["issuer-binding"] == "failed"
        assert outcomes(report)["proof"] == "passed"
        assert not report.verified

    def test_a_key_listed_for_another_purpose_is_not_enough(self, world, school):
        course = school.sign(school.course())
        school.publish(("authentication",))
        report = verify(world, course)
        assert outcomes(report)["issuer-binding"] == "failed"
        assert not report.verified

    def test_a_proof_for_another_purpose_is_refused(self, world, school):
        report = verify(world, school.sign(school.course(), purpose="authentication"))
        assert outcomes(report)["proof"] == "failed"

    def test_a_key_of_another_kind_cannot_have_made_the_proof(self, world, school):
        course = copy.deepcopy(school.sign(school.course()))
        course["proof"]["verificationMethod"] = school.did + "#p256"
        report = verify(world, course)
        assert outcomes(report)["proof"] == "failed"

    def test_an_unreachable_signer_could_not_be_checked(self, world, school):
        course = school.sign(school.course(status=False))
        world.web.unreachable(school.origin)
        report = verify(world, course)
        assert (outcomes(report)["proof"], outcomes(report)["issuer-binding"]) == ("indeterminate", "indeterminate")
        assert report.outcome is Outcome.INDETERMINATE

    def test_a_method_we_do_not_speak_could_not_be_checked(self, world, school):
        stranger = SoftwareSigner.generate("Ed25519", verification_method="did:example:1#k")
        document = {**school.course(status=False), "issuer": {**school.course()["issuer"], "id": "did:example:1"}}
        report = verify(world, school.sign(document, signer=stranger))
        assert report.outcome is Outcome.INDETERMINATE

    def test_a_did_key_holds_offline(self, world, school):
        signer = SoftwareSigner.generate("P-256")
        document = school.course(status=False)
        document["issuer"]["id"] = signer.verification_method.partition("#")[0]
        world.web.unreachable(school.origin)
        before = len(world.web.requests)
        assert verify(world, school.sign(document, "ecdsa-rdfc-2019", signer=signer)).verified
        assert len(world.web.requests) == before


class TestTime:
    def test_before_and_after_its_period_a_record_does_not_hold(self, world, school):
        document = {**school.course(status=False), "validUntil": "2030-01-01T00:00:00Z"}
        signed = school.sign(document)
        assert verify(world, signed).verified
        for moment in (NOW - timedelta(days=3000), NOW + timedelta(days=3000)):
            report = verify(world, signed, now=moment)
            assert outcomes(report)["validity"] == "failed"

    def test_an_expired_proof_does_not_hold(self, world, school):
        course = school.sign(school.course())
        course["proof"] = {**course["proof"], "expires": "2020-01-01T00:00:00Z"}
        assert outcomes(verify(world, course))["proof"] == "failed"


class TestStatus:
    def test_a_taken_back_course_does_not_hold(self, world, school):
        course = school.sign(school.course())
        school.revoked.add(7)
        school.publish_list()
        report = verify(world, course)
        assert outcomes(report)["status"] == "failed"
        assert report.check("status").problem["code"] == "revoked"

    def test_an_unreachable_list_could_not_be_checked(self, world, school):
        course = school.sign(school.course())
        world.environment().resolver.resolve(school.did)
        world.web.serve_json(school.list_url, {"error": "gone"}, status=404)
        report = verify(world, course)
        assert outcomes(report)["status"] == "indeterminate"
        assert report.outcome is Outcome.INDETERMINATE

    def test_taken_back_once_is_taken_back_when_the_list_is_gone(self, world, school):
        course = school.sign(school.course())
        school.revoked.add(7)
        school.publish_list()
        assert outcomes(verify(world, course))["status"] == "failed"
        world.web.serve_json(school.list_url, {"error": "gone"}, status=404)
        assert outcomes(verify(world, course))["status"] == "failed"

    def test_yesterdays_list_does_not_bring_a_record_back(self, world, school):
        course = school.sign(school.course())
        old = copy.deepcopy(world.web.get(school.list_url).body)
        world.clock.advance(hours=1)
        school.revoked.add(7)
        school.publish_list()
        assert outcomes(verify(world, course))["status"] == "failed"
        import json

        world.web.serve_json(school.list_url, json.loads(old))
        assert outcomes(verify(world, course))["status"] == "failed"

    def test_an_old_list_could_not_be_checked(self, world, school):
        course = school.sign(school.course())
        world.clock.advance(days=2)
        assert outcomes(verify(world, course))["status"] == "indeterminate"

    def test_a_list_signed_by_somebody_else_is_refused(self, world, school):
        other = School(world, "https://other.example", "Other")
        course = school.sign(school.course())
        foreign = {**other_list(world, other), "id": school.list_url}
        world.web.serve_json(school.list_url, other.sign(foreign))
        report = verify(world, course)
        assert outcomes(report)["status"] == "failed"
        assert report.check("status").problem["code"] == "status_verification"

    @pytest.mark.parametrize(
        "content", [[], {}, {"a": 1}, "x", None, {"@context": ["https://www.w3.org/ns/credentials/v2"]}]
    )
    def test_what_is_no_list_never_passes(self, world, school, content):
        course = school.sign(school.course())
        world.web.serve_json(school.list_url, content)
        assert not verify(world, course).verified

    def test_an_unsigned_list_is_refused(self, world, school):
        course = school.sign(school.course())
        world.web.serve_json(school.list_url, other_list(world, school))
        assert outcomes(verify(world, course))["status"] == "failed"

    def test_one_list_is_fetched_once_for_a_whole_transcript(self, world, school):
        members = [school.sign(school.course(index=index)) for index in range(1, 9)]
        transcript = school.sign(school.transcript(members))
        before = len(world.web.requests)
        assert verify(world, transcript).verified
        assert sum(request.url == school.list_url for request in world.web.requests[before:]) == 1


def other_list(world, school):
    from credkit.status import bitstring

    return bitstring.build_status_list_credential(
        url=school.list_url,
        issuer=school.did,
        context="https://www.w3.org/ns/credentials/v2",
        set_indexes=(),
        valid_from=world.clock.now(),
        valid_until=world.clock.now() + timedelta(days=1),
    )


class TestTranscript:
    def test_each_member_is_judged_on_its_own(self, world, school):
        members = [school.sign(school.course(index=index)) for index in (1, 2, 3)]
        report = verify(world, school.sign(school.transcript(members)))
        assert report.verified
        assert len(report.members) == 3
        assert outcomes(report)["members"] == outcomes(report)["same-person"] == "passed"
        school.revoked.add(2)
        school.publish_list()
        report = verify(world, school.sign(school.transcript(members)))
        assert outcomes(report)["members"] == "failed"
        assert [member.verified for member in report.members] == [True, False, True]

    def test_a_member_without_its_own_proof_could_not_be_checked(self, world, school):
        members = [school.sign(school.course(index=1)), school.course(index=2)]
        report = verify(world, school.sign(school.transcript(members)))
        assert not report.verified
        assert report.outcome is Outcome.INDETERMINATE

    def test_swapped_grades_inside_a_transcript_are_caught(self, world, school):
        members = [school.sign(school.course(index=1, grade="A")), school.sign(school.course(index=2, grade="F"))]
        transcript = copy.deepcopy(school.sign(school.transcript(members)))
        inner = transcript["credentialSubject"]["verifiableCredential"]
        first, second = inner[0]["credentialSubject"], inner[1]["credentialSubject"]
        first["result"], second["result"] = second["result"], first["result"]
        assert verify(world, transcript).outcome is Outcome.FAILED

    def test_courses_of_somebody_else_are_noticed(self, world, school):
        members = [school.sign(school.course(index=1, student="Another Child", number="S-2"))]
        report = verify(world, school.sign(school.transcript(members)))
        assert outcomes(report)["same-person"] == "indeterminate"


class TestDerived:
    def test_a_derived_course_holds_and_shows_only_what_was_chosen(self, world, school):
        from credkit.proofs import derive

        base = school.sign_base(school.course())
        derived = derive(
            base, ["/credentialSubject/achievement/name", "/credentialSubject/result/0/value"], world.processor,
            SystemRandomness(),
        )
        report = verify(world, derived)
        assert report.verified, outcomes(report)
        assert "S-1001" not in str(derived)
        assert "creditsEarned" not in str(derived)

    def test_a_base_proof_is_refused(self, world, school):
        assert outcomes(verify(world, school.sign_base(school.course())))["proof"] == "failed"


@pytest.mark.parametrize("document", [None, 7, "x", [], True, 1.5])
def test_what_is_no_object_is_a_failed_shape(world, document):
    report = verify(world, document)
    assert outcomes(report) == {"shape": "failed"}
    assert not report


def test_an_empty_report_is_not_verified():
    assert not Report((), {})
    with pytest.raises(Exception, match="not verified"):
        Report((), {}).document  # noqa: B018
