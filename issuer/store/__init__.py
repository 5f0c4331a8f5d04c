"""The issuer's only SQL. ``Store`` opens units of work; a ``Unit`` is one transaction with all that can be asked in it.

The queries build on each other in one line: office, people, credentials, offers, petitions, authorizations,
deferrals, other programs, deletions; the last is ``Unit``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from credkit import storage
from credkit.ports import JSONObject
from credkit.storage import reading, transaction
from issuer.store._deletions import DeletionQueries
from issuer.store.app_records import App, AppGrant, AppRecord, AppToken, Pass, Reading, TokenKind
from issuer.store.records import (
    ALONE,
    Authorization,
    Claim,
    Credential,
    Deferral,
    Grant,
    ImportRecord,
    Issuance,
    Item,
    LogEntry,
    Offer,
    Person,
    Petition,
    Progress,
    Revocation,
    Staff,
    StandardRow,
    StoredCourse,
    Token,
    language_of,
)
from issuer.store.schema import from_ms, ms, seen_lists

__all__ = ["ALONE", "App", "AppGrant", "AppRecord", "AppToken", "Authorization", "Claim", "Credential", "Deferral",
           "Grant", "ImportRecord", "Issuance", "Item", "LogEntry", "Offer", "Pass", "Person", "Petition", "Progress",
           "Reading", "Revocation", "Staff", "StandardRow", "Store", "StoredCourse", "Token", "TokenKind", "Unit",
           "language_of"]


class Unit(DeletionQueries):
    """One transaction. What it reads cannot change before what it writes (``Store.writing``)."""


class Store:
    """Opens units of work on one database; also the ``Memory`` of status lists that the kernel asks for."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """A unit that is committed at the end of the block and rolled back if it raises."""
        with transaction(self._engine) as connection:
            yield Unit(connection)

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """A consistent view; never write in it."""
        with reading(self._engine) as connection:
            yield Unit(connection)

    def scrub(self) -> None:
        """Take what was deleted out of the database's log too; if somebody reads just then, the next sweep does it."""
        storage.scrub(self._engine)

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """See ``credkit.ports.Memory``."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(seen_lists).where(seen_lists.c.url == url)).one_or_none()
        return None if row is None else (row.credential, from_ms(row.fetched_at))

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """See ``credkit.ports.Memory``."""
        with transaction(self._engine) as connection:
            connection.execute(sa.delete(seen_lists).where(seen_lists.c.url == url))
            connection.execute(sa.insert(seen_lists).values(url=url, credential=credential, fetched_at=ms(fetched_at)))
