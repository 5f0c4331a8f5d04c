"""What wallets of older drafts do otherwise and an issuer takes all the same (``credkit.protocols.departures``).

Nothing here softens a signature, a nonce, an audience or an expiry.

Spec: protocols.md §5 "Old drafts worth accepting"
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Literal

from credkit.ports import JSONObject
from credkit.proofs import LEGACY_SUITE
from credkit.protocols.departures import Departures
from credkit.protocols.oid4vci import draft_13


class Departure(StrEnum):
    """One way in which a wallet departs from the specification."""

    OLD_REQUEST = "a credential request names a format, or brings one proof, as in draft 13"
    PLAIN_KEY = "the key for a sealed answer came in a request that was not sealed"
    OLD_PROOF = "a key proof has no typ, as in draft 13"
    OLD_ATTESTATION = "a key attestation has the typ keyattestation+jwt"
    OLD_PRESENTATION = f"a presentation in an exchange has a proof of the type {LEGACY_SUITE}"
    OLD_WALLET = "the proof beside a wallet attestation is that of an older draft"


class Compat(Departures):
    """Takes departures, or refuses them.

    Args:
        strict: Refuse them.
    """

    def __init__(self, *, strict: bool) -> None:
        super().__init__("issuer", strict=strict)

    @property
    def old_proofs(self) -> Callable[[Literal["proof", "attestation"]], None] | None:
        """What is called for a proof of an older draft, or None where those are refused."""
        named = {"proof": Departure.OLD_PROOF, "attestation": Departure.OLD_ATTESTATION}
        return None if self.strict else lambda kind: self.note(named[kind])

    @property
    def old_wallet(self) -> Callable[[], None] | None:
        """What is called for an older proof beside a wallet attestation, or None where those are refused."""
        return None if self.strict else lambda: self.note(Departure.OLD_WALLET)

    def takes_plain_key(self) -> bool:
        """Whether a sealed answer may be asked for in a request that is not sealed."""
        if self.strict:
            return False
        self.note(Departure.PLAIN_KEY)
        return True

    def is_old_request(self, message: bytes | JSONObject) -> bool:
        """Whether to read a credential request by draft 13."""
        if self.strict or not draft_13.is_mine(message):
            return False
        self.note(Departure.OLD_REQUEST)
        return True
