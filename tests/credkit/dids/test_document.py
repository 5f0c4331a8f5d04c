"""Finding the key that a proof names, for the purpose it is named for (security.md A06, D06)."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.dids import RELATIONSHIPS, DidDocument, Resolver, build_did_document
from credkit.errors import (
    CryptographicSecurityError,
    InvalidDidDocumentError,
    IssuerBindingError,
    ProblemError,
    UnsupportedError,
)
from credkit.keys import KEY_TYPES, SoftwareSigner
from tests.credkit.dids.school import DID, ED25519, P256, URL, document, method, with_method
from tests.support.fakeweb import FakeWeb


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


@pytest.mark.parametrize(
    "method_id",
    [
        "#other",
        DID,
        DID + "#",
        "did:web:other.example#ed25519",
        DID + ":x#ed25519",
        DID + "#ed25519#ed25519",
        DID + "#ED25519",
        DID + "?x#ed25519",
        DID + " #ed25519",
        "ed25519",
        "",
        "https://school.example/#ed25519",
    ],
)
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


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(
            {"verificationMethod": [method(), method(publicKeyMultibase=P256.public_key_multibase)]}, id="in one list"
        ),
        pytest.param(
            {"verificationMethod": [method(), method(id="#ed25519", controller="x")]}, id="relative and absolute"
        ),
        pytest.param(
            {"assertionMethod": [method(publicKeyMultibase=P256.public_key_multibase)]}, id="within a relationship"
        ),
    ],
)
def test_two_keys_of_one_name_are_refused(resolver: Resolver, web: FakeWeb, second: dict[str, Any]) -> None:
    web.serve_json(URL, document(**second))

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


JWK = ED25519.public_key.to_jwk()


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Multikey"},
        {"type": "Ed25519VerificationKey2020"},
        {"type": "JsonWebKey", "publicKeyJwk": JWK, "publicKeyMultibase": ...},
        {"type": "JsonWebKey2020", "publicKeyJwk": {**JWK, "kid": "x", "use": "sig"}, "publicKeyMultibase": ...},
        {"expires": "2027-01-01T00:00:00Z"},
        {"revoked": "2026-11-26T00:00:01Z"},
        {"comment": "ours"},
    ],
)
def test_the_usual_types_of_key_are_read(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, with_method(**changes))

    assert resolver.resolve(DID).verification_method("#ed25519", "assertionMethod").public_key == ED25519.public_key


@pytest.mark.parametrize("kind", ["Ed25519VerificationKey2018", "P256Key2021", "multikey"])
def test_another_type_of_key_could_not_be_checked(resolver: Resolver, web: FakeWeb, kind: Any) -> None:
    web.serve_json(URL, with_method(type=kind))

    with pytest.raises(UnsupportedError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize(
    "changes",
    [
        {"publicKeyMultibase": ...},
        {"publicKeyMultibase": None},
        {"publicKeyMultibase": 7},
        {"publicKeyMultibase": "z6Mk"},
        {"publicKeyMultibase": [ED25519.public_key_multibase]},
        {"publicKeyJwk": JWK},
        {"type": "JsonWebKey"},
        {"type": "JsonWebKey", "publicKeyJwk": JWK},
        {"type": "JsonWebKey", "publicKeyMultibase": ..., "publicKeyJwk": None},
        {"type": "JsonWebKey", "publicKeyMultibase": ..., "publicKeyJwk": {**JWK, "x": "AA"}},
        {"publicKeyMultibase": ..., "publicKeyJwk": JWK},
        {"publicKeyMultibase": ..., "publicKeyBase58": "abc"},
        {"type": "Ed25519VerificationKey2020", "publicKeyMultibase": P256.public_key_multibase},
        {"type": ...},
        {"type": None},
        {"type": 7},
        {"type": ["Multikey"]},
        {"type": ""},
        {"expires": "soon"},
        {"expires": None},
        {"revoked": 7},
        {"expires": "2026-01-01"},
    ],
    ids=repr,
)
def test_a_malformed_key_is_refused(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, with_method(**changes))

    with pytest.raises(InvalidDidDocumentError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize("changes", [{"expires": "2026-11-26T00:00:00Z"}, {"revoked": "2026-11-25T23:59:59Z"}])
def test_a_withdrawn_key_is_refused(resolver: Resolver, web: FakeWeb, changes: dict[str, Any]) -> None:
    web.serve_json(URL, with_method(**changes))

    with pytest.raises(IssuerBindingError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize(
    "changes",
    [
        {"secretKeyMultibase": "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"},
        {"privateKeyMultibase": "z3u2"},
        {"privateKeyJwk": {**JWK, "d": "AA"}},
        {"privateKeyBase58": "abc"},
        {"type": "JsonWebKey", "publicKeyMultibase": ..., "publicKeyJwk": {**JWK, "d": "AA"}},
        {"publicKeyMultibase": "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"},
        {"publicKeyMultibase": "z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP"},
    ],
    ids=repr,
)
def test_a_secret_or_weak_key_in_a_document_is_told_apart(
    resolver: Resolver, web: FakeWeb, changes: dict[str, Any]
) -> None:
    web.serve_json(URL, with_method(**changes))

    with pytest.raises(CryptographicSecurityError):
        resolver.resolve(DID).verification_method("#ed25519", "assertionMethod")


@pytest.mark.parametrize(
    "changes",
    [
        {"verificationMethod": None},
        {"verificationMethod": {}},
        {"verificationMethod": "x"},
        {"verificationMethod": [None]},
        {"verificationMethod": ["x"]},
        {"verificationMethod": [[]]},
        {"verificationMethod": [method(id=...)]},
        {"verificationMethod": [method(id=7)]},
        {"assertionMethod": "#ed25519"},
        {"assertionMethod": [7]},
        {"assertionMethod": None},
        {"authentication": [{"id": None}]},
        {"capabilityDelegation": {"a": 1}},
        {"verificationMethod": [method(id=f"#{number}") for number in range(300)]},
    ],
    ids=lambda changes: repr(changes)[:60],
)
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


SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([DID, "#ed25519", "Multikey", "z6Mk", ""])
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(method())), inner)
)


@given(st.sampled_from(sorted(document())), JSON)
def test_a_document_with_anything_anywhere_gives_a_key_or_a_typed_error(name: str, value: Any) -> None:
    found = DidDocument(DID, document(**{name: value}))

    with suppress(ProblemError, UnsupportedError):
        assert found.verification_method("#ed25519", "assertionMethod").public_key == ED25519.public_key


@given(st.sampled_from(sorted(method())), JSON)
def test_a_key_with_anything_anywhere_gives_a_key_or_a_typed_error(name: str, value: Any) -> None:
    found = DidDocument(DID, with_method(**{name: value}))

    with suppress(ProblemError, UnsupportedError):
        assert found.verification_method("#ed25519", "assertionMethod").public_key == ED25519.public_key
