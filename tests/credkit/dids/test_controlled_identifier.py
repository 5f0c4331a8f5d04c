"""Signers that are named by an https address."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.dids import Resolver
from credkit.errors import (
    FetchError,
    InvalidDidDocumentError,
    InvalidDidError,
    UnsafeUrlError,
)
from tests.credkit.dids.school import ED25519, Clock
from tests.support.fakeweb import FakeWeb

KEYS_URL = "https://school.example/keys/2026"


def controlled(**changes: Any) -> dict[str, Any]:
    entry = {
        "id": KEYS_URL + "#k",
        "type": "Multikey",
        "controller": KEYS_URL,
        "publicKeyMultibase": ED25519.public_key_multibase,
    }
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


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/k",
        "https://localhost:8001/k",
        "https://a@school.example/k",
        "https://school.example:22/k",
        "https://",
        "https:///k",
    ],
)
def test_an_unsafe_https_address_could_not_be_checked(clock: Clock, url: str) -> None:
    with pytest.raises((UnsafeUrlError, InvalidDidError)):
        Resolver(FakeWeb(), clock).resolve(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://school.example/k",
        "https://school.example/k#k",
        "HTTPS://school.example/k",
        "file:///etc/passwd",
        "data:application/json,{}",
        "//school.example/k",
        "urn:uuid:1",
    ],
)
def test_another_kind_of_address_is_no_identifier(resolver: Resolver, url: str) -> None:
    with pytest.raises(InvalidDidError):
        resolver.resolve(url)
