"""The learner profile, the portfolio, about me, the checklist: what lies here, by element, and who says so."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from credkit.errors import SealBroken, StateError
from credkit.ports import JSONObject
from credkit.verification import Policy, verify_credential
from tests.wallet.household import child_of, environment_of, let_in, of_type, take
from tests.wallet.offices import OfferingSchool
from wallet.bootstrap import Services
from wallet.services.record import about_me, comments, files, library, portfolio, profile
from wallet.services.record.checklist import checklist
from wallet.services.record.comments import Draft
from wallet.services.record.files import NewFile
from wallet.services.record.items import ABOUT_ME, CREDENTIAL, FILE
from wallet.vault import OpenVault

PICTURE = NewFile("bridge.jpg", "image/jpeg", b"\xff\xd8\xff\xe0 a bridge of matches")


def say(services: Services, vault: OpenVault, kind: str, words: str) -> None:
    about_me.say(vault, environment_of(services), kind=kind, words=words, language="en", name="Ana, mother")


def show_work(services: Services, vault: OpenVault, *works: NewFile, title: str = "A bridge of matches") -> str:
    return portfolio.add(vault, environment_of(services), title=title, words="It held *12 kg*.", name="Daniela",
                         language="en", works=works)


# About me

def test_strengths_come_first_whatever_was_said_first(services: Services, vault: OpenVault) -> None:
    say(services, vault, "challenge", "Reading aloud")
    say(services, vault, "goal", "Build a robot")
    say(services, vault, "strength", "Patient with small children")

    assert [(each.kind, each.text) for each in about_me.statements(vault)] == [
        ("strength", "Patient with small children"), ("goal", "Build a robot"), ("challenge", "Reading aloud")]
    assert [kind for kind, _said in profile.profile(vault).statements] == ["strength", "goal", "challenge"]


def test_what_is_said_is_one_signed_credential_about_the_learner(services: Services, vault: OpenVault) -> None:
    say(services, vault, "strength", "Patient")
    say(services, vault, "interest", "Robots")

    (document,) = about_me.documents(vault)
    assert (document["issuer"]["id"], document["credentialSubject"]["id"]) == (vault.party_did, vault.learner_urn)
    assert verify_credential(document, Policy(), environment_of(services)).verified
    about_me.unsay(vault, environment_of(services), "strength", "Patient")
    about_me.unsay(vault, environment_of(services), "interest", "Robots")
    assert vault.entries(ABOUT_ME) == () and about_me.statements(vault) == ()


@pytest.mark.parametrize(("kind", "words"), [("hobby", "x"), ("goal", " "), ("goal", "x" * 501)])
def test_what_says_nothing_or_too_much_is_not_kept(
        services: Services, vault: OpenVault, kind: str, words: str) -> None:
    with pytest.raises(StateError):
        say(services, vault, kind, words)
    with pytest.raises(StateError):
        about_me.unsay(vault, environment_of(services), "goal", "never said")


def test_everybody_speaks_for_themselves(services: Services, vault: OpenVault) -> None:
    child = child_of(services, vault)
    learner = let_in(services, child, "daniela", role="learner")
    say(services, child, "strength", "Patient")

    about_me.say(learner, environment_of(services), kind="strength", words="I draw", language="en", name="Daniela")

    assert {(each.text, each.mine) for each in about_me.statements(child)} == {("Patient", True), ("I draw", False)}
    with pytest.raises(StateError):
        about_me.unsay(child, environment_of(services), "strength", "I draw")


# Portfolio

def test_a_piece_is_a_record_that_names_its_files_by_digest(services: Services, vault: OpenVault) -> None:
    item_id = show_work(services, vault, PICTURE)

    (card,) = portfolio.pieces(vault)
    assert (card.item_id, card.category, card.origin) == (item_id, "portfolio", "family")
    document = vault.read(item_id, CREDENTIAL).body["credential"]
    assert document["evidence"][0]["digestMultibase"] == files.digest_of(PICTURE.data)
    assert base64.b64encode(PICTURE.data).decode() not in str(document)
    report = verify_credential(document, Policy(), environment_of(services))
    assert report.verified, report.to_json()
    (work,) = portfolio.works_of(vault, item_id)
    assert portfolio.work(vault, item_id, work.file_id).data == PICTURE.data


def test_a_file_that_is_not_the_one_meant_is_not_shown(services: Services, vault: OpenVault) -> None:
    item_id = show_work(services, vault, PICTURE)
    (work,) = portfolio.works_of(vault, item_id)
    item = vault.read(work.file_id, FILE)
    other = b"\xff\xd8\xff\xe0 something else"
    vault.replace(item, {**item.body, "data": base64.b64encode(other).decode()})
    with pytest.raises(SealBroken):
        portfolio.work(vault, item_id, work.file_id)

    item = vault.read(work.file_id, FILE)
    vault.replace(item, {**item.body, "digest_multibase": files.digest_of(other)})

    with pytest.raises(StateError):
        portfolio.work(vault, item_id, work.file_id)
    with pytest.raises(StateError):
        portfolio.work(vault, item_id, "unknown")


@pytest.mark.parametrize("work", [
    NewFile("x.svg", "image/svg+xml", b"<svg/>"), NewFile("x.pdf", "application/pdf", b"<html>"),
    NewFile("x.csv", "text/csv", b""), NewFile("x.jpg", "image/jpeg", b"x" * (files.MOST_BYTES + 1))])
def test_other_files_are_not_kept_and_leave_nothing(services: Services, vault: OpenVault, work: NewFile) -> None:
    with pytest.raises(StateError):
        show_work(services, vault, PICTURE, work)
    assert vault.entries(FILE) == () and portfolio.pieces(vault) == ()


def test_a_teacher_can_pick_representative_work_and_no_helper_adds_to_the_portfolio(
        services: Services, vault: OpenVault) -> None:
    child = child_of(services, vault)
    item_id = show_work(services, child, PICTURE)
    mentor = let_in(services, child, "mentor", "read:portfolio", "comment", role="mentor")

    comments.comment(mentor, environment_of(services), item_id,
                     Draft("The best of the year.", "Mr. Lee, teacher", "en", travels=True, kind="representative"))

    assert [card.title for card in library.shelf(mentor).all()] == ["A bridge of matches"]
    assert portfolio.works_of(mentor, item_id) == ()
    with pytest.raises(StateError):
        show_work(services, mentor)


# The profile and its timeline

def test_the_three_elements_and_who_speaks(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    take(services, vault, school.offer(
        school.transcript((1, "Biology", "A"), (2, "Algebra", "B")), school.course(1, "Biology"),
        of_type(school, 3, "Assessment", "State math"), of_type(school, 4, "CoCurricular", "Choir"),
        of_type(school, 5, "ext:IEPSummary", "IEP summary"), of_type(school, 6, "ext:Unheard", "Something")))
    show_work(services, vault)

    shown = profile.profile(vault)

    assert [card.title for card in shown.transcripts] == ["Transcript"]
    assert [card.title for card in shown.others] == ["State math"]
    assert {name: [card.title for card in cards] for name, cards in shown.personal.items()} == {
        "extracurricular": ["Choir"]}
    assert [card.title for card in shown.pieces] == ["A bridge of matches"]
    assert [card.title for card in shown.supports] == ["IEP summary"]
    assert [card.title for card in shown.rest] == ["Something"]
    voices = {card.title: profile.voice_of(card) for card in library.shelf(vault).all()}
    assert (voices["Biology"], voices["A bridge of matches"], voices["Choir"]) == ("school", "family", "other")
    signers = profile.signers(library.shelf(vault).all())
    assert signers[0] == ("did:web:school.example", "Lincoln High School", 6) and signers[1][1] == "Daniela"


def test_the_timeline_has_everything_with_a_day_newest_first(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    (biology,) = take(services, vault, school.offer(school.course(1, "Biology")))
    comments.comment(vault, environment_of(services), biology, Draft("We moved.", "Ana", "en", travels=True))
    show_work(services, vault)

    assert [(event.kind, event.title) for event in profile.timeline(vault)] == [
        ("comment", "Biology"), ("record", "A bridge of matches"), ("record", "Biology")]


# The checklist

def test_an_empty_backpack_has_nothing_of_the_checklist(vault: OpenVault) -> None:
    found = checklist(vault)

    assert (found.had, found.total, found.schools) == (0, 10, ())
    assert [element.reference for element in found.elements] == sorted(
        (element.reference for element in found.elements), key=lambda name: int(name[1:]))
    assert {element.name for element in found.elements if element.elsewhere} == {"teachers", "school-ratings"}


def test_each_element_is_had_when_a_record_says_so(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    def growth(did: str) -> JSONObject:
        document = school.school.course(index=9, name="State math", subject_id=did)
        achievement: dict[str, Any] = document["credentialSubject"]["achievement"]
        achievement |= {"achievementType": "Assessment", "tag": ["summative", "math"]}
        achievement["resultDescription"][0]["resultType"] = "ext:StudentGrowthPercentile"
        return school.school.sign_base(document)

    def reading(did: str) -> JSONObject:
        document = school.school.course(index=10, name="Reading", subject_id=did)
        achievement: dict[str, Any] = document["credentialSubject"]["achievement"]
        achievement |= {"achievementType": "Assessment", "tag": ["Reading", "End of grade 3", "interim"]}
        achievement["resultDescription"][0]["resultType"] = "ext:LexileMeasure"
        return school.school.sign_base(document)

    take(services, vault, school.offer(
        school.course(1, "Biology"), of_type(school, 2, "ext:AttendanceSummary", "Attendance"),
        of_type(school, 3, "Competency", "Fractions"), of_type(school, 4, "ext:IEPSummary", "IEP summary"),
        ("course", growth), ("course", reading)))

    found = checklist(vault)

    assert found.had == found.total == 10
    titles = {element.name: [title for _item_id, title in element.records] for element in found.elements}
    assert (titles["attendance"], titles["mastery"], titles["growth"], titles["reading-grade-3"]) == (
        ["Attendance"], ["Fractions"], ["State math"], ["Reading"])
    assert found.schools == (("school.example", "Lincoln High School"),)


def test_what_the_family_says_itself_fills_no_element(services: Services, vault: OpenVault) -> None:
    show_work(services, vault)

    assert checklist(vault).had == 0
