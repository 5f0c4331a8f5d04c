"""ecdsa-sd-2023 beyond the vectors: any choice verifies, any single lie fails (security.md A12)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credkit.encoding import (
    cbor_decode,
    cbor_encode,
    multibase_decode,
    multibase_encode_base64url,
)
from credkit.environment import SystemRandomness
from credkit.errors import CredkitError, ParsingError, ProofGenerationError, ProofVerificationError
from credkit.proofs import derive, is_base_proof, required_pointers, verify_proof
from credkit.proofs._selective import resolve_pointers, select_document
from tests.support.amount import amount
from tests.support.world import School, World

WORLD = World()
SCHOOL = School(WORLD)
COURSE = SCHOOL.course(subject_id="did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
BASE = SCHOOL.sign_base(COURSE, ("/credentialSubject/result/0/status",))
KEY = SCHOOL.p256.public_key


def pointers_of(value, at=""):
    """Every JSON Pointer below ``value`` but those of contexts and the proof."""
    found = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        if at == "" and name in ("@context", "proof"):
            continue
        pointer = f"{at}/{name}"
        found += [pointer, *pointers_of(item, pointer)]
    return found


POINTERS = pointers_of(COURSE)
DERIVED = derive(
    BASE,
    [
        "/credentialSubject/achievement/name",
        "/credentialSubject/result/0/value",
        "/credentialSubject/identifier/0/identityHash",
    ],
    WORLD.processor, SystemRandomness(),
)


def verify(document):
    verify_proof(document, KEY, WORLD.processor)


@settings(max_examples=amount(300), deadline=None)
@given(st.sets(st.sampled_from(POINTERS), max_size=8))
def test_whatever_is_chosen_verifies_and_nothing_else_is_shown(pointers):
    derived = derive(BASE, sorted(pointers), WORLD.processor, SystemRandomness())
    verify(derived)
    mandatory = (*required_pointers(COURSE), "/credentialSubject/result/0/status")
    expected = select_document(COURSE, resolve_pointers(COURSE, (*mandatory, *pointers)))
    assert {name: value for name, value in derived.items() if name != "proof"} == expected


def test_what_no_holder_may_withhold_is_always_there():
    assert set(required_pointers(COURSE)) == {
        "/issuer",
        "/type",
        "/validFrom",
        "/credentialStatus",
        "/credentialSubject/id",
        "/credentialSubject/type",
    }
    derived = derive(BASE, [], WORLD.processor, SystemRandomness())
    assert derived["credentialStatus"] == COURSE["credentialStatus"]
    assert derived["credentialSubject"]["result"] == [{"type": ["Result"], "status": "Completed"}]


@pytest.mark.parametrize(
    "pointer",
    [
        "issuer",
        "/nothing",
        "/credentialSubject/result/1",
        "/credentialSubject/result/-",
        "/name/x",
        "/credentialSubject/result/00",
        "/~2",
    ],
)
def test_a_pointer_that_matches_nothing_is_an_error(pointer):
    with pytest.raises(ProofGenerationError):
        derive(BASE, [pointer], WORLD.processor, SystemRandomness())
    with pytest.raises(ProofGenerationError):
        SCHOOL.sign_base(COURSE, (pointer,))


def test_an_ordered_list_cannot_be_secured_in_parts():
    document = copy.deepcopy(COURSE)
    document["credentialSubject"]["achievement"]["resultDescription"][0]["allowedValue"] = ["F", "A"]
    with pytest.raises(ProofGenerationError):
        SCHOOL.sign_base(document)


def test_a_base_proof_is_known_as_one():
    assert is_base_proof(BASE["proof"])
    assert not is_base_proof(DERIVED["proof"])
    with pytest.raises(ProofVerificationError):
        verify(BASE)


def test_a_derived_proof_cannot_be_derived_from():
    with pytest.raises(ParsingError):
        derive(DERIVED, [], WORLD.processor, SystemRandomness())


SHOWN = pointers_of({name: value for name, value in DERIVED.items() if name != "proof"})


def parent_and_name(document, pointer) -> tuple[Any, Any]:
    """The container of what ``pointer`` names, and its last token."""
    *path, last = resolve_pointers(document, [pointer])[0]
    node: Any = document
    for token in path:
        node = node[token]
    return node, last


@pytest.mark.parametrize("pointer", SHOWN)
def test_any_member_taken_out_of_a_derived_document_is_caught(pointer):
    document = copy.deepcopy(DERIVED)
    node, last = parent_and_name(document, pointer)
    del node[last]
    with pytest.raises(CredkitError):
        verify(document)


def is_text(pointer):
    node, last = parent_and_name(DERIVED, pointer)
    return isinstance(node[last], str)


@pytest.mark.parametrize("pointer", filter(is_text, SHOWN))
def test_any_text_changed_in_a_derived_document_is_caught(pointer):
    document = copy.deepcopy(DERIVED)
    node, last = parent_and_name(document, pointer)
    node[last] += "x"
    with pytest.raises(CredkitError):
        verify(document)


def components(document=DERIVED):
    return cbor_decode(multibase_decode(document["proof"]["proofValue"])[3:])


def with_components(parts, header="d95d01"):
    value = multibase_encode_base64url(bytes.fromhex(header) + cbor_encode(parts))
    return {**DERIVED, "proof": {**DERIVED["proof"], "proofValue": value}}


def test_components_put_back_unchanged_still_verify():
    verify(with_components(components()))


def lies():
    base, key, signatures, labels, indexes = components()
    first, second = sorted(labels)[:2]
    swapped = {**labels, first: labels[second], second: labels[first]}
    return {
        "no parts": [],
        "four parts": [base, key, signatures, labels],
        "six parts": [base, key, signatures, labels, indexes, 0],
        "short base signature": [base[:-1], key, signatures, labels, indexes],
        "text base signature": ["x" * 64, key, signatures, labels, indexes],
        "zero base signature": [bytes(64), key, signatures, labels, indexes],
        "another key": [base, key[:-1] + bytes([key[-1] ^ 1]), signatures, labels, indexes],
        "an Ed25519 key": [base, bytes.fromhex("ed01") + bytes(33), signatures, labels, indexes],
        "key of zeros": [base, key[:2] + bytes(33), signatures, labels, indexes],
        "one signature less": [base, key, signatures[:-1], labels, indexes],
        "one signature more": [base, key, [*signatures, signatures[0]], labels, indexes],
        "signatures swapped": [base, key, [signatures[1], signatures[0], *signatures[2:]], labels, indexes],
        "no signatures": [base, key, [], labels, indexes],
        "signatures no list": [base, key, {}, labels, indexes],
        "labels swapped": [base, key, signatures, swapped, indexes],
        "label missing": [base, key, signatures, {k: v for k, v in labels.items() if k != first}, indexes],
        "label too many": [base, key, signatures, {**labels, 99: bytes(32)}, indexes],
        "label twice": [base, key, signatures, {**labels, first: labels[second]}, indexes],
        "label short": [base, key, signatures, {**labels, first: labels[first][:-1]}, indexes],
        "label keys text": [base, key, signatures, {str(k): v for k, v in labels.items()}, indexes],
        "labels no map": [base, key, signatures, [], indexes],
        "index missing": [base, key, signatures, labels, indexes[:-1]],
        "index moved": [base, key, signatures, labels, [*indexes[:-1], indexes[-1] + 1]],
        "index twice": [base, key, signatures, labels, [*indexes, indexes[-1]]],
        "index out of range": [base, key, signatures, labels, [*indexes, 10_000]],
        "indexes backwards": [base, key, signatures, labels, indexes[::-1]],
        "index text": [base, key, signatures, labels, [str(index) for index in indexes]],
        "indexes empty": [base, key, signatures, labels, []],
    }


LIES = lies()


@pytest.mark.parametrize("name", LIES)
def test_a_lie_in_a_component_is_caught(name):
    with pytest.raises(CredkitError):
        verify(with_components(LIES[name]))


@pytest.mark.parametrize("header", ["d95d00", "d95d02", "d95d03", "000000", "d95d"])
def test_another_header_is_refused(header):
    with pytest.raises(CredkitError):
        verify(with_components(components(), header))


@pytest.mark.parametrize("value", [None, 7, "", "u", "z", "u2V0B", "u2V0A", "zabc", ["u2V0B"]])
def test_what_is_no_proof_value_is_refused(value):
    with pytest.raises(CredkitError):
        verify({**DERIVED, "proof": {**DERIVED["proof"], "proofValue": value}})


@settings(max_examples=amount(2_000), deadline=None)
@given(st.integers(0), st.integers(1, 255))
def test_a_flipped_byte_of_the_proof_is_caught(place, bits):
    raw = bytearray(multibase_decode(DERIVED["proof"]["proofValue"]))
    raw[place % len(raw)] ^= bits
    with pytest.raises(CredkitError):
        verify({**DERIVED, "proof": {**DERIVED["proof"], "proofValue": multibase_encode_base64url(bytes(raw))}})


def test_parts_of_two_credentials_cannot_be_mixed():
    other = SCHOOL.sign_base(SCHOOL.course(index=8, name="Algebra II", grade="F"))
    theirs = derive(other, ["/credentialSubject/result/0/value"], WORLD.processor, SystemRandomness())
    ours = derive(BASE, ["/credentialSubject/result/0/value"], WORLD.processor, SystemRandomness())
    with pytest.raises(CredkitError):
        verify({**theirs, "proof": ours["proof"]})


def test_nothing_of_the_holder_s_document_is_changed():
    before = copy.deepcopy(BASE)
    derive(BASE, ["/name"], WORLD.processor, SystemRandomness())
    assert before == BASE
