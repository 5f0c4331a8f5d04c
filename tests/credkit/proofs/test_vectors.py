"""The specifications' own values: hashes, signatures, base and derived proofs."""

from __future__ import annotations

import copy

import pytest

from credkit.encoding import multibase_decode
from credkit.environment import SystemRandomness
from credkit.errors import CredkitError, ProofVerificationError
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner, public_key_from_multibase
from credkit.proofs import WHOLE_SUITES, derive, suite_name_of, verify_proof
from credkit.proofs._selective import blind, hmac_labels, resolve_pointers, selected_quads
from credkit.proofs._suite import canonical_hash, jcs_hash_data, options_of, rdfc_hash_data
from credkit.proofs.ecdsa_sd_2023 import SUITE as ECDSA_SD
from credkit.proofs.ecdsa_sd_2023 import parse_base_proof_value, parse_derived_proof_value
from demo.conformance.profile import load_with_examples
from tests.support.shared import ROOT, read_json

VECTORS = ROOT / "tests" / "vectors"
WHOLE = sorted(
    path
    for path in VECTORS.glob("*/*.json")
    if path.parent.name in ("vc-di-eddsa", "vc-di-ecdsa", "1edtech") and "ecdsa-sd" not in path.name
)
SELECTIVE = sorted(VECTORS.glob("vc-di-ecdsa/ecdsa-sd-2023-*.json"))


@pytest.fixture(scope="module")
def processor():
    return Processor(load_with_examples, open_vocabulary=True)


def unsecured(document):
    return {name: value for name, value in document.items() if name != "proof"}


def signed_of(vector):
    """The published document; 1EdTech writes its one proof as an array of one."""
    signed = vector["signed"]
    return {**signed, "proof": signed["proof"][0]} if isinstance(signed["proof"], list) else signed


def signer_of(vector):
    """The published secret; 1EdTech's is the seed followed by the public key."""
    secret = multibase_decode(vector["key"]["secretKeyMultibase"])
    if secret[:2] == bytes.fromhex("8026") and len(secret) == 66:
        return SoftwareSigner.from_secret("Ed25519", secret[2:34])
    return SoftwareSigner.from_secret_multibase(vector["key"]["secretKeyMultibase"])


def key_of(vector):
    return public_key_from_multibase(vector["key"]["publicKeyMultibase"])


def hash_data(vector, processor):
    signed = signed_of(vector)
    options = options_of(signed["proof"])
    hash_name = "sha384" if key_of(vector).type == "P-384" else "sha256"
    if "jcs" in vector["suite"]:
        return jcs_hash_data(unsecured(signed), options, hash_name)
    return rdfc_hash_data(unsecured(signed), options, processor, hash_name)


@pytest.mark.spec("VC-DI-EDDSA", "#test-vectors")
@pytest.mark.spec("VC-DI-ECDSA", "#test-vectors")
@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
class TestWholeDocuments:
    def test_hashes_are_the_published_ones(self, path, processor):
        vector = read_json(path)
        assert hash_data(vector, processor).hex() == vector["proof_hash"] + vector["document_hash"]

    def test_the_published_signature_holds(self, path, processor):
        vector = read_json(path)
        verify_proof(signed_of(vector), key_of(vector), processor)

    def test_our_signature_holds_and_equals_the_published_one_where_it_is_deterministic(self, path, processor):
        vector = read_json(path)
        signed = signed_of(vector)
        signer = signer_of(vector)
        suite = next(suite for suite in WHOLE_SUITES if suite.name == suite_name_of(signed["proof"]))
        value = multibase_decode(signed["proof"]["proofValue"])
        ours = signer.sign(hash_data(vector, processor))
        if signer.algorithm == "Ed25519":
            assert ours == value
        key_of(vector).verify(ours, hash_data(vector, processor))
        assert suite.key_types >= {key_of(vector).type}

    def test_a_claim_changed_or_taken_away_is_caught(self, path, processor):
        vector = read_json(path)
        for name in [name for name in signed_of(vector) if name not in ("@context", "proof", "type")]:
            changed = copy.deepcopy(signed_of(vector))
            del changed[name]
            with pytest.raises(CredkitError):
                verify_proof(changed, key_of(vector), processor)

    def test_proof_options_are_covered(self, path, processor):
        vector = read_json(path)
        changed = copy.deepcopy(signed_of(vector))
        changed["proof"]["created"] = "2024-01-01T00:00:00Z"
        with pytest.raises(ProofVerificationError):
            verify_proof(changed, key_of(vector), processor)


