"""What the walker accepts, and what it refuses and where: design.md, "What a signature fixes", sentence by sentence."""

from __future__ import annotations

from typing import Any

import pytest

from credkit.errors import DataLossError, MalformedValueError, ProblemError, VocabularyUnknownError
from credkit.jsonld import Processor
from demo.conformance.profile import EXAMPLES_V2, load_with_examples
from tests.credkit.jsonld.asking import OPEN, STRICT, Change, achievement, changed, refusal_of, subject, text_of
from tests.credkit.jsonld.documents import badge, proof, transcript
from tests.credkit.jsonld.oracle import OB, V1, V2

# Words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.spec("JSON-LD11-API", "#expansion-algorithm")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda d: d.update(gpa="4.0"), "/gpa"),
        (lambda d: subject(d).update(gpa="4.0"), "/credentialSubject/gpa"),
        (lambda d: subject(d)["result"][0].update(narative="typo"), "/credentialSubject/result/0/narative"),
        (lambda d: d.update({"https://schema.org/name": "x"}), "/https:~1~1schema.org~1name"),
        (lambda d: d.update({"schema:name": "x"}), "/schema:name"),
        (lambda d: d.update({"": "x"}), "/"),
        (lambda d: d.update({"@id": d.pop("id")}), "/@id"),
        (lambda d: d.update({"@type": ["VerifiableCredential"]}), "/@type"),
        (lambda d: d.update({"@graph": []}), "/@graph"),
        (lambda d: d.update({"@included": []}), "/@included"),
        (lambda d: d.update({"@nest": {"name": "x"}}), "/@nest"),
        (lambda d: d.update({"@reverse": {}}), "/@reverse"),
        (lambda d: d.update({"@index": "x"}), "/@index"),
        (lambda d: d.update({"@unknown": "x"}), "/@unknown"),
        (
            lambda d: achievement(d).update(Criteria=achievement(d).pop("criteria")),
            "/credentialSubject/achievement/Criteria",
        ),
        (lambda d: d.update(OpenBadgeCredential="x"), "/OpenBadgeCredential"),
        (lambda d: achievement(d).update(tag={"en": "x"}), "/credentialSubject/achievement/tag/en"),
        (lambda d: subject(d)["result"][0].update(value={"en": "A+"}), "/credentialSubject/result/0/value/en"),
        (lambda d: subject(d).update(identifier=None), "/credentialSubject/identifier"),
        (lambda d: d.update(name=[None]), "/name/0"),
        (lambda d: achievement(d).update(tag=[["a"], ["b"]]), "/credentialSubject/achievement/tag/0"),
    ],
)
def test_a_member_that_no_signature_covers_is_refused(change: Change, pointer: str) -> None:
    assert refusal_of(changed(change)) == pointer


def test_a_prefix_is_no_member() -> None:
    document = transcript()
    document["credentialSubject"]["obi"] = "x"

    assert refusal_of(document) == "/credentialSubject/obi"


@pytest.mark.parametrize(
    "kind",
    [
        "Unknown",
        "https://www.w3.org/2018/credentials#VerifiableCredential",
        "cred:VerifiableCredential",
        "name",
        "",
        "@json",
    ],
)
def test_a_type_is_a_term_of_a_type(kind: str) -> None:
    assert refusal_of(changed(lambda d: d["type"].append(kind))) == "/type"
    assert refusal_of(changed(lambda d: subject(d).update(type=kind))) == "/credentialSubject/type"


@pytest.mark.parametrize("kind", [None, 5, True, {"id": "x"}, [["Profile"]], [{}], [None], ["Profile", 1]])
def test_a_type_is_a_word(kind: Any) -> None:
    assert refusal_of(changed(lambda d: d["issuer"].update(type=kind)), MalformedValueError) == "/issuer/type"


def test_the_name_of_a_property_is_no_type() -> None:
    document = changed(lambda d: achievement(d).update(criteria={"narrative": "x", "type": "Criteria"}))
    STRICT.walk(document)
    achievement(document)["criteria"]["type"] = "image"

    assert refusal_of(document) == "/credentialSubject/achievement/criteria/type"


def test_one_type_has_two_names() -> None:
    document = changed(lambda d: d.update(type=["VerifiableCredential", "AchievementCredential"]))

    assert text_of(document) == text_of(badge())


