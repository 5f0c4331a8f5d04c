"""Who presents for a learner: the grant shown holds, is in force, and was not passed on (security.md G08)."""

from __future__ import annotations

import copy
import random
from datetime import timedelta

import pytest

from credkit.profiles import clr_2
from credkit.profiles.family import build_about_me, build_grant
from credkit.proofs import add_proof
from credkit.status.bitstring import build_entry
from credkit.trust.allow_list import AllowList, TrustedIssuer
from credkit.verification import Policy, verify_credential, verify_presentation
from tests.credkit.profiles.families import LEARNER, about, guardian, tutor
from tests.credkit.profiles.test_family import JUNK, leaves, put
from tests.support.amount import amount
from tests.support.world import NOW, Holder, School, World

CHALLENGE = "nonce-1"
DOMAIN = "decentralized_identifier:did:web:college.example"
OTHER_LEARNER = LEARNER[:-1] + "2"
LONG_AGO, LATER = NOW - timedelta(days=30), NOW + timedelta(days=300)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def host(world):
    return School(world, "https://wallet.example", "A wallet host")


@pytest.fixture
def mother(world):
    return Holder(world)


@pytest.fixture
def father(world):
    return Holder(world)


@pytest.fixture
def helper(world):
    return Holder(world)


@pytest.fixture
def guardianship(host, mother):
    return grant(host, guardian, mother, mother, 1)


def grant(host, make, holder, by, index, *, did=None, **changes):
    """A grant to ``holder``, signed by ``by`` (a Holder), its status in the host's list."""
    maker = did or by.did
    shares = {} if make is guardian else {"rights": frozenset({"read:assessment", "share"})}
    values = {"id": f"urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f10{index:02}", "holder": holder.did,
              "valid_from": LONG_AGO, "valid_until": LATER, **shares, **changes}
    unsigned = build_grant(make(**values), issuer=maker, status_entry=build_entry(host.list_url, index))
    return host.sign(unsigned, signer=by.ed25519 if did else by.signer)


def show(world, presentation, **policy):
    return verify_presentation(
        presentation, Policy(**policy), world.environment(), challenge=CHALLENGE, domain=DOMAIN)


def outcomes(report):
    return {check.id: str(check.outcome) for check in report.checks}


def test_a_helper_let_in_by_a_guardian_who_is_shown_may_act(world, host, mother, helper, guardianship):
    report = show(world, helper.present(grant(host, tutor, helper, mother, 2), guardianship))

    assert outcomes(report) == dict.fromkeys(
        ("shape", "vocabulary", "proof", "holder", "binding", "credentials", "authority"), "passed")
    assert report.verified


def test_a_guardian_who_shows_the_own_guardianship_may_act_and_is_unknown(world, mother, guardianship):
    report = show(world, mother.present(guardianship))
    assert outcomes(report)["authority"] == "passed"
    assert outcomes(report.members[0])["trust"] == "indeterminate"


def test_a_presentation_without_a_grant_has_no_such_check(world, host, helper):
    report = show(world, helper.present(host.sign(host.course(subject_id=helper.did))))
    assert report.verified
    assert report.check("authority") is None


def test_a_grant_that_was_passed_on_could_not_be_checked(world, host, mother, helper, guardianship):
    friend = Holder(world)
    first = grant(host, tutor, helper, mother, 2)
    passed_on = grant(host, tutor, friend, helper, 3)
    alone = show(world, friend.present(passed_on))
    assert outcomes(alone)["authority"] == "indeterminate"
    assert alone.check("authority").problem["code"] == "issuer_unknown"
    assert not alone.verified
    with_chain = show(world, friend.present(passed_on, first, guardianship))
    assert outcomes(with_chain)["authority"] == "indeterminate"
    assert outcomes(with_chain)["holder"] == "failed"


@pytest.mark.parametrize("changes", [
    {"rights": frozenset({"full", "recovery"})}, {"learner": "urn:uuid:0f2f6f1e-54b7-4a44-8a0b-6c4f4f0a9b22"},
    {"valid_until": NOW - timedelta(days=1)}, {"valid_from": NOW + timedelta(days=1)},
])
def test_a_guardian_without_the_right_to_let_in_lets_nobody_in(world, host, mother, helper, changes):
    weak = grant(host, guardian, mother, mother, 1, **changes)
    report = show(world, helper.present(grant(host, tutor, helper, mother, 2), weak))
    assert outcomes(report)["authority"] == "indeterminate"


def test_a_second_guardian_let_in_by_the_first_may_let_in_too(world, host, mother, father, helper, guardianship):
    second = grant(host, guardian, father, mother, 2)
    third = grant(host, tutor, helper, father, 3)
    report = show(world, helper.present(third, second, guardianship))
    assert (report.verified, outcomes(report)["authority"]) == (True, "passed")
    assert outcomes(show(world, helper.present(third, second)))["authority"] == "indeterminate"


