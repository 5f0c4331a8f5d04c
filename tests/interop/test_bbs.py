"""bbs-2023 with Digital Bazaar's libraries: base by one, derived by the other, and both refuse what was changed."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from bench.documents import badge
from bench.node_peer import NodePeer, PeerRefused
from credkit.encoding import multibase_encode_base58
from credkit.environment import SystemRandomness
from credkit.errors import ProofVerificationError
from credkit.jsonld import Processor
from credkit.keys import public_key_from_multibase
from credkit.proofs import BbsSigner, add_base_proof, derive, verify_proof
from tests.interop.conftest import CREATED, NOW, RepeatableRandomness

SUITE = "bbs-2023"
SIGNER = BbsSigner(bytes(range(1, 33)))
DID, _, FRAGMENT = SIGNER.verification_method.partition("#")
SECRET = multibase_encode_base58(bytes.fromhex("8a26") + SIGNER.secret)  # multicodec bls12_381-g2-priv
MANDATORY = ["/issuer", "/validFrom", "/type", "/credentialStatus", "/credentialSubject/id", "/credentialSubject/type"]
SELECTED = ["/credentialSubject/achievement/name", "/credentialSubject/result/0/value"]


@pytest.fixture(scope="module")
def our_base(processor: Processor) -> dict[str, Any]:
    return add_base_proof(badge(DID), suite=SUITE, signer=SIGNER, processor=processor, created=CREATED,
                          randomness=RepeatableRandomness())


@pytest.fixture(scope="module")
def their_base(digitalbazaar: NodePeer) -> dict[str, Any]:
    key = {"id": SIGNER.verification_method, "controller": DID, "publicKeyMultibase": SIGNER.public_key_multibase,
           "secretKeyMultibase": SECRET}
    issued: dict[str, Any] = digitalbazaar.ask(
        "issue", suite=SUITE, key=key, created="2026-06-12T15:00:00Z", now=NOW, document=json.dumps(badge(DID)),
        mandatoryPointers=MANDATORY)
    return issued


def they_derive(peer: NodePeer, base: dict[str, Any]) -> dict[str, Any]:
    derived: dict[str, Any] = peer.ask("derive", suite=SUITE, document=json.dumps(base), selectivePointers=SELECTED)
    return derived


def check_both_ways(peer: NodePeer, processor: Processor, derived: dict[str, Any]) -> None:
    """Both verify it, it shows what was selected and no more, and both refuse it with another grade."""
    subject = derived["credentialSubject"]
    assert set(subject["achievement"]) == {"id", "type", "name"}
    assert "identifier" not in subject
    key = public_key_from_multibase(SIGNER.public_key_multibase)
    assert peer.ask("verify", suite=SUITE, document=json.dumps(derived), now=NOW)
    verify_proof(derived, key, processor)

    forged = deepcopy(derived)
    results = forged["credentialSubject"]["result"]
    (results[0] if isinstance(results, list) else results)["value"] = "A+"
    with pytest.raises(PeerRefused):
        peer.ask("verify", suite=SUITE, document=json.dumps(forged), now=NOW)
    with pytest.raises(ProofVerificationError):
        verify_proof(forged, key, processor)


def test_our_base_their_derivation(digitalbazaar: NodePeer, processor: Processor, our_base: dict[str, Any]) -> None:
    check_both_ways(digitalbazaar, processor, they_derive(digitalbazaar, our_base))


def test_our_base_our_derivation(digitalbazaar: NodePeer, processor: Processor, our_base: dict[str, Any]) -> None:
    check_both_ways(digitalbazaar, processor, derive(our_base, SELECTED, processor, SystemRandomness()))


def test_their_base_our_derivation(digitalbazaar: NodePeer, processor: Processor, their_base: dict[str, Any]) -> None:
    check_both_ways(digitalbazaar, processor, derive(their_base, SELECTED, processor, SystemRandomness()))


def test_their_base_their_derivation(digitalbazaar: NodePeer, processor: Processor, their_base: dict[str, Any]) -> None:
    check_both_ways(digitalbazaar, processor, they_derive(digitalbazaar, their_base))


def test_both_sides_refuse_a_base(digitalbazaar: NodePeer, processor: Processor, our_base: dict[str, Any]) -> None:
    with pytest.raises(PeerRefused):
        digitalbazaar.ask("verify", suite=SUITE, document=json.dumps(our_base), now=NOW)
    with pytest.raises(ProofVerificationError):
        verify_proof(our_base, public_key_from_multibase(SIGNER.public_key_multibase), processor)
