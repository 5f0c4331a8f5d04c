"""The record's pages by their forms, without scripts: rules, comments, helpers, profile, portfolio, letters, papers."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from PIL import Image

from tests.credkit.verification.test_refresh import URL, newer, record
from tests.support.world import World
from tests.wallet.household import child_of, environment_of, let_in, of_type, take
from tests.wallet.offices import OfferingSchool
from tests.wallet.web.browser import ORIGIN, Browser, heading, words
from wallet.bootstrap import Services
from wallet.services.record import comments, contributions, library
from wallet.services.record.contributions import Draft
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.rules import read_book, visible
from wallet.vault import OpenVault
from wallet.web.context import cookie_name


def photo(text: bytes = b"GPS 40.7608,-111.8910") -> bytes:
    buffer, exif = BytesIO(), Image.Exif()
    exif[270] = text.decode()
    Image.new("RGB", (3000, 200), (20, 90, 160)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


@pytest.fixture
def filled(inside: Browser, school: OfferingSchool) -> Browser:
    """A browser on a backpack with a transcript, a course and an IEP summary."""
    link = school.offer(school.transcript((1, "Biology", "A"), (2, "Algebra", "B+")), school.course(1, "Biology"),
                        of_type(school, 3, "ext:IEPSummary", "IEP summary"))
    inside.submit(inside.get("/offer?" + link.partition("?")[2]), tx_code="4711", decision="take")
    return inside


def vault_of(browser: Browser, services: Services) -> OpenVault:
    """The vault the browser has open."""
    with browser.app.test_request_context(base_url=ORIGIN):
        name = cookie_name()
    cookie = browser.client.get_cookie(name, domain=urlsplit(ORIGIN).hostname or "")
    assert cookie is not None
    return services.vault.resume_session(cookie.value)


def id_of(vault: OpenVault, title: str) -> str:
    return next(card.item_id for card in library.shelf(vault).all() if card.title == title)


# Rules

def test_the_rules_page_has_three_choices_for_each_kind_and_warns(filled: Browser, services: Services) -> None:
    page = filled.get("/rules/")

    assert page.text.count('type="radio"') == 13 * 3
    assert "Hiding an IEP or services can delay help." in words(page)
    assert "For three years after a student leaves" in words(page) and "you find it in the log" in words(page)
    page = filled.submit(page, **{"rule-iep": "ask", "rule-transcript": "never", "rule-attendance": "nonsense"})
    assert "Your choice is kept." in page.text
    rules = read_book(vault_of(filled, services)).categories
    assert (rules["iep"], rules["transcript"], rules["attendance"]) == ("ask", "never", "ask")


def test_one_record_can_have_its_own_rule_and_kind(filled: Browser, services: Services) -> None:
    vault = vault_of(filled, services)
    biology = id_of(vault, "Biology")
    page = filled.get(f"/rules/{biology}")
    assert "As all of “Courses and transcripts”: Ask me" in words(page)

    page = filled.submit(page, rule="never", kind="other")

    assert heading(page).startswith("Biology") and "Never" in words(page)
    assert {card.title for card in visible(vault, library.shelf(vault).all())} == set()
    page = filled.get(f"/rules/{id_of(vault, 'Transcript')}")
    assert "It is held back by what is inside: Biology" in words(page)
    assert filled.get("/rules/unknown").status_code == 404


# Comments

def test_a_comment_is_written_shown_beside_the_record_and_withdrawn(filled: Browser, services: Services) -> None:
    vault = vault_of(filled, services)
    biology = id_of(vault, "Biology")
    page = filled.get(f"/records/{biology}/comments")
    assert filled.submit(page, words="", name="Ana", language="es").status_code == 422

    page = filled.submit(page, words="Nos mudamos <b>dos</b> veces.", name="Ana Núñez, madre", language="es",
                         travels="yes")

    assert "The signed words are as they were." in page.text
    page = filled.get(f"/records/{biology}")
    assert "Said by the family" in words(page) and "Always travels with this record" in words(page)
    assert "<b>dos</b>" not in page.text and 'lang="es"' in page.text
    assert len(comments.travelling(vault, "https://school.example/credentials/1")) == 1
    page = filled.get(f"/records/{biology}/comments")
    (said,) = comments.comments_on(vault, "https://school.example/credentials/1")
    filled.submit(page, f"/comments/{said.id}/travels")
    assert comments.travelling(vault, "https://school.example/credentials/1") == ()
    page = filled.submit(filled.get(f"/records/{biology}/comments"), f"/comments/{said.id}/withdraw")
    assert "Copies that were shared before stay where they are." in page.text
    assert "Nos mudamos" not in filled.get(f"/records/{biology}").text


def test_a_course_inside_a_transcript_has_its_own_comments(filled: Browser, services: Services) -> None:
    transcript = id_of(vault_of(filled, services), "Transcript")
    page = filled.get(f"/records/{transcript}/inside/1")
    assert f"/records/{transcript}/comments?inside=1" in page.text

    page = filled.submit(filled.get(f"/records/{transcript}/comments?inside=1"), words="Explained.", name="Ana",
                         language="en")

    assert "Explained." in words(page)
    assert "Explained." in words(filled.get(f"/records/{transcript}/inside/1"))
    assert "Explained." not in words(filled.get(f"/records/{transcript}"))
    assert filled.get(f"/records/{transcript}/comments?inside=9").status_code == 404


# Helpers

@pytest.fixture
def brought(filled: Browser, services: Services) -> str:
    """A note that waits in the backpack of ``filled``."""
    vault = vault_of(filled, services)
    return contributions.contribute(vault, environment_of(services), Draft(
        "work-habits", "note", "Asks good questions", "Stays with it.", "Ms. Ruiz, tutor", "en"))


def test_a_contribution_waits_in_the_inbox_and_is_taken_in(filled: Browser, services: Services, brought: str) -> None:
    assert "Asks good questions" not in words(filled.get("/"))
    page = filled.get("/inbox")
    assert "To look at before it counts" in words(page) and "Asks good questions" in words(page)
    page = filled.get(f"/contributions/{brought}")
    assert "Stays with it." in words(page) and "Ms. Ruiz" in words(page)

    page = filled.submit(page, decision="accept")

    assert heading(page).startswith("Asks good questions") and "Awarded by a tutor" in words(page)
    assert "Asks good questions" in words(filled.get("/"))
    assert filled.get(f"/contributions/{brought}").status_code == 404


def test_a_contribution_goes_back_with_a_note_or_is_refused(filled: Browser, brought: str) -> None:
    page = filled.get(f"/contributions/{brought}")
    assert filled.submit(page, decision="return", note=" ").status_code == 422
    assert filled.submit(page, decision="").status_code == 422

    filled.submit(page, decision="return", note="Which subject?")

    page = filled.get(f"/contributions/{brought}")
    assert "Which subject?" in words(page) and "Returned with a note" in words(page)
    page = filled.submit(page, f"/contributions/{brought}/take-back")
    assert "Nothing waits here" in words(page)


def test_an_offer_can_wait_to_be_looked_at(inside: Browser, school: OfferingSchool) -> None:
    link = school.offer(school.course(7, "Chemistry"))

    page = inside.submit(inside.get("/offer?" + link.partition("?")[2]), tx_code="4711", decision="take",
                         review="yes")

    assert heading(page) == "Inbox" and "1 record waits to be looked at." in page.text
    assert "Chemistry" in words(page) and "Chemistry" not in words(inside.get("/"))


def test_a_helper_writes_by_the_form(filled: Browser) -> None:
    page = filled.get("/contributions/new")
    page_of_errors = filled.submit(page, kind="score", category="extracurricular", title="Chess", words="Won.",
                                   name="Coach", language="en")
    assert page_of_errors.status_code == 422

    page = filled.submit(page, kind="badge", category="extracurricular", title="Chess", words="Won.", name="Coach",
                         language="en")

    assert "Chess" in words(page) and "Waits for the family" in words(page)


# Profile, about me, portfolio, timeline, checklist

def test_the_profile_begins_with_strengths_and_keeps_voices_apart(filled: Browser) -> None:
    page = filled.submit(filled.get("/profile/about-me"), kind="strength", words="Patient & kind", name="Ana",
                         language="en")
    assert "Patient & kind" in words(page)

    page = filled.get("/profile/")

    text = words(page)
    assert text.index("Strengths and goals") < text.index("Patient & kind") < text.index("Algebra")
    assert text.index("Algebra") < text.rindex("Beyond the classroom") < text.rindex("IEP summary")
    assert "Said by the family" in text and "Lincoln High School" in text
    assert "Patient & kind" in words(filled.get("/"))
    page = filled.get("/profile/about-me")
    page = filled.submit(page, "/profile/about-me", act="remove", kind="strength", words="Patient & kind")
    assert "Patient" not in words(page)


def test_a_personal_best_with_its_photo(filled: Browser, services: Services) -> None:
    page = filled.get("/portfolio/new")
    bad = filled.submit(page, title="Bridge", words="12 kg", name="Daniela", language="en",
                        works=(BytesIO(b"<svg onload=alert(1)>"), "x.svg"))
    assert bad.status_code == 422 and "This kind of file cannot be kept." in words(bad)

    page = filled.submit(page, title="Bridge", words="It held 12 kg.", name="Daniela", language="en",
                         works=[(BytesIO(photo()), "bridge.jpg"), (BytesIO(b"%PDF-1.7 plan"), "plan ñ/../.pdf")])

    assert heading(page).startswith("Bridge") and "Said by the family" in words(page)
    vault = vault_of(filled, services)
    item_id = id_of(vault, "Bridge")
    files = vault.read(item_id, CREDENTIAL).body["files"]
    shown = filled.get(f"/portfolio/{item_id}/files/{files[0]}")
    assert shown.mimetype == "image/jpeg" and b"GPS" not in shown.data
    assert Image.open(BytesIO(shown.data)).size == (2000, 133)
    other = filled.get(f"/portfolio/{item_id}/files/{files[1]}")
    assert other.headers["Content-Disposition"].startswith("attachment") and "/.." not in str(other.headers)
    assert filled.get(f"/portfolio/{item_id}/files/unknown").status_code == 404
    filled.submit(filled.get(f"/delete/piece/{item_id}/{files[1]}"))
    assert filled.get(f"/portfolio/{item_id}/files/{files[1]}").status_code == 404
    page = filled.submit(filled.get(f"/delete/record/{item_id}"))
    assert "The record is deleted." in words(page)
    assert "Nothing is in the portfolio yet" in words(filled.get("/portfolio/"))


def test_the_timeline_and_the_checklist(filled: Browser) -> None:
    page = filled.get("/profile/timeline")
    assert "IEP summary" in words(page)

    page = filled.get("/profile/checklist")

    assert "3 of 10 are here." in words(page) and "Who can give it:" in words(page)
    assert "Lincoln High School · school.example" in words(page)
    assert "IEP summary" in words(filled.get("/profile/kinds/iep"))
    assert filled.get("/profile/kinds/unknown").status_code == 404
    assert "IEP summary" not in words(filled.get("/"))  # strengths first: supports are not on the cover


# Letters

def test_a_letter_in_both_languages_and_its_day(filled: Browser) -> None:
    page = filled.get("/letters/new?kind=correction&about=Biology")
    assert filled.submit(page, kind="correction", school="", learner="D", writer="A", about="Biology", words="x",
                         deadline="45-days").status_code == 422

    page = filled.submit(page, kind="correction", school="Lincoln High", learner="Daniela", writer="Ana Núñez",
                         about="Biology", words="The grade was an A.", deadline="45-days")

    assert heading(page) == "Have a record corrected" and "Not sent yet" in words(page)
    address = page.request.path
    letter = filled.get(address + "/letter")
    assert "I ask you to correct the education record of Daniela" in words(letter)
    assert 'lang="es"' in letter.text and "Daniela" in letter.text.partition('lang="es"')[2]
    assert "To whom it may concern" not in letter.text.partition('<section class="letter" lang="es"')[2]
    page = filled.submit(filled.get(address), act="sent", sent_on="2026-06-01")
    assert "No law sets a day for this." in words(page) and "July 16, 2026" in words(page)
    assert filled.submit(page, act="", note="").status_code == 422
    page = filled.submit(page, act="answered", note="They changed it.")
    assert "Answered" in words(page) and "They changed it." in words(page)
    assert filled.submit(filled.get("/letters/new"), kind="access", school="S", learner="D", writer="A",
                         deadline="10-days").status_code == 200


def test_a_late_answer_stands_out(filled: Browser) -> None:
    page = filled.submit(filled.get("/letters/new"), kind="access", school="Lincoln High", learner="Daniela",
                         writer="Ana", deadline="3-business-days")
    filled.submit(page, act="sent", sent_on="2026-06-01")

    assert "No answer. It was due on June 4, 2026." in words(filled.get("/letters/"))
    assert "A school has not answered in time." in words(filled.get("/"))


# Old papers

@pytest.mark.parametrize(("name", "data", "shows"), [
    ("boleta.jpg", photo(), 'src="/papers/'), ("boleta.csv", b"Materia;Nota\nArte;<i>10</i>\n", "Arte"),
    ("boleta.pdf", b"%PDF-1.4 x", "Download the file")])
def test_an_old_paper_is_kept_apart_as_never_verified(
        inside: Browser, name: str, data: bytes, shows: str) -> None:
    page = inside.get("/papers/new")

    page = inside.submit(page, title="Report card 2024", note="From Puebla", paper=(BytesIO(data), name))

    assert heading(page) == "Report card 2024" and "Not verified. Nobody has signed this." in words(page)
    assert shows in page.text and "<i>10</i>" not in page.text
    file = inside.get(page.request.path + "/file")
    assert file.headers.get("Content-Disposition", "").startswith("attachment") != name.endswith("jpg")
    assert file.headers["X-Content-Type-Options"] == "nosniff" and b"GPS" not in file.data
    assert "Report card 2024" not in words(inside.get("/"))
    paper_id = page.request.path.rpartition("/")[2]
    assert f'href="/delete/paper/{paper_id}"' in page.text
    page = inside.submit(inside.get(f"/delete/paper/{paper_id}"))
    assert "No old paper is kept yet" in words(page)


@pytest.mark.parametrize("fields", [
    {"title": "x"}, {"title": "", "paper": (BytesIO(b"%PDF-1.4"), "x.pdf")},
    {"title": "x", "paper": (BytesIO(b"<html>"), "x.html")}, {"title": "x", "paper": (BytesIO(b""), "x.csv")}])
def test_what_cannot_be_kept_says_why(inside: Browser, fields: dict[str, Any]) -> None:
    assert inside.submit(inside.get("/papers/new"), **fields).status_code == 422


@pytest.mark.parametrize("path", [
    "/rules/x", "/records/x/comments", "/contributions/x", "/portfolio/x/files/y", "/delete/record/x",
    "/delete/piece/x/y", "/delete/comment/x", "/delete/paper/x", "/delete/share/x", "/letters/x", "/letters/x/letter",
    "/papers/x", "/papers/x/file"])
def test_what_is_not_there_is_not_there(inside: Browser, path: str) -> None:
    assert inside.get(path).status_code == 404


def test_closed_pages_ask_for_the_passphrase(app: Flask) -> None:
    stranger = Browser(app)
    for path in ("/rules/", "/profile/", "/portfolio/", "/letters/", "/papers/", "/contributions/"):
        assert "passphrase" in words(stranger.get(path)).casefold(), path


# The same pages for other people

def browser_of(app: Flask, login: str, language: str = "en") -> Browser:
    """The browser of somebody who was let in by ``household.let_in``."""
    browser = Browser(app, language)
    page = browser.submit(browser.get("/unlock"), login=login, passphrase=f"{login} has six blue boats at sea")
    assert page.status_code == 200, words(page)
    return browser


def test_a_learner_is_spoken_to_and_says_things_about_herself(
        services: Services, vault: OpenVault, app: Flask) -> None:
    let_in(services, child_of(services, vault), "daniela", role="learner")
    learner = browser_of(app, "daniela", "es")

    assert heading(learner.get("/profile/")) == "Tu perfil"
    page = learner.get("/profile/about-me")
    assert heading(page) == "Lo que dices de ti" and "Con tus propias palabras" in words(page)
    page = learner.submit(page, kind="interest", words="Dibujar", name="Daniela", language="es")
    assert "con tu firma" in page.text and "Dibujar" in words(page)


def test_a_tutor_sees_what_was_granted_and_no_more(
        services: Services, vault: OpenVault, app: Flask, school: OfferingSchool) -> None:
    child = child_of(services, vault)
    take(services, child, school.offer(school.course(1, "Biology"), of_type(school, 2, "CoCurricular", "Choir")))
    comments.comment(child, environment_of(services), id_of(child, "Choir"), comments.Draft(
        "A private word.", "Ana", "en", travels=True))
    let_in(services, child, "ruiz", "read:extracurricular", "contribute:work-habits")
    tutor = browser_of(app, "ruiz")

    page = tutor.get(f"/records/{id_of(child, 'Choir')}")
    assert page.status_code == 200 and "A private word." not in page.text
    assert "/rules/" not in page.text.partition("<main")[2] and "Ask for a correction" not in words(page)
    assert tutor.get(f"/records/{id_of(child, 'Biology')}").status_code == 404
    assert "Biology" not in words(tutor.get("/")) + words(tutor.get("/profile/"))
    assert tutor.get("/rules/").status_code >= 400 and "/rules/" not in tutor.get("/").text
    page = tutor.get("/contributions/new")
    assert page.text.count("<option") == 3  # the one category, and two languages
    page = tutor.submit(page, kind="note", category="work-habits", title="Careful", words="Reads twice.", name="Ruiz",
                        language="en")
    assert "Careful" in words(page)
    for path in ("/letters/new", "/papers/new", "/portfolio/new"):
        page = tutor.submit(tutor.get(path), kind="access", deadline="45-days", school="S", learner="D", writer="W",
                            title="x", words="x", name="x", paper=(BytesIO(b"%PDF-1.4"), "x.pdf"))
        assert page.status_code == 422 and "You may not do this in this backpack." in words(page), path
    assert len(contributions.waiting(child)) == 1


def test_a_record_is_found_by_words_whatever_the_case_and_nothing_else_is(filled: Browser) -> None:
    found = filled.get("/search?q=BIOLOGY%20lincoln")
    nothing = filled.get("/search?q=zzz<script>")

    assert "1 record fits." in words(found) and "Biology" in words(found)
    assert "Nothing fits" in words(nothing) and "zzz<script>" not in nothing.text


@pytest.mark.parametrize(("language", "label", "said"), [
    ("en", "Look for a newer version", "There is a newer version. It was checked and is here now."),
    ("es", "Buscar una versión más nueva", "Hay una versión más nueva. Se comprobó y ya está aquí.")])
def test_a_newer_version_is_looked_for_when_the_button_is_pressed(
        inside: Browser, school: OfferingSchool, world: World, language: str, label: str, said: str) -> None:
    world.web.serve_json(URL, newer(school.school))
    upload = (BytesIO(json.dumps(record(school.school)).encode()), "badge.json")
    inside.submit(inside.get("/import"), file=upload)
    inside.language = language
    page = inside.get(re.search(r'"(/records/[^"/]+)"', inside.get("/list/courses").text)[1])  # type: ignore[index]
    assert label in page.text and URL not in str(world.web.requests)
    assert said in inside.submit(page, page.request.path + "/newer").text
