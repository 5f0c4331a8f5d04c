"""The peers, and our own side of each comparison."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import contexts
from bench.node_peer import NodePeer
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner
from credkit.proofs import BbsSigner

CREATED = datetime(2026, 6, 12, 15, 0, tzinfo=UTC)
NOW = "2026-07-01T00:00:00Z"
SECRET_BYTES = {"Ed25519": 32, "P-256": 32, "P-384": 48}


class RepeatableRandomness:
    """The same bytes in every run, so that what fails once fails again."""

    def __init__(self) -> None:
        self._source = random.Random(20260612)

    def token_bytes(self, n: int) -> bytes:
        return self._source.randbytes(n)


@pytest.fixture(scope="session")
def digitalbazaar() -> Iterator[NodePeer]:
    """Digital Bazaar's libraries on Node, with the pinned contexts and no way to fetch others."""
    with NodePeer({entry.url: contexts.load(entry.url) for entry in contexts.pinned()}) as peer:
        yield peer


@pytest.fixture(scope="session")
def processor() -> Processor:
    return Processor(contexts.load)


def signer_of(key_type: str) -> SoftwareSigner:
    """One fixed key of each kind."""
    return SoftwareSigner.from_secret(key_type, bytes(range(1, SECRET_BYTES[key_type] + 1)))


def controller_of(signer: SoftwareSigner | BbsSigner) -> str:
    return signer.verification_method.split("#")[0]


def legacy_credential(issuer: str) -> dict[str, Any]:
    """A VCDM 1.1 credential in the words that all peers know."""
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/suites/ed25519-2020/v1"],
        "id": "urn:uuid:7a6cafb9-11c3-41a8-98d8-8b5a45c2548f",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2030-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:key:z6Mkqm7jV5kQ3ATcNmLxgFzeTQPBUF7Bt43pTwJ1rWJUXB4t"},
    }
