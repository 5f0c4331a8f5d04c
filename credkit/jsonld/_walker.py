"""From a document to its quads, accepting only what its signature fixes (design.md, "What a signature fixes").

Spec: JSON-LD11-API #expansion-algorithm, #deserialize-json-ld-to-rdf-algorithm
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from credkit.errors import DataLossError, MalformedValueError, ProblemError, TooComplexError
from credkit.jsonld._context import LANGUAGE
from credkit.jsonld._dataset import Dataset, Path
from credkit.jsonld._nquads import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, literal
from credkit.jsonld._state import LIST_ITEM_COST, MAX_DEPTH, NODE_COST, WalkState
from credkit.jsonld._stories import Stories
from credkit.jsonld._terms import Container, Plan, Scope
from credkit.jsonld._values import json_literal, value_object
from credkit.shape import pointer

_ENVELOPES = ("EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation")
_CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"


class Walk(WalkState):
    """One walk over one document; used once."""

    def run(self, document: Any) -> Dataset:
        """Walk the whole document.

        Raises:
            DataLossError, VocabularyUnknownError, TooComplexError, MalformedValueError: see ``Processor.walk``.
        """
        if not isinstance(document, dict) or "@context" not in document:
            raise MalformedValueError("the document has no @context", pointer="")
        self._context = document["@context"]
        try:
            self._node(self._nested(self._compiler.root(), self._context), document, "", ())
            unproven = tuple(_places_of(document, self._unproven, ())) if self._unproven else ()
        except ProblemError as error:
            error.pointer = error.pointer or ""
            raise
        except RecursionError as error:
            raise TooComplexError("the document is too deeply nested", pointer="") from error
        if not self._quads:
            raise DataLossError("the document says nothing that a signature could cover", pointer="")
        paths = tuple(tuple(places) for places in self._quads.values()) if self._with_paths else ()
        return Dataset(tuple(self._quads), unproven, paths, self._nodes)

    def _node(self, scope: Scope, element: dict[str, Any], graph: str, path: Path) -> str:
        """Walk a node object whose own ``@context`` has been read; gives its subject. The hot path: calls cost."""
        self._values_left -= len(element) + NODE_COST
        self._depth += 1
        if self._values_left < 0 or self._depth > MAX_DEPTH:
            raise TooComplexError("the document is too large or too deeply nested", pointer="")
        scope, types = self._typed(scope, element["type"]) if "type" in element else (scope, ())
        subject = self._subject(scope, element["id"]) if "id" in element else self._blank_node()
        quads, plans, with_paths = self._quads, scope.plans, self._with_paths
        if with_paths:
            self._note_types(subject, types, element, graph, path)
        else:
            for kind in types:
                quads[subject, RDF_TYPE, kind, graph] = path
        key = ""
        try:
            for key, value in element.items():
                plan = plans.get(key) or self._plan(scope, key)
                here = (*path, key) if with_paths else path
                if plan.simple:
                    if value.__class__ is str:
                        quads[subject, plan.predicate, plan.from_string(value), graph] = here
                    elif value.__class__ is list:
                        self._items(plan, value, subject, graph, here)
                    else:
                        quads[subject, plan.predicate, self._term(plan, value, graph, here), graph] = here
                elif plan.predicate:
                    self._special(plan, key, value, subject, graph, here)
        except ProblemError as error:
            error.pointer = pointer(key) + (error.pointer or "")
            raise
        if subject[0] == "<":
            self._stories.tell(subject, element, scope)
        self._depth -= 1
        return subject

    def _note_types(self, subject: str, types: tuple[str, ...], element: dict[str, Any], graph: str,
                    path: Path) -> None:
        self._nodes[path] = subject
        for index, kind in enumerate(types):
            at = (*path, "type", index) if element["type"].__class__ is list else (*path, "type")
            self._quads[subject, RDF_TYPE, kind, graph] = at

    def _items(self, plan: Plan, items: list[Any], subject: str, graph: str, path: Path) -> None:
        self._values_left -= len(items)
        index = 0
        try:
            for index, item in enumerate(items):
                here = (*path, index) if self._with_paths else path
                self._quads[subject, plan.predicate, self._term(plan, item, graph, here), graph] = here
        except ProblemError as error:
            error.pointer = pointer(index) + (error.pointer or "")
            raise

    def _term(self, plan: Plan, value: Any, graph: str, path: Path) -> str:
        """The term that stands for one value; below an object, its quads are walked too."""
        if value.__class__ is str:
            return plan.from_string(value)
        if value.__class__ is dict:
            if "@value" in value:
                if not plan.plain:
                    raise DataLossError("a text is written in a form that its signature does not fix")
                return value_object(value)
            if plan.literal:
                raise DataLossError("an object stands where a date, a number or an address must stand")
            if "@context" in value:
                raise DataLossError("a context stands where none may stand", pointer="/@context")
            if "id" in value and len(value) == 1:
                return self._reference(plan, value["id"], path)
            return self._node(plan.child, value, graph, path)
        if isinstance(value, (bool, int, float)):
            return plan.from_native(value)
        if isinstance(value, list):
            raise DataLossError("an array stands inside an array")
        raise DataLossError("a member is null, which says nothing")

    def _reference(self, plan: Plan, identifier: Any, path: Path) -> str:
        if not isinstance(identifier, str):
            raise MalformedValueError("an identifier is not text", pointer="/id")
        term = plan.from_reference(identifier)
        if self._with_paths:
            self._nodes[path] = term
        return term

    def _special(self, plan: Plan, key: str, value: Any, subject: str, graph: str, path: Path) -> None:
        """Lists, graphs, JSON, languages, and the members whose objects follow rules of their own."""
        if plan.container is Container.JSON:
            self._quads[subject, plan.predicate, json_literal(value), graph] = path
        elif plan.container is Container.LIST:
            self._list(plan, value, subject, graph, path)
        elif plan.container is Container.LANGUAGE and isinstance(value, dict):
            self._language_map(plan, value, subject, graph, path)
        elif isinstance(value, list):
            self._values_left -= len(value)
            if key == "credentialSubject":
                _refuse_split_subject(value)
            index = 0
            try:
                for index, item in enumerate(value):
                    self._member(plan, key, item, subject, graph, (*path, index))
            except ProblemError as error:
                error.pointer = pointer(index) + (error.pointer or "")
                raise
        else:
            self._member(plan, key, value, subject, graph, path)

    def _list(self, plan: Plan, value: Any, subject: str, graph: str, path: Path) -> None:
        items = value if isinstance(value, list) else [value]
        self._values_left -= LIST_ITEM_COST * len(items)
        link, place = (subject, plan.predicate), path
        for index, item in enumerate(items):
            cell = self._blank_node()
            here = (*path, index) if isinstance(value, list) else path
            self._quads[*link, cell, graph] = place
            try:
                term = self._term(plan, item, graph, here)
            except ProblemError as error:
                error.pointer = (pointer(index) if isinstance(value, list) else "") + (error.pointer or "")
                raise
            self._quads[cell, RDF_FIRST, term, graph] = here
            link, place = (cell, RDF_REST), here
        self._quads[*link, RDF_NIL, graph] = place

    def _language_map(self, plan: Plan, value: dict[str, Any], subject: str, graph: str, path: Path) -> None:
        self._values_left -= len(value)
        for language, texts in value.items():
            if not LANGUAGE.fullmatch(language):
                raise MalformedValueError("a language is not a language tag", pointer=pointer(language))
            for index, text in enumerate(texts if isinstance(texts, list) else [texts]):
                if not isinstance(text, str):
                    raise DataLossError("a text in a language is not text", pointer=pointer(language))
                here = (*path, language, index) if isinstance(texts, list) else (*path, language)
                self._quads[subject, plan.predicate, literal(text, language=language.lower()), graph] = here

    def _member(self, plan: Plan, key: str, value: Any, subject: str, graph: str, path: Path) -> None:
        """One value of a member that holds words, graphs, documents of their own, subjects or proofs."""
        if plan.words and not isinstance(value, str):
            raise DataLossError("a word is written in another form than its term")
        is_node = isinstance(value, dict) and "@value" not in value and not (len(value) == 1 and "id" in value)
        in_graph = plan.container is Container.GRAPH
        if not is_node:
            if in_graph:
                raise DataLossError("a member of a graph is no object with members of its own")
            self._quads[subject, plan.predicate, self._term(plan, value, graph, path), graph] = path
            return
        if in_graph:
            target = self._blank_node()
            self._quads[subject, plan.predicate, target, graph] = path
            before = len(self._quads)
            self._object(plan, key, value, target, path)
            if len(self._quads) == before:
                raise DataLossError("a member of a graph says nothing")
        else:
            self._quads[subject, plan.predicate, self._object(plan, key, value, graph, path), graph] = path

    def _object(self, plan: Plan, key: str, value: dict[str, Any], graph: str, path: Path) -> str:
        if plan.embeds:
            return self._embedded(plan, value, graph, path)
        scope = plan.child
        if "@context" in value:
            if key != "proof" or not self._is_jcs_proof(value):
                raise DataLossError("a context stands where none may stand", pointer="/@context")
            scope = self._nested(scope, value["@context"])
        return self._node(scope, value, graph, path)

    def _embedded(self, plan: Plan, credential: dict[str, Any], graph: str, path: Path) -> str:
        """A credential inside the document: a document of its own, its ids counted by themselves."""
        enveloped = credential.get("type") in (*_ENVELOPES, *([name] for name in _ENVELOPES))
        scope = plan.child
        if "@context" in credential:
            local = credential["@context"]
            if not self._open and not isinstance(local, list) and not (enveloped and local == _CREDENTIALS_V2):
                raise DataLossError("the context of an inner document is not an array", pointer="/@context")
            scope = self._nested(scope, local)
        if not enveloped and not credential.get("proof"):
            self._unproven.add(id(credential))
        outer = self._stories, self._context
        self._stories, self._context = Stories(self._plan), credential.get("@context")
        subject = self._node(scope, credential, graph, path)
        self._stories, self._context = outer
        return subject


def _refuse_split_subject(subjects: list[Any]) -> None:
    """Whoever splits a subject in two could show each half alone (A01)."""
    seen = set()
    for index, subject in enumerate(subjects):
        identifier = subject.get("id") if isinstance(subject, dict) else subject
        if isinstance(identifier, str):
            if identifier in seen:
                raise DataLossError("one subject is described in two parts", pointer=pointer(index))
            seen.add(identifier)


def _places_of(value: Any, wanted: set[int], path: Path) -> Iterator[Path]:
    """Paths of the objects with these identities. Looked for afterwards, as hardly any document has such objects."""
    if id(value) in wanted:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places_of(item, wanted, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places_of(item, wanted, (*path, index))
