"""``credentialSchema``: whether a credential has the form that its JSON Schema demands.

Nothing is fetched: a schema comes along with the request. What cannot be had that way, an unknown ``$schema``, a
pattern that linear time cannot match, a reference to somewhere else, or too much work: could not check.

Spec: VC-JSON-SCHEMA; security.md C09
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from credkit.digests import check_digests
from credkit.encoding import dump_json, parse_json_object
from credkit.errors import MalformedValueError, ProblemError, TooComplexError, UnsupportedError
from credkit.ports import JSONObject
from credkit.shape import as_list, is_url, member, pointer, types_of

__all__ = ["DRAFTS", "JSON_SCHEMA", "JSON_SCHEMA_CREDENTIAL", "MAX_SCHEMAS", "MAX_SCHEMA_BYTES",
           "SCHEMA_OF_SCHEMA_CREDENTIALS", "OpenCredential", "check_against", "check_schemas", "is_schema"]

JSON_SCHEMA: Final = "JsonSchema"
JSON_SCHEMA_CREDENTIAL: Final = "JsonSchemaCredential"
SCHEMA_OF_SCHEMA_CREDENTIALS: Final = "https://www.w3.org/2022/credentials/v2/json-schema-credential-schema.json"
DRAFTS: Final[Mapping[str, str]] = {
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "https://json-schema.org/draft-07/schema": "draft-07",
    "http://json-schema.org/draft-07/schema": "draft-07",
}
"""``$schema`` without the empty fragment → the draft's name."""
MAX_SCHEMA_BYTES = 1024 * 1024
MAX_SCHEMAS = 8
_WALL_LIMIT_S = 20.0
_ENGINE = Path(__file__).with_name("_engine.py")
_AT = "/credentialSchema"

OpenCredential = Callable[[JSONObject], JSONObject]
"""A schema credential as it was supplied → the credential in it, checked; raises our errors if it does not hold."""


def is_schema(entry: Any) -> bool:
    """Whether an entry of ``credentialSchema`` names a JSON Schema; other kinds of schema have checks of their own."""
    return isinstance(entry, dict) and not {JSON_SCHEMA, JSON_SCHEMA_CREDENTIAL}.isdisjoint(
        name for name in as_list(entry.get("type")) if isinstance(name, str))


def check_schemas(document: JSONObject, schemas: Mapping[str, bytes], open_credential: OpenCredential) -> None:
    """Silence means that ``document`` has the form that each of its ``credentialSchema`` entries demands.

    Args:
        document: The credential as it travels, its proof included.
        schemas: URL → bytes, from whoever asks for the check. What the document names no digest of is trusted as it
            stands, so never take these from whoever is checked.
        open_credential: Checks a schema that is itself a credential.

    Raises:
        MalformedValueError: the document does not have that form, with the place in it; or an entry, a schema or a
            schema credential is malformed or another than the one named.
        CryptographicSecurityError: a schema does not fit the digest that the document names.
        TooComplexError: too many entries, or a schema that is too large.
        UnsupportedError: could not check.
        CredkitError: whatever ``open_credential`` raises.

    Spec: VC-JSON-SCHEMA #jsonschema, #jsonschemacredential
    """
    entries = as_list(document.get("credentialSchema"))
    if len(entries) > MAX_SCHEMAS:
        raise TooComplexError("the record names too many schemas", pointer=_AT)
    for index, entry in enumerate(entries):
        at = _AT + (pointer(index) if len(entries) > 1 else "")
        schema = _schema_of(entry, schemas, open_credential, at)
        check_against(document, schema, {url: data for url, data in schemas.items() if url != entry["id"]})


def _schema_of(entry: Any, schemas: Mapping[str, bytes], open_credential: OpenCredential, at: str) -> JSONObject:
    types, url = types_of(entry, at=at), member(entry, "id", str, at=at)
    known = [name for name in (JSON_SCHEMA, JSON_SCHEMA_CREDENTIAL) if name in types]
    if len(known) != 1:
        raise UnsupportedError("a schema of this kind is not supported")
    if not is_url(url):
        raise MalformedValueError("a schema has no URL", pointer=at + "/id")
    data = schemas.get(url)
    if data is None:
        raise UnsupportedError("the schema did not come along, and is not fetched")
    check_digests(entry, data, at=at)
    supplied = parse_json_object(data, max_bytes=MAX_SCHEMA_BYTES)
    if known == [JSON_SCHEMA]:
        return _named(supplied, "$id", url, at)
    return _unwrap(_named(open_credential(supplied), "id", url, at), at)


