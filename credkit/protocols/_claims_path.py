"""Claims path pointers: which values of a credential a path selects.

JSON-LD leaves open whether a set of one is written as an array or bare, so an index 0 or a null also takes a bare
value, and a name also looks into an array of one; an empty array is the same as none (design.md, "Equal for us").
Otherwise paths are processed as the specification says.

Spec: OID4VP-1.0 #claims_path_pointer
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from credkit.ports import JSONObject

ClaimsPath = tuple[str | int | None, ...]
"""Names, indices and null (every element), as in ``path`` of a claims query."""

Selected = tuple[tuple[tuple[str | int, ...], Any], ...]
"""Places in the credential, and what stands there."""


def is_claims_path(path: list[Any]) -> bool:
    """Whether ``path`` is a non-empty array of texts, nulls and non-negative integers."""
    return bool(path) and all(
        part is None or isinstance(part, str) or (isinstance(part, int) and not isinstance(part, bool) and part >= 0)
        for part in path
    )


def select_claims(claims: JSONObject, path: ClaimsPath, *, shortened: bool) -> Selected:
    """``select`` in the claims of an SD-JWT VC, where JSON means what it says: no value stands for an array of one."""
    selected: Selected = (((), claims),)
    for part in path:
        stepped: list[tuple[tuple[str | int, ...], Any]] = []
        for place, value in selected:
            if isinstance(part, str):
                if not isinstance(value, dict):
                    return ()
                stepped.extend([((*place, part), value[part])] if part in value else [])
            elif not isinstance(value, list):
                return ()
            elif part is None or shortened:
                stepped.extend(((*place, number), entry) for number, entry in enumerate(value))
            elif part < len(value):
                stepped.append(((*place, part), value[part]))
        if not stepped:
            return ()
        selected = tuple(stepped)
    return selected


def select(credential: JSONObject, path: ClaimsPath, *, shortened: bool) -> Selected:
    """What ``path`` selects in ``credential``; empty if nothing, or where the specification says to abort.

    What no signature covers (``proof``) and JSON-LD keywords are no claims.

    Args:
        shortened: The credential was derived, which shortens arrays: an index takes any element.
    """
    if path[0] == "proof" or any(isinstance(part, str) and part.startswith("@") for part in path):
        return ()
    selected: Selected = (((), credential),)
    for part in path:
        stepped = _by_name(selected, part) if isinstance(part, str) else _by_index(selected, part, shortened)
        if not stepped:
            return ()
        selected = stepped
    return tuple((place, value) for place, value in selected if value not in ([], None))


def _by_name(selected: Selected, name: str) -> Selected | None:
    stepped = []
    for place, value in selected:
        if isinstance(value, list) and len(value) == 1:
            place, value = (*place, 0), value[0]
        if value == []:
            continue
        if not isinstance(value, dict):
            return None
        if name in value:
            stepped.append(((*place, name), value[name]))
    return tuple(stepped)


def _by_index(selected: Selected, index: int | None, shortened: bool) -> Selected:
    stepped: list[tuple[tuple[str | int, ...], Any]] = []
    for place, value in selected:
        if not isinstance(value, list):
            stepped.extend([(place, value)] if shortened or index in (None, 0) else [])
        elif index is None or shortened:
            stepped.extend(((*place, number), entry) for number, entry in enumerate(value))
        elif index < len(value):
            stepped.append(((*place, index), value[index]))
    return tuple(stepped)


def has_value(selected: Selected, values: Collection[str | int | bool]) -> bool:
    """Whether one of the selected values equals one of ``values`` in type and value (#claims_query)."""
    return any(_same(value, wanted) for _, value in selected for wanted in values)


def _same(value: Any, wanted: str | int | bool) -> bool:
    """3 and 3.0 are one number, a bare value and ``{"@value": …}`` one text, a value and an array of it one set."""
    if isinstance(value, list) and len(value) == 1:
        return _same(value[0], wanted)
    if isinstance(value, dict) and set(value) == {"@value"}:
        value = value["@value"]
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, str) or isinstance(wanted, str):
        return isinstance(value, str) and value == wanted
    return isinstance(value, (int, float)) and value == wanted
