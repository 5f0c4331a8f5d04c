"""JSON Schemas of credentials: another engine agrees, nothing is fetched, and no schema takes long."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import resource
import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credkit.errors import (
    CredkitError,
    CryptographicSecurityError,
    MalformedValueError,
    ProofVerificationError,
    TooComplexError,
    UnsupportedError,
)
from credkit.schemas import (
    DRAFTS,
    MAX_SCHEMA_BYTES,
    MAX_SCHEMAS,
    SCHEMA_OF_SCHEMA_CREDENTIALS,
    _engine,
    check_against,
    check_schemas,
)
from credkit.shape import parse_date_time
from tests.support.shared import ROOT, read_json, samples

URL, NEWEST = "https://school.example/schemas/course.json", "https://json-schema.org/draft/2020-12/schema"
SCHEMA = {"$id": URL, "$schema": NEWEST, "type": "object", "required": ["name"],
          "properties": {"name": {"type": "string"}, "contact": {"type": "string", "format": "email"}}}
DOCUMENT = {"name": "Algebra I", "credentialSchema": {"id": URL, "type": "JsonSchema"}}
SUBJECT: dict[str, Any] = {"id": URL, "type": "JsonSchema", "jsonSchema": SCHEMA}
CREDENTIAL = {
    "id": "https://school.example/schemas/1", "type": ["VerifiableCredential", "JsonSchemaCredential"],
    "credentialSchema": {"id": SCHEMA_OF_SCHEMA_CREDENTIALS, "type": "JsonSchema"},
    "credentialSubject": SUBJECT,
}
NAMED_BY_CREDENTIAL = {"name": "Algebra I",
                       "credentialSchema": {"id": CREDENTIAL["id"], "type": "JsonSchemaCredential"}}
NO_TYPE = {name: value for name, value in SUBJECT.items() if name != "type"}
NO_SCHEMA = {name: value for name, value in SUBJECT.items() if name != "jsonSchema"}


def as_it_stands(credential):
    return credential


def check(document=DOCUMENT, schema=SCHEMA, others=None, opened=as_it_stands):
    entry = document["credentialSchema"]
    data = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    check_schemas(document, {entry["id"]: data, **(others or {})}, opened)


def test_a_document_has_the_form_that_its_schema_demands_or_not():
    check()
    check_schemas({"name": 7}, {}, as_it_stands)
    for value, place in ((7, "/name"), (None, "/name")):
        with pytest.raises(MalformedValueError) as caught:
            check({**DOCUMENT, "name": value})
        assert caught.value.pointer == place
    with pytest.raises(MalformedValueError):
        check({name: value for name, value in DOCUMENT.items() if name != "name"})


def test_the_place_of_what_does_not_fit_is_a_pointer():
    schema = {**SCHEMA, "properties": {"a/b": {"items": {"type": "string"}}}}
    with pytest.raises(MalformedValueError) as caught:
        check({**DOCUMENT, "a/b": ["x", 7]}, schema)
    assert caught.value.pointer == "/a~1b/1"


@pytest.mark.spec("VC-JSON-SCHEMA", "#jsonschemacredential")
def test_a_schema_can_be_a_credential_that_must_hold():
    check(NAMED_BY_CREDENTIAL, CREDENTIAL)
    with pytest.raises(MalformedValueError):
        check({**NAMED_BY_CREDENTIAL, "name": 7}, CREDENTIAL)

    def refuse(credential):
        raise ProofVerificationError("the proof does not hold")

    with pytest.raises(ProofVerificationError):
        check(NAMED_BY_CREDENTIAL, CREDENTIAL, opened=refuse)
    enveloped = {"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,x"}
    check(NAMED_BY_CREDENTIAL, enveloped, opened=lambda supplied: CREDENTIAL)


@pytest.mark.parametrize("change", [
    {"id": "https://school.example/schemas/2"}, {"id": None}, {"type": ["VerifiableCredential"]},
    {"credentialSchema": {"id": "https://school.example/other", "type": "JsonSchema"}}, {"credentialSchema": []},
    {"credentialSchema": {"id": SCHEMA_OF_SCHEMA_CREDENTIALS, "type": "JsonSchemaCredential"}},
    {"credentialSubject": NO_TYPE}, {"credentialSubject": NO_SCHEMA}, {"credentialSubject": {**NO_TYPE, "type": "X"}},
    {"credentialSubject": {**NO_SCHEMA, "jsonSchema": json.dumps(SCHEMA)}},
])
def test_a_schema_credential_of_another_form_is_refused(change):
    with pytest.raises(MalformedValueError):
        check(NAMED_BY_CREDENTIAL, {**CREDENTIAL, **change})


@pytest.mark.parametrize("name", [*DRAFTS, "https://json-schema.org/draft-07/schema#",
                                  "https://json-schema.org/draft/2019-09/schema#"])
def test_three_drafts_are_known(name):
    check(schema={**SCHEMA, "$schema": name})
    with pytest.raises(MalformedValueError):
        check({**DOCUMENT, "contact": "nobody"}, {**SCHEMA, "$schema": name})


@pytest.mark.spec("VC-JSON-SCHEMA", "#json-schema-specifications")
@pytest.mark.parametrize("schema", [
    {**SCHEMA, "$schema": "https://json-schema.org/draft/unknown/schema"},
    {**SCHEMA, "$schema": "http://json-schema.org/draft-04/schema#"},
    {**SCHEMA, "$defs": {"a": {"$id": "https://e.example/a", "$schema": "https://e.example/dialect"}}},
    {**SCHEMA, "$ref": "https://school.example/schemas/other.json"}, {**SCHEMA, "$ref": "other.json"},
    {**SCHEMA, "$ref": "file:///etc/hostname"}, {**SCHEMA, "$ref": "#/$defs/nothing"},
    {**SCHEMA, "properties": {"name": {"$ref": "https://school.example/schemas/other.json"}}},
    {**SCHEMA, "properties": {"name": {"pattern": "(?=A)"}}}, {**SCHEMA, "patternProperties": {"(a)\\1": True}},
    {**SCHEMA, "properties": {"name": {"pattern": "(a{1000}){1000}"}}},
])
def test_what_cannot_be_had_or_used_could_not_be_checked(schema):
    with pytest.raises(UnsupportedError):
        check(schema=schema)


@pytest.mark.parametrize("draft", DRAFTS)
def test_nothing_is_read_from_where_a_schema_points_though_it_is_there(tmp_path, draft):
    (tmp_path / "other.json").write_text('{"type": "object"}', encoding="utf-8")
    with pytest.raises(UnsupportedError):
        check(schema={**SCHEMA, "$schema": draft, "allOf": [{"$ref": (tmp_path / "other.json").as_uri()}]})


def test_a_schema_that_did_not_come_along_could_not_be_checked():
    for document, schemas in ((DOCUMENT, {}), (DOCUMENT, {URL + "#": b"{}"}),
                              ({"credentialSchema": {"id": URL, "type": "1EdTechJsonSchemaValidator2019"}}, {})):
        with pytest.raises(UnsupportedError):
            check_schemas(document, schemas, as_it_stands)


def test_a_schema_may_refer_to_another_that_came_along():
    other = "https://school.example/schemas/name.json"
    schema = {**SCHEMA, "properties": {"name": {"$ref": "name.json"}}}
    others = {other: json.dumps({"$id": other, "$schema": NEWEST, "maxLength": 5}).encode(),
              "https://school.example/unreadable": b"{"}
    with pytest.raises(MalformedValueError):
        check(schema=schema, others=others)
    check({**DOCUMENT, "name": "Band"}, schema, others)


@pytest.mark.parametrize("other", [
    {"$schema": "https://e.example/dialect"}, {"$schema": "https://json-schema.org/draft/2019-09/schema"}, {},
    {"$schema": 7}, {"$schema": NEWEST, "$ref": "https://school.example/schemas/third.json"},
    {"$schema": NEWEST, "pattern": "(?=x)"}, {"$schema": NEWEST, "$id": "::bad::", "$ref": "third.json"},
])
def test_what_came_along_besides_matters_only_where_it_is_referred_to(other):
    others = {"https://school.example/schemas/name.json": json.dumps(other).encode()}
    check(others=others)
    with pytest.raises(UnsupportedError):
        check(schema={**SCHEMA, "properties": {"name": {"$ref": "name.json"}}}, others=others)


@pytest.mark.parametrize("change", [
    {"$id": None}, {"$id": "course.json"}, {"$id": URL + "#"}, {"$id": "https://school.example/other.json"},
    {"$schema": None}, {"$schema": 7}, {"type": "nothing"}, {"required": "name"}, {"properties": []}, {"minimum": "3"},
])
def test_a_schema_that_is_none_or_another_is_refused(change):
    schema = {name: value for name, value in {**SCHEMA, **change}.items() if value is not None}
    with pytest.raises(MalformedValueError):
        check(schema=schema)


@pytest.mark.parametrize("entry", [
    {"id": URL}, {"type": "JsonSchema"}, {"id": 7, "type": "JsonSchema"}, {"id": "course", "type": "JsonSchema"}, "x",
    7, {"id": URL, "type": []}, {"id": URL, "type": "JsonSchema", "digestSRI": 7},
    {"id": URL, "type": "JsonSchema", "digestMultibase": ["z"]},
])
def test_an_entry_that_is_malformed_is_refused(entry):
    with pytest.raises(MalformedValueError):
        check_schemas({"name": "x", "credentialSchema": entry}, {URL: json.dumps(SCHEMA).encode()}, as_it_stands)


def test_every_schema_counts_and_they_are_bounded():
    other = "https://school.example/schemas/other.json"
    entries = [DOCUMENT["credentialSchema"], {"id": other, "type": "JsonSchema"}]
    schemas = {URL: json.dumps(SCHEMA).encode(),
               other: json.dumps({"$id": other, "$schema": NEWEST, "required": ["grade"]}).encode()}
    check_schemas({"name": "x", "grade": "A", "credentialSchema": entries}, schemas, as_it_stands)
    with pytest.raises(MalformedValueError):
        check_schemas({"name": "x", "credentialSchema": entries}, schemas, as_it_stands)
    with pytest.raises(TooComplexError):
        check_schemas({"credentialSchema": entries[:1] * (MAX_SCHEMAS + 1)}, schemas, as_it_stands)
    with pytest.raises(TooComplexError):
        check(schema=b" " * MAX_SCHEMA_BYTES + b"{}")


def test_a_schema_must_fit_the_digest_that_the_document_names():
    data = json.dumps(SCHEMA).encode()
    digest = "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()
    document = {**DOCUMENT, "credentialSchema": {**DOCUMENT["credentialSchema"], "digestSRI": digest}}
    check(document, data)
    with pytest.raises(CryptographicSecurityError):
        check(document, data + b" ")


NO_ENTRY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([URL, "JsonSchema"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "type", "digestSRI", "digestMultibase", "$id", "$schema", "credentialSubject"]), inner,
        max_size=4), max_leaves=8)


@given(NO_ENTRY, NO_ENTRY)
def test_no_entry_and_no_schema_is_unforeseen(entry, schema):
    with contextlib.suppress(CredkitError):
        check_schemas({"credentialSchema": entry}, {URL: json.dumps(schema).encode()}, as_it_stands)


# Work -----------------------------------------------------------------------------------------------------------------

# What backtracking engines take minutes or years for (OWASP, "Regular expression Denial of Service"); each with a text.
REDOS = {
    "(a+)+$": "a" * 40 + "!", "^([a-zA-Z]+)*$": "a" * 40 + "!", "(a|aa)+$": "a" * 60 + "!", "^(a|a?)+$": "a" * 40 + "!",
    "(.*a){20}$": "a" * 200 + "!", "^(([a-z])+.)+[A-Z]([a-z])+$": "a" * 60, "(x+x+)+y": "x" * 2000,
    "^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$":
        "a" * 60 + "!",
    "\\s*,\\s*$": " " * 20_000 + "x",
}


@pytest.mark.spec("RFC9485", "#section-8")
@pytest.mark.parametrize("pattern", REDOS)
def test_no_pattern_takes_long(pattern):
    """All of them would match nothing, so the answer is known."""
    started = time.process_time()
    answer = _engine._answer({"draft": "2020-12", "schema": {"pattern": pattern}, "others": {},
                              "document": REDOS[pattern]})
    assert answer == {"outcome": "invalid", "path": []}
    assert time.process_time() - started < 1


def doubling(depth):
    """Each definition asks the next one twice."""
    last = {"required": ["nothing"]}
    twice = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]} for n in range(depth)}
    return {**SCHEMA, "$ref": "#/$defs/d0", "$defs": {**twice, f"d{depth}": {"not": last}}}


def test_work_that_doubles_with_every_step_is_ended():
    check(schema=doubling(5))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(UnsupportedError):
        check(schema=doubling(50))
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 2 * _engine.CPU_LIMIT_S


@pytest.mark.parametrize("schema", [
    {**SCHEMA, "$ref": "#"}, {**SCHEMA, "allOf": [{"$ref": "#"}]}, {**SCHEMA, "not": {"not": {"$ref": "#"}}},
    {**SCHEMA, "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
])
def test_a_schema_that_refers_to_itself_without_end_has_an_end(schema):
    check(schema=schema)


def test_a_schema_of_trees_is_checked_to_the_leaves():
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "child": {"$ref": "#"}}}
    tree = {"name": 7}
    for _ in range(30):
        tree = {"name": "x", "child": tree}
    with pytest.raises(MalformedValueError):
        check({**DOCUMENT, **tree}, schema)


# Another engine -------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.5])
INSTANCES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
KINDS = {"2020-12": jsonschema.Draft202012Validator, "2019-09": jsonschema.Draft201909Validator,
         "draft-07": jsonschema.Draft7Validator}


def schemas_of(draft):
    def grown(inner):
        lists, maps = st.lists(inner, min_size=1, max_size=3), st.dictionaries(WORDS, inner, max_size=3)
        # The other engine cannot take ``false`` beside ``additionalItems``.
        older_items = {"items": lists | inner.filter(lambda schema: isinstance(schema, dict)), "additionalItems": inner}
        keywords = {
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            "enum": st.lists(INSTANCES, max_size=3), "const": INSTANCES, "minimum": NUMBERS,
            "exclusiveMaximum": NUMBERS, "multipleOf": st.sampled_from([1, 2]),
            "minLength": st.integers(0, 2), "maxLength": st.integers(0, 2), "pattern": st.sampled_from(["^a", "b$"]),
            "minItems": st.integers(0, 2), "uniqueItems": st.booleans(), "contains": inner, "propertyNames": inner,
            "required": st.lists(WORDS, max_size=2, unique=True), "maxProperties": st.integers(0, 2),
            "properties": maps, "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=2),
            "additionalProperties": inner, "allOf": lists, "anyOf": lists, "oneOf": lists, "not": inner, "if": inner,
            "then": inner, "else": inner,
        }
        if draft == "draft-07":
            keywords |= {"dependencies": st.dictionaries(WORDS, inner | st.just(["a"]), max_size=2), **older_items}
        else:
            keywords |= {"dependentSchemas": maps, "minContains": st.integers(0, 2), "unevaluatedProperties": inner,
                         "dependentRequired": st.dictionaries(WORDS, st.just(["a"]), max_size=2)}
            keywords |= {"prefixItems": lists, "items": inner} if draft == "2020-12" else older_items
        return st.fixed_dictionaries({}, optional=keywords)
    return st.recursive(st.booleans() | st.just({}), grown, max_leaves=4)


def oracle(draft, schema, instance):
    return KINDS[draft](schema).is_valid(instance)


@pytest.mark.parametrize("draft", KINDS)
def test_another_engine_agrees_on_every_schema(draft):
    @settings(max_examples=250, deadline=None)
    @given(schemas_of(draft), INSTANCES)
    def agree(schema, instance):
        answer = _engine._answer({"draft": draft, "schema": schema, "others": {}, "document": instance})
        assert (answer["outcome"] == "valid") == oracle(draft, schema, instance)

    agree()


def formats():
    """The formats that the official schemas ask for; the other engine has no date and time of its own."""
    checker = jsonschema.FormatChecker(formats=("date",))
    checker.checks("date-time", raises=MalformedValueError)(lambda value: parse_date_time(value) is not None)
    return checker


FOLDERS = ("open-badges/v3_0/ob_v3p0_achievementcredential_schema.json", "clr/v2_0/clr_v2p0_clrcredential_schema.json",
           "open-badges/v3_0/ob_v3p0_endorsementcredential_schema.json")


@pytest.mark.parametrize("path", FOLDERS)
def test_another_engine_agrees_on_the_official_schemas_and_the_samples(path):
    schema = read_json(samples("schemas") / path)
    validator = jsonschema.Draft201909Validator(schema, format_checker=formats())
    documents = [read_json(each) for folder in ("ob3/learncard", "clr2/learncard")
                 for each in sorted(samples(folder).glob("*.json"))]
    published = ROOT / "tests" / "vectors" / "1edtech"
    documents += [read_json(published / name)["signed"] for name in ("ob.json", "clr.json")]
    questions = [{"draft": "2019-09", "schema": schema, "others": {}, "document": document} for document in documents]
    found = [_engine._answer(question)["outcome"] == "valid" for question in questions]
    assert found == [validator.is_valid(document) for document in documents]
    assert True in found and False in found
    check_against(documents[found.index(True)], schema, {})
    with pytest.raises(MalformedValueError):
        check_against(documents[found.index(False)], schema, {})