@pytest.mark.parametrize(
    ("members", "error", "pointer"),
    [
        ({"id": "urn:x", "name": "x"}, MalformedValueError, "/id"),
        ({"type": "Kind"}, DataLossError, "/type"),
        ({"word": {"id": "urn:x"}}, DataLossError, "/word"),
    ],
)
def test_type_and_id_are_read_where_the_context_says_so_only(
    members: dict[str, Any], error: type[ProblemError], pointer: str
) -> None:
    with pytest.raises(error) as caught:
        OPEN.walk({"@context": [EXAMPLES_V2], **members})
    assert caught.value.pointer == pointer


# Identifiers and IRI values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "identifier",
    [
        "relative",
        "",
        "/path",
        "_:b0",
        "urn:a b",
        "urn:a\n",
        'urn:"',
        "urn:<x>",
        "urn:\ud800",
        "http://x/> <urn:evil",
        ":x",
        "1:x",
    ],
)
def test_an_identifier_is_an_absolute_iri(identifier: str) -> None:
    assert refusal_of(changed(lambda d: d.update(id=identifier))) == "/id"
    assert refusal_of(changed(lambda d: d.update(issuer=identifier))) == "/issuer"
    assert refusal_of(changed(lambda d: d.update(issuer={"id": identifier}))) == "/issuer"


@pytest.mark.parametrize("identifier", [None, 5, True, [], ["urn:x"], {}])
def test_an_identifier_is_text(identifier: Any) -> None:
    assert refusal_of(changed(lambda d: d.update(id=identifier)), MalformedValueError) == "/id"
    assert refusal_of(changed(lambda d: d.update(issuer={"id": identifier})), MalformedValueError) == "/issuer/id"


@pytest.mark.parametrize("identifier", ["cred:x", "obi:x"])
def test_an_identifier_expands_to_itself(identifier: str) -> None:
    document = transcript()
    document["credentialSubject"]["id"] = identifier
    assert refusal_of(document) == "/credentialSubject/id"

    document = transcript()
    document["credentialSubject"]["achievement"] = [{"id": identifier}]
    assert refusal_of(document) == "/credentialSubject/achievement/0"


def test_an_iri_in_another_script_is_kept() -> None:
    assert "<https://escuela.example/ñandú>" in text_of(changed(lambda d: d.update(id="https://escuela.example/ñandú")))


def test_a_purpose_is_a_word_in_its_plain_spelling() -> None:
    options = {"@context": [V2, OB], **proof()}
    STRICT.walk(options)

    for other in (
        "https://w3id.org/security#assertionMethod",
        "unknown",
        {"id": "https://w3id.org/security#assertionMethod"},
        {"id": "https://w3id.org/security#assertionMethod", "type": []},
        [5],
        "@id",
    ):
        assert refusal_of({**options, "proofPurpose": other}).startswith("/proofPurpose")


# One JSON type per datatype -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["false", "true", 0, 1, 1.0, "", {"@value": "false"}, {"id": "urn:x"}, {}])
def test_a_truth_value_is_true_or_false(value: Any) -> None:
    document = changed(lambda d: subject(d)["identifier"][0].update(hashed=value))

    assert refusal_of(document) == "/credentialSubject/identifier/0/hashed"


@pytest.mark.parametrize("value", ["3.5E0", "3", "1.5", True, {"@value": "3.5E0"}, {"@value": 3.5}, {"id": "urn:x"}])
def test_a_number_is_a_number(value: Any) -> None:
    assert refusal_of(changed(lambda d: subject(d).update(creditsEarned=value))) == "/credentialSubject/creditsEarned"


@pytest.mark.parametrize("value", [5, True, 1.5, {"@value": "2026-01-01T00:00:00Z"}])
def test_text_with_a_datatype_and_identifiers_are_text(value: Any) -> None:
    assert refusal_of(changed(lambda d: d.update(validFrom=value))) == "/validFrom"
    assert refusal_of(changed(lambda d: d.update(issuer=value))) == "/issuer"


@pytest.mark.spec("JSON-LD11-API", "#data-round-tripping")
@pytest.mark.parametrize(
    ("value", "lexical"),
    [
        (3, "3"),
        (3.0, "3"),
        (-7, "-7"),
        (3.5, "3.5E0"),
        (0.1, "1.0E-1"),
        (1e20, "1" + "0" * 20),
        (1e21, "1.0E21"),
        (10**21, "1.0E21"),
        (-2.5e-7, "-2.5E-7"),
        (2**53, "9007199254740992"),
        (0, "0"),
        (5e-324, "4.940656458412465E-324"),
    ],
)
def test_a_number_is_written_in_one_way(value: float, lexical: str) -> None:
    document = changed(lambda d: subject(d).update(creditsEarned=value))

    if lexical == "4.940656458412465E-324":
        assert float(lexical) == value
    assert f'"{lexical}"^^<https://www.w3.org/2001/XMLSchema#float>' in text_of(document)