def test_guardians_who_vouch_for_each_other_in_a_circle_come_to_no_beginning(world, host, mother, father, helper):
    first, second = grant(host, guardian, mother, father, 1), grant(host, guardian, father, mother, 2)
    report = show(world, helper.present(grant(host, tutor, helper, mother, 3), first, second))
    assert outcomes(report)["authority"] == "indeterminate"


def test_the_learner_grown_up_lets_in_whom_it_wants(world, host, helper):
    learner = Holder(world)
    report = show(world, helper.present(grant(host, tutor, helper, learner, 2, learner=learner.did)))
    assert (report.verified, outcomes(report)["authority"]) == (True, "passed")


@pytest.mark.parametrize("known", [True, False])
def test_a_caseworker_is_let_in_by_a_court_that_is_known(world, host, helper, known):
    court = School(world, "https://court.example", "Third District Court")
    paper = grant(host, tutor, helper, court, 2, did=court.did, role="caseworker", basis="court-order",
                  rights=frozenset({"read:transcript", "share"}))
    trust = AllowList((TrustedIssuer(court.did if known else host.did, "Somebody"),))
    report = show(world, helper.present(paper), trust=trust)
    assert outcomes(report)["authority"] == ("passed" if known else "indeterminate")
    assert report.verified == known
    assert outcomes(show(world, helper.present(paper)))["authority"] == "indeterminate"


def test_with_a_list_a_guardian_nobody_vouches_for_could_not_be_checked(world, host, mother, helper, guardianship):
    presented = helper.present(grant(host, tutor, helper, mother, 2), guardianship)
    strangers = AllowList((TrustedIssuer(host.did, "The host"),))
    assert outcomes(show(world, presented, trust=strangers))["authority"] == "indeterminate"
    known = AllowList((TrustedIssuer(mother.did, "Mrs. Núñez"),))
    assert show(world, presented, trust=known).verified


@pytest.mark.parametrize("index", [1, 2])
def test_a_grant_taken_back_anywhere_on_the_way_is_none(world, host, mother, helper, guardianship, index):
    presented = helper.present(grant(host, tutor, helper, mother, 2), guardianship)
    host.revoked.add(index)
    host.publish_list()
    report = show(world, presented)
    assert outcomes(report)["authority"] == ("failed" if index == 2 else "indeterminate")
    assert outcomes(report)["credentials"] == "failed"


@pytest.mark.parametrize("days", [-60, 400])
def test_a_grant_out_of_its_time_is_none(world, host, mother, helper, guardianship, days):
    report = show(world, helper.present(grant(host, tutor, helper, mother, 2), guardianship),
                  now=NOW + timedelta(days=days))
    assert outcomes(report)["authority"] == "failed"


@pytest.mark.parametrize("change", ["right", "learner", "end", "holder"])
def test_a_grant_that_was_widened_is_none(world, host, mother, helper, guardianship, change):
    widened = copy.deepcopy(grant(host, tutor, helper, mother, 2))
    if change == "right":
        widened["credentialSubject"]["right"].append("read:iep")
    elif change == "learner":
        widened["credentialSubject"]["learner"] = LEARNER[:-1] + "2"
    elif change == "end":
        widened["validUntil"] = "2099-01-01T00:00:00Z"
    else:
        helper = Holder(world)
        widened["credentialSubject"]["id"] = helper.did
    report = show(world, helper.present(widened, guardianship))
    assert outcomes(report)["authority"] == outcomes(report)["credentials"] == "failed"


def test_a_delegate_who_writes_people_into_the_own_grant_is_refused(world, host, mother, helper, guardianship):
    unsigned = copy.deepcopy(grant(host, tutor, helper, mother, 2))
    del unsigned["proof"]
    unsigned["credentialSubject"]["right"].append("people")
    report = show(world, helper.present(host.sign(unsigned, signer=mother.signer), guardianship))
    assert outcomes(report.members[0])["shape"] == outcomes(report)["authority"] == "failed"


def test_somebody_elses_papers_cannot_be_presented(world, host, mother, helper, guardianship):
    thief = Holder(world)
    stolen = grant(host, tutor, helper, mother, 2)
    for papers in ((guardianship,), (stolen,), (stolen, guardianship)):
        report = show(world, thief.present(*papers))
        assert outcomes(report)["holder"] == "failed"
        assert report.check("authority") is None


