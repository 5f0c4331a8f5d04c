"""BBS and bbs-2023 against the published values: generators, signatures, proofs, base and derived documents."""

from __future__ import annotations

import pytest

from credkit.errors import CredkitError, ProofVerificationError
from credkit.jsonld import Processor
from credkit.keys import PublicKey
from credkit.proofs import Derivation, verify_proof
from credkit.proofs._bbs import (
    SHA_256,
    SHAKE_256,
    Ciphersuite,
    key_gen,
    proof_gen,
    proof_verify,
    sign,
    sk_to_pk,
    verify,
)
from credkit.proofs._selective import blind, shuffled_labels
from credkit.proofs._suite import canonical_hash, options_of
from credkit.proofs.bbs_2023 import SUITE, BbsSigner, parse_base_proof_value, parse_derived_proof_value
from demo.conformance.profile import load_with_examples
from tests.support.shared import ROOT, read_json

VECTORS = ROOT / "tests" / "vectors"
SUITES = {"sha-256": SHA_256, "shake-256": SHAKE_256}
FIXTURES = {name: read_json(VECTORS / "bbs-signatures" / f"{name}.json") for name in SUITES}
DOCUMENTS = {path.stem: read_json(path) for path in sorted((VECTORS / "vc-di-bbs").glob("*.json"))}
SEED = bytes.fromhex("332e313431353932363533353839373933323338343632363433333833323739")
hexed = bytes.fromhex


class MockedRandomness:
    """Mocked random scalars: slices of one expansion (draft-irtf-cfrg-bbs-signatures-08 #section-8.1).

    The vectors of bbs-2023 expand without the draft's ``tag``.
    """

    def __init__(self, count: int, suite: Ciphersuite, tag: bytes) -> None:
        self._rest = suite.expand(SEED, suite.api_id + tag, 48 * count)

    def token_bytes(self, n: int) -> bytes:
        taken, self._rest = self._rest[:n], self._rest[n:]
        assert len(taken) == n
        return taken


def cases(kind):
    return [pytest.param(SUITES[name], case, id=f"{name}-{place}-{case['why']}")
            for name, fixture in FIXTURES.items() for place, case in enumerate(fixture[kind])]


@pytest.mark.spec("draft-irtf-cfrg-bbs-signatures-08", "#section-8")
@pytest.mark.parametrize("name", SUITES)
class TestBuildingBlocks:
    def test_generators_are_the_published_ones(self, name):
        published = FIXTURES[name]["generators"]
        generators = SUITES[name].generators(10)
        assert generators.base.to_compressed_bytes().hex() == published["P1"]
        assert [point.hex() for point in generators.encoded] == [published["Q1"], *published["MsgGenerators"]]

    def test_hashes_to_scalars_are_the_published_ones(self, name):
        fixture = FIXTURES[name]
        case = fixture["hash_to_scalar"]
        assert SUITES[name].hash_to_scalar(hexed(case["message"]), hexed(case["dst"])) == int(case["scalar"], 16)
        messages = [hexed(each["message"]) for each in fixture["messages_to_scalars"]]
        assert SUITES[name].messages_to_scalars(messages) == [
            int(each["scalar"], 16) for each in fixture["messages_to_scalars"]]

    def test_the_key_pair_is_the_published_one(self, name):
        case = FIXTURES[name]["key_pair"]
        secret = key_gen(hexed(case["keyMaterial"]), hexed(case["keyInfo"]), SUITES[name])
        assert secret == int(case["keyPair"]["secretKey"], 16)
        assert sk_to_pk(secret).hex() == case["keyPair"]["publicKey"]


@pytest.mark.spec("draft-irtf-cfrg-bbs-signatures-08", "#section-8")
@pytest.mark.parametrize(("suite", "case"), cases("signatures"))
def test_published_signatures(suite, case):
    messages = [hexed(message) for message in case["messages"]]
    arguments = (hexed(case["public_key"]), hexed(case["signature"]), hexed(case["header"]), messages, suite)
    if case["valid"]:
        verify(*arguments)
        made = sign(int(case["secret_key"], 16), arguments[0], arguments[2], messages, suite)
        assert made.hex() == case["signature"]
    else:
        with pytest.raises(ProofVerificationError):
            verify(*arguments)


