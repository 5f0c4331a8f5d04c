"""Who may do what, on pages: invite, compare words, take out, limit, hand over (G01, G03, G05, G07)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from credkit.status import bitstring
from tests.support.world import World
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import Browser, heading, words
from wallet.bootstrap import Services
from wallet.services.people.people import About
from wallet.services.record.items import CREDENTIAL
from wallet.vault import OpenVault

OWN = "six blue boats over the sea"


@pytest.fixture
def child(services: Services) -> OpenVault:
    """Lucía's record, which her mother keeps."""
    me = services.vault.create(PASSPHRASE).vault
    services.people.set_my_name(me, "María")
    return services.people.add_learner(me, About("Lucía", "2015-03-09", "America/Denver", "es"), basis="parent")


@pytest.fixture
def mother(app: Flask, child: OpenVault) -> Browser:
    browser = Browser(app)
    browser.submit(browser.get("/unlock"), passphrase=PASSPHRASE)
    return browser


def link_on(page: TestResponse) -> str:
    """The path of the invitation's link on its page."""
    return urlsplit(page.text.partition('id="invitation-link" value="')[2].partition('"')[0]).path


def invite(browser: Browser, role: str, **values: Any) -> str:
    page = browser.submit(browser.get(f"/people/invite/{role}"), **values)
    assert page.status_code == 200, words(page)
    return link_on(page)


TUTOR: dict[str, Any] = {"name": "Mr. Okafor", "read": ["read:supplemental-achievement"],
         "add": ["contribute:supplemental-achievement"], "until": "2027-02-01", "basis": "family-consent",
         "evidence": ""}


def admit(app: Flask, mother: Browser, path: str, name: str, login: str) -> Browser:
    """Somebody goes the whole way: link, passphrase, words, confirmation, coming back."""
    newcomer = Browser(app)
    page = newcomer.submit(newcomer.get(path), name=name, login=login, passphrase=OWN, again=OWN)
    assert page.status_code == 200, words(page)
    waiting = mother.get("/people/")
    item = waiting.text.partition('href="/people/invitations/')[2].partition('"')[0]
    mother.submit(mother.get(f"/people/invitations/{item}"), f"/people/invitations/{item}/confirm")
    newcomer.get(path)
    return newcomer


def test_a_tutor_is_invited_by_link_and_let_in_once_both_have_read_the_same_words(
        app: Flask, mother: Browser, services: Services, child: OpenVault) -> None:
    path = invite(mother, "tutor", **TUTOR)

    stranger = Browser(app)
    page = stranger.get(path)
    assert heading(page) == "María invites you"
    assert "Lucía" in words(page) and "See: Badges and extra learning" in words(page)

    answered = stranger.submit(page, name="Mr. Okafor", login="okafor", passphrase=OWN, again=OWN)
    assert heading(answered) == "Call María and read these words aloud"
    (item,) = services.people.invitations(child)
    assert all(english in words(answered) and spanish in words(answered) for english, spanish in item.words)

    people = mother.get("/people/")
    assert "Mr. Okafor has answered" in words(people)
    compare = mother.get(f"/people/invitations/{item.item_id}")
    assert all(english in words(compare) for english, _spanish in item.words)
    after = mother.submit(compare, f"/people/invitations/{item.item_id}/confirm")
    assert "Mr. Okafor is in now." in after.text and "Tutor or teacher outside school" in words(after)

    inside = stranger.get(path)
    assert "You are in." in inside.text
    mine = stranger.get("/people/")
    assert "Mr. Okafor" in words(mine) and "María" not in words(mine) and "Invite somebody" not in words(mine)


def test_words_that_differ_end_the_invitation_and_nobody_is_in(
        app: Flask, mother: Browser, services: Services, child: OpenVault) -> None:
    path = invite(mother, "tutor", **TUTOR)
    thief = Browser(app)
    thief.submit(thief.get(path), name="Mr. Okafor", login="thief", passphrase=OWN, again=OWN)
    (item,) = services.people.invitations(child)

    path_of_item = f"/people/invitations/{item.item_id}"
    page = mother.submit(mother.get(path_of_item), f"{path_of_item}/withdraw")

    assert "Nobody was let in" in page.text
    assert thief.get(path).status_code == 410
    assert len(child.members()) == 1


