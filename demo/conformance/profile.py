"""What the profile takes from outside: keys that live as long as the process, and contexts that only suites may use."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import contexts
from credkit.dids import Resolver
from credkit.environment import Environment, SystemClock, SystemRandomness
from credkit.http import SafeFetcher
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.proofs import BbsSigner

# The one statement of the examples context; it lets anyone swap words under one signature, so no role loads it. The
# citizenship context is what half of the published vectors are written in.
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
_EXAMPLES: dict[str, Any] = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
CITIZENSHIP_V4RC1 = "https://w3id.org/citizenship/v4rc1"
_CITIZENSHIP: dict[str, Any] = json.loads((Path(__file__).parent / "files" / "citizenship-v4rc1.jsonld").read_bytes())
_MORE = {EXAMPLES_V2: _EXAMPLES, CITIZENSHIP_V4RC1: _CITIZENSHIP}


def load_with_examples(url: str) -> dict[str, Any]:
    """``contexts.load`` and what vectors and suites need more; raises ``contexts.UnpinnedContextError`` for others."""
    return deepcopy(_MORE[url]) if url in _MORE else contexts.load(url)


class Lists:
    """The status lists seen last, for as long as the process lives."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[JSONObject, datetime]] = {}

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """See ``ports.Memory``."""
        return self._seen.get(url)

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """See ``ports.Memory``."""
        self._seen[url] = (credential, fetched_at)


@dataclass(frozen=True)
class Keys:
    """One key of each kind, each a did:key."""

    ed25519: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate("Ed25519"))
    p256: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate("P-256"))
    p384: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate("P-384"))
    bls: BbsSigner = field(default_factory=lambda: BbsSigner.generate(SystemRandomness()))

    def dids(self) -> dict[str, str]:
        """``{"ed25519": did, "p256": did, "p384": did, "bls": did}``."""
        signers: dict[str, SoftwareSigner | BbsSigner] = {
            "ed25519": self.ed25519, "p256": self.p256, "p384": self.p384, "bls": self.bls}
        return {name: did_of(signer) for name, signer in signers.items()}


def did_of(signer: SoftwareSigner | BbsSigner) -> str:
    """The did:key of a signer."""
    return signer.verification_method.partition("#")[0]


def build_environment(ca_file: str | None) -> Environment:
    """The kernel's ports, with open vocabulary and loopback addresses allowed (development setting)."""
    clock = SystemClock()
    fetcher = SafeFetcher(allow_loopback_http=True, ca_file=ca_file)
    processor = Processor(load_with_examples, open_vocabulary=True)
    resolver = Resolver(fetcher, clock, allow_loopback=True)
    return Environment(clock, fetcher, SystemRandomness(), processor, resolver, Lists(), contexts.read)
