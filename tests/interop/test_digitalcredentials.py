"""The Digital Credentials Consortium's libraries and verifier-core take ours, we take theirs, nobody a changed one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import contexts
from bench.documents import badge, course, transcript
from bench.node_peer import NodePeer, PeerRefused, node_key
from credkit.errors import ProofVerificationError
from credkit.jsonld import Processor
from credkit.proofs import add_proof, verify_proof
from tests.interop.conftest import CREATED, controller_of, legacy_credential, signer_of
from tests.support.shared import read_json, samples

SIGNER = signer_of("Ed25519")
ISSUER = controller_of(SIGNER)
SUITES = pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "Ed25519Signature2020"])
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"


@pytest.fixture(scope="module")
def dcc() -> Iterator[NodePeer]:
    with NodePeer({entry.url: contexts.load(entry.url) for entry in contexts.pinned()}, "dcc_peer.mjs") as peer:
        yield peer


def unsigned(suite: str) -> dict[str, Any]:
    """Without a status: the peer would look it up."""
    document = legacy_credential(ISSUER) if suite == "Ed25519Signature2020" else badge(ISSUER)
    return {name: value for name, value in document.items() if name != "credentialStatus"}


def signed(document: dict[str, Any], suite: str, processor: Processor) -> dict[str, Any]:
    return add_proof(document, suite=suite, signer=SIGNER, processor=processor, created=CREATED)


def twin(document: dict[str, Any]) -> dict[str, Any]:
    """The same record for somebody else."""
    subject = {**document["credentialSubject"], "id": "did:key:z6MkfcFUkTBhF5FyEGvdM4swoNzRRZQqNpKhjapaixgzyfcu"}
    return {**document, "credentialSubject": subject}


def judged(peer: NodePeer, document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each step of verifier-core and whether it passed; and the whole answer."""
    answer = peer.ask("judge", document=json.dumps(document))
    return {step["id"]: step["valid"] for step in answer.get("log") or ()}, answer


@SUITES
def test_they_verify_what_we_issue_and_refuse_its_twin(dcc: NodePeer, processor: Processor, suite: str) -> None:
    ours = signed(unsigned(suite), suite, processor)

    assert dcc.ask("verify", suite=suite, document=json.dumps(ours))
    with pytest.raises(PeerRefused, match="Invalid signature"):
        dcc.ask("verify", suite=suite, document=json.dumps(twin(ours)))


@SUITES
def test_we_verify_what_they_issue_and_refuse_its_twin(dcc: NodePeer, processor: Processor, suite: str) -> None:
    members = {"suite": suite, "key": node_key(SIGNER), "created": "2026-06-12T15:00:00Z"}
    theirs = dcc.ask("issue", document=json.dumps(unsigned(suite)), **members)

    verify_proof(theirs, SIGNER.public_key, processor)
    with pytest.raises(ProofVerificationError):
        verify_proof(twin(theirs), SIGNER.public_key, processor)
    assert theirs["proof"] == signed(unsigned(suite), suite, processor)["proof"]


@SUITES
def test_their_verifier_takes_ours_and_refuses_its_twin(dcc: NodePeer, processor: Processor, suite: str) -> None:
    ours = signed(unsigned(suite), suite, processor)

    steps, _ = judged(dcc, ours)
    assert (steps["valid_signature"], steps["expiration"]) == (True, True)
    steps, answer = judged(dcc, twin(ours))
    assert not steps and [error["name"] for error in answer["errors"]] == ["invalid_signature"]


def test_their_verifier_takes_a_transcript(dcc: NodePeer, processor: Processor) -> None:
    courses = [signed(course(index, ISSUER), "eddsa-rdfc-2022", processor) for index in range(3)]
    ours = signed(transcript(ISSUER, courses), "eddsa-rdfc-2022", processor)

    steps, _ = judged(dcc, ours)

    assert steps["valid_signature"]


def test_their_verifier_finds_that_our_badge_fits_the_official_schema(dcc: NodePeer, processor: Processor) -> None:
    dcc.ask("contexts", contexts={
        SCHEMA: read_json(samples("schemas/open-badges/v3_0/ob_v3p0_achievementcredential_schema.json"))})
    suite = "eddsa-rdfc-2022"

    _, answer = judged(dcc, signed(unsigned(suite), suite, processor))

    (check,) = answer["schemas"]
    assert [each["result"] for each in check["results"]] == [{"valid": True}]
