"""``python -m demo.conformance schema validate``: what the public VC-JSON-SCHEMA suite asks, row by row.

The rows are the suite's test mapping (w3c/vc-json-schema-test-suite at bbbb0bd, 2024), each for its three drafts; the
documents have the form of the suite's inputs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest

from demo.conformance import schema
from tests.support.shared import ROOT

DRAFTS = ("https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2019-09/schema",
          "https://json-schema.org/draft-07/schema#")
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
URL, SCHEMA_URL = "https://example.com/schemas/email.json", "https://example.com/credentials/3734"
OF_ALL = "https://www.w3.org/2022/credentials/v2/json-schema-credential-schema.json"
PLAIN, ENCLOSED = "JsonSchema", "JsonSchemaCredential"
REMOVED = object()


def credential(kind: str, **entry: Any) -> dict[str, Any]:
    url = URL if kind == PLAIN else SCHEMA_URL
    return {"@context": CONTEXT, "id": "https://example.com/credentials/3732", "type": ["VerifiableCredential"],
            "issuer": "https://example.com/issuers/14", "issuanceDate": "2010-01-01T19:23:24Z",
            "credentialSubject": {"id": "did:example:ebfeb1f712ebc6f1c276e12ec21", "emailAddress": "s@example.com"},
            "credentialSchema": {"id": url, "type": kind, **entry}}


def json_schema(draft: str, name: str = "emailAddress") -> dict[str, Any]:
    subject = {"type": "object", "required": [name], "properties": {name: {"type": "string", "format": "email"}}}
    return {"$id": URL, "$schema": draft, "type": "object", "properties": {"credentialSubject": subject}}


def supplied(kind: str, draft: str) -> dict[str, Any]:
    if kind == PLAIN:
        return json_schema(draft)
    return {"@context": CONTEXT, "id": SCHEMA_URL, "type": ["VerifiableCredential", ENCLOSED],
            "issuer": "https://example.com/issuers/14", "issuanceDate": "2010-01-01T19:23:24Z",
            "credentialSchema": {"id": OF_ALL, "type": PLAIN}, "credentialSubject": {
                "id": URL, "type": PLAIN, "jsonSchema": json_schema(draft)}}


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    result = deepcopy(document)
    *steps, last = path.split("/")
    place: Any = result
    for step in steps:
        place = place[step]
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value
    return result


# What is changed in the schema that is supplied, below the JSON Schema itself → the result.
IN_SCHEMA = {
    "nothing": ("", None, "success"), "another $id": ("$id", "https://example.com/schemas/bad.json", "failure"),
    "no $id": ("$id", REMOVED, "failure"), "$id is no URL": ("$id", "not-a-uri", "failure"),
    "no $schema": ("$schema", REMOVED, "failure"),
    "another name": ("properties/credentialSubject/required", ["firstName"], "failure"),
    "unknown $schema": ("$schema", "https://json-schema.org/draft/unknown/schema", "indeterminate"),
    "a pattern with a look ahead": ("properties/credentialSubject/properties/emailAddress/pattern", "(?=s)",
                                    "indeterminate"),
    "a reference elsewhere": ("$ref", "https://example.com/schemas/other.json", "indeterminate"),
}
IN_SCHEMA_CREDENTIAL = {
    "another id": ("id", "bad"), "no type of the subject": ("credentialSubject/type", REMOVED),
    "another type of the subject": ("credentialSubject/type", "BadType"),
    "no schema": ("credentialSubject/jsonSchema", REMOVED), "another schema of its own": ("credentialSchema/id", "bad"),
    "no schema of its own": ("credentialSchema", REMOVED), "no schema credential": ("type", ["VerifiableCredential"]),
}


@pytest.fixture
def validate(tmp_path):
    """Run the command on a supplied schema and a credential."""
    def act(kind, given, document):
        places = {name: tmp_path / name for name in ("schema", "credential", "output")}
        places["schema"].write_text(given if isinstance(given, str) else json.dumps(given), encoding="utf-8")
        places["credential"].write_text(json.dumps(document), encoding="utf-8")
        named = [part for name, place in places.items() for part in (f"--{name}", str(place))]
        schema.run(["validate", "--format", kind, *named])
        return json.loads(places["output"].read_text(encoding="utf-8"))["result"]
    return act


@pytest.mark.spec("VC-JSON-SCHEMA", "#validation")
@pytest.mark.parametrize("name", IN_SCHEMA)
@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("kind", [PLAIN, ENCLOSED])
def test_the_suites_rows_about_the_schema(validate, kind, draft, name):
    path, value, expected = IN_SCHEMA[name]
    given, place = supplied(kind, draft), path if kind == PLAIN else f"credentialSubject/jsonSchema/{path}"
    if name == "another $id" and kind == ENCLOSED:
        expected = "success"  # the name that counts is the credential's
    assert validate(kind, changed(given, place, value) if path else given, credential(kind)) == expected


@pytest.mark.spec("VC-JSON-SCHEMA", "#jsonschemacredential")
@pytest.mark.parametrize("name", IN_SCHEMA_CREDENTIAL)
def test_the_suites_rows_about_the_schema_credential(validate, name):
    given = changed(supplied(ENCLOSED, DRAFTS[0]), *IN_SCHEMA_CREDENTIAL[name])
    assert validate(ENCLOSED, given, credential(ENCLOSED)) == "failure"


@pytest.mark.parametrize("kind", [PLAIN, ENCLOSED])
def test_the_suites_rows_about_the_credential(validate, kind):
    given = supplied(kind, DRAFTS[0])
    other = ENCLOSED if kind == PLAIN else PLAIN
    for document in (credential(kind, type=f"Not{kind}"), credential(kind, type=other), credential(kind, id=None),
                     changed(credential(kind), "credentialSchema", REMOVED),
                     changed(credential(kind), "credentialSchema", []),
                     changed(credential(kind), "credentialSubject/emailAddress", "nobody"),
                     changed(credential(kind), "credentialSubject/emailAddress", REMOVED)):
        assert validate(kind, given, document) == "failure"


def test_what_cannot_be_read_is_a_failure(validate):
    for given in ("", "[]", '{"a": 1, "a": 2}'):
        assert validate(PLAIN, given, credential(PLAIN)) == "failure"


def test_the_command_runs_from_outside(tmp_path):
    (tmp_path / "schema.json").write_text(json.dumps(supplied(PLAIN, DRAFTS[2])), encoding="utf-8")
    (tmp_path / "credential.json").write_text(json.dumps(credential(PLAIN)), encoding="utf-8")
    command = [sys.executable, "-m", "demo.conformance", "schema", "validate", "--format", PLAIN, "--schema",
               str(tmp_path / "schema.json"), "--credential", str(tmp_path / "credential.json"), "--output",
               str(tmp_path / "output.json")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    assert json.loads((tmp_path / "output.json").read_text(encoding="utf-8")) == {"result": "success", "data": ""}
