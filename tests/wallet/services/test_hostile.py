"""Whatever a stranger's server answers: one typed error, and the backpack is as it was."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from credkit.errors import CredkitError
from tests.support.world import World
from tests.wallet.offices import TITLE_AND_GRADE, AskingCollege, OfferingSchool
from tests.wallet.support import items_of
from wallet.bootstrap import Services
from wallet.services.sharing.links import read_link
from wallet.vault import OpenVault

BODIES = {
    "empty": b"", "binary": bytes(range(256)), "truncated": b'{"credential_issuer": "https://sch', "text": b'"text"',
    "number": b"7", "null": b"null", "array": b"[]", "object": b"{}", "10 MB": b"[" + b"1," * 5_000_000 + b"1]",
    "deep": b"[" * 100_000 + b"]" * 100_000, "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "UTF-16": '{"a": 1}'.encode("utf-16"), "byte order mark": b"\xef\xbb\xbf{}", "NaN": b'{"a": NaN}',
    "twice": b'{"c_nonce": "a", "c_nonce": "b"}', "surrogate": b'{"c_nonce": "\\ud800"}', "html": b"<html></html>",
}
RESOLVE_PATHS = ("/offers/0", "/.well-known/openid-credential-issuer", "/.well-known/oauth-authorization-server")
OFFER_PATHS = (*RESOLVE_PATHS, "/token", "/nonce", "/credential")
WRONG = (None, True, 7, 1.5, "", "x", [], {}, [[]], [None], {"x": None}, "\u0000", "https://evil.example",
         "a" * 100_000)


def take(services: Services, vault: OpenVault, link: str) -> None:
    resolved = services.receiving.resolve_offer(link)
    issued = services.receiving.accept_offer(vault, resolved, tx_code="4711")
    if issued.problem is not None:
        raise issued.problem


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("path", OFFER_PATHS)
def test_an_issuer_that_answers_nonsense(
        services: Services, vault: OpenVault, school: OfferingSchool, path: str, body: bytes) -> None:
    link = school.offer(school.course(1, "Biology"))
    school.answers[path] = (200, body)

    with pytest.raises(CredkitError):
        take(services, vault, link)

    assert [head for head in items_of(vault) if head not in issuances(services, vault)] == []


@pytest.mark.parametrize("path", OFFER_PATHS)
def test_an_issuer_that_refuses_or_is_not_there(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World, path: str) -> None:
    link = school.offer(school.course(1, "Biology"))
    for status, body in ((301, b""), (400, b'{"error": "invalid_grant"}'), (404, b""), (410, b"gone"), (500, b"\xff"),
                         (429, b"{}"), (503, b'{"error": 7}')):
        school.answers[path] = (status, body)
        with pytest.raises(CredkitError):
            take(services, vault, link)
    assert [head for head in items_of(vault) if head not in issuances(services, vault)] == []

    world.web.unreachable(school.origin)
    with pytest.raises(CredkitError):
        take(services, vault, link)


def issuances(services: Services, vault: OpenVault) -> list[tuple[str, int]]:
    """A set whose issuer stopped answering may be gone on with: that is no change to the records."""
    return [(each.id, 1) for each in services.receiving.unfinished(vault)]


def document_of(world: World, school: OfferingSchool, path: str) -> object:
    fetch: Callable[[str], object] = {
        "/token": lambda url: {"access_token": "t", "token_type": "bearer", "expires_in": 300,
                               "authorization_details": [{
                                   "type": "openid_credential", "credential_configuration_id": "course",
                                   "credential_identifiers": ["x"]}]},
        "/nonce": lambda url: {"c_nonce": "abc"},
        "/credential": lambda url: {"credentials": [{"credential": {"type": ["VerifiableCredential"]}}]},
    }.get(path, lambda url: json.loads(world.web.get(url).body))
    return fetch(school.origin + path)


@pytest.mark.parametrize("path", OFFER_PATHS)
def test_wrong_types_at_every_member_of_every_answer(
        services: Services, vault: OpenVault, school: OfferingSchool, world: World, path: str) -> None:
    link = school.offer(school.course(1, "Biology"))
    document = document_of(world, school, path)
    for place in places(document):
        for wrong in WRONG:
            school.offers[0].redeemed = False
            school.answers[path] = (200, json.dumps(replaced(document, place, wrong)).encode())
            try:
                services.receiving.resolve_offer(link) if path in RESOLVE_PATHS else take(services, vault, link)
            except CredkitError:
                continue

    school.answers.clear()
    assert {line.type for line in vault._space.mine().values()} <= {
        "issuance", "credential", "activity", "status-list"}


def places(node: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [place] if place else []
    if isinstance(node, dict):
        for name, item in node.items():
            found += places(item, (*place, name))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            found += places(item, (*place, index))
    return found


def replaced(node: object, place: tuple[str | int, ...], value: object) -> object:
    if not place:
        return value
    if isinstance(node, dict):
        return {name: replaced(item, place[1:], value) if name == place[0] else item for name, item in node.items()}
    assert isinstance(node, list)
    return [replaced(item, place[1:], value) if index == place[0] else item for index, item in enumerate(node)]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_an_asker_that_answers_nonsense(
        services: Services, vault: OpenVault, college: AskingCollege, body: bytes) -> None:
    link = college.ask(*TITLE_AND_GRADE)
    for path in ("/request/1", "/.well-known/did.json"):
        college.answers = {path: (200, body)}
        with pytest.raises(CredkitError):
            services.inbox.receive_request(vault, link)

    assert items_of(vault) == [] and college.sent == []


def test_a_request_that_is_gone_or_was_answered(services: Services, vault: OpenVault, college: AskingCollege,
                                                world: World) -> None:
    link = college.ask(*TITLE_AND_GRADE)
    for status in (400, 404, 409, 410, 500):
        college.answers["/request/1"] = (status, b'{"error": "invalid_request"}')
        with pytest.raises(CredkitError):
            services.inbox.receive_request(vault, link)
    world.web.unreachable(college.origin)
    with pytest.raises(CredkitError):
        services.inbox.receive_request(vault, link)

    assert items_of(vault) == []


LINKS = ["", " ", "x", "https://", "https://school.example", "https://school.example/?a=b", "openid-credential-offer://",
         "openid-credential-offer://?credential_offer=", "openid-credential-offer://?credential_offer=%ff",
         "openid-credential-offer://?credential_offer={",
         "openid-credential-offer://?credential_offer_uri=http://10.0.0.1/",
         "openid-credential-offer://?credential_offer_uri=file:///etc/passwd",
         "openid-credential-offer://?credential_offer_uri=https://a.example&credential_offer_uri=https://b.example",
         "openid4vp://?client_id=x", "openid4vp://?client_id=redirect_uri:https://a.example&request_uri=https://a.example",
         "openid4vp://?client_id=decentralized_identifier:did:web:a.example&request=a.b.c", "javascript:alert(1)",
         "openid-credential-offer://?credential_offer=" + "[" * 20_000, "https://x/?" + "a" * 40_000, "\x00\ud800"]


@pytest.mark.parametrize("link", LINKS, ids=range(len(LINKS)))
def test_a_link_that_leads_to_nothing(services: Services, vault: OpenVault, world: World, link: str) -> None:
    for act in (read_link, services.receiving.resolve_offer, services.presenting.resolve_request):
        try:
            act(link)
        except CredkitError:
            continue
        assert act is read_link

    assert items_of(vault) == [] and not any("passwd" in request.url or "10.0.0" in request.url
                                             for request in world.web.requests)