def test_a_grant_the_thief_signed_in_a_guardians_name_opens_nothing(world, host, mother, guardianship):
    thief = Holder(world)
    forged = build_grant(tutor(holder=thief.did, valid_from=LONG_AGO, valid_until=LATER, rights=frozenset({"share"})),
                         issuer=mother.did, status_entry=None)
    report = show(world, thief.present(host.sign(forged, signer=thief.signer), guardianship))
    assert outcomes(report)["authority"] == outcomes(report)["credentials"] == "failed"


def test_a_grant_that_does_not_let_its_holder_share_is_none(world, host, mother, helper, guardianship):
    narrow = grant(host, tutor, helper, mother, 2, rights=frozenset({"read:transcript", "comment"}))
    report = show(world, helper.present(narrow, guardianship))
    assert outcomes(report)["authority"] == "failed"
    assert report.check("authority").problem["code"] == "not_permitted"
    assert outcomes(report)["credentials"] == "passed" and not report.verified


def test_grants_for_two_learners_at_once_let_nobody_act(world, host, mother, helper, guardianship):
    other = grant(host, tutor, helper, mother, 3, learner=OTHER_LEARNER)
    report = show(world, helper.present(grant(host, tutor, helper, mother, 2), other, guardianship))
    assert (outcomes(report)["authority"], report.check("authority").problem["code"]) == ("failed", "not_permitted")


def selection(world, chooser, *members):
    """What ``chooser`` chose for a file, signed by its key."""
    document = clr_2.build_selection(clr_2.Selection(
        id="urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f2001", name="Records", description="To enroll",
        issuer_id=chooser.did, names=(), subject_id="urn:uuid:5b1f2c1e-0a55-4a51-9d5c-2f7a3b1f2002",
        valid_from=NOW, valid_until=LATER, members=members))
    signed = add_proof(document, suite="eddsa-rdfc-2022", signer=chooser.signer, processor=world.processor,
                       created=world.clock.now())
    return verify_credential(signed, Policy(), world.environment())


def test_a_selection_with_the_choosers_grant_says_whether_it_may(world, host, mother, helper, guardianship):
    record, may = host.sign(host.course()), grant(host, tutor, helper, mother, 2)
    assert outcomes(selection(world, helper, record)).get("authority") is None
    assert outcomes(selection(world, mother, record, may, guardianship))["authority"] == "passed"

    full = selection(world, helper, record, may, guardianship)
    assert (full.verified, outcomes(full)["authority"]) == (True, "passed")
    alone = selection(world, helper, record, may)
    assert outcomes(alone)["authority"] == "indeterminate"
    assert alone.verified, "nobody known let them in: told, and nothing about the records"


@pytest.mark.parametrize("fault", ["narrow", "revoked", "expired", "changed", "other learner"])
def test_a_selection_by_a_grant_that_does_not_hold_is_red(world, host, mother, helper, guardianship, fault):
    changes = {"narrow": {"rights": frozenset({"read:transcript"})},
               "expired": {"valid_until": NOW - timedelta(days=1)}}.get(fault, {})
    may = grant(host, tutor, helper, mother, 2, **changes)
    said = build_about_me(about(issuer=mother.did, learner=OTHER_LEARNER, written_at=LONG_AGO))
    members = [host.sign(host.course()), may, guardianship]
    if fault == "changed":
        may["credentialSubject"]["right"].append("full")
    elif fault == "revoked":
        host.revoked.add(2)
        host.publish_list()
    elif fault == "other learner":
        members.append(host.sign(said, signer=mother.signer))
    report = selection(world, helper, *members)
    assert outcomes(report)["authority"] == "failed"
    assert str(report.outcome) == "failed"


@pytest.mark.parametrize("may", [True, False])
def test_a_school_may_present_what_it_signed_where_that_was_asked_for(world, may):
    school, holder = School(world), Holder(world)
    school.publish(("assertionMethod", "authentication"))
    record = school.sign(school.course(subject_id=holder.did))
    sender = Holder(world)
    sender.signer, sender.did = school.ed25519, school.did
    assert outcomes(show(world, sender.present(record), issuer_may_hold=may))["holder"] == (
        "passed" if may else "failed")
    stranger = School(world, "https://other.example")
    foreign = stranger.sign(stranger.course(subject_id=holder.did))
    assert outcomes(show(world, sender.present(foreign), issuer_may_hold=may))["holder"] == "failed"


def test_any_value_at_any_place_of_the_papers_is_a_report_and_never_an_error(world, host, mother, helper, guardianship):
    presented = helper.present(grant(host, tutor, helper, mother, 2), guardianship)
    cases = [(path, junk) for path in leaves(presented, inner=True) if path[0] == "verifiableCredential"
             for junk in JUNK]
    for path, junk in random.Random(7).sample(cases, min(len(cases), amount(3_000))):
        changed = copy.deepcopy(presented)
        put(changed, path, junk)
        report = show(world, changed)
        assert not report.verified
        assert report.to_json()["checks"]
