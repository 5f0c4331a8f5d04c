"""Contexts compiled once into plans: what each key of each scope means and how its values are written.

What is no property term in its plain spelling has no plan; asking for one raises (design.md, "What a signature fixes").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from credkit.errors import DataLossError, MalformedValueError, VocabularyUnknownError
from credkit.jsonld._context import EMPTY, IRI, KEYWORDS, Active, ContextReader, Term, expand
from credkit.jsonld._values import (
    NativeEncoder,
    StringEncoder,
    iri_encoder,
    is_xsd_type,
    native_encoder,
    refuse_native,
    string_encoder,
)
from credkit.ports import LoadContext

EMBEDDING_KEYS = ("verifiableCredential", "endorsement")
"""Members whose objects are documents of their own."""
_SPECIAL_KEYS = (*EMBEDDING_KEYS, "credentialSubject", "proof")
_ONE_TYPE_TWO_NAMES = frozenset({"AchievementCredential", "OpenBadgeCredential"})
_MAX_CACHED = 20_000


class Container(Enum):
    """What is done with the whole value of a key; sets are walked item by item."""

    SET = "@set"
    LIST = "@list"
    GRAPH = "@graph"
    LANGUAGE = "@language"
    JSON = "@json"


class Scope:
    """An active context with what was compiled from it.

    Attributes:
        base: The scope that nested nodes return to; itself, unless this one comes from a node's type.
        plans: Key → plan. The walker reads ``@context``, ``id`` and ``type`` by name: theirs has no predicate.
        typed: Value of ``type``, an array as a tuple → the scope of such a node and its types as terms.
        nested: URLs of a nested ``@context`` → the scope below it.
    """

    __slots__ = ("active", "base", "encode_iri", "has_id", "names", "nested", "plans", "prefixes", "typed")

    def __init__(self, active: Active, base: Scope | None = None) -> None:
        self.active = active
        self.base = base or self
        self.plans: dict[str, Plan] = {"@context": Plan("", Container.SET, self, _no_value, _no_value, _no_value)}
        self.typed: dict[Any, tuple[Scope, tuple[str, ...]]] = {(): (self, ())}
        self.nested: dict[tuple[str, ...], Scope] = {}
        self.prefixes = frozenset(name for name, term in active.terms.items() if term.prefix)
        self.encode_iri = iri_encoder(self.prefixes)
        self.has_id = is_keyword_alias(active.terms.get("id"), "@id")
        self.names: dict[str, list[str]] = {}
        for name, term in active.terms.items():
            if term.iri is not None:
                self.names.setdefault(term.iri, []).append(name)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a key means in one scope.

    Attributes:
        predicate: N-Quads term; empty for a key that gives no quads of its own.
        container: ``SET`` for all that is walked item by item.
        child: The scope of node objects below the key, before their own ``type``.
        from_string, from_native: JSON string, or number and truth value → N-Quads term.
        from_reference: The ``id`` of an object with no other member → N-Quads term.
        plain: Plain text, for which a value object may stand.
        literal: A date, number, truth value …: never an object.
        words: Its values are terms, never objects.
        embeds: Objects below it are documents of their own.
        simple: A set whose objects are plain nodes: nothing special to do.
    """

    predicate: str
    container: Container
    child: Scope
    from_string: StringEncoder
    from_native: NativeEncoder
    from_reference: StringEncoder
    plain: bool = False
    literal: bool = False
    words: bool = False
    embeds: bool = False
    simple: bool = False