def _named(document: JSONObject, name: str, url: str, at: str) -> JSONObject:
    """A document that says itself that it is the one that was named."""
    if member(document, name, str) != url:
        raise MalformedValueError("the schema that came along is not the one named", pointer=at + "/id")
    return document


def _unwrap(credential: JSONObject, at: str) -> JSONObject:
    """The schema in a schema credential (VC-JSON-SCHEMA #jsonschemacredential)."""
    if JSON_SCHEMA_CREDENTIAL not in types_of(credential, at=at):
        raise MalformedValueError("what came along is no schema credential", pointer=at)
    own = member(credential, "credentialSchema", dict)
    if own.get("id") != SCHEMA_OF_SCHEMA_CREDENTIALS or own.get("type") != JSON_SCHEMA:
        raise MalformedValueError("the schema credential does not name the schema that all of them have", pointer=at)
    subject = member(credential, "credentialSubject", dict)
    if types_of(subject, at=at) != (JSON_SCHEMA,):
        raise MalformedValueError("the subject of the schema credential is no schema", pointer=at)
    return member(subject, "jsonSchema", dict)


def check_against(document: JSONObject, schema: JSONObject, others: Mapping[str, bytes]) -> None:
    """Silence means that ``document`` has the form that one JSON Schema demands; formats such as ``email`` count.

    Args:
        others: Schemas that this one may refer to, by URL.

    Raises:
        MalformedValueError: it does not, or the schema has no absolute ``$id``, no ``$schema`` or is none.
        UnsupportedError: could not check.

    Spec: VC-JSON-SCHEMA #validation; JSON-SCHEMA-2020-12
    """
    if not is_url(member(schema, "$id", str)):
        raise MalformedValueError("the schema has no absolute $id", pointer="/$id")
    draft = _draft_of(member(schema, "$schema", str))
    if not _is_of_one_draft(schema, draft):
        raise UnsupportedError("the schema mixes versions of JSON Schema")
    answer = _ask({"draft": draft, "schema": schema, "others": _usable(others, draft), "document": document})
    if answer["outcome"] == "invalid":
        raise MalformedValueError("a value does not have the form that its schema demands",
                                  pointer=pointer(*answer["path"]))
    if answer["outcome"] == "malformed":
        raise MalformedValueError("the schema is not one of JSON Schema")
    if answer["outcome"] != "valid":
        raise UnsupportedError(_WHY[answer["outcome"]])


_WHY = {
    "pattern": "the schema has a pattern that could take too long to match",
    "reference": "the schema refers to something that did not come along, and is not fetched",
    "limit": "the schema could not be checked within its limits",
}


def _draft_of(name: str) -> str:
    draft = DRAFTS.get(name.removesuffix("#"))
    if draft is None:
        raise UnsupportedError("this version of JSON Schema is not supported")
    return draft


def _is_of_one_draft(node: Any, draft: str) -> bool:
    """No schema inside, with an ``$id`` of its own, is of another version."""
    if isinstance(node, list):
        return all(_is_of_one_draft(item, draft) for item in node)
    if not isinstance(node, dict):
        return True
    name = node.get("$schema")
    if isinstance(name, str) and isinstance(node.get("$id"), str) and DRAFTS.get(name.removesuffix("#")) != draft:
        return False
    return all(_is_of_one_draft(item, draft) for item in node.values())


def _usable(others: Mapping[str, bytes], draft: str) -> JSONObject:
    """Those of the other schemas that can be read and are of this version; a reference to another one stays open."""
    found: JSONObject = {}
    for url, data in others.items():
        try:
            schema = parse_json_object(data, max_bytes=MAX_SCHEMA_BYTES)
        except ProblemError:
            continue
        name = schema.get("$schema")
        if isinstance(name, str) and DRAFTS.get(name.removesuffix("#")) == draft and _is_of_one_draft(schema, draft):
            found[url] = schema
    return found


def _ask(question: JSONObject) -> JSONObject:
    """What the engine says; it runs in a process of its own, so that limits can end it."""
    try:
        done = subprocess.run([sys.executable, "-I", str(_ENGINE)], input=dump_json(question), capture_output=True,
                              timeout=_WALL_LIMIT_S, env={}, check=False)
    except subprocess.TimeoutExpired:
        return {"outcome": "limit"}
    if done.returncode != 0:
        return {"outcome": "limit"}
    answer: JSONObject = json.loads(done.stdout)
    return answer
