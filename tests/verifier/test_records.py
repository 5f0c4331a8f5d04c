"""What a record is said to say: as signed, whatever is missing left out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.shared import read_json, samples
from verifier.services.records import describe, identities


def test_a_published_badge_is_described() -> None:
    record = describe(read_json(samples("dcc/example-credentials/criteria-markdown-bold/credential.json")))

    assert record.kind == "badge"
    assert record.calls_itself == "Digital Credentials Consortium Test Issuer"
    assert record.signer.startswith("did:key:")
    assert [line.label for line in record.lines if line.label == "criteria-narrative"]


def test_a_result_is_called_as_its_description_calls_it() -> None:
    record = describe(
        {
            "credentialSubject": {
                "achievement": {"name": "Algebra I", "resultDescription": [{"id": "urn:x:1", "name": "Final grade"}]},
                "result": [{"value": "A-", "resultDescription": "urn:x:1"}, {"status": "InProgress"}],
            }
        }
    )

    assert record.kind == "course"
    assert [(line.label, line.value, line.called) for line in record.lines] == [
        ("grade", "A-", "Final grade"),
        ("state", "InProgress", ""),
    ]


def test_a_hashed_identity_is_nobodys_name() -> None:
    subject = {
        "identifier": [
            {"hashed": True, "identityType": "name", "identityHash": "sha256$x"},
            {"hashed": False, "identityType": "name", "identityHash": "Ana"},
            {"identityHash": "Luz"},
        ]
    }

    assert list(identities(subject)) == [("name", "Ana"), ("name", "Luz")]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"credentialSubject": None},
        {"credentialSubject": "x"},
        {"credentialSubject": [None, 1, "x", []]},
        {"issuer": [], "type": {}},
        {"credentialSubject": {"achievement": [], "result": {"value": {}}, "identifier": "x"}},
        {"evidence": "x", "name": {"@value": []}},
        {
            "credentialSubject": {
                "achievement": {"alignment": {"targetName": {}}, "tag": {"a": 1}, "criteria": [], "name": [[]]}
            }
        },
        {
            "credentialSubject": {
                "result": [{"resultDescription": {"id": []}, "value": True}],
                "achievement": {"resultDescription": 3},
            }
        },
        {"type": [["ClrCredential"]], "partial": "true", "validFrom": {}, "inLanguage": []},
    ],
)
def test_a_record_of_another_form_is_described_as_far_as_it_goes(document: Any) -> None:
    describe(document)


def test_a_record_of_ten_thousand_lines_is_cut() -> None:
    record = describe({"credentialSubject": {"achievement": {"tag": ["x"] * 10_000}}})

    assert len(record.lines) <= 400
