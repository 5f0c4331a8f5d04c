"""The check ``schema``: what a schema that came along demands is demanded, and one that did not is told."""

from __future__ import annotations

import json

import pytest

from credkit.formats.jwt_vc import sign_vc_jwt
from credkit.verification import Outcome, Policy, verify_credential
from tests.support.world import V2, School, World

URL = "https://school.example/schemas/course"
WRAPPED = "https://school.example/schemas/credential"
SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": URL, "type": "object", "required": ["name"],
          "properties": {"name": {"const": "Algebra I"}}}


@pytest.fixture
def world():
    return World()


@pytest.fixture
def school(world):
    return School(world)


def bytes_of(value):
    return json.dumps(value).encode()


def named(school, kind="JsonSchema", url=URL, **changes):
    return {**school.course(), "credentialSchema": {"id": url, "type": kind}, **changes}


def verify(world, document, **schemas):
    return verify_credential(document, Policy(schemas=schemas.get("schemas", {})), world.environment())


def test_a_record_must_have_the_form_that_its_schema_demands(world, school):
    schemas = {URL: bytes_of(SCHEMA)}
    for form in (school.sign, lambda document: sign_vc_jwt(document, school.p256)):
        good = verify(world, form(named(school)), schemas=schemas)
        assert (good.verified, good.check("schema").outcome) == (True, Outcome.PASSED)
        bad = verify(world, form(named(school, name="Calculus")), schemas=schemas)
        assert (bad.verified, bad.check("schema").outcome) == (False, Outcome.FAILED)
        assert bad.check("schema").problem["pointer"] == "/name"


def test_a_schema_that_did_not_come_along_is_told_and_says_nothing_against_the_record(world, school):
    report = verify(world, school.sign(named(school)))
    assert (report.verified, report.check("schema").outcome) == (True, Outcome.INDETERMINATE)
    assert "schema" in report.optional


def test_a_record_that_names_no_json_schema_has_no_such_check(world, school):
    other = named(school, "1EdTechJsonSchemaValidator2019")
    other["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
    for document in (school.course(), other):
        report = verify(world, school.sign(document))
        assert (report.verified, report.check("schema")) == (True, None)


def test_a_schema_in_a_credential_counts_if_the_credential_holds(world, school):
    inner = {"@context": [V2], "id": WRAPPED, "type": ["VerifiableCredential", "JsonSchemaCredential"],
             "issuer": school.did, "validFrom": "2026-01-01T00:00:00Z",
             "credentialSchema": {"id": "https://www.w3.org/2022/credentials/v2/json-schema-credential-schema.json",
                                  "type": "JsonSchema"},
             "credentialSubject": {"id": URL, "type": "JsonSchema", "jsonSchema": SCHEMA}}
    signed = school.sign(inner)
    record = school.sign(named(school, "JsonSchemaCredential", WRAPPED))
    report = verify(world, record, schemas={WRAPPED: bytes_of(signed)})
    assert report.check("schema").outcome is Outcome.PASSED, report.check("schema")
    forged = {**signed, "validFrom": "2026-02-01T00:00:00Z"}
    assert verify(world, record, schemas={WRAPPED: bytes_of(forged)}).check("schema").outcome is Outcome.FAILED
