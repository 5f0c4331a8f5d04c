"""Handing out by the pages' forms, without scripts: what was seen leaves; links, packets, files, exports, practice."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from credkit.protocols import share_link
from credkit.protocols.share_link import ShareLink
from tests.support.world import World
from tests.wallet.offices import OfferingSchool
from tests.wallet.web.browser import ORIGIN, Browser, heading, words

COURSES = ((1, "Biology", "A"), (2, "Algebra", "B+"))
SAID = {"recipient": "Roosevelt Middle School", "purpose": "To enrol María", "until": "2026-07-01"}


@pytest.fixture
def filled(inside: Browser, school: OfferingSchool) -> Browser:
    """A browser on a backpack with a transcript, its two courses, and one that stands alone."""
    records = [school.course(*course) for course in (*COURSES, (4, "Art", "Distinction"))]
    link = school.offer(school.transcript(*COURSES), *records)
    inside.submit(inside.get("/offer?" + link.partition("?")[2]), tx_code="4711", decision="take")
    return inside


def keys(page: Any) -> dict[str, str]:
    """Title → key of the records that can be chosen."""
    found = re.findall(r'name="record" id="[^"]*" value="([^"]*)".*?<label[^>]*>(.*?)</label>', page.text, re.DOTALL)
    return {unescape(re.sub(r"<[^>]*>", "", label)): key for key, label in found}


def preview(browser: Browser, *titles: str, **more: Any) -> Any:
    page = browser.get("/shares/new")
    named = keys(page)
    values = {"record": [named[title] for title in titles], "form": "link", "views": "3", **SAID, **more}
    return browser.submit(page, "", **values)


def again(page: Any, **more: Any) -> dict[str, Any]:
    """The values of the preview's form: hidden ones (several records) and ticked ones."""
    hidden = re.findall(r'<input type="hidden" name="(record|digest|step|recipient|purpose|until|form|views)" '
                        r'value="([^"]*)"', page.text)
    keep = re.findall(r'name="keep" value="([^"]*)" checked', page.text)
    values: dict[str, Any] = {name: unescape(value) for name, value in hidden if name != "record"}
    return {**values, "record": [unescape(value) for name, value in hidden if name == "record"],
            "keep": [unescape(value) for value in keep], **more}


def share(browser: Browser, *titles: str, **more: Any) -> Any:
    page = preview(browser, *titles, **more)
    return browser.submit(page, "/shares/new", **again(page, decision="share"))


def link_of(page: Any) -> ShareLink:
    found = re.search(r'value="(https://wallet\.example/s/[^"]*)"', page.text)
    assert found is not None, page.text
    return share_link.parse_share_link(found[1])


def fetch(client: FlaskClient, link: ShareLink, access: str | None = None) -> Any:
    return client.post(f"/s/{link.id}", data={"access": link.access if access is None else access}, base_url=ORIGIN)


def test_the_preview_shows_each_value_and_the_link_leads_to_exactly_that(filled: Browser, app: Flask) -> None:
    page = preview(filled, "Biology", "Art")
    assert heading(page) == "Roosevelt Middle School would get this from you"
    shown = words(page)
    for word in ("To enrol María", "Biology", "Distinction", "July 1, 2026"):
        assert word in shown
    assert "Algebra" in shown.partition("What stays")[2]

    page = filled.submit(page, "/shares/new", **again(page, decision="share"))

    assert heading(page) == "Shared with Roosevelt Middle School"
    assert "The link works until July 1, 2026." in words(page)
    link = link_of(page)
    answer = fetch(app.test_client(), link)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and answer.headers["Cache-Control"] == "no-store"
    bundle = share_link.open_sealed(answer.data, link)
    titles = [member["name"] for member in bundle["credentialSubject"]["verifiableCredential"]]
    assert titles == ["Biology", "Art"] and bundle["partial"] is True
    assert "1 of 3 times" in words(filled.get(page.request.path))


def test_a_part_that_is_unticked_is_shown_to_stay_before_it_stays(filled: Browser, app: Flask) -> None:
    page = preview(filled, "Art")
    form = again(page, decision="share")
    form["keep"] = [value for value in form["keep"] if not value.endswith("|credentialSubject.result")]
    assert len(form["keep"]) < len(again(page)["keep"])

    page = filled.submit(page, "/shares/new", **form)

    assert page.status_code == 422 and "The choice has changed" in page.text
    page = filled.submit(page, "/shares/new", **again(page, decision="share"))
    bundle = share_link.open_sealed(fetch(app.test_client(), link_of(page)).data, link_of(page))
    assert "Distinction" not in json.dumps(bundle)


