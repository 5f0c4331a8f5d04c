"""A school that is did:web of its host, and a clock that stands still, for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from credkit.dids import build_did_document
from credkit.keys import SoftwareSigner

DID = "did:web:school.example"
URL = "https://school.example/.well-known/did.json"
ED25519 = SoftwareSigner.from_secret("Ed25519", bytes(31) + b"\x07")
P256 = SoftwareSigner.from_secret("P-256", bytes(31) + b"\x07")


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 26, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def document(**changes: Any) -> dict[str, Any]:
    built = build_did_document(
        DID,
        [
            ("ed25519", ED25519.public_key, ["assertionMethod", "authentication"]),
            ("p256", P256.public_key, ["assertionMethod"]),
        ],
    )
    return {name: value for name, value in {**built, **changes}.items() if value is not ...}


def method(**changes: Any) -> dict[str, Any]:
    built = {
        "id": DID + "#ed25519",
        "type": "Multikey",
        "controller": DID,
        "publicKeyMultibase": ED25519.public_key_multibase,
    }
    return {name: value for name, value in {**built, **changes}.items() if value is not ...}


def with_method(**changes: Any) -> dict[str, Any]:
    return document(verificationMethod=[method(**changes)])
