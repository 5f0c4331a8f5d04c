"""A01 and A02: one signature, many shapes. What hashes alike is refused, or means the same to every reader.

PyLD is the judge of what hashes alike, as it is for most who would check the same credential.
"""

from __future__ import annotations

import copy
import json
import random
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld.jsonld import JsonLdError

import contexts
from credkit.errors import DataLossError, MalformedValueError, ProblemError, VocabularyUnknownError
from credkit.jsonld import Processor, canonicalize
from tests.credkit.jsonld.documents import badge, sample, sample_paths, transcript
from tests.credkit.jsonld.oracle import CLR, OB, V2, normalize
from tests.hostile.reshapes import ATTACKS, EQUAL, OTHERS, Shape, objects_of, reading, reshaped
from tests.support.amount import amount

STRICT = Processor(contexts.load)
REFUSED = (DataLossError, MalformedValueError, VocabularyUnknownError)
LARGE = {"clr2/learncard/great-plains-full.json", "clr2/learncard/competency-aligned.json"}
OWN = {"badge": badge, "transcript": transcript}
# Shapes whose hash PyLD changes or refuses: they cannot be told from another document, and need no refusal of ours.
OTHER_HASH = {"blank_node_id", "two_stories", "swapped_words", "language_map"}


@cache
def document_text(name: str) -> str:
    return json.dumps(OWN[name]() if name in OWN else sample(name))