@pytest.mark.parametrize(("change", "message"), [
    ({"recipient": " "}, "Say who it is for."), ({"purpose": ""}, "Say what it is for."),
    ({"until": "2026-01-01"}, "Choose a day within the next year."), ({"until": "soon"}, "Choose a day"),
    ({"until": "2028-01-01"}, "Choose a day"), ({"record": []}, "Choose at least one record."),
    ({"record": ["nobody"]}, "Choose at least one record."),
])
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
        filled: Browser, change: dict[str, Any], message: str) -> None:
    page = preview(filled, "Biology", **change)

    assert page.status_code == 422 and message in words(page)
    if change.get("purpose", " ").strip():
        assert "To enrol María" in page.text


def test_not_now_shares_nothing(filled: Browser) -> None:
    page = preview(filled, "Biology")

    page = filled.submit(page, "/shares/new", **again(page, decision="refuse"))

    assert "You have handed out nothing yet" in words(page)


def test_the_page_of_a_link_is_the_same_for_every_link_and_holds_no_data(filled: Browser, app: Flask) -> None:
    link = link_of(share(filled, "Biology"))
    stranger = Browser(app)

    real, other = stranger.get(f"/s/{link.id}"), stranger.get(f"/s/{'A' * 22}")

    assert real.status_code == other.status_code == 200
    assert re.sub(r'value="[^"]*"|nonce="[^"]*"', "", real.text.replace(link.id, "")) == re.sub(
        r'value="[^"]*"|nonce="[^"]*"', "", other.text.replace("A" * 22, ""))
    assert "Biology" not in real.text and "paste it into the check page of a verifier" in real.text
    (path,) = set(re.findall(r'href="(/shares/[^"/?]{22})"', filled.get("/shares/").text))
    assert "0 of 3 times" in words(filled.get(path))


def test_links_that_lead_nowhere_answer_with_the_same_bytes(filled: Browser, app: Flask, world: World) -> None:
    client = app.test_client()
    used_page = share(filled, "Biology", views="1")
    used = link_of(used_page)
    assert fetch(client, used).status_code == 200
    ended_page = share(filled, "Biology")
    ended = link_of(ended_page)
    path = ended_page.request.path
    page = filled.submit(filled.get(path), f"{path}/end")
    assert "The link was taken back." in words(page)
    fresh = link_of(share(filled, "Biology"))

    answers = [fetch(client, used), fetch(client, ended), fetch(client, fresh, "A" * 43), fetch(client, fresh, ""),
               fetch(client, ShareLink(fresh.origin, "A" * 22, fresh.secret)),
               client.post(f"/s/{fresh.id}", data=b"\xff", base_url=ORIGIN),
               client.post(f"/s/{fresh.id}", data=b"access=a&access=b", base_url=ORIGIN)]

    seen = {(answer.status_code, answer.data, tuple(sorted(answer.headers.items()))) for answer in answers}
    assert len(seen) == 1 and answers[0].status_code == 404
    world.clock.advance(days=400)
    assert fetch(client, fresh).data == answers[0].data


def test_the_file_of_a_share_is_the_signed_bundle(filled: Browser) -> None:
    page = share(filled, "Biology", form="file")
    assert "A file, to be used until July 1, 2026." in words(page) and "/s/" not in page.text

    answer = filled.get(page.request.path + "/file")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="roosevelt-middle-school.json"'
    assert json.loads(answer.data)["partial"] is True


def test_a_packet_is_marked_unofficial_and_its_code_is_the_link(filled: Browser) -> None:
    page = share(filled, "Transcript", "Art", form="paper")

    packet = filled.get(page.request.path + "/packet")

    shown = words(packet)
    for word in ("Unofficial copy, carried by the family.", "Article IV", "Biology", "Algebra", "Courses and credits"):
        assert word in shown
    assert link_of(page).url in unescape(packet.text)
    day_one = filled.get(page.request.path + "/day-one")
    assert heading(day_one).startswith("First day: María José")


def test_a_packet_comes_as_a_tagged_pdf(filled: Browser) -> None:
    page = share(filled, "Transcript", form="paper")

    answer = filled.get(page.request.path + "/packet.pdf")

    assert answer.data.startswith(b"%PDF-") and answer.headers["Content-Type"] == "application/pdf"
    assert len(answer.data) > 5_000


