"""DCQL: which claims a path selects, in a whole credential and in one that was derived from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.environment import SystemRandomness
from credkit.errors import QueryNotSatisfied
from credkit.ports import JSONObject
from credkit.proofs import derive
from credkit.protocols import dcql
from tests.support.shared import read_json
from tests.support.world import School, World

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "openid4vp"
EXAMPLES = read_json(VECTORS / "claims_paths.json")
BADGE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"


def no_types(credential: JSONObject) -> frozenset[str]:
    return frozenset()


def query_of(*claims: JSONObject, **changes: Any) -> dcql.CredentialQuery:
    entry: JSONObject = {
        "id": "a",
        "format": "ldp_vc",
        "meta": {},
        "require_cryptographic_holder_binding": False,
        **changes,
    }
    return dcql.parse_query({"credentials": [entry | ({"claims": list(claims)} if claims else {})]}).credentials[0]


def shown(credential: JSONObject, *path: str | int | None, **claim: Any) -> list[tuple[str, Any]] | None:
    match = dcql.match(query_of({"path": list(path), **claim}), credential, no_types)
    return None if match is None else [(each.pointer, each.value) for each in match.claims]


def is_presented(credential: JSONObject, *path: str | int | None, **claim: Any) -> bool:
    try:
        dcql.check_presented(query_of({"path": list(path), **claim}), credential, no_types)
    except QueryNotSatisfied:
        return False
    return True


@pytest.mark.spec("OID4VP-1.0", "#claims_path_pointer_example")
@pytest.mark.parametrize("example", EXAMPLES["selects"], ids=lambda example: json.dumps(example["path"]))
def test_the_specifications_paths_select_what_it_says(example: JSONObject) -> None:
    found = shown(EXAMPLES["credential"], *example["path"])

    assert found == [(pointer, value) for pointer, value in example["selected"]]
    assert is_presented(EXAMPLES["credential"], *example["path"])


ROOT: JSONObject = {
    "name": "Algebra",
    "object": {"a/b": {"~": 1}},
    "list": [{"v": 1}, {"w": 2}, {"v": 3}],
    "numbers": [1, [2, 3]],
    "empty": [],
    "none": None,
    "bare": {"v": 1},
    "one": [{"v": 1}],
    "proof": {"proofValue": "z"},
    "@context": ["x"],
    "deep": [[["x"]]],
    "zero": 0,
    "false": False,
    "text": "",
}


@pytest.mark.spec("OID4VP-1.0", "#claims_path_pointer")
@pytest.mark.parametrize(
    ("path", "found"),
    [
        (["object", "a/b", "~"], [("/object/a~1b/~0", 1)]),
        (["list", None, "v"], [("/list/0/v", 1), ("/list/2/v", 3)]),
        (["list", 1, "w"], [("/list/1/w", 2)]),
        (["list", 1], [("/list/1", {"w": 2})]),
        (["list"], [("/list", ROOT["list"])]),
        (["numbers", 1, 0], [("/numbers/1/0", 2)]),
        (["deep", None, None, None], [("/deep/0/0/0", "x")]),
        (["zero"], [("/zero", 0)]),
        (["false"], [("/false", False)]),
        (["text"], [("/text", "")]),
        # A set of one is the same written as an array or bare.
        (["bare", 0, "v"], [("/bare/v", 1)]),
        (["bare", None, "v"], [("/bare/v", 1)]),
        (["one", "v"], [("/one/0/v", 1)]),
        (["one", 0, "v"], [("/one/0/v", 1)]),
        (["name", 0], [("/name", "Algebra")]),
    ],
)
def test_a_path_selects_its_values_and_their_places(path: list[Any], found: list[tuple[str, Any]]) -> None:
    assert shown(ROOT, *path) == found


@pytest.mark.parametrize(
    "path",
    [
        ["absent"],
        ["object", "absent"],
        ["name", "x"],
        ["list", "v"],
        ["list", 3],
        ["list", 1, "v"],
        ["list", None, "absent"],
        ["bare", 1],
        ["bare", 1, "v"],
        ["empty"],
        ["empty", None],
        ["empty", 0],
        ["empty", "v"],
        ["none"],
        ["none", "x"],
        ["zero", "x"],
        ["numbers", None, "x"],
        ["one", 1, "v"],
        ["proof"],
        ["proof", "proofValue"],
        ["@context"],
        ["@context", 0],
        ["object", "@id"],
        [0, "x"],
        ["list", 10**30],
    ],
)
def test_what_is_not_there_or_no_claim_is_not_selected(path: list[Any]) -> None:
    assert shown(ROOT, *path) is None


@pytest.mark.parametrize(
    ("values", "matches"),
    [
        (["Algebra"], True),
        (["x", "Algebra"], True),
        (["algebra"], False),
        (["Algebra "], False),
        ([1], False),
        ([True], False),
    ],
)
def test_a_text_must_equal_one_of_the_values(values: list[Any], matches: bool) -> None:
    assert (shown(ROOT, "name", values=values) is not None) is matches
    assert is_presented(ROOT, "name", values=values) is matches


@pytest.mark.spec("OID4VP-1.0", "#claims_query")
@pytest.mark.parametrize(
    ("value", "wanted", "matches"),
    [
        (3, 3, True),
        (3.0, 3, True),
        (3.5, 3, False),
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        (False, 0, False),
        (True, True, True),
        ("3", 3, False),
        (3, "3", False),
        ({"@value": "x"}, "x", True),
        ({"@value": "x", "@language": "en"}, "x", False),
        (["x"], "x", True),
        (["x", "y"], "x", False),
        ({"x": 1}, "x", False),
        ([3.0], 3, True),
        (2**60, 2**60, True),
    ],
)
def test_type_and_value_must_both_match(value: Any, wanted: Any, matches: bool) -> None:
    assert (shown({"claim": value}, "claim", values=[wanted]) is not None) is matches


def test_one_of_several_selected_values_is_enough() -> None:
    assert shown(ROOT, "list", None, "v", values=[3]) == [("/list/0/v", 1), ("/list/2/v", 3)]
    assert shown(ROOT, "list", None, "v", values=[4]) is None


def test_without_claims_nothing_is_asked_for() -> None:
    assert dcql.match(query_of(), ROOT, no_types) == dcql.Match((), ())


def test_all_claims_must_be_there_and_no_pointer_is_repeated() -> None:
    both = query_of({"path": ["list", None, "v"]}, {"path": ["list", 0, "v"]}, {"path": ["name"]})

    match = dcql.match(both, ROOT, no_types)

    assert match is not None
    assert match.pointers == ("/list/0/v", "/list/2/v", "/name")
    assert len(match.claims) == 4
    assert dcql.match(query_of({"path": ["name"]}, {"path": ["absent"]}), ROOT, no_types) is None


@pytest.mark.spec("OID4VP-1.0", "#selecting_claims")
@pytest.mark.parametrize(
    ("claim_sets", "pointers"),
    [
        ([["n", "z"], ["n"]], ("/name", "/zero")),
        ([["n", "x"], ["z"], ["n"]], ("/zero",)),
        ([["x"], ["v"]], None),
        ([["z", "n"]], ("/zero", "/name")),
    ],
)
def test_the_first_set_of_claims_that_can_be_met_is_taken(
    claim_sets: list[list[str]], pointers: tuple[str, ...] | None
) -> None:
    claims = [
        {"id": "n", "path": ["name"]},
        {"id": "z", "path": ["zero"]},
        {"id": "x", "path": ["absent"]},
        {"id": "v", "path": ["name"], "values": ["x"]},
    ]
    query = query_of(*claims, claim_sets=claim_sets)

    match = dcql.match(query, ROOT, no_types)

    assert (match.pointers if match else None) == pointers
    if pointers:
        dcql.check_presented(query, ROOT, no_types)
    else:
        with pytest.raises(QueryNotSatisfied):
            dcql.check_presented(query, ROOT, no_types)


# Against the specification's algorithm, word for word

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=20,
)
PATHS = st.lists(st.sampled_from(["a", "b", "c", None, 0, 1, 2]), min_size=1, max_size=4)


class Abort(Exception):
    """The specification's "abort processing and return an error"."""


