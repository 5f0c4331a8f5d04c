"""Where each quad stands in the document, and how large a document may be."""

from __future__ import annotations

from typing import Any

import pytest

import contexts
from credkit.errors import TooComplexError
from credkit.jsonld import Processor
from tests.credkit.jsonld.asking import STRICT, achievement, changed, refusal_of, subject
from tests.credkit.jsonld.documents import badge, transcript
from tests.credkit.jsonld.oracle import CLR, OB, V2

# Places ---------------------------------------------------------------------------------------------------------------


def test_every_quad_knows_where_it_stands() -> None:
    document = badge()
    dataset = STRICT.walk(document, with_paths=True)
    places = dict(zip(dataset.quads, dataset.paths, strict=True))
    by_end = {quad[1].rsplit("/", 1)[-1].rsplit("#", 1)[-1] + quad[2]: paths for quad, paths in places.items()}

    assert places["<urn:uuid:1>", "<https://schema.org/name>", '"Biology"', ""] == (("name",),)
    assert by_end['keywords>"cells"'] == (("credentialSubject", "achievement", "tag", 1),)
    assert by_end['value>"A"'] == (("credentialSubject", "result", 0, "value"),)
    assert by_end["issuer><did:web:school.example>"] == (("issuer",),)
    assert by_end["type><https://www.w3.org/2018/credentials#VerifiableCredential>"] == (("type", 0),)
    assert by_end["type><https://purl.imsglobal.org/spec/vc/ob/vocab.html#Profile>"] == (
        ("issuer", "type"),
        ("credentialSubject", "achievement", "creator", "type"),
    )
    assert by_end['first>"C"'] == (("credentialSubject", "achievement", "resultDescription", 0, "allowedValue", 1),)
    assert dataset.nodes[()] == "<urn:uuid:1>"
    assert dataset.nodes["credentialSubject", "result", 0].startswith("_:b")


def test_a_value_that_stands_twice_has_two_places() -> None:
    document = changed(
        lambda d: achievement(d).update(tag=["a", "a"], creator={"id": "did:web:school.example", "name": "School"})
    )
    dataset = STRICT.walk(document, with_paths=True)
    places = dict(zip(dataset.quads, dataset.paths, strict=True))

    assert places["<urn:uuid:2>", "<https://schema.org/keywords>", '"a"', ""] == (
        ("credentialSubject", "achievement", "tag", 0),
        ("credentialSubject", "achievement", "tag", 1),
    )
    assert places["<did:web:school.example>", "<https://schema.org/name>", '"School"', ""] == (
        ("issuer", "name"),
        ("credentialSubject", "achievement", "creator", "name"),
    )


def test_places_are_noted_only_when_asked_for() -> None:
    dataset = STRICT.walk(badge())

    assert (dataset.paths, dataset.nodes) == ((), {})


# Limits ---------------------------------------------------------------------------------------------------------------


def nested(depth: int) -> dict[str, Any]:
    document = badge()
    part = document["issuer"]
    for index in range(depth):
        part["parentOrg"] = {"id": f"urn:p{index}", "type": "Profile"}
        part = part["parentOrg"]
    return document


def test_depth_is_limited() -> None:
    STRICT.walk(nested(60))
    for depth in (63, 100_000):
        assert refusal_of(nested(depth), TooComplexError) != ""


@pytest.mark.parametrize("opening", ["list", "object"])
def test_depth_of_json_is_limited(opening: str) -> None:
    value: Any = "x"
    for _ in range(100_000):
        value = [value] if opening == "list" else {"a": value}
    schema = {"@context": [V2], "type": "JsonSchema", "jsonSchema": value}

    assert refusal_of(schema) == "/jsonSchema"
    assert refusal_of(changed(lambda d: d.update(name=value))).startswith("/name")


def test_size_is_limited() -> None:
    assert refusal_of(changed(lambda d: achievement(d).update(tag=["x"] * 200_001)), TooComplexError) != ""
    assert refusal_of(changed(lambda d: d["type"].extend(["VerifiableCredential"] * 200_001)), TooComplexError) != ""


def test_contexts_that_nobody_uses_are_limited() -> None:
    document = transcript()
    members = [
        {"@context": [V2, *([OB] * index)], "type": "VerifiableCredential", "issuer": "urn:x"} for index in range(1, 40)
    ]
    document["credentialSubject"]["verifiableCredential"] = members

    assert refusal_of(document, TooComplexError).endswith("/@context")
    Processor(contexts.load).walk(transcript())


def test_clr_terms_are_not_those_of_a_badge() -> None:
    document = changed(lambda d: subject(d).update(association=[]))
    assert refusal_of(document) == "/credentialSubject/association"

    document["@context"] = [V2, CLR, OB]
    assert refusal_of(document) == "/credentialSubject/association"
