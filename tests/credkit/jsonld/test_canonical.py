"""RDFC-1.0: the published suite decides; then graphs that are made to take forever."""

from __future__ import annotations

import hashlib
import itertools
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.errors import TooComplexError
from credkit.jsonld import Quad, canonicalize, parse_nquads
from tests.support.shared import read_json, vectors

SUITE: dict[str, dict[str, Any]] = read_json(Path(__file__).parents[2] / "vectors" / "rdf-canon" / "rdfc10.json")


def clique(size: int) -> list[Quad]:
    return [(f"_:e{i}", "<urn:p>", f"_:e{j}", "") for i in range(size) for j in range(size) if i != j]


def list_of(name: str, values: list[str]) -> list[Quad]:
    cells = [f"_:{name}x{index}" for index in range(len(values))]
    quads: list[Quad] = [(f"<urn:{name}>", "<urn:allowed>", cells[0], "")]
    for value, cell, rest in zip(values, cells, [*cells[1:], "<urn:nil>"], strict=True):
        quads += [(cell, "<urn:first>", f'"{value}"', ""), (cell, "<urn:rest>", rest, "")]
    return quads


@pytest.mark.spec("RDF-CANON", "#canon-algorithm")
@pytest.mark.parametrize("name", [name for name, case in SUITE.items() if "output" in case])
def test_the_published_result_comes_out(name: str) -> None:
    case = SUITE[name]

    assert canonicalize(parse_nquads(case["input"]), hash_name=case.get("hash", "sha256")).text() == case["output"]


@pytest.mark.spec("RDF-CANON", "#canon-algorithm")
@pytest.mark.parametrize("name", [name for name, case in SUITE.items() if "labels" in case])
def test_the_published_identifiers_are_issued(name: str) -> None:
    case = SUITE[name]

    labels = canonicalize(parse_nquads(case["input"]), hash_name=case.get("hash", "sha256")).labels

    assert {node[2:]: label[2:] for node, label in labels.items()} == case["labels"]


def test_the_suite_is_whole() -> None:
    assert len([1 for case in SUITE.values() if "output" in case]) == 64
    assert len([1 for case in SUITE.values() if "labels" in case]) == 21
    assert [name for name, case in SUITE.items() if case.get("refused")] == ["test074"]


def test_the_suite_is_the_published_one() -> None:
    folder = vectors("rdf-canon")
    for entry in read_json(folder / "manifest.jsonld")["entries"]:
        case = SUITE[entry["id"][1:8]]
        assert case["input"] == (folder / entry["action"]).read_bytes().decode("utf-8")
        if "Map" in entry["type"]:
            assert case["labels"] == read_json(folder / entry["result"])
        elif "Negative" not in entry["type"]:
            assert case["output"] == (folder / entry["result"]).read_bytes().decode("utf-8")


@pytest.mark.spec("RDF-CANON", "#dataset-poisoning")
def test_the_published_poison_graph_is_refused() -> None:
    with pytest.raises(TooComplexError):
        canonicalize(parse_nquads(SUITE["test074"]["input"]))


@pytest.mark.parametrize("size", [8, 9, 12, 20, 35, 50])
def test_a_clique_is_refused_within_its_budget(size: int) -> None:
    begin = time.process_time()
    with pytest.raises(TooComplexError):
        canonicalize(clique(size))

    # The promise is 250 ms (security.md A04); four times that is a bug on any machine that runs the tests.
    assert time.process_time() - begin < 1.0


