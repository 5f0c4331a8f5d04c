"""Deleting on pages: what goes and what cannot be called back is said first; two people, a passphrase, a plain no."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.wallet.household import let_in, take
from tests.wallet.offices import OfferingSchool
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import Browser, heading, words
from tests.wallet.web.test_people import child as child  # noqa: PLC0414  the fixture
from tests.wallet.web.test_people import mother as mother  # noqa: PLC0414
from wallet.bootstrap import Services
from wallet.services.record import comments, library
from wallet.services.record.items import CREDENTIAL
from wallet.services.sharing import bundles
from wallet.services.sharing.bundles import Chosen, Purpose
from wallet.vault import OpenVault

GUARDIAN = ("full", "people", "recovery")
FATHERS = "father has six blue boats at sea"


@pytest.fixture
def biology(services: Services, child: OpenVault, school: OfferingSchool) -> str:
    """A course in Lucía's backpack, with a comment, that was handed out."""
    (item_id,) = take(services, child, school.offer(school.course(1, "Biology")))
    comments.comment(child, services.receiving.environment, item_id, comments.Draft(
        "We moved twice.", "Ana Núñez, mother", "en", travels=True))
    (choice,) = bundles.choices(child)
    draft = bundles.draft(child, services.sharing.environment, [Chosen(choice.key, frozenset())], Purpose(
        "Roosevelt School", "To enrol", services.clock.now() + timedelta(days=30), "en"))
    services.sharing.hand_out(child, draft, seen_digest=draft.digest, form="link")
    return item_id


def father_of(services: Services, child: OpenVault, app: Flask) -> Browser:
    let_in(services, child, "father", *GUARDIAN, role="guardian")
    browser = Browser(app)
    browser.submit(browser.get("/unlock"), login="father", passphrase=FATHERS)
    return browser


# One thing ------------------------------------------------------------------------------------------------------------

def test_the_page_says_what_goes_and_what_cannot_be_called_back(mother: Browser, biology: str) -> None:
    record = mother.get(f"/records/{biology}")
    assert f'href="/delete/record/{biology}"' in record.text
    page = mother.get(f"/delete/record/{biology}")

    assert heading(page) == "Delete this record?"
    said = words(page)
    for sentence in ("Biology", "It is gone for good.", "1 comment on it goes too.",
                     "What was handed out to Roosevelt School goes too.", "Who signed it keeps their own.",
                     "Copies that were shared, printed or saved before stay where they are.",
                     "Save everything as files first"):
        assert sentence in said, sentence


def test_a_record_others_signed_goes_only_with_a_word_about_a_copy(
        mother: Browser, child: OpenVault, biology: str) -> None:
    page = mother.submit(mother.get(f"/delete/record/{biology}"))
    assert page.status_code == 422 and "Nothing was deleted." in words(page)
    assert len(child.entries(CREDENTIAL)) == 1

    page = mother.submit(page, sure="yes")
    assert page.status_code == 200 and "The record is deleted." in words(page)
    assert mother.get(f"/records/{biology}").status_code == 404 == mother.get(f"/delete/record/{biology}").status_code
    log = words(mother.get("/activity/"))
    assert "A record was deleted here" in log


def test_a_comment_is_deleted_from_its_own_page_with_what_carried_it_out(
        mother: Browser, child: OpenVault, biology: str) -> None:
    page = mother.get(f"/records/{biology}/comments")
    path = page.text.partition('href="/delete/comment/')[2].partition('"')[0].replace("&amp;", "&")
    page = mother.submit(mother.get(f"/delete/comment/{path}"))
    assert heading(page) == "Comment on this record" and "We moved twice." not in words(page)
    assert "You have handed out nothing yet" in words(mother.get("/shares/"))
    assert len(library.shelf(child).all()) == 1


def test_a_share_is_deleted_and_its_link_is_dead(mother: Browser, biology: str, services: Services) -> None:
    page = mother.get("/shares/")
    share_id = page.text.partition('class="badge-title"><a href="/shares/')[2].partition('"')[0]
    assert f'href="/delete/share/{share_id}"' in mother.get(f"/shares/{share_id}").text
    page = mother.submit(mother.get(f"/delete/share/{share_id}"))

    assert "it leads nowhere now" in words(page)
    assert mother.get(f"/shares/{share_id}").status_code == 404


def test_a_tutor_finds_no_way_to_delete(
        app: Flask, mother: Browser, services: Services, child: OpenVault, biology: str) -> None:
    let_in(services, child, "tutor", "read:transcript")
    tutor = Browser(app)
    tutor.submit(tutor.get("/unlock"), login="tutor", passphrase="tutor has six blue boats at sea")
    page = tutor.get(f"/records/{biology}")
    assert page.status_code == 200 and "/delete/" not in page.text
    for path in (f"/delete/record/{biology}", "/settings/delete/backpack"):
        assert tutor.get(path).status_code == 404
    assert "backpack of" not in words(tutor.get("/settings/delete"))


