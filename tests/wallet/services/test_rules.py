"""Hide rules: which category a record is in, what may leave, and that a hidden record is like none."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.family import CATEGORIES
from tests.support.shared import read_json, samples
from tests.wallet.household import child_of, let_in, of_type, take
from tests.wallet.offices import OfferingSchool
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.record import hiding, library
from wallet.services.record.categories import category_of, member_categories
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.rules import DEFAULTS, read_book, rule_of, visible
from wallet.vault import Entry, OpenVault


def entry_of(vault: OpenVault, item_id: str) -> Entry:
    return next(entry for entry in vault.entries(CREDENTIAL) if entry.id == item_id)


def titles(vault: OpenVault) -> list[str]:
    return [card.title for card in visible(vault, library.shelf(vault).all())]


def badge(kind: str, *tags: Any, issuer: str = "did:web:school.example") -> JSONObject:
    return {"type": ["VerifiableCredential", "OpenBadgeCredential"], "issuer": {"id": issuer},
            "credentialSubject": {"achievement": {"achievementType": kind, "tag": list(tags)}}}


@pytest.mark.parametrize(("kind", "tags", "category"), [
    ("Course", (), "transcript"), ("SecondarySchoolDiploma", (), "transcript"), ("Assessment", (), "assessment"),
    ("Competency", (), "assessment"), ("Assessment", ("Tutoring",), "supplemental-achievement"),
    ("ext:ReadingLevel", (), "assessment"), ("Badge", (), "supplemental-achievement"),
    ("Badge", ("Robotics club",), "extracurricular"), ("CoCurricular", (), "extracurricular"),
    ("Membership", (), "extracurricular"), ("CommunityService", (), "work-and-service"),
    ("Fieldwork", (), "work-and-service"), ("ext:WorkHabits", (), "work-habits"),
    ("ext:AttendanceSummary", (), "attendance"), ("ext:ServiceRecord", (), "services"),
    ("Achievement", ("speech therapy",), "services"), ("ext:IEPSummary", (), "iep"),
    ("ext:SpecialEducationSummary", (), "iep"), ("Course", ("Special Education",), "iep"),
    ("ext:DisciplineRecord", (), "discipline"), ("ext:BehaviorSummary", (), "discipline"),
    ("Assignment", (), "portfolio"), ("ext:SomethingNew", (), "other"), ("", (), "other"),
])
def test_the_category_comes_from_the_words_the_issuer_signed(kind: str, tags: tuple[str, ...], category: str) -> None:
    assert category_of(badge(kind, *tags), "https://school.example") == category
    assert category in CATEGORIES


def test_a_test_score_by_a_person_is_extra_learning() -> None:
    assert category_of(badge("Assessment", issuer="did:key:z6Mk"), "") == "supplemental-achievement"
    assert category_of(badge("Assessment"), "did:key:z6Mk") == "supplemental-achievement"


@pytest.mark.parametrize("junk", [{}, {"type": 7}, {"credentialSubject": [{"achievement": {"tag": [7, None]}}]},
                                  {"credentialSubject": {"achievement": [{"achievementType": {}}]}}])
def test_a_category_is_found_for_anything(junk: JSONObject) -> None:
    assert category_of(junk, "") == "other" and member_categories(junk) == ()


def test_every_sample_has_a_category() -> None:
    found = [read_json(path) for folder in ("ob3", "clr2", "dcc") for path in sorted(samples(folder).rglob("*.json"))]
    named = [category_of(each, "") for each in found if isinstance(each, dict)]

    assert set(named) <= set(CATEGORIES) and "transcript" in named


def test_special_education_services_and_discipline_start_hidden_and_nothing_else() -> None:
    assert {name for name, rule in DEFAULTS.items() if rule == "never"} == {"iep", "services", "discipline"}
    assert {rule for name, rule in DEFAULTS.items() if name not in ("iep", "services", "discipline")} == {"ask"}


def test_what_is_hidden_is_in_no_visible_list(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    take(services, vault, school.offer(
        school.course(1, "Biology"), of_type(school, 2, "ext:IEPSummary", "IEP summary"),
        of_type(school, 3, "ext:ServiceRecord", "Speech")))

    assert titles(vault) == ["Biology"]
    assert len(library.shelf(vault).all()) == 3


def test_the_rule_of_a_record_goes_before_that_of_its_kind(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    biology, iep = take(services, vault, school.offer(
        school.course(1, "Biology"), of_type(school, 2, "ext:IEPSummary", "IEP summary")))
    signed = vault.read(iep, CREDENTIAL).body["credential"]

    hiding.hide_record(vault, services.clock, iep, "share")
    hiding.hide_category(vault, services.clock, "transcript", "never")

    assert titles(vault) == ["IEP summary"]
    assert vault.read(iep, CREDENTIAL).body["credential"] == signed
    hiding.hide_record(vault, services.clock, iep, None)
    hiding.hide_category(vault, services.clock, "transcript", "share")
    assert titles(vault) == ["Biology"] and rule_of(vault, entry_of(vault, biology)) == "share"


def test_a_new_copy_of_a_hidden_record_is_hidden(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    (first,) = take(services, vault, school.offer(school.course(1, "Biology", "B")))
    hiding.hide_record(vault, services.clock, first, "never")

    take(services, vault, school.offer(school.course(1, "Biology", "A")))

    assert titles(vault) == []
    hiding.hide_record(vault, services.clock, first, None)
    assert titles(vault) == ["Biology"]


def test_a_transcript_is_as_strict_as_what_is_in_it(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    transcript, biology = take(services, vault, school.offer(
        school.transcript((1, "Biology", "A"), (2, "Algebra", "B")), school.course(1, "Biology")))

    hiding.hide_record(vault, services.clock, biology, "never")

    assert titles(vault) == []
    book = read_book(vault)
    assert book.because_of(entry_of(vault, transcript)) == ("https://school.example/credentials/1",)
    assert book.line_rules(entry_of(vault, transcript)) == ("never", "ask")


def test_a_transcript_with_hidden_kinds_inside_leaves_only_if_somebody_says_so(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    def make(did: str) -> JSONObject:
        iep = school.school.course(index=2, name="IEP summary", subject_id=did)
        iep["credentialSubject"]["achievement"]["achievementType"] = "ext:IEPSummary"
        return school.school.sign(school.school.transcript([school.school.sign(iep)], subject_id=did))

    (transcript,) = take(services, vault, school.offer(("transcript", make)))
    assert titles(vault) == []

    hiding.hide_record(vault, services.clock, transcript, "ask")

    assert titles(vault) == ["Transcript"]


def test_a_persons_own_category_wins_and_the_document_stays(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    (item_id,) = take(services, vault, school.offer(school.course(1, "Resource room")))
    signed = vault.read(item_id, CREDENTIAL).body["credential"]

    hiding.choose_category(vault, services.clock, item_id, "iep")

    assert entry_of(vault, item_id).summary["category"] == "iep" and titles(vault) == []
    assert vault.read(item_id, CREDENTIAL).body["credential"] == signed
    hiding.choose_category(vault, services.clock, item_id, None)
    assert entry_of(vault, item_id).summary["category"] == "transcript"


@pytest.mark.parametrize("act", [
    lambda vault, clock: hiding.hide_record(vault, clock, "unknown", "never"),
    lambda vault, clock: hiding.hide_category(vault, clock, "unknown", "never"),
    lambda vault, clock: hiding.hide_category(vault, clock, "iep", "sometimes"),  # type: ignore[arg-type]
    lambda vault, clock: hiding.choose_category(vault, clock, "unknown", "iep"),
])
def test_what_is_not_there_cannot_be_ruled(services: Services, vault: OpenVault, act: Any) -> None:
    with pytest.raises(StateError):
        act(vault, services.clock)


def test_every_change_is_in_the_log(services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    (item_id,) = take(services, vault, school.offer(school.course(1, "Biology")))

    hiding.hide_record(vault, services.clock, item_id, "never")
    hiding.hide_category(vault, services.clock, "iep", "ask")

    assert [(line.kind, line.titles, line.category, line.state) for line in activity.lines(vault)[:2]] == [
        ("rule", (), "iep", "ask"), ("rule", ("Biology",), "", "never")]


def test_a_helper_loses_what_is_hidden_and_may_not_choose(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    child = child_of(services, vault)
    biology, algebra = take(services, child, school.offer(school.course(1, "Biology"), school.course(2, "Algebra")))
    tutor = let_in(services, child, "ruiz", "read:transcript")
    assert {card.title for card in library.shelf(tutor).all()} == {"Biology", "Algebra"}

    hiding.hide_record(child, services.clock, biology, "never")

    assert [card.title for card in library.shelf(tutor).all()] == ["Algebra"]
    with pytest.raises(StateError):
        tutor.read(biology, CREDENTIAL)
    with pytest.raises(StateError):
        hiding.hide_record(tutor, services.clock, algebra, "share")
    hiding.hide_record(child, services.clock, biology, None)
    assert len(library.shelf(tutor).all()) == 2


def test_a_designee_chooses_by_kind_without_reading(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    child = child_of(services, vault)
    (biology,) = take(services, child, school.offer(school.course(1, "Biology")))
    designee = let_in(services, child, "aunt", "privacy-settings", role="designee")

    hiding.hide_category(designee, services.clock, "transcript", "never")

    assert library.shelf(designee).all() == () and titles(child) == []


def test_a_designee_who_may_read_chooses_for_a_record_and_takes_no_key_from_anybody(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    """Their choice stands beside the record, which stays as the family's signature fixes it; it counts until the family
    chooses anew, and takes keys from helpers as soon as somebody comes who decides."""
    child = child_of(services, vault)
    biology, algebra = take(services, child, school.offer(school.course(1, "Biology"), school.course(2, "Algebra")))
    tutor = let_in(services, child, "tutor", "read:transcript")
    aunt = let_in(services, child, "aunt", "read:transcript", "privacy-settings", role="designee")
    held = child.recipients(biology), child.recipients(algebra), child.read(biology, CREDENTIAL).version

    hiding.hide_record(aunt, services.clock, biology, "never")
    assert rule_of(child, entry_of(child, biology)) == rule_of(aunt, entry_of(aunt, biology)) == "never"
    assert (child.recipients(biology), child.recipients(algebra), child.read(biology, CREDENTIAL).version) == held
    services.people.arrive(vault)
    assert [card.title for card in library.shelf(tutor).all()] == ["Algebra"]

    hiding.hide_record(child, services.clock, biology, "share")
    assert rule_of(child, entry_of(child, biology)) == "share" and len(library.shelf(tutor).all()) == 2
    hiding.hide_record(child, services.clock, algebra, "never")
    assert algebra not in aunt._space.mine()
    with pytest.raises(StateError, match="Only the family"):
        hiding.choose_category(aunt, services.clock, biology, "other")


def test_a_guardian_who_sees_only_a_part_takes_no_key_from_anybody(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    """Who knows only their own grant cannot tell what others are entitled to."""
    child = child_of(services, vault)
    (biology,) = take(services, child, school.offer(school.course(1, "Biology")))
    tutor = let_in(services, child, "tutor", "read:transcript")
    grandmother = let_in(services, child, "grandmother", "read:transcript", "privacy-settings", role="guardian")
    before = child.recipients(biology)
    assert {child.party_id, tutor.party_id, grandmother.party_id} == set(before)

    hiding.hide_record(grandmother, services.clock, biology, "share")

    assert child.recipients(biology) == before and child.read(biology, CREDENTIAL).body["rule"] == "share"


def test_checking_a_record_again_as_a_helper_changes_nothing_of_it(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    child = child_of(services, vault)
    (biology,) = take(services, child, school.offer(school.course(1, "Biology")))
    tutor = let_in(services, child, "tutor", "read:transcript")
    before = child.read(biology, CREDENTIAL).version

    report = services.receiving.check_again(tutor, biology)

    assert report.check("status") is not None and child.read(biology, CREDENTIAL).version == before
    assert not tutor.known("status-list") and tutor.personal().known("status-list")
