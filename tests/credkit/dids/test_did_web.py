"""did:web: the document lies on a host that anybody can run (security.md D05)."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.dids import Resolver, build_did_document, did_web_of, web_document_url
from credkit.errors import (
    DidNotFoundError,
    FetchError,
    InvalidDidDocumentError,
    InvalidDidError,
    TooLargeError,
    UnsafeUrlError,
)
from tests.credkit.dids.school import DID, ED25519, P256, URL, Clock, document
from tests.support.fakeweb import FakeWeb


@pytest.mark.spec("DID-WEB", "#read-resolve")
@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:xn--mller-kva.example", "https://xn--mller-kva.example/.well-known/did.json"),
        ("did:web:school.example:a%20b:c_d-e.f", "https://school.example/a%20b/c_d-e.f/did.json"),
    ],
)
def test_a_did_web_names_its_document(did: str, url: str) -> None:
    assert web_document_url(did, allow_loopback=False) == url


@pytest.mark.parametrize(
    ("origin", "did", "url"),
    [
        ("https://school.example", DID, URL),
        ("http://localhost:8001", "did:web:localhost%3A8001", "http://localhost:8001/.well-known/did.json"),
        ("http://127.0.0.1:8001", "did:web:127.0.0.1%3A8001", "http://127.0.0.1:8001/.well-known/did.json"),
        ("http://[::1]:8001", "did:web:%5B%3A%3A1%5D%3A8001", "http://[::1]:8001/.well-known/did.json"),
    ],
)
def test_an_origin_has_a_did_that_leads_back_to_it(origin: str, did: str, url: str) -> None:
    assert did_web_of(origin) == did
    assert web_document_url(did, allow_loopback=True) == url


@pytest.mark.parametrize(
    "origin",
    [
        "school.example",
        "https://school.example/",
        "https://School.example",
        "ftp://a.example",
        "https://a.example/x",
        "https://u@a.example",
        "https://a.example#x",
        "",
    ],
)
def test_what_is_no_origin_has_no_did(origin: str) -> None:
    with pytest.raises(InvalidDidError):
        did_web_of(origin)


TRICKS = [
    "did:web:",
    "did:web::",
    "did:web:school.example:",
    "did:web:school.example::x",
    "did:web::school.example",
    "did:web:.",
    "did:web:..",
    "did:web:school.example.",
    "did:web:.school.example",
    "did:web:school..example",
    "did:web:-school.example",
    "did:web:school-.example",
    "did:web:" + "a" * 64 + ".example",
    "did:web:" + "a.b." * 70 + "example",
    "did:web:localhost",
    "did:web:localhost%3A8001",
    "did:web:LOCALHOST%3A8001",
    "did:web:foo.localhost",
    "did:web:school",
    "did:web:printer.local",
    "did:web:db.internal",
    "did:web:1.0.0.127.in-addr.arpa",
    "did:web:127.0.0.1",
    "did:web:127.0.0.1%3A8001",
    "did:web:10.0.0.1",
    "did:web:8.8.8.8",
    "did:web:2130706433",
    "did:web:127.1",
    "did:web:0x7f000001",
    "did:web:0x7f.1",
    "did:web:0177.0.0.1",
    "did:web:school.0x1",
    "did:web:school.1",
    "did:web:%5B%3A%3A1%5D",
    "did:web:%5B%3A%3A1%5D%3A8001",
    "did:web:%5Bfe80%3A%3A1%5D",
    "did:web:[::1]",
    "did:web:school.example%3A",
    "did:web:school.example%3A0443",
    "did:web:school.example%3A443443",
    "did:web:school.example%3Ax",
    "did:web:school.example%3A-1",
    "did:web:school.example%3A80%3A90",
    "did:web:school.example%2F",
    "did:web:a%2F..",
    "did:web:a.example%2F..%2Fb",
    "did:web:user%40school.example",
    "did:web:user@school.example",
    "did:web:school.example%23x",
    "did:web:school.example%3Fx",
    "did:web:school.example%00",
    "did:web:school.example%0d%0aX",
    "did:web:school%2Eexample",
    "did:web:school.example:.",
    "did:web:school.example:..",
    "did:web:school.example:...",
    "did:web:school.example:..:x",
    "did:web:school.example:%2e%2e",
    "did:web:school.example:%2E%2E:x",
    "did:web:school.example:.%2e",
    "did:web:school.example:a%2Fb",
    "did:web:school.example:a%2fb",
    "did:web:school.example:a%5Cb",
    "did:web:school.example:a%3Fb",
    "did:web:school.example:a%23b",
    "did:web:school.example:a%00b",
    "did:web:school.example:a%0Ab",
    "did:web:school.example:a%252Fb",
    "did:web:school.example:a%",
    "did:web:school.example:a%2",
    "did:web:school.example:a%zz",
    "did:web:school.example:a/b",
    "did:web:school.example/a",
    "did:web:school.example?a",
    "did:web:school.example#a",
    "did:web:school.example:a b",
    "did:web:school.example\n",
    "did:web:School.example",
    "did:web:school.EXAMPLE",
    "did:web:sch\u043eol.example",
    "did:web:m\u00fcller.example",
    "did:web:school\u3002example",
    "did:web:\uff53chool.example",
    "did:web:school.example\u200b",
    "did:web:xn--.example-",
    "did:web:\u2460.0.0.1",
    "did:web:https://school.example",
    "did:web:https%3A%2F%2Fschool.example",
    "did:web:file%3A%2F%2F%2Fetc%2Fpasswd",
    "did:web:school.example\\@other.example",
    "DID:WEB:school.example",
]


@pytest.mark.parametrize("did", TRICKS)
def test_a_did_web_that_could_lead_elsewhere_is_refused_before_anything_is_fetched(
    resolver: Resolver, web: FakeWeb, did: str
) -> None:
    with pytest.raises(InvalidDidError):
        resolver.resolve(did)
    assert web.requests == []


def test_a_did_web_on_another_port_could_not_be_checked(resolver: Resolver) -> None:
    with pytest.raises(UnsafeUrlError):
        resolver.resolve("did:web:school.example%3A8443")


def test_in_development_this_machine_may_speak_https_too(web: FakeWeb, clock: Clock) -> None:
    did = did_web_of("https://localhost:8001")
    web.serve_json("https://localhost:8001/.well-known/did.json", build_did_document(did, []))
    assert Resolver(web, clock, allow_loopback=True).resolve(did).id == did


def test_localhost_is_spoken_to_in_development_alone(web: FakeWeb, clock: Clock) -> None:
    did = did_web_of("http://localhost:8001")
    web.serve_json(
        "http://localhost:8001/.well-known/did.json",
        build_did_document(did, [("k", P256.public_key, ["assertionMethod"])]),
    )

    found = Resolver(web, clock, allow_loopback=True).resolve(did)

    assert found.verification_method("#k", "assertionMethod").public_key == P256.public_key
    with pytest.raises(InvalidDidError):
        Resolver(web, clock).resolve(did)
    with pytest.raises(InvalidDidError):
        Resolver(web, clock).resolve("http://localhost:8001/.well-known/did.json")


def test_a_school_lists_two_keys(resolver: Resolver, web: FakeWeb) -> None:
    web.serve_json(URL, document())
    found = resolver.resolve(DID)

    assert found.verification_method(DID + "#ed25519", "assertionMethod").public_key == ED25519.public_key
    assert found.verification_method("#p256", "assertionMethod").public_key == P256.public_key
    assert found.document == document()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/did+json",
        "application/did+ld+json",
        "application/ld+json; charset=utf-8",
        "text/plain; charset=utf-8",
        "Application/JSON",
    ],
)
def test_the_usual_content_types_are_read(resolver: Resolver, web: FakeWeb, content_type: str) -> None:
    web.serve_json(URL, document(), content_type=content_type)

    assert resolver.resolve(DID).id == DID


@pytest.mark.parametrize("content_type", ["text/html", "image/png", "application/javascript", "application/jsonp", ""])
def test_a_page_is_no_document(resolver: Resolver, web: FakeWeb, content_type: str) -> None:
    web.serve_json(URL, document(), content_type=content_type)

    with pytest.raises(FetchError):
        resolver.resolve(DID)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ...},
        {"id": None},
        {"id": 7},
        {"id": [DID]},
        {"id": {"id": DID}},
        {"id": ""},
        {"id": "did:web:other.example"},
        {"id": DID + "#"},
        {"id": DID + ":"},
        {"id": DID.upper()},
        {"id": URL},
        {"id": DID + " "},
        {"id": "did:web:school.example."},
        {"id": "did:web:school.example%3A443"},
    ],
)
def test_a_document_of_somebody_else_is_refused(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, document(**changes))

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'"text"',
        b"[" * 100_000,
        b'{"id":"x","id":"' + DID.encode() + b'"}',
        b'{"id":NaN}',
        b"<!doctype html>",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_document_that_cannot_be_read_is_refused(resolver: Resolver, web: FakeWeb, body: bytes) -> None:
    web.serve_json(URL, body)

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, DidNotFoundError),
        (410, DidNotFoundError),
        (301, FetchError),
        (302, FetchError),
        (400, FetchError),
        (403, FetchError),
        (500, FetchError),
        (503, FetchError),
        (204, FetchError),
        (206, FetchError),
    ],
)
def test_a_host_without_the_document_could_not_be_checked(
    resolver: Resolver, web: FakeWeb, status: int, error: type[Exception]
) -> None:
    web.serve_json(URL, document(), status=status)

    with pytest.raises(error):
        resolver.resolve(DID)


def test_an_oversized_document_could_not_be_checked(resolver: Resolver, web: FakeWeb) -> None:
    web.serve_json(URL, document(padding="x" * 300_000))

    with pytest.raises(TooLargeError):
        resolver.resolve(DID)
