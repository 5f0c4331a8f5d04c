"""Inside its domain the walker says what PyLD says: of each sample, each published vector, each generated document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import contexts
from credkit.errors import VocabularyUnknownError
from credkit.jsonld import Dataset, Processor, canonicalize
from demo.conformance.profile import load_with_examples
from tests.credkit.jsonld.documents import badge, badges, presentations, sample, sample_paths, transcript, transcripts
from tests.credkit.jsonld.oracle import normalize, normalize_escaped_rightly
from tests.support.amount import amount
from tests.support.shared import SHARED

STRICT = Processor(contexts.load)
OPEN = Processor(load_with_examples, open_vocabulary=True)
NOT_PINNED = {
    "clr2/learncard/minimal.json",
    "clr2/learncard/multi-achievement.json",
    "clr2/learncard/westbridge-full.json",
}
VECTORS = sorted(
    str(path.relative_to(SHARED / "vectors"))
    for folder in ("vc-di-eddsa", "vc-di-ecdsa", "vc-di-bbs")
    for path in (SHARED / "vectors" / folder).rglob("*.json")
    if isinstance(content := json.loads(path.read_text(encoding="utf-8")), dict) and "@context" in content
)


@pytest.mark.parametrize("name", [name for name in sample_paths() if name not in NOT_PINNED])
def test_a_sample_is_accepted_and_reads_as_in_pyld(name: str) -> None:
    document = sample(name)

    assert canonicalize(STRICT.walk(document).quads).text() == normalize(document)


@pytest.mark.parametrize("name", sorted(NOT_PINNED & set(sample_paths())))
def test_a_sample_with_words_of_its_own_is_not_refused_but_cannot_be_checked(name: str) -> None:
    with pytest.raises(VocabularyUnknownError) as caught:
        STRICT.walk(sample(name))

    assert caught.value.pointer == "/@context"


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_vector_reads_as_in_pyld(name: str) -> None:
    document = json.loads((SHARED / "vectors" / name).read_text(encoding="utf-8"))
    document.pop("proof", None)

    assert canonicalize(OPEN.walk(document).quads).text() == normalize(document)


@pytest.mark.parametrize("document", [badge(), transcript()], ids=["badge", "transcript"])
def test_our_own_documents_read_as_in_pyld(document: dict[str, Any]) -> None:
    assert canonicalize(STRICT.walk(document).quads).text() == normalize(document)


@settings(max_examples=amount(500))
@given(badges())
def test_generated_badges_read_as_in_pyld(document: dict[str, Any]) -> None:
    assert_same(document)


@settings(max_examples=amount(500), suppress_health_check=list(HealthCheck))
@given(transcripts())
def test_generated_transcripts_read_as_in_pyld(document: dict[str, Any]) -> None:
    assert_same(document)


@settings(max_examples=amount(500), suppress_health_check=list(HealthCheck))
@given(presentations())
def test_generated_presentations_read_as_in_pyld(document: dict[str, Any]) -> None:
    assert_same(document)


def assert_same(document: dict[str, Any]) -> None:
    before = json.dumps(document)
    dataset = STRICT.walk(document)
    placed = STRICT.walk(document, with_paths=True)

    assert canonicalize(dataset.quads).text() == normalize_escaped_rightly(document)
    assert (placed.quads, placed.unproven) == (dataset.quads, dataset.unproven)
    assert_places_are_right(document, placed)
    assert json.dumps(document) == before


def assert_places_are_right(document: dict[str, Any], dataset: Dataset) -> None:
    assert len(dataset.paths) == len(dataset.quads)
    assert all(isinstance(at(document, path), (dict, str)) for path in dataset.nodes)
    for (subject, _, term, _), places in zip(dataset.quads, dataset.paths, strict=True):
        assert places
        for path in places:
            value = at(document, path)
            if term.startswith('"') and isinstance(value, str):
                assert value == json.loads(term[: term.rindex('"') + 1].replace("\\U", "\\u")) or "\\" in term
            if path in dataset.nodes and not term.startswith("_:") and isinstance(value, dict):
                assert term == dataset.nodes[path]
            if len(path) > 1 and path[:-1] in dataset.nodes:
                assert subject == dataset.nodes[path[:-1]]


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document
