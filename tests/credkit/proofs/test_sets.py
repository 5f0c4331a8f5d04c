"""Proof sets and chains: the published ones hold and are made again to the byte, and every way to cheat is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from credkit.errors import CredkitError, ProofVerificationError, TooComplexError
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner
from credkit.proofs import add_proof, proofs_of, verify_proof
from credkit.shape import as_list, parse_date_time
from demo.conformance.profile import load_with_examples
from tests.support.shared import ROOT, read_json

VECTOR = read_json(ROOT / "tests" / "vectors" / "vc-di-eddsa-sets" / "proof-sets-and-chains.json")
KEYS = {pair["publicKeyMultibase"]: SoftwareSigner.from_secret_multibase(pair["privateKeyMultibase"])
        for pair in VECTOR["keys"].values()}
PROCESSOR = Processor(load_with_examples, open_vocabulary=True)


def published(name: str) -> dict[str, Any]:
    return copy.deepcopy({**VECTOR["document"], "proof": as_list(VECTOR["proofs"][name])})


def signer_of(proof: dict[str, Any]) -> SoftwareSigner:
    return KEYS[proof["verificationMethod"].partition("#")[2]]


def verify_all(document: dict[str, Any]) -> None:
    for proof in proofs_of(document):
        verify_proof(document, signer_of(proof).public_key, PROCESSOR, proof=proof)


@pytest.mark.spec("VC-DI-EDDSA", "#proof-sets-and-chains")
@pytest.mark.parametrize("name", VECTOR["proofs"])
class TestPublished:
    def test_every_proof_holds(self, name):
        verify_all(published(name))

    def test_our_proofs_are_the_published_ones(self, name):
        document = copy.deepcopy(VECTOR["document"])
        for proof in as_list(published(name)["proof"]):
            document = add_proof(
                document, suite=proof["cryptosuite"], signer=signer_of(proof), processor=PROCESSOR,
                created=parse_date_time(proof["created"], at=""), proof_id=proof.get("id"),
                previous=as_list(proof.get("previousProof", [])))
        values = [proof["proofValue"] for proof in proofs_of(document)]
        assert values == [proof["proofValue"] for proof in proofs_of(published(name))]

    def test_a_claim_or_an_option_that_was_changed_fails_each_of_them(self, name):
        document = published(name)
        document["credentialSubject"]["alumniOf"] = "Another school"
        for proof in proofs_of(document):
            with pytest.raises(ProofVerificationError):
                verify_proof(document, signer_of(proof).public_key, PROCESSOR, proof=proof)
        for index in range(len(document["proof"])):
            changed = published(name)
            changed["proof"][index]["created"] = "2024-01-01T00:00:00Z"
            with pytest.raises(ProofVerificationError):
                verify_all(changed)


def test_a_chain_covers_the_value_of_the_proof_before_it():
    document = published("signedProofChain1")
    first, second = document["proof"][0], document["proof"][-1]
    again = add_proof(VECTOR["document"], suite="eddsa-rdfc-2022", signer=signer_of(first), processor=PROCESSOR,
                      created=parse_date_time("2024-01-01T00:00:00Z", at=""), proof_id=first["id"])
    document["proof"][0] = again["proof"]
    verify_proof(document, signer_of(first).public_key, PROCESSOR, proof=document["proof"][0])
    with pytest.raises(ProofVerificationError):
        verify_proof(document, signer_of(second).public_key, PROCESSOR, proof=second)


A, B = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544", "urn:uuid:8cc9022b-6b14-4cf3-8571-74972c5feb54"
BROKEN: dict[str, Any] = {
    "none": [], "null": None, "text": "proof", "empty object in a list": [{}, 7], "a number": 7, "a list in it": [[{}]],
    "one id twice": [{"id": A}, {"id": A}], "an id that is a number": [{"id": 7}], "an id that is null": [{"id": None}],
    "builds on itself": [{"id": A, "previousProof": A}],
    "builds in a circle": [{"id": A, "previousProof": B}, {"id": B, "previousProof": [A]}],
    "previous null": [{"id": A}, {"previousProof": None}], "previous empty": [{"id": A}, {"previousProof": []}],
    "previous a number": [{"id": A}, {"previousProof": 7}],
    "previous an object": [{"id": A}, {"previousProof": {"id": A}}],
    "previous with a null": [{"id": A}, {"previousProof": [A, None]}],
}


@pytest.mark.spec("security.md", "A05")
@pytest.mark.parametrize("name", BROKEN)
def test_proofs_that_make_no_set_and_no_chain_are_refused(name):
    with pytest.raises(ProofVerificationError):
        proofs_of({**VECTOR["document"], "proof": BROKEN[name]})


@pytest.mark.parametrize("named", ["urn:uuid:absent", [A, "urn:uuid:absent"]])
def test_a_proof_that_builds_on_one_that_is_not_there_is_refused(named):
    document = published("signedProofChain1")
    document["proof"][-1]["previousProof"] = named
    with pytest.raises(ProofVerificationError):
        verify_all(document)
    with pytest.raises(CredkitError):
        add_proof(document, suite="eddsa-rdfc-2022", signer=next(iter(KEYS.values())), processor=PROCESSOR,
                  created=parse_date_time("2024-01-01T00:00:00Z", at=""), previous=("urn:uuid:absent",))


def test_more_proofs_than_anybody_needs_are_refused():
    document = published("signedProofSet1")
    with pytest.raises(TooComplexError):
        proofs_of({**document, "proof": [{"type": "DataIntegrityProof"}] * 17})
