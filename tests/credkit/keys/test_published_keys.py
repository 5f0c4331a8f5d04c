"""Keys and signatures against what the specifications publish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from credkit.errors import ProofVerificationError, UnsupportedError
from credkit.keys import PublicKey, SoftwareSigner, public_key_from_jwk, public_key_from_multibase
from credkit.proofs import BbsSigner
from tests.support.shared import read_json, vectors

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "did-key"
KEYS = read_json(VECTORS / "keys.json")
SIGNATURES = read_json(VECTORS / "signatures.json")["signatures"]


@pytest.mark.spec("DID-KEY", "#format")
@pytest.mark.parametrize("vector", KEYS["did_key"], ids=lambda vector: vector["did"][:20])
def test_a_published_identifier_gives_the_published_key(vector: dict[str, Any]) -> None:
    key = public_key_from_multibase(vector["did"].removeprefix("did:key:"))

    assert (key.type, key.raw.hex()) == (vector["type"], vector["raw_hex"])
    assert "did:key:" + key.to_multibase() == vector["did"]


@pytest.mark.parametrize("vector", [v for v in KEYS["did_key"] if "jwk" in v], ids=lambda vector: vector["did"][:20])
def test_a_published_jwk_and_its_identifier_are_one_key(vector: dict[str, Any]) -> None:
    key = public_key_from_jwk(vector["jwk"])

    assert "did:key:" + key.to_multibase() == vector["did"]
    assert key.to_jwk() == vector["jwk"]


@pytest.mark.parametrize("vector", [v for v in KEYS["did_key"] if "bbs_secret_hex" in v], ids=lambda v: v["did"][:20])
def test_a_published_bbs_secret_gives_the_published_identifier(vector: dict[str, Any]) -> None:
    signer = BbsSigner(bytes.fromhex(vector["bbs_secret_hex"]))

    assert signer.verification_method == vector["did"] + "#" + signer.public_key_multibase


@pytest.mark.parametrize("vector", [v for v in KEYS["did_key"] if "secret_hex" in v], ids=lambda v: v["did"][:20])
def test_a_published_secret_gives_the_published_identifier(vector: dict[str, Any]) -> None:
    signer = SoftwareSigner.from_secret(vector["type"], bytes.fromhex(vector["secret_hex"]))

    assert "did:key:" + signer.public_key_multibase == vector["did"]
    assert signer.verification_method == vector["did"] + "#" + signer.public_key_multibase


@pytest.mark.spec("CID-1.0", "#Multikey")
@pytest.mark.parametrize("pair", KEYS["multikey_pairs"], ids=lambda pair: pair["type"])
def test_both_halves_of_a_published_multikey_belong_together(pair: dict[str, str]) -> None:
    signer = SoftwareSigner.from_secret_multibase(pair["secret_multibase"])

    assert signer.public_key.type == pair["type"]
    assert signer.public_key_multibase == pair["public_multibase"]


@pytest.mark.parametrize("did", KEYS["kinds_we_do_not_speak"], ids=lambda did: did[:16])
def test_a_published_kind_of_key_we_do_not_speak_could_not_be_checked(did: str) -> None:
    with pytest.raises(UnsupportedError):
        public_key_from_multibase(did.removeprefix("did:key:"))


@pytest.mark.spec("RFC8032", "#section-7.1")
@pytest.mark.spec("RFC6979", "#appendix-A.2")
@pytest.mark.parametrize("vector", SIGNATURES, ids=lambda vector: vector["source"])
def test_a_published_signature_is_made_and_verified(vector: dict[str, str]) -> None:
    message, signature = bytes.fromhex(vector["message_hex"]), bytes.fromhex(vector["signature_hex"])
    signer = SoftwareSigner.from_secret(vector["type"], bytes.fromhex(vector["secret_hex"]))

    assert signer.sign(message) == signature
    PublicKey(vector["type"], bytes.fromhex(vector["raw_hex"])).verify(signature, message)


@pytest.mark.parametrize("vector", SIGNATURES, ids=lambda vector: vector["source"])
def test_a_published_signature_with_any_bit_changed_is_caught(vector: dict[str, str]) -> None:
    message, signature = bytes.fromhex(vector["message_hex"]), bytes.fromhex(vector["signature_hex"])
    key = PublicKey(vector["type"], bytes.fromhex(vector["raw_hex"]))

    for bit in range(0, len(signature) * 8, 5):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(ProofVerificationError):
            key.verify(bytes(changed), message)
    with pytest.raises(ProofVerificationError):
        key.verify(signature, message + b"\0")


def test_the_stated_values_are_the_published_ones() -> None:
    files = ("ed25519-x25519", "nist-curves", "bls12381")
    published = {did: value for name in files for did, value in read_json(vectors(f"did-key/{name}.json")).items()}

    assert {vector["did"] for vector in KEYS["did_key"]} <= published.keys()
