"""Tokens that are only good together with a key.

Spec: RFC9449 #section-8, #section-11.1
"""

from __future__ import annotations

from credkit.protocols import dpop
from issuer.services.freshness import Freshness
from issuer.services.office import Office


class Dpop:
    """Checks DPoP proofs for one office."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.freshness = Freshness(office, "dpop nonce")

    def check(self, proof: str, *, method: str, path: str, access_token: str | None = None) -> str:
        """The thumbprint of the key that made the request.

        Args:
            path: Of the request; the address compared is at our configured origin.
            access_token: That came with it, at a resource.

        Raises:
            ProtocolError: as ``credkit.protocols.dpop.verify_dpop_proof``.
        """
        return dpop.verify_dpop_proof(
            proof, method=method, url=self._office.identity.origin + path, now=self._office.clock.now(),
            is_fresh=self.freshness.is_fresh, is_new=self.freshness.is_new, access_token=access_token).thumbprint
