"""What wallets of older drafts do otherwise and is taken all the same; each case is named and logged, and refused in
strict mode.

Nothing here softens a signature, a nonce, an audience or an expiry.

Spec: protocols.md §5 "Old drafts worth accepting"
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Literal

from credkit.ports import JSONObject
from credkit.protocols.oid4vci import draft_13

OLD_SUITE = "Ed25519Signature2020"
_LOG = logging.getLogger("backpack.issuer.compat")


class Departure(StrEnum):
    """One way in which a wallet departs from the specification."""

    OLD_REQUEST = "a credential request names a format, or brings one proof, as in draft 13"
    PLAIN_KEY = "the key for a sealed answer came in a request that was not sealed"
    OLD_PROOF = "a key proof has no typ, as in draft 13"
    OLD_ATTESTATION = "a key attestation has the typ keyattestation+jwt"
    OLD_PRESENTATION = "a presentation in an exchange has a proof of the type Ed25519Signature2020"
    OLD_WALLET = "the proof beside a wallet attestation is that of an older draft"


class Compat:
    """Takes departures, or refuses them.

    Args:
        strict: Refuse them.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict

    def note(self, departure: Departure) -> None:
        """Say in the log that this was taken."""
        _LOG.warning("taken although %s", departure)

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
