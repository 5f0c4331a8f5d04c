"""jsonld.js, in its safe mode, reads the same quads out of every sample that our walker accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.documents import badge, long_record
from bench.node_peer import NodePeer
from credkit.errors import CredkitError
from credkit.jsonld import Dataset, Processor, canonicalize
from tests.credkit.profiles.families import documents
from tests.support.shared import SHARED, read_json, samples

FOLDERS = ("ob3", "clr2", "dcc", "vectors/1edtech-impl-guide")
ISSUER = "did:key:z6MkfcFUkTBhF5FyEGvdM4swoNzRRZQqNpKhjapaixgzyfcu"


def sample_credentials() -> list[Path]:
    """Every JSON file of the sample folders that is a credential."""
    files = [path for folder in FOLDERS for path in sorted((SHARED / "samples" / folder).rglob("*.json"))]
    return [path for path in files if isinstance(document := read_json(path), dict) and "@context" in document]


def walked(processor: Processor, document: dict[str, Any]) -> Dataset | None:
    try:
        return processor.walk(document)
    except CredkitError:
        return None


def without_proof(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def test_every_accepted_sample_gives_the_same_canonical_quads(digitalbazaar: NodePeer, processor: Processor) -> None:
    samples("ob3")
    agreed = 0
    for path in sample_credentials():
        document = without_proof(read_json(path))
        dataset = walked(processor, document)
        if dataset is not None:
            theirs = digitalbazaar.ask("canonize", document=json.dumps(document))
            assert "".join(canonicalize(dataset.quads).lines) == theirs, path.name
            agreed += 1

    assert agreed >= 20


@pytest.mark.parametrize("document", [badge(ISSUER), long_record(ISSUER), *documents().values()],
                         ids=["badge", "long record", *documents()])
def test_what_we_write_gives_the_same_canonical_quads(
    digitalbazaar: NodePeer, processor: Processor, document: dict[str, Any]
) -> None:
    ours = canonicalize(processor.walk(document).quads)

    assert "".join(ours.lines) == digitalbazaar.ask("canonize", document=json.dumps(document))