class Compiler:
    """Compiles scopes, plans and types on demand and keeps them in the scopes, all of which hang on ``root``.

    Safe in threads: a race compiles the same thing twice. When too much has been kept, ``root`` is begun anew.
    """

    def __init__(self, load: LoadContext, *, open_vocabulary: bool) -> None:
        self._reader = ContextReader(load, open_vocabulary=open_vocabulary)
        self.open_vocabulary = open_vocabulary
        self._kept = 0
        self._root = Scope(EMPTY)

    def root(self) -> Scope:
        """The empty scope that documents begin in."""
        if self._kept > _MAX_CACHED:
            self._kept, self._root = 0, Scope(EMPTY)
        return self._root

    def nested(self, scope: Scope, local: Any) -> Scope:
        """The scope after a ``@context``; arrays of URLs are kept.

        Raises:
            VocabularyUnknownError, MalformedValueError: as ``ContextReader.process``.
        """
        result = Scope(self._reader.process(scope.active, local))
        urls = tuple(local) if isinstance(local, list) else (local,)
        if all(isinstance(url, str) for url in urls):
            self._kept += 50
            scope.nested[urls] = result
        return result

    def typed(self, scope: Scope, names: tuple[Any, ...] | str) -> tuple[Scope, tuple[str, ...]]:
        """The scope of a node of these types, and the types as N-Quads terms.

        Raises:
            DataLossError: a type that is no term of a type, or spelt in another way than the term's.
            MalformedValueError: a type that is not text.
        """
        spelt = names if isinstance(names, tuple) else (names,)
        if not all(isinstance(name, str) for name in spelt):
            raise MalformedValueError("a type is not a word")
        if not is_keyword_alias(scope.active.terms.get("type"), "@type"):
            raise DataLossError("a member is not defined by the document's contexts")
        kinds = tuple(f"<{self._type_iri(scope, name)}>" for name in spelt)
        active = scope.active
        for name in sorted(set(spelt)):
            term = scope.active.terms.get(name)
            if term is not None and term.has_scope:
                active = self._reader.process(active, term.scope, propagate=False)
        result = (scope if active is scope.active else Scope(active, scope.base)), kinds
        self._kept += 10
        scope.typed[names] = result
        return result

    def plan(self, scope: Scope, key: str) -> Plan:
        """The plan of a key.

        Raises:
            DataLossError: a keyword, an undefined word, the name of a type, or another spelling of a term.
            VocabularyUnknownError: a term of a kind that cannot be walked.
        """
        term = scope.active.terms.get(key)
        if (key == "id" and is_keyword_alias(term, "@id")) or (key == "type" and is_keyword_alias(term, "@type")):
            plan = scope.plans["@context"]
        else:
            iri = self._property_iri(scope, key)
            plan = self._make_plan(scope, key, iri, term or Term(iri))
        self._kept += 1
        scope.plans[key] = plan
        return plan

    def _make_plan(self, scope: Scope, key: str, iri: str, term: Term) -> Plan:
        child, own = scope.base, scope
        if term.has_scope:
            child = Scope(self._reader.process(scope.base.active, term.scope, override_protected=True))
            own = Scope(self._reader.process(scope.active, term.scope, override_protected=True))
            self._kept += 20
        container = _container(term)
        from_string, from_native = self._encoders(own, term)
        return Plan(
            f"<{iri}>", container, child, from_string, from_native, _reference_encoder(scope, child),
            plain=term.type is None, literal=is_xsd_type(term.type), words=term.type == "@vocab",
            embeds=key in EMBEDDING_KEYS,
            simple=container is Container.SET and term.type != "@vocab" and key not in _SPECIAL_KEYS,
        )

    def _encoders(self, scope: Scope, term: Term) -> tuple[StringEncoder, NativeEncoder]:
        if term.type == "@id":
            return scope.encode_iri, refuse_native
        if term.type == "@vocab":
            return lambda value: f"<{self._word_iri(scope, value)}>", refuse_native
        active = scope.active
        language = term.language if term.says_language else active.language
        direction = term.direction if term.says_direction else active.direction
        return string_encoder(term.type, language, direction), native_encoder(term.type)

    def _property_iri(self, scope: Scope, key: str) -> str:
        if key.startswith("@"):
            raise DataLossError("a member is a keyword, which can say one thing in two ways")
        term = scope.active.terms.get(key)
        iri = self._iri(scope, key)
        if term is not None and term.prefix and not self.open_vocabulary:
            raise DataLossError("a member is a prefix, not a property")
        if not is_property_name(key) and not self.open_vocabulary:
            raise DataLossError("a member has the name of a type")
        if any(is_property_name(name) for name in self._rivals(scope, iri, key)):
            raise DataLossError("a member is another name of a property")
        return iri

    def _type_iri(self, scope: Scope, name: str) -> str:
        iri = self._iri(scope, name)
        if is_property_name(name) and not self.open_vocabulary:
            raise DataLossError("a type has the name of a property")
        rivals = set(self._rivals(scope, iri, name))
        if name in _ONE_TYPE_TWO_NAMES:
            rivals -= _ONE_TYPE_TWO_NAMES
        if any(not is_property_name(rival) for rival in rivals):
            raise DataLossError("a type is another name of a type")
        return iri

    def _word_iri(self, scope: Scope, value: str) -> str:
        iri = self._iri(scope, value)
        if any(is_property_name(name) == is_property_name(value) for name in self._rivals(scope, iri, value)):
            raise DataLossError("a value is another name of a word")
        return iri

    def _iri(self, scope: Scope, word: str) -> str:
        """The IRI of a term as it is spelt; in an open vocabulary also of a word of ``@vocab`` or an absolute IRI."""
        term = scope.active.terms.get(word)
        if term is not None and term.unsupported:
            raise VocabularyUnknownError("the document uses a kind of word we cannot check")
        iri = expand(scope.active, word) if self.open_vocabulary else term.iri if term is not None else None
        if iri is None or iri in KEYWORDS or not IRI.fullmatch(iri):
            raise DataLossError("a word is not defined by the document's contexts, so no signature covers it")
        if term is None and ":" in word and iri != word:
            raise DataLossError("a word is written in a shortened form")
        return iri

    def _rivals(self, scope: Scope, iri: str, word: str) -> Iterable[str]:
        return (name for name in scope.names.get(iri, ()) if name != word)


def is_keyword_alias(term: Term | None, keyword: str) -> bool:
    """Whether a term is another name of ``keyword``."""
    return term is not None and term.iri == keyword


def is_property_name(name: str) -> bool:
    """Whether a term names a property: in all pinned contexts only types begin with a capital or a digit."""
    return name[:1].islower() or name[:1] in ("_", ".")


def _container(term: Term) -> Container:
    if term.type == "@json":
        return Container.JSON
    if not term.container:
        return Container.SET
    for container in (Container.LIST, Container.GRAPH, Container.LANGUAGE):
        if term.container == {container.value}:
            return container
    raise VocabularyUnknownError("the document uses a kind of word we cannot check")


def _reference_encoder(scope: Scope, child: Scope) -> StringEncoder:
    # An object with nothing but an id stays in the scope of the type around it (JSON-LD11-API #expansion-algorithm).
    if not (scope.has_id and child.has_id):
        return _no_value
    return iri_encoder(scope.prefixes | child.prefixes)


def _no_value(value: Any) -> str:
    raise DataLossError("a member cannot have a value")