@pytest.mark.parametrize("shape", ["cycle", "hubs", "random", "torus"])
def test_work_stays_in_proportion_to_the_graph(shape: str) -> None:
    size = 400
    chance = random.Random(7)
    quads: list[Quad]
    if shape == "cycle":
        quads = [(f"_:e{i}", "<urn:p>", f"_:e{(i + 1) % size}", "") for i in range(size)]
    elif shape == "hubs":
        quads = [(f"_:h{hub}", "<urn:p>", f"_:e{hub}x{i}", "") for hub in range(2) for i in range(size)]
    elif shape == "random":
        quads = [(f"_:e{i}", "<urn:p>", f"_:e{chance.randrange(size)}", "") for i in range(size) for _ in range(3)]
    else:
        quads = [
            (f"_:e{i}x{j}", "<urn:p>", f"_:e{(i + di) % 20}x{(j + 1 - di) % 20}", "")
            for i, j, di in itertools.product(range(20), range(20), range(2))
        ]

    with pytest.raises(TooComplexError):
        canonicalize(quads)


def test_long_lists_of_the_same_values_are_told_apart() -> None:
    scale = [str(percent) for percent in range(101)]
    quads = [quad for course in range(20) for quad in list_of(f"course{course}", scale)]

    assert len(canonicalize(quads).labels) == 20 * 101


def test_a_list_longer_than_the_stack_is_deep_is_refused_not_a_crash() -> None:
    with pytest.raises(TooComplexError):
        canonicalize(list_of("a", ["same"] * 5000))


def test_many_equal_leaves_cost_no_more_than_others() -> None:
    quads: list[Quad] = []
    for index in range(2000):
        quads += [("<urn:s>", "<urn:result>", f"_:r{index}", ""), (f"_:r{index}", "<urn:value>", '"A"', "")]

    assert len(canonicalize(quads).lines) == 4000


def test_the_work_limit_is_an_argument() -> None:
    quads = clique(4)

    with pytest.raises(TooComplexError):
        canonicalize(quads, max_work=-300)
    assert len(canonicalize(quads).lines) == 12


def test_control_characters_are_escaped_as_the_standard_says() -> None:
    text = "".join(map(chr, [*range(0x20), 0x22, 0x5C, 0x7E, 0x7F, 0x80]))
    (quad,) = parse_nquads('<urn:s> <urn:p> "' + "".join(f"\\u{ord(character):04x}" for character in text) + '" .')

    assert canonicalize([quad]).lines == (
        '<urn:s> <urn:p> "\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000B\\f\\r\\u000E\\u000F'
        "\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001A\\u001B\\u001C\\u001D\\u001E\\u001F"
        '\\"\\\\~\\u007F\x80" .\n',
    )


def test_quads_that_say_the_same_count_once() -> None:
    quad: Quad = ("_:x", "<urn:p>", '"a"', "")

    assert canonicalize([quad, quad]).text() == '_:c14n0 <urn:p> "a" .\n'


def test_sha_384_orders_by_the_longer_hash() -> None:
    quads = parse_nquads('_:a <urn:p> "1" .\n_:b <urn:p> "2" .\n')

    for name in ("sha256", "sha384"):
        first = min(["1", "2"], key=lambda value: hashlib.new(name, f'_:a <urn:p> "{value}" .\n'.encode()).hexdigest())
        assert f'_:c14n0 <urn:p> "{first}" .\n' in canonicalize(quads, hash_name=name).lines


NODES = st.sampled_from(["_:a", "_:b", "_:c", "_:d", "<urn:x>"])
GRAPHS = st.lists(
    st.tuples(
        NODES,
        st.sampled_from(["<urn:p>", "<urn:q>"]),
        NODES | st.just('"v"'),
        st.sampled_from(["", "", "_:a", "_:g", "<urn:g>"]),
    ),
    max_size=9,
)


@given(GRAPHS, st.randoms(use_true_random=False))
def test_names_and_order_of_the_input_do_not_matter(quads: list[Quad], chance: random.Random) -> None:
    names = ["_:n1", "_:n2", "_:n3", "_:n4", "_:n5"]
    chance.shuffle(names)
    renamed = dict(zip(["_:a", "_:b", "_:c", "_:d", "_:g"], names, strict=True))
    other = [tuple(renamed.get(term, term) for term in quad) for quad in quads]
    chance.shuffle(other)

    assert canonicalize(quads).text() == canonicalize(other).text()  # type: ignore[arg-type]
