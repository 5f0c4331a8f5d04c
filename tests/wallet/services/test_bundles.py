"""Bundles and what they are handed out as: what was seen leaves, whole records as signed, hidden ones never."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from credkit.errors import StateError, TooComplexError
from credkit.ports import JSONObject
from credkit.profiles.family import read_consent_receipt
from credkit.proofs import is_base_proof
from credkit.protocols import share_link
from credkit.verification import Policy, verify_credential
from tests.support.amount import amount
from tests.support.world import World
from tests.wallet.offices import OfferingSchool
from wallet.bootstrap import Services
from wallet.services import activity
from wallet.services.record import comments, hiding, library
from wallet.services.record.items import RECEIPT
from wallet.services.record.values import values_of
from wallet.services.sharing import bundles, receipts
from wallet.services.sharing.bundles import Chosen, Draft, Purpose
from wallet.vault import OpenVault

COURSES = ((1, "Biology", "A"), (2, "Algebra", "B+"), (3, "History", "C"))


@pytest.fixture
def filled(services: Services, vault: OpenVault, school: OfferingSchool, world: World) -> OpenVault:
    """A backpack with a transcript of three courses, two of which lie there alone too, and one course more."""
    records = [school.course(*course) for course in (*COURSES[:2], (4, "Art", "Distinction"))]
    link = school.offer(school.transcript(*COURSES), *records)
    services.receiving.accept_offer(vault, services.receiving.resolve_offer(link), tx_code="4711")
    world.clock.advance(minutes=1)
    return vault


@pytest.fixture
def purpose(world: World) -> Purpose:
    return Purpose("Roosevelt Middle School", "To enrol María", world.clock.now() + timedelta(days=30), "en")


def keys(vault: OpenVault) -> dict[str, str]:
    return {choice.title: choice.key for choice in bundles.choices(vault)}


def draft_of(services: Services, vault: OpenVault, purpose: Purpose, *titles: str, **without: frozenset[str]) -> Draft:
    named = keys(vault)
    chosen = [Chosen(named[title], without.get(title, frozenset())) for title in titles]
    return bundles.draft(vault, services.sharing.environment, chosen, purpose)


def members(bundle: JSONObject) -> list[JSONObject]:
    found: list[JSONObject] = bundle["credentialSubject"]["verifiableCredential"]
    return found


def text_of(node: Any) -> str:
    return json.dumps(node, ensure_ascii=False)


def test_a_bundle_is_partial_signed_by_the_family_and_verifies_record_by_record(
        services: Services, filled: OpenVault, purpose: Purpose, world: World) -> None:
    decided = draft_of(services, filled, purpose, "Biology", "Art")

    bundle = bundles.build(filled, services.sharing.environment, decided, seen_digest=decided.digest)

    report = verify_credential(bundle, Policy(), world.environment())
    assert not [check for check in report.problems() if check.id != "trust"]
    assert bundle["partial"] is True and bundle["issuer"]["id"] == filled.party_did
    assert bundle["validUntil"] == "2026-07-15T12:01:00Z" and bundle["description"] == "To enrol María"
    assert [member["credentialSubject"]["achievement"]["name"] for member in members(bundle)] == ["Biology", "Art"]
    assert bundle["credentialSubject"]["id"].startswith("urn:uuid:")


def test_a_course_goes_as_the_schools_line_and_one_without_a_line_is_derived(
        services: Services, filled: OpenVault, purpose: Purpose) -> None:
    decided = draft_of(services, filled, purpose, "Biology", "Art")

    suites = [record.document["proof"]["cryptosuite"] for record in decided.records]

    assert suites == ["eddsa-rdfc-2022", "ecdsa-sd-2023"]
    assert not is_base_proof(decided.records[1].document["proof"])


def test_a_line_of_a_transcript_that_lies_nowhere_else_can_be_chosen(
        services: Services, filled: OpenVault, purpose: Purpose) -> None:
    decided = draft_of(services, filled, purpose, "History")

    assert decided.records[0].document["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    assert decided.records[0].parts == ()
    assert {choice.title for choice in decided.stays} == {"Transcript", "Biology", "Algebra", "Art"}


def test_what_is_in_a_chosen_transcript_is_not_put_in_twice(
        services: Services, filled: OpenVault, purpose: Purpose, world: World) -> None:
    decided = draft_of(services, filled, purpose, "Transcript", "Biology", "Art")

    assert [record.title for record in decided.records] == ["Transcript", "Art"]
    bundle = bundles.build(filled, services.sharing.environment, decided, seen_digest=decided.digest)
    report = verify_credential(bundle, Policy(), world.environment())
    assert not [check for check in report.problems() if check.id != "trust"]
    assert len(report.members[0].members) == 3


def test_parts_that_were_left_out_do_not_leave(
        services: Services, filled: OpenVault, purpose: Purpose, world: World) -> None:
    everything = draft_of(services, filled, purpose, "Art")
    without = frozenset(part.id for part in everything.records[0].parts
                        if part.kind in ("credentialSubject.result.value", "identity.sourcedId"))
    assert len(without) == 2

    decided = draft_of(services, filled, purpose, "Art", Art=without)

    bundle = bundles.build(filled, services.sharing.environment, decided, seen_digest=decided.digest)
    sent = text_of(members(bundle))
    assert "Art" in sent and "Distinction" not in sent and "S-1001" not in sent
    assert [part.id for part in decided.records[0].parts if not part.leaves] == [
        part.id for part in decided.records[0].parts if part.id in without]
    report = verify_credential(bundle, Policy(), world.environment())
    assert not [check for check in report.problems() if check.id != "trust"]


def test_the_preview_lists_every_word_that_leaves(services: Services, filled: OpenVault, purpose: Purpose) -> None:
    decided = draft_of(services, filled, purpose, "Biology", "Art")

    for record in decided.records:
        listed = {value.shown for value in (*record.leaves, *record.always)}
        assert {value.shown for value in values_of(record.document)} <= listed


def test_nothing_is_built_from_a_draft_that_was_not_seen(
        services: Services, filled: OpenVault, purpose: Purpose) -> None:
    seen = draft_of(services, filled, purpose, "Biology")
    other = draft_of(services, filled, purpose, "Biology", "Art")
    for_another = draft_of(services, filled, replace(purpose, recipient="Somebody else"), "Biology")

    for decided in (other, for_another):
        with pytest.raises(StateError):
            bundles.build(filled, services.sharing.environment, decided, seen_digest=seen.digest)


@pytest.mark.parametrize("change", [
    {"recipient": " "}, {"purpose": ""}, {"recipient": "x" * 301}, {"until": timedelta()},
    {"until": timedelta(days=366)},
])
def test_a_share_needs_somebody_a_purpose_and_an_end(
        services: Services, filled: OpenVault, purpose: Purpose, world: World, change: dict[str, Any]) -> None:
    changed: dict[str, Any] = {name: world.clock.now() + value if isinstance(value, timedelta) else value
               for name, value in change.items()}
    with pytest.raises(StateError):
        draft_of(services, filled, replace(purpose, **changed), "Biology")


def test_nothing_chosen_or_nothing_there_is_refused(services: Services, filled: OpenVault, purpose: Purpose) -> None:
    for chosen in ([], [Chosen("nobody")], [Chosen(next(iter(keys(filled).values()))), Chosen("about.0")]):
        with pytest.raises(StateError):
            bundles.draft(filled, services.sharing.environment, chosen, purpose)


def test_a_hidden_record_cannot_be_chosen_and_its_transcript_goes_line_by_line(
        services: Services, filled: OpenVault, purpose: Purpose, world: World) -> None:
    biology = next(card for card in library.shelf(filled).all() if card.title == "Biology")
    hiding.hide_record(filled, world.clock, biology.item_id, "never")

    offered = keys(filled)

    assert set(offered) == {"Algebra", "History", "Art"}
    decided = draft_of(services, filled, purpose, "Algebra", "History", "Art")
    bundle = bundles.build(filled, services.sharing.environment, decided, seen_digest=decided.digest)
    assert "Biology" not in text_of(bundle) and str(biology.credential_id) not in text_of(bundle)


def test_a_comment_that_travels_goes_wherever_its_record_goes(
        services: Services, filled: OpenVault, purpose: Purpose, world: World) -> None:
    biology = next(card for card in library.shelf(filled).all() if card.title == "Biology")
    comments.comment(filled, services.sharing.environment, biology.item_id, comments.Draft(
        "She was ill in May.", "Ana Núñez, mother", "en", travels=True))

    with_it, without_it = draft_of(services, filled, purpose, "Biology"), draft_of(services, filled, purpose, "Art")

    assert [each.words for each in with_it.records[0].comments] == ["She was ill in May."]
    bundle = bundles.build(filled, services.sharing.environment, with_it, seen_digest=with_it.digest)
    assert bundle["endorsement"][0]["credentialSubject"]["id"] == biology.credential_id
    report = verify_credential(bundle, Policy(), world.environment())
    assert not [check for check in report.problems() if check.id != "trust"]
    other = bundles.build(filled, services.sharing.environment, without_it, seen_digest=without_it.digest)
    assert "endorsement" not in other


def test_a_link_leads_to_the_bundle_and_the_server_cannot_read_it(
        services: Services, filled: OpenVault, purpose: Purpose) -> None:
    decided = draft_of(services, filled, purpose, "Biology")

    handed = services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="link", most_views=2)

    assert handed.link is not None and handed.link.url.startswith("https://wallet.example/s/")
    sealed = services.sharing.open_link(handed.link.id, handed.link.access)
    assert sealed is not None and b"Biology" not in sealed
    assert share_link.open_sealed(sealed, handed.link) == handed.bundle
    (share,) = services.sharing.shares(filled)
    assert (share.views, share.most_views, share.state, share.titles) == (1, 2, "open", ("Biology",))


def test_unknown_used_up_old_and_taken_back_links_are_one(
        services: Services, filled: OpenVault, purpose: Purpose, world: World) -> None:
    def link(**more: Any) -> tuple[str, share_link.ShareLink]:
        decided = draft_of(services, filled, purpose, "Biology")
        handed = services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="link", **more)
        assert handed.link is not None
        return handed.share_id, handed.link

    used_id, used = link(most_views=1)
    assert services.sharing.open_link(used.id, used.access) is not None
    ended_id, ended = link()
    services.sharing.end(filled, ended_id)
    _, other = link()
    over_id, over = link()
    world.clock.advance(days=31)

    for each, access in ((used, used.access), (ended, ended.access), (over, over.access), (other, over.access),
                         (replace(over, id="A" * 22), over.access)):
        assert services.sharing.open_link(each.id, access) is None
    states = {share.id: share.state for share in services.sharing.shares(filled)}
    assert (states[used_id], states[ended_id], states[over_id]) == ("over", "ended", "over")


def test_a_guess_counts_no_view(services: Services, filled: OpenVault, purpose: Purpose) -> None:
    decided = draft_of(services, filled, purpose, "Biology")
    handed = services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="link", most_views=1)
    assert handed.link is not None

    assert services.sharing.open_link(handed.link.id, "A" * 43) is None
    assert services.sharing.shares(filled)[0].views == 0
    assert services.sharing.open_link(handed.link.id, handed.link.access) is not None


def test_a_link_that_was_taken_back_cannot_be_taken_back_again(
        services: Services, filled: OpenVault, purpose: Purpose) -> None:
    decided = draft_of(services, filled, purpose, "Biology")
    handed = services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="link")
    assert handed.link is not None and services.sharing.find(filled, handed.share_id)[1] == handed.link
    services.sharing.open_link(handed.link.id, handed.link.access)
    services.sharing.end(filled, handed.share_id)
    assert services.sharing.shares(filled)[0].views == 1

    assert services.sharing.find(filled, handed.share_id)[1] is None
    with pytest.raises(StateError):
        services.sharing.end(filled, handed.share_id)
    assert activity.lines(filled)[0].kind == "ended_link"


def test_whatever_is_handed_out_has_a_receipt_and_stands_in_the_log(
        services: Services, filled: OpenVault, purpose: Purpose, world: World) -> None:
    decided = draft_of(services, filled, purpose, "Biology", "Art")

    services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="file")

    (entry,) = filled.entries(RECEIPT)
    receipt, document = receipts.read(filled, entry.id)
    assert receipt == read_consent_receipt(document)
    assert (receipt.recipient_name, receipt.purpose, receipt.until) == (
        "Roosevelt Middle School", "To enrol María", purpose.until)
    assert dict(receipt.records) == {record.title: receipts.digest_of(record.document) for record in decided.records}
    assert receipt.actor == filled.party_did and receipt.learner == filled.learner_urn
    report = verify_credential(document, Policy(), world.environment())
    assert not [check for check in report.problems() if check.id != "trust"]
    line, records = activity.show(filled, activity.lines(filled)[0].id)
    assert (line.kind, line.state, line.name) == ("shared_link", "file", "Roosevelt Middle School")
    assert {value["value"] for value in records[0]["values"]} >= {"Biology", "A"}
    assert receipts.of_entry(filled, line.id) == entry.id


@pytest.mark.parametrize("most_views", [0, -1, 101])
def test_a_link_can_be_opened_one_to_a_hundred_times(
        services: Services, filled: OpenVault, purpose: Purpose, most_views: int) -> None:
    decided = draft_of(services, filled, purpose, "Biology")
    with pytest.raises(StateError):
        services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="link", most_views=most_views)
    assert services.sharing.shares(filled) == () and not filled.entries(RECEIPT)


def test_too_much_for_a_link_leaves_nothing_behind(
        services: Services, filled: OpenVault, purpose: Purpose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share_link, "MAX_SEALED_BYTES", 100)
    decided = draft_of(services, filled, purpose, "Biology")

    with pytest.raises(TooComplexError):
        services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="link")
    assert services.sharing.shares(filled) == () and not filled.entries(RECEIPT)


def test_a_link_for_one_look_gives_one_of_many_who_come_at_once_a_look(
        services: Services, filled: OpenVault, purpose: Purpose) -> None:
    for _round in range(amount(100)):
        decided = draft_of(services, filled, purpose, "Algebra")
        handed = services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="link", most_views=1)
        assert handed.link is not None
        with ThreadPoolExecutor(64) as crowd:
            answers = list(crowd.map(services.sharing.open_link, [handed.link.id] * 64, [handed.link.access] * 64))

        assert len([answer for answer in answers if answer is not None]) == 1


def test_nothing_of_a_share_can_be_read_in_the_database(
        services: Services, filled: OpenVault, purpose: Purpose) -> None:
    decided = draft_of(services, filled, purpose, "Biology")
    handed = services.sharing.hand_out(filled, decided, seen_digest=decided.digest, form="link")
    assert handed.link is not None

    stored = b"".join(path.read_bytes() for path in services.config.data.iterdir() if path.is_file())

    assert handed.link.id.encode() in stored
    for secret in ("Biology", "Roosevelt", "To enrol", "Lincoln High", handed.link.access,
                   handed.link.url.partition("#")[2]):
        assert secret.encode() not in stored
    assert handed.link.secret not in stored
