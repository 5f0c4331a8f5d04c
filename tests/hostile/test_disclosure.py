"""Shown in part: nothing that was not chosen is in what leaves, nothing that must be shown can be taken out.

Every free text of the record is one that occurs nowhere else, so that whatever leaks can be found by searching for it.
Spec: security.md A12; VC-DI-ECDSA #ecdsa-sd-2023; VC-DI-BBS #bbs-2023; OB impl guide #selective-disclosure
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.documents import badge
from credkit.encoding import cbor_decode, cbor_encode, multibase_decode, multibase_encode_base64url
from credkit.environment import SystemClock, SystemRandomness
from credkit.errors import CredkitError, ParsingError, ProofGenerationError, ProofVerificationError
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner, public_key_from_multibase
from credkit.profiles import openbadges_3
from credkit.proofs import BbsSigner, Derivation, add_base_proof, required_pointers, verify_proof
from tests.support.amount import amount
from tests.support.world import World

PROCESSOR: Processor = World().processor
SIGNERS: dict[str, Any] = {
    "ecdsa-sd-2023": SoftwareSigner.generate("P-256"), "bbs-2023": BbsSigner.generate(SystemRandomness())}
SUITES = pytest.mark.parametrize("suite", list(SIGNERS))
PLACES = {
    "ecdsa-sd-2023": {"signature": 0, "key": 1, "hmac": 2, "pointers": 4},
    "bbs-2023": {"signature": 0, "key": 2, "hmac": 3, "pointers": 4},
}
HEADERS = {"ecdsa-sd-2023": "d95d00", "bbs-2023": "d95d02"}


def texts(value: Any, at: str = "") -> Iterator[str]:
    """Pointers of the free texts: what is no type, no id, no date, no fixed word."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in {"@context", "type", "id", "issuer", "credentialStatus", "resultDescription", "identityType",
                            "achievementType", "inLanguage", "url"}:
                yield from texts(item, f"{at}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, f"{at}/{index}")
    elif isinstance(value, str) and not value[:4].isdigit():
        yield at


def marked(issuer: str) -> tuple[dict[str, Any], dict[str, str]]:
    """A badge with a word of its own at each free text, one grade being provisional; pointer → word."""
    document = copy.deepcopy(badge(issuer))
    document["credentialSubject"]["result"][0]["status"] = "InProgress"
    words = {}
    for index, place in enumerate(place for place in texts(document) if not place.endswith("/status")):
        words[place] = f"zq{index:03}secret"
        node: Any = document
        *steps, last = place.split("/")[1:]
        for step in steps:
            node = node[int(step) if isinstance(node, list) else step]
        node[int(last) if isinstance(node, list) else last] = words[place]
    return document, words


DOCUMENT, WORDS = marked("https://lincoln.example")
FIXED = (*required_pointers(DOCUMENT), *openbadges_3.mandatory_pointers(DOCUMENT),
         "/credentialSubject/achievement/name")
BASES = {name: add_base_proof(DOCUMENT, suite=name, signer=signer, processor=PROCESSOR, created=SystemClock().now(),
                              randomness=SystemRandomness(), mandatory_pointers=FIXED)
         for name, signer in SIGNERS.items()}
DERIVATIONS = {name: Derivation(base, PROCESSOR) for name, base in BASES.items()}
CHOICE = st.sets(st.sampled_from(sorted(WORDS)), max_size=6)


def derived(suite: str, pointers: Any = ()) -> dict[str, Any]:
    return DERIVATIONS[suite].derive(sorted(pointers), SystemRandomness())


def without_proof(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def components(document: dict[str, Any]) -> list[Any]:
    parts: list[Any] = cbor_decode(multibase_decode(document["proof"]["proofValue"])[3:])
    return parts


def check(suite: str, document: dict[str, Any]) -> None:
    verify_proof(document, public_key_from_multibase(SIGNERS[suite].public_key_multibase), PROCESSOR)


def test_the_record_has_enough_to_hide() -> None:
    assert len(WORDS) >= 12 and len(set(WORDS.values())) == len(WORDS)


@SUITES
@settings(max_examples=amount(200), deadline=None)
@given(pointers=CHOICE)
def test_what_was_not_chosen_is_nowhere_and_what_is_fixed_is_always_there(suite: str, pointers: set[str]) -> None:
    document = derived(suite, pointers)
    check(suite, document)
    shown = json.dumps(without_proof(document))
    proof = multibase_decode(document["proof"]["proofValue"])
    expected = {word for place, word in WORDS.items() if place in pointers or place in FIXED}

    assert {word for word in WORDS.values() if word in shown} == expected
    assert not [word for word in WORDS.values() if word.encode() in proof]
    assert all(document[name] == DOCUMENT[name] for name in ("issuer", "type", "validFrom", "credentialStatus"))
    assert document["credentialSubject"]["id"] == DOCUMENT["credentialSubject"]["id"]
    assert "InProgress" in shown


@SUITES
@settings(max_examples=amount(100), deadline=None)
@given(pointers=CHOICE)
def test_the_proof_holds_a_signature_for_each_part_shown_and_no_secret_of_the_base(
        suite: str, pointers: set[str]) -> None:
    base, document = components(BASES[suite]), derived(suite, pointers)
    parts, proof = components(document), multibase_decode(document["proof"]["proofValue"])

    assert base[PLACES[suite]["hmac"]] not in proof
    lines = PROCESSOR.walk(without_proof(document)).quads
    if suite == "ecdsa-sd-2023":
        mandatory = parts[4]
        assert len(parts[2]) == len(lines) - len(mandatory)
        assert set(parts[2]) <= set(base[3]) and len(set(parts[2])) == len(parts[2])
        assert not [each for each in base[3] if each not in parts[2] and each in proof]
    else:
        assert base[0] not in proof
        assert len(parts[2]) + len(parts[3]) == len(lines)


@SUITES
@pytest.mark.parametrize("kept_back", FIXED)
def test_a_holder_who_makes_something_fixed_a_matter_of_choice_convinces_nobody(suite: str, kept_back: str) -> None:
    """The pointers stand in the base proof, which the holder has: without one of them the proof does not hold.

    Types and ids on the way to something else are shown anyway; where the pointer to one is gone, nothing is.
    """
    parts, at = components(BASES[suite]), PLACES[suite]["pointers"]
    parts[at] = [each for each in parts[at] if each != kept_back]
    value = multibase_encode_base64url(bytes.fromhex(HEADERS[suite]) + cbor_encode(parts))
    forged = {**BASES[suite], "proof": {**BASES[suite]["proof"], "proofValue": value}}

    try:
        document = Derivation(forged, PROCESSOR).derive(["/name"], SystemRandomness())
    except ProofGenerationError:
        return
    if without_proof(document) == without_proof(derived(suite, ["/name"])):
        check(suite, document)
        assert kept_back.endswith(("/type", "/id"))
    else:
        with pytest.raises((ProofVerificationError, ParsingError)):
            check(suite, document)


@SUITES
@pytest.mark.parametrize("name", ["issuer", "validFrom", "credentialStatus", "credentialSubject"])
def test_what_is_fixed_cannot_be_cut_out_of_what_was_derived(suite: str, name: str) -> None:
    document = derived(suite, ["/name"])
    del document[name]
    with pytest.raises(CredkitError):
        check(suite, document)


@SUITES
def test_nothing_can_be_added_to_what_was_derived(suite: str) -> None:
    """A true statement of the record is as little covered as a false one, where its signature was not passed on."""
    document = derived(suite)
    document["credentialSubject"]["narrative"] = DOCUMENT["credentialSubject"]["narrative"]
    with pytest.raises(CredkitError):
        check(suite, document)


@SUITES
def test_an_unfinished_grade_never_leaves_without_its_status(suite: str) -> None:
    results = derived(suite, ["/credentialSubject/result/0/value"])["credentialSubject"]["result"]
    assert [each["status"] for each in results] == ["InProgress"]


@SUITES
def test_where_the_issuer_forgot_it_the_holder_adds_it(suite: str) -> None:
    base = add_base_proof(DOCUMENT, suite=suite, signer=SIGNERS[suite], processor=PROCESSOR,
                          created=SystemClock().now(), randomness=SystemRandomness())
    wanted = ("/credentialSubject/result/0/value", "/credentialSubject/result/1/value")

    pointers = openbadges_3.with_statuses(DOCUMENT, wanted)
    document = Derivation(base, PROCESSOR).derive(pointers, SystemRandomness())

    check(suite, document)
    assert [each["status"] for each in document["credentialSubject"]["result"]] == ["InProgress", "Completed"]
