"""How the tests of the walker ask: what is refused and where, and what text comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import contexts
from credkit.errors import DataLossError, ProblemError
from credkit.jsonld import Processor, canonicalize
from demo.conformance.profile import load_with_examples
from tests.credkit.jsonld.documents import badge

STRICT = Processor(contexts.load)
OPEN = Processor(load_with_examples, open_vocabulary=True)
Change = Callable[[dict[str, Any]], Any]


def refusal_of(document: dict[str, Any], error: type[ProblemError] = DataLossError) -> str:
    """The pointer of the refusal."""
    for with_paths in (False, True):
        with pytest.raises(error) as caught:
            STRICT.walk(document, with_paths=with_paths)
        assert type(caught.value) is error
        assert caught.value.pointer is not None
    return str(caught.value.pointer)


def text_of(document: dict[str, Any]) -> str:
    return canonicalize(STRICT.walk(document).quads).text()


def changed(change: Change, document: Callable[[], dict[str, Any]] = badge) -> dict[str, Any]:
    result = document()
    change(result)
    return result


def subject(document: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = document["credentialSubject"]
    return part


def achievement(document: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = document["credentialSubject"]["achievement"]
    return part
