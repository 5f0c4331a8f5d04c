"""A walk over a document by the class table, which gathers remarks and refuses what cannot be read.

Spec: OB-3.0 #data-models; CLR-2.0 #data-models; requirements.md §2.3
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles._classes import CLASSES, ENDORSED, NodeClass
from credkit.profiles._remarks import Remark
from credkit.shape import as_list, id_of, is_url, parse_date_time, pointer

_EXTENSION: Final = re.compile(r"ext:[A-Za-z0-9.|_-]+")
_VALUE_KEYS: Final = frozenset({"@value", "@language", "@direction"})
_HASHES: Final = (("", re.compile(r"sha256\$[0-9a-fA-F]{64}")), ("weak_hash", re.compile(r"md5\$[0-9a-fA-F]{32}")))
_UNTYPED: Final = frozenset({"Criteria"})
_NAMED_ONLY: Final = frozenset({"Profile", "Image", "Related", "Evidence"})


class ClassCheck:
    """Walks nodes by the class table and gathers remarks.

    Args:
        derived: True for a document that shows only part of a credential: nothing is missed in it.

    Attributes:
        remarks: What was merely missing or odd, in document order.
    """

    def __init__(self, *, derived: bool) -> None:
        self._derived = derived
        self.remarks: list[Remark] = []

    def check_node(self, node: Any, class_name: str, at: str) -> None:
        """Check ``node`` (an object, or a bare IRI where the class may be named only) against ``class_name``.

        Raises:
            MalformedValueError: a member it must have is absent, or a member has a kind or value it cannot have.
        """
        shape = CLASSES[class_name]
        if not isinstance(node, dict):
            if isinstance(node, str) and class_name in _NAMED_ONLY and is_url(node):
                self.remark(at, "address_only", class_name)
                return
            raise MalformedValueError(f"an object of type {class_name} was expected", pointer=at)
        if node.get("type") != shape.usual_type:
            self._check_type(node, class_name, at)
        if not self._derived:
            self._check_presence(node, shape, at)
        if "id" in node and not is_url(node["id"]):
            raise MalformedValueError("an id must be a URL", pointer=at + "/id")
        kinds, values, plain_texts = shape.members, shape.values, shape.plain_texts
        for name, value in node.items():
            if value.__class__ is str and name in plain_texts:
                continue
            kind = kinds.get(name)
            if kind is None:
                if shape.closed and name != "type" and not (name == "id" and shape.named):
                    self.remark(at + pointer(name), "member_unknown", name)
                continue
            # What most documents hold is settled here; the rest, and all that is wrong, goes the long way.
            if value.__class__ is str and name in values:
                if value in values[name]:
                    continue
            elif value.__class__ is dict and kind in CLASSES:
                self.check_node(value, kind, f"{at}/{name}")
                continue
            elif value.__class__ is not list and kind in _KINDS and _KINDS[kind](value):
                continue
            self._check_member(value, name, kind, shape, at)
        if class_name == "IdentityObject" and node.get("hashed") is True:
            self._check_hash(text_of(first_value(node.get("identityHash"))), at + "/identityHash")

    def remark(self, at: str, code: str, name: str = "") -> None:
        """Note something to say and no reason to refuse."""
        self.remarks.append(Remark(at, code, name))

    def check_moment(self, document: JSONObject, name: str) -> None:
        """A member of the envelope that should be a full date, time and zone.

        Raises:
            MalformedValueError: it is no text at all.
        """
        if document.get(name) is not None:
            self._check_value(document[name], name, "moment", _ENVELOPE, pointer(name))

    def check_endorsements(self, document: JSONObject) -> None:
        """The endorsements of a whole document: each is a credential or a signed token, and judged elsewhere.

        Raises:
            MalformedValueError: one that is neither.
        """
        for name, kind in _ENVELOPE.members.items():
            self._check_member(document.get(name), name, kind, _ENVELOPE, "")

    def _check_hash(self, value: str, at: str) -> None:
        for code, form in _HASHES:
            if form.fullmatch(value):
                if code:
                    self.remark(at, code)
                return
        self.remark(at, "form_unknown", "identityHash")

    def _check_type(self, node: JSONObject, class_name: str, at: str) -> None:
        names = as_list(node.get("type"))
        if not all(isinstance(name, str) for name in names):
            raise MalformedValueError("type must be one or more names", pointer=at + "/type")
        if class_name in names and CLASSES[class_name].bare_type:
            self.remark(at + "/type", "type_in_list", class_name)
        if class_name in names or (class_name in _UNTYPED and not names):
            return
        if not names and class_name in _NAMED_ONLY:
            self.remark(at + "/type", "type_missing", class_name)
            return
        raise MalformedValueError(f"the type {class_name} is missing", pointer=at + "/type")

    def _check_presence(self, node: JSONObject, shape: NodeClass, at: str) -> None:
        if not all(map(node.get, shape.required)):
            for name in shape.must:
                if _is_absent(node.get(name)):
                    raise MalformedValueError(f"the member {name} is missing", pointer=at + pointer(name))
            for name in shape.should:
                if _is_absent(node.get(name)):
                    self.remark(at + pointer(name), "member_missing", name)
        for group in shape.either:
            if not any(map(node.get, group)) and all(_is_absent(node.get(name)) for name in group):
                self.remark(at, "one_of_missing", ", ".join(group))

    def _check_member(self, value: Any, name: str, kind: str, shape: NodeClass, at: str) -> None:
        place = f"{at}/{name}"
        if not isinstance(value, list):
            if value is not None:
                self._check_value(value, name, kind, shape, place)
            return
        if len(value) > 1 and name not in shape.many:
            raise MalformedValueError(f"{name} may hold one value only", pointer=place)
        for index, item in enumerate(value):
            if item.__class__ is not str or name not in shape.plain_texts:
                self._check_value(item, name, kind, shape, f"{place}/{index}")

    def _check_value(self, item: Any, name: str, kind: str, shape: NodeClass, here: str) -> None:
        fits = _KINDS.get(kind)
        if fits is None:
            self.check_node(item, kind, here)
        elif fits(item):
            if name in shape.values and not _is_allowed(text_of(item), shape, name):
                self.remark(here, "value_unknown", name)
        elif kind == "text" and _is_number(item):
            self.remark(here, "number_for_text", name)
        elif kind == "document" and is_url(item):
            self.remark(here, "address_only", name)
        elif kind in _FORMS and isinstance(item, str):
            self.remark(here, "form_unknown", name)
        else:
            raise MalformedValueError(f"{name} must be {_KIND_WORDS[kind]}", pointer=here)


def text_of(value: Any) -> str:
    """The string of a text value: a string or a value object; empty for anything else."""
    if isinstance(value, dict):
        value = value.get("@value")
    return value if isinstance(value, str) else ""


def first_value(value: Any) -> Any:
    """The first entry of an array that holds any, else the value itself."""
    return value[0] if isinstance(value, list) and value else value


def first_object(value: Any) -> JSONObject:
    """The first value if it is an object; empty for anything else."""
    value = first_value(value)
    return value if isinstance(value, dict) else {}


def _is_absent(value: Any) -> bool:
    return value is None or value == []


def _is_allowed(text: str, shape: NodeClass, name: str) -> bool:
    if text in shape.values[name]:
        return True
    return name in shape.extensible and _EXTENSION.fullmatch(text) is not None


def _is_text(value: Any) -> bool:
    if isinstance(value, dict):
        return ("@value" in value and value.keys() <= _VALUE_KEYS
                and all(isinstance(part, str) for part in value.values()))
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_iri(value: Any) -> bool:
    return is_url(id_of(value)) and (isinstance(value, str) or set(value) == {"id"})


def _is_moment(value: Any) -> bool:
    try:
        parse_date_time(value)
    except MalformedValueError:
        return False
    return True


def _matches(form: str) -> Callable[[Any], bool]:
    compiled = re.compile(form)
    return lambda value: compiled.fullmatch(text_of(value)) is not None


_FORMS: Final = frozenset({"moment", "date", "language", "jws"})
"""Kinds that are texts of a certain form; another form is remarked."""
_KINDS: Final[Mapping[str, Callable[[Any], bool]]] = MappingProxyType({
    "text": _is_text, "iri": _is_iri, "number": _is_number,
    "boolean": lambda value: isinstance(value, bool), "document": lambda value: isinstance(value, dict),
    "moment": _is_moment, "date": _matches(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    "language": _matches(r"[A-Za-z]{2,4}(-[A-Za-z0-9]{1,8}){0,6}"),
    "jws": _matches(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+"),
})
_KIND_WORDS: Final[Mapping[str, str]] = MappingProxyType({
    "text": "text in one language", "iri": "a URL", "number": "a number", "boolean": "true or false",
    "document": "a credential", "moment": "a date and time", "date": "a date", "language": "a language tag",
    "jws": "a signed token",
})
_ENVELOPE: Final = NodeClass("envelope", members=ENDORSED, many=frozenset(ENDORSED))
