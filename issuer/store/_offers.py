"""Claims, offers, tokens, nonces and what was given out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from issuer.store._credentials import CredentialQueries
from issuer.store.records import Claim, Issuance, Item, Offer, Token
from issuer.store.schema import (
    authorizations,
    budgets,
    claim_items,
    claims,
    credentials,
    deferrals,
    from_ms,
    issuances,
    maybe_from_ms,
    ms,
    nonces,
    offers,
    pending_items,
    petitions,
    revocations,
    seen_requests,
    tokens,
)

_BUDGETS_KEPT_MS = 24 * 60 * 60 * 1000
_OFFERS_KEPT_MS = 24 * 60 * 60 * 1000  # so that the office's page of an offer can say that its time is over
_CLAIMS_KEPT_MS = 30 * 24 * 60 * 60 * 1000  # so that the office sees who collected nothing
_AT_ONCE = 500
_NOW = sa.bindparam("now", type_=sa.BigInteger)
_CLAIM = sa.select(claims).where(claims.c.id == sa.bindparam("id"))
_LANGUAGE = credentials.c.document[("credentialSubject", "achievement", "inLanguage")].as_string().label("language")
_ITEMS_OF = (
    sa.select(claim_items, credentials.c.kind, credentials.c.title, _LANGUAGE, issuances.c.identifier.label("issued"),
              revocations.c.credential_id.label("revoked"))
    .join(credentials, credentials.c.id == claim_items.c.credential_id)
    .outerjoin(issuances, issuances.c.identifier == claim_items.c.identifier)
    .outerjoin(revocations, revocations.c.credential_id == claim_items.c.credential_id)
    .where(claim_items.c.claim_id == sa.bindparam("claim"))
    .order_by(claim_items.c.position)
)
_PENDING_OF = (
    sa.select(pending_items, petitions.c.state, petitions.c.outcome)
    .join(petitions, petitions.c.id == pending_items.c.petition_id)
    .where(pending_items.c.claim_id == sa.bindparam("claim"))
    .order_by(pending_items.c.position)
)
_TOKEN = sa.select(tokens).where(tokens.c.token_hash == sa.bindparam("token"), tokens.c.expires_at > _NOW)
_NONCE = sa.select(nonces.c.nonce_hash).where(nonces.c.nonce_hash == sa.bindparam("nonce"), nonces.c.expires_at > _NOW)
_BURN = sa.delete(nonces).where(nonces.c.nonce_hash == sa.bindparam("nonce"), nonces.c.expires_at > _NOW)
_OVER = (
    *(sa.delete(table).where(table.c.expires_at <= _NOW)
      for table in (nonces, tokens, seen_requests, authorizations, deferrals)),
    sa.delete(budgets).where(budgets.c.began_at <= _NOW - _BUDGETS_KEPT_MS),
    sa.delete(offers).where(offers.c.expires_at <= _NOW - _OFFERS_KEPT_MS),
)


class OfferQueries(CredentialQueries):
    """Queries of the protocol."""

    def add_claim(self, claim: Claim, page_hash: str, items: Sequence[tuple[str, str, str | None]]) -> None:
        """A claim with its items in their order, each ``(identifier, credential id, configuration)``.

        Without a configuration it is the kind of the credential; see ``Item.kind``.
        """
        self._connection.execute(sa.insert(claims).values(
            id=claim.id, student_id=claim.student_id, page_hash=page_hash, tries_left=claim.tries_left,
            created_at=ms(claim.created_at), expires_at=ms(claim.expires_at), notice=claim.notice,
            alone=claim.alone, grant_type=claim.grant, has_tx_code=claim.has_tx_code,
        ))
        if not items:
            return
        self._connection.execute(sa.insert(claim_items), [
            {"identifier": identifier, "claim_id": claim.id, "credential_id": credential_id, "position": position,
             "configuration": configuration}
            for position, (identifier, credential_id, configuration) in enumerate(items)
        ])

    def close_claims(self, student_id: str, at: datetime, *, alone: str | None = None) -> None:
        """End what is still open for a student, or of one credential alone: a newer offer takes its place."""
        mine = sa.select(claims.c.id).where(claims.c.student_id == student_id)
        mine = mine.where(claims.c.alone.is_(None) if alone is None else claims.c.alone == alone)
        for table, column in ((claims, claims.c.id), (offers, offers.c.claim_id)):
            query = sa.update(table).where(column.in_(mine), table.c.expires_at > ms(at))
            self._connection.execute(query.values(expires_at=ms(at)))

    def find_claim(self, claim_id: str) -> Claim | None:
        """One claim."""
        row = self._connection.execute(_CLAIM, {"id": claim_id}).one_or_none()
        return None if row is None else _claim(row)

    def claim_of_page(self, page_hash: str) -> Claim | None:
        """The claim whose page has this secret."""
        row = self._connection.execute(sa.select(claims).where(claims.c.page_hash == page_hash)).one_or_none()
        return None if row is None else _claim(row)

    def claims_of(self, student_id: str) -> tuple[Claim, ...]:
        """A student's claims, the newest first."""
        query = sa.select(claims).where(claims.c.student_id == student_id)
        rows = self._connection.execute(query.order_by(claims.c.created_at.desc(), claims.c.id))
        return tuple(_claim(row) for row in rows)

    def items_of(self, claim_id: str) -> tuple[Item, ...]:
        """What a claim holds, in its order."""
        made = (Item(row.identifier, row.credential_id, row.configuration or row.kind, row.title, row.language,
                     row.issued is not None, row.revoked is not None)
                for row in self._connection.execute(_ITEMS_OF, {"claim": claim_id}))
        return (*made, *(_pending(row) for row in self._connection.execute(_PENDING_OF, {"claim": claim_id})))

    def add_offer(self, offer: Offer, reference_hash: str, code_hash: str) -> None:
        """A fresh pre-authorized code, or ``issuer_state``, for a claim."""
        self._connection.execute(sa.insert(offers).values(
            id=offer.id, claim_id=offer.claim_id, reference_hash=reference_hash, code_hash=code_hash,
            created_at=ms(offer.created_at), expires_at=ms(offer.expires_at),
        ))

    def offer_by_reference(self, reference_hash: str) -> Offer | None:
        """The offer that a link names."""
        return self._one_offer(offers.c.reference_hash == reference_hash)

    def offer_by_code(self, code_hash: str) -> Offer | None:
        """The offer that a pre-authorized code, or an ``issuer_state``, belongs to; see ``Claim.grant``."""
        return self._one_offer(offers.c.code_hash == code_hash)

    def find_offer(self, offer_id: str) -> Offer | None:
        """One offer."""
        return self._one_offer(offers.c.id == offer_id)

    def living_offer(self, claim_id: str, at: datetime) -> Offer | None:
        """The newest code of a claim that can still be used, or None."""
        query = sa.select(offers).where(offers.c.claim_id == claim_id, offers.c.redeemed_at.is_(None),
                                        offers.c.expires_at > ms(at))
        row = self._connection.execute(query.order_by(offers.c.created_at.desc(), offers.c.id).limit(1)).one_or_none()
        return None if row is None else _offer(row)

    def mark_fetched(self, offer_id: str, at: datetime) -> None:
        """Note when an offer was first read."""
        query = sa.update(offers).where(offers.c.id == offer_id, offers.c.fetched_at.is_(None))
        self._connection.execute(query.values(fetched_at=ms(at)))

    def redeem(self, offer: Offer, at: datetime) -> bool:
        """Use a code up, once: True for exactly one caller. Every other open code of the claim ends with it."""
        mine = sa.update(offers).where(offers.c.id == offer.id, offers.c.redeemed_at.is_(None))
        mine = mine.where(offers.c.expires_at > ms(at))
        if self._connection.execute(mine.values(redeemed_at=ms(at))).rowcount != 1:
            return False
        others = sa.update(offers).where(offers.c.claim_id == offer.claim_id, offers.c.redeemed_at.is_(None))
        self._connection.execute(others.values(expires_at=ms(at)))
        return True

    def count_wrong_code(self, claim_id: str) -> None:
        """One try less."""
        query = sa.update(claims).where(claims.c.id == claim_id, claims.c.tries_left > 0)
        self._connection.execute(query.values(tries_left=claims.c.tries_left - 1))

    def add_token(self, token_hash: str, token: Token, expires_at: datetime) -> None:
        """An access token; only its hash is kept."""
        identifiers = None if token.identifiers is None else list(token.identifiers)
        self._connection.execute(sa.insert(tokens).values(
            token_hash=token_hash, claim_id=token.claim_id, identifiers=identifiers, expires_at=ms(expires_at),
            jkt=token.jkt, authorization_id=token.authorization_id,
        ))

    def find_token(self, token_hash: str, at: datetime) -> Token | None:
        """What a living access token allows."""
        row = self._connection.execute(_TOKEN, {"token": token_hash, "now": ms(at)}).one_or_none()
        if row is None:
            return None
        return Token(row.claim_id, None if row.identifiers is None else tuple(row.identifiers), row.jkt,
                     row.authorization_id)

    def add_nonce(self, nonce_hash: str, expires_at: datetime) -> None:
        """A nonce that is good once."""
        self._connection.execute(sa.insert(nonces).values(nonce_hash=nonce_hash, expires_at=ms(expires_at)))

    def has_nonce(self, nonce_hash: str, at: datetime) -> bool:
        """Whether a nonce lives still; looking does not use it."""
        return self._connection.execute(_NONCE, {"nonce": nonce_hash, "now": ms(at)}).first() is not None

    def burn_nonce(self, nonce_hash: str, at: datetime) -> bool:
        """Use a nonce up, once: True for exactly one caller."""
        return self._connection.execute(_BURN, {"nonce": nonce_hash, "now": ms(at)}).rowcount == 1

    def sweep(self, at: datetime) -> None:
        """Forget nonces, tokens, seen and authorization requests, counts of wrong codes, and codes that are over."""
        for over in _OVER:
            self._connection.execute(over, {"now": ms(at)})

    def sweep_claims(self, at: datetime) -> None:
        """Forget sets that ended long ago and of which nothing was collected."""
        collected = sa.select(issuances.c.identifier).join(
            claim_items, claim_items.c.identifier == issuances.c.identifier).where(
            claim_items.c.claim_id == claims.c.id).exists()
        query = sa.select(claims.c.id).where(claims.c.expires_at <= ms(at) - _CLAIMS_KEPT_MS, ~collected)
        over = [*self._connection.execute(query).scalars()]
        for start in range(0, len(over), _AT_ONCE):
            some = over[start:start + _AT_ONCE]
            for table in (tokens, offers, authorizations, claim_items, pending_items, deferrals):
                self._connection.execute(sa.delete(table).where(table.c.claim_id.in_(some)))
            self._connection.execute(sa.delete(claims).where(claims.c.id.in_(some)))

    def find_issuance(self, identifier: str) -> Issuance | None:
        """What was given out under a credential identifier."""
        return self._one_issuance(issuances.c.identifier == identifier)

    def issuance_notified(self, notification_id: str) -> Issuance | None:
        """What a notification is about."""
        return self._one_issuance(issuances.c.notification_id == notification_id)

    def issuances_of(self, credential_id: str) -> tuple[Issuance, ...]:
        """Every time a credential was given out."""
        query = sa.select(issuances).where(issuances.c.credential_id == credential_id).order_by(issuances.c.issued_at)
        return tuple(_issuance(row) for row in self._connection.execute(query))

    def add_issuance(self, issuance: Issuance) -> None:
        """Keep what is about to be given out."""
        self._connection.execute(sa.insert(issuances).values(
            identifier=issuance.identifier, credential_id=issuance.credential_id, version=issuance.version,
            holder=" ".join(issuance.holders), issued_at=ms(issuance.issued_at),
            document=issuance.documents[0] if len(issuance.documents) == 1 else list(issuance.documents),
            notification_id=issuance.notification_id,
        ))

    def note_event(self, notification_id: str, event: str) -> None:
        """What the wallet says became of it."""
        query = sa.update(issuances).where(issuances.c.notification_id == notification_id)
        self._connection.execute(query.values(event=event))

    def _one_offer(self, condition: sa.ColumnElement[bool]) -> Offer | None:
        row = self._connection.execute(sa.select(offers).where(condition)).one_or_none()
        return None if row is None else _offer(row)

    def _one_issuance(self, condition: sa.ColumnElement[bool]) -> Issuance | None:
        row = self._connection.execute(sa.select(issuances).where(condition)).one_or_none()
        return None if row is None else _issuance(row)


def _offer(row: Any) -> Offer:
    return Offer(row.id, row.claim_id, from_ms(row.created_at), from_ms(row.expires_at),
                 maybe_from_ms(row.redeemed_at), maybe_from_ms(row.fetched_at))


def _pending(row: Any) -> Item:
    """An item that waits, or waited: once approved, the record that came of it stands there."""
    made = (row.outcome or {}).get("credential", "")
    return Item(row.identifier, made, row.configuration, row.configuration, None, issued=False,
                revoked=row.state == "refused", waits=not made)


def _claim(row: Any) -> Claim:
    return Claim(row.id, row.student_id, row.tries_left, from_ms(row.created_at), from_ms(row.expires_at), row.notice,
                 row.alone, row.grant_type, row.has_tx_code)


def _issuance(row: Any) -> Issuance:
    documents = tuple(row.document) if isinstance(row.document, list) else (row.document,)
    return Issuance(row.identifier, row.credential_id, row.version, tuple(row.holder.split()), documents,
                    from_ms(row.issued_at), row.notification_id, row.event)
