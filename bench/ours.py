"""Our side of each pair: whole operations from text, as the roles do them, status look-ups left out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import contexts
from bench.documents import ISSUED
from credkit.credential import check_credential
from credkit.dids import Resolver
from credkit.encoding import parse_json_object
from credkit.environment import Environment, SystemRandomness
from credkit.errors import FetchError
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject, Response
from credkit.profiles import PROFILES
from credkit.proofs import BbsSigner, add_base_proof, add_proof, derive, verify_proof
from credkit.verification import Policy, verify_credential


class StoppedClock:
    """Always the day the documents were signed."""

    def now(self) -> datetime:
        return ISSUED


class NoNetwork:
    """Nothing measured here may ask anybody."""

    def get(
        self, url: str, *, accept: str = "*/*", max_bytes: int = 0, headers: Mapping[str, str] | None = None
    ) -> Response:
        raise FetchError("benchmarks do not use the network")

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        accept: str = "*/*",
        max_bytes: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        raise FetchError("benchmarks do not use the network")


class FixedRandomness:
    """The same bytes in every run."""

    def token_bytes(self, n: int) -> bytes:
        return random.Random(7).randbytes(n)


class NoMemory:
    """Remembers no status list."""

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        return None

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """Nothing is kept."""


def environment() -> Environment:
    """What a long-lived process keeps: compiled contexts, a resolver."""
    clock, fetcher = StoppedClock(), NoNetwork()
    processor = Processor(contexts.load)
    return Environment(clock, fetcher, FixedRandomness(), processor, Resolver(fetcher, clock), NoMemory(),
                       contexts.read)


@dataclass(frozen=True)
class Ours:
    """Our operations with one key of each kind; each takes text and answers what goes on the wire."""

    environment: Environment
    ed25519: SoftwareSigner
    p256: SoftwareSigner
    bbs: BbsSigner

    def issue(self, text: str) -> dict[str, Any]:
        """Parse, conformance, eddsa-rdfc-2022 proof."""
        document = self._conforming(text, derived=False)
        return add_proof(
            document,
            suite="eddsa-rdfc-2022",
            signer=self.ed25519,
            processor=self.environment.jsonld,
            created=ISSUED,
        )

    def base(self, text: str, suite: str) -> dict[str, Any]:
        """Parse, conformance, base proof of a selective suite."""
        document = self._conforming(text, derived=False)
        return add_base_proof(
            document,
            suite=suite,
            signer=self.bbs if suite == "bbs-2023" else self.p256,
            processor=self.environment.jsonld,
            created=ISSUED,
            randomness=self.environment.randomness,
        )

    def derive(self, text: str, pointers: list[str]) -> dict[str, Any]:
        """Parse, derived proof."""
        return derive(parse_json_object(text), pointers, self.environment.jsonld, SystemRandomness())

    def verify(self, text: str, *, derived: bool = False) -> None:
        """Parse, conformance, key from its DID, the document's own proof."""
        document = self._conforming(text, derived=derived)
        method = document["proof"]["verificationMethod"]
        key = self.environment.resolver.resolve(method.partition("#")[0]).verification_method(method, "assertionMethod")
        verify_proof(document, key.public_key, self.environment.jsonld)

    def verify_all(self, text: str) -> None:
        """The product's whole pipeline: every check, every member's own proof."""
        report = verify_credential(parse_json_object(text), Policy(check_status=False), self.environment)
        if not report.verified:
            raise RuntimeError(f"the benchmark's own document does not verify: {report.to_json()['checks']}")

    def _conforming(self, text: str, *, derived: bool) -> JSONObject:
        document = parse_json_object(text)
        check_credential(document)
        for is_mine, check in PROFILES:
            if is_mine(document):
                check(document, derived=derived)
                break
        return document