@pytest.mark.spec("VC-DI-ECDSA", "#ecdsa-sd-2023")
@pytest.mark.parametrize("path", SELECTIVE, ids=lambda path: path.stem)
class TestSelectiveDisclosure:
    def test_blinded_quads_are_the_published_ones(self, path, processor):
        vector = read_json(path)
        blinded = blind(
            processor.walk(vector["document"], with_paths=True).quads, bytes.fromhex(vector["keys"]["hmacKeyString"]),
            hmac_labels,
        )
        assert list(blinded.lines) == vector["blinded_lines"]

    def test_groups_are_the_published_ones(self, path, processor):
        vector = read_json(path)
        document = vector["document"]
        dataset = processor.walk(document, with_paths=True)
        blinded = blind(dataset.quads, bytes.fromhex(vector["keys"]["hmacKeyString"]), hmac_labels)
        for name, pointers in (
            ("mandatory_indexes", vector["mandatory_pointers"]),
            ("combined_indexes", vector["mandatory_pointers"] + vector["selective_pointers"]),
        ):
            chosen = selected_quads(dataset, resolve_pointers(document, pointers))
            assert [place for place, index in enumerate(blinded.order) if index in chosen] == vector[name]

    def test_the_proof_hash_is_the_published_one(self, path, processor):
        vector = read_json(path)
        options = {**options_of(vector["base"]["proof"]), "@context": vector["document"]["@context"]}
        assert canonical_hash(processor.walk(options), "sha256").hex() == vector["hashes"]["proofHash"]

    def test_our_base_proof_equals_the_published_one(self, path, processor):
        vector = read_json(path)
        keys = vector["keys"]
        value = ECDSA_SD.create_base_proof_value(
            vector["document"],
            options_of(vector["base"]["proof"]),
            SoftwareSigner.from_secret_multibase(keys["baseKeyPair"]["secretKeyMultibase"]),
            processor,
            mandatory_pointers=vector["mandatory_pointers"],
            hmac_key=bytes.fromhex(keys["hmacKeyString"]),
            proof_signer=SoftwareSigner.from_secret_multibase(keys["proofKeyPair"]["secretKeyMultibase"]),
        )
        ours, theirs = parse_base_proof_value(value), parse_base_proof_value(vector["base"]["proof"]["proofValue"])
        assert (ours.public_key, ours.hmac_key, ours.mandatory_pointers) == (
            theirs.public_key,
            theirs.hmac_key,
            theirs.mandatory_pointers,
        )
        assert len(ours.signatures) == len(theirs.signatures)

    def test_deriving_from_the_published_base_gives_the_published_document(self, path, processor):
        vector = read_json(path)
        derived = derive(vector["base"], vector["selective_pointers"], processor, SystemRandomness())
        assert unsecured(derived) == unsecured(vector["derived"])
        assert parse_derived_proof_value(derived["proof"]["proofValue"]) == parse_derived_proof_value(
            vector["derived"]["proof"]["proofValue"]
        )
        assert derived["proof"]["proofValue"] == vector["derived"]["proof"]["proofValue"]

    def test_the_published_derived_proof_holds(self, path, processor):
        vector = read_json(path)
        verify_proof(
            vector["derived"], public_key_from_multibase(vector["keys"]["baseKeyPair"]["publicKeyMultibase"]), processor
        )

    def test_a_base_proof_is_refused(self, path, processor):
        vector = read_json(path)
        with pytest.raises(ProofVerificationError):
            verify_proof(
                vector["base"],
                public_key_from_multibase(vector["keys"]["baseKeyPair"]["publicKeyMultibase"]),
                processor,
            )
