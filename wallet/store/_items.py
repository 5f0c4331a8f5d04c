"""Sealed items, who may open them, who belongs to a record, and the signed manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import (
    BindParameter,
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

_OWNER: Final[BindParameter[str]] = bindparam("owner")
_ITEM: Final[BindParameter[str]] = bindparam("item")
_PARTY: Final[BindParameter[str]] = bindparam("party")
# What is asked at every step is put together once: doing so takes longer than the database's answer.
_STAMP: Final = union_all(
    select(literal(LISTED), MANIFESTS.c.counter).where(MANIFESTS.c.owner_id == _OWNER),
    select(literal(PEOPLE), func.count()).where(MEMBERS.c.owner_id == _OWNER),
    select(ADDITIONS.c.party_id, ADDITIONS.c.counter).where(ADDITIONS.c.owner_id == _OWNER))
_MANIFEST_OF: Final = select(MANIFESTS).where(MANIFESTS.c.owner_id == _OWNER)
_LINKS_OF: Final = select(MEMBERS.c.owner_id, MEMBERS.c.seq, MEMBERS.c.body, MEMBERS.c.signature).where(
    MEMBERS.c.owner_id == _OWNER).order_by(MEMBERS.c.seq)
_KEYS_OF: Final = select(ITEMS.c.id, ITEMS.c.key_id).where(ITEMS.c.owner_id == _OWNER)
_ADDITIONS_OF: Final = select(ADDITIONS).where(ADDITIONS.c.owner_id == _OWNER)
_KEY_OF: Final = select(ITEMS.c.key_id).where(ITEMS.c.id == _ITEM)
_WRAPS_OF: Final = select(WRAPS.c.party_id, WRAPS.c.jwe).where(WRAPS.c.item_id == _ITEM)
_ITEM_FOR: Final = select(ITEMS, WRAPS.c.jwe).join(WRAPS, WRAPS.c.item_id == ITEMS.c.id).where(
    ITEMS.c.id == _ITEM, WRAPS.c.party_id == _PARTY)
_CHANGE_ITEM: Final = update(ITEMS).where(ITEMS.c.id == _ITEM)
_ADD_ITEM: Final = insert(ITEMS)
_DELETE_ITEM: Final = delete(ITEMS).where(ITEMS.c.id == _ITEM, ITEMS.c.owner_id == _OWNER)
_DELETE_WRAPS: Final = delete(WRAPS).where(WRAPS.c.item_id == _ITEM)
_ADD_WRAP: Final = insert(WRAPS)
_ADD_MEMBER: Final = insert(MEMBERS)
_DELETE_ADDITION: Final = delete(ADDITIONS).where(ADDITIONS.c.owner_id == _OWNER, ADDITIONS.c.party_id == _PARTY)
_DELETE_ADDITIONS: Final = delete(ADDITIONS).where(ADDITIONS.c.owner_id == _OWNER)
_ADD_ADDITION: Final = insert(ADDITIONS)
_CHANGE_MANIFEST: Final = update(MANIFESTS).where(MANIFESTS.c.owner_id == _OWNER)
_ADD_MANIFEST: Final = insert(MANIFESTS)


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
            cls._put_wraps(connection, item_id, wraps)
        for item_id in change.deleted:
            connection.execute(_DELETE_ITEM, {"item": item_id, "owner": owner_id})
        for share_id in change.ended:
            connection.execute(delete(SHARES).where(SHARES.c.id == share_id, SHARES.c.owner_id == owner_id))
        if change.drop_indexes:
            connection.execute(delete(ITEMS).where(is_index_of(owner_id)))
        for member in change.members:
            connection.execute(_ADD_MEMBER, vars(member))
        if change.removed is not None:
            mine = select(ITEMS.c.id).where(ITEMS.c.owner_id == owner_id)
            connection.execute(delete(WRAPS).where(
                WRAPS.c.party_id == change.removed, WRAPS.c.item_id.in_(mine)))
            # Whoever is removed may have noted any of the links, whoever made them.
            connection.execute(delete(SHARES).where(SHARES.c.owner_id == owner_id))
        cls._write_signed(connection, stored, change)

    @staticmethod
    def _write_signed(connection: Connection, stored: Stored, change: Change) -> None:
        if change.addition is not None:
            connection.execute(_DELETE_ADDITION, {"owner": change.owner_id, "party": change.addition.party_id})
            connection.execute(_ADD_ADDITION, vars(change.addition))
        if change.manifest is None:
            return
        connection.execute(_DELETE_ADDITIONS, {"owner": change.owner_id})
        if stored.manifest is None:
            connection.execute(_ADD_MANIFEST, vars(change.manifest))
        else:
            connection.execute(_CHANGE_MANIFEST, {"owner": change.owner_id, **vars(change.manifest)})

    def write_cache(self, item: ItemRow, party_id: str, jwe: str) -> None:
        """Write a party's own index, which no manifest lists: the last writer wins, and it can be made anew."""
        with transaction(self._engine) as connection:
            self._put_item(connection, item)
            self._put_wraps(connection, item.id, {party_id: jwe})

    @staticmethod
    def _put_item(connection: Connection, item: ItemRow) -> None:
        written = connection.execute(_CHANGE_ITEM, {"item": item.id, **vars(item)})
        if not written.rowcount:
            connection.execute(_ADD_ITEM, vars(item))

    @staticmethod
    def _put_wraps(connection: Connection, item_id: str, wraps: Mapping[str, str]) -> None:
        connection.execute(_DELETE_WRAPS, {"item": item_id})
        for party_id, jwe in wraps.items():
            connection.execute(_ADD_WRAP, {"item_id": item_id, "party_id": party_id, "jwe": jwe})

    def stamp(self, owner_id: str) -> Stamp:
        """Counters of which one is another whenever the owner's items or people are."""
        with reading(self._engine) as connection:
            return stamp(*((row[0], row[1]) for row in connection.execute(_STAMP, {"owner": owner_id})))

    def stored(self, owner_id: str) -> Stored:
        """What is signed of the owner, the chain and the stored key ids, of one moment."""
        with reading(self._engine) as connection:
            return self._stored(connection, owner_id)

    @staticmethod
    def _stored(connection: Connection, owner_id: str) -> Stored:
        mine = {"owner": owner_id}
        row = connection.execute(_MANIFEST_OF, mine).one_or_none()
        links = connection.execute(_LINKS_OF, mine)
        keys = connection.execute(_KEYS_OF, mine)
        additions = connection.execute(_ADDITIONS_OF, mine)
        return Stored(ManifestRow(*row) if row else None, tuple(MemberRow(*link) for link in links),
                      {each[0]: each[1] for each in keys}, tuple(AdditionRow(*each) for each in additions))

    def wraps_of(self, item_id: str) -> dict[str, str]:
        """Party id → JWE of one item."""
        with reading(self._engine) as connection:
            return {row[0]: row[1] for row in connection.execute(_WRAPS_OF, {"item": item_id})}

    def item(self, item_id: str, party_id: str) -> tuple[ItemRow, str] | None:
        """An item and its wrap for ``party_id``; None for an unknown id and for one that is not theirs alike."""
        with reading(self._engine) as connection:
            row = connection.execute(_ITEM_FOR, {"item": item_id, "party": party_id}).one_or_none()
            return (ItemRow(*row[:-1]), row[-1]) if row else None

    def key_of(self, item_id: str) -> str | None:
        """The key id of an item's present version; a new one means new content."""
        with reading(self._engine) as connection:
            return connection.execute(_KEY_OF, {"item": item_id}).scalar_one_or_none()
