"""Canonical lines of an object with nothing but texts, such as a proof's options, written without a walk.

Only what was compiled for an earlier document is used here: anything new, nested, named or wrong is left to ``Walk``.

Spec: RDF-CANON #canon-algorithm
"""

from __future__ import annotations

from typing import Any

from credkit.errors import ProblemError
from credkit.jsonld._nquads import RDF_TYPE
from credkit.jsonld._terms import Compiler, Container

_MAX_MEMBERS = 16
_SUBJECT = "_:c14n0"


def flat_lines(compiler: Compiler, document: dict[str, Any]) -> list[str] | None:
    """What walking and canonicalizing ``document`` would give; None: it has to be walked."""
    urls, kind = document.get("@context"), document.get("type")
    if urls.__class__ is not list or kind.__class__ is not str or "id" in document or len(document) > _MAX_MEMBERS:
        return None
    try:
        scope, kinds = compiler.root().nested[tuple(urls)].typed[kind]
        lines = {f"{_SUBJECT} {RDF_TYPE} {kinds[0]} .\n"}
        for key, value in document.items():
            plan = scope.plans[key]
            if plan.predicate:
                if value.__class__ is not str or plan.container is not Container.SET:
                    return None
                lines.add(f"{_SUBJECT} {plan.predicate} {plan.from_string(value)} .\n")
    except (KeyError, TypeError, ProblemError):
        return None
    return sorted(lines)