def word_for_word(credential: Any, path: list[Any]) -> list[Any]:
    """OID4VP-1.0 #claims_path_pointer, "Processing"."""
    selected: list[Any] = [credential]
    for component in path:
        following: list[Any] = []
        for element in selected:
            if isinstance(component, str) and isinstance(element, dict):
                following.extend([element[component]] if component in element else [])
            elif component is None and isinstance(element, list):
                following.extend(element)
            elif isinstance(component, int) and isinstance(element, list):
                following.extend(element[component : component + 1])
            else:
                raise Abort
        selected = following
    if not selected:
        raise Abort
    return selected


@pytest.mark.spec("OID4VP-1.0", "#claims_path_pointer")
@given(document=st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON, max_size=3), path=PATHS)
def test_wherever_the_specification_selects_something_so_do_we(document: JSONObject, path: list[Any]) -> None:
    try:
        expected = [value for value in word_for_word(document, path) if value not in (None, [])]
    except Abort:
        return

    found = shown(document, *path) or []

    assert [value for _, value in found] == expected
    assert [value_at(document, pointer) for pointer, _ in found] == expected


@given(document=st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON, max_size=3), path=PATHS)
def test_what_is_shown_stands_where_it_is_said_to_and_passes_the_check(document: JSONObject, path: list[Any]) -> None:
    found = shown(document, *path)

    if found is not None:
        assert all(value_at(document, pointer) == value for pointer, value in found)
        assert is_presented(document, *path)


