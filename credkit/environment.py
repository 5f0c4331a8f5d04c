"""Everything the kernel takes from outside, in one frozen argument; a role's ``bootstrap`` builds it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from credkit.dids import Resolver
from credkit.errors import ConfigError, ParsingError
from credkit.http import AskingOnce, root_certificates
from credkit.jsonld import Processor
from credkit.ports import Clock, Fetcher, Memory, Randomness, ReadResource
from credkit.x509 import NO_ANCHORS, Anchors, anchors_from_pem


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

    def asking_once(self) -> Environment:
        """The same for the records of one answer or one collection: what several of them name is asked for once."""
        return replace(self, fetcher=AskingOnce(self.fetcher))


def trust_anchors(*, ca_file: str | None, anchors_file: str | Path | None) -> Anchors:
    """Whose word about names counts: the authorities of the web, and the certificates (PEM) of a role's setting.

    Args:
        ca_file: As in ``SafeFetcher``; None for the web's usual authorities. They are read with the first chain.

    Raises:
        ConfigError: the file of the setting cannot be read, or holds no certificate.
    """
    try:
        added = () if anchors_file is None else anchors_from_pem(Path(anchors_file).read_bytes())
    except (OSError, ParsingError) as error:
        raise ConfigError("The file of trust anchors cannot be read.") from error
    return Anchors(lambda: (*root_certificates(ca_file), *added))


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
