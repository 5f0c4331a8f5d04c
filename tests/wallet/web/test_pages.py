"""The pages by their forms, without scripts: offers, records, requests, the log, in both languages."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from credkit.baking import bake, unbake
from credkit.errors import FetchError
from credkit.ports import JSONObject
from tests.support.translations import missing_translations
from tests.support.world import World
from tests.wallet.offices import CLR, TITLE_AND_GRADE, AskingCollege, OfferingSchool, configuration
from tests.wallet.support import PASSPHRASE
from tests.wallet.web.browser import Browser, heading, words
from ui.badges import badge_svg
from ui.qr import qr_data_url

COURSES = ((1, "Biology", "A"), (2, "Algebra", "B+"))


def page_of(link: str, page: str = "/offer") -> str:
    return page + "?" + link.partition("?")[2]


def picture() -> str:
    buffer = BytesIO()
    Image.new("RGB", (600, 400), (200, 120, 30)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def filled(inside: Browser, school: OfferingSchool) -> Browser:
    """A browser on a backpack with a transcript and two courses."""
    link = school.offer(school.transcript(*COURSES), *[school.course(*course) for course in COURSES])
    page = inside.submit(inside.get(page_of(link)), tx_code="4711", decision="take")
    assert heading(page) == "My records"
    return inside


def link_to(page: Any, text: str) -> str:
    before = page.text.partition(text)[0]
    return str(before.rpartition('href="')[2].partition('"')[0])


def test_an_empty_backpack_says_how_records_come(inside: Browser) -> None:
    page = inside.get("/")

    assert "Nothing is in your backpack yet" in words(page) and 'href="/add"' in page.text


def test_an_offer_shows_its_host_before_the_code_and_a_wrong_code_keeps_it(
        inside: Browser, school: OfferingSchool) -> None:
    page = inside.get(page_of(school.offer(school.course(1, "Biology"))))
    assert "school.example" in heading(page) and "Not known to us" in words(page)
    page = inside.submit(page, tx_code="", decision="take")
    assert page.status_code == 422 and "Type the code" in words(page)
    page = inside.submit(page, tx_code="0000", decision="take")
    assert page.status_code == 422 and "The code is wrong" in words(page)

    page = inside.submit(page, tx_code=" 47 11 ", decision="take")

    assert heading(page).startswith("Biology") and "1 record is in your backpack now." in words(page)


def test_not_now_takes_the_offer_out_and_tells_nobody(
        inside: Browser, school: OfferingSchool, world: World) -> None:
    page = inside.get(page_of(school.offer(school.course(1, "Biology"))))
    asked = len(world.web.requests)

    page = inside.submit(page, decision="refuse")

    assert "Nothing waits for you" in words(page) and len(world.web.requests) == asked


def test_an_offer_left_alone_waits_in_the_inbox_once(inside: Browser, school: OfferingSchool) -> None:
    link = school.offer(school.course(1, "Biology"))
    for _ in range(3):
        inside.get(page_of(link))

    page = inside.get("/inbox")

    assert page.text.count("school.example offers you records") == 1
    assert "1 thing waits for you." in words(inside.get("/"))


def test_a_school_that_is_down_is_told_in_words_and_the_offer_stays(
        inside: Browser, school: OfferingSchool, world: World) -> None:
    page = inside.get(page_of(school.offer(school.course(1, "Biology"))))
    world.web.unreachable(school.origin)

    page = inside.submit(page, tx_code="4711", decision="take")
    assert page.status_code == 502 and "We could not reach school.example" in words(page)
    world.web.reachable(school.origin)

    assert heading(inside.submit(page, tx_code="4711", decision="take")).startswith("Biology")


def test_a_set_broken_off_says_how_many_came_and_goes_on(
        inside: Browser, school: OfferingSchool) -> None:
    page = inside.get(page_of(school.offer(*[school.course(index, f"Course {index}") for index in range(6)])))
    real, count = school.answer, []

    def break_off(request: Any) -> Any:
        count.append(request.path == "/credential")
        if sum(count) > 4:
            raise FetchError("gone")
        return real(request)

    school.answer = break_off  # type: ignore[method-assign]
    page = inside.submit(page, tx_code="4711", decision="take")
    assert heading(page) == "4 of 6 collected"
    school.answer = real  # type: ignore[method-assign]
    assert "4 of 6 records from school.example collected." in words(inside.get("/inbox"))

    page = inside.submit(page)

    assert "6 records are in your backpack now." in words(page)


def test_with_a_script_a_set_comes_in_steps(inside: Browser, school: OfferingSchool) -> None:
    page = inside.get(page_of(school.offer(*[school.course(index, f"Course {index}") for index in range(6)])))

    page = inside.submit(page, tx_code="4711", decision="take", script="on")

    assert heading(page) == "4 of 6 collected" and "data-go-on" in page.text
    assert "6 records are in your backpack now." in words(inside.submit(page, script="on"))


@pytest.mark.parametrize("path", ["/offer", "/offer?credential_offer=%7B", "/offer?credential_offer_uri=http://10.0.0.1/x",
                                  "/request", "/request?client_id=x", "/request?client_id=a&request_uri=b",
                                  "/offer?credential_offer_uri=https://nobody.example/x", "/offer?" + "a=b&" * 100])
def test_a_link_that_leads_nowhere_is_a_plain_page(inside: Browser, path: str) -> None:
    page = inside.get(path)

    assert 400 <= page.status_code <= 504 and page.status_code != 500
    assert "Lock now" in page.text and "Traceback" not in page.text


def test_a_used_up_link_says_who_can_give_a_new_one(
        inside: Browser, school: OfferingSchool, college: AskingCollege) -> None:
    offer, question = school.offer(school.course(1, "Biology")), college.ask(*TITLE_AND_GRADE)
    school.answers["/offers/0"] = (404, b"{}")
    college.answers["/request/1"] = (404, b"{}")

    gone, answered = inside.get(page_of(offer)), inside.get(page_of(question, "/request"))

    assert gone.status_code == 410 and "Ask school.example for a new one." in words(gone)
    assert answered.status_code == 422 and "Ask college.example for a new one." in words(answered)


def test_what_did_not_pass_its_check_is_told(inside: Browser, school: OfferingSchool) -> None:
    school.change = lambda credential: (
        {**credential, "validFrom": "2020-01-01T00:00:00Z"} if credential["name"] == "Biology" else credential)
    page = inside.get(page_of(school.offer(school.course(1, "Biology"), school.course(2, "Algebra"))))

    page = inside.submit(page, tx_code="4711", decision="take")

    assert "1 of 2 collected." in words(page) and "was changed after it was signed" in words(page)


# Records

def test_a_transcript_is_shown_by_term_and_leads_to_each_course(filled: Browser) -> None:
    page = filled.get(link_to(filled.get("/"), "Transcript</span></a>"))

    shown = words(page)
    assert "María José Hernández Núñez" in shown and "2026 Spring" in shown and "B+" in shown
    course = filled.get(link_to(page, "Biology</span></a>"))
    assert heading(course).startswith("Biology") and "It is in this transcript too" in words(course)
    assert "Lincoln High School · school.example" in words(course)


def test_a_course_that_lies_in_the_transcript_only_has_a_page(inside: Browser, school: OfferingSchool) -> None:
    link = school.offer(school.transcript(*COURSES))
    page = inside.submit(inside.get(page_of(link)), tx_code="4711", decision="take")

    page = inside.get(link_to(page, "Algebra</span></a>"))

    assert heading(page).startswith("Algebra") and "/inside/" in page.request.path


def badge_of(school: OfferingSchool, **achievement: Any) -> Any:
    def make(did: str) -> JSONObject:
        badge = school.school.course(index=9, name="Reader", grade=None, subject_id=did)
        badge["credentialSubject"]["achievement"] |= {"achievementType": "Badge", **achievement}
        return school.school.sign_base(badge)

    school.configurations = {"badge": configuration("badge", ("OpenBadgeCredential",), "ecdsa-sd-2023")}
    return ("badge", make)


def test_a_badge_shows_its_own_picture_re_encoded_and_fetches_none(
        inside: Browser, school: OfferingSchool, world: World) -> None:
    link = school.offer(badge_of(school, image={"id": picture(), "type": "Image"}), tx_code=None)
    page = inside.submit(inside.get(page_of(link)), decision="take")
    assert picture() not in page.text and 'src="data:image/png;base64,' in page.text
    asked = len(world.web.requests)

    answer = inside.client.get(page.request.path + "/picture", base_url="https://wallet.example")

    image = Image.open(BytesIO(answer.data))
    assert answer.mimetype == "image/png" and max(image.size) <= 320
    assert len(world.web.requests) == asked


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_badge_is_downloaded_as_a_picture_that_carries_it(inside: Browser, school: OfferingSchool,
                                                            kind: str) -> None:
    link = school.offer(badge_of(school, image={"id": picture(), "type": "Image"}), tx_code=None)
    page = inside.submit(inside.get(page_of(link)), decision="take")

    answer = inside.submit(page, page.request.path + "/badge", kind=kind)

    assert answer.headers["Content-Disposition"] == f'attachment; filename="reader.{kind}"'
    assert answer.mimetype == {"png": "image/png", "svg": "image/svg+xml"}[kind]
    badge = unbake(answer.data)
    assert badge is not None and '"name":"Reader"' in badge.text
    inside.language = "es"
    assert "imagen que lo lleva dentro" in inside.get("/activity").text


OLDER = '{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://badges.example/1"}'


def test_a_badge_in_a_picture_is_brought_in_as_a_file(inside: Browser, school: OfferingSchool) -> None:
    link = school.offer(badge_of(school), tx_code=None)
    page = inside.submit(inside.get(page_of(link)), decision="take")
    made = inside.submit(page, page.request.path + "/badge", kind="png").data
    linked = bake(badge_svg("Reader", None), "eyJh.e30.c2ln").replace(b"eyJh.e30.c2ln", b"https://badges.example/1")
    for data, said in ((made, "0 records from the file"), (linked, "has a form that cannot be"),
                       (bake(made, "eyJh.e30.c2ln"), "did not pass their checks"),
                       (made[:-20], "There is no record in this file"), (bake(made, OLDER), "This is an older badge")):
        answer = inside.submit(inside.get("/import"), file=(BytesIO(data), "badge.png"))
        assert said in answer.text


@pytest.mark.parametrize("address", ["https://tracker.example/pixel.png", "data:image/png;base64,AAAA",
                                     "data:image/svg+xml;base64,PHN2Zy8+"])
def test_a_picture_from_elsewhere_or_a_broken_one_is_not_shown(
        inside: Browser, school: OfferingSchool, address: str) -> None:
    link = school.offer(badge_of(school, image={"id": address, "type": "Image"}), tx_code=None)
    page = inside.submit(inside.get(page_of(link)), decision="take")

    assert heading(page).startswith("Reader")
    assert address not in page.text and "tracker.example" not in inside.get("/").text


ATTACKS = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "{{ 7*7 }}",
           "</title><script>alert(1)</script>", "\u202egnp.exe", "A" * 3000, "[x](javascript:alert(1))"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_of_a_record_becomes_markup(inside: Browser, school: OfferingSchool, college: AskingCollege,
                                            attack: str) -> None:
    link = school.offer(badge_of(school, name=attack, description=attack, criteria={"narrative": attack}, tag=[attack],
                                 humanCode=attack), tx_code=None)
    record = inside.submit(inside.get(page_of(link)), decision="take")
    sheet = inside.get(page_of(college.ask(["credentialSubject", "achievement", "description"]), "/request"))
    for page in (record, inside.get("/"), inside.get("/list/badges"), sheet, inside.get("/activity/")):
        assert page.status_code == 200
        assert "<script>alert" not in page.text and "<img src=x" not in page.text and "\u202e" not in page.text
        assert 'href="javascript:' not in page.text and "49" not in heading(page)


def test_checking_again_asks_only_when_the_button_is_pressed(
        filled: Browser, school: OfferingSchool, world: World) -> None:
    path = link_to(filled.get("/list/courses"), "Biology</span></a>")
    asked = len(world.web.requests)
    page = filled.get(path + "/check")
    assert len(world.web.requests) == asked
    assert heading(filled.submit(page, path + "/check")).startswith("Holds")
    school.revoke(1)

    page = filled.submit(filled.get(path + "/check"), path + "/check")

    assert heading(page).startswith("Does not hold")
    assert "Taken back" in words(filled.get(path)) and "Taken back" in words(filled.get("/list/courses"))


@pytest.mark.parametrize(("language", "words_"), [
    ("en", ("Good to know", "A part has a value that the standard does not know: achievementType.")),
    ("es", ("Conviene saber", "Una parte tiene un valor que la norma no conoce: achievementType."))])
def test_checking_again_says_what_was_noticed(inside: Browser, school: OfferingSchool, language: str,
                                                 words_: tuple[str, ...]) -> None:
    link = school.offer(badge_of(school, achievementType="Curso"), tx_code=None)
    path = inside.submit(inside.get(page_of(link)), decision="take").request.path
    inside.language = language
    page = inside.submit(inside.get(path + "/check"), path + "/check")
    assert all(said in page.text for said in words_)


# Sharing

def test_sharing_two_of_the_courses_by_the_pages_forms(filled: Browser, college: AskingCollege) -> None:
    page = filled.get(page_of(college.ask(*TITLE_AND_GRADE), "/request"))
    assert heading(page) == "college.example asks you for records" and "checked" not in page.text
    page = filled.submit(page, decision="look")
    assert page.status_code == 422 and "Choose at least one." in words(page)
    ids = [part.partition('"')[0] for part in page.text.split('name="q-records" id="field-q-records-')[1:]]
    values = [page.text.partition(f'id="field-q-records-{each}" value="')[2].partition('"')[0] for each in ids]

    chosen: dict[str, Any] = {"q-records": values, "decision": "look"}
    page = filled.submit(page, **chosen)
    assert heading(page) == "college.example would get this from you"
    shown = words(page)
    assert all(text in shown for text in ("Biology", "Algebra", "B+", "To decide about your application.", "Not now"))
    assert "Work and a final test." not in shown
    answer = filled.submit(page, page.request.path, decision="share")

    assert answer.headers["Location"] == "https://college.example/done#response_code=abc"
    assert all(report.verified for report in college.reports()) and len(college.reports()) == 2
    assert "Shared with college.example" in words(filled.get("/activity/"))
    entry = filled.get(link_to(filled.get("/activity/"), "Shared with college.example</a>"))
    assert "B+" in words(entry) and "To decide about your application." in words(entry)


def test_a_sheet_that_was_not_seen_cannot_be_agreed_to(filled: Browser, college: AskingCollege) -> None:
    page = filled.get(page_of(college.ask(kind=CLR, multiple=False), "/request"))

    answer = filled.submit(page, page.request.path, decision="share", digest="another")

    assert answer.status_code == 409 and college.sent == []


def test_a_transcript_goes_whole_and_the_page_says_so(filled: Browser, college: AskingCollege) -> None:
    page = filled.get(page_of(college.ask(kind=CLR, multiple=False), "/request"))
    assert "can only be shared whole" in words(page)

    filled.submit(page, page.request.path, decision="share")

    assert college.reports()[0].verified


@pytest.mark.parametrize("asked", [TITLE_AND_GRADE, (["credentialSubject", "licenseNumber"],)])
def test_saying_no_is_one_button_and_final(filled: Browser, college: AskingCollege, asked: Any) -> None:
    link = page_of(college.ask(*asked), "/request")

    page = filled.submit(filled.get(link), decision="refuse")

    assert heading(page) == "Nothing was shared" and len(college.sent) == 1
    assert heading(filled.get(link)) == "Nothing was shared"
    assert "“Not now” to college.example" in words(filled.get("/activity/"))


def test_a_request_that_is_too_old_is_told_and_nothing_leaves(
        filled: Browser, college: AskingCollege, world: World) -> None:
    page = filled.get(page_of(college.ask(kind=CLR, multiple=False), "/request"))
    world.clock.advance(minutes=10)
    filled.get("/")
    world.clock.advance(minutes=11)

    page = filled.submit(page, page.request.path, decision="share")

    assert page.status_code == 409 and "time to answer" in heading(page) and college.sent == []


def test_more_time_is_one_button_and_opening_a_late_request_again_asks_for_it(
        filled: Browser, college: AskingCollege, world: World) -> None:
    link = page_of(college.ask(kind=CLR, multiple=False), "/request")
    page = filled.get(link)
    world.clock.advance(minutes=14)
    page = filled.submit(page, page.request.path.replace("/sheet", "/more-time"))
    assert "There is more time now." in words(page)
    world.clock.advance(minutes=14)
    filled.get("/")
    world.clock.advance(minutes=7)

    page = filled.get(link)
    assert heading(page) == "college.example would get this from you"
    filled.submit(page, page.request.path, decision="share")

    assert college.reports()[0].verified


def test_the_browser_is_sent_to_the_asker_only(filled: Browser, college: AskingCollege) -> None:
    college.answers["/response"] = (200, json.dumps({"redirect_uri": "https://evil.example/x"}).encode())
    page = filled.get(page_of(college.ask(kind=CLR, multiple=False), "/request"))
    assert "form-action 'self' https://college.example" in page.headers["Content-Security-Policy"]

    page = filled.submit(page, page.request.path, decision="share")

    assert heading(page) == "Shared with college.example"


# Links and photos

@pytest.mark.parametrize("text", ["", "hello", "https://school.example/", "javascript:alert(1)", "x" * 50_000])
def test_a_pasted_text_that_is_no_link_is_told(inside: Browser, text: str) -> None:
    page = inside.submit(inside.get("/add"), link=text)

    assert page.status_code == 422 and "One thing needs another look" in words(page)


def test_a_pasted_link_leads_to_its_page(inside: Browser, school: OfferingSchool, college: AskingCollege) -> None:
    offer = school.offer(school.course(1, "Biology"))

    assert heading(inside.submit(inside.get("/add"), link=f"  {offer}\n")) == "school.example offers you records"
    page = inside.submit(inside.get("/add"), link=college.ask(*TITLE_AND_GRADE))
    assert heading(page) == "college.example asks you for records"


def test_a_photo_of_a_code_leads_to_its_page(inside: Browser, school: OfferingSchool) -> None:
    code = base64.b64decode(qr_data_url(school.offer(school.course(1, "Biology"))).partition(",")[2])

    page = inside.submit(inside.get("/add"), photo=(BytesIO(code), "code.png"))

    assert heading(page) == "school.example offers you records"


@pytest.mark.parametrize("photo", [b"", b"not a picture", bytes(range(256)) * 100,
                                   base64.b64decode(picture().partition(",")[2])])
def test_a_photo_without_a_code_is_told(inside: Browser, photo: bytes) -> None:
    page = inside.submit(inside.get("/add"), photo=(BytesIO(photo), "x.png"))

    assert page.status_code == 422


# Every page

def test_every_page_speaks_spanish_and_offers_lock_now(
        filled: Browser, app: Flask, college: AskingCollege) -> None:
    spanish = Browser(app, "es")
    spanish.submit(spanish.get("/"), passphrase=PASSPHRASE)
    record = link_to(spanish.get("/list/courses"), "Biology</span></a>")
    paths = ["/", "/inbox", "/add", "/activity/", "/settings", "/list/badges", "/list/courses", record,
             record + "/check", page_of(college.ask(*TITLE_AND_GRADE), "/request"), "/nothing-here"]
    for path in paths:
        page = spanish.get(path)
        assert '<html lang="es">' in page.text and "Cerrar ahora" in page.text, path
        assert page.headers["Cache-Control"] == "no-store", path


def test_nothing_is_left_untranslated() -> None:
    assert missing_translations("wallet") == []


def test_a_list_of_many_is_paged(inside: Browser, school: OfferingSchool) -> None:
    link = school.offer(*[school.course(index, f"Course {index:02}") for index in range(26)])
    inside.submit(inside.get(page_of(link)), tx_code="4711", decision="take")

    first, second = inside.get("/list/courses"), inside.get("/list/courses?page=2")

    assert (first.text.count("<article"), second.text.count("<article")) == (24, 2)
    for page in ("0", "-1", "99", "x"):
        assert inside.get(f"/list/courses?page={page}").status_code == 200
    assert inside.get("/list/nonsense").status_code == 404
