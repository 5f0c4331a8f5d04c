"""Comments that travel: beside the record they are about and no other, never changing what a record is (P1)."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from credkit.environment import SystemRandomness
from credkit.errors import MalformedValueError
from credkit.profiles import clr_2
from credkit.profiles.endorsement import build_endorsement
from credkit.profiles.family import build_about_me
from credkit.profiles.openbadges_3 import Profile
from credkit.proofs import derive
from credkit.trust.allow_list import AllowList, TrustedIssuer
from credkit.verification import Outcome, Policy, verify_credential, verify_presentation
from tests.credkit.profiles.families import about as about_me
from tests.support.world import NOW, Holder, School, World

CHALLENGE = "nonce-1"
DOMAIN = "decentralized_identifier:did:web:college.example"
NAME = "María José Hernández Núñez"


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
def mother(world):
    return Holder(world)


@pytest.fixture
def course(world, school, holder):
    base = school.sign_base(school.course(subject_id=holder.did))
    return derive(base, ["/credentialSubject/achievement/name"], world.processor, SystemRandomness())


def comment_on(school, mother, subject_id, number=1, words="She was in hospital in May."):
    document = build_endorsement(
        f"urn:uuid:9d5b8c5e-0f53-4a49-9f0f-00000000000{number}", "A comment", subject_id, words,
        Profile(mother.did, "María Núñez"), NOW, "en")
    return school.sign(document, signer=mother.signer)


def selection(school, mother, members, endorsements=(), **changes):
    values = {
        "id": "urn:uuid:9d5b8c5e-0f53-4a49-9f0f-000000000100", "name": "For Lakeside College",
        "description": "Admission", "issuer_id": mother.did, "names": (NAME,),
        "subject_id": "urn:uuid:9d5b8c5e-0f53-4a49-9f0f-000000000101", "valid_from": NOW,
        "valid_until": NOW + timedelta(days=30), "members": members, "endorsements": endorsements, **changes}
    return school.sign(clr_2.build_selection(clr_2.Selection(**values)), signer=mother.signer)


def verify(world, document, **policy):
    return verify_credential(document, Policy(**policy), world.environment())


def show(world, presentation, **policy):
    return verify_presentation(
        presentation, Policy(**policy), world.environment(), challenge=CHALLENGE, domain=DOMAIN)


def outcomes(report):
    return {check.id: str(check.outcome) for check in report.checks}


def ids_of(reports):
    return [report.peek_document["id"] for report in reports]


# In a presentation ----------------------------------------------------------------------------------------------------


def test_a_comment_is_told_beside_the_record_it_travels_with(world, school, holder, mother, course):
    said = comment_on(school, mother, course["id"])
    report = show(world, holder.present(course, said))

    assert report.verified
    (record,) = report.members
    assert record.peek_document == course
    assert ids_of(record.endorsements) == [said["id"]]
    assert record.endorsements[0].verified
    assert outcomes(record)["endorsements"] == outcomes(record.endorsements[0])["about"] == "passed"


def test_the_order_in_a_presentation_does_not_matter_and_each_record_has_its_own_comments(
    world, school, holder, mother, course
):
    other = school.sign(school.course(index=8, subject_id=holder.did))
    first, second, third = (
        comment_on(school, mother, about["id"], n) for n, about in enumerate((course, other, other)))
    report = show(world, holder.present(third, course, first, other, second))

    assert report.verified
    assert ids_of(report.members) == [course["id"], other["id"]]
    assert ids_of(report.members[0].endorsements) == [first["id"]]
    assert ids_of(report.members[1].endorsements) == [third["id"], second["id"]]


@pytest.mark.parametrize("change", ["words", "about", "signer", "proof", "no proof"])
def test_a_changed_comment_does_not_hold_and_its_record_holds(world, school, holder, mother, course, change):
    said = copy.deepcopy(comment_on(school, mother, course["id"]))
    other = school.sign(school.course(index=8, subject_id=holder.did))
    if change == "words":
        said["credentialSubject"]["endorsementComment"] = "She cheated."
    elif change == "about":
        said["credentialSubject"]["id"] = other["id"]
    elif change == "signer":
        said["issuer"]["name"] = "Lincoln High School"
    elif change == "proof":
        said["proof"]["proofValue"] = other["proof"]["proofValue"]
    else:
        del said["proof"]
    report = show(world, holder.present(course, other, said))

    assert report.verified == (change != "no proof")  # whoever presents signs for an unsigned word and cannot fix it
    assert all(record.verified and record.document for record in report.members)
    told = report.members[change == "about"]
    assert outcomes(told)["endorsements"] == "failed"
    assert told.outcome is Outcome.PASSED
    assert not told.endorsements[0].verified
    assert "document" not in told.endorsements[0].to_json()
    assert not report.members[change != "about"].endorsements


def test_a_comment_that_was_taken_back_or_has_ended_does_not_hold(world, school, holder, course):
    unsigned = build_endorsement("urn:uuid:9d5b8c5e-0f53-4a49-9f0f-000000000001", "A comment", course["id"], "Kind.",
                                 school.profile(), NOW - timedelta(days=9))
    ended = school.sign({**unsigned, "validUntil": "2026-06-14T00:00:00Z"})
    record = show(world, holder.present(course, ended)).members[0]
    assert (record.verified, outcomes(record)["endorsements"]) == (True, "failed")
    assert outcomes(record.endorsements[0])["validity"] == "failed"


def test_a_comment_on_a_record_that_is_not_there_is_shown_beside_none(world, school, holder, mother, course):
    said = comment_on(school, mother, "https://school.example/credentials/999")
    report = show(world, holder.present(course, said))

    assert outcomes(report)["holder"] == "failed"
    assert not report.members[0].endorsements


def test_a_comment_on_a_comment_belongs_to_nobody(world, school, holder, mother, course):
    said = comment_on(school, mother, course["id"])
    again = comment_on(school, mother, said["id"], 2)
    report = show(world, holder.present(course, said, again))

    assert outcomes(report)["holder"] == "failed"
    assert ids_of(report.members[0].endorsements) == [said["id"]]


def test_comments_alone_are_no_presentation(world, school, holder, mother):
    first = comment_on(school, mother, "urn:uuid:9d5b8c5e-0f53-4a49-9f0f-000000000002", 1)
    second = comment_on(school, mother, "urn:uuid:9d5b8c5e-0f53-4a49-9f0f-000000000001", 2)
    report = show(world, holder.present(first, second))
    assert outcomes(report)["holder"] == "failed"


@pytest.mark.parametrize("dressed_as", [["VerifiableCredential", "EndorsementCredential", "OpenBadgeCredential"],
                                        ["VerifiableCredential", "OpenBadgeCredential"]])
def test_only_what_is_nothing_but_a_comment_needs_no_holder(world, school, holder, course, dressed_as):
    stolen = school.course(index=9, subject_id=Holder(world).did)
    stolen = {**stolen, "type": dressed_as, "credentialSubject": {**stolen["credentialSubject"], "id": course["id"]}}
    report = show(world, holder.present(course, school.sign(stolen)))
    assert outcomes(report)["holder"] == "failed"


def test_a_word_about_a_person_cannot_be_borrowed_by_naming_a_record_after_the_person(world, school, holder):
    victim = Holder(world).did
    praise = school.sign(build_endorsement("urn:uuid:9d5b8c5e-0f53-4a49-9f0f-000000000003", "Praise", victim, "Best.",
                                           school.profile(), NOW))
    own = {**school.course(subject_id=holder.did, status=False), "id": victim}
    own["issuer"] = {"id": holder.did, "type": ["Profile"], "name": "Me"}
    report = show(world, holder.present(school.sign(own, signer=holder.signer), praise))
    assert outcomes(report)["holder"] == "failed"
    assert not report.members[0].endorsements


def test_a_comment_on_a_course_finds_it_inside_the_transcript_that_is_shown(world, school, holder, mother):
    member = school.sign(school.course(subject_id=holder.did))
    transcript = school.sign(school.transcript([member], subject_id=holder.did))
    said = comment_on(school, mother, member["id"])
    report = show(world, holder.present(transcript, said))

    assert report.verified
    (record,) = report.members
    assert not record.endorsements
    assert ids_of(record.members[0].endorsements) == [said["id"]]


def test_who_comments_need_not_be_on_the_list_but_who_signs_records_must(world, school, holder, mother, course):
    trust = AllowList((TrustedIssuer(school.did, "Lincoln"),))
    said = comment_on(school, mother, course["id"])
    report = show(world, holder.present(course, said), trust=trust)

    assert report.verified
    assert report.members[0].endorsements[0].verified
    assert outcomes(report.members[0].endorsements[0])["trust"] == "failed"
    assert not show(world, holder.present(course, said), trust=AllowList((TrustedIssuer(mother.did, "M"),))).verified


# In a document --------------------------------------------------------------------------------------------------------


def test_a_record_with_a_good_comment_inside_holds_with_it(world, school, mother):
    record = school.course()
    record["endorsement"] = [comment_on(school, mother, record["id"])]
    report = verify(world, school.sign(record))

    assert report.verified
    assert outcomes(report)["endorsements"] == "passed"
    assert report.endorsements[0].verified


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_bad_comment_inside_does_not_make_a_signed_record_look_changed(world, school, mother, suite):
    said = copy.deepcopy(comment_on(school, mother, school.course()["id"]))
    said["credentialSubject"]["endorsementComment"] = "She cheated."
    report = verify(world, school.sign({**school.course(), "endorsement": [said]}, suite))

    assert report.verified
    assert outcomes(report)["endorsements"] == outcomes(report.endorsements[0])["proof"] == "failed"
    assert not report.endorsements[0].verified


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_comment_changed_after_the_record_around_it_was_signed_breaks_both(world, school, mother, suite):
    said = comment_on(school, mother, school.course()["id"])
    signed = copy.deepcopy(school.sign({**school.course(), "endorsement": [said]}, suite))
    signed["endorsement"][0]["credentialSubject"]["endorsementComment"] = "She cheated."
    report = verify(world, signed)

    assert outcomes(report)["proof"] == outcomes(report)["endorsements"] == "failed"
    assert not report.verified


@pytest.mark.parametrize("place", ["record", "achievement", "issuer"])
def test_what_is_said_of_a_part_of_the_record_is_about_it(world, school, mother, place):
    record = school.course()
    node = {"record": record, "achievement": record["credentialSubject"]["achievement"],
            "issuer": record["issuer"]}[place]
    node["endorsement"] = [comment_on(school, mother, node["id"])]
    report = verify(world, school.sign(record))
    assert (report.verified, outcomes(report)["endorsements"]) == (True, "passed")


def test_a_comment_on_another_record_is_never_good_inside_this_one(world, school, mother):
    said = comment_on(school, mother, "https://school.example/credentials/8")
    report = verify(world, school.sign({**school.course(), "endorsement": said}))

    assert report.verified
    assert outcomes(report)["endorsements"] == outcomes(report.endorsements[0])["about"] == "failed"
    assert outcomes(report.endorsements[0])["proof"] == "passed"


def test_a_record_in_the_place_of_a_comment_is_no_comment(world, school):
    inner = school.sign(school.course(index=8))
    report = verify(world, school.sign({**school.course(), "endorsement": [inner]}))
    assert outcomes(report)["endorsements"] == outcomes(report.endorsements[0])["about"] == "failed"


# A family's selection -------------------------------------------------------------------------------------------------


def test_a_familys_selection_carries_whole_records_and_the_comments_on_them(world, school, mother):
    records = [school.sign(school.course(index=index)) for index in (7, 8)]
    said = comment_on(school, mother, records[1]["id"])
    bundle = selection(school, mother, records, [said])
    report = verify(world, bundle)

    assert bundle["partial"] is True
    assert "credentialStatus" not in bundle
    assert report.verified
    assert not report.endorsements
    assert [ids_of(member.endorsements) for member in report.members] == [[], [said["id"]]]
    assert all(member.verified for member in report.members)


def test_a_selection_may_hold_a_transcript_and_the_comments_on_its_courses(world, school, mother):
    member = school.sign(school.course())
    said = comment_on(school, mother, member["id"])
    report = verify(world, selection(school, mother, [school.sign(school.transcript([member]))], [said]))

    assert report.verified
    assert ids_of(report.members[0].members[0].endorsements) == [said["id"]]


def test_a_changed_comment_breaks_the_selection_and_none_of_its_records(world, school, mother):
    record = school.sign(school.course())
    bundle = copy.deepcopy(selection(school, mother, [record], [comment_on(school, mother, record["id"])]))
    bundle["endorsement"][0]["credentialSubject"]["endorsementComment"] = "She cheated."
    report = verify(world, bundle)

    assert outcomes(report)["proof"] == "failed"
    assert report.members[0].verified
    assert not report.members[0].endorsements[0].verified


def test_a_changed_record_breaks_the_selection(world, school, mother):
    bundle = copy.deepcopy(selection(school, mother, [school.sign(school.course())]))
    bundle["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["result"][0]["value"] = "A+"
    report = verify(world, bundle)
    assert outcomes(report)["proof"] == outcomes(report)["members"] == outcomes(report.members[0])["proof"] == "failed"


def test_with_a_list_each_record_of_a_selection_needs_a_trusted_signer_and_the_family_none(world, school, mother):
    stranger = School(world, "https://other.example", "Lincoln High School")
    trust = AllowList((TrustedIssuer(school.did, "Lincoln"),))
    good = verify(world, selection(school, mother, [school.sign(school.course())]), trust=trust)
    assert (good.verified, outcomes(good)["trust"], good.trusted_name) == (True, "indeterminate", None)
    bad = verify(world, selection(school, mother, [stranger.sign(stranger.course())]), trust=trust)
    assert outcomes(bad)["members"] == "failed"
    assert not bad.verified


@pytest.mark.parametrize("claim", ["achievement", "not partial", "did:web"])
def test_a_wrapper_that_claims_something_of_its_own_needs_a_trusted_signer(world, school, mother, claim):
    bundle = selection(school, mother, [school.sign(school.course())])
    del bundle["proof"]
    signer = mother.signer
    if claim == "achievement":
        bundle["credentialSubject"]["achievement"] = [school.course()["credentialSubject"]["achievement"]]
    elif claim == "not partial":
        bundle["partial"] = False
    else:
        stranger = School(world, "https://other.example")
        bundle["issuer"]["id"], signer = stranger.did, stranger.ed25519
    report = verify(world, school.sign(bundle, signer=signer), trust=AllowList((TrustedIssuer(school.did, "L"),)))
    assert outcomes(report)["trust"] == "failed"
    assert not report.verified


def test_papers_that_a_family_encloses_are_its_own_word_and_gain_no_trust(world, school, mother):
    bundle = selection(school, mother, [school.sign(school.course())])
    bundle = {name: value for name, value in bundle.items() if name != "proof"}
    bundle["evidence"] = [{"type": ["Evidence"], "name": "Diploma"}]
    trust = AllowList((TrustedIssuer(school.did, "L"),))
    report = verify(world, school.sign(bundle, signer=mother.signer), trust=trust)
    assert (report.verified, outcomes(report)["trust"], report.trusted_name) == (True, "indeterminate", None)


def test_a_selection_that_names_two_children_does_not_make_them_one(world, school, mother):
    records = [school.sign(school.course(index=7)), school.sign(school.course(index=8, student="Luis", number="S-7"))]
    report = verify(world, selection(school, mother, records, names=(NAME, "Luis")))
    assert outcomes(report)["same-person"] == "indeterminate"
    other = verify(world, selection(school, mother, records[:1], names=("Luis",)))
    assert outcomes(other)["same-person"] == "indeterminate"
    assert verify(world, selection(school, mother, records[:1], names=())).verified


def test_what_a_child_says_of_itself_may_stand_in_a_selection(world, school, mother):
    words = school.sign(build_about_me(about_me(issuer=mother.did, written_at=NOW)), signer=mother.signer)
    report = verify(world, selection(school, mother, [words, school.sign(school.course())]))
    assert report.verified


@pytest.mark.parametrize("fault", ["unsigned", "base proof", "comment elsewhere", "comment unsigned", "no comment",
                                   "versions", "nothing"])
def test_a_selection_that_could_not_be_shown_is_never_written(world, school, mother, fault):
    record = school.sign(school.course())
    members, said = [record], [comment_on(school, mother, record["id"])]
    if fault == "unsigned":
        members = [school.course()]
    elif fault == "base proof":
        members = [school.sign_base(school.course())]
    elif fault == "comment elsewhere":
        said = [comment_on(school, mother, "https://school.example/credentials/8")]
    elif fault == "comment unsigned":
        del said[0]["proof"]
    elif fault == "no comment":
        said = [school.sign(school.course(index=8))]
    elif fault == "versions":
        old = school.course(index=8)
        old["@context"][1] = old["@context"][1].replace("3.0.3", "3.0.2")
        members = [record, school.sign(old)]
    else:
        members, said = [], []
    with pytest.raises(MalformedValueError):
        selection(school, mother, members, said)


def test_records_in_an_older_version_of_the_standard_can_be_selected(world, school, mother):
    old = school.course()
    old["@context"][1] = old["@context"][1].replace("3.0.3", "3.0.2")
    assert verify(world, selection(school, mother, [school.sign(old)])).verified
