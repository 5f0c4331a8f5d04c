"""One id, one story; and credentials inside a document, which are documents of their own."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.credkit.jsonld.asking import STRICT, achievement, changed, refusal_of
from tests.credkit.jsonld.documents import badge, transcript
from tests.credkit.jsonld.oracle import V2

# One id, one story ----------------------------------------------------------------------------------------------------


def test_an_id_may_be_told_in_parts_that_agree() -> None:
    document = changed(
        lambda d: achievement(d).update(
            creator={"id": "did:web:school.example", "type": "Profile", "email": "a@school.example"}
        )
    )
    document["issuer"]["address"] = {"type": "Address", "addressCountry": "US"}
    document["endorsement"] = []
    STRICT.walk(document)

    achievement(document)["creator"]["address"] = [{"addressCountry": "US", "type": "Address"}]
    STRICT.walk(document)
    achievement(document)["creator"]["address"][0]["addressCountry"] = "MX"
    assert refusal_of(document).endswith("/address")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"name": "a"}, {"name": "b"}),
        ({"name": "a"}, {"name": ["a", "b"]}),
        ({"name": {"@value": "a", "@language": "en"}}, {"name": "a"}),
        ({"image": "urn:i"}, {"image": {"id": "urn:j"}}),
        ({"official": True}, {"official": 1}),
        ({"parentOrg": {"id": "urn:p"}}, {"parentOrg": {"type": "Profile"}}),
        (
            {"otherIdentifier": [{"type": "IdentifierEntry", "identifier": "1"}]},
            {"otherIdentifier": [{"type": "IdentifierEntry", "identifier": "2"}]},
        ),
    ],
)
def test_an_id_told_in_two_ways_is_refused(first: dict[str, Any], second: dict[str, Any]) -> None:
    document = badge()
    document["issuer"] = {"id": "urn:s", "type": "Profile", **first}
    achievement(document)["creator"] = {"id": "urn:s", "type": "Profile", **second}

    assert refusal_of(document).split("/")[-1] == next(iter(first))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"name": "a"}, {"name": ["a"]}),
        ({"name": ["a", "b"]}, {"name": ["b", "a", "a"]}),
        ({"name": {"@value": "a"}}, {"name": "a"}),
        ({"image": "urn:i"}, {"image": {"id": "urn:i", "type": "Image"}}),
        (
            {"image": {"id": "urn:i", "type": "Image", "caption": "one"}},
            {"image": {"id": "urn:i", "type": "Image", "caption": "2"}},
        ),
        ({"type": "Profile"}, {"type": ["Profile", "Image"]}),
        ({"name": []}, {"name": "a"}),
        ({"official": 3}, {"official": 3.0}),
    ],
)
def test_an_id_told_twice_alike_is_accepted(first: dict[str, Any], second: dict[str, Any]) -> None:
    document = badge()
    document["issuer"] = {"id": "urn:s", "type": "Profile", **first}
    achievement(document)["creator"] = {"id": "urn:s", "type": "Profile", **second}

    STRICT.walk(document)


def test_lists_told_twice_have_one_order() -> None:
    document = badge()
    again = copy.deepcopy(achievement(document)["resultDescription"][0])
    achievement(document)["related"] = [again]
    STRICT.walk(document)

    again["allowedValue"].reverse()
    assert refusal_of(document).endswith("/allowedValue")


@pytest.mark.parametrize(
    "halves",
    [
        [{"id": "did:key:z1", "type": "AchievementSubject"}, {"id": "did:key:z1", "name": "x"}],
        ["did:key:z1", {"id": "did:key:z1", "name": "x"}],
        ["did:key:z1", "did:key:z1"],
    ],
)
def test_a_subject_split_in_two_is_refused(halves: list[Any]) -> None:
    assert refusal_of(changed(lambda d: d.update(credentialSubject=halves))) == "/credentialSubject/1"


def test_two_subjects_are_two_subjects() -> None:
    STRICT.walk(changed(lambda d: d.update(credentialSubject=["did:key:z1", "did:key:z2"])))


def test_the_ids_of_an_embedded_credential_are_counted_by_themselves() -> None:
    document = transcript()
    member = document["credentialSubject"]["verifiableCredential"][0]
    member["issuer"]["name"] = "School, as it was called then"
    STRICT.walk(document)

    member["credentialSubject"]["achievement"]["creator"] = {"id": member["issuer"]["id"], "name": "Another"}
    assert refusal_of(document).startswith("/credentialSubject/verifiableCredential/0/")


def test_an_embedded_credential_without_a_proof_is_named() -> None:
    document = transcript()
    assert STRICT.walk(document).unproven == ()

    member = document["credentialSubject"]["verifiableCredential"][0]
    del member["endorsement"][0]["proof"]
    member["proof"] = []
    expected = (
        ("credentialSubject", "verifiableCredential", 0),
        ("credentialSubject", "verifiableCredential", 0, "endorsement", 0),
    )
    assert STRICT.walk(document).unproven == expected
    assert STRICT.walk(document, with_paths=True).unproven == expected


def test_a_credential_that_is_only_named_needs_no_proof() -> None:
    document = changed(lambda d: d.update(endorsement=[{"id": "urn:e"}]))

    assert STRICT.walk(document).unproven == ()


@pytest.mark.parametrize(
    "member", ["https://school.example/1", {"id": "https://school.example/1"}, {}, {"@value": "x"}, 5, None]
)
def test_a_credential_that_a_presentation_only_names_would_vanish(member: Any) -> None:
    document = {"@context": [V2], "type": "VerifiablePresentation", "verifiableCredential": [member]}

    assert refusal_of(document).startswith("/verifiableCredential/0")
