"""Hashed identities: the standard's own way to hash, plain ones, and anything else."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from credkit.errors import DifferentPeople
from credkit.profiles import matches_identity
from credkit.verification import check_same_person


def identity(value: str, salt: str = "", kind: str = "sourcedId", name: str = "sha256") -> dict[str, Any]:
    digest = hashlib.new(name, (value + salt).encode()).hexdigest()
    return {"type": "IdentityObject", "hashed": True, "identityHash": f"{name}${digest}", "identityType": kind,
            "salt": salt}


@pytest.mark.spec("OB-3.0", "#identityobject")
def test_the_worked_example_of_the_standard_matches() -> None:
    published = {"type": "IdentityObject", "hashed": True, "identityType": "emailAddress", "salt": "Kosher",
                 "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"}
    assert matches_identity(published, "a@example.com")
    assert not matches_identity(published, "b@example.com")


@pytest.mark.parametrize("name", ["sha256", "md5"])
def test_a_hash_is_its_value_with_its_salt_and_no_other(name: str) -> None:
    hashed = identity("20391", "pepper", name=name)
    assert matches_identity(hashed, "20391")
    assert not matches_identity(hashed, "20392")
    assert not matches_identity({**hashed, "salt": "salt"}, "20391")
    assert matches_identity({**hashed, "identityHash": hashed["identityHash"].upper().replace(name.upper(), name)},
                            "20391")


def test_a_plain_identity_is_compared_as_it_stands() -> None:
    assert matches_identity({"hashed": False, "identityHash": "María"}, "María")
    assert not matches_identity({"hashed": False, "identityHash": "María"}, "Maria")


@pytest.mark.parametrize("value", [None, 7, {}, {"hashed": True}, {"hashed": True, "identityHash": "sha1$aa"},
                                   {"hashed": True, "identityHash": "sha256$é"}, {"hashed": True, "identityHash": [7]},
                                   {"hashed": True, "identityHash": "sha256$", "salt": "\ud800"}])
def test_anything_else_is_no_match(value: Any) -> None:
    assert not matches_identity(value, "20391")


def record(issuer: str, *identities: Any) -> dict[str, Any]:
    return {"issuer": issuer, "credentialSubject": {"identifier": list(identities)}}


def plain(value: str, kind: str) -> dict[str, Any]:
    return {"hashed": False, "identityHash": value, "identityType": kind}


def test_a_hashed_name_or_number_links_two_records_of_one_person() -> None:
    check_same_person([record("did:a", plain("María", "name")), record("did:b", identity("María", "x", "name"))])
    check_same_person([record("did:a", plain("7", "sourcedId")), record("did:a", identity("7", "x"))])
    for other in (record("did:b", identity("Ana", "x", "name")), record("did:b", identity("7", "x")),
                  record("did:a", identity("8", "x"))):
        with pytest.raises(DifferentPeople):
            check_same_person([record("did:a", plain("María", "name"), plain("7", "sourcedId")), other])
