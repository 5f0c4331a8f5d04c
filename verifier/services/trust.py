"""Whom this verifier trusts: add, list, remove."""

from __future__ import annotations

from credkit.errors import StateError
from credkit.ports import Clock
from credkit.trust.allow_list import AllowList, TrustedIssuer, build_trusted_issuer
from verifier.store import Store


class Trust:
    """The list of issuers somebody here vouches for."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def add(self, did: str, name: str) -> TrustedIssuer:
        """Trust an issuer, or give one we trust another name.

        Raises:
            MalformedValueError: no DID, or no name.
        """
        issuer = build_trusted_issuer(did, name)
        self._store.trust(issuer, self._clock.now())
        return issuer

    def remove(self, did: str) -> None:
        """Stop trusting an issuer.

        Raises:
            StateError: it was not on the list.
        """
        if not self._store.distrust(did.strip()):
            raise StateError("This signer is not on your list; nothing was changed.")

    def listed(self) -> AllowList:
        """Everybody on the list, by name."""
        return self._store.allow_list()

    def name_of(self, did: str) -> str | None:
        """What we call the signer with this identifier; None if it is not on the list."""
        found = self.listed().find(did)
        return None if found is None else found.name

    def for_checking(self) -> AllowList | None:
        """The list a check goes by; None while it is empty, when every signer is unknown rather than untrusted."""
        return self.listed() if self.listed().issuers else None
