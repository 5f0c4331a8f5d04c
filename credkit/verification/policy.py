"""What a verifier requires, decided before anything is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credkit.trust.allow_list import AllowList


@dataclass(frozen=True)
class Policy:
    """How to verify.

    Attributes:
        trust: Issuers somebody vouches for. None: an issuer is unknown, which is reported and not required.
        now: The moment to judge by; None means the environment's clock.
        bind_issuer: Whether the key must be the named issuer's. Only published vectors, whose keys are not, say no.
        check_status: Whether to look up taken-back records. A status list credential itself is not looked up again.
    """

    trust: AllowList | None = None
    now: datetime | None = None
    bind_issuer: bool = True
    check_status: bool = True

    @property
    def optional_checks(self) -> frozenset[str]:
        """Ids of checks that are reported but not required."""
        return frozenset({"trust"}) if self.trust is None else frozenset()
