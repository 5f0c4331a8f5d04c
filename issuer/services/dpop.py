"""Tokens that are only good together with a key: the nonces we give out for that, and the proofs we have seen.

A nonce is an HMAC of the minute, so every worker of this office knows every other's, and none is stored.

Spec: RFC9449 #section-8, #section-11.1
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final

from credkit.protocols import dpop
from issuer.services.office import Office, hash_secret

_MINUTE_S: Final = 60
_MINUTES: Final = 5


class Dpop:
    """Checks DPoP proofs for one office."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def new_nonce(self) -> str:
        """The nonce of this minute; good for five."""
        return self._nonce_of(self._minute())

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
            is_fresh=self._is_fresh, is_new=self._is_new, access_token=access_token).thumbprint

    def _is_fresh(self, nonce: str) -> bool:
        minute, given = self._minute(), nonce.encode("utf-8", "surrogatepass")
        good = [self._nonce_of(minute - age).encode() for age in range(-1, _MINUTES)]
        return sum(hmac.compare_digest(given, each) for each in good) > 0

    def _is_new(self, proof: str, until: datetime) -> bool:
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            unit.sweep(now)
            return unit.note_request(hash_secret(f"dpop|{proof}"), max(until, now + timedelta(seconds=_MINUTE_S)))

    def _minute(self) -> int:
        return int(self._office.clock.now().timestamp()) // _MINUTE_S

    def _nonce_of(self, minute: int) -> str:
        return self._office.keys.link_secret("dpop nonce", str(minute))
