"""The pages for requests of any verifier: who asks, how sure that is, and where one goes on."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from credkit.jose import decrypt_direct, generate_encryption_key, sign_compact
from credkit.ports import JSONObject
from credkit.protocols.oid4vp import v1_0 as vp
from credkit.x509 import hash_of
from tests.support.certificates import Issued, authority, leaf
from tests.support.world import NOW
from tests.wallet.offices import TITLE_AND_GRADE, AskingCollege, OfferingSchool
from tests.wallet.web.browser import Browser, heading, words
from tests.wallet.web.test_pages import page_of
from wallet.bootstrap import Services

ROOT = authority(NOW)
COLLEGE = leaf(NOW, ROOT, ["college.example"], name="Springfield College")
SEALING = generate_encryption_key("k1")


@pytest.fixture
def filled(inside: Browser, school: OfferingSchool) -> Browser:
    """A browser on a backpack with one course."""
    inside.submit(inside.get(page_of(school.offer(school.course(1, "Biology"), tx_code=None))), decision="take")
    return inside


@pytest.fixture
def trusting(services: Services) -> None:
    """The wallet trusts our authority."""
    services.presenting.environment.anchors.__dict__["certificates"] = (ROOT.certificate,)


def link_of(college: AskingCollege, client_id: str, issued: Issued | None = None, **changes: Any) -> str:
    college.ask(*TITLE_AND_GRADE)
    payload: JSONObject = {
        "client_id": client_id, "response_type": "vp_token", "response_mode": "direct_post", "nonce": college.nonce,
        "state": "state-1", "response_uri": college.origin + "/response", "dcql_query": college.query,
        "aud": "https://self-issued.me/v2",
        "client_metadata": {"client_name": "Harvard", "vp_formats_supported": {}}, **changes}
    if issued is None:
        return "openid4vp://?" + urlencode({
            name: json.dumps(value) if isinstance(value, dict) else value for name, value in payload.items()})
    request = sign_compact(payload, issued.signer, typ=vp.REQUEST_OBJECT_TYPE, header={"x5c": [issued.x5c]})
    return "openid4vp://?" + urlencode({"client_id": client_id, "request": request})


BY_NAME = "x509_san_dns:college.example"
BY_HASH = "x509_hash:" + hash_of(COLLEGE.der)
BY_ADDRESS = "redirect_uri:https://college.example/response"


@pytest.mark.spec("security.md", "E07")
@pytest.mark.parametrize(("language", "client_id", "issued", "sure"), [
    ("en", BY_NAME, COLLEGE, "A certificate that is trusted here says that college.example asks"),
    ("es", BY_HASH, COLLEGE, "Un certificado en el que aquí se confía dice que pide college.example"),
    ("en", BY_ADDRESS, None, "Nobody signed this request."), ("es", BY_ADDRESS, None, "Nadie firmó esta petición."),
], ids=["name-en", "hash-es", "address-en", "address-es"])
def test_the_page_says_who_asks_and_how_sure_that_is(
        filled: Browser, college: AskingCollege, trusting: None, language: str, client_id: str, issued: Issued | None,
        sure: str) -> None:
    filled.language = language

    page = filled.get(page_of(link_of(college, client_id, issued), "/request"))

    assert sure in words(page) and "college.example" in heading(page)
    assert ("Harvard" in page.text) == (issued is not None)


def test_where_the_answer_goes_is_told_if_it_is_not_who_asks(
        filled: Browser, college: AskingCollege, trusting: None) -> None:
    link = link_of(college, BY_HASH, COLLEGE, response_uri="https://broker.example/response")

    page = filled.get(page_of(link, "/request"))

    assert "says that college.example asks" in words(page)
    assert "Your answer would go to broker.example." in words(page)


def test_a_certificate_that_nobody_trusted_vouches_for_opens_no_page(filled: Browser, college: AskingCollege) -> None:
    page = filled.get(page_of(link_of(college, BY_NAME, COLLEGE), "/request"))

    assert page.status_code in (400, 409, 410, 422) and college.sent == []


def test_an_unsigned_request_is_answered_sealed_for_its_key(filled: Browser, college: AskingCollege) -> None:
    public = {name: value for name, value in SEALING.items() if name != "d"}
    bodies: list[bytes] = []
    college.answers["/response"] = (200, b'{"redirect_uri": "https://elsewhere.example/done"}')
    link = link_of(college, BY_ADDRESS, response_mode="direct_post.jwt", client_metadata={"jwks": {"keys": [public]}})

    sheet = filled.get(page_of(link, "/request"))
    page = filled.submit(sheet, page_action(sheet), decision="share")

    bodies += [request.body for request in college.world.web.requests if request.url.endswith("/response")]
    (form,) = bodies
    assert form.startswith(b"response=ey") and b"vp_token" not in form
    answer = json.loads(decrypt_direct(form.decode().partition("=")[2], SEALING))
    assert set(answer) == {"vp_token", "state"} and answer["state"] == "state-1"
    (presentation,) = answer["vp_token"]["records"]
    assert presentation["proof"]["domain"] == BY_ADDRESS and presentation["proof"]["challenge"] == college.nonce
    assert heading(page) == "Shared with college.example"
    assert "go on at elsewhere.example" in words(page) and 'href="https://elsewhere.example/done"' in page.text


def page_action(page: Any) -> str:
    """The sheet's own form."""
    return str(page.request.path)
