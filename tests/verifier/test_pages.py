"""The verifier's pages: what each shows, to whom, in which language, and what hostile input does to them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.support.pages import check_forged_forms_are_refused, check_headers_of_every_route
from tests.support.translations import missing_translations
from tests.support.world import Holder
from tests.verifier.conftest import ORIGIN, College, form_of, parsed, path_of, token_of

OPERATORS_PAGES = ("/ask", "/ask/school", "/results", "/results/0", "/results/0/report.json", "/trust", "/asked/0")
UNKNOWN = "Nobody has changed this. We do not know who signed it."


def uploaded(college: College, client: Any, content: bytes, name: str = "record.json") -> Any:
    token = token_of(client.get("/").text)
    return client.post(
        "/",
        data={"csrf_token": token, "text": "", "file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def signed_course(college: College, **more: Any) -> bytes:
    return json.dumps(college.school.sign(college.school.course(**more))).encode()


@pytest.mark.parametrize("path", OPERATORS_PAGES)
def test_the_operators_pages_ask_strangers_to_sign_in(college: College, path: str) -> None:
    answer = college.client().get(path)

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/login")


@pytest.mark.parametrize(
    "path",
    [
        "/ask",
        "/ask/school",
        "/ask/send",
        "/results/0/remove",
        "/trust",
        "/trust/refresh",
        "/trust/remove",
        "/asked/0/more-time",
    ],
)
def test_a_strangers_form_does_nothing(college: College, path: str) -> None:
    client = college.client()

    assert client.post(path, data={"did": college.school.did}).status_code == 400
    assert college.post(client, path, {"did": college.school.did}).status_code == 303
    assert college.services.trust.listed().find(college.school.did) is not None


def test_a_stranger_may_check_a_record_and_nothing_is_kept(college: College) -> None:
    answer = uploaded(college, college.client(), signed_course(college, name="Álgebra & <b>más</b>"))

    assert answer.status_code == 200
    assert "Nobody has changed this. Lincoln High School signed it." in answer.text
    assert "Álgebra &amp; &lt;b&gt;más&lt;/b&gt;" in answer.text
    assert "We keep nothing" in answer.text
    assert college.services.results.page(1)[0] == []


def test_an_operators_check_is_kept_and_can_be_removed(college: College) -> None:
    client = college.signed_in()
    answer = uploaded(college, client, signed_course(college))

    assert answer.status_code == 303
    place = answer.headers["Location"].removeprefix("https://college.example")
    page = client.get(place)
    assert "Algebra I" in page.text
    assert "proofValue" not in page.text
    assert parsed(client.get(place + "/report.json"))["verified"] is True
    assert college.post(client, place + "/remove", {}).status_code == 303
    assert client.get(place).status_code == 404


def test_an_unknown_signer_is_not_green_and_not_red(college: College) -> None:
    college.services.trust.remove(college.school.did)

    answer = uploaded(college, college.client(), signed_course(college))

    assert UNKNOWN in answer.text
    assert 'class="verdict verdict-unknown"' in answer.text
    assert "Not known to us" in answer.text
    assert "It calls itself:" in answer.text


def test_words_without_a_signature_that_holds_are_not_shown(college: College) -> None:
    document = college.school.sign(college.school.course())
    document["credentialSubject"]["achievement"]["name"] = "Forged course title"

    answer = uploaded(college, college.client(), json.dumps(document).encode())

    assert 'class="verdict verdict-fails"' in answer.text
    assert "Forged course title" not in answer.text
    assert "We show only words that are covered by a signature" in answer.text


def test_a_record_that_was_taken_back_is_red_and_an_unreachable_list_is_not_green(college: College) -> None:
    course = signed_course(college, index=7)
    college.school.revoked.add(7)
    college.school.publish_list()
    assert 'class="verdict verdict-fails"' in uploaded(college, college.client(), course).text

    other = signed_course(college, index=8)
    college.world.web.serve_json(college.school.list_url, {}, status=503)
    assert 'class="verdict verdict-unknown"' in uploaded(college, college.client(), other).text


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02",
        b"{",
        b"[" * 100_000,
        b"\xff\xfe{",
        b"A" * 9_000_000,
        b'{"a":1,"a":2}',
        b"null",
    ],
    ids=["binary", "truncated", "deep", "encoding", "huge", "twice", "null"],
)
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(college: College, content: bytes) -> None:
    answer = uploaded(college, college.client(), content)

    assert answer.status_code == 200
    assert 'class="verdict verdict-fails"' in answer.text


def test_an_empty_form_comes_back_with_what_is_missing(college: College) -> None:
    client = college.client()

    assert college.post(client, "/", {"text": "  "}).status_code == 422
    assert "Choose a file or paste a record or a link." in college.post(client, "/", {"text": ""}).text


def test_a_record_can_be_pasted(college: College) -> None:
    answer = college.post(college.client(), "/", {"text": signed_course(college).decode()})

    assert "Nobody has changed this." in answer.text


def test_asking_goes_from_the_question_over_the_preview_to_the_code(college: College) -> None:
    client = college.signed_in()
    question = {"asks": ["courses", "badge"], "purpose": "Para su solicitud", "with_name": "yes", "until": "2026-07-01"}
    preview = college.post(client, "/ask", question, page="/ask")
    assert preview.status_code == 200
    for line in (
        "Para su solicitud",
        "Title of each course they choose",
        "Name of the student",
        "State College",
        "July 1, 2026",
    ):
        assert line in preview.text

    sent = client.post("/ask/send", data={**question, "csrf_token": token_of(preview.text)})
    assert sent.status_code == 303
    page = client.get(sent.headers["Location"])
    assert (
        "https://wallet.example/request?client_id=decentralized_identifier%3Adid%3Aweb%3Acollege.example" in page.text
    )
    assert "openid4vp://?" in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"asks": ["courses"], "until": "2026-07-01"},
        {"purpose": "x", "until": "2026-07-01"},
        {"asks": ["everything"], "purpose": "x", "until": "2026-07-01"},
        {"asks": ["courses"], "purpose": "x" * 400, "until": "2026-07-01"},
        {"asks": ["courses"], "purpose": "\u202e \u0000", "until": "2026-07-01"},
        {"asks": ["courses"], "purpose": "x"},
        {"asks": ["courses"], "purpose": "x", "until": "soon"},
        {"asks": ["courses"], "purpose": "x", "until": "2026-06-14"},
        {"asks": ["courses"], "purpose": "x", "until": "2028-06-14"},
        {"asks": ["courses"], "purpose": "x", "until": "2026-07-01", "sender": "did:web:school.example"},
    ],
)
def test_a_question_that_lacks_something_comes_back(college: College, form: Any) -> None:
    client = college.signed_in()

    for path in ("/ask", "/ask/send"):
        answer = college.post(client, path, form, page="/ask")
        assert answer.status_code == 422
        assert "error-summary" in answer.text
    assert college.services.requests.newest() == []


def test_changing_the_question_keeps_what_was_typed(college: College) -> None:
    answer = college.post(
        college.signed_in(), "/ask", {"asks": ["badge"], "purpose": "Beca", "step": "change"}, page="/ask"
    )

    assert answer.status_code == 200
    assert 'value="Beca"' in answer.text
    assert 'value="badge" checked' in answer.text


def test_the_waiting_page_goes_from_the_code_to_the_answer(college: College) -> None:
    client, asked = college.signed_in(), college.ask()
    assert "Let the family open this" in client.get(f"/asked/{asked.id}").text

    request = college.opened(asked)
    opened = client.get(f"/asked/{asked.id}").text
    assert "The family has opened your question" in opened
    assert "qr-panel" not in opened

    college.answer(request, {"courses": [college.presented(request)]})
    page = client.get(f"/asked/{asked.id}", follow_redirects=True)
    assert "Nobody has changed this. Lincoln High School signed it." in page.text
    assert "Algebra I" in page.text


def test_more_time_is_one_button(college: College) -> None:
    client, asked = college.signed_in(), college.ask()

    assert college.post(client, f"/asked/{asked.id}/more-time", {}).status_code == 303
    assert college.services.requests.find(asked.id).expires_at > asked.expires_at
    assert college.post(client, "/asked/absent/more-time", {}).status_code == 404


def test_the_familys_browser_gets_a_thank_you_and_not_the_result(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    link = path_of(parsed(college.answer(request, {"courses": [college.presented(request)]}))["redirect_uri"])

    page = college.client().get(link)

    assert page.status_code == 200
    assert "Thank you, your answer has arrived" in page.text
    assert "Algebra" not in page.text
    assert college.client().get("/answered/absent").status_code == 404


def test_the_result_needs_the_code_and_the_session_that_asked(college: College) -> None:
    client = college.signed_in()
    form = {"asks": ["courses"], "purpose": "Admission", "with_name": "yes", "until": "2026-07-01"}
    sent = college.post(client, "/ask/send", form, page="/ask")
    asked = college.services.requests.find(sent.headers["Location"].rpartition("/")[2])
    request = college.opened(asked)
    link = path_of(parsed(college.answer(request, {"courses": [college.presented(request)]}))["redirect_uri"])

    assert client.get(link).status_code == 303
    assert client.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 200
    assert client.get(link.partition("?")[0]).status_code == 200
    assert college.signed_in().get(link).status_code == 200


def test_a_no_is_shown_as_their_right(college: College) -> None:
    asked = college.ask()
    request = college.opened(asked)
    link = parsed(college.post_form(request, form_of(error="access_denied", state=request["state"])))["redirect_uri"]

    assert "You did not share anything" in college.client().get(path_of(link)).text
    assert "The family chose not to share" in college.signed_in().get(f"/asked/{asked.id}").text


def test_the_list_of_trust_is_kept_on_a_page(college: College) -> None:
    client = college.signed_in()
    added = college.post(client, "/trust", {"did": "did:web:tutor.example", "name": "Señora García"}, page="/trust")
    assert added.status_code == 303
    assert "Señora García" in client.get("/trust").text
    assert college.post(client, "/trust/remove", {"did": "did:web:tutor.example"}).status_code == 303
    assert "Señora García" not in client.get("/trust").text
    for form in ({"did": "tutor", "name": "x"}, {"did": "did:web:tutor.example", "name": " "}, {}):
        assert college.post(client, "/trust", form, page="/trust").status_code == 422
    assert 'value="did:web:tutor.example"' in client.get("/trust?did=did:web:tutor.example").text


def test_the_list_of_results_leads_to_each(college: College) -> None:
    client = college.signed_in()
    assert "No results yet" in client.get("/results").text
    asked = college.ask()
    assert "Waiting for an answer" in client.get("/results").text
    request = college.opened(asked)
    college.answer(request, {"courses": [college.presented(request)]})
    page = client.get("/results").text
    assert "Algebra I" in page
    assert client.get("/results?page=-1").status_code == 200
    assert client.get("/results?page=x").status_code == 200


@pytest.mark.parametrize("path", ["/", "/login", "/ask", "/ask/school", "/results", "/trust"])
def test_every_page_is_there_in_spanish(college: College, path: str) -> None:
    client = college.signed_in()
    english, spanish = client.get(path).text, client.get(path + "?lang=es").text

    assert '<html lang="es">' in spanish
    assert english.partition("<h1>")[2].partition("</h1>")[0] != spanish.partition("<h1>")[2].partition("</h1>")[0]


def test_nothing_is_left_in_english() -> None:
    assert missing_translations("verifier") == []


@pytest.mark.parametrize(
    "text", ["<script>window.__pwned=1</script>", "\u202egnp.exe", "javascript:alert(1)", '" onmouseover="x', "{{7*7}}"]
)
def test_hostile_words_stay_words(college: College, text: str) -> None:
    course = college.school.course(name=text, grade=text[:20], student=text)
    course["credentialSubject"]["narrative"] = f"{text} [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    course["issuer"]["name"] = text

    page = uploaded(college, college.client(), json.dumps(college.school.sign(course)).encode()).text

    assert "Nobody has changed this." in page
    assert "<script>window" not in page
    assert "\u202e" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert '" onmouseover="' not in page


def test_a_presentation_can_be_checked_as_a_file_and_its_binding_is_not_guessed(college: College) -> None:
    holder = Holder(college.world)
    presentation = holder.present(college.course(holder))

    answer = uploaded(college, college.client(), json.dumps(presentation).encode())

    assert 'class="verdict verdict-unknown"' in answer.text
    assert "Algebra I" in answer.text


def test_every_route_has_the_headers_and_refuses_forged_forms(college: College) -> None:
    assert check_headers_of_every_route(college.app, ORIGIN) > 15
    assert check_forged_forms_are_refused(college.app, ORIGIN) >= 8


def test_the_offices_name_stands_on_every_page(college: College) -> None:
    for path in ("/", "/login", "/absent"):
        assert "State College" in college.client().get(path).text