# The whole backpack ---------------------------------------------------------------------------------------------------

def test_one_guardian_deletes_the_backpack_with_the_passphrase(
        mother: Browser, services: Services, child: OpenVault, biology: str) -> None:
    assert 'href="/settings/delete/backpack"' in mother.get("/settings/delete").text
    page = mother.get("/settings/delete/backpack")
    assert heading(page) == "Delete the whole backpack of Lucía?" and "This takes two people" not in words(page)
    for wrong, status in (({"passphrase": PASSPHRASE}, 422), ({"sure": "yes", "passphrase": "wrong"}, 422)):
        assert mother.submit(page, **wrong).status_code == status
    assert len(child.entries(CREDENTIAL)) == 1

    page = mother.submit(page, sure="yes", passphrase=PASSPHRASE)
    assert "The backpack of Lucía was deleted." in words(page)
    assert child.personal().learners() == ()
    assert mother.get("/").status_code == 200


def test_two_guardians_delete_it_together_and_the_second_reads_why(
        app: Flask, mother: Browser, services: Services, child: OpenVault, biology: str) -> None:
    father = father_of(services, child, app)
    page = mother.submit(mother.get("/settings/delete/backpack"), sure="yes", passphrase=PASSPHRASE)
    assert "A second person has to agree." in words(page)
    assert "You proposed this" in words(mother.get("/settings/delete/backpack"))
    assert len(child.entries(CREDENTIAL)) == 1

    asked = father.get("/people/")
    assert "Delete the whole backpack?" in words(asked) and 'href="/settings/delete/backpack"' in asked.text
    page = father.get("/settings/delete/backpack")
    assert "It needs a second person: you." in words(page)
    assert father.submit(page, sure="yes", passphrase=PASSPHRASE).status_code == 422
    page = father.submit(page, sure="yes", passphrase=FATHERS)
    assert "The backpack of Lucía was deleted." in words(page)
    assert child.personal().learners() == ()
    assert mother.get(f"/records/{biology}").status_code == 404


def test_who_comes_later_reads_that_it_was_deleted(
        app: Flask, mother: Browser, services: Services, child: OpenVault) -> None:
    let_in(services, child, "tutor", "read:transcript")
    mother.submit(mother.get("/settings/delete/backpack"), sure="yes", passphrase=PASSPHRASE)

    tutor = Browser(app)
    page = tutor.submit(tutor.get("/unlock"), login="tutor", passphrase="tutor has six blue boats at sea")
    assert "The backpack of Lucía was deleted." in words(page)
    assert "The backpack of Lucía was deleted." not in words(tutor.get("/settings"))


# The account ----------------------------------------------------------------------------------------------------------

def test_the_only_guardian_reads_what_to_do_first(mother: Browser, services: Services, child: OpenVault) -> None:
    page = mother.get("/settings/delete/account")
    said = words(page)
    assert "You are the only one who decides in this backpack." in said and "Lucía" in said
    assert "Let somebody in who decides there, or delete that backpack first." in said
    assert 'name="passphrase"' not in page.text
    answer = mother.client.post("/settings/delete/account", base_url="https://wallet.example", data={
        "csrf_token": mother.get("/settings").text.partition('name="csrf_token" value="')[2].partition('"')[0],
        "sure": "yes", "passphrase": PASSPHRASE}, headers={"Origin": "https://wallet.example"})
    assert answer.status_code == 409 and services.vault.unlock(PASSPHRASE, client="x").vault.learners()


def test_an_account_is_deleted_with_every_session(
        app: Flask, mother: Browser, services: Services, child: OpenVault) -> None:
    father, other = father_of(services, child, app), Browser(app)
    other.submit(other.get("/unlock"), login="father", passphrase=FATHERS)
    page = father.get("/settings/delete/account")
    assert "You can no longer open the record of Lucía. It goes on without you." in words(page)

    page = father.submit(page, sure="yes", passphrase=FATHERS)
    assert "Your account is deleted." in words(page) and 'name="passphrase"' in page.text
    assert father.client.get_cookie("__Host-backpack-vault", domain="wallet.example") is None
    assert 'name="passphrase"' in other.get("/settings").text
    page = other.submit(other.get("/unlock"), login="father", passphrase=FATHERS)
    assert page.status_code == 403
    assert "deleted their account and is out" in words(mother.get("/activity/"))


def test_every_page_of_it_is_in_spanish(
        app: Flask, mother: Browser, services: Services, child: OpenVault, biology: str) -> None:
    mother.language = "es"
    for path, said in (
            (f"/delete/record/{biology}", "¿Borrar este documento?"), ("/settings/delete", "Borrar"),
            ("/settings/delete/backpack", "¿Borrar toda la mochila de Lucía?"),
            ("/settings/delete/account", "¿Borrar su cuenta?")):
        assert heading(mother.get(path)) == said
