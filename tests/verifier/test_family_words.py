"""What a family says and chooses: beside the records, under its own name, never among a school's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from credkit.ports import JSONObject
from tests.support.world import Holder, School
from tests.verifier.conftest import College, outcomes
from tests.verifier.family import STUDENT, WORDS, Family
from tests.verifier.test_pages import uploaded


@pytest.fixture
def family(college: College) -> Family:
    return Family(college.world)


def checked(college: College, document: JSONObject) -> str:
    """The page that a stranger sees who checks this document."""
    return str(uploaded(college, college.client(), json.dumps(document).encode()).text)


def answered(college: College, *, comments: Any = ()) -> tuple[JSONObject, str]:
    """The report and the page of an answer with one course, and what comes along with it."""
    asked, holder = college.ask(), Holder(college.world)
    request = college.opened(asked)
    course = college.course(holder)
    presentation = holder.present(
        course, *(make(course) for make in comments), challenge=request["nonce"], domain=request["client_id"]
    )
    answer = college.answer(request, {"courses": [presentation]})
    assert answer.status_code == 200, answer.text
    page = college.signed_in().get(f"/asked/{asked.id}", follow_redirects=True).text
    return college.report(asked), page


def test_a_comment_stands_beside_the_record_under_the_familys_name(college: College, family: Family) -> None:
    report, page = answered(college, comments=(family.comment,))

    assert report["verified"] is True
    assert "Nobody has changed this. Lincoln High School signed it." in page
    assert "The family says" in page
    assert WORDS in page
    assert "Ana Núñez, mother" in page
    facts = page.partition('<section class="facts">')[2].partition("</section>")[0]
    assert "Algebra I" in page and WORDS not in facts


def test_a_comment_that_was_changed_is_named_and_not_shown(college: College, family: Family) -> None:
    def forged(course: JSONObject) -> JSONObject:
        comment = family.comment(course)
        comment["credentialSubject"]["endorsementComment"] = "She is a genius."
        return comment

    report, page = answered(college, comments=(forged,))

    assert report["verified"] is True
    assert "A comment that does not hold" in page
    assert "genius" not in page
    assert "Ana Núñez" not in page


def test_what_is_no_comment_on_the_record_is_not_taken_along(college: College, family: Family) -> None:
    request, holder = college.opened(college.ask()), Holder(college.world)
    course = college.course(holder)
    stray = family.comment({"id": "https://school.example/credentials/999"})
    presentation = holder.present(course, stray, challenge=request["nonce"], domain=request["client_id"])

    assert college.answer(request, {"courses": [presentation]}).status_code == 400


def test_a_teachers_comment_is_the_teachers_and_not_the_familys(college: College) -> None:
    teacher = School(college.world, "https://teacher.example", "Ms. Rivera")
    college.services.trust.add(teacher.did, "Ms. Rivera, Lincoln High")

    def said(course: JSONObject) -> JSONObject:
        words = Family(college.world).comment(course, "Her best work.")
        del words["proof"]
        return teacher.sign({**words, "issuer": teacher.profile().to_json()})

    _report, page = answered(college, comments=(said,))

    assert "Ms. Rivera, Lincoln High says" in page
    assert "The family says" not in page


def test_a_selection_is_the_familys_choice_and_each_record_has_its_own_signer(college: College, family: Family) -> None:
    tutor = School(college.world, "https://tutor.example", "Riverside Tutoring")
    college.services.trust.add(tutor.did, "Riverside Tutoring")
    records = (
        college.school.sign(college.school.course(index=7, name="Algebra I")),
        tutor.sign(tutor.course(index=8, name="Fractions", student=STUDENT)),
    )

    page = checked(college, family.bundle(*records, comments=(family.comment(records[0]),)))

    assert "Nobody has changed this. We know who signed it." in page
    for words in (
        "The family chose these records. This is not the whole record.",
        "It does not prove who is showing it",
    ):
        assert words in page
    for words in ("Algebra I", "Fractions", "Lincoln High School", "Riverside Tutoring", "For the open house"):
        assert words in page
    assert "The family says" in page and WORDS in page
    assert "Not known to us" not in page
    tables = page.split("<table")[1:]
    assert [
        ("Algebra I" in table.partition("</table>")[0], "Fractions" in table.partition("</table>")[0])
        for table in tables
    ] == [(True, False), (False, True)]


def test_a_forged_record_in_a_selection_is_red_and_not_shown(college: College, family: Family) -> None:
    good = college.school.sign(college.school.course(index=7, name="Algebra I"))
    forged = college.school.sign(college.school.course(index=8, name="Biology"))
    forged["credentialSubject"]["achievement"]["name"] = "Astrophysics"

    page = checked(college, family.bundle(good, forged))

    assert 'class="verdict verdict-fails"' in page
    assert "Astrophysics" not in page
    assert "Algebra I" in page


def test_a_record_that_the_family_signed_itself_is_nobodys_we_know(college: College, family: Family) -> None:
    own = college.school.course(index=7, name="Homemade")
    own = family.sign({**own, "issuer": {**own["issuer"], "id": family.did}})

    page = checked(college, family.bundle(own))

    assert 'class="verdict verdict-fails"' in page
    assert "Not known to us" in page
    assert "It calls itself:" in page


def test_a_hostile_comment_stays_words(college: College, family: Family) -> None:
    words = "<script>window.__pwned=1</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)> \u202e"
    _report, page = answered(college, comments=(lambda course: family.comment(course, words),))

    assert "The family says" in page
    for bad in ("<script>window", "<img src=x", 'href="javascript', "\u202e"):
        assert bad not in page


def test_a_caseworkers_answer_says_who_acts_by_what_right_and_until_when(college: College) -> None:
    worker, court = Family(college.world), School(college.world, "https://court.example", "Family Court")
    college.services.trust.add(court.did, "Family Court")
    asked, holder = college.ask(), Holder(college.world)
    request = college.opened(asked)
    bound = {"challenge": request["nonce"], "domain": request["client_id"]}
    record = holder.present(college.course(holder), **bound)
    grant = court.sign(worker.grant(worker.did, issuer=court.did))
    permission = worker.sign(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": worker.did,
            "verifiableCredential": [grant],
        },
        purpose="authentication",
        **bound,
    )

    answer = college.answer(request, {"courses": [record, permission]})

    assert answer.status_code == 200, answer.text
    report = college.report(asked)
    assert outcomes(report)["authority"] == "passed"
    assert report["verified"] is True
    page = college.signed_in().get(f"/asked/{asked.id}", follow_redirects=True).text
    assert "Shared for the student by: caseworker. The right to do so: a court order." in page
    assert "Allowed until September 13, 2026." in page
    assert page.count("Algebra I") > 0 and "Permission to act" not in page


def test_a_permission_nobody_known_gave_is_not_green(college: College) -> None:
    worker, stranger = Family(college.world), Family(college.world)
    asked, holder = college.ask(), Holder(college.world)
    request = college.opened(asked)
    bound = {"challenge": request["nonce"], "domain": request["client_id"]}
    permission = worker.sign(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": worker.did,
            "verifiableCredential": [stranger.sign(stranger.grant(worker.did))],
        },
        purpose="authentication",
        **bound,
    )

    college.answer(request, {"courses": [holder.present(college.course(holder), **bound), permission]})

    report = college.report(asked)
    assert report["verified"] is False
    assert outcomes(report)["authority"] == "indeterminate"
    page = college.signed_in().get(f"/asked/{asked.id}", follow_redirects=True).text
    assert "We could not check who let them." in page
    assert 'class="verdict verdict-unknown"' in page


def test_an_answer_holds_one_permission_at_most(college: College) -> None:
    worker = Family(college.world)
    request, holder = college.opened(college.ask()), Holder(college.world)
    bound = {"challenge": request["nonce"], "domain": request["client_id"]}
    permission = worker.sign(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": worker.did,
            "verifiableCredential": [worker.sign(worker.grant(worker.did, role="guardian", basis="parent"))],
        },
        purpose="authentication",
        **bound,
    )

    answer = college.answer(request, {"courses": [holder.present(college.course(holder), **bound)] + [permission] * 2})

    assert answer.status_code == 400
    assert "more than one permission" in answer.text


def test_the_day_one_page_begins_with_strengths_and_marks_whose_words_they_are(
    college: College, family: Family
) -> None:
    course = college.school.sign(college.school.course(index=7, name="Algebra I", grade="A"))
    badge = college.school.course(index=9, name="Robotics Club", grade=None)
    badge["credentialSubject"]["achievement"]["achievementType"] = "Badge"
    for name in ("result", "creditsEarned", "term"):
        badge["credentialSubject"].pop(name, None)
    badge["credentialSubject"]["achievement"].pop("resultDescription", None)
    forged = college.school.sign(college.school.course(index=8, name="Biology"))
    forged["credentialSubject"]["achievement"]["name"] = "Astrophysics"
    about = family.about_me(("need", "Quiet place to read"), ("strength", "Explains things to others"))
    client = college.signed_in()

    bundle = family.bundle(course, college.school.sign(badge), about, forged, comments=(family.comment(course),))
    answer = uploaded(college, client, json.dumps(bundle).encode())
    page = client.get(answer.headers["Location"].removeprefix("https://college.example") + "/day-one").text

    order = ["Explains things to others", "Robotics Club", "What the record shows", "Algebra I", "Quiet place to read"]
    places = [page.find(words) for words in order]
    assert -1 not in places and places == sorted(places)
    assert "Said by the family" in page
    assert WORDS in page and "The family says" in page
    assert "Astrophysics" not in page
    assert "1 record is left out" in page


def test_the_day_one_page_is_the_operators_alone(college: College) -> None:
    assert college.client().get("/results/0/day-one").status_code == 303
    assert college.signed_in().get("/results/0/day-one").status_code == 404


def test_a_selection_by_a_caseworker_says_so_and_by_what_right(college: College) -> None:
    worker, court = Family(college.world), School(college.world, "https://court.example", "Family Court")
    record = college.school.sign(college.school.course())
    grant = court.sign(worker.grant(worker.did, issuer=court.did))

    unknown = checked(college, worker.bundle(record, grant))
    college.services.trust.add(court.did, "Family Court")
    known = checked(college, worker.bundle(record, grant))

    assert "We could not check who let them." in unknown
    for page in (unknown, known):
        assert "Somebody who acts for the student chose these records." in page
        assert "The family chose these records." not in page
        assert "Permission to act for the student" not in page
    assert "Shared for the student by: caseworker. The right to do so: a court order." in known
    assert "Nobody has changed this. Lincoln High School signed it." in known


def test_a_permission_of_somebody_else_says_nothing_about_who_chose(college: College, family: Family) -> None:
    other = Family(college.world)
    record = college.school.sign(college.school.course())

    page = checked(college, family.bundle(record, other.sign(other.grant(other.did, role="guardian", basis="parent"))))

    assert "The family chose these records." in page
    assert "Shared for the student by" not in page
