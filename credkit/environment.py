"""Everything the kernel takes from outside, in one frozen argument; a role's ``bootstrap`` builds it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from credkit.dids import Resolver
from credkit.jsonld import Processor
from credkit.ports import Clock, Fetcher, Memory, Randomness, ReadResource
from credkit.x509 import NO_ANCHORS, Anchors


@dataclass(frozen=True)
class Environment:
    """The ports a verification or a protocol step may use.

    Attributes:
        jsonld: Compiled contexts; the only way to read a document's words.
        resolver: Verification methods by DID URL.
        memory: Last seen status lists.
        read_resource: What is kept here byte for byte, for comparing digests.
        anchors: Whose word about the names in certificates is taken; nobody's unless a role says so.
    """

    clock: Clock
    fetcher: Fetcher
    randomness: Randomness
    jsonld: Processor
    resolver: Resolver
    memory: Memory
    read_resource: ReadResource
    anchors: Anchors = NO_ANCHORS


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)


class SystemRandomness:
    """The operating system's secure source."""

    def token_bytes(self, n: int) -> bytes:
        """``n`` bytes."""
        return secrets.token_bytes(n)
