"""The contexts that only published vectors need, served beside the pinned ones; no product code may load them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demo.conformance import profile

CITIZENSHIP_V4RC1 = "https://w3id.org/citizenship/v4rc1"
_CITIZENSHIP = Path(__file__).resolve().parents[1] / "contexts_of_vectors" / "citizenship-v4rc1.jsonld"


def load_with_examples(url: str) -> dict[str, Any]:
    """Like ``contexts.load``, and also the VC examples v2 context and the citizenship context of the ``prc`` vectors.

    Raises:
        contexts.UnpinnedContextError: any other URL that is not pinned.
    """
    if url == CITIZENSHIP_V4RC1:
        document: dict[str, Any] = json.loads(_CITIZENSHIP.read_bytes())
        return document
    return profile.load_with_examples(url)
