"""Credentials as approved intents, their places in the status lists, and what was taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from credkit.ports import JSONObject
from issuer.store._people import PeopleQueries
from issuer.store.records import ALONE, Credential, Progress, Revocation
from issuer.store.schema import (
    NOBODY,
    claim_items,
    credentials,
    from_ms,
    issuances,
    maybe_from_ms,
    ms,
    revocations,
    status_lists,
)

_NEWEST = (
    sa.select(issuances.c.credential_id, sa.func.max(issuances.c.version).label("collected_version"))
    .join(claim_items, claim_items.c.identifier == issuances.c.identifier)
    .where(claim_items.c.configuration.is_(None))
    .group_by(issuances.c.credential_id)
    .subquery()
)
"""What wallets have in the usual form; a record in another form stands beside it and takes nothing off the set."""
_COLLECTED = sa.func.coalesce(_NEWEST.c.collected_version, 0).label("collected")
_CREDENTIALS = (
    sa.select(credentials, revocations.c.revoked_at, _COLLECTED)
    .outerjoin(revocations, revocations.c.credential_id == credentials.c.id)
    .outerjoin(_NEWEST, _NEWEST.c.credential_id == credentials.c.id)
    .where(credentials.c.student_id != NOBODY)
)
"""Without those whose student was deleted: of them only the place in a status list is left."""
_KIND_ORDER = sa.case({"transcript": 0, "full-record": 1, "course": 2}, value=credentials.c.kind, else_=3)
_OF_STUDENT = _CREDENTIALS.where(credentials.c.student_id == sa.bindparam("student")).order_by(
    _KIND_ORDER, credentials.c.position, credentials.c.created_at)
_ONE = _CREDENTIALS.where(credentials.c.id == sa.bindparam("id"))
_IN_SLOT = _CREDENTIALS.where(credentials.c.student_id == sa.bindparam("student"),
                              credentials.c.slot == sa.bindparam("slot"))
_AT_INDEX = sa.select(credentials.c.id).where(credentials.c.list_number == sa.bindparam("number"),
                                              credentials.c.list_index == sa.bindparam("index"))
_ADD = sa.insert(credentials)


class CredentialQueries(PeopleQueries):
    """Queries about credentials."""

    def is_free_index(self, list_number: int, index: int) -> bool:
        """Whether a place in a list is free; inside one transaction nobody else can take it before it is written."""
        return self._connection.execute(_AT_INDEX, {"number": list_number, "index": index}).first() is None

    def newest_list(self) -> tuple[int, int]:
        """Number of the newest status list and how many of its places are taken; ``(0, 0)`` if there is none."""
        number = self._connection.execute(sa.select(sa.func.max(status_lists.c.number))).scalar_one()
        if number is None:
            return 0, 0
        query = sa.select(sa.func.count()).select_from(credentials).where(credentials.c.list_number == number)
        return number, self._connection.execute(query).scalar_one()

    def add_list(self, number: int) -> None:
        """A new, empty status list."""
        self._connection.execute(sa.insert(status_lists).values(number=number, credential=sa.null(), revoked=0))

    def add_credential(self, credential: Credential, position: int) -> None:
        """Keep a new intent."""
        kept = {name: getattr(credential, name) for name in (
            "id", "student_id", "kind", "slot", "title", "version", "document", "content_digest", "document_digest",
            "list_number", "list_index")}
        self._connection.execute(_ADD, {**kept, "created_at": ms(credential.created_at),
                                        "updated_at": ms(credential.updated_at), "position": position})

    def renew_credential(self, credential: Credential) -> None:
        """Put a newer version of an intent in place; id and status entry stay."""
        self._connection.execute(sa.update(credentials).where(credentials.c.id == credential.id).values(
            title=credential.title, version=credential.version, document=credential.document,
            content_digest=credential.content_digest, document_digest=credential.document_digest,
            updated_at=ms(credential.updated_at),
        ))

    def find_credential(self, credential_id: str) -> Credential | None:
        """One credential."""
        return self._one(_ONE, {"id": credential_id})

    def credential_in_slot(self, student_id: str, slot: str) -> Credential | None:
        """The living credential of a student's slot."""
        return self._one(_IN_SLOT, {"student": student_id, "slot": slot})

    def was_taken_back(self, student_id: str, slot: str, content_digest: str) -> bool:
        """Whether a credential of this slot that said just this was taken back: it is not drafted again by itself."""
        query = sa.select(credentials.c.id).where(
            credentials.c.student_id == student_id, credentials.c.content_digest == content_digest,
            credentials.c.slot == slot + "#" + credentials.c.id,
        )
        return self._connection.execute(query).first() is not None

    def credentials_of(self, student_id: str) -> tuple[Credential, ...]:
        """All credentials of a student: transcript, courses, badges, each in its order."""
        rows = self._connection.execute(_OF_STUDENT, {"student": student_id})
        return tuple(_credential(row) for row in rows)

    def progress_by_student(self) -> dict[str, Progress]:
        """How much of each student's set is collected."""
        collected = sa.func.sum(sa.case((_NEWEST.c.collected_version >= credentials.c.version, 1), else_=0))
        query = (
            sa.select(credentials.c.student_id, sa.func.count(), collected)
            .outerjoin(revocations, revocations.c.credential_id == credentials.c.id)
            .outerjoin(_NEWEST, _NEWEST.c.credential_id == credentials.c.id)
            .where(revocations.c.credential_id.is_(None), credentials.c.kind.not_in(ALONE),
                   credentials.c.student_id != NOBODY)
            .group_by(credentials.c.student_id)
        )
        return {row[0]: Progress(row[2], row[1]) for row in self._connection.execute(query)}

    def revoke(self, revocation: Revocation) -> bool:
        """Take a credential back for good and free its slot; False if that was done before."""
        place = revocations.c.credential_id == revocation.credential_id
        if self._connection.execute(sa.select(revocations.c.credential_id).where(place)).first() is not None:
            return False
        self._connection.execute(sa.insert(revocations).values(
            credential_id=revocation.credential_id, revoked_at=ms(revocation.revoked_at), actor=revocation.actor,
            reason=revocation.reason,
        ))
        renamed = credentials.c.slot + "#" + credentials.c.id
        self._connection.execute(
            sa.update(credentials).where(credentials.c.id == revocation.credential_id).values(slot=renamed)
        )
        return True

    def find_revocation(self, credential_id: str) -> Revocation | None:
        """Who took a credential back and why, or None."""
        query = sa.select(revocations).where(revocations.c.credential_id == credential_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return Revocation(row.credential_id, from_ms(row.revoked_at), row.actor, row.reason)

    def revoked_indexes(self, list_number: int) -> tuple[int, ...]:
        """The places of a list whose credentials were taken back."""
        query = (
            sa.select(credentials.c.list_index)
            .join(revocations, revocations.c.credential_id == credentials.c.id)
            .where(credentials.c.list_number == list_number)
            .order_by(credentials.c.list_index)
        )
        return tuple(self._connection.execute(query).scalars())

    def signed_list(self, number: int) -> tuple[JSONObject | None, datetime | None, datetime | None, int] | None:
        """The signed status list as last published, its validity, and how many places were taken back in it."""
        row = self._connection.execute(sa.select(status_lists).where(status_lists.c.number == number)).one_or_none()
        if row is None:
            return None
        return row.credential, maybe_from_ms(row.valid_from), maybe_from_ms(row.valid_until), row.revoked

    def publish_list(self, number: int, credential: JSONObject, valid_from: datetime, valid_until: datetime,
                     revoked: int) -> None:
        """Put a freshly signed status list in place."""
        self._connection.execute(sa.update(status_lists).where(status_lists.c.number == number).values(
            credential=credential, valid_from=ms(valid_from), valid_until=ms(valid_until), revoked=revoked,
        ))

    def _one(self, query: sa.Select[Any], wanted: dict[str, str]) -> Credential | None:
        row = self._connection.execute(query, wanted).one_or_none()
        return None if row is None else _credential(row)


def _credential(row: Any) -> Credential:
    return Credential(
        id=row.id, student_id=row.student_id, kind=row.kind, slot=row.slot, title=row.title, version=row.version,
        document=row.document, content_digest=row.content_digest, document_digest=row.document_digest,
        list_number=row.list_number, list_index=row.list_index, created_at=from_ms(row.created_at),
        updated_at=from_ms(row.updated_at), revoked_at=maybe_from_ms(row.revoked_at), collected_version=row.collected,
    )
