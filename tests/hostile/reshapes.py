"""Ways to write one credential in another shape: those that attackers use, and those that are equal for us.

Each shape takes a document, changes one place of it that ``chance`` chooses, and gives False if it has no such place.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

V2 = "https://www.w3.org/ns/credentials/v2"
XSD = "http://www.w3.org/2001/XMLSchema#"
OB_VOCABULARY = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
Node = dict[str, Any]
Shape = Callable[[Node, random.Random], bool]
_FULL = {
    "name": "https://schema.org/name",
    "description": "https://schema.org/description",
    "value": "https://schema.org/value",
    "narrative": OB_VOCABULARY + "narrative",
    "achievement": OB_VOCABULARY + "achievement",
}


def objects_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    """Every object of a document with its path, contexts left out."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            if key != "@context":
                yield from objects_of(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects_of(item, (*path, index))


def _pick(document: Node, chance: random.Random, fits: Callable[[Node], Any]) -> Node | None:
    nodes = [node for _, node in objects_of(document) if fits(node)]
    return chance.choice(nodes) if nodes else None


def _pick_member(document: Node, chance: random.Random, fits: Callable[[str, Any], Any]) -> tuple[Node, str] | None:
    places = [(node, key) for _, node in objects_of(document) for key, value in node.items() if fits(key, value)]
    return chance.choice(places) if places else None


def _is_text(key: str, value: Any) -> bool:
    return key in ("name", "description", "value", "narrative") and isinstance(value, str)


def _renamed(node: Node, old: str, new: str) -> bool:
    node[new] = node.pop(old)
    return True


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _contexts(document: Node) -> list[Any]:
    local = document["@context"]
    contexts: list[Any] = _list(local)
    document["@context"] = contexts
    return contexts


# Attacks --------------------------------------------------------------------------------------------------------------


def keyword_id(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: "id" in node)
    return node is not None and _renamed(node, "id", "@id")


def keyword_type(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: "type" in node)
    return node is not None and _renamed(node, "type", "@type")


def full_iri_type(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: "VerifiableCredential" in _list(node.get("type")))
    if node is not None:
        node["type"] = [*_list(node["type"]), "https://www.w3.org/2018/credentials#VerifiableCredential"]
    return node is not None


def full_iri_key(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: key in _FULL)
    return place is not None and _renamed(*place, _FULL[place[1]])


def compact_iri_key(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: _FULL.get(key, "").startswith("https://schema.org/"))
    if place is None:
        return False
    _contexts(document).append({"schema": "https://schema.org/"})
    return _renamed(*place, "schema:" + _FULL[place[1]].rsplit("/", 1)[1])


def alias_and_shadow(document: Node, chance: random.Random) -> bool:
    """The signed text hides under another word; beside it stands what nobody signed."""
    place = _pick_member(document, chance, _is_text)
    if place is None:
        return False
    node, key = place
    _contexts(document).append({"signed": _FULL[key]})
    node[key.capitalize()] = "forged"
    return _renamed(node, key, "signed")


def swapped_words(document: Node, chance: random.Random) -> bool:
    node = _pick(
        document, chance, lambda node: isinstance(node.get("name"), str) and isinstance(node.get("description"), str)
    )
    if node is None or node is document:
        return False
    node["@context"] = {"name": {"@id": _FULL["description"]}, "description": {"@id": _FULL["name"]}}
    node["name"], node["description"] = node["description"], node["name"]
    return True


def context_inside(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: node is not document and "@context" not in node and len(node) > 1)
    if node is not None:
        node["@context"] = _contexts(document)[:1]
    return node is not None


def empty_context_inside(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: node is not document and "@context" not in node and len(node) > 1)
    if node is not None:
        node["@context"] = {}
    return node is not None


def graph(document: Node, chance: random.Random) -> bool:
    members = {key: document.pop(key) for key in list(document) if key != "@context"}
    document["@graph"] = [members]
    return True


def included(document: Node, chance: random.Random) -> bool:
    """A node of its own beside the credential: the place it came from keeps only the id."""
    node = _pick(
        document, chance, lambda node: node is not document and isinstance(node.get("id"), str) and len(node) > 1
    )
    if node is None:
        return False
    document["@included"] = [dict(node)]
    for key in [key for key in node if key != "id"]:
        del node[key]
    return True


def nest(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, _is_text)
    if place is None:
        return False
    node, key = place
    node["@nest"] = {key: node.pop(key)}
    node[key] = []
    return True


def reverse(document: Node, chance: random.Random) -> bool:
    """The issuer holds the credential instead of the other way round."""
    if not isinstance(document.get("issuer"), dict) or "id" not in document["issuer"] or "id" not in document:
        return False
    issuer = document.pop("issuer")
    members = {key: document.pop(key) for key in list(document) if key != "@context"}
    document.update(issuer)
    document["@reverse"] = {"https://www.w3.org/2018/credentials#issuer": members}
    return True


def index(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: len(node) > 1)
    if node is not None:
        node["@index"] = "forged"
    return node is not None


def typed_value(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: key in ("validFrom", "issuanceDate"))
    if place is None:
        return False
    node, key = place
    node[key] = {"@value": node[key], "@type": XSD + "dateTime"}
    return True


def native_value(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: isinstance(value, (bool, int, float)))
    if place is None:
        return False
    node, key = place
    datatype = "boolean" if isinstance(node[key], bool) else "float"
    node[key] = {"@value": node[key], "@type": f"https://www.w3.org/2001/XMLSchema#{datatype}"}
    return True


def number_as_text(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: key in ("creditsEarned", "creditsAvailable"))
    if place is None:
        return False
    node, key = place
    number = float(node[key])
    node[key] = str(int(number)) if number == int(number) else f"{number}E0"
    return True


def truth_as_text(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: key in ("hashed", "partial") and isinstance(value, bool))
    if place is None:
        return False
    node, key = place
    node[key] = "true" if node[key] else "false"
    return True


def set_object(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: key not in ("@context", "id", "type", "allowedValue"))
    if place is None:
        return False
    node, key = place
    node[key] = {"@set": node[key] if isinstance(node[key], list) else [node[key]]}
    return True


def list_object(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: key == "allowedValue" and isinstance(value, list))
    if place is None:
        return False
    node, key = place
    node[key] = {"@list": node[key]}
    return True


def split_subject(document: Node, chance: random.Random) -> bool:
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or not {"id", "type"} <= subject.keys() or len(subject) < 4:
        return False
    halves: list[Node] = [{"id": subject["id"], "type": subject["type"]} for _ in range(2)]
    for position, (key, value) in enumerate(subject.items()):
        if key not in ("id", "type"):
            halves[position % 2][key] = value
    document["credentialSubject"] = halves
    return True


def undefined_word(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: len(node) > 1)
    if node is not None:
        node["gpa"] = "4.0"
    return node is not None


def capital_word(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: isinstance(node.get("criteria"), dict))
    return node is not None and _renamed(node, "criteria", "Criteria")


def undefined_type(document: Node, chance: random.Random) -> bool:
    document["type"] = [*_list(document["type"]), "DiplomaCredential"]
    return True


def language_map(document: Node, chance: random.Random) -> bool:
    """Two language maps of different words are one for the signature (requirements.md, finding 1)."""
    node = _pick(document, chance, lambda node: "Result" in node.get("type", ()))
    if node is not None:
        node["value"] = [*(node["value"] if isinstance(node.get("value"), list) else [node.get("value", "")])]
        node["achievedLevel"] = {"en": "A+"}
    return node is not None


def null_member(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: len(node) > 1 and "narrative" not in node)
    if node is not None:
        node["narrative"] = None
    return node is not None


def array_in_array(document: Node, chance: random.Random) -> bool:
    place = _pick_member(
        document, chance, lambda key, value: key in ("result", "tag", "alignment", "type") and isinstance(value, list)
    )
    if place is None or place[1] == "type":
        return False
    node, key = place
    node[key] = [node[key]]
    return True


def text_without_text(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, _is_text)
    if place is None:
        return False
    node, key = place
    node[key] = [node[key], {"@language": "en"}, {"@value": None}]
    return True


def blank_node_id(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: "id" not in node and "type" in node and node is not document)
    if node is not None:
        node["id"] = "_:result"
    return node is not None


def relative_id(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: "Achievement" in node.get("type", ()))
    if node is not None:
        node["related"] = [{"id": "forged"}]
        node["creator"] = node.get("creator", [])
    return node is not None


def prefixed_id(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: key == "id" and str(value).startswith("https://"))
    if place is None:
        return False
    _contexts(document).append({"web": {"@id": "https://", "@prefix": True}})
    node, key = place
    node[key] = "web:" + node[key][len("https://") :]
    return True


def vocabulary(document: Node, chance: random.Random) -> bool:
    """``@vocab`` makes every word a word: here one that was defined already, spelt by its own name."""
    place = _pick_member(document, chance, lambda key, value: key == "value" and isinstance(value, str))
    if place is None:
        return False
    _contexts(document).append({"@vocab": "https://schema.org/"})
    return True


def two_stories(document: Node, chance: random.Random) -> bool:
    """The names that one id has at two places change places."""
    issuer, subject = document.get("issuer"), document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    if not isinstance(issuer, dict) or not isinstance(achievement, dict) or not {"id", "name"} <= issuer.keys():
        return False
    achievement["creator"] = {"id": issuer["id"], "type": "Profile", "name": "forged"}
    return True


ATTACKS: tuple[Shape, ...] = (
    keyword_id, keyword_type, full_iri_type, full_iri_key, compact_iri_key, alias_and_shadow, swapped_words,
    context_inside, empty_context_inside, graph, included, nest, reverse, index, typed_value, native_value,
    number_as_text, truth_as_text, set_object, list_object, split_subject, undefined_word, capital_word,
    undefined_type, language_map, null_member, array_in_array, text_without_text, blank_node_id, relative_id,
    prefixed_id, vocabulary, two_stories,
)  # fmt: skip


# Equal for us ---------------------------------------------------------------------------------------------------------


def brackets(document: Node, chance: random.Random) -> bool:
    place = _pick_member(
        document, chance, lambda key, value: key != "@context" and key != "id" and isinstance(value, str)
    )
    if place is None:
        return False
    node, key = place
    node[key] = [node[key]]
    return key not in ("proofPurpose", "proofValue")


def no_brackets(document: Node, chance: random.Random) -> bool:
    place = _pick_member(
        document, chance, lambda key, value: key != "@context" and isinstance(value, list) and len(value) == 1
    )
    if place is None:
        return False
    node, key = place
    node[key] = node[key][0]
    return True


def other_order(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: len(node) > 1)
    if node is None:
        return False
    members = list(node.items())
    chance.shuffle(members)
    node.clear()
    node.update(members)
    for key, value in node.items():
        if isinstance(value, list) and key not in ("@context", "allowedValue"):
            chance.shuffle(value)
    return True


def said_twice(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, _is_text)
    if place is None:
        return False
    node, key = place
    node[key] = [node[key], node[key]]
    return True


def empty_array(document: Node, chance: random.Random) -> bool:
    node = _pick(document, chance, lambda node: "type" in node and "name" not in node and "proofValue" not in node)
    if node is not None:
        node["name"] = []
    return node is not None


def value_object(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, _is_text)
    if place is None:
        return False
    node, key = place
    node[key] = {"@value": node[key]}
    return True


def bare_iri(document: Node, chance: random.Random) -> bool:
    place = _pick_member(document, chance, lambda key, value: key in ("image", "issuer") and isinstance(value, str))
    if place is None:
        return False
    node, key = place
    node[key] = {"id": node[key]}
    return True


def other_name_of_the_type(document: Node, chance: random.Random) -> bool:
    names = {"OpenBadgeCredential": "AchievementCredential", "AchievementCredential": "OpenBadgeCredential"}
    document["type"] = [names.get(name, name) for name in _list(document["type"])]
    return True


def other_place(document: Node, chance: random.Random) -> bool:
    """A member of an id that stands at two places moves from one to the other."""
    seen: dict[str, Node] = {}
    for path, node in objects_of(document):
        inside = "verifiableCredential" in path or "endorsement" in path
        identifier = node.get("id")
        if inside or not isinstance(identifier, str) or node is document or "type" not in node:
            continue
        other = seen.setdefault(identifier, node)
        movable = [key for key in node if key not in ("id", "type", "caption") and key not in other]
        if other is not node and other["type"] == node["type"] and movable:
            other[movable[0]] = node.pop(movable[0])
            return True
    return False


def other_version_of_the_context(document: Node, chance: random.Random) -> bool:
    local = _contexts(document)
    for position, url in enumerate(local):
        if isinstance(url, str) and "/ob/v3p0/context-3.0." in url:
            versions = [f"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.{minor}.json" for minor in (1, 2, 3)]
            local[position] = chance.choice([version for version in versions if version != url])
            return True
    return False


def more_contexts(document: Node, chance: random.Random) -> bool:
    _contexts(document).append("https://w3id.org/security/data-integrity/v2")
    return True


EQUAL: tuple[Shape, ...] = (
    brackets, no_brackets, other_order, said_twice, empty_array, value_object, bare_iri, other_name_of_the_type,
    other_place, more_contexts,
)  # fmt: skip

OTHERS: tuple[Shape, ...] = (other_version_of_the_context,)
"""What is neither: the same words may mean something else in another version of a context."""


def reshaped(document: Node, shape: Shape, chance: random.Random) -> Node | None:
    """A changed copy; None if the shape does not fit the document."""
    result = copy.deepcopy(document)
    return result if shape(result, chance) else None


# What a reader sees ---------------------------------------------------------------------------------------------------


def reading(document: Node) -> Any:
    """What a page that keeps to design.md's list "Equal for us" could show; equal readings are one meaning."""
    table: dict[Any, dict[str, set[Any]]] = {}
    root = _read(document, table, "")
    return root, frozenset(
        (node, key, frozenset(values)) for node, members in table.items() for key, values in members.items() if values
    )


def _read(value: Any, table: dict[Any, dict[str, set[Any]]], key: str) -> Any:
    if isinstance(value, list):
        return "list", tuple(_read(item, table, "") for item in value)
    if not isinstance(value, dict):
        return (type(value) is bool, value)
    if set(value) == {"@value"}:
        return _read(value["@value"], table, "")
    if "@value" in value:
        return "text", tuple(
            sorted((name, str(part).lower() if name == "@language" else part) for name, part in value.items())
        )
    members = {name: _all_of(name, part, table) for name, part in value.items() if name not in ("id", "@context")}
    if isinstance(value.get("id"), str):
        node = (False, value["id"])
        for name, part in members.items():
            table.setdefault(node, {}).setdefault(name, set()).update(part)
        return node
    return "node", frozenset((name, part) for name, part in members.items() if part)


def _all_of(key: str, value: Any, table: dict[Any, dict[str, set[Any]]]) -> frozenset[Any]:
    items = value if isinstance(value, list) else [value]
    if key == "allowedValue":
        return frozenset([("order", tuple(_read(item, table, key) for item in items))])
    if key in ("verifiableCredential", "endorsement"):
        return frozenset(reading(item) if isinstance(item, dict) else item for item in items)
    if key == "type":
        return frozenset("OpenBadgeCredential" if item == "AchievementCredential" else item for item in items)
    return frozenset(_read(item, table, key) for item in items)
