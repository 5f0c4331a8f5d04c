"""One id, one story: an id may carry members in several places if no member has two different values there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from credkit.errors import DataLossError
from credkit.jsonld._terms import Container, Plan, Scope
from credkit.shape import pointer

_CAPTION = "<https://schema.org/caption>"
PlanOf = Callable[[Scope, str], Plan]


class Stories:
    """The ids of one document and what is said of each. An embedded credential has stories of its own.

    The first telling of an id is only kept; the work begins with the second.
    """

    __slots__ = ("_first", "_plan_of", "_told")

    def __init__(self, plan_of: PlanOf) -> None:
        self._plan_of = plan_of
        self._first: dict[str, tuple[dict[str, Any], Scope]] = {}
        self._told: dict[str, dict[str, _Member]] = {}

    def tell(self, subject: str, element: dict[str, Any], scope: Scope) -> None:
        """Hear what ``element`` says of ``subject``.

        Raises:
            DataLossError: a member has another value than where the same id stands already; readers could be shown
                either. An image's ``caption`` may differ and is then not shown; types of several places add up.
        """
        if subject not in self._first:
            self._first[subject] = element, scope
            return
        told = self._told.get(subject)
        if told is None:
            told = self._told[subject] = {}
            self._add(told, *self._first[subject])
        self._add(told, element, scope)

    def _add(self, told: dict[str, _Member], element: dict[str, Any], scope: Scope) -> None:
        for key, value in element.items():
            plan = scope.plans.get(key) or self._plan_of(scope, key)
            if not plan.predicate or plan.predicate == _CAPTION or value == []:
                continue
            known = told.get(plan.predicate)
            if known is None:
                told[plan.predicate] = _Member(plan, value)
            elif not known.is_same(plan, value):
                raise DataLossError("one identifier is described in two different ways", pointer=pointer(key))


class _Member:
    """The value of one member as it was first told."""

    __slots__ = ("_meaning", "_plan", "_value")

    def __init__(self, plan: Plan, value: Any) -> None:
        self._plan, self._value = plan, value
        self._meaning: Any = None

    def is_same(self, plan: Plan, value: Any) -> bool:
        """Whether ``value`` gives the same quads."""
        if value.__class__ is str and self._value.__class__ is str and plan.plain == self._plan.plain:
            return bool(value == self._value)
        if self._meaning is None:
            self._meaning = _meaning_of_all(self._plan, self._value)
        return bool(self._meaning == _meaning_of_all(plan, value))


def _meaning_of_all(plan: Plan, value: Any) -> Any:
    """A hashable that is equal only for values with equal quads; stricter than that below nodes without an id."""
    if plan.container in (Container.JSON, Container.LANGUAGE):
        return "json", json.dumps(value, sort_keys=True)
    items = [_meaning(item, is_iri=not plan.plain) for item in (value if isinstance(value, list) else [value])]
    return ("list", tuple(items)) if plan.container is Container.LIST else frozenset(items)


def _meaning(value: Any, *, is_iri: bool = False) -> Any:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str):
            return "id", value["id"]
        if value.keys() == {"@value"}:
            return _meaning(value["@value"])
        return "node", frozenset((key, _meaning(item)) for key, item in value.items())
    if isinstance(value, list):
        return "list", tuple(_meaning(item) for item in value)
    if isinstance(value, str):
        return ("id" if is_iri else "text"), value
    return ("truth" if isinstance(value, bool) else "number"), value
