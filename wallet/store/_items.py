"""Sealed items, who may open them, who belongs to a record, and the signed manifest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from credkit.storage import reading, transaction
from wallet.store._parties import PartyQueries
from wallet.store.rows import (
    LISTED,
    PEOPLE,
    AdditionRow,
    Change,
    ItemRow,
    ManifestRow,
    MemberRow,
    Stamp,
    Stored,
    stamp,
)
from wallet.store.schema import ADDITIONS, ITEMS, MANIFESTS, MEMBERS, SHARES, WRAPS

_STAMP: Final = union_all(
    select(literal(LISTED), MANIFESTS.c.counter).where(MANIFESTS.c.owner_id == bindparam("owner_id")),
    select(literal(PEOPLE), func.count()).where(MEMBERS.c.owner_id == bindparam("owner_id")),
    select(ADDITIONS.c.party_id, ADDITIONS.c.counter).where(ADDITIONS.c.owner_id == bindparam("owner_id")))


def is_index_of(owner_id: str) -> ColumnElement[bool]:
    """The sealed indexes of an owner's items, one for each party (``wallet.vault.index``)."""
    return and_(ITEMS.c.id.startswith("index."), ITEMS.c.id.endswith(f".{owner_id}", autoescape=True))


class ItemQueries(PartyQueries):
    """Sealed items, who may open them, who belongs to a record, and the signed manifest."""

    def change(self, owner_id: str, make: Callable[[Stored], Change | None]) -> bool:
        """Change an owner's items: ``make`` gets the state under the write lock and says what becomes of it.

        Returns:
            Whether ``make`` wanted a change; if it returns None, or raises, nothing is written.
        """
        with transaction(self._engine) as connection:
            stored = self._stored(connection, owner_id)
            change = make(stored)
            if change is None:
                return False
            self._write(connection, stored, change)
            return True

    @classmethod
    def _write(cls, connection: Connection, stored: Stored, change: Change) -> None:
        owner_id = change.owner_id
        for item in change.items:
            cls._put_item(connection, item)
        for item_id, wraps in change.wraps.items():
            connection.execute(delete(WRAPS).where(WRAPS.c.item_id == item_id))
            for party_id, jwe in wraps.items():
                connection.execute(insert(WRAPS).values(item_id=item_id, party_id=party_id, jwe=jwe))
        for item_id in change.deleted:
            connection.execute(delete(ITEMS).where(ITEMS.c.id == item_id, ITEMS.c.owner_id == owner_id))
        for share_id in change.ended:
            connection.execute(delete(SHARES).where(SHARES.c.id == share_id, SHARES.c.owner_id == owner_id))
        if change.drop_indexes:
            connection.execute(delete(ITEMS).where(is_index_of(owner_id)))
        for member in change.members:
            connection.execute(insert(MEMBERS).values(**vars(member)))
        if change.removed is not None:
            mine = select(ITEMS.c.id).where(ITEMS.c.owner_id == owner_id)
            connection.execute(delete(WRAPS).where(
                WRAPS.c.party_id == change.removed, WRAPS.c.item_id.in_(mine)))
            # Whoever is removed may have noted any of the links, whoever made them.
            connection.execute(delete(SHARES).where(SHARES.c.owner_id == owner_id))
        cls._write_signed(connection, stored, change)

    @staticmethod
    def _write_signed(connection: Connection, stored: Stored, change: Change) -> None:
        mine = ADDITIONS.c.owner_id == change.owner_id
        if change.addition is not None:
            connection.execute(delete(ADDITIONS).where(mine, ADDITIONS.c.party_id == change.addition.party_id))
            connection.execute(insert(ADDITIONS).values(**vars(change.addition)))
        if change.manifest is None:
            return
        connection.execute(delete(ADDITIONS).where(mine))
        if stored.manifest is None:
            connection.execute(insert(MANIFESTS).values(**vars(change.manifest)))
        else:
            connection.execute(update(MANIFESTS).where(MANIFESTS.c.owner_id == change.owner_id).values(
                **vars(change.manifest)))

    def write_cache(self, item: ItemRow, party_id: str, jwe: str) -> None:
        """Write a party's own index, which no manifest lists: the last writer wins, and it can be made anew."""
        with transaction(self._engine) as connection:
            self._put_item(connection, item)
            connection.execute(delete(WRAPS).where(WRAPS.c.item_id == item.id))
            connection.execute(insert(WRAPS).values(item_id=item.id, party_id=party_id, jwe=jwe))

    @staticmethod
    def _put_item(connection: Connection, item: ItemRow) -> None:
        written = connection.execute(update(ITEMS).where(ITEMS.c.id == item.id).values(**vars(item)))
        if not written.rowcount:
            connection.execute(insert(ITEMS).values(**vars(item)))

    def stamp(self, owner_id: str) -> Stamp:
        """Counters of which one is another whenever the owner's items or people are."""
        with reading(self._engine) as connection:
            return stamp(*((row[0], row[1]) for row in connection.execute(_STAMP, {"owner_id": owner_id})))

    def stored(self, owner_id: str) -> Stored:
        """What is signed of the owner, the chain and the stored key ids, of one moment."""
        with reading(self._engine) as connection:
            return self._stored(connection, owner_id)

    @staticmethod
    def _stored(connection: Connection, owner_id: str) -> Stored:
        row = connection.execute(select(MANIFESTS).where(MANIFESTS.c.owner_id == owner_id)).one_or_none()
        links = connection.execute(select(MEMBERS.c.owner_id, MEMBERS.c.seq, MEMBERS.c.body, MEMBERS.c.signature).where(
            MEMBERS.c.owner_id == owner_id).order_by(MEMBERS.c.seq))
        keys = connection.execute(select(ITEMS.c.id, ITEMS.c.key_id).where(ITEMS.c.owner_id == owner_id))
        additions = connection.execute(select(ADDITIONS).where(ADDITIONS.c.owner_id == owner_id))
        return Stored(ManifestRow(*row) if row else None, tuple(MemberRow(*link) for link in links),
                      {each[0]: each[1] for each in keys}, tuple(AdditionRow(*each) for each in additions))

    def wraps_of(self, item_id: str) -> dict[str, str]:
        """Party id → JWE of one item."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(WRAPS.c.party_id, WRAPS.c.jwe).where(WRAPS.c.item_id == item_id))
            return {row[0]: row[1] for row in rows}

    def item(self, item_id: str, party_id: str) -> tuple[ItemRow, str] | None:
        """An item and its wrap for ``party_id``; None for an unknown id and for one that is not theirs alike."""
        with reading(self._engine) as connection:
            row = connection.execute(select(ITEMS, WRAPS.c.jwe).join(WRAPS, WRAPS.c.item_id == ITEMS.c.id).where(
                ITEMS.c.id == item_id, WRAPS.c.party_id == party_id)).one_or_none()
            return (ItemRow(*row[:-1]), row[-1]) if row else None

    def key_of(self, item_id: str) -> str | None:
        """The key id of an item's present version; a new one means new content."""
        with reading(self._engine) as connection:
            return connection.execute(select(ITEMS.c.key_id).where(ITEMS.c.id == item_id)).scalar_one_or_none()
