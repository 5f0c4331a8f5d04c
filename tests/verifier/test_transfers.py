"""School to school (P7): a full record is asked of the school that signed it, and taken from nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from babel.support import NullTranslations

from credkit.ports import JSONObject
from credkit.proofs import add_proof
from tests.support.world import Holder, School
from tests.verifier.conftest import College, outcomes, parsed, path_of, token_of
from tests.verifier.family import Family
from verifier.services.questions import FULL_RECORD
from verifier.services.requests import Asked
from verifier.web.day_one import build_day_one
from verifier.web.told import tell_story

CONTEXT = ["https://www.w3.org/ns/credentials/v2"]


def asked_of(college: College, school: School) -> Asked:
    return college.ask(FULL_RECORD, purpose="Enrolment of María José Hernández Núñez", sender=school.did)


def transcript(school: School, *, subject_id: str | None = None, **changes: Any) -> JSONObject:
    """A whole transcript of two courses, signed."""
    members = [
        school.sign(school.course(index=index, subject_id=subject_id, name=name))
        for index, name in ((7, "Algebra I"), (8, "Biology"))
    ]
    return school.sign({**school.transcript(members, subject_id=subject_id), **changes})


def presented(school: School, request: JSONObject, *records: JSONObject, **changes: Any) -> JSONObject:
    """A presentation by the school's own key."""
    document = {"@context": CONTEXT, "type": ["VerifiablePresentation"], "holder": school.did}
    return add_proof(
        {**document, "verifiableCredential": list(records), **changes},
        suite="eddsa-rdfc-2022",
        signer=school.ed25519,
        processor=school.world.processor,
        created=school.world.clock.now(),
        purpose="authentication",
        challenge=request["nonce"],
        domain=request["client_id"],
    )


@pytest.fixture
def school(college: College) -> School:
    college.school.publish(("assertionMethod", "authentication"))
    return college.school


@pytest.mark.parametrize("subject", [None, "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"])
def test_the_school_sends_its_full_record_and_the_page_says_so(
    college: College, school: School, subject: str | None
) -> None:
    asked = asked_of(college, school)
    request = college.opened(asked)

    answer = college.answer(
        request, {FULL_RECORD: [presented(school, request, transcript(school, subject_id=subject))]}
    )

    assert answer.status_code == 200, answer.text
    report = college.report(asked)
    assert report["verified"] is True
    assert outcomes(report) == {"credentials": "passed", "query": "passed", "same-person": "passed"}
    page = college.signed_in().get(f"/asked/{asked.id}", follow_redirects=True).text
    assert "Sent by the school itself, as its full record." in page
    assert "Nobody has changed this. Lincoln High School signed it." in page
    assert "Algebra I" in page and "Biology" in page


def test_a_part_is_not_the_full_record(college: College, school: School) -> None:
    asked = asked_of(college, school)
    request = college.opened(asked)

    college.answer(request, {FULL_RECORD: [presented(school, request, transcript(school, partial=True))]})

    assert outcomes(college.report(asked))["query"] == "failed"
    assert college.report(asked)["verified"] is False
    page = college.signed_in().get(f"/asked/{asked.id}", follow_redirects=True).text
    assert "Sent by the school itself, but not as its full record." in page
    assert 'class="verdict verdict-fails"' in page


def test_the_family_cannot_answer_for_the_school(college: College, school: School) -> None:
    request, holder = college.opened(asked_of(college, school)), Holder(college.world)
    record = transcript(school, subject_id=holder.did)
    own = holder.present(record, challenge=request["nonce"], domain=request["client_id"])
    posing = holder.present(record, challenge=request["nonce"], domain=request["client_id"], holder=school.did)

    for presentation in (own, posing):
        answer = college.answer(request, {FULL_RECORD: [presentation]})
        assert answer.status_code == 400
        assert parsed(answer)["error"] == "invalid_request"


def test_another_school_cannot_answer(college: College, school: School) -> None:
    other = School(college.world, "https://other.example", "Other")
    other.publish(("assertionMethod", "authentication"))
    asked = asked_of(college, school)
    request = college.opened(asked)

    for records in ((transcript(other),), (transcript(school),)):
        assert college.answer(request, {FULL_RECORD: [presented(other, request, *records)]}).status_code == 400
    foreign = presented(school, request, transcript(other))
    assert college.answer(request, {FULL_RECORD: [foreign]}).status_code == 400
    assert college.services.requests.find(asked.id).result_id is None


