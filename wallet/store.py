"""The wallet's only SQL: sealed rows in, sealed rows out; it never sees a name, a title, an issuer or a key.

What stays visible to whoever reads the database: how many items there are, their type, version and padded size, who may
open them, and when a session ends (security.md H07).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from credkit.storage import reading, transaction

_METADATA = MetaData()
_PARTIES = Table(
    "parties", _METADATA, Column("id", Text, primary_key=True), Column("kind", Text), Column("opening_key", Text),
    Column("signing_key", Text), Column("sealed_keys", LargeBinary), Column("created_at", BigInteger),
)
_SLOTS = Table(
    "slots", _METADATA, Column("id", Text, primary_key=True), Column("party_id", Text), Column("method", Text),
    Column("parameters", Text), Column("sealed_master", LargeBinary),
)
_ITEMS = Table(
    "items", _METADATA, Column("id", Text, primary_key=True), Column("owner_id", Text), Column("type", Text),
    Column("version", Integer), Column("key_id", Text), Column("ciphertext", LargeBinary),
)
_WRAPS = Table(
    "wraps", _METADATA, Column("item_id", Text, primary_key=True), Column("party_id", Text, primary_key=True),
    Column("jwe", Text),
)
_SESSIONS = Table(
    "sessions", _METADATA, Column("id", Text, primary_key=True), Column("party_id", Text),
    Column("sealed_master", LargeBinary), Column("expires_at", BigInteger),
)
_TRIES = Table(
    "failed_tries", _METADATA, Column("id", Integer, primary_key=True), Column("party_id", Text),
    Column("client", Text), Column("at", BigInteger),
)


@dataclass(frozen=True)
class PartyRow:
    """A party: its public halves, and both private keys sealed under its master key. ``created_at``: seconds, UTC."""

    id: str
    kind: str
    opening_key: str
    signing_key: str
    sealed_keys: bytes
    created_at: int


@dataclass(frozen=True)
class SlotRow:
    """One way to unlock: the master key sealed under what ``method`` makes of the secret and ``parameters`` (JSON)."""

    id: str
    party_id: str
    method: str
    parameters: str
    sealed_master: bytes


@dataclass(frozen=True)
class ItemRow:
    """One sealed item in its present version."""

    id: str
    owner_id: str
    type: str
    version: int
    key_id: str
    ciphertext: bytes


@dataclass(frozen=True)
class ItemHead:
    """What may be seen of an item without opening it; a new ``key_id`` means new content."""

    id: str
    type: str
    version: int
    key_id: str


@dataclass(frozen=True)
class SessionRow:
    """An unlocked session: the master key sealed under a key only the browser holds. ``expires_at``: seconds, UTC."""

    id: str
    party_id: str
    sealed_master: bytes
    expires_at: int


class Store:
    """All reads and writes of one wallet database. Each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_party(self, party: PartyRow, slot: SlotRow, *, only: bool) -> bool:
        """Add a party with its first slot; with ``only``, not if there is any party already. Whether it was added."""
        with transaction(self._engine) as connection:
            if only and connection.execute(select(func.count()).select_from(_PARTIES)).scalar_one():
                return False
            connection.execute(insert(_PARTIES).values(**vars(party)))
            connection.execute(insert(_SLOTS).values(**vars(slot)))
            return True

    def parties(self) -> tuple[PartyRow, ...]:
        """All parties, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(_PARTIES).order_by(_PARTIES.c.created_at, _PARTIES.c.id))
            return tuple(PartyRow(*row) for row in rows)

    def party(self, party_id: str) -> PartyRow | None:
        """One party, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(select(_PARTIES).where(_PARTIES.c.id == party_id)).one_or_none()
            return PartyRow(*row) if row else None

    def slots(self, party_id: str) -> tuple[SlotRow, ...]:
        """The ways in which a party may unlock."""
        with reading(self._engine) as connection:
            return tuple(SlotRow(*row) for row in connection.execute(select(_SLOTS).where(
                _SLOTS.c.party_id == party_id).order_by(_SLOTS.c.id)))

    def write_item(self, item: ItemRow, wraps: Mapping[str, str]) -> bool:
        """Write ``item`` and its wraps (party id → JWE) if the stored version is the one before it (0: none stored).

        Returns:
            False, and nothing is changed, if somebody else was first (compare-and-swap, security.md H08).
        """
        with transaction(self._engine) as connection:
            present = connection.execute(select(_ITEMS.c.version).where(_ITEMS.c.id == item.id)).scalar_one_or_none()
            if (present or 0) != item.version - 1:
                return False
            if present is None:
                connection.execute(insert(_ITEMS).values(**vars(item)))
            else:
                connection.execute(update(_ITEMS).where(_ITEMS.c.id == item.id).values(**vars(item)))
                connection.execute(delete(_WRAPS).where(_WRAPS.c.item_id == item.id))
            for party_id, jwe in wraps.items():
                connection.execute(insert(_WRAPS).values(item_id=item.id, party_id=party_id, jwe=jwe))
            return True

    def item(self, item_id: str, party_id: str) -> tuple[ItemRow, str] | None:
        """An item and its wrap for ``party_id``; None for an unknown id and for one that is not theirs alike."""
        with reading(self._engine) as connection:
            row = connection.execute(select(_ITEMS, _WRAPS.c.jwe).join(_WRAPS, _WRAPS.c.item_id == _ITEMS.c.id).where(
                _ITEMS.c.id == item_id, _WRAPS.c.party_id == party_id)).one_or_none()
            return (ItemRow(*row[:-1]), row[-1]) if row else None

    def heads(self, party_id: str) -> tuple[ItemHead, ...]:
        """What the party may open, without its content, in no order that means anything."""
        columns = (_ITEMS.c.id, _ITEMS.c.type, _ITEMS.c.version, _ITEMS.c.key_id)
        with reading(self._engine) as connection:
            rows = connection.execute(select(*columns).join(_WRAPS, _WRAPS.c.item_id == _ITEMS.c.id).where(
                _WRAPS.c.party_id == party_id).order_by(_ITEMS.c.id))
            return tuple(ItemHead(*row) for row in rows)

    def delete_item(self, item_id: str, owner_id: str, version: int) -> bool:
        """Delete an item of ``owner_id`` if it still has ``version``. Whether it was deleted."""
        with transaction(self._engine) as connection:
            gone = connection.execute(delete(_ITEMS).where(
                _ITEMS.c.id == item_id, _ITEMS.c.owner_id == owner_id, _ITEMS.c.version == version))
            return bool(gone.rowcount)

    def add_session(self, session: SessionRow, *, now: int) -> None:
        """Keep a session; those that have ended are swept out."""
        with transaction(self._engine) as connection:
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.expires_at <= now))
            connection.execute(insert(_SESSIONS).values(**vars(session)))

    def session(self, session_id: str, *, now: int) -> SessionRow | None:
        """A session that has not ended, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(select(_SESSIONS).where(
                _SESSIONS.c.id == session_id, _SESSIONS.c.expires_at > now)).one_or_none()
            return SessionRow(row[0], row[1], row[2], row[3]) if row else None

    def extend_session(self, session_id: str, expires_at: int) -> None:
        """Move the end of a session."""
        with transaction(self._engine) as connection:
            connection.execute(update(_SESSIONS).where(_SESSIONS.c.id == session_id).values(expires_at=expires_at))

    def delete_session(self, session_id: str) -> None:
        """End a session; one that is unknown is no error."""
        with transaction(self._engine) as connection:
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.id == session_id))

    def begin_try(self, party_id: str, client: str, *, now: int, window_s: int, per_client: int, overall: int) -> int:
        """Count a try to unlock before it is made, so that parallel guesses count too.

        Returns:
            The id of the try, to be taken back by ``forgive`` if it was right; 0 if there were too many already.
        """
        with transaction(self._engine) as connection:
            connection.execute(delete(_TRIES).where(_TRIES.c.at <= now - window_s))
            mine = select(func.count()).where(_TRIES.c.party_id == party_id)
            if (connection.execute(mine).scalar_one() >= overall
                    or connection.execute(mine.where(_TRIES.c.client == client)).scalar_one() >= per_client):
                return 0
            made = connection.execute(insert(_TRIES).values(party_id=party_id, client=client, at=now))
            return int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0

    def forgive(self, try_id: int) -> None:
        """Forget a try that was right."""
        with transaction(self._engine) as connection:
            connection.execute(delete(_TRIES).where(_TRIES.c.id == try_id))
