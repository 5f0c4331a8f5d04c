"""Comment, never edit: signed by who says it, bound to the record, travelling only as long as somebody says so."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from credkit.errors import StateError
from credkit.verification import Policy, verify_credential
from tests.wallet.household import child_of, environment_of, let_in, take
from tests.wallet.offices import OfferingSchool
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.record import comments, contributions, hiding, library
from wallet.services.record.comments import Draft
from wallet.services.record.items import COMMENT, CREDENTIAL
from wallet.services.record.library import TranscriptView
from wallet.vault import OpenVault

WORDS = "In spring 2024 our family moved twice, so Ana missed **19 days**."
DRAFT = Draft(WORDS, "Ana Núñez, mother", "en", travels=True)
BIOLOGY = "https://school.example/credentials/1"


@pytest.fixture
def biology(services: Services, vault: OpenVault, school: OfferingSchool) -> str:
    return take(services, vault, school.offer(school.course(1, "Biology")))[0]


def test_a_comment_is_an_endorsement_of_the_record_that_anybody_can_check(
        services: Services, vault: OpenVault, biology: str) -> None:
    comments.comment(vault, environment_of(services), biology, DRAFT)

    (document,) = comments.travelling(vault, BIOLOGY)
    assert document["credentialSubject"]["id"] == BIOLOGY
    assert document["issuer"] == {"id": vault.party_did, "type": ["Profile"], "name": "Ana Núñez, mother"}
    report = verify_credential(document, Policy(), environment_of(services))
    assert report.verified, report.to_json()
    changed = copy.deepcopy(document)
    changed["credentialSubject"]["endorsementComment"] = "All was well."
    assert not verify_credential(changed, Policy(), environment_of(services)).verified


def test_a_comment_changes_nothing_the_school_signed(services: Services, vault: OpenVault, biology: str) -> None:
    before = vault.read(biology, CREDENTIAL)

    comments.comment(vault, environment_of(services), biology, DRAFT)

    after = vault.read(biology, CREDENTIAL)
    assert (after.version, after.body) == (before.version, before.body)
    assert len(library.shelf(vault).all()) == 1


def test_it_is_shown_as_it_was_signed(services: Services, vault: OpenVault, biology: str) -> None:
    comments.comment(vault, environment_of(services), biology, DRAFT)

    (shown,) = comments.comments_on(vault, BIOLOGY)
    assert (shown.text, shown.name, shown.language, shown.travels, shown.mine) == (
        WORDS, "Ana Núñez, mother", "en", True, True)
    assert comments.comments_on(vault, None) == () == comments.comments_on(vault, "urn:example:other")


def test_it_travels_until_it_is_withdrawn_and_what_left_is_not_undone(
        services: Services, vault: OpenVault, biology: str) -> None:
    environment = environment_of(services)
    stays = comments.comment(vault, environment, biology, replace(DRAFT, travels=False))
    travels = comments.comment(vault, environment, biology, DRAFT)
    (left,) = comments.travelling(vault, BIOLOGY)

    comments.set_travels(vault, environment, stays, travels=True)
    assert len(comments.travelling(vault, BIOLOGY)) == 2
    comments.withdraw(vault, environment, travels)
    comments.set_travels(vault, environment, stays, travels=False)

    assert comments.travelling(vault, BIOLOGY) == ()
    assert sorted(each.withdrawn for each in comments.comments_on(vault, BIOLOGY)) == [False, True]
    assert verify_credential(left, Policy(), environment).verified
    with pytest.raises(StateError):
        comments.set_travels(vault, environment, travels, travels=True)


def test_a_course_inside_a_transcript_can_be_commented_on(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    (transcript,) = take(services, vault, school.offer(school.transcript((1, "Biology", "F"), (2, "Algebra", "B"))))
    assert isinstance(library.show(vault, transcript).view, TranscriptView)

    comments.comment(vault, environment_of(services), transcript, DRAFT, credential_id=BIOLOGY)

    assert len(comments.travelling(vault, BIOLOGY)) == 1
    assert comments.travelling(vault, "https://school.example/credentials/500") == ()
    with pytest.raises(StateError):
        comments.comment(vault, environment_of(services), transcript, DRAFT, credential_id="urn:example:other")


@pytest.mark.parametrize("draft", [
    replace(DRAFT, words="  "), replace(DRAFT, name=" "), replace(DRAFT, words="x" * 4_001),
    replace(DRAFT, name="x" * 121)])
def test_a_comment_that_says_nothing_or_too_much_is_not_kept(
        services: Services, vault: OpenVault, biology: str, draft: Draft) -> None:
    with pytest.raises(StateError):
        comments.comment(vault, environment_of(services), biology, draft)
    assert vault.entries(COMMENT) == ()


def test_it_follows_its_record_into_another_category(services: Services, vault: OpenVault, biology: str) -> None:
    comments.comment(vault, environment_of(services), biology, DRAFT)

    hiding.choose_category(vault, services.clock, biology, "iep")

    assert [entry.summary["category"] for entry in vault.entries(COMMENT)] == ["iep"]


def test_comments_are_in_the_log(services: Services, vault: OpenVault, biology: str) -> None:
    comment_id = comments.comment(vault, environment_of(services), biology, DRAFT)
    comments.withdraw(vault, environment_of(services), comment_id)

    assert [(line.kind, line.titles, line.state) for line in activity.lines(vault)[:2]] == [
        ("comment", (), "withdrawn"), ("comment", ("Biology",), "travels")]


def test_one_parent_does_not_silence_the_other(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    child = child_of(services, vault)
    (biology,) = take(services, child, school.offer(school.course(1, "Biology")))
    father = let_in(services, child, "father", "full", "people", role="guardian")
    comment_id = comments.comment(child, environment_of(services), biology, DRAFT)

    (seen,) = comments.comments_on(father, BIOLOGY)
    assert not seen.mine and not seen.changeable
    with pytest.raises(StateError):
        comments.withdraw(father, environment_of(services), comment_id)
    assert len(comments.travelling(father, BIOLOGY)) == 1


def test_a_helpers_comment_waits_until_the_family_takes_it(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    child = child_of(services, vault)
    (biology,) = take(services, child, school.offer(school.course(1, "Biology")))
    mentor = let_in(services, child, "mentor", "read:transcript", "comment", role="mentor")
    environment = environment_of(services)

    waiting = comments.comment(mentor, environment, biology, replace(DRAFT, kind="representative"))

    assert comments.comments_on(child, BIOLOGY) == () == comments.travelling(child, BIOLOGY)
    assert [line.kind for line in contributions.waiting(child)] == ["representative"]
    assert contributions.show(child, waiting)[2] == WORDS
    kept = contributions.accept(child, environment, waiting)
    (shown,) = comments.comments_on(child, BIOLOGY)
    assert (shown.id, shown.kind, shown.helper, shown.travels) == (kept, "representative", True, True)
    comments.withdraw(child, environment, kept)


def test_who_may_not_comment_does_not(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    child = child_of(services, vault)
    (biology,) = take(services, child, school.offer(school.course(1, "Biology")))
    tutor = let_in(services, child, "tutor", "read:transcript")

    with pytest.raises(StateError):
        comments.comment(tutor, environment_of(services), biology, DRAFT)
