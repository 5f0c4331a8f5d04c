"""did:web and https documents: found on a host that anybody can run (security.md A06, D05, D09)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from credkit.dids import RELATIONSHIPS, Resolver, build_did_document, did_web_of, web_document_url
from credkit.errors import (
    CryptographicSecurityError,
    DidNotFoundError,
    FetchError,
    InvalidDidDocumentError,
    InvalidDidError,
    IssuerBindingError,
    TooLargeError,
    UnsafeUrlError,
    UnsupportedError,
)
from credkit.keys import KEY_TYPES, SoftwareSigner
from credkit.ports import Response
from tests.support.fakeweb import FakeWeb

DID = "did:web:school.example"
URL = "https://school.example/.well-known/did.json"
ED25519 = SoftwareSigner.from_secret("Ed25519", bytes(31) + b"\x07")
P256 = SoftwareSigner.from_secret("P-256", bytes(31) + b"\x07")


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 26, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def web() -> FakeWeb:
    return FakeWeb(allow_loopback=True)


@pytest.fixture
def resolver(web: FakeWeb, clock: Clock) -> Resolver:
    return Resolver(web, clock)


def document(**changes: Any) -> dict[str, Any]:
    built = build_did_document(DID, [("ed25519", ED25519.public_key, ["assertionMethod", "authentication"]),
                                     ("p256", P256.public_key, ["assertionMethod"])])
    return {name: value for name, value in {**built, **changes}.items() if value is not ...}


def method(**changes: Any) -> dict[str, Any]:
    built = {"id": DID + "#ed25519", "type": "Multikey", "controller": DID,
             "publicKeyMultibase": ED25519.public_key_multibase}
    return {name: value for name, value in {**built, **changes}.items() if value is not ...}


def with_method(**changes: Any) -> dict[str, Any]:
    return document(verificationMethod=[method(**changes)])


@pytest.mark.spec("DID-WEB", "#read-resolve")
@pytest.mark.parametrize(("did", "url"), [
    ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
    ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
    ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
    ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
    ("did:web:xn--mller-kva.example", "https://xn--mller-kva.example/.well-known/did.json"),
    ("did:web:school.example:a%20b:c_d-e.f", "https://school.example/a%20b/c_d-e.f/did.json"),
])
def test_a_did_web_names_its_document(did: str, url: str) -> None:
    assert web_document_url(did, allow_loopback=False) == url


@pytest.mark.parametrize(("origin", "did", "url"), [
    ("https://school.example", DID, URL),
    ("http://localhost:8001", "did:web:localhost%3A8001", "http://localhost:8001/.well-known/did.json"),
    ("http://127.0.0.1:8001", "did:web:127.0.0.1%3A8001", "http://127.0.0.1:8001/.well-known/did.json"),
    ("http://[::1]:8001", "did:web:%5B%3A%3A1%5D%3A8001", "http://[::1]:8001/.well-known/did.json"),
])
def test_an_origin_has_a_did_that_leads_back_to_it(origin: str, did: str, url: str) -> None:
    assert did_web_of(origin) == did
    assert web_document_url(did, allow_loopback=True) == url


@pytest.mark.parametrize("origin", ["school.example", "https://school.example/", "https://School.example", "ftp://a.example",
                                    "https://a.example/x", "https://u@a.example", "https://a.example#x", ""])
def test_what_is_no_origin_has_no_did(origin: str) -> None:
    with pytest.raises(InvalidDidError):
        did_web_of(origin)


TRICKS = [
    "did:web:", "did:web::", "did:web:school.example:", "did:web:school.example::x", "did:web::school.example",
    "did:web:.", "did:web:..", "did:web:school.example.", "did:web:.school.example", "did:web:school..example",
    "did:web:-school.example", "did:web:school-.example", "did:web:" + "a" * 64 + ".example", "did:web:" + "a.b." * 70 + "example",
    "did:web:localhost", "did:web:localhost%3A8001", "did:web:LOCALHOST%3A8001", "did:web:foo.localhost", "did:web:school",
    "did:web:printer.local", "did:web:db.internal", "did:web:1.0.0.127.in-addr.arpa",
    "did:web:127.0.0.1", "did:web:127.0.0.1%3A8001", "did:web:10.0.0.1", "did:web:8.8.8.8", "did:web:2130706433", "did:web:127.1",
    "did:web:0x7f000001", "did:web:0x7f.1", "did:web:0177.0.0.1", "did:web:school.0x1", "did:web:school.1",
    "did:web:%5B%3A%3A1%5D", "did:web:%5B%3A%3A1%5D%3A8001", "did:web:%5Bfe80%3A%3A1%5D", "did:web:[::1]",
    "did:web:school.example%3A", "did:web:school.example%3A0443", "did:web:school.example%3A443443", "did:web:school.example%3Ax",
    "did:web:school.example%3A-1", "did:web:school.example%3A80%3A90", "did:web:school.example%2F", "did:web:a%2F..",
    "did:web:a.example%2F..%2Fb", "did:web:user%40school.example", "did:web:user@school.example", "did:web:school.example%23x",
    "did:web:school.example%3Fx", "did:web:school.example%00", "did:web:school.example%0d%0aX", "did:web:school%2Eexample",
    "did:web:school.example:.", "did:web:school.example:..", "did:web:school.example:...", "did:web:school.example:..:x",
    "did:web:school.example:%2e%2e", "did:web:school.example:%2E%2E:x", "did:web:school.example:.%2e", "did:web:school.example:a%2Fb",
    "did:web:school.example:a%2fb", "did:web:school.example:a%5Cb", "did:web:school.example:a%3Fb", "did:web:school.example:a%23b",
    "did:web:school.example:a%00b", "did:web:school.example:a%0Ab", "did:web:school.example:a%252Fb", "did:web:school.example:a%",
    "did:web:school.example:a%2", "did:web:school.example:a%zz", "did:web:school.example:a/b", "did:web:school.example/a",
    "did:web:school.example?a", "did:web:school.example#a", "did:web:school.example:a b", "did:web:school.example\n",
    "did:web:School.example", "did:web:school.EXAMPLE", "did:web:sch\u043eol.example", "did:web:m\u00fcller.example",
    "did:web:school\u3002example", "did:web:\uff53chool.example", "did:web:school.example\u200b", "did:web:xn--.example-",
    "did:web:\u2460.0.0.1", "did:web:https://school.example", "did:web:https%3A%2F%2Fschool.example",
    "did:web:file%3A%2F%2F%2Fetc%2Fpasswd", "did:web:school.example\\@other.example", "DID:WEB:school.example",
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


def test_localhost_is_spoken_to_in_development_alone(web: FakeWeb, clock: Clock) -> None:
    did = did_web_of("http://localhost:8001")
    web.serve_json("http://localhost:8001/.well-known/did.json",
                   build_did_document(did, [("k", P256.public_key, ["assertionMethod"])]))

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


@pytest.mark.parametrize("content_type", [
    "application/json", "application/did+json", "application/did+ld+json", "application/ld+json; charset=utf-8",
    "text/plain; charset=utf-8", "Application/JSON",
])
def test_the_usual_content_types_are_read(resolver: Resolver, web: FakeWeb, content_type: str) -> None:
    web.serve_json(URL, document(), content_type=content_type)

    assert resolver.resolve(DID).id == DID


@pytest.mark.parametrize("content_type", ["text/html", "image/png", "application/javascript", "application/jsonp", ""])
def test_a_page_is_no_document(resolver: Resolver, web: FakeWeb, content_type: str) -> None:
    web.serve_json(URL, document(), content_type=content_type)

    with pytest.raises(FetchError):
        resolver.resolve(DID)


@pytest.mark.parametrize("changes", [
    {"id": ...}, {"id": None}, {"id": 7}, {"id": [DID]}, {"id": {"id": DID}}, {"id": ""}, {"id": "did:web:other.example"},
    {"id": DID + "#"}, {"id": DID + ":"}, {"id": DID.upper()}, {"id": URL}, {"id": DID + " "}, {"id": "did:web:school.example."},
    {"id": "did:web:school.example%3A443"},
])
def test_a_document_of_somebody_else_is_refused(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, document(**changes))

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID)


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"\xef\xbb\xbf{}", b'"text"', b"[" * 100_000, b'{"id":"x","id":"' + DID.encode() + b'"}',
    b'{"id":NaN}', b"<!doctype html>",
], ids=lambda body: repr(body[:20]))
def test_a_document_that_cannot_be_read_is_refused(resolver: Resolver, web: FakeWeb, body: bytes) -> None:
    web.serve_json(URL, body)

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID)


@pytest.mark.parametrize(("status", "error"), [
    (404, DidNotFoundError), (410, DidNotFoundError), (301, FetchError), (302, FetchError), (400, FetchError), (403, FetchError),
    (500, FetchError), (503, FetchError), (204, FetchError), (206, FetchError),
])
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


@pytest.mark.parametrize("listed", RELATIONSHIPS)
@pytest.mark.parametrize("asked", [*RELATIONSHIPS, "keyAgreement", "verificationMethod", "id", "", "assertionmethod"])
@pytest.mark.parametrize("controller", [DID, "did:web:other.example"])
def test_a_key_counts_for_what_its_controller_lists_it_for(
    resolver: Resolver, web: FakeWeb, listed: str, asked: str, controller: str
) -> None:
    bare = {"id": DID, "verificationMethod": [method(controller=controller)], listed: [DID + "#ed25519"]}
    web.serve_json(URL, bare)
    found = resolver.resolve(DID)

    if asked == listed and controller == DID:
        assert found.verification_method(DID + "#ed25519", asked).public_key == ED25519.public_key
        return
    with pytest.raises(IssuerBindingError):
        found.verification_method(DID + "#ed25519", asked)


@pytest.mark.parametrize("controller", [..., None, "", [DID], {"id": DID}, DID + "#", "did:web:other.example", 7])
def test_a_key_with_another_controller_is_refused(resolver: Resolver, web: FakeWeb, controller: Any) -> None:
    web.serve_json(URL, with_method(controller=controller))

    with pytest.raises(IssuerBindingError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize("method_id", [
    "#other", DID, DID + "#", "did:web:other.example#ed25519", DID + ":x#ed25519", DID + "#ed25519#ed25519", DID + "#ED25519",
    DID + "?x#ed25519", DID + " #ed25519", "ed25519", "", "https://school.example/#ed25519",
])
def test_a_key_that_is_not_listed_is_refused(resolver: Resolver, web: FakeWeb, method_id: str) -> None:
    web.serve_json(URL, document())

    with pytest.raises(IssuerBindingError):
        resolver.resolve(DID).verification_method(method_id, "assertionMethod")


def test_a_foreign_key_cannot_be_listed_into_a_document(resolver: Resolver, web: FakeWeb) -> None:
    foreign = method(id="did:web:other.example#k", controller="did:web:other.example")
    web.serve_json(URL, document(verificationMethod=[foreign], assertionMethod=["did:web:other.example#k"]))

    with pytest.raises(IssuerBindingError):
        resolver.resolve(DID).verification_method("did:web:other.example#k", "assertionMethod")


@pytest.mark.parametrize("spelling", ["#ed25519", DID + "#ed25519"])
def test_relative_names_in_a_document_mean_its_own(resolver: Resolver, web: FakeWeb, spelling: str) -> None:
    web.serve_json(URL, document(verificationMethod=[method(id="#ed25519")], assertionMethod=[spelling]))

    found = resolver.resolve(DID).verification_method(DID + "#ed25519", "assertionMethod")

    assert (found.id, found.public_key) == (DID + "#ed25519", ED25519.public_key)


def test_a_key_within_a_relationship_counts_for_that_one_alone(resolver: Resolver, web: FakeWeb) -> None:
    web.serve_json(URL, {"id": DID, "authentication": [method()]})
    found = resolver.resolve(DID)

    assert found.verification_method("#ed25519", "authentication").public_key == ED25519.public_key
    with pytest.raises(IssuerBindingError):
        found.verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize("second", [
    pytest.param({"verificationMethod": [method(), method(publicKeyMultibase=P256.public_key_multibase)]}, id="in one list"),
    pytest.param({"verificationMethod": [method(), method(id="#ed25519", controller="x")]}, id="relative and absolute"),
    pytest.param({"assertionMethod": [method(publicKeyMultibase=P256.public_key_multibase)]}, id="within a relationship"),
])
def test_two_keys_of_one_name_are_refused(resolver: Resolver, web: FakeWeb, second: dict[str, Any]) -> None:
    web.serve_json(URL, document(**second))

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


JWK = ED25519.public_key.to_jwk()


@pytest.mark.parametrize("changes", [
    {"type": "Multikey"},
    {"type": "Ed25519VerificationKey2020"},
    {"type": "JsonWebKey", "publicKeyJwk": JWK, "publicKeyMultibase": ...},
    {"type": "JsonWebKey2020", "publicKeyJwk": {**JWK, "kid": "x", "use": "sig"}, "publicKeyMultibase": ...},
    {"expires": "2027-01-01T00:00:00Z"}, {"revoked": "2026-11-26T00:00:01Z"}, {"comment": "ours"},
])
def test_the_usual_types_of_key_are_read(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, with_method(**changes))

    assert resolver.resolve(DID).verification_method("#ed25519", "assertionMethod").public_key == ED25519.public_key


@pytest.mark.parametrize("kind", ["Ed25519VerificationKey2018", "P256Key2021", "multikey", ..., None, 7, ["Multikey"], ""])
def test_another_type_of_key_could_not_be_checked(resolver: Resolver, web: FakeWeb, kind: Any) -> None:
    web.serve_json(URL, with_method(type=kind))

    with pytest.raises(UnsupportedError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize("changes", [
    {"publicKeyMultibase": ...}, {"publicKeyMultibase": None}, {"publicKeyMultibase": 7}, {"publicKeyMultibase": "z6Mk"},
    {"publicKeyMultibase": [ED25519.public_key_multibase]}, {"publicKeyJwk": JWK}, {"type": "JsonWebKey"},
    {"type": "JsonWebKey", "publicKeyJwk": JWK}, {"type": "JsonWebKey", "publicKeyMultibase": ..., "publicKeyJwk": None},
    {"type": "JsonWebKey", "publicKeyMultibase": ..., "publicKeyJwk": {**JWK, "x": "AA"}},
    {"publicKeyMultibase": ..., "publicKeyJwk": JWK}, {"publicKeyMultibase": ..., "publicKeyBase58": "abc"},
    {"type": "Ed25519VerificationKey2020", "publicKeyMultibase": P256.public_key_multibase},
    {"expires": "soon"}, {"expires": None}, {"revoked": 7}, {"expires": "2026-01-01"},
], ids=repr)
def test_a_malformed_key_is_refused(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, with_method(**changes))

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize("changes", [{"expires": "2026-11-26T00:00:00Z"}, {"revoked": "2026-11-25T23:59:59Z"}])
def test_a_withdrawn_key_is_refused(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, with_method(**changes))

    with pytest.raises(IssuerBindingError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize("changes", [
    {"secretKeyMultibase": "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"}, {"privateKeyMultibase": "z3u2"},
    {"privateKeyJwk": {**JWK, "d": "AA"}}, {"privateKeyBase58": "abc"},
    {"type": "JsonWebKey", "publicKeyMultibase": ..., "publicKeyJwk": {**JWK, "d": "AA"}},
    {"publicKeyMultibase": "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"},
    {"publicKeyMultibase": "z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP"},
], ids=repr)
def test_a_secret_or_weak_key_in_a_document_is_told_apart(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, with_method(**changes))

    with pytest.raises(CryptographicSecurityError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize("changes", [
    {"verificationMethod": None}, {"verificationMethod": {}}, {"verificationMethod": "x"}, {"verificationMethod": [None]},
    {"verificationMethod": ["x"]}, {"verificationMethod": [[]]}, {"verificationMethod": [method(id=...)]},
    {"verificationMethod": [method(id=7)]}, {"assertionMethod": "#ed25519"}, {"assertionMethod": [7]}, {"assertionMethod": None},
    {"authentication": [{"id": None}]}, {"capabilityDelegation": {"a": 1}},
    {"verificationMethod": [method(id=f"#{number}") for number in range(300)]},
], ids=lambda changes: repr(changes)[:60])
def test_a_malformed_list_of_keys_is_refused(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, document(**changes))

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize("kind", KEY_TYPES, ids=lambda kind: kind.name)
def test_a_document_we_build_is_one_we_read(resolver: Resolver, web: FakeWeb, kind: Any) -> None:
    key = SoftwareSigner.generate(kind.name).public_key
    web.serve_json(URL, build_did_document(DID, [("k", key, ["authentication"])]))
    found = resolver.resolve(DID)

    assert found.verification_method("#k", "authentication").public_key == key
    assert "assertionMethod" not in found.document


def test_reading_a_document_does_not_change_it(resolver: Resolver, web: FakeWeb) -> None:
    web.serve_json(URL, document())
    found = resolver.resolve(DID)
    before = deepcopy(found.document)

    found.verification_method("#ed25519", "assertionMethod")

    assert found.document == before


# https documents

KEYS_URL = "https://school.example/keys/2026"


def controlled(**changes: Any) -> dict[str, Any]:
    entry = {"id": KEYS_URL + "#k", "type": "Multikey", "controller": KEYS_URL,
             "publicKeyMultibase": ED25519.public_key_multibase}
    return {"id": KEYS_URL, "verificationMethod": [entry], "assertionMethod": ["#k"], **changes}


@pytest.mark.spec("CID-1.0", "#retrieve-verification-method")
def test_an_https_document_is_a_signer_too(resolver: Resolver, web: FakeWeb) -> None:
    web.serve_json(KEYS_URL, controlled())

    found = resolver.resolve(KEYS_URL).verification_method(KEYS_URL + "#k", "assertionMethod")

    assert (found.controller, found.public_key) == (KEYS_URL, ED25519.public_key)


def test_an_https_document_with_another_id_is_refused(resolver: Resolver, web: FakeWeb) -> None:
    web.serve_json(KEYS_URL, controlled(id="https://school.example/keys"))

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(KEYS_URL)


def test_an_unreachable_https_document_could_not_be_checked(resolver: Resolver) -> None:
    with pytest.raises(FetchError):
        resolver.resolve(KEYS_URL)


@pytest.mark.parametrize("url", ["https://10.0.0.1/k", "https://localhost:8001/k", "https://a@school.example/k",
                                 "https://school.example:22/k", "https://", "https:///k"])
def test_an_unsafe_https_address_could_not_be_checked(clock: Clock, url: str) -> None:
    with pytest.raises((UnsafeUrlError, InvalidDidError)):
        Resolver(FakeWeb(), clock).resolve(url)


@pytest.mark.parametrize("url", ["http://school.example/k", "https://school.example/k#k", "HTTPS://school.example/k",
                                 "file:///etc/passwd", "data:application/json,{}", "//school.example/k", "urn:uuid:1"])
def test_another_kind_of_address_is_no_identifier(resolver: Resolver, url: str) -> None:
    with pytest.raises(InvalidDidError):
        resolver.resolve(url)


# remembering

def test_a_document_is_remembered_for_five_minutes(resolver: Resolver, web: FakeWeb, clock: Clock) -> None:
    web.serve_json(URL, document())
    resolver.resolve(DID)
    clock.moment += timedelta(minutes=4, seconds=59)
    resolver.resolve(DID)
    assert len(web.requests) == 1

    clock.moment += timedelta(seconds=1)
    resolver.resolve(DID)
    assert len(web.requests) == 2


def test_a_key_taken_out_of_the_document_stops_counting(resolver: Resolver, web: FakeWeb, clock: Clock) -> None:
    web.serve_json(URL, document())
    resolver.resolve(DID).verification_method("#p256", "assertionMethod")
    web.serve_json(URL, with_method())
    clock.moment += timedelta(minutes=5)

    with pytest.raises(IssuerBindingError):
        resolver.resolve(DID).verification_method("#p256", "assertionMethod")


def test_a_document_does_not_outlive_a_clock_set_back(resolver: Resolver, web: FakeWeb, clock: Clock) -> None:
    web.serve_json(URL, document())
    resolver.resolve(DID)
    clock.moment -= timedelta(days=1)
    resolver.resolve(DID)

    assert len(web.requests) == 2


@pytest.mark.parametrize("broken", [False, True])
def test_a_failure_is_remembered_for_half_a_minute(resolver: Resolver, web: FakeWeb, clock: Clock, broken: bool) -> None:
    web.serve_json(URL, b"{" if broken else document())
    if not broken:
        web.unreachable("https://school.example")
    for _ in range(5):
        with pytest.raises(InvalidDidDocumentError if broken else FetchError):
            resolver.resolve(DID)
    assert len(web.requests) == 1

    web.serve_json(URL, document())
    web.reachable("https://school.example")
    clock.moment += timedelta(seconds=30)
    assert resolver.resolve(DID).id == DID


def test_a_flood_of_signers_is_not_followed(resolver: Resolver, web: FakeWeb, clock: Clock) -> None:
    for number in range(1000):
        with pytest.raises(FetchError):
            resolver.resolve(f"did:web:host{number}.example")
    assert len(web.requests) == 300

    web.serve_json(URL, document())
    clock.moment += timedelta(minutes=1)
    assert resolver.resolve(DID).id == DID


class SlowWeb:
    """Answers only when it is let go, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = threading.Event()

    def get(self, url: str, *, accept: str = "*/*", max_bytes: int = 0, headers: Mapping[str, str] | None = None) -> Response:
        self.asked += 1
        self.go.wait(5)
        raise FetchError("unreachable")

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "", max_bytes: int = 0,
             headers: Mapping[str, str] | None = None) -> Response:
        raise FetchError("unreachable")


def test_many_who_ask_for_one_signer_ask_its_host_once(clock: Clock) -> None:
    slow = SlowWeb()
    resolver = Resolver(slow, clock)
    failures: list[str] = []

    def ask() -> None:
        try:
            resolver.resolve(DID)
        except FetchError as error:
            failures.append(error.detail)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    slow.go.set()
    for thread in threads:
        thread.join()

    assert (slow.asked, failures) == (1, ["unreachable"] * 8)