@pytest.mark.parametrize("value", [2**53 + 1, 0.1 + 0.2, 10**21 + 1, -0.0, float("nan"), float("inf"), 10**400])
def test_a_number_that_others_would_round_is_refused(value: float) -> None:
    assert refusal_of(changed(lambda d: subject(d).update(creditsEarned=value))) == "/credentialSubject/creditsEarned"


def test_a_whole_number_has_no_fraction() -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": "https://school.example/status/1",
        "statusSize": 1,
    }
    STRICT.walk(changed(lambda d: d.update(credentialStatus=entry)))

    assert (
        refusal_of(changed(lambda d: d.update(credentialStatus={**entry, "statusSize": 1.5})))
        == "/credentialStatus/statusSize"
    )


@pytest.mark.spec("JSON-LD11", "#string-internationalization")
def test_language_and_direction_are_signed() -> None:
    names = [
        {"@value": "a"},
        {"@value": "b", "@language": "ar-EG"},
        {"@value": "c", "@language": "ar", "@direction": "rtl"},
    ]
    text = text_of(changed(lambda d: d.update(name=names)))

    assert '<https://schema.org/name> "a" .' in text
    assert '<https://schema.org/name> "b"@ar-eg .' in text
    assert '<https://schema.org/name> "c"^^<https://www.w3.org/ns/i18n#ar_rtl> .' in text


@pytest.mark.parametrize(
    "value",
    [
        {"@value": 5},
        {"@value": None},
        {"@value": ["a"]},
        {"@value": "a", "@type": "xsd:string"},
        {"@language": "en"},
        {"@value": "a", "@index": "x"},
        {"@value": "a", "name": "b"},
        {"@value": "a", "@context": []},
        {"@set": ["a"]},
        {"@list": ["a"]},
    ],
)
def test_a_text_has_one_form(value: Any) -> None:
    assert refusal_of(changed(lambda d: d.update(name=value))).startswith("/name")


@pytest.mark.parametrize(
    "member",
    [
        {"@language": "en_US"},
        {"@language": ""},
        {"@language": None},
        {"@language": 5},
        {"@language": 'en" .'},
        {"@direction": "up"},
        {"@direction": None},
        {"@direction": []},
    ],
)
def test_a_language_is_a_language_tag(member: dict[str, Any]) -> None:
    assert refusal_of(changed(lambda d: d.update(name={"@value": "a", **member})), MalformedValueError).startswith(
        "/name/@"
    )


def test_half_a_surrogate_pair_is_refused() -> None:
    assert refusal_of(changed(lambda d: d.update(name="\ud83d")), MalformedValueError) == "/name"


def test_json_is_signed_as_its_canonical_text() -> None:
    schema = {
        "@context": [V2],
        "id": "urn:x",
        "type": "JsonSchema",
        "jsonSchema": {"b": [1.0, None], "a": {"@id": "é"}},
    }

    assert (
        '"{\\"a\\":{\\"@id\\":\\"é\\"},\\"b\\":[1,null]}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>'
        in text_of(schema)
    )
    assert refusal_of({**schema, "jsonSchema": {"a": 2**53 + 1}}) == "/jsonSchema"
    assert refusal_of({**schema, "jsonSchema": "\ud800"}) == "/jsonSchema"


# Equal for us ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda d: subject(d).update(result=subject(d)["result"][0]),
        lambda d: d.update(dict(reversed(list(d.items())))),
        lambda d: achievement(d).update(tag=["cells", "science"]),
        lambda d: achievement(d).update(tag=["science", "cells", "science"]),
        lambda d: achievement(d).update(alignment=[]),
        lambda d: achievement(d).update(name={"@value": "Biology"}),
        lambda d: d.update(name=["Biology"]),
        lambda d: subject(d).update(type=["AchievementSubject"]),
        lambda d: d.update(type=list(reversed(d["type"]))),
    ],
)
def test_what_is_equal_for_us_gives_the_same_text(change: Change) -> None:
    assert text_of(changed(change)) == text_of(badge())


@pytest.mark.parametrize(
    "change",
    [
        lambda d: achievement(d)["resultDescription"][0].update(allowedValue=["A", "B", "C", "F"]),
        lambda d: achievement(d)["resultDescription"][0].update(allowedValue=[]),
        lambda d: achievement(d)["resultDescription"][0].pop("allowedValue"),
        lambda d: subject(d)["result"][0].update(value="B"),
        lambda d: d.update(name={"@value": "Biology", "@language": "en"}),
    ],
)
def test_what_is_not_equal_gives_another_text(change: Change) -> None:
    assert text_of(changed(change)) != text_of(badge())