def test_a_used_up_or_unknown_link_says_who_can_give_a_new_one(app: Flask, mother: Browser) -> None:
    stranger = Browser(app)
    path = invite(mother, "tutor", **TUTOR)
    stranger.submit(stranger.get(path), name="Mr. Okafor", login="okafor", passphrase=OWN, again=OWN)
    for dead in (path[:-1] + ("A" if path[-1] != "A" else "B"), "/join/x", "/join/" + "A" * 22):
        answer = Browser(app).get(dead)
        assert answer.status_code == 410 and "Ask who invited you" in answer.text


def test_who_decides_here_cannot_answer_the_own_invitation(mother: Browser, child: OpenVault) -> None:
    path = invite(mother, "tutor", **TUTOR)

    page = mother.submit(mother.get(path), name="María")

    assert page.status_code >= 400 and "for somebody else" in page.text
    assert child.members()[child.party_id].steward


def test_full_access_asks_for_the_name_and_the_passphrase_again(
        mother: Browser, services: Services, child: OpenVault) -> None:
    values = {"name": "Advocate Ana", "until": "2027-02-01", "basis": "family-consent", "evidence": "IEP meeting"}
    ask = mother.submit(mother.get("/people/invite/full-access"), **values)
    assert heading(ask) == "Let Advocate Ana do everything?"

    for again, secret in (("Advocate Eva", PASSPHRASE), ("Advocate Ana", "not this one at all")):
        refused = mother.submit(ask, "", **values, step="confirm", again=again, passphrase=secret)
        assert refused.status_code == 422 and services.people.invitations(child) == ()
    made = mother.submit(ask, "", **values, step="confirm", again="advocate  ana", passphrase=PASSPHRASE)

    assert made.status_code == 200 and link_on(made).startswith("/join/")


@pytest.mark.parametrize("wrong, told", [
    ({"until": ""}, "within the next three years"), ({"until": "2026-01-01"}, "within the next three years"),
    ({"until": "2039-01-01"}, "within the next three years"), ({"name": " "}, "Write a name"),
    ({"read": [], "add": []}, "at least one thing"), ({"basis": "because"}, "Choose one"),
    ({"read": ["people", "full"], "add": ["contribute:transcript"]}, "at least one thing"),
])
def test_what_is_missing_or_too_much_is_told_at_its_field(
        mother: Browser, services: Services, child: OpenVault, wrong: dict[str, Any], told: str) -> None:
    page = mother.submit(mother.get("/people/invite/tutor"), **{**TUTOR, **wrong})

    assert page.status_code == 422 and told in page.text
    assert services.people.invitations(child) == ()


def test_taking_out_says_what_happens_and_lists_what_could_still_be_shown(
        app: Flask, mother: Browser, services: Services, child: OpenVault) -> None:
    tutor = admit(app, mother, invite(mother, "tutor", **TUTOR), "Mr. Okafor", "okafor")
    key = child.new_holder_key()
    document = {"id": "urn:uuid:1", "type": ["VerifiableCredential"], "issuer": "did:web:a.example",
                "credentialSubject": {"achievement": {"name": "Fractions"}}}
    child.add(CREDENTIAL, {"credential": document, "category": "supplemental-achievement",
                           "key_method": key.verification_method}, keys=(key,))
    party_id = next(person.party_id for person in services.people.people(child) if person.name == "Mr. Okafor")
    assert "Fractions" in tutor.get("/").text

    ask = mother.get(f"/people/{party_id}/remove")
    assert "What cannot be undone" in words(ask)
    after = mother.submit(ask, f"/people/{party_id}/remove")

    assert "Mr. Okafor is out now." in after.text and "Fractions" in words(after)
    assert "Fractions" not in tutor.get("/").text
    copy = services.leaving.exposed(child)[0]
    failed = mother.submit(after, f"/people/copies/{copy.item_id}/ask")
    assert "Nothing was changed" in failed.text
    closed = mother.submit(failed, f"/people/copies/{copy.item_id}/close")
    assert "Nobody who is out could show a record" in words(closed)


