"""The pages for issuers that let people in on a page of their own, or make a record later."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug.wrappers import Request, Response

from credkit.errors import ProtocolError, UnsupportedError
from credkit.protocols.oid4vci import messages, v1_0
from tests.support.world import World
from tests.wallet.offices import OfferingSchool, as_json
from tests.wallet.web.browser import Browser, heading, words
from tests.wallet.web.test_pages import page_of
from wallet.bootstrap import Services
from wallet.services.record.library import shelf
from wallet.vault import OpenVault


class AskingSchool(OfferingSchool):
    """A school that asks who comes, on a page of its own; ``later``: it makes the record on the second asking."""

    later = False
    asked = 0
    server: dict[str, Any] = {}
    spent: dict[str, str] | None = None

    def answer(self, request: Request) -> Response:
        if request.path == "/deferred":
            return self.deferred(request)
        return super().answer(request)

    def server_metadata(self, request: Request) -> Response:
        return as_json({
            "issuer": self.origin, "token_endpoint": self.origin + "/token",
            "authorization_endpoint": self.origin + "/authorize", "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True, **self.server})

    def metadata(self, request: Request) -> Response:
        document = json.loads(super().metadata(request).get_data())
        return as_json({**document, "deferred_credential_endpoint": self.origin + "/deferred"})

    def token(self, request: Request) -> Response:
        self.spent = {name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()}
        if self.spent.get("code") != "c-1":
            raise ProtocolError("invalid_grant", "the code is not valid")
        for number, record in enumerate(self.offers[-1].records):
            self.named[str(number)] = record
        details = [messages.AuthorizationDetail(name, tuple(
            number for number, record in self.named.items() if record[0] == name))
            for name in dict.fromkeys(name for name, _ in self.offers[-1].records)]
        return as_json(v1_0.build_token_response(messages.TokenResponse("token-1", "bearer", 300, tuple(details))))

    def credential(self, request: Request) -> Response:
        asked = v1_0.parse_credential_request(request.get_data())
        header, payload = v1_0.PROOF_TYPE, asked.proofs[0]
        assert header and isinstance(payload, str)
        did = json.loads(_decoded(payload.split(".")[0]))["kid"].partition("#")[0]
        assert self.spent is not None
        assert json.loads(_decoded(payload.split(".")[1]))["iss"] == self.spent["client_id"]
        self.made = self.named[asked.credential_identifier or ""][1](did)
        if self.later:
            return as_json({"transaction_id": "t-1", "interval": 60}, 202)
        return as_json({"credentials": [{"credential": self.made}]})

    def deferred(self, request: Request) -> Response:
        assert json.loads(request.get_data()) == {"transaction_id": "t-1"}
        self.asked += 1
        if self.asked < 2:
            return as_json({"transaction_id": "t-1", "interval": 60}, 202)
        return as_json({"credentials": [{"credential": self.made}]})

    def show_offer(self, offered: Any) -> Response:
        names = tuple(dict.fromkeys(name for name, _ in offered.records))
        return as_json(v1_0.build_offer(messages.CredentialOffer(
            self.origin, names, None, messages.AuthorizationCodeGrant("i-1"))))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.fixture
def asking(world: World) -> AskingSchool:
    return AskingSchool(world)


def begin(browser: Browser, school: AskingSchool) -> dict[str, str]:
    """Take the offer; what the browser is sent to the school with."""
    page = browser.get(page_of(school.offer(school.course(1, "Biology"))))
    assert "You will be sent to a page of school.example first" in words(page)
    assert "form-action 'self' https://school.example" in page.headers["Content-Security-Policy"]
    sent = browser.submit(page, decision="take")
    target = urlsplit(sent.headers["Location"])
    assert (sent.status_code, target.netloc, target.path) == (303, "school.example", "/authorize")
    return {name: values[0] for name, values in parse_qs(target.query).items()}


def back(browser: Browser, **parameters: str) -> Any:
    return browser.get("/offer/return?" + urlencode(parameters))


@pytest.mark.spec("OID4VCI-1.0", "#authorization-endpoint")
def test_a_record_comes_after_the_schools_own_page(inside: Browser, asking: AskingSchool) -> None:
    sent = begin(inside, asking)
    assert (sent["redirect_uri"], sent["client_id"], sent["issuer_state"]) == (
        "https://wallet.example/offer/return", "https://wallet.example", "i-1")

    page = back(inside, code="c-1", state=sent["state"], iss=asking.origin)

    assert "Biology" in heading(page)
    assert asking.spent is not None and asking.spent["redirect_uri"] == sent["redirect_uri"]
    assert "tx_code" not in asking.spent and len(asking.spent["code_verifier"]) == 43


@pytest.mark.spec("security.md", "E09")
@pytest.mark.parametrize("change", [
    {"iss": "https://evil.example"}, {"iss": None}, {"state": "other"}, {"state": None}, {"code": None},
    {"error": "access_denied"}])
def test_any_other_answer_takes_nothing_and_spends_no_code(
        inside: Browser, asking: AskingSchool, change: dict[str, str | None]) -> None:
    sent = begin(inside, asking)
    answer = {"code": "c-1", "state": sent["state"], "iss": asking.origin, **change}

    page = back(inside, **{name: value for name, value in answer.items() if value is not None})

    assert page.status_code < 500 and asking.spent is None
    assert "error" not in change or "Nothing was taken" in words(page)
    assert "Biology" not in words(inside.get("/"))


def test_an_answer_counts_once(inside: Browser, asking: AskingSchool) -> None:
    sent = begin(inside, asking)
    answer = {"code": "c-1", "state": sent["state"], "iss": asking.origin}
    back(inside, **answer)
    asking.spent = None

    assert back(inside, **answer).status_code == 409 and asking.spent is None


@pytest.mark.spec("OID4VCI-1.0", "#deferred-credential-endpoint")
def test_a_record_that_is_made_later_waits_in_the_inbox(
        inside: Browser, asking: AskingSchool, world: World) -> None:
    asking.later = True
    sent = begin(inside, asking)
    page = back(inside, code="c-1", state=sent["state"], iss=asking.origin)
    assert "has not made the rest yet" in words(page) or "has not made the rest yet" in page.text
    path = page.request.path
    assert "You can ask again from" in words(inside.get(path))

    inside.submit(inside.get(path))
    assert asking.asked == 0
    for _ in range(2):
        world.clock.advance(seconds=61)
        page = inside.submit(inside.get(path))

    assert asking.asked == 2 and "Biology" in heading(page)


@pytest.mark.spec("security.md", "E09")
def test_another_servers_token_must_be_of_no_use_to_the_school(
        services: Services, vault: OpenVault, asking: AskingSchool, world: World) -> None:
    """A school that sends people to an honest server could carry off what that gives, unless it is bound to us."""
    honest = "https://honest.example"
    link = asking.offer(asking.course(1, "Biology"))
    document = json.loads(world.web.get(asking.origin + "/.well-known/openid-credential-issuer").body)
    asking.answers["/.well-known/openid-credential-issuer"] = (
        200, json.dumps({**document, "authorization_servers": [honest]}).encode())
    server = {"issuer": honest, "token_endpoint": honest + "/token", "authorization_endpoint": honest + "/authorize"}
    world.web.serve_json(honest + "/.well-known/oauth-authorization-server", server)
    with pytest.raises(UnsupportedError):
        services.receiving.resolve_offer(link)

    world.web.serve_json(honest + "/.well-known/oauth-authorization-server", {
        **server, "dpop_signing_alg_values_supported": ["ES256"]})
    world.web.serve_json(honest + "/token", {"access_token": "t", "token_type": "bearer"})
    resolved = services.receiving.resolve_offer(link)
    url = services.receiving.begin_login(vault, resolved, redirect_uri="https://wallet.example/offer/return")
    state = parse_qs(urlsplit(url).query)["state"][0]
    with pytest.raises(ProtocolError) as caught:
        services.receiving.finish_login(vault, {"code": "c-1", "state": state, "iss": honest})

    assert caught.value.error == "invalid_token_response"
    assert not any(request.url == asking.origin + "/credential" for request in world.web.requests)


GARBAGE = (b"", b"[]", b"null", b'{"a":', b"\xff\xfe", b"{}", b'{"request_uri": 7, "access_token": [], "c_nonce": {}}',
           b'{"request_uri": "", "access_token": "t", "token_type": {}, "credentials": {"credential": 1}}',
           b'{"credentials": [{"credential": []}], "transaction_id": [], "interval": "60"}')


@pytest.mark.parametrize(("path", "status"), [
    *((path, status) for path in ("/par", "/token", "/nonce", "/credential") for status in (200, 400, 500)),
    ("/deferred", 200), ("/deferred", 400)])
def test_answers_that_are_none_give_a_typed_error_and_nothing_is_kept(
        services: Services, vault: OpenVault, asking: AskingSchool, world: World, path: str, status: int) -> None:
    asking.later = True
    if path == "/par":
        asking.server = {"pushed_authorization_request_endpoint": asking.origin + "/par"}
    receiving, redirect_uri = services.receiving, "https://wallet.example/offer/return"
    resolved = receiving.resolve_offer(asking.offer(asking.course(1, "Biology")))
    for body in GARBAGE:
        asking.answers[path] = (status, body)
        with pytest.raises((ProtocolError, UnsupportedError)):
            url = receiving.begin_login(vault, resolved, redirect_uri=redirect_uri)
            state = parse_qs(urlsplit(url).query)["state"][0]
            issued = receiving.finish_login(vault, {"code": "c-1", "state": state, "iss": asking.origin})
            world.clock.advance(seconds=61)
            receiving.collect_rest(vault, str(issued.issuance_id))
        assert shelf(vault).all() == () and receiving.unfinished(vault) == ()


def test_trouble_at_the_school_loses_no_record_that_was_promised(
        services: Services, vault: OpenVault, asking: AskingSchool, world: World) -> None:
    asking.later = True
    receiving, redirect_uri = services.receiving, "https://wallet.example/offer/return"
    url = receiving.begin_login(vault, receiving.resolve_offer(asking.offer(asking.course(1, "Biology"))),
                                redirect_uri=redirect_uri)
    state = parse_qs(urlsplit(url).query)["state"][0]
    issued = receiving.finish_login(vault, {"code": "c-1", "state": state, "iss": asking.origin})
    asking.answers["/deferred"] = (503, b"<html>")
    world.clock.advance(seconds=61)
    assert receiving.collect_rest(vault, str(issued.issuance_id)).problem is not None

    del asking.answers["/deferred"]
    asking.asked = 1

    assert len(receiving.collect_rest(vault, str(issued.issuance_id)).stored) == 1
