"""Digital Bazaar's libraries verify ours, we verify theirs, and both refuse what was changed on the way."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from bench.documents import badge
from bench.node_peer import NodePeer, PeerRefused, node_key
from credkit.environment import SystemRandomness
from credkit.errors import ProofVerificationError
from credkit.jsonld import Processor
from credkit.keys import PublicKey, SoftwareSigner, public_key_from_multibase
from credkit.proofs import BbsSigner, add_base_proof, add_proof, derive, verify_proof
from tests.interop.conftest import (
    CREATED,
    NOW,
    RepeatableRandomness,
    controller_of,
    legacy_credential,
    signer_of,
)

WHOLE = [
    ("eddsa-rdfc-2022", "Ed25519"),
    ("ecdsa-rdfc-2019", "P-256"),
    ("ecdsa-rdfc-2019", "P-384"),
    ("Ed25519Signature2020", "Ed25519"),
]
BBS_SIGNER = BbsSigner(bytes(range(1, 33)))
whole_suites = pytest.mark.parametrize(("suite", "key_type"), WHOLE)
MANDATORY = ["/issuer", "/validFrom", "/type", "/credentialStatus", "/credentialSubject/id", "/credentialSubject/type"]
SELECTED = ["/credentialSubject/achievement/name", "/credentialSubject/result/0/value"]


def credential_for(suite: str, signer: SoftwareSigner) -> dict[str, Any]:
    issuer = controller_of(signer)
    return legacy_credential(issuer) if suite == "Ed25519Signature2020" else badge(issuer)


def peer_verifies(peer: NodePeer, suite: str, document: dict[str, Any]) -> bool:
    return bool(peer.ask("verify", suite=suite, document=json.dumps(document), now=NOW))


def peer_issues(
    peer: NodePeer, suite: str, signer: SoftwareSigner | BbsSigner, document: dict[str, Any]
) -> dict[str, Any]:
    issued: dict[str, Any] = peer.ask(
        "issue",
        suite=suite,
        key=node_key(signer),
        created="2026-06-12T15:00:00Z",
        now=NOW,
        document=json.dumps(document),
        mandatoryPointers=MANDATORY,
    )
    return issued


@whole_suites
def test_they_verify_what_we_issue(digitalbazaar: NodePeer, processor: Processor, suite: str, key_type: str) -> None:
    signer = signer_of(key_type)
    ours = add_proof(credential_for(suite, signer), suite=suite, signer=signer, processor=processor, created=CREATED)

    assert peer_verifies(digitalbazaar, suite, ours)


@whole_suites
def test_we_verify_what_they_issue(digitalbazaar: NodePeer, processor: Processor, suite: str, key_type: str) -> None:
    signer = signer_of(key_type)
    theirs = peer_issues(digitalbazaar, suite, signer, credential_for(suite, signer))

    verify_proof(theirs, signer.public_key, processor)


@pytest.mark.parametrize(("suite", "key_type"), [("eddsa-rdfc-2022", "Ed25519"), ("Ed25519Signature2020", "Ed25519")])
def test_the_same_key_signs_the_same_bytes_on_both_sides(
    digitalbazaar: NodePeer, processor: Processor, suite: str, key_type: str
) -> None:
    signer = signer_of(key_type)
    document = credential_for(suite, signer)

    ours = add_proof(document, suite=suite, signer=signer, processor=processor, created=CREATED)

    assert peer_issues(digitalbazaar, suite, signer, document)["proof"] == ours["proof"]


@whole_suites
def test_both_sides_refuse_another_subject(
    digitalbazaar: NodePeer, processor: Processor, suite: str, key_type: str
) -> None:
    signer = signer_of(key_type)
    theirs = peer_issues(digitalbazaar, suite, signer, credential_for(suite, signer))
    theirs["credentialSubject"]["id"] = "did:key:z6MkfcFUkTBhF5FyEGvdM4swoNzRRZQqNpKhjapaixgzyfcu"

    with pytest.raises(PeerRefused, match="Invalid signature"):
        peer_verifies(digitalbazaar, suite, theirs)
    with pytest.raises(ProofVerificationError):
        verify_proof(theirs, signer.public_key, processor)


SELECTIVE = pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "bbs-2023"])


@pytest.fixture
def suite() -> str:
    """Where a test does not choose: the suite of the records that schools issue."""
    return "ecdsa-sd-2023"


def base_signer(suite: str) -> SoftwareSigner | BbsSigner:
    return BBS_SIGNER if suite == "bbs-2023" else signer_of("P-256")


@pytest.fixture
def our_base(processor: Processor, suite: str) -> dict[str, Any]:
    signer = base_signer(suite)
    return add_base_proof(
        badge(controller_of(signer)),
        suite=suite,
        signer=signer,
        processor=processor,
        created=CREATED,
        randomness=RepeatableRandomness(),
    )


@pytest.fixture
def their_base(digitalbazaar: NodePeer, suite: str) -> dict[str, Any]:
    signer = base_signer(suite)
    return peer_issues(digitalbazaar, suite, signer, badge(controller_of(signer)))


def they_derive(peer: NodePeer, base: dict[str, Any]) -> dict[str, Any]:
    members = {"suite": base["proof"]["cryptosuite"], "document": json.dumps(base), "selectivePointers": SELECTED}
    derived: dict[str, Any] = peer.ask("derive", **members)
    return derived


def public_key_of(suite: str) -> PublicKey:
    return public_key_from_multibase(base_signer(suite).public_key_multibase)


def check_both_ways(peer: NodePeer, processor: Processor, derived: dict[str, Any]) -> None:
    """Both verify it, it shows what was selected and no more, and both refuse it with another grade."""
    suite, subject = derived["proof"]["cryptosuite"], derived["credentialSubject"]
    assert set(subject["achievement"]) == {"id", "type", "name"}
    assert "identifier" not in subject
    assert peer_verifies(peer, suite, derived)
    verify_proof(derived, public_key_of(suite), processor)

    forged = deepcopy(derived)
    results = forged["credentialSubject"]["result"]
    (results[0] if isinstance(results, list) else results)["value"] = "A+"
    with pytest.raises(PeerRefused):
        peer_verifies(peer, suite, forged)
    with pytest.raises(ProofVerificationError):
        verify_proof(forged, public_key_of(suite), processor)


@SELECTIVE
def test_our_base_their_derivation(digitalbazaar: NodePeer, processor: Processor, our_base: dict[str, Any]) -> None:
    check_both_ways(digitalbazaar, processor, they_derive(digitalbazaar, our_base))


@SELECTIVE
def test_our_base_our_derivation(digitalbazaar: NodePeer, processor: Processor, our_base: dict[str, Any]) -> None:
    check_both_ways(digitalbazaar, processor, derive(our_base, SELECTED, processor, SystemRandomness()))


@SELECTIVE
def test_their_base_our_derivation(digitalbazaar: NodePeer, processor: Processor, their_base: dict[str, Any]) -> None:
    check_both_ways(digitalbazaar, processor, derive(their_base, SELECTED, processor, SystemRandomness()))


@SELECTIVE
def test_their_base_their_derivation(digitalbazaar: NodePeer, processor: Processor, their_base: dict[str, Any]) -> None:
    check_both_ways(digitalbazaar, processor, they_derive(digitalbazaar, their_base))


@SELECTIVE
def test_both_sides_refuse_a_base(
    digitalbazaar: NodePeer, processor: Processor, suite: str, our_base: dict[str, Any]
) -> None:
    with pytest.raises(PeerRefused):
        peer_verifies(digitalbazaar, suite, our_base)
    with pytest.raises(ProofVerificationError):
        verify_proof(our_base, public_key_of(suite), processor)


PRESENTATION = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "VerifiablePresentation"}
BOUND = {"challenge": "n-0S6_WzA2Mj", "domain": "did:web:college.example"}


def presentation_of(derived: dict[str, Any], holder: str) -> dict[str, Any]:
    return {**PRESENTATION, "holder": holder, "verifiableCredential": [derived]}


def they_verify_presentation(peer: NodePeer, presentation: dict[str, Any], **bound: str) -> bool:
    suites = ["eddsa-rdfc-2022", "ecdsa-sd-2023"]
    document = json.dumps(presentation)
    return bool(peer.ask("verifyPresentation", suites=suites, document=document, now=NOW, **bound))


def test_they_verify_our_presentation_of_a_derived_credential(
    digitalbazaar: NodePeer, processor: Processor, our_base: dict[str, Any]
) -> None:
    holder = signer_of("Ed25519")
    unsigned = presentation_of(derive(our_base, SELECTED, processor, SystemRandomness()), controller_of(holder))

    ours = add_proof(
        unsigned,
        suite="eddsa-rdfc-2022",
        signer=holder,
        processor=processor,
        created=CREATED,
        purpose="authentication",
        **BOUND,
    )

    assert they_verify_presentation(digitalbazaar, ours, **BOUND)
    with pytest.raises(PeerRefused):
        they_verify_presentation(digitalbazaar, ours, **{**BOUND, "challenge": "another"})
    with pytest.raises(PeerRefused):
        they_verify_presentation(digitalbazaar, ours, **{**BOUND, "domain": "did:web:elsewhere.example"})


def test_we_verify_their_presentation_of_a_derived_credential(
    digitalbazaar: NodePeer, processor: Processor, their_base: dict[str, Any]
) -> None:
    holder = signer_of("Ed25519")
    unsigned = presentation_of(they_derive(digitalbazaar, their_base), controller_of(holder))

    theirs = digitalbazaar.ask(
        "present",
        suite="eddsa-rdfc-2022",
        key=node_key(holder),
        created="2026-06-12T15:00:00Z",
        document=json.dumps(unsigned),
        **BOUND,
    )

    verify_proof(theirs, holder.public_key, processor)
    assert theirs["proof"]["challenge"] == BOUND["challenge"]
