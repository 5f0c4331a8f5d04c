"""Reading lists of standards: CASE 1.0 and 1.1 packages as they are in the world, leniently, into a small form of ours.

Real packages lack members that the standard requires, so only what we use is read and nothing is refused for the rest.

Spec: CASE 1.1 #cfpackage
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from credkit.encoding import parse_json
from credkit.errors import MalformedValueError, TooComplexError
from credkit.ports import JSONObject
from credkit.profiles import clr_2
from credkit.shape import as_list
from wallet.services.record.reading import first, text

MAX_BYTES: Final = 24 * 2**20
_MAX_ITEMS: Final = 20_000
_MAX_TEXT: Final = 1_000
_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_STANDARD: Final = re.compile(
    r"\b(?:standard|target|indicator|expectation|competency|objective|benchmark|est[aá]ndar)\b", re.IGNORECASE)
_KINDERGARTEN: Final = frozenset({"k", "kg", "kk"})


@dataclass(frozen=True)
class Item:
    """One entry of a list (CFItem).

    Attributes:
        key: Its GUID in lower case, else its URI.
        kind: CFItemType as written.
        grades: Grade levels as people say them: ``K``, ``4`` …
        parent: Key of the entry it belongs to, None at the top.
    """

    key: str
    uri: str
    code: str
    text: str
    kind: str
    grades: tuple[str, ...]
    parent: str | None


@dataclass(frozen=True)
class Framework:
    """A list of standards.

    Attributes:
        items: In the order of the list.
        same: Pairs of keys that mean exactly the same (``exactMatchOf``): the only ones that are ever merged.
        near: Pairs of keys that are related or peers: only shown.
        language: BCP 47 tag of its texts, or empty.
    """

    key: str
    title: str
    language: str
    items: tuple[Item, ...]
    same: tuple[tuple[str, str], ...]
    near: tuple[tuple[str, str], ...]
    by_key: Mapping[str, Item] = field(default_factory=dict, repr=False, compare=False)

    def countable(self) -> tuple[Item, ...]:
        """The entries that are standards: those the list calls so, else those with nothing below them."""
        named = tuple(item for item in self.items if _STANDARD.search(item.kind))
        if named:
            return named
        parents = {item.parent for item in self.items}
        return tuple(item for item in self.items if item.key not in parents)

    def above(self, item: Item, counted: frozenset[str]) -> Item | None:
        """The nearest entry above ``item`` that is not itself counted: the group people would name."""
        seen = {item.key}
        parent = item.parent
        while parent is not None and parent not in seen:
            found = self.by_key.get(parent)
            if found is None:
                return None
            if found.key not in counted:
                return found
            seen.add(parent)
            parent = found.parent
        return None


def key_of(identifier: str, uri: str, *others: str) -> str:
    """The name by which entries are told apart: a GUID in identifier or URI, else the URI, else what else there is."""
    for name in (identifier, uri):
        guid = _GUID.findall(name)
        if guid:
            return str(guid[-1]).lower()
    return next((name.strip() for name in (uri, identifier, *others) if name.strip()), "")


def standards_in(node: JSONObject) -> list[JSONObject]:
    """Alignments that name an entry of a CASE list: by their type, or by a GUID where they give no type."""
    found = []
    for alignment in as_list(node.get("alignment")):
        if isinstance(alignment, dict):
            kind, url = text(alignment.get("targetType")), text(alignment.get("targetUrl"))
            is_item = kind == "CFItem" or (not kind and _GUID.search(url) is not None)
            if is_item and (url or text(alignment.get("targetCode"))):
                found.append(alignment)
    return found


def has_standards(document: JSONObject) -> bool:
    """Whether a record, or one inside a transcript, speaks of standards at all; for its line in the index."""
    subject = first(document.get("credentialSubject"))
    if clr_2.is_mine(document):
        members = as_list(subject.get("verifiableCredential"))
        return any(has_standards(member) for member in members
                   if isinstance(member, dict) and not clr_2.is_mine(member))
    achievement = first(subject.get("achievement"))
    parts = (achievement, *as_list(achievement.get("resultDescription")), *as_list(subject.get("result")))
    return any(standards_in(part) for part in parts if isinstance(part, dict))


def parse_package(data: bytes) -> Framework:
    """A list of standards from a CASE package file.

    Raises:
        ParsingError, TooComplexError: no JSON, or larger than ``MAX_BYTES`` or 20,000 entries.
        MalformedValueError: JSON, but no CASE package.
    """
    package = parse_json(data.removeprefix(b"\xef\xbb\xbf"), max_bytes=MAX_BYTES)
    if isinstance(package, dict) and isinstance(package.get("CFPackage"), dict):
        package = package["CFPackage"]
    if not isinstance(package, dict) or not isinstance(package.get("CFItems"), list):
        raise MalformedValueError("this file is not a list of standards: it has no CFItems", pointer="/CFItems")
    return read_package(package)


def read_package(package: JSONObject) -> Framework:
    """The parts of a CFPackage that mastery needs.

    Raises:
        MalformedValueError: it lists nothing.
        TooComplexError: too many entries.
    """
    document = package.get("CFDocument")
    document = document if isinstance(document, dict) else {}
    raw = [each for each in as_list(package.get("CFItems")) if isinstance(each, dict)]
    if len(raw) > _MAX_ITEMS:
        raise TooComplexError(f"a list may have {_MAX_ITEMS} standards")
    same, near, parents = _associations(package)
    items: dict[str, Item] = {}
    for each in raw:
        key = key_of(text(each.get("identifier")), text(each.get("uri")), text(each.get("humanCodingScheme")),
                     text(each.get("fullStatement")))
        if key and key not in items:
            items[key] = Item(
                key, text(each.get("uri")), text(each.get("humanCodingScheme"))[:120],
                (text(each.get("fullStatement")) or text(each.get("abbreviatedStatement")))[:_MAX_TEXT],
                text(each.get("CFItemType"))[:80],
                _grades(each.get("educationLevel") or each.get("educationalLevel")), parents.get(key))
    if not items:
        raise MalformedValueError("this list of standards is empty", pointer="/CFItems")
    key = key_of(text(document.get("identifier")), text(document.get("uri")), text(document.get("title")))
    return Framework(key or next(iter(items)), text(document.get("title"))[:300], text(document.get("language"))[:35],
                     tuple(items.values()), same, near, items)


def _associations(package: JSONObject) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...],
                                                dict[str, str]]:
    same, near = [], []
    parents: dict[str, str] = {}
    for each in as_list(package.get("CFAssociations")):
        if not isinstance(each, dict):
            continue
        origin, target = _node(each.get("originNodeURI")), _node(each.get("destinationNodeURI"))
        kind = text(each.get("associationType"))
        if not origin or not target or origin == target:
            continue
        if kind == "exactMatchOf":
            same.append((origin, target))
        elif kind in ("isRelatedTo", "isPeerOf"):
            near.append((origin, target))
        elif kind == "isChildOf":
            parents.setdefault(origin, target)
        elif kind == "isParentOf":
            parents.setdefault(target, origin)
    return tuple(same), tuple(near), parents


def _node(value: Any) -> str:
    if isinstance(value, dict):
        return key_of(text(value.get("identifier")), text(value.get("uri")))
    return key_of("", text(value))


def _grades(value: Any) -> tuple[str, ...]:
    found = []
    for level in as_list(value):
        said = text(level).strip().casefold()
        if said in _KINDERGARTEN:
            found.append("K")
        elif said.isdecimal() and len(said) <= 2:
            found.append(str(int(said)))
    return tuple(dict.fromkeys(found))


# What lies in the backpack --------------------------------------------------------------------------------------------


def to_json(framework: Framework) -> JSONObject:
    """The small form."""
    return {
        "key": framework.key, "title": framework.title, "language": framework.language,
        "items": [[item.key, item.uri, item.code, item.text, item.kind, list(item.grades), item.parent]
                  for item in framework.items],
        "same": [list(pair) for pair in framework.same], "near": [list(pair) for pair in framework.near],
    }


def from_json(body: JSONObject) -> Framework:
    """The list that ``to_json`` wrote."""
    items = {row[0]: Item(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), row[6]) for row in body["items"]}
    return Framework(body["key"], body["title"], body["language"], tuple(items.values()),
                     tuple((a, b) for a, b in body["same"]), tuple((a, b) for a, b in body["near"]), items)


def short_name(title: str) -> str:
    """A name for addresses that says nothing about the list."""
    return hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()[:16]
