"""Endorsements: what is written passes the official schema, what is read is read or refused with a typed error."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

import contexts
from credkit.errors import CredkitError, MalformedValueError
from credkit.jsonld import Processor, canonicalize
from credkit.ports import JSONObject
from credkit.profiles import PROFILES, endorsement
from credkit.profiles.endorsement import (
    Comment,
    build_endorsement,
    check_endorsement,
    lint_endorsement,
    peek_comment,
    subject_id_of,
)
from credkit.profiles.openbadges_3 import Profile
from tests.credkit.jsonld.oracle import normalize
from tests.credkit.profiles.test_family import JUNK, leaves, put, remove
from tests.support.shared import official_schema, read_json, samples

NOW = datetime(2026, 6, 15, tzinfo=UTC)
RECORD = "https://school.example/credentials/7"
MOTHER = Profile("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "María Núñez")


def comment(**changes: Any) -> JSONObject:
    values: dict[str, Any] = {
        "id": "urn:uuid:7f1a9b36-91d2-4bd5-a7af-3d8d8e418300", "name": "A comment by the family",
        "subject_id": RECORD, "comment": "She was in hospital in **May**.", "issuer": MOTHER, "valid_from": NOW,
        "language": "en"}
    return build_endorsement(**{**values, **changes})


@pytest.mark.spec("OB-3.0", "#endorsementcredential")
@pytest.mark.parametrize("standard", ["open-badges/v3_0/ob_v3p0", "clr/v2_0/clr_v2p0"])
@pytest.mark.parametrize("language", ["en", "es-MX", None])
def test_what_we_write_passes_the_official_schema(standard: str, language: str | None) -> None:
    schema = official_schema(f"{standard}_endorsementcredential_schema.json")
    document = comment(language=language)

    schema.validate(document)
    assert check_endorsement(document, derived=False) == ()
    assert [check for is_mine, check in PROFILES if is_mine(document)] == [check_endorsement]


def test_the_walker_reads_a_comment_as_pyld_does_and_its_language_is_signed() -> None:
    processor = Processor(contexts.load)
    text = canonicalize(processor.walk(comment()).quads).text()

    assert text == normalize(comment())
    assert text != canonicalize(processor.walk(comment(language="es")).quads).text()


@pytest.mark.spec("OB-3.0", "#endorsementcredential")
def test_the_endorsement_of_another_implementation_is_read() -> None:
    document = read_json(samples("ob3/learncard/endorsement.json"))

    assert check_endorsement(document, derived=False) == ()
    assert peek_comment(document).subject_id == "https://pcu-example.edu/programs/bs-cs"


@pytest.mark.parametrize(("change", "pointer"), [
    ({"id": "comment-1"}, "/id"), ({"name": ""}, "/name"), ({"subject_id": "record 7"}, "/credentialSubject/id"),
    ({"comment": ""}, "/credentialSubject/endorsementComment"), ({"issuer": Profile("María", "María")}, "/issuer/id"),
])
def test_what_breaks_a_rule_is_never_written(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(MalformedValueError) as caught:
        comment(**change)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("change", [
    lambda document: document.update({"@context": document["@context"][:1]}), lambda document: document.pop("name"),
    lambda document: document.update(issuer=MOTHER.id), lambda document: document.pop("validFrom"),
    lambda document: document.update(credentialSubject=[document["credentialSubject"]] * 2),
    lambda document: document["credentialSubject"].update(type=["AchievementSubject"]),
])
def test_a_document_that_breaks_a_rule_is_found(change: Any) -> None:
    document = comment()
    change(document)
    with pytest.raises(MalformedValueError):
        lint_endorsement(document)


def test_what_the_standard_requires_and_a_comment_lacks_is_remarked() -> None:
    document = comment()
    del document["name"], document["validFrom"]

    assert {remark.pointer for remark in check_endorsement(document, derived=False)} == {"/name", "/validFrom"}
    assert check_endorsement(document, derived=True) == ()


def test_a_comment_is_peeked_at_in_all_its_spellings() -> None:
    seen = Comment(RECORD, "She was in hospital in **May**.", "en", MOTHER.id, "María Núñez")
    document = comment()
    assert peek_comment(document) == seen
    document["credentialSubject"] = [document["credentialSubject"]]
    document["issuer"] = [document["issuer"]]
    assert peek_comment(document) == seen
    document["credentialSubject"] *= 2
    assert subject_id_of(document) is None


def test_any_value_at_any_place_is_read_or_refused_with_a_typed_error() -> None:
    untouched = comment()
    for path in leaves(untouched, inner=True):
        for junk in (*JUNK, ...):
            document = copy.deepcopy(untouched)
            if junk is ...:
                remove(document, path)
            else:
                put(document, path, junk)
            peek_comment(document)
            for derived in (False, True):
                try:
                    check_endorsement(document, derived=derived)
                except CredkitError as error:
                    assert str(error)


@pytest.mark.parametrize("value", [None, [], "x", 7, {}, {"type": 7}, {"type": "EndorsementCredential"}])
def test_what_is_no_comment_at_all_is_refused(value: Any) -> None:
    peek_comment(value)
    assert endorsement.is_mine(value) == (isinstance(value, dict) and value.get("type") == "EndorsementCredential")
    with pytest.raises(MalformedValueError):
        check_endorsement(value, derived=False)
