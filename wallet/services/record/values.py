"""The values of a record, one by one: what each is, where it stands, and which of them a part of the record shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from credkit.errors import StateError
from credkit.ports import JSONObject
from wallet.services.record.reading import text

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Value:
    """One value and where it stands.

    Attributes:
        place: Members and indexes from the root of the record as it lies here.
        kind: A short stable name for what it is, e.g. ``credentialSubject.achievement.name`` or ``identity.name``;
            pages have words for the common ones.
        shown: The value as text.
    """

    place: Place
    kind: str
    shown: str


def is_frame(kind: str) -> bool:
    """Whether a value goes along with any part of a record, however little is asked for."""
    return kind in ("id", "validFrom", "validUntil", "credentialSubject.id") or kind.startswith(
        ("issuer.", "credentialStatus.", "credentialSchema."))


def values_of(node: Any, place: Place = (), identity: str = "") -> Iterator[Value]:
    """Every value of a document but its contexts, types and proofs, with the kind of each."""
    if isinstance(node, dict):
        named = text(node.get("identityType")) if "identityHash" in node else identity
        for name, item in node.items():
            if name not in ("@context", "proof"):
                yield from values_of(item, (*place, name), named)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from values_of(item, (*place, index), identity)
    elif not (place and place[-1] == "type" or len(place) > 1 and place[-2] == "type"):
        yield Value(place, _kind(place, identity), _text_of(node))


def _kind(place: Place, identity: str) -> str:
    if place[-1] == "identityHash" and identity and "verifiableCredential" not in place:
        return f"identity.{identity}"
    return ".".join(part for part in place if isinstance(part, str))


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def shown_places(whole: JSONObject, sent: JSONObject) -> set[Place]:
    """Places in ``whole`` of the values that ``sent`` shows.

    A derived document leaves out members and array elements and moves nothing else, so both are walked side by side; an
    element of a shortened array belongs to the first later element of the whole one that holds all it shows.

    Raises:
        StateError: ``sent`` is not ``whole`` with things left out.
    """
    return set(_align(whole, sent, ()))


def _align(whole: Any, sent: Any, place: Place) -> Iterator[Place]:
    if isinstance(sent, dict) and isinstance(whole, dict):
        for name, item in sent.items():
            if name not in ("@context", "proof"):
                yield from _align(whole.get(name), item, (*place, name))
    elif isinstance(sent, list) and isinstance(whole, list):
        start = 0
        for item in sent:
            index = next((i for i in range(start, len(whole)) if _holds(whole[i], item)), None)
            if index is None:
                raise StateError("What would leave does not fit the record. Nothing was shared.")
            yield from _align(whole[index], item, (*place, index))
            start = index + 1
    elif whole != sent or isinstance(sent, (dict, list)):
        raise StateError("What would leave does not fit the record. Nothing was shared.")
    elif not (place and place[-1] == "type" or len(place) > 1 and place[-2] == "type"):
        yield place


def _holds(whole: Any, part: Any) -> bool:
    """Whether ``part`` is ``whole`` with things left out."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            name in whole and _holds(whole[name], item) for name, item in part.items())
    if isinstance(part, list):
        remaining: Iterator[Any] = iter(whole if isinstance(whole, list) else ())
        return all(any(_holds(entry, item) for entry in remaining) for item in part)
    return bool(whole == part)


def place_of(pointer: str) -> Place:
    """The place a JSON Pointer names."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isdigit() else part for part in parts)


def is_within(place: Place, outer: Place) -> bool:
    """Whether ``place`` is ``outer`` or lies in it."""
    return place[:len(outer)] == outer