def test_a_guardian_goes_out_by_two_people_and_is_told_nothing(
        app: Flask, mother: Browser, services: Services, child: OpenVault) -> None:
    father = admit(app, mother, invite_guardian(mother, "Pedro"), "Pedro", "pedro")
    grandmother = admit(app, mother, invite_guardian(mother, "Rosa"), "Rosa", "rosa")
    party_id = next(person.party_id for person in services.people.people(child) if person.name == "Pedro")

    page = mother.submit(mother.get(f"/people/{party_id}/limit"), reach="all", evidence="Order 22-JV-104", until="")
    assert "A second person has to agree" in page.text
    assert "Order 22-JV-104" not in father.get("/people/").text
    assert "limit" not in words(father.get("/activity/")).lower()
    proposal = services.leaving.proposals(child)[0]
    seen = grandmother.get("/people/")
    assert "María proposed this" in words(seen) and "Order 22-JV-104" in words(seen)
    grandmother.submit(seen, f"/people/proposals/{proposal.item_id}/agree")

    assert {person.name for person in services.people.people(child)} == {"María", "Rosa"}
    assert "Lucía" not in father.get("/people/").text


def invite_guardian(mother: Browser, name: str) -> str:
    values: dict[str, Any] = {"name": name, "whole": ["full", "people", "recovery"], "until": "", "basis": "parent",
                              "evidence": ""}
    ask = mother.submit(mother.get("/people/invite/guardian"), **values)
    made = mother.submit(ask, "", **values, step="confirm", again=name, passphrase=PASSPHRASE)
    assert made.status_code == 200, words(made)
    return link_on(made)


def test_who_does_not_decide_gets_the_same_404_for_what_is_there_and_what_is_not(
        app: Flask, mother: Browser, services: Services, child: OpenVault) -> None:
    tutor = admit(app, mother, invite(mother, "tutor", **TUTOR), "Mr. Okafor", "okafor")
    for path in (f"/people/{child.party_id}/remove", "/people/nobody/remove", f"/people/{child.party_id}/limit",
                 "/people/copies", "/people/invite/", "/people/invite/tutor", "/people/invitations/none",
                 "/hand-over/"):
        assert tutor.get(path).status_code == 404, path


def test_the_learner_takes_the_record_over_on_the_day_and_not_before(
        app: Flask, mother: Browser, services: Services, child: OpenVault, world: World) -> None:
    page = mother.submit(mother.get("/people/invite/learner"), name="Lucía")
    learner = admit(app, mother, link_on(page), "Lucía", "lucia")
    assert "Take it over" not in words(learner.get("/hand-over/"))

    world.clock.moment = datetime(2033, 1, 10, tzinfo=UTC)
    mother.submit(mother.get("/unlock"), passphrase=PASSPHRASE, login="me")
    assert "becomes the learner" in words(mother.get("/"))
    world.clock.moment = datetime(2033, 3, 9, 8, tzinfo=UTC)
    learner.submit(learner.get("/unlock"), passphrase=OWN, login="lucia")
    due = learner.get("/hand-over/")
    done = learner.submit(due, "/hand-over/")

    assert heading(done) == "This record is yours" and "Who may help you" in words(done)
    assert [person.name for person in services.people.people(
        services.vault.unlock(OWN, client="t", login="lucia").vault.for_learner(child.owner_id))] == ["Lucía"]


def test_the_log_names_who_did_what_and_says_that_nothing_is_missing(app: Flask, mother: Browser) -> None:
    admit(app, mother, invite(mother, "tutor", **TUTOR), "Mr. Okafor", "okafor")

    page = mother.get("/activity/")

    assert "Mr. Okafor was let in" in words(page) and "by you" in words(page)
    assert "Nothing is missing" in words(page)


def test_programs_find_the_hosts_key_and_its_list(app: Flask, services: Services, world: World) -> None:
    client = app.test_client()
    document = client.get("/.well-known/did.json", base_url="https://wallet.example")
    listed = client.get("/status/1", base_url="https://wallet.example")

    assert document.get_json()["id"] == "did:web:wallet.example"
    assert document.content_type == "application/did+json" and listed.content_type == "application/vc+json"
    assert document.headers["Access-Control-Allow-Origin"] == listed.headers["Access-Control-Allow-Origin"] == "*"
    assert "no-store" not in document.headers["Cache-Control"] + listed.headers["Cache-Control"]
    entry = bitstring.parse_entry(services.host.entry(7))
    assert not bitstring.read_status(entry, listed.get_json())
    services.host.store.take_status_position(7)
    services.host.revoke(7)
    assert bitstring.read_status(entry, client.get("/status/1", base_url="https://wallet.example").get_json())