def test_a_signer_is_no_holder_where_a_family_was_asked(college: College, school: School) -> None:
    request = college.opened(college.ask("transcript"))
    holder = Holder(college.world)

    record = transcript(school, subject_id=holder.did)
    assert college.answer(request, {"transcript": [presented(school, request, record)]}).status_code == 400


def test_a_request_to_a_school_lives_ten_days_and_may_be_read_again(college: College, school: School) -> None:
    asked = asked_of(college, school)
    assert asked.expires_at - asked.created_at == timedelta(days=10)

    for nonce in ("one", "two"):
        answer = college.client().post(path_of(asked.request_uri), data={"wallet_nonce": nonce})
        assert answer.status_code == 200
    assert college.services.requests.find(asked.id).expires_at == asked.expires_at
    college.world.clock.advance(days=9)
    request = college.opened(asked)
    school.publish(("assertionMethod", "authentication"))
    assert college.answer(request, {FULL_RECORD: [presented(school, request, transcript(school))]}).status_code == 200
    late = asked_of(college, school)
    college.world.clock.advance(days=10)
    assert college.client().get(path_of(late.request_uri)).status_code == 404


def test_the_pages_ask_a_school_and_show_the_link_to_send(college: College, school: School) -> None:
    client = college.signed_in()
    form = {"asks": [FULL_RECORD], "purpose": "Enrolment", "until": "2026-07-01"}
    assert college.post(client, "/ask/school", form, page="/ask/school").status_code == 422

    preview = college.post(client, "/ask/school", {**form, "sender": school.did}, page="/ask/school")
    for words in (
        "This is what the school will see",
        "Lincoln High School",
        "The full record, as the school signed it",
    ):
        assert words in preview.text
    sent = client.post("/ask/send", data={**form, "sender": school.did, "csrf_token": token_of(preview.text)})
    page = client.get(sent.headers["Location"]).text

    assert "Send this link to the school" in page
    assert "openid4vp://?client_id=" in page
    assert "qr-panel" not in page
    assert "Lincoln High School" in page


def test_the_end_of_use_bounds_what_is_kept(college: College, school: School) -> None:
    today = college.services.clock.now().date()
    asked = college.ask("courses", until=today)
    request = college.opened(asked)

    college.answer(request, {"courses": [college.presented(request)]})

    kept = college.services.results.find(college.services.requests.find(asked.id).result_id or "")
    assert kept.expires_at.date() == today
    assert kept.expires_at - kept.created_at < timedelta(hours=24)


# Comments in a full record --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["beside", "in the record", "in the course"])
def test_a_comment_in_a_full_record_stands_beside_the_course_it_is_about(
    college: College, school: School, place: str
) -> None:
    family, record = Family(college.world), transcript(school)
    algebra, biology = record["credentialSubject"]["verifiableCredential"]
    said = [family.comment(algebra, "She was ill in May.")]
    unsigned = {name: value for name, value in record.items() if name != "proof"}
    if place == "in the record":
        record = school.sign({**unsigned, "endorsement": said})
    elif place == "in the course":
        inner = {name: value for name, value in algebra.items() if name != "proof"}
        members = [school.sign({**inner, "endorsement": said}), biology]
        record = school.sign(
            {**unsigned, "credentialSubject": {**unsigned["credentialSubject"], "verifiableCredential": members}}
        )
    asked = asked_of(college, school)
    request = college.opened(asked)

    beside = said if place == "beside" else []
    answer = college.answer(request, {FULL_RECORD: [presented(school, request, record, *beside)]})

    assert answer.status_code == 200, answer.text
    assert college.report(asked)["verified"] is True
    page = college.signed_in().get(f"/asked/{asked.id}", follow_redirects=True).text
    courses = page.split('<details class="member"')[1:]
    mine = next(part for part in courses if "Algebra I" in part.partition("</summary>")[0])
    other = next(part for part in courses if "Biology" in part.partition("</summary>")[0])
    assert mine.startswith(" open") and "She was ill in May." in mine
    assert not other.startswith(" open") and "She was ill in May." not in other
    assert page.count("She was ill in May.") == 1
    said_by = "The family says" if place == "beside" else "Somebody we do not know says"
    assert said_by in mine
    story = college.services.results.find(college.services.requests.find(asked.id).result_id or "").story
    told = tell_story(story, NullTranslations())
    assert [len(member.endorsements) for member in told.records[0].members] == [1, 0]
    remarks = build_day_one(told).remarks
    assert [(remark.title, remark.comment.comment) for remark in remarks] == [("Algebra I", "She was ill in May.")]
