"""Authorization requests: each step is made by exactly one caller."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from issuer.store._petitions import PetitionQueries
from issuer.store.records import Authorization, Claim, Offer
from issuer.store.schema import authorizations, claims, from_ms, ms, offers, tokens


class AuthorizationQueries(PetitionQueries):
    """Queries of ``/par``, ``/authorize`` and the code grant."""

    def add_authorization(self, authorization: Authorization, secret_hash: str) -> None:
        """A request, with the hash of the secret that leads to it."""
        self._connection.execute(sa.insert(authorizations).values(
            id=authorization.id, secret_hash=secret_hash, request=authorization.request, state=authorization.state,
            claim_id=authorization.claim_id, offer_id=authorization.offer_id, expires_at=ms(authorization.expires_at),
        ))

    def find_authorization(self, secret_hash: str, at: datetime) -> Authorization | None:
        """What a secret leads to while it lives."""
        query = sa.select(authorizations).where(authorizations.c.secret_hash == secret_hash,
                                                authorizations.c.expires_at > ms(at))
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _authorization(row)

    def advance(self, before: Authorization, after: Authorization, secret_hash: str | None = None) -> bool:
        """Put ``after`` in the place of ``before``, under a new secret if one is given: True for exactly one caller."""
        query = sa.update(authorizations).where(authorizations.c.id == before.id,
                                                authorizations.c.state == before.state)
        changes: dict[str, Any] = {"state": after.state, "claim_id": after.claim_id, "offer_id": after.offer_id,
                                   "expires_at": ms(after.expires_at)}
        if secret_hash is not None:
            changes["secret_hash"] = secret_hash
        return self._connection.execute(query.values(**changes)).rowcount == 1

    def drop_authorization(self, authorization: Authorization) -> bool:
        """End a request without a grant: True for exactly one caller."""
        query = sa.delete(authorizations).where(authorizations.c.id == authorization.id,
                                                authorizations.c.state == authorization.state)
        return self._connection.execute(query).rowcount == 1

    def revoke_tokens(self, authorization_id: str) -> int:
        """Take back the tokens of an authorization whose code was used again (RFC6749 #section-4.1.2)."""
        query = sa.delete(tokens).where(tokens.c.authorization_id == authorization_id)
        return self._connection.execute(query).rowcount

    def lock_claim(self, claim_id: str) -> Claim | None:
        """One claim, which nobody else changes until this unit is over."""
        self._connection.execute(sa.select(claims.c.id).where(claims.c.id == claim_id).with_for_update())
        return self.find_claim(claim_id)

    def prolong_offer(self, offer: Offer, until: datetime) -> None:
        """Let an offer that lives still live on until a moment, if that is later."""
        query = sa.update(offers).where(offers.c.id == offer.id, offers.c.expires_at == ms(offer.expires_at))
        if until > offer.expires_at:
            self._connection.execute(query.values(expires_at=ms(until)))

    def end_codes(self, claim_id: str, at: datetime) -> None:
        """End every open code of a claim."""
        query = sa.update(offers).where(offers.c.claim_id == claim_id, offers.c.redeemed_at.is_(None),
                                        offers.c.expires_at > ms(at))
        self._connection.execute(query.values(expires_at=ms(at)))


def _authorization(row: Any) -> Authorization:
    return Authorization(row.id, row.request, row.state, row.claim_id, row.offer_id, from_ms(row.expires_at))