def document(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(document_text(name))
    return result


@cache
def hash_of(name: str) -> str:
    return normalize(document(name))


def is_checkable(name: str) -> bool:
    try:
        STRICT.walk(document(name))
    except VocabularyUnknownError:
        return False
    return True


NAMES = [*OWN, *(name for name in sample_paths() if is_checkable(name))]
SMALL = [name for name in NAMES if name not in LARGE and "markdown" not in name]
SEEDS = range(amount(10))


def judge(name: str, changed: dict[str, Any]) -> str:
    """``other`` if it hashes otherwise, else ``refused`` or ``same``; fails where a reader could be deceived."""
    try:
        alike = normalize(changed) == hash_of(name)
    except (JsonLdError, TypeError):  # PyLD 3.3 stumbles over two different @index of one node
        alike = False
    try:
        dataset = STRICT.walk(changed)
    except REFUSED as error:
        assert error.pointer is not None
        return "refused" if alike else "other"
    assert (canonicalize(dataset.quads).text() == hash_of(name)) == alike
    if alike:
        assert dataset.unproven or reading(changed) == reading(document(name))
        return "same"
    return "other"


@pytest.mark.parametrize("shape", ATTACKS, ids=lambda shape: shape.__name__)
def test_a_credential_in_an_attackers_shape_is_refused(shape: Shape) -> None:
    verdicts = []
    for name in SMALL:
        for seed in SEEDS:
            changed = reshaped(document(name), shape, random.Random(seed))
            if changed is not None and changed != document(name):
                verdicts.append(judge(name, changed))
                with pytest.raises(ProblemError):
                    STRICT.walk(changed)

    assert verdicts
    assert shape.__name__ in OTHER_HASH or "refused" in verdicts


@pytest.mark.parametrize("shape", EQUAL, ids=lambda shape: shape.__name__)
def test_a_credential_in_an_equal_shape_is_the_same_credential(shape: Shape) -> None:
    verdicts = []
    for name in SMALL:
        for seed in SEEDS:
            changed = reshaped(document(name), shape, random.Random(seed))
            if changed is not None and changed != document(name):
                verdicts.append(judge(name, changed))

    assert "same" in verdicts


SHAPES = st.lists(st.sampled_from([*ATTACKS, *EQUAL, *EQUAL, *OTHERS]), min_size=1, max_size=4)


@settings(max_examples=amount(1500))
@given(st.sampled_from(SMALL), SHAPES, st.integers(0))
def test_no_mixture_of_shapes_deceives(name: str, shapes: list[Shape], seed: int) -> None:
    chance = random.Random(seed)
    changed = document(name)
    for shape in shapes:
        if isinstance(changed.get("type"), list) and isinstance(changed.get("@context"), list):
            changed = reshaped(changed, shape, chance) or changed

    judge(name, changed)


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_word_in_any_object_is_refused(name: str) -> None:
    places = [path for path, _ in objects_of(document(name))]
    for path in places if len(places) <= 100 else random.Random(1).sample(places, 100):
        changed = document(name)
        node: Any = changed
        for step in path:
            node = node[step]
        node["unknownWord"] = "4.0"

        with pytest.raises(DataLossError) as caught:
            STRICT.walk(changed)
        assert caught.value.pointer == "".join(f"/{step}" for step in (*path, "unknownWord"))


def test_a_grade_in_a_language_map_is_refused_for_the_signature_covers_none_of_it() -> None:
    """Schema-valid, and one hash for both grades (requirements.md, finding 1)."""
    grades = []
    for grade in ("F", "A+"):
        changed = badge()
        changed["credentialSubject"]["result"][0]["value"] = {"en": grade}
        grades.append(normalize(changed))
        with pytest.raises(DataLossError) as caught:
            STRICT.walk(changed)
        assert caught.value.pointer == "/credentialSubject/result/0/value/en"

    assert grades[0] == grades[1]


def two_courses() -> dict[str, Any]:
    """A transcript of two courses of one student, as CLR 2.0.1 says it: members share one graph."""
    result = transcript()
    members = []
    for number, grade in enumerate("AF"):
        member = badge()
        member["id"] = f"urn:uuid:member:{number}"
        member["credentialSubject"]["achievement"]["id"] = f"urn:uuid:course:{number}"
        member["credentialSubject"]["achievement"]["name"] = f"Course {number}"
        member["credentialSubject"]["achievement"].pop("resultDescription")
        member["credentialSubject"]["result"] = [{"type": "Result", "value": grade}]
        members.append(member)
    result["credentialSubject"]["verifiableCredential"] = members
    return result


def test_members_without_a_proof_can_swap_grades_and_are_named_for_it() -> None:
    honest = two_courses()
    swapped = copy.deepcopy(honest)
    first, second = swapped["credentialSubject"]["verifiableCredential"]
    results = first["credentialSubject"].pop("result"), second["credentialSubject"].pop("result")
    second["credentialSubject"]["result"], first["credentialSubject"]["result"] = results

    assert normalize(swapped) == normalize(honest)
    assert reading(swapped) != reading(honest)
    assert len(STRICT.walk(swapped).unproven) == 2


def test_the_terms_of_all_pinned_contexts_keep_the_promise_that_the_walker_rests_on() -> None:
    """Over all contexts an IRI has one name as a property and one as a type, told apart by the first letter."""
    names: dict[str, set[str]] = {}
    for entry in contexts.pinned():
        for name, iri in terms_of(contexts.load(entry.url)["@context"]):
            if not iri.startswith("@") and not iri.endswith(("#", "/")):
                names.setdefault(iri, set()).add(name)
    for iri, spelt in names.items():
        properties = {name for name in spelt if name[0].islower() or name[0] in "_."}
        types = spelt - properties - ({"AchievementCredential"} if "OpenBadgeCredential" in spelt else set())
        assert len(properties) <= 1, iri
        assert len(types) <= 1, iri


def terms_of(local: Any, outer: dict[str, str] | None = None) -> list[tuple[str, str]]:
    terms = {
        name: term if isinstance(term, str) else term.get("@id", name) for name, term in local.items() if name[0] != "@"
    }
    known = {**(outer or {}), **terms}
    result = []
    for name, iri in terms.items():
        iri = known.get(iri, iri)
        prefix, _, rest = iri.partition(":")
        result.append((name, known[prefix] + rest if prefix in known and not rest.startswith("//") else iri))
        if isinstance(local[name], dict) and local[name].get("@context"):
            result += terms_of(local[name]["@context"], known)
    return result


@pytest.mark.parametrize("order", [[V2, OB, CLR], [V2, CLR, OB], [V2, OB]])
def test_the_same_words_mean_the_same_under_any_order_of_contexts(order: list[str]) -> None:
    assert normalize({**badge(), "@context": order}) == hash_of("badge")
    assert canonicalize(STRICT.walk({**badge(), "@context": order}).quads).text() == hash_of("badge")
