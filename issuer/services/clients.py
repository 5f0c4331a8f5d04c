"""Which wallet programs may ask: any, unless the office wants one that somebody known vouches for.

Spec: draft-ietf-oauth-attestation-based-client-auth-10; OID4VCI-1.0 #wallet-attestation
"""

from __future__ import annotations

from collections.abc import Callable

from credkit.protocols.client_attestation import verify_client_attestation
from credkit.protocols.oauth import protocol_error
from issuer.services.attesters import Attesters
from issuer.services.freshness import Freshness
from issuer.services.office import Office


class Clients:
    """Checks wallet attestations for one office.

    Args:
        attesters: Who may vouch for wallets; None if nobody is named.
        on_older: Called for a proof of an older draft (``Compat.old_wallet``); None refuses those.

    Attributes:
        required: Whether a wallet without an attestation by somebody known is refused.
    """

    def __init__(self, office: Office, attesters: Attesters | None, *, on_older: Callable[[], None] | None) -> None:
        self._office = office
        self._on_older = on_older
        self._attesters = attesters
        self.required = office.config.attestation_required
        self.freshness = Freshness(office, "attestation challenge")

    def check(self, attestation: str | None, pop: str | None, client_id: str | None) -> str | None:
        """Take a request as the wallet that its attestation names, or as one without: who it is, as far as it says.

        Args:
            client_id: Of the request, if it names one.

        Raises:
            ProtocolError: ``invalid_client``: bad, another client's, or missing where the office wants one;
                ``use_attestation_challenge``.
        """
        if attestation is None and pop is None and not self.required:
            return client_id
        if attestation is None or pop is None:
            raise protocol_error("invalid_client", "the attestation of the wallet, or the proof beside it, is missing")
        found = verify_client_attestation(
            attestation, pop, find_attester=None if self._attesters is None else self._attesters.find,
            audience=self._office.identity.origin, now=self._office.clock.now(), is_fresh=self.freshness.is_fresh,
            is_new=self.freshness.is_new, on_older=self._on_older, algorithms=self._office.profile.client_algorithms)
        if client_id not in (None, found.client_id):
            raise protocol_error("invalid_client", "the attestation is of another wallet than the request names")
        return found.client_id
