"""The office's pages by their forms: sign in, import, students, offers, award, take back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from issuer.services.awarding import BadgeWords
from tests.issuer.conftest import ORIGIN, School, upload
from tests.support.translations import missing_translations

INSIDE = ["/", "/import", "/students", "/award", "/achievements", "/log", "/keys"]


def student_page(school: School, number: str = "20391") -> str:
    return f"/students/{school.services.students.find(number).id}"


def upload_file(school: School, client: FlaskClient, data: bytes, name: str = "export.zip") -> Any:
    return school.post(client, "/import", {"file": upload(data, name)})


def test_everything_is_said_in_spanish_too() -> None:
    assert missing_translations("issuer") == []


@pytest.mark.parametrize("path", [*INSIDE, "/students/x", "/records/x", "/import/x", "/students/x/offers/y/code"])
def test_nobody_gets_in_without_signing_in(school: School, path: str) -> None:
    answer = school.client().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", INSIDE)
def test_every_page_opens_in_both_languages_with_students_and_without(school: School, empty_school: School, path: str,
                                                                      language: str) -> None:
    for office in (school, empty_school):
        page = office.signed_in().get(f"{path}?lang={language}")
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert page.text.count("<h1") == 1
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_no_page_shows_what_is_inside_the_program(school: School) -> None:
    client = school.signed_in()
    made = school.offer()
    secret = repr(school.services.office.keys.secret)
    record = made.claim.items[0].credential_id.removeprefix("urn:uuid:")
    mine = f"{student_page(school)}/offers/{made.offer.id}"
    for path in (*INSIDE, student_page(school), mine, mine + "/code", mine + "/sheet", f"/records/{record}",
                 f"/records/{record}/take-back", made.page_url.removeprefix(ORIGIN)):
        text = client.get(path).text
        assert " object at 0x" not in text and secret not in text and "Config(" not in text, path


def test_an_import_is_shown_before_it_is_kept(empty_school: School, export: bytes) -> None:
    client = empty_school.signed_in()
    answer = upload_file(empty_school, client, export)
    assert answer.status_code == 303
    where = answer.headers["Location"]
    understood = client.get(where)
    assert "Lucía Guadalupe Hernández Villaseñor" in understood.text and "enrollments.csv" in understood.text
    assert empty_school.services.students.all() == ()

    done = empty_school.post(client, where, {})
    assert (done.status_code, done.headers["Location"]) == (303, where)
    assert "41 new records" in client.get(where).text
    assert len(empty_school.services.students.all()) == 3
    assert "41 new records" in client.get(empty_school.post(client, where, {}, page="/import").headers["Location"]).text


@pytest.mark.parametrize(("data", "sentence"), [
    (b"", "empty"), (b"PK\x03\x04junk", "damaged"), (b"\x00\x01\x02", "no export that we know"),
    (b"<a>" * 100_000, "nested too deeply"), (b'{"a":' * 100_000, "nested too deeply"),
])
def test_a_file_that_cannot_be_read_is_named_at_the_field_and_changes_nothing(
    school: School, data: bytes, sentence: str
) -> None:
    client = school.signed_in()
    before = school.services.students.all()
    answer = upload_file(school, client, data)
    assert answer.status_code == 422
    assert sentence in answer.text and 'href="#field-file"' in answer.text
    assert school.services.students.all() == before
    assert len(school.services.imports.recent()) == 1


def test_no_file_and_a_file_that_is_too_large_are_answered(school: School) -> None:
    client = school.signed_in()
    assert school.post(client, "/import", {}).status_code == 422
    assert upload_file(school, client, b"x" * (21 * 1024 * 1024)).status_code == 413


def test_students_are_found_without_accents_and_by_number(school: School) -> None:
    client = school.signed_in()
    assert "Lucía" in client.get("/students?q=lucia+villasenor").text
    assert "Mateo" in client.get("/students?q=20877").text
    assert "Nobody here" in client.get("/students?q=zzz").text


@pytest.mark.parametrize(("kind", "names"), [("", {"transcript", "course"}), ("course-sd-jwt", {"course-sd-jwt"})])
@pytest.mark.parametrize("grant", ["pre-authorized", "code"])
@pytest.mark.parametrize("tx_code", ["yes", "no"])
def test_the_page_offers_in_every_way_that_the_command_does(school: School, kind: str, names: set[str], grant: str,
                                                           tx_code: str) -> None:
    client, where = school.signed_in(), student_page(school) + "/offers"
    shown = client.get(where).text
    assert "Careful: whoever gets the link can collect the records" in shown and "good for 10 minutes" in shown
    assert 'value="course-sd-jwt"' in shown and 'value="badge"' not in shown, "what the student has"

    answer = school.post(client, where, {"kind": kind, "grant": grant, "tx_code": tx_code})

    made = school.services.offers.show(answer.headers["Location"].rsplit("/", 1)[1])
    offer, page = school.read(made), client.get(answer.headers["Location"]).text
    assert set(offer.credential_configuration_ids) == names and (made.tx_code != "") is (tx_code == "yes")
    assert (offer.pre_authorized is None, offer.authorization_code is None) == (grant == "code", grant != "code")
    assert ("whoever has the link can collect" in page) is (tx_code == "no")


def test_what_the_page_does_not_know_is_the_usual_offer(school: School) -> None:
    answer = school.post(school.signed_in(), student_page(school) + "/offers",
                         {"kind": "diploma", "grant": "x", "tx_code": "x"}, page=student_page(school))
    made = school.services.offers.show(answer.headers["Location"].rsplit("/", 1)[1])
    assert made.tx_code and school.read(made).pre_authorized is not None


def test_an_offer_shows_button_link_and_code_to_scan_and_the_code_only_apart(school: School) -> None:
    client = school.signed_in()
    answer = school.post(client, student_page(school) + "/offers", {}, page=student_page(school))
    page = client.get(answer.headers["Location"]).text
    made = school.services.offers.show(answer.headers["Location"].rsplit("/", 1)[1])
    assert "https://wallet.example/offer?credential_offer_uri=https%3A%2F%2Fschool.example%2Foffers%2F" in page
    assert "openid-credential-offer://?credential_offer_uri=" in page
    shown = re.sub(r"data:image/[^\"]+", "", page)
    assert made.tx_code not in shown
    code = client.get(answer.headers["Location"] + "/code").text
    assert f"{made.tx_code[:3]} {made.tx_code[3:]}" in code
    sheet = client.get(answer.headers["Location"] + "/sheet").text
    assert made.page_url in sheet and made.tx_code[:3] + " " + made.tx_code[3:] not in sheet


def test_another_students_offer_is_not_found_under_this_student(school: School) -> None:
    client = school.signed_in()
    made = school.offer("20877")
    assert client.get(f"{student_page(school)}/offers/{made.offer.id}/code").status_code == 404
    assert client.get(f"{student_page(school)}/offers/nope").status_code == 404
    assert client.get("/students/nope").status_code == 404
    assert client.get("/records/nope").status_code == 404


def test_the_printed_link_makes_a_fresh_offer_each_time_until_all_is_collected(school: School) -> None:
    made = school.offer()
    path = made.page_url.removeprefix(ORIGIN)
    guest = school.client()
    first, second = (guest.get(path) for _ in range(2))
    links = [re.search(r"offers%2F([\w-]+)", page.text) for page in (first, second)]
    assert links[0] and links[1] and links[0][1] != links[1][1]
    assert "Lucía" not in first.text, "a sheet that is lost says nothing about the student"
    assert guest.get("/claim/nope").status_code == 404

    school.world.clock.advance(days=31)
    assert "30 days" in guest.get(path).text


def test_a_record_is_taken_back_with_a_reason_and_only_on_purpose(school: School) -> None:
    client = school.signed_in()
    view = school.services.students.view(school.services.students.find("20391").id)
    record = view.living[1].id.removeprefix("urn:uuid:")
    path = f"/records/{record}/take-back"
    unsure = school.post(client, path, {"reason": "The grade was wrong"})
    assert unsure.status_code == 422 and "The grade was wrong" in unsure.text
    assert school.post(client, path, {"sure": "yes"}).status_code == 422
    assert school.services.students.revocation(view.living[1].id) is None

    assert school.post(client, path, {"reason": "The grade was wrong", "sure": "yes"}).status_code == 303
    page = client.get(f"/records/{record}").text
    assert "Taken back" in page and "The grade was wrong" in page
    assert "taken back before" in client.get(path).text


def test_a_badge_is_awarded_to_a_new_student_and_says_what_is_missing(empty_school: School) -> None:
    client = empty_school.signed_in()
    assert empty_school.post(client, "/award", {"number": "7"}).status_code == 422
    words = {"number": "7", "title": "Reading Star", "description": "Reads with joy", "criteria": "Read ten books"}
    nameless = empty_school.post(client, "/award", words)
    assert nameless.status_code == 422 and "Give the name too" in nameless.text and "Reading Star" in nameless.text
    named = {**words, "given_name": "Noor", "family_name": ""}
    done = empty_school.post(client, "/award", named)
    assert done.status_code == 303
    assert "Reading Star" in client.get(done.headers["Location"]).text
    again = empty_school.post(client, "/award", named)
    assert again.status_code == 422 and "has this badge already" in again.text


def test_what_can_be_earned_has_a_public_page_with_its_words_made_safe(school: School) -> None:
    credential = school.services.awarding.award("20391", BadgeWords(
        "Star <b>", "Says <script>alert(1)</script>", "Read *ten* [books](javascript:alert(1))"), "operator")
    address = credential.document["credentialSubject"]["achievement"]["id"]
    page = school.client().get(address.removeprefix(ORIGIN))
    assert page.status_code == 200 and "<em>ten</em>" in page.text
    assert "<script>alert" not in page.text and 'href="javascript' not in page.text
    assert school.client().get("/achievements/nope").status_code == 404


def test_a_form_without_its_token_changes_nothing(school: School) -> None:
    client = school.signed_in()
    answer = client.post(student_page(school) + "/offers", data={})
    assert answer.status_code in (400, 403)
    assert school.services.offers.claims_of(school.services.students.find("20391").id) == ()


def test_the_log_tells_what_was_done_and_by_whom(school: School) -> None:
    school.offer()
    page = school.signed_in().get("/log").text
    assert "Records offered" in page and "The log is whole" in page
