"""The wallet host as a signer: one shared list of taken-back family credentials, signed by the host's did:web (C02).

The host says only which places of its list are taken back; whose they are, it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from credkit.credential import V2_CONTEXT
from credkit.dids import build_did_document, did_web_of
from credkit.environment import Environment
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.proofs import add_proof
from credkit.status import bitstring
from wallet.store import Store

FRAGMENT: Final = "ed25519"
_PLACES: Final = 131_072
_SUITE: Final = "eddsa-rdfc-2022"
_LIFETIME: Final = timedelta(hours=24)
_CLOCK_SKEW: Final = timedelta(minutes=5)
"""So much may a verifier's clock be behind: the list is signed when it is asked for."""


@dataclass(frozen=True)
class Host:
    """The host's key and its list.

    Attributes:
        signer: Ed25519, its verification method in the host's DID document.
    """

    environment: Environment
    store: Store
    origin: str
    signer: SoftwareSigner

    @property
    def did(self) -> str:
        """The did:web of the origin."""
        return did_web_of(self.origin)

    @property
    def list_url(self) -> str:
        """Where the list is."""
        return f"{self.origin}/status/1"

    def did_document(self) -> JSONObject:
        """The host's DID document."""
        return build_did_document(self.did, [(FRAGMENT, self.signer.public_key, ("assertionMethod",))])

    def take_position(self) -> int:
        """A free place on the list, at random, so that neighbours say nothing about each other (C07)."""
        while True:
            position = int.from_bytes(self.environment.randomness.token_bytes(4), "big") % _PLACES
            if self.store.take_status_position(position):
                return position

    def entry(self, position: int) -> JSONObject:
        """The ``credentialStatus`` for a place."""
        return bitstring.build_entry(self.list_url, position)

    def revoke(self, position: int) -> None:
        """Take back what stands at a place, for good."""
        self.store.revoke_status(position)

    def status_list(self) -> JSONObject:
        """The signed list of now."""
        now = self.environment.clock.now()
        document = bitstring.build_status_list_credential(
            url=self.list_url, issuer=self.did, context=V2_CONTEXT, set_indexes=self.store.revoked_positions(),
            valid_from=now - _CLOCK_SKEW, valid_until=now + _LIFETIME)
        return add_proof(document, suite=_SUITE, signer=self.signer, processor=self.environment.jsonld, created=now)