def value_at(document: Any, pointer: str) -> Any:
    value = document
    for token in pointer.split("/")[1:]:
        value = value[int(token) if isinstance(value, list) else token]
    return value


# Derived documents: arrays are shorter, so any element satisfies an index


@pytest.mark.parametrize(
    ("derived", "path", "ok"),
    [
        ({"r": [{"v": "B"}]}, ["r", 1, "v"], True),
        ({"r": {"v": "B"}}, ["r", 7, "v"], True),
        ({"r": [{"w": 1}, {"v": "B"}]}, ["r", 0, "v"], True),
        ({"r": [{"w": 1}]}, ["r", 0, "v"], False),
        ({"r": []}, ["r", 0], False),
        ({}, ["r", 0], False),
        ({"r": "B"}, ["r", 3], True),
        ({"r": "B"}, ["r", 3, "v"], False),
        ({"r": [[1], [2, 3]]}, ["r", 5, 5], True),
        ({"r": [{"v": 1}, "x"]}, ["r", 0, "v"], False),
    ],
)
def test_an_index_is_met_by_any_element_of_what_was_derived(derived: JSONObject, path: list[Any], ok: bool) -> None:
    assert is_presented(derived, *path) is ok


def test_values_are_checked_again_on_what_was_derived() -> None:
    assert is_presented({"r": [{"v": "B"}]}, "r", 1, "v", values=["B"])
    assert not is_presented({"r": [{"v": "C"}]}, "r", 1, "v", values=["B"])


# A real course, disclosed in part


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def course(world: World) -> JSONObject:
    school = School(world)
    return school.sign_base(school.course(subject_id="did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"))


COURSES: JSONObject = {
    "id": "courses",
    "format": "ldp_vc",
    "multiple": True,
    "meta": {"type_values": [[BADGE]]},
    "claims": [
        {"path": ["credentialSubject", "achievement", "name"]},
        {"path": ["credentialSubject", "result", 0, "value"]},
        {"path": ["credentialSubject", "identifier", 1, "identityHash"]},
    ],
}


def test_a_course_is_matched_derived_and_checked_again(world: World, course: JSONObject) -> None:
    query = dcql.parse_query({"credentials": [COURSES]})
    expand_types = dcql.type_expander(world.processor)
    match = dcql.match(query.credentials[0], course, expand_types)

    assert match is not None
    assert [(claim.pointer, claim.value) for claim in match.claims] == [
        ("/credentialSubject/achievement/name", "Algebra I"),
        ("/credentialSubject/result/0/value", "A"),
        ("/credentialSubject/identifier/1/identityHash", "S-1001"),
    ]
    derived = derive(course, match.pointers, world.processor, SystemRandomness())
    dcql.check_response(query, {"courses": [derived]}, expand_types)
    assert "María" not in json.dumps(derived, ensure_ascii=False)


def test_what_was_withheld_is_missed(world: World, course: JSONObject) -> None:
    query = dcql.parse_query({"credentials": [COURSES]})
    derived = derive(course, ["/credentialSubject/achievement/name"], world.processor, SystemRandomness())

    with pytest.raises(QueryNotSatisfied):
        dcql.check_response(query, {"courses": [derived]}, dcql.type_expander(world.processor))


def test_types_are_those_of_the_credential_itself(world: World, course: JSONObject) -> None:
    expand_types = dcql.type_expander(world.processor)

    assert expand_types(course) == {"https://www.w3.org/2018/credentials#VerifiableCredential", BADGE}
    assert expand_types({key: value for key, value in course.items() if key != "type"}) == frozenset()


@pytest.mark.parametrize("type_name", ["ClrCredential", "AchievementSubject", "Profile"])
def test_a_type_of_something_inside_does_not_count(world: World, course: JSONObject, type_name: str) -> None:
    iri = f"https://purl.imsglobal.org/spec/vc/ob/vocab.html#{type_name}"
    query = dcql.parse_query({"credentials": [{**COURSES, "meta": {"type_values": [[iri]]}}]}).credentials[0]

    assert dcql.match(query, course, dcql.type_expander(world.processor)) is None
