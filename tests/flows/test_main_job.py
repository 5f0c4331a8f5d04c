"""Issue, hold, disclose, verify: one student's record all the way through the three roles."""

from __future__ import annotations

import json

import pytest

from credkit.errors import FetchError, ProtocolError
from credkit.proofs import derive, is_base_proof
from tests.flows.conftest import SCHOOL, TITLES, Town, build_wallet
from wallet.services.record.items import CREDENTIAL
from wallet.services.sharing import importing


def outcomes(report):
    return {check["id"]: check["outcome"] for check in report["checks"]}


def worst(report, check_id):
    found = {check["outcome"] for check in report["checks"] if check["id"] == check_id}
    for member in report.get("members", ()):
        found.add(worst(member, check_id))
    return next((outcome for outcome in ("failed", "indeterminate", "passed") if outcome in found), None)


def test_the_whole_set_arrives_and_two_courses_are_shown(town: Town):
    stored = town.receive_set()
    assert len(stored) == 25
    assert len(town.items("courses")) == 24
    report = town.share(*TITLES)
    assert report["verified"], outcomes(report)
    text = json.dumps(report, ensure_ascii=False)
    assert "Hernández" in text
    assert all(title in text for title in TITLES)
    for unshown in ("20391", "creditsEarned", "Geometry", "criteria", "hmac"):
        assert unshown not in text


def test_a_set_an_answer_and_a_file_ask_for_each_list_once(town: Town, tmp_path):
    def lists_asked_for() -> list[str]:
        urls = [request.url for request in town.world.web.requests if "/status/" in request.url]
        town.world.web.requests.clear()
        return urls

    town.receive_set()
    asked = lists_asked_for()
    assert asked and len(asked) == len(set(asked))
    town.share(*TITLES)
    assert len(lists_asked_for()) == 1
    town.share(*TITLES)
    assert len(lists_asked_for()) == 1, "the next answer is checked against the list of then"
    other = build_wallet(tmp_path / "other", town.world)
    environment = other.receiving.environment
    records = [town.vault.read(entry.id, CREDENTIAL).body["credential"] for entry in town.vault.entries(CREDENTIAL)]
    shown = [derive(record, ["/credentialSubject"], environment.jsonld, environment.randomness)
             for record in records if is_base_proof(record["proof"])]
    vault = other.vault.create("another family's words").vault
    imported = importing.keep(vault, environment, shown, file_name="all.json")
    assert len(imported.kept) == len(shown) == 24 and len(lists_asked_for()) == 1


def test_a_course_taken_back_turns_the_next_check_red_alone_and_in_the_transcript(town: Town):
    town.receive_set()
    person = town.school.students.find("20391")
    view = town.school.students.view(person.id)
    course = next(each for each in view.credentials if each.title == TITLES[0])
    town.school.revoking.revoke(course.id, "operator", "The grade was wrong.")
    town.world.clock.advance(minutes=10)
    report = town.share(*TITLES)
    assert not report["verified"]
    assert worst(report, "status") == "failed"
    (transcript,) = town.items("transcripts").values()
    again = town.wallet.receiving.check_again(town.vault, transcript)
    assert not again.verified
    assert sum(not member.verified for member in again.members) == 1


def test_an_unreachable_list_is_could_not_check_and_never_green(town: Town):
    town.receive_set()
    real = town.world.web.get

    def get(url, **options):
        if "/status/" in url:
            raise FetchError("the other host could not be reached")
        return real(url, **options)

    town.world.web.get = get  # type: ignore[method-assign]
    report = town.share(*TITLES)
    assert not report["verified"]
    assert worst(report, "status") == "indeterminate"


def test_a_used_code_gives_nothing_to_a_second_wallet(town: Town, tmp_path):
    offer = town.offer()
    resolved = town.wallet.receiving.resolve_offer(offer.offer_url_link)
    town.wallet.receiving.accept_offer(town.vault, resolved, tx_code=offer.tx_code)
    stranger = build_wallet(tmp_path / "stranger", town.world).vault.create("another family's words").vault
    with pytest.raises(ProtocolError) as caught:
        town.wallet.receiving.accept_offer(stranger, resolved, tx_code=offer.tx_code)
    assert caught.value.error == "invalid_grant"


def test_a_wrong_code_leaves_everything_as_it_was(town: Town):
    offer = town.offer()
    resolved = town.wallet.receiving.resolve_offer(offer.offer_url_link)
    with pytest.raises(ProtocolError):
        town.wallet.receiving.accept_offer(town.vault, resolved, tx_code="000000")
    assert town.items("courses") == {}
    assert len(town.wallet.receiving.accept_offer(town.vault, resolved, tx_code=offer.tx_code).stored) == offer.records


def test_a_set_broken_off_half_way_is_gone_on_with_by_a_new_offer(town: Town):
    offer = town.offer()
    resolved = town.wallet.receiving.resolve_offer(offer.offer_url_link)
    first = town.wallet.receiving.accept_offer(town.vault, resolved, tx_code=offer.tx_code, at_most=18)
    assert (len(first.stored), first.total) == (18, 25)
    town.world.clock.advance(hours=1)
    rest = town.offer()
    assert rest.records >= 7
    resolved = town.wallet.receiving.resolve_offer(rest.offer_url_link)
    town.wallet.receiving.accept_offer(town.vault, resolved, tx_code=rest.tx_code)
    assert len(town.items("courses")) == 24
    assert len(town.items("transcripts")) == 1


def test_every_record_has_a_key_of_its_own(town: Town):
    town.receive_set()
    holders = set()
    for entry in town.vault.entries(CREDENTIAL):
        credential = town.vault.read(entry.id, CREDENTIAL).body["credential"]
        holders.add(credential["credentialSubject"]["id"])
    assert len(holders) == 25


def test_viewing_asks_nobody(town: Town):
    from wallet.services.record.library import show

    town.receive_set()
    before = len(town.world.web.requests)
    for kind in ("courses", "transcripts"):
        for item_id in town.items(kind).values():
            show(town.vault, item_id)
    assert len(town.world.web.requests) == before
    assert any(request.url.startswith(SCHOOL) for request in town.world.web.requests)
