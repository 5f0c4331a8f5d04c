"""Deleting a student: everything that names one, but for the places in the status lists that are taken for good."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from credkit.ports import JSONObject
from issuer.store._apps import AppQueries
from issuer.store.schema import (
    META,
    NOBODY,
    authorizations,
    claim_items,
    claims,
    credentials,
    deferrals,
    imports,
    issuances,
    offers,
    pending_items,
    revocations,
    students,
    tokens,
)


class DeletionQueries(AppQueries):
    """Queries that delete for good."""

    def delete_student(self, student_id: str) -> None:
        """A student with everything that was kept of and for the student.

        A record that was drafted keeps its number and its place in a status list, which nobody else may ever get, and
        whether it was taken back; no word of it, and not whose it was.
        """
        theirs = sa.select(claims.c.id).where(claims.c.student_id == student_id)
        for table in (tokens, authorizations, deferrals, pending_items, offers):
            self._connection.execute(sa.delete(table).where(table.c.claim_id.in_(theirs)))
        records = sa.select(credentials.c.id).where(credentials.c.student_id == student_id)
        self._connection.execute(sa.delete(issuances).where(issuances.c.credential_id.in_(records)))
        self._connection.execute(sa.delete(claim_items).where(claim_items.c.claim_id.in_(theirs)))
        self._connection.execute(
            sa.update(revocations).where(revocations.c.credential_id.in_(records)).values(reason=""))
        self._connection.execute(sa.update(credentials).where(credentials.c.student_id == student_id).values(
            student_id=NOBODY, slot=credentials.c.id, kind="", title="", document={}, content_digest="",
            document_digest="", position=0))
        for table in reversed(META.sorted_tables):
            if "student_id" in table.c and table is not credentials:
                self._connection.execute(sa.delete(table).where(table.c.student_id == student_id))
        self._connection.execute(sa.delete(students).where(students.c.id == student_id))

    def rewrite_imports(self, rewrite: Callable[[JSONObject, JSONObject | None], tuple[JSONObject, JSONObject | None]],
                        ) -> None:
        """Give every file that was read another content and outcome."""
        for row in self._connection.execute(sa.select(imports.c.id, imports.c.roster, imports.c.outcome)).all():
            roster, outcome = rewrite(row.roster, row.outcome)
            self._connection.execute(sa.update(imports).where(imports.c.id == row.id).values(
                roster=roster, outcome=sa.null() if outcome is None else outcome))
