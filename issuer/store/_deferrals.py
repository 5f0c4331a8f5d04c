"""Records on offer that still wait for a registrar's word, and the wallets that come again for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from issuer.store._authorizations import AuthorizationQueries
from issuer.store.records import Deferral
from issuer.store.schema import claim_items, deferrals, ms, pending_items, tokens


class DeferralQueries(AuthorizationQueries):
    """Queries of deferred issuance."""

    def add_pending(self, claim_id: str, items: Sequence[tuple[str, str]], configuration: str, position: int) -> None:
        """Items of a claim that are not made yet, each ``(identifier, petition id)``, from ``position`` on."""
        for place, (identifier, petition_id) in enumerate(items, position):
            self._connection.execute(sa.insert(pending_items).values(
                identifier=identifier, claim_id=claim_id, petition_id=petition_id, position=place,
                configuration=configuration,
            ))

    def settle(self, identifier: str, credential_id: str, configuration: str | None) -> None:
        """Put a record that was approved in the place of the item that waited for it; done before: nothing."""
        place = pending_items.c.identifier == identifier
        row = self._connection.execute(sa.select(pending_items).where(place)).one_or_none()
        if row is None:
            return
        self._connection.execute(sa.insert(claim_items).values(
            identifier=identifier, claim_id=row.claim_id, credential_id=credential_id, position=row.position,
            configuration=configuration,
        ))
        self._connection.execute(sa.delete(pending_items).where(place))

    def add_deferral(self, deferral: Deferral, transaction_hash: str, expires_at: datetime) -> None:
        """A wallet that will come again; only the hash of its transaction is kept."""
        self._connection.execute(sa.insert(deferrals).values(
            transaction_hash=transaction_hash, claim_id=deferral.claim_id, identifier=deferral.identifier,
            holders=list(deferral.holders), expires_at=ms(expires_at),
        ))

    def keep_token(self, token_hash: str, until: datetime) -> None:
        """Let an access token live longer, so that the wallet can come again with it."""
        query = sa.update(tokens).where(tokens.c.token_hash == token_hash, tokens.c.expires_at < ms(until))
        self._connection.execute(query.values(expires_at=ms(until)))

    def find_deferral(self, transaction_hash: str, at: datetime) -> Deferral | None:
        """What a transaction is about while it lives."""
        query = sa.select(deferrals).where(deferrals.c.transaction_hash == transaction_hash,
                                           deferrals.c.expires_at > ms(at))
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Deferral(row.claim_id, row.identifier, tuple(row.holders))

    def end_deferral(self, transaction_hash: str) -> None:
        """Forget a transaction."""
        self._connection.execute(sa.delete(deferrals).where(deferrals.c.transaction_hash == transaction_hash))
