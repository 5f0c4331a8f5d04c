"""A proof's options are written without a walk, and give what a walk gives: the same text, the same refusal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contexts
from credkit.errors import ProblemError
from credkit.jsonld import Processor, canonicalize
from tests.credkit.jsonld.oracle import CLR, OB, V2, normalize

STRICT = Processor(contexts.load)
OPTIONS = {
    "@context": [V2, OB],
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-06-01T00:00:00Z",
    "verificationMethod": "did:key:z1#z1",
    "proofPurpose": "assertionMethod",
}
OTHERS: dict[str, Any] = {
    "domain": ["school.example", "https://school.example", ""],
    "challenge": ['a "quoted" word', "line\nbreak", "\x7f", "é", "\ud800"],
    "nonce": ["n"],
    "expires": ["2027-06-01T00:00:00Z", "", 7],
    "name": ["Options", ["Options", "Options"], {"@value": "Options", "@language": "en"}],
    "previousProof": ["urn:uuid:1", ["urn:uuid:1"], {"id": "urn:uuid:1"}],
    "id": ["urn:uuid:2", 7],
    "created": [None, 7, [], {}, "2026", {"@value": "2026"}],
    "verificationMethod": ["z1", "did:key:z 1", "xsd:z1", "xsd://z1", ["did:key:z1"], {"id": "did:key:z1"}, {}],
    "proofPurpose": ["authentication", "AssertionMethod", "https://w3id.org/security#assertionMethod", 7, None],
    "type": ["Ed25519Signature2020", ["DataIntegrityProof"], ["DataIntegrityProof", "Profile"], [], 7, "Proof", "id"],
    "cryptosuite": ["ecdsa-rdfc-2019", 7, True],
    "@context": [[V2], [V2, OB, CLR], V2, [OB, V2], [], [{}], [7], ["https://nowhere.example/"], None],
    "credentialSubject": ["did:key:z1"],
    "verifiableCredential": ["urn:uuid:1"],
    "proof": ["urn:uuid:1"],
    "unknown": ["x"],
    "@id": ["urn:uuid:1"],
    "Profile": ["x"],
    "hashed": ["true", True],
}
CHANGES = st.dictionaries(st.sampled_from(sorted(OTHERS)), st.integers(0, 8), max_size=3)


def outcome(processor: Processor, document: dict[str, Any], *, walked: bool) -> Any:
    try:
        text = canonicalize(processor.walk(document).quads).text() if walked else processor.canonical_text(document)
        text.encode()
        return text
    except (ProblemError, UnicodeEncodeError) as error:
        return type(error), str(error), getattr(error, "pointer", None)


def assert_same(document: dict[str, Any]) -> None:
    walked = outcome(STRICT, document, walked=True)  # and so everything in it is compiled by now
    assert outcome(STRICT, document, walked=False) == walked
    begun_anew = Processor(lambda url: contexts.load(url))  # a loader of its own: nothing is compiled yet
    assert outcome(begun_anew, document, walked=False) == walked


def test_the_options_of_a_proof_are_written_as_another_reader_writes_them() -> None:
    STRICT.walk(OPTIONS)
    assert STRICT.canonical_text(OPTIONS) == normalize(OPTIONS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in OTHERS for value in OTHERS[name]], ids=repr)
def test_one_member_that_is_otherwise_makes_no_difference_to_a_walk(name: str, value: Any) -> None:
    assert_same({**OPTIONS, name: value})


@pytest.mark.parametrize("name", OPTIONS)
def test_nor_does_one_that_is_not_there(name: str) -> None:
    assert_same({key: value for key, value in OPTIONS.items() if key != name})


@given(CHANGES)
def test_nor_do_several(changes: dict[str, int]) -> None:
    assert_same({**OPTIONS, **{name: OTHERS[name][index % len(OTHERS[name])] for name, index in changes.items()}})