@pytest.mark.spec("draft-irtf-cfrg-bbs-signatures-08", "#section-8")
@pytest.mark.parametrize(("suite", "case"), cases("proofs"))
def test_published_proofs(suite, case):
    public_key, header = hexed(case["public_key"]), hexed(case["header"])
    presentation_header = hexed(case["presentation_header"])
    messages = [hexed(message) for message in case["messages"]]
    shown = [(index, messages[index]) for index in case["disclosed"]]
    if case["valid"]:
        proof_verify(public_key, hexed(case["proof"]), header, presentation_header, shown, suite)
        made = proof_gen(public_key, hexed(case["signature"]), header, presentation_header, messages, case["disclosed"],
                         suite, MockedRandomness(5 + len(case["random_scalars"]["m_tilde_scalars"]), suite,
                                          b"MOCK_RANDOM_SCALARS_DST_"))
        assert made.hex() == case["proof"]
    else:
        with pytest.raises(CredkitError):
            proof_verify(public_key, hexed(case["proof"]), header, presentation_header, shown, suite)


@pytest.fixture(scope="module")
def processor():
    return Processor(load_with_examples, open_vocabulary=True)


def unsecured(document):
    return {name: value for name, value in document.items() if name != "proof"}


def key_of(vector):
    return PublicKey("Bls12381G2", hexed(vector["keys"]["publicKeyHex"]))


@pytest.mark.spec("VC-DI-BBS", "#bbs-2023")
@pytest.mark.parametrize("name", DOCUMENTS)
class TestBbs2023:
    def test_blinded_quads_are_the_published_ones(self, name, processor):
        vector = DOCUMENTS[name]
        dataset = processor.walk(vector["document"])
        blinded = blind(dataset.quads, hexed(vector["keys"]["hmacKeyString"]), shuffled_labels)
        assert list(blinded.lines) == vector["blinded_lines"]

    def test_the_proof_hash_is_the_published_one(self, name, processor):
        vector = DOCUMENTS[name]
        options = {**options_of(vector["base"]["proof"]), "@context": vector["document"]["@context"]}
        assert canonical_hash(processor.walk(options), "sha256").hex() == vector["hashes"]["proofHash"]

    def test_our_base_proof_is_the_published_one(self, name, processor):
        vector = DOCUMENTS[name]
        signer = BbsSigner(hexed(vector["keys"]["privateKeyHex"]))
        assert vector["base"]["proof"]["verificationMethod"] == signer.verification_method
        value = SUITE.create_base_proof_value(
            vector["document"], options_of(vector["base"]["proof"]), signer, processor,
            mandatory_pointers=vector["mandatory_pointers"], hmac_key=hexed(vector["keys"]["hmacKeyString"]))
        base = parse_base_proof_value(value)
        assert base.signature.hex() == vector["bbs_signature"]
        assert base.header.hex() == vector["hashes"]["proofHash"] + vector["hashes"]["mandatoryHash"]
        assert value == vector["base"]["proof"]["proofValue"]

    def test_deriving_from_the_published_base_gives_the_published_document(self, name, processor):
        vector = DOCUMENTS[name]
        prepared = SUITE.prepare(unsecured(vector["base"]), vector["base"]["proof"], processor)
        hidden = len(prepared.grouped.others) - len(vector["disclosure"]["adjSelectiveIndexes"])
        derived = Derivation(vector["base"], processor).derive(
            vector["selective_pointers"], MockedRandomness(5 + hidden, SHA_256, b""),
            presentation_header=hexed(vector["derive"]["presentationHeaderHex"]))
        parsed = parse_derived_proof_value(derived["proof"]["proofValue"])
        assert parsed.label_map == {
            f"_:{label}": f"_:{blinded}" for label, blinded in vector["disclosure"]["labelMap"]["value"]}
        assert list(parsed.mandatory_indexes) == vector["disclosure"]["mandatoryIndexes"]
        assert list(parsed.selective_indexes) == vector["disclosure"]["adjSelectiveIndexes"]
        assert unsecured(derived) == unsecured(vector["derived"])
        assert parsed.proof.hex() == vector["disclosure"]["bbsProof"]
        assert derived == vector["derived"]

    def test_the_published_derived_proof_holds(self, name, processor):
        vector = DOCUMENTS[name]
        verify_proof(vector["derived"], key_of(vector), processor)

    def test_a_base_proof_is_refused(self, name, processor):
        vector = DOCUMENTS[name]
        with pytest.raises(ProofVerificationError):
            verify_proof(vector["base"], key_of(vector), processor)

