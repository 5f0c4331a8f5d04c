"""Nonces that need no table, and what was seen already.

A nonce is an HMAC of the minute, so every worker of this office knows every other's. It says that a proof is of now;
that the proof is taken once is remembered apart, by its ``jti``.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final

from issuer.services.office import Office, hash_secret

_MINUTE_S: Final = 60
_MINUTES: Final = 5


class Freshness:
    """Nonces and seen proofs of one kind.

    Args:
        purpose: Keeps kinds apart: a nonce of one is none of another.
    """

    def __init__(self, office: Office, purpose: str) -> None:
        self._office = office
        self._purpose = purpose

    def new_nonce(self) -> str:
        """The nonce of this minute; good for five."""
        return self._nonce_of(self._minute())

    def is_fresh(self, nonce: str) -> bool:
        """Whether a nonce is one of the last five minutes, or of the next: another worker's clock may be ahead."""
        minute, given = self._minute(), nonce.encode("utf-8", "surrogatepass")
        good = [self._nonce_of(minute - age).encode() for age in range(-1, _MINUTES)]
        return sum(hmac.compare_digest(given, each) for each in good) > 0

    def is_new(self, proof: str, until: datetime) -> bool:
        """Remember a proof until a moment; True for exactly one caller."""
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            unit.sweep(now)
            return unit.note_request(hash_secret(f"{self._purpose}|{proof}"), max(until, now + timedelta(seconds=1)))

    def _minute(self) -> int:
        return int(self._office.clock.now().timestamp()) // _MINUTE_S

    def _nonce_of(self, minute: int) -> str:
        return self._office.keys.link_secret(self._purpose, str(minute))