@pytest.mark.parametrize("path", ["", "/file", "/packet", "/packet.pdf", "/day-one", "/day-one.pdf"])
def test_a_share_that_is_not_there_is_a_404(filled: Browser, path: str) -> None:
    assert filled.get(f"/shares/{'A' * 22}{path}").status_code == 404


def test_what_was_handed_out_stands_in_the_log_with_its_receipt(filled: Browser) -> None:
    share(filled, "Biology")
    page = filled.get("/activity/")
    assert "A link for Roosevelt Middle School" in words(page)

    entry = filled.get(re.findall(r'href="(/activity/[^"?]+)"', page.text)[0])

    assert "The receipt" in words(entry) and "To be used until" in words(entry)
    receipt = filled.get(re.findall(r'href="(/export/receipts/[^"]+)"', entry.text)[0])
    assert json.loads(receipt.data)["credentialSubject"]["purpose"] == "To enrol María"


def test_everything_comes_out_as_a_zip_with_pages_without_script(filled: Browser) -> None:
    answer = filled.submit(filled.get("/export"), "", hidden="yes")

    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        contents = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    assert {"records.csv", "transcript.json", "activity.csv", "site/index.html", "README.html"} <= contents.keys()
    pages = [text for name, text in contents.items() if name.endswith(".html")]
    assert len(pages) == 6 and not [text for text in pages if "<script" in text or "http-equiv" in text]
    for text in pages:
        for target in re.findall(r'(?:href|src)="([^"]*)"', text):
            assert not target.startswith(("http", "/", "data:text")), target
    site = {name.removeprefix("site/"): text for name, text in contents.items() if name.startswith("site/")}
    for target in re.findall(r'href="([^"]*)"', site["index.html"]):
        assert target in site


def test_a_zip_goes_in_again_and_a_changed_record_is_named(filled: Browser) -> None:
    data = filled.submit(filled.get("/export"), "").data
    page = filled.get("/import")
    page = filled.submit(page, "", file=(io.BytesIO(data), "backpack.zip"))
    assert "0 records from the file were checked and kept." in page.text

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        document = json.loads(next(archive.read(name) for name in archive.namelist() if "art" in name))
    document["id"] += "0"
    answer = filled.submit(filled.get("/import"), "", file=(io.BytesIO(json.dumps(document).encode()), "art.json"))

    assert answer.status_code == 422 and "Art" in words(answer) and "0 records were kept." in words(answer)
    answer = filled.submit(filled.get("/import"), "", file=(io.BytesIO(b"{"), "art.json"))
    assert "There is no record in this file" in words(answer)


def test_practice_looks_real_says_so_and_leaves_no_trace(filled: Browser, world: World) -> None:
    before, asked = words(filled.get("/activity/")), len(world.web.requests)
    page = filled.get("/practice/fair")
    assert "This is practice." in words(page) and "Made-up College (practice)" in words(page)
    assert "What leaves" in words(page) and "Biology" in words(page)

    done = filled.submit(page, "/practice/fair", decision="share")

    assert heading(done) == "You would have shared it" and "Nothing left" in words(done)
    greedy = filled.submit(filled.get("/practice/greedy"), "/practice/greedy", decision="refuse")
    assert "Well spotted." in words(greedy)
    assert words(filled.get("/activity/")) == before and len(world.web.requests) == asked


def test_practice_with_nothing_says_what_is_missing(inside: Browser) -> None:
    assert "There is nothing to practice with yet" in words(inside.get("/practice/fair"))
    assert inside.get("/practice/other").status_code == 404 == inside.get("/practice/fair/maybe").status_code


def test_a_guardian_is_told_that_helpers_see_less(filled: Browser) -> None:
    page = filled.get("/with-me")
    assert heading(page) == "Shared with me" and "You see the whole record." in words(page)


def test_everything_is_said_in_spanish_too(app: Flask, filled: Browser) -> None:
    filled.language = "es"

    page = share(filled, "Biology")

    assert heading(page) == "Compartido con Roosevelt Middle School"


def test_a_record_leads_to_sharing_it(filled: Browser) -> None:
    page = filled.get("/shares/new")
    page = filled.get("/records/" + keys(page)["Art"])
    target = re.findall(r'href="(/shares/new\?record=[^"]+)"', page.text)[0]

    page = filled.get(target)

    assert re.findall(r'name="record"[^>]*value="([^"]*)" checked', page.text) == [keys(page)["Art"]]
