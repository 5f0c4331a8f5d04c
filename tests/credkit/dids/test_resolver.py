"""Which method is asked, and what is remembered for how long (security.md D07, D09)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from credkit.dids import Resolver, did_key_of, did_of
from credkit.errors import (
    DidError,
    FetchError,
    InvalidDidDocumentError,
    IssuerBindingError,
    UnsupportedError,
)
from credkit.keys import SoftwareSigner
from credkit.ports import Response
from tests.credkit.dids.school import DID, URL, Clock, document, with_method
from tests.support.fakeweb import FakeWeb


@pytest.mark.parametrize(
    "did", ["did:plc:abc", "did:webvh:Qm:example.com", "did:ion:abc", "did:example:123", "did:ke:z6Mk"]
)
def test_a_method_we_do_not_speak_could_not_be_checked(resolver: Resolver, did: str) -> None:
    with pytest.raises(UnsupportedError):
        resolver.resolve(did)


@pytest.mark.parametrize(
    ("url", "did"),
    [
        ("did:web:a.example#k", "did:web:a.example"),
        ("https://a.example/x#k", "https://a.example/x"),
        ("did:key:z6", "did:key:z6"),
    ],
)
def test_a_key_is_named_under_an_identifier(url: str, did: str) -> None:
    assert did_of(url) == did


@pytest.mark.parametrize("url", ["", "#key-1", None, 7, ["did:key:z6"]])
def test_a_key_that_is_named_under_none_is_refused(url: Any) -> None:
    with pytest.raises(DidError):
        did_of(url)


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
def test_a_failure_is_remembered_for_half_a_minute(
    resolver: Resolver, web: FakeWeb, clock: Clock, broken: bool
) -> None:
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

    def get(
        self, url: str, *, accept: str = "*/*", max_bytes: int = 0, headers: Mapping[str, str] | None = None
    ) -> Response:
        self.asked += 1
        self.go.wait(5)
        raise FetchError("unreachable")

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        accept: str = "",
        max_bytes: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
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


def test_what_is_remembered_is_bounded(resolver: Resolver, web: FakeWeb) -> None:
    web.serve_json(URL, document())
    resolver.resolve(DID)
    for number in range(1, 513):
        resolver.resolve(did_key_of(SoftwareSigner.from_secret("P-256", number.to_bytes(32, "big")).public_key))
    resolver.resolve(DID)

    assert len(web.requests) == 2
