"""Settings, operators and the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from credkit.ports import JSONObject
from issuer.store.records import LogEntry, Staff
from issuer.store.schema import budgets, from_ms, log, ms, operators, settings

FIRST_HASH = "0" * 64
# What nearly every request asks is put together once: doing so takes longer than the database's answer.
_SETTING = sa.select(settings.c.value).where(settings.c.name == sa.bindparam("name"))
_STAFF = sa.select(operators).where(operators.c.name == sa.bindparam("name"))
_NEWEST_ENTRY = sa.select(log.c.seq, log.c.hash).order_by(log.c.seq.desc()).limit(1)
_ADD_ENTRY = sa.insert(log)


class OfficeQueries:
    """Queries about the office itself."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def setting(self, name: str) -> str | None:
        """A setting's value, or None."""
        return self._connection.execute(_SETTING, {"name": name}).scalar_one_or_none()

    def add_settings(self, values: Mapping[str, str]) -> None:
        """Write settings that are not there yet."""
        rows = [{"name": name, "value": value} for name, value in values.items()]
        self._connection.execute(sa.insert(settings), rows)

    def add_staff(self, staff: Staff) -> None:
        """A login for the office's pages."""
        self._connection.execute(sa.insert(operators).values(name=staff.name, password_hash=staff.password_hash,
                                                             role=staff.role))

    def remove_staff(self, name: str) -> bool:
        """End a login; False if there is none."""
        return self._connection.execute(sa.delete(operators).where(operators.c.name == name)).rowcount == 1

    def find_staff(self, name: str) -> Staff | None:
        """A login, or None."""
        row = self._connection.execute(_STAFF, {"name": name}).one_or_none()
        return None if row is None else Staff(row.name, row.password_hash, row.role)

    def staff(self) -> tuple[Staff, ...]:
        """All logins by name."""
        rows = self._connection.execute(sa.select(operators).order_by(operators.c.name))
        return tuple(Staff(row.name, row.password_hash, row.role) for row in rows)

    def count_against(self, name: str, at: datetime, window_s: int) -> None:
        """Count one against a budget; a new window begins with the first that comes after the last one ended."""
        place = budgets.c.name == name
        row = self._connection.execute(sa.select(budgets).where(place)).one_or_none()
        if row is None:
            self._connection.execute(sa.insert(budgets).values(name=name, began_at=ms(at), used=1))
        elif row.began_at + window_s * 1000 <= ms(at):
            self._connection.execute(sa.update(budgets).where(place).values(began_at=ms(at), used=1))
        else:
            self._connection.execute(sa.update(budgets).where(place).values(used=budgets.c.used + 1))

    def counted_against(self, name: str, at: datetime, window_s: int) -> int:
        """How much of a budget is used in its present window."""
        row = self._connection.execute(sa.select(budgets).where(budgets.c.name == name)).one_or_none()
        return 0 if row is None or row.began_at + window_s * 1000 <= ms(at) else int(row.used)

    def append_log(self, at: datetime, event: str, actor: str, subject: str, detail: JSONObject | None = None) -> None:
        """Add a line to the log in this very transaction: what is not logged has not happened (security.md K09).

        Args:
            event: ``imported``, ``drafted``, ``offered``, ``redeemed``, ``issued``, ``revoked``, ``awarded`` …
            actor: Operator, ``wallet`` or ``program``.
            subject: Id of what it is about; never a name.
        """
        last = self._connection.execute(_NEWEST_ENTRY).one_or_none()
        entry = LogEntry(
            seq=1 if last is None else last.seq + 1, at=from_ms(ms(at)), event=event, actor=actor, subject=subject,
            detail=detail or {}, previous=FIRST_HASH if last is None else last.hash, hash="",
        )
        values = {name: getattr(entry, name) for name in ("seq", "event", "actor", "subject", "detail", "previous")}
        self._connection.execute(_ADD_ENTRY, {**values, "at": ms(at), "hash": hash_of(entry)})

    def log_entries(self, *, limit: int = 200, before: int | None = None) -> tuple[LogEntry, ...]:
        """The newest lines first; ``before`` continues below a sequence number."""
        query = sa.select(log).order_by(log.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(log.c.seq < before)
        return tuple(_entry(row) for row in self._connection.execute(query))

    def first_broken_entry(self) -> int | None:
        """The sequence number of the first line that does not fit the chain, or None if all do."""
        previous, expected = FIRST_HASH, 1
        for row in self._connection.execute(sa.select(log).order_by(log.c.seq)):
            entry = _entry(row)
            if entry.seq != expected or entry.previous != previous or hash_of(entry) != entry.hash:
                return expected
            previous, expected = entry.hash, expected + 1
        return None


def hash_of(entry: LogEntry) -> str:
    """SHA-256 (hex) over a line and the hash of the line before it."""
    content = [entry.previous, entry.seq, ms(entry.at), entry.event, entry.actor, entry.subject, entry.detail]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _entry(row: sa.Row[tuple[object, ...]]) -> LogEntry:
    values = row._asdict()
    return LogEntry(**{**values, "at": from_ms(values["at"])})
