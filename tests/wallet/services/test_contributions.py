"""The quarantine: what helpers bring is nowhere until the family takes it, and then it is a record like any other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credkit.errors import ProtocolError, StateError
from credkit.verification import Policy, verify_credential
from tests.wallet.household import child_of, environment_of, let_in, take
from tests.wallet.offices import TITLE_AND_GRADE, AskingCollege, OfferingSchool
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.matching import match_request
from wallet.services.record import contributions, library
from wallet.services.record.contributions import Draft
from wallet.services.record.items import CONTRIBUTION, CREDENTIAL
from wallet.services.record.rules import visible
from wallet.vault import OpenVault

NOTE = Draft("work-habits", "note", "Asks good questions", "Stays with a problem until it is solved.",
             "Ms. Ruiz, tutor", "en")
SCORE = replace(NOTE, category="supplemental-achievement", kind="score", title="Reading check", value="18",
                scale="points of 20")
BADGE = replace(NOTE, category="extracurricular", kind="badge", title="Chess club")


@pytest.fixture
def child(services: Services, vault: OpenVault) -> OpenVault:
    return child_of(services, vault)


@pytest.fixture
def tutor(services: Services, child: OpenVault) -> OpenVault:
    return let_in(services, child, "ruiz", "contribute:work-habits", "contribute:supplemental-achievement",
                  "contribute:extracurricular")


@pytest.mark.parametrize("draft", [NOTE, SCORE, BADGE])
def test_a_contribution_is_in_no_list_until_it_is_accepted(
        services: Services, child: OpenVault, tutor: OpenVault, draft: Draft) -> None:
    waiting = contributions.contribute(tutor, environment_of(services), draft)

    for vault in (child, tutor):
        assert library.shelf(vault).all() == () == visible(vault, library.shelf(vault).all())
        (line,) = contributions.waiting(vault)
        assert (line.title, line.kind, line.category, line.name) == (
            draft.title, draft.kind, draft.category, "Ms. Ruiz, tutor")
    item_id = contributions.accept(child, environment_of(services), waiting)
    (card,) = library.shelf(child).all()
    assert (card.item_id, card.title, card.category, card.origin) == (item_id, draft.title, draft.category, "helper")
    assert contributions.every(child) == () and child.entries(CONTRIBUTION) == ()


def test_an_accepted_score_is_signed_by_its_tutor_and_shows_its_number(
        services: Services, child: OpenVault, tutor: OpenVault) -> None:
    item_id = contributions.accept(child, environment_of(services), contributions.contribute(
        tutor, environment_of(services), SCORE))

    record = library.show(child, item_id).view
    assert [(line.name, line.value) for line in record.results] == [("points of 20", "18")]  # type: ignore[union-attr]
    document = child.read(item_id, CREDENTIAL).body["credential"]
    assert document["issuer"]["id"] == tutor.party_did
    report = verify_credential(document, Policy(), environment_of(services))
    assert report.verified, report.to_json()


def test_an_accepted_badge_can_be_shared_by_its_own_key(
        services: Services, child: OpenVault, tutor: OpenVault, college: AskingCollege) -> None:
    waiting = contributions.contribute(tutor, environment_of(services), BADGE)
    link = college.ask(*TITLE_AND_GRADE[:1])
    request_id = services.inbox.receive_request(child, link)
    request = services.inbox.request(child, request_id)[0].request
    assert not match_request(child, request, environment_of(services)).possible

    item_id = contributions.accept(child, environment_of(services), waiting)

    matching = match_request(child, request, environment_of(services))
    assert [each.card.item_id for each in matching.asked[0].candidates] == [item_id]
    item = child.read(item_id, CREDENTIAL)
    key = child.signer(item, item.key_methods[0])
    assert item.body["credential"]["credentialSubject"]["id"] == key.did


def test_a_returned_one_comes_back_with_a_note_and_can_be_taken_back(
        services: Services, child: OpenVault, tutor: OpenVault) -> None:
    waiting = contributions.contribute(tutor, environment_of(services), NOTE)
    with pytest.raises(StateError):
        contributions.send_back(child, environment_of(services), waiting, "  ")

    contributions.send_back(child, environment_of(services), waiting, "Please name the subject.")

    assert contributions.waiting(child) == ()
    (line,) = contributions.every(tutor)
    assert (line.state, line.note, line.mine) == ("returned", "Please name the subject.", True)
    with pytest.raises(StateError):
        contributions.accept(child, environment_of(services), waiting)
    with pytest.raises(StateError):
        contributions.take_back(child, waiting)
    contributions.take_back(tutor, waiting)
    assert contributions.every(tutor) == ()


def test_a_refused_one_is_deleted_and_noted(services: Services, child: OpenVault, tutor: OpenVault) -> None:
    waiting = contributions.contribute(tutor, environment_of(services), NOTE)

    contributions.refuse(child, environment_of(services), waiting)

    assert child.entries(CONTRIBUTION) == ()
    line = activity.lines(child)[0]
    assert (line.kind, line.state, line.name) == ("contribution", "refused", "Ms. Ruiz, tutor")


def test_a_helper_decides_nothing_and_stays_in_the_granted_categories(
        services: Services, child: OpenVault, tutor: OpenVault) -> None:
    environment = environment_of(services)
    waiting = contributions.contribute(tutor, environment, NOTE)

    for act in (lambda: contributions.accept(tutor, environment, waiting),
                lambda: contributions.refuse(tutor, environment, waiting),
                lambda: contributions.contribute(tutor, environment, replace(NOTE, category="services")),
                lambda: contributions.contribute(tutor, environment, replace(NOTE, category="transcript"))):
        with pytest.raises(StateError):
            act()
    assert len(contributions.waiting(child)) == 1


def test_one_helper_does_not_see_what_another_wrote(services: Services, child: OpenVault, tutor: OpenVault) -> None:
    other = let_in(services, child, "coach", "contribute:extracurricular", "read:work-habits", role="mentor")
    waiting = contributions.contribute(tutor, environment_of(services), NOTE)

    assert contributions.every(other) == ()
    with pytest.raises(StateError):
        contributions.show(other, waiting)


@pytest.mark.parametrize("draft", [
    replace(NOTE, title=" "), replace(NOTE, words=""), replace(NOTE, name=""),
    replace(NOTE, kind="song"),  # type: ignore[arg-type]
    replace(SCORE, value=""), replace(SCORE, scale=" "), replace(NOTE, words="x" * 4_001),
    replace(NOTE, title="x" * 121), replace(NOTE, category="iep")])
def test_what_is_incomplete_is_not_kept(services: Services, child: OpenVault, draft: Draft) -> None:
    with pytest.raises(StateError):
        contributions.contribute(child, environment_of(services), draft)
    assert child.entries(CONTRIBUTION) == ()


# Offers that wait for review

def test_an_offer_taken_for_review_waits_and_then_is_a_record(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    stored = take(services, vault, school.offer(school.course(1, "Biology"), school.course(2, "Algebra")),
                  for_review=True)

    assert library.shelf(vault).all() == () and len(stored) == 2
    assert [(line.kind, line.host) for line in contributions.waiting(vault)] == [("offer", "school.example")] * 2
    item_id = contributions.accept(vault, environment_of(services), stored[0])
    (card,) = library.shelf(vault).all()
    assert (card.item_id, card.origin, card.received_from) == (item_id, "", "https://school.example")
    assert services.receiving.check_again(vault, item_id).verified
    contributions.refuse(vault, environment_of(services), stored[1])
    assert len(library.shelf(vault).all()) == 1


def test_what_a_helper_accepts_always_waits(
        services: Services, child: OpenVault, tutor: OpenVault, school: OfferingSchool) -> None:
    take(services, tutor, school.offer(school.course(1, "Biology")))

    assert library.shelf(child).all() == ()
    (line,) = contributions.waiting(child)
    assert line.title == "Biology"
    item_id = contributions.accept(child, environment_of(services), line.id)
    (entry,) = child.entries(CREDENTIAL)
    assert (entry.id, entry.summary["brought_by"]) == (item_id, tutor.party_id)
    assert library.shelf(tutor).all() == ()


def test_a_broken_set_for_review_goes_on_without_a_double(
        services: Services, vault: OpenVault, school: OfferingSchool) -> None:
    link = school.offer(*[school.course(index, f"Course {index}") for index in range(1, 4)])
    resolved = services.receiving.resolve_offer(link)
    first = services.receiving.accept_offer(vault, resolved, tx_code="4711", at_most=2, for_review=True)
    assert first.for_review and [each.done for each in services.receiving.unfinished(vault)] == [2]

    rest = services.receiving.collect_rest(vault, first.issuance_id or "")

    assert rest.for_review and len(rest.stored) == 3 and len(contributions.waiting(vault)) == 3


def test_who_may_not_contribute_accepts_no_offer_and_spends_no_code(
        services: Services, child: OpenVault, school: OfferingSchool) -> None:
    reader = let_in(services, child, "reader", "read:transcript")
    link = school.offer(school.course(1, "Biology"))

    with pytest.raises(StateError):
        take(services, reader, link)

    assert len(take(services, child, link)) == 1
    with pytest.raises(ProtocolError):
        take(services, child, link)