def test_a_list_may_be_written_without_its_brackets() -> None:
    one = changed(lambda d: achievement(d)["resultDescription"][0].update(allowedValue=["A"]))
    bare = changed(lambda d: achievement(d)["resultDescription"][0].update(allowedValue="A"))

    assert text_of(one) == text_of(bare)


# Contexts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "context",
    [
        "https://example.org/unpinned",
        [V2, "https://example.org/unpinned"],
        [V2, {"gpa": "urn:gpa"}],
        {"@vocab": "urn:x#"},
    ],
)
def test_an_unknown_vocabulary_cannot_be_checked(context: Any) -> None:
    assert refusal_of({**badge(), "@context": context}, VocabularyUnknownError) == "/@context"


@pytest.mark.parametrize("context", [None, 5, True, [], [None], [[V2]], [V1, V2]])
def test_a_context_that_cannot_be_read_is_malformed(context: Any) -> None:
    assert refusal_of({**badge(), "@context": context}, MalformedValueError) == "/@context"


def test_a_vocabulary_from_a_pinned_context_cannot_be_checked_either() -> None:
    with pytest.raises(VocabularyUnknownError):
        Processor(load_with_examples).walk({**badge(), "@context": [V2, EXAMPLES_V2]})


@pytest.mark.parametrize("document", [None, [], "text", 5, {}, {"id": "urn:x"}])
def test_a_document_has_a_context(document: Any) -> None:
    with pytest.raises(MalformedValueError) as caught:
        STRICT.walk(document)
    assert caught.value.pointer == ""


@pytest.mark.parametrize(
    "document", [{"@context": [V2]}, {"@context": [V2], "id": "urn:x"}, {"@context": [V2], "type": []}]
)
def test_a_document_that_says_nothing_is_refused(document: dict[str, Any]) -> None:
    assert refusal_of(document) == ""


@pytest.mark.parametrize("context", [[V2, OB], V2, {}, None])
def test_a_context_inside_stands_on_embedded_credentials_only(context: Any) -> None:
    for part in (subject, achievement, lambda d: d["issuer"], lambda d: subject(d)["result"][0]):
        document = badge()
        part(document)["@context"] = context
        assert refusal_of(document).endswith("/@context")


def test_the_context_of_an_embedded_credential_is_an_array() -> None:
    document = transcript()
    document["credentialSubject"]["verifiableCredential"][0]["@context"] = V2

    assert refusal_of(document) == "/credentialSubject/verifiableCredential/0/@context"


@pytest.mark.parametrize(
    ("context", "error"),
    [
        ([V2, {"name": "https://schema.org/description"}], VocabularyUnknownError),
        (["https://example.org/x"], VocabularyUnknownError),
        ([V1, OB], MalformedValueError),
        ([None], MalformedValueError),
        ([], MalformedValueError),
    ],
)
def test_an_embedded_credential_keeps_to_pinned_contexts(context: Any, error: type[ProblemError]) -> None:
    document = transcript()
    document["credentialSubject"]["verifiableCredential"][0]["@context"] = context

    assert refusal_of(document, error) == "/credentialSubject/verifiableCredential/0/@context"


def envelope(**members: Any) -> dict[str, Any]:
    return {
        "@context": [V2],
        "type": "VerifiablePresentation",
        "verifiableCredential": [
            {
                "@context": V2,
                "type": "EnvelopedVerifiableCredential",
                "id": "data:application/vc+jwt,e30.e30.e30",
                **members,
            },
        ],
    }


def test_an_enveloped_credential_may_name_its_context_without_brackets() -> None:
    dataset = STRICT.walk(envelope())

    assert dataset.unproven == ()
    assert refusal_of(envelope(**{"@context": OB})) == "/verifiableCredential/0/@context"
    assert refusal_of(envelope(type="VerifiableCredential")) == "/verifiableCredential/0/@context"


def test_a_jcs_proof_repeats_the_context_of_its_document() -> None:
    document = transcript()
    member = document["credentialSubject"]["verifiableCredential"][0]
    member["proof"] = {**proof(), "cryptosuite": "eddsa-jcs-2022", "@context": member["@context"]}
    STRICT.walk(document)

    member["proof"]["@context"] = [V2]
    assert refusal_of(document) == "/credentialSubject/verifiableCredential/0/proof/@context"
    member["proof"] = {**proof(), "@context": member["@context"]}
    assert refusal_of(document) == "/credentialSubject/verifiableCredential/0/proof/@context"
