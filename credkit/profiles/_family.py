"""What all family credentials have in common: their vocabulary, their envelope, and reading what one signature allows.

A string may stand bare, in an array of one or as ``{"@value": string}``, an IRI bare or as ``{"id": IRI}``: the
signature does not tell them apart, so reading does not either (design.md, "What a signature fixes").

Spec: design.md, "Authority enters at two seams only"; docs/decisions/0010-family-vocabulary.md
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from credkit.credential import CREDENTIAL_TYPE, V2_CONTEXT, check_credential, issuer_id
from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles._envelope import only_subject
from credkit.profiles._remarks import Remark
from credkit.shape import as_list, format_date_time, is_url, member, parse_date_time, pointer, types_of

FAMILY_CONTEXT: Final = "urn:uuid:ac6beeb9-7e2f-404c-a9c6-2fc3464147cc"
"""The one name of our vocabulary. Nobody can own it; every role serves its bytes at ``/contexts/family-v1``."""
CONTEXTS: Final = (V2_CONTEXT, FAMILY_CONTEXT)
SUBJECT: Final = "/credentialSubject"


def build_document(kind: str, *, credential_id: str, issuer: str, valid_from: datetime, subject: JSONObject,
                   valid_until: datetime | None = None, status_entry: Mapping[str, str] | None = None) -> JSONObject:
    """The envelope around ``subject``, without proof. ``kind`` is the credential's second type."""
    document: JSONObject = {
        "@context": list(CONTEXTS), "id": credential_id, "type": [CREDENTIAL_TYPE, kind], "issuer": {"id": issuer},
        "validFrom": format_date_time(valid_from),
    }
    if valid_until is not None:
        document["validUntil"] = format_date_time(valid_until)
    document["credentialSubject"] = subject
    if status_entry is not None:
        document["credentialStatus"] = dict(status_entry)
    return document


def open_document(document: Any, kind: str, subject_type: str) -> JSONObject:
    """The subject of a family credential of ``kind``, its envelope checked.

    Raises:
        MalformedValueError: another type, no id, no ``validFrom``, or not one subject of ``subject_type`` with an id.
        RangeValueError: it ends before it begins.
    """
    if not isinstance(document, dict):
        raise MalformedValueError("a record must be a JSON object", pointer="")
    check_credential(document)
    if set(types_of(document)) != {CREDENTIAL_TYPE, kind}:
        raise MalformedValueError(f"this is not a {kind} and nothing else", pointer="/type")
    if not is_url(document.get("id")):
        raise MalformedValueError("the member id is missing", pointer="/id")
    member(document, "validFrom", str)
    issuer_id(document)
    subject = only_subject(document)
    if types_of(subject, at=SUBJECT) != (subject_type,):
        raise MalformedValueError(f"the type {subject_type} is missing", pointer=SUBJECT + "/type")
    read_iri(subject, "id")
    return subject


def read_text(node: JSONObject, name: str, *, at: str = SUBJECT) -> str:
    """The text of a required member.

    Raises:
        MalformedValueError: absent, empty, several, or in a language of its own.
    """
    value = _one(node, name, at)
    if isinstance(value, dict) and value.keys() == {"@value"}:
        value = value["@value"]
    if not isinstance(value, str) or not value:
        raise MalformedValueError(f"{name} must be text", pointer=at + pointer(name))
    return value


def read_optional_text(node: JSONObject, name: str, *, at: str = SUBJECT) -> str | None:
    """Like ``read_text``, but None if the member is absent or an empty array."""
    return None if node.get(name, []) == [] else read_text(node, name, at=at)


def read_texts(node: JSONObject, name: str, *, at: str = SUBJECT) -> tuple[str, ...]:
    """The texts of a required member that may hold several, in document order.

    Raises:
        MalformedValueError: none, or one that is not text.
    """
    items = as_list(node.get(name))
    if not items:
        raise MalformedValueError(f"the member {name} is missing", pointer=at + pointer(name))
    return tuple(read_text({name: item}, name, at=at) for item in items)


def read_iri(node: JSONObject, name: str, *, at: str = SUBJECT) -> str:
    """The URL, URN or DID of a required member.

    Raises:
        MalformedValueError: absent, several, or no absolute IRI.
    """
    value = node.get(name) if name == "id" else _one(node, name, at)
    if isinstance(value, dict) and value.keys() == {"id"}:
        value = value["id"]
    if not is_url(value):
        raise MalformedValueError(f"{name} must be a URL", pointer=at + pointer(name))
    return str(value)


def read_moment(node: JSONObject, name: str, *, at: str = SUBJECT) -> datetime:
    """The moment of a required member, aware UTC.

    Raises:
        MalformedValueError: absent, several, or no date with time and zone.
    """
    return parse_date_time(_one(node, name, at), at=at + pointer(name))


def read_nodes(node: JSONObject, name: str, class_name: str, *, at: str = SUBJECT) -> list[tuple[str, JSONObject]]:
    """The objects of type ``class_name`` of a required member, each with the JSON Pointer to it.

    Raises:
        MalformedValueError: none, or one that is no such object.
    """
    value = node.get(name)
    found = []
    for index, item in enumerate(as_list(value)):
        here = at + (pointer(name, index) if isinstance(value, list) else pointer(name))
        if not isinstance(item, dict) or types_of(item, at=here) != (class_name,):
            raise MalformedValueError(f"an object of type {class_name} was expected", pointer=here)
        found.append((here, item))
    if not found:
        raise MalformedValueError(f"the member {name} is missing", pointer=at + pointer(name))
    return found


def remark_unknown(value: str, known: tuple[str, ...], name: str) -> list[Remark]:
    """A remark if ``value`` is not one of the words we know."""
    return [] if value in known else [Remark(SUBJECT + pointer(name), "value_unknown", name)]


def _one(node: JSONObject, name: str, at: str) -> Any:
    items = as_list(node.get(name))
    if len(items) != 1:
        raise MalformedValueError(f"{name} must have one value", pointer=at + pointer(name))
    return items[0]
