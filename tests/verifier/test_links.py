"""Links that families share: fetched from the wallet, opened here, checked, and told about when they lead nowhere."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text as sql

from credkit.baking import bake
from credkit.errors import FetchError, ParsingError, StateError
from credkit.ports import JSONObject
from credkit.protocols.share_link import new_share_link
from credkit.storage import open_engine, reading
from tests.support.world import OsRandomness
from tests.verifier.conftest import College, token_of
from tests.verifier.family import WALLET, Family, LinkHost
from ui.badges import badge_png, badge_svg
from ui.qr import qr_data_url
from verifier.services.shared import fetch_shared, is_link, is_picture

USED_UP = "This link is used up, too old, or was taken back. Whoever gave it to you can make a new one."
CUT_SHORT = "This is not a whole link to shared records."


@pytest.fixture
def bundle(college: College) -> JSONObject:
    record = college.school.sign(college.school.course(name="Algebra I"))
    return Family(college.world).bundle(record)


@pytest.fixture
def host(college: College) -> LinkHost:
    return LinkHost(college.world)


def pasted(college: College, text: str, client: FlaskClient | None = None) -> Any:
    return college.post(client or college.client(), "/", {"text": text})


def photographed(college: College, text: str) -> Any:
    client = college.client()
    picture = base64.b64decode(qr_data_url(text).partition(",")[2])
    form = {"csrf_token": token_of(client.get("/").text), "text": "", "file": (io.BytesIO(picture), "code.png")}
    return client.post("/", data=form, content_type="multipart/form-data")


def test_a_pasted_link_is_fetched_opened_and_checked(college: College, host: LinkHost, bundle: JSONObject) -> None:
    answer = pasted(college, f"  {host.share(bundle).url}\n")

    assert answer.status_code == 200
    assert "Nobody has changed this. Lincoln High School signed it." in answer.text
    assert "Algebra I" in answer.text
    assert "Fetched from the wallet at wallet.example." in answer.text
    assert "The family chose these records. This is not the whole record." in answer.text


def test_a_photo_of_the_code_will_do(college: College, host: LinkHost, bundle: JSONObject) -> None:
    assert "Algebra I" in photographed(college, host.share(bundle).url).text


def test_the_links_secret_is_neither_sent_nor_kept(college: College, host: LinkHost, bundle: JSONObject) -> None:
    link, client = host.share(bundle), college.signed_in()
    secret = link.url.partition("#")[2]

    assert pasted(college, link.url, client).status_code == 303

    sent = [(request.url, request.body) for request in college.world.web.requests]
    assert not any(secret in url or secret.encode() in body for url, body in sent)
    with reading(open_engine(college.services.config.database_url)) as connection:
        stories = str(connection.execute(sql("SELECT story FROM results")).all())
    assert secret not in stories and link.access not in stories and link.id not in stories


def test_a_used_up_link_says_who_can_give_a_new_one(college: College, host: LinkHost, bundle: JSONObject) -> None:
    link = host.share(bundle, views=1)
    assert pasted(college, link.url).status_code == 200

    again = pasted(college, link.url)

    assert again.status_code == 422
    assert USED_UP in again.text


@pytest.mark.parametrize("text", ["cut", "other", "request", "offer", "words"])
def test_an_address_that_is_no_whole_link_is_told(
    college: College, host: LinkHost, bundle: JSONObject, text: str
) -> None:
    links = {
        "cut": host.share(bundle).address,
        "other": "https://college.example/about",
        "request": "openid4vp://?client_id=x",
        "offer": "openid-credential-offer://?x=y",
        "words": "javascript:alert(1)",
    }
    before = len(college.world.web.requests)

    answer = pasted(college, links[text])

    assert answer.status_code == 422
    assert CUT_SHORT in answer.text
    assert len(college.world.web.requests) == before


def test_a_wallet_that_cannot_be_reached_is_told(college: College, host: LinkHost, bundle: JSONObject) -> None:
    link = host.share(bundle)
    college.world.web.unreachable(WALLET)

    answer = pasted(college, link.url)

    assert answer.status_code == 422
    assert "We could not reach the wallet behind this link." in answer.text


def test_what_the_wallet_changed_is_red(college: College, host: LinkHost, bundle: JSONObject) -> None:
    link = host.share(bundle)
    digest, sealed = host.kept[link.id]
    host.kept[link.id] = (digest, sealed[:-1] + bytes([sealed[-1] ^ 1]))

    answer = pasted(college, link.url)

    assert 'class="verdict verdict-fails"' in answer.text
    assert "Algebra I" not in answer.text


@pytest.mark.parametrize("name", ["badge.png", "badge.svg"])
def test_a_picture_that_carries_a_badge_will_do(college: College, name: str) -> None:
    drawn = badge_png("Algebra I", None) if name.endswith("png") else badge_svg("Algebra I", None)
    data = bake(drawn, json.dumps(college.school.sign(college.school.course(name="Algebra I"))))
    client = college.client()
    form = {"csrf_token": token_of(client.get("/").text), "text": "", "file": (io.BytesIO(data), name)}
    answer = client.post("/", data=form, content_type="multipart/form-data")
    assert "Algebra I" in answer.text and "<svg xmlns:openbadges" not in answer.text


def test_a_picture_without_a_code_asks_for_another(college: College) -> None:
    client = college.client()
    for content in (b"\x89PNG\r\n\x1a\n nothing", b"\xff\xd8\xff\xe0 broken"):
        form = {"csrf_token": token_of(client.get("/").text), "text": "", "file": (io.BytesIO(content), "code.png")}
        answer = client.post("/", data=form, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert "We found neither a badge nor a code in this picture." in answer.text


@pytest.mark.parametrize(
    "link",
    [
        "https://localhost/s/AAECAwQFBgcICQoLDA0ODw#" + "A" * 43,
        "https://127.0.0.1/s/AAECAwQFBgcICQoLDA0ODw#" + "A" * 43,
        "https://169.254.169.254/s/AAECAwQFBgcICQoLDA0ODw#" + "A" * 43,
        "https://[::1]/s/AAECAwQFBgcICQoLDA0ODw#" + "A" * 43,
    ],
)
def test_a_link_into_a_private_network_is_not_followed(college: College, link: str) -> None:
    before = len(college.world.web.requests)

    assert pasted(college, link).status_code == 422
    assert len(college.world.web.requests) == before


@pytest.mark.parametrize("status", [500, 302, 403])
def test_an_answer_that_is_none_is_could_not_reach(college: College, status: int) -> None:
    link = new_share_link("https://other.example", OsRandomness())
    college.world.web.serve_json(link.address, {}, status=status)

    with pytest.raises(FetchError):
        fetch_shared(link.url.encode(), college.world.web)


def test_only_whole_share_links_are_fetched(college: College) -> None:
    for raw in (b"", b"https://wallet.example", "https://wallet.example/s/ñ#x".encode()):
        with pytest.raises(ParsingError):
            fetch_shared(raw, college.world.web)
    with pytest.raises(StateError):
        fetch_shared(LinkHost(college.world).share({}, views=0).url.encode(), college.world.web)


def test_links_records_and_pictures_are_told_apart() -> None:
    assert is_link(b" https://wallet.example/s/x#y \n")
    for raw in (b"", b"{}", b'{"id": "https://a.example"}', b"a.b.c", b"https://a.example b", b"\x89PNG\r\n\x1a\n"):
        assert not is_link(raw)
    assert is_picture(b"RIFF\x00\x00\x00\x00WEBPVP8 ") and is_picture(b"\xff\xd8\xff\xe1")
    assert not is_picture(b"RIFF\x00\x00\x00\x00WAVE") and not is_picture(b"{}")


@pytest.mark.parametrize(("language", "said"), [
    ("en", "A part that the standard asks for is missing: what one has to do for it."),
    ("es", "Falta una parte que pide la norma: lo que hay que hacer para conseguirlo.")])
def test_a_page_says_what_was_noticed(college: College, language: str, said: str) -> None:
    badge = college.school.course(name="Algebra I")
    del badge["credentialSubject"]["achievement"]["criteria"]
    client = college.client()
    form = {"csrf_token": token_of(client.get("/").text), "text": json.dumps(college.school.sign(badge))}
    assert said in client.post("/", data=form, headers={"Accept-Language": language}).text
