"""What a verifier requires, decided before anything is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from credkit.trust.allow_list import AllowList


@dataclass(frozen=True)
class Policy:
    """How to verify.

    Attributes:
        trust: Issuers somebody vouches for. None: an issuer is unknown, which is reported and not required.
        now: The moment to judge by; None means the environment's clock.
        bind_issuer: Whether the key must be the named issuer's. Only published vectors, whose keys are not, say no.
        max_list_age: How old a list of taken-back records that was seen before may be where none can be reached. Zero:
            then it counts only for what it says was taken back.
        issuer_may_hold: Whether who signed a record may also present it, as a school does with its full record (P7).
        schemas: URL → JSON Schema, from whoever asks for the check; never from whoever is checked.
        asked: Whether a presentation answers a request of ours: then it must be bound to it, show something, and the
            records must be its holder's own. Only a verifier that serves others' requests (VC-API) says no.
        check_status: Whether to look up taken-back records. A status list credential itself is not looked up again.
    """

    trust: AllowList | None = None
    now: datetime | None = None
    bind_issuer: bool = True
    check_status: bool = True
    max_list_age: timedelta = timedelta(0)
    issuer_may_hold: bool = False
    asked: bool = True
    schemas: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def optional_checks(self) -> frozenset[str]:
        """Ids of checks that are reported but not required: comments never are, trust is if there is a list."""
        return frozenset({"endorsements", "trust"} if self.trust is None else {"endorsements"})
