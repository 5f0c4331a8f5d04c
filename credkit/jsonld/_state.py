"""What a walk carries with it: quads so far, budgets, and the way to compiled scopes.

Errors gather their JSON pointer on the way up, so that the way down costs nothing.
"""

from __future__ import annotations

from typing import Any

from credkit.errors import MalformedValueError, ProblemError, TooComplexError, VocabularyUnknownError
from credkit.jsonld._dataset import Path
from credkit.jsonld._nquads import Quad
from credkit.jsonld._stories import Stories
from credkit.jsonld._terms import Compiler, Plan, Scope

MAX_DEPTH = 64
"""Objects inside objects."""
MAX_VALUES = 200_000
"""What a document may hold: a member or array item counts one, an object two more, an item of an ordered list five."""
NODE_COST, LIST_ITEM_COST = 2, 5
MAX_NEW_TERMS = 4_000
"""Work for compiling what no earlier document has used; a context costs 40, inline by its size, a type 8, a key 1."""


class _Places(dict[Quad, Any]):
    """Quads with every path at which they stand."""

    def __setitem__(self, quad: Quad, path: Path) -> None:
        self.setdefault(quad, []).append(path)


class WalkState:
    """The state of one walk over one document; used once.

    Args:
        compiler: Where compiled scopes are kept.
        with_paths: Also note where each quad stands.
    """

    def __init__(self, compiler: Compiler, *, with_paths: bool) -> None:
        self._compiler = compiler
        self._open = compiler.open_vocabulary
        self._with_paths = with_paths
        self._quads: dict[Quad, Any] = _Places() if with_paths else {}
        self._nodes: dict[Path, str] = {}
        self._unproven: set[int] = set()
        self._blank_nodes = 0
        self._depth = 0
        self._values_left = MAX_VALUES
        self._new_terms_left = MAX_NEW_TERMS
        self._stories = Stories(self._plan)
        self._context: Any = None

    def _blank_node(self) -> str:
        label = f"_:b{self._blank_nodes}"
        self._blank_nodes += 1
        return label

    def _plan(self, scope: Scope, key: str) -> Plan:
        plan = scope.plans.get(key)
        if plan is None:
            self._spend_new_terms(1)
            plan = self._compiler.plan(scope, key)
        return plan

    def _spend_new_terms(self, cost: int) -> None:
        self._new_terms_left -= cost
        if self._new_terms_left < 0:
            raise TooComplexError("the document uses too many different words")

    def _typed(self, scope: Scope, kinds: Any) -> tuple[Scope, tuple[str, ...]]:
        names = tuple(kinds) if kinds.__class__ is list else kinds
        try:
            known = scope.typed.get(names)
        except TypeError as error:
            raise MalformedValueError("a type is not a word", pointer="/type") from error
        if known is None:
            known = self._new_types(scope, names)
        self._values_left -= len(known[1])
        return known

    def _new_types(self, scope: Scope, names: Any) -> tuple[Scope, tuple[str, ...]]:
        try:
            if not isinstance(names, (tuple, str)):
                raise MalformedValueError("a type is not a word")
            self._spend_new_terms(8 * len(names) if isinstance(names, tuple) else 8)
            return self._compiler.typed(scope, names)
        except ProblemError as error:
            error.pointer = "/type"
            raise

    def _subject(self, scope: Scope, identifier: Any) -> str:
        if identifier.__class__ is not str or not scope.has_id:
            raise MalformedValueError("an identifier is not text", pointer="/id")
        try:
            return scope.encode_iri(identifier)
        except ProblemError as error:
            error.pointer = "/id"
            raise

    def _nested(self, scope: Scope, local: Any) -> Scope:
        """The scope after a ``@context`` that may stand where it stands."""
        items = local if isinstance(local, list) else [local]
        urls = all(isinstance(item, str) for item in items)
        known = scope.nested.get(tuple(items)) if urls else None
        if known is not None:
            return known
        try:
            if any(isinstance(item, dict) for item in items) and not self._open:
                raise VocabularyUnknownError("the document defines words of its own, which its signature does not fix")
            if not items or not all(isinstance(item, (str, dict)) for item in items):
                raise MalformedValueError("a context is not an address")
            self._spend_new_terms(40 * len(items) + (0 if urls else size_of(items)))
            return self._compiler.nested(scope, local)
        except ProblemError as error:
            error.pointer = "/@context"
            raise

    def _is_jcs_proof(self, proof: dict[str, Any]) -> bool:
        suite = proof.get("cryptosuite")
        return isinstance(suite, str) and "-jcs-" in suite and bool(proof["@context"] == self._context)


def size_of(value: Any) -> int:
    """How many members and items a JSON value holds, at every level."""
    if isinstance(value, dict):
        return len(value) + sum(map(size_of, value.values()))
    return len(value) + sum(map(size_of, value)) if isinstance(value, list) else 0
