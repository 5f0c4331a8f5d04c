"""What waits for a registrar's word, and the requests of wallets that were seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from credkit.ports import JSONObject
from issuer.store._offers import OfferQueries
from issuer.store.records import Petition
from issuer.store.schema import from_ms, maybe_from_ms, ms, petitions, seen_requests


class PetitionQueries(OfferQueries):
    """Queries about petitions."""

    def add_petition(self, petition: Petition) -> None:
        """Keep something that waits."""
        self._connection.execute(sa.insert(petitions).values(
            id=petition.id, kind=petition.kind, student_id=petition.student_id, subject=petition.subject,
            content=petition.content, digest=petition.digest, created_at=ms(petition.created_at),
            created_by=petition.created_by, state=petition.state, decided_at=None, decided_by=None, reason="",
            outcome=sa.null(),
        ))

    def find_petition(self, petition_id: str) -> Petition | None:
        """One petition."""
        row = self._connection.execute(sa.select(petitions).where(petitions.c.id == petition_id)).one_or_none()
        return None if row is None else _petition(row)

    def waiting_petitions(self, *, kind: str | None = None, student_id: str | None = None,
                          subject: str | None = None) -> tuple[Petition, ...]:
        """What waits, the oldest first."""
        query = sa.select(petitions).where(petitions.c.state == "waiting")
        for column, wanted in ((petitions.c.kind, kind), (petitions.c.student_id, student_id),
                               (petitions.c.subject, subject)):
            if wanted is not None:
                query = query.where(column == wanted)
        rows = self._connection.execute(query.order_by(petitions.c.created_at, petitions.c.id))
        return tuple(_petition(row) for row in rows)

    def petitions(self, *, kind: str | None = None, student_id: str | None = None, created_by: str | None = None,
                  limit: int = 50) -> tuple[Petition, ...]:
        """The newest petitions first, whatever became of them."""
        query = sa.select(petitions)
        for column, wanted in ((petitions.c.kind, kind), (petitions.c.student_id, student_id),
                               (petitions.c.created_by, created_by)):
            if wanted is not None:
                query = query.where(column == wanted)
        rows = self._connection.execute(query.order_by(petitions.c.created_at.desc(), petitions.c.id).limit(limit))
        return tuple(_petition(row) for row in rows)

    def decide(self, petition_id: str, state: str, at: datetime, by: str, *, reason: str = "",
               outcome: JSONObject | None = None, before: str = "waiting") -> bool:
        """Move a petition from one state to another, once: True for exactly one caller."""
        query = sa.update(petitions).where(petitions.c.id == petition_id, petitions.c.state == before)
        return self._connection.execute(query.values(
            state=state, decided_at=ms(at), decided_by=by, reason=reason,
            outcome=sa.null() if outcome is None else outcome,
        )).rowcount == 1

    def note_request(self, request_hash: str, expires_at: datetime) -> bool:
        """Remember a signed request until it is too old anyway; False if it was seen before."""
        place = seen_requests.c.request_hash == request_hash
        if self._connection.execute(sa.select(seen_requests.c.request_hash).where(place)).first() is not None:
            return False
        self._connection.execute(sa.insert(seen_requests).values(request_hash=request_hash, expires_at=ms(expires_at)))
        return True


def _petition(row: Any) -> Petition:
    return Petition(row.id, row.kind, row.student_id, row.subject, row.content, row.digest, from_ms(row.created_at),
                    row.created_by, row.state, maybe_from_ms(row.decided_at), row.decided_by, row.reason, row.outcome)
