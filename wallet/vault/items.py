"""Items: each sealed with a content key of its own, wrapped to every party entitled to it, replaced by versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from credkit import jose
from credkit.encoding import base64url_encode
from credkit.errors import CredkitError, SealBroken, StateError
from credkit.ports import JSONObject, Randomness
from wallet.store import ItemHead, ItemRow, Store
from wallet.vault.holder_keys import HolderKey, from_sealed_form, new_holder_key, sealed_form
from wallet.vault.parties import PartyKeys
from wallet.vault.sealing import KEY_BYTES, pad, seal, unpad, unseal

INDEX = "index"
_INDEX_FORMAT = 1

Summarize = Callable[[str, JSONObject], JSONObject]
"""Item type, body → what lists need to know of it; kept sealed in the party's index."""


@dataclass(frozen=True)
class Item:
    """An opened item. ``key_methods`` are the verification methods of the holder keys sealed with it."""

    id: str
    type: str
    version: int
    body: JSONObject
    key_methods: tuple[str, ...] = ()
    _keys: Mapping[str, HolderKey] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Entry:
    """A line of the index: what a list needs to know of an item without opening it."""

    id: str
    type: str
    summary: JSONObject


class OpenVault:
    """What one unlocked party may read and write. Made by ``wallet.vault.sessions`` only."""

    def __init__(self, store: Store, keys: PartyKeys, randomness: Randomness, summarize: Summarize) -> None:
        self._store = store
        self._keys = keys
        self._randomness = randomness
        self._summarize = summarize
        self._index: tuple[str, dict[str, JSONObject]] = ("", {})

    @property
    def party_id(self) -> str:
        """Who unlocked it."""
        return self._keys.party_id

    def new_holder_key(self) -> HolderKey:
        """A fresh key for one credential; it lasts only once ``add`` or ``replace`` has sealed it with an item."""
        return new_holder_key(self._randomness)

    def add(self, item_type: str, body: JSONObject, *, keys: tuple[HolderKey, ...] = ()) -> str:
        """Seal a new item, for this party alone; returns its id."""
        item_id = base64url_encode(self._randomness.token_bytes(16))
        if not self._write(item_id, item_type, 1, body, keys):
            raise SealBroken("a new item met an old one of its name")
        return item_id

    def read(self, item_id: str, item_type: str) -> Item:
        """Open an item.

        Raises:
            StateError: no such item, or not one this party may open (the same answer, security.md F05).
            SealBroken: the stored bytes are not what was sealed under this id, owner, type and version.
        """
        found = self._store.item(item_id, self.party_id)
        if found is None or found[0].type != item_type:
            raise StateError("There is nothing here under this name.")
        return self._open(*found)

    def signer(self, item: Item, method: str) -> HolderKey:
        """The holder key named ``method`` that was sealed with ``item``.

        Raises:
            StateError: the item holds no such key.
        """
        key = item._keys.get(method)
        if key is None:
            raise StateError("The key of this record is not in this backpack.")
        return key

    def replace(self, item: Item, body: JSONObject, *, keys: tuple[HolderKey, ...] | None = None) -> str:
        """Write the next version of ``item``; ``keys`` None keeps those it has.

        If somebody else wrote one since it was read, theirs stays and ours is kept beside it as an item of its own
        with the member ``conflict_of`` (security.md H08).

        Returns:
            The id under which the body now lies: the item's own, or that of the copy.
        """
        keep = tuple(item._keys.values()) if keys is None else keys
        if self._write(item.id, item.type, item.version + 1, body, keep):
            return item.id
        return self.add(item.type, {**body, "conflict_of": item.id}, keys=keep)

    def delete(self, item: Item) -> None:
        """Delete an item as it was read.

        Raises:
            StateError: it was changed or deleted meanwhile; nothing is deleted.
        """
        if not self._store.delete_item(item.id, self.party_id, item.version):
            raise StateError("This was changed on another device meanwhile.")

    def entries(self, item_type: str) -> tuple[Entry, ...]:
        """The lines of the index for one type. Items that are new to the index are opened and added to it first.

        Raises:
            SealBroken: an item cannot be opened.
        """
        heads = {head.id: head for head in self._store.heads(self.party_id)}
        known, row_version = self._read_index(heads.pop(self._index_id, None))
        lines = {item_id: line for item_id, line in known.items()
                 if item_id in heads and line["key_id"] == heads[item_id].key_id}
        for item_id in heads.keys() - lines.keys():
            line = self._line(heads[item_id])
            if line is not None:
                lines[item_id] = line
        if lines != known:
            # Somebody faster is no loss: the index is made anew from the items whenever it lags behind.
            self._write(self._index_id, INDEX, row_version + 1, {"format": _INDEX_FORMAT, "lines": lines}, ())
        return tuple(Entry(item_id, line["type"], line["summary"]) for item_id, line in sorted(lines.items())
                     if line["type"] == item_type)

    @property
    def _index_id(self) -> str:
        return f"index.{self.party_id}"

    def _read_index(self, head: ItemHead | None) -> tuple[dict[str, JSONObject], int]:
        if head is not None and head.key_id == self._index[0]:
            return self._index[1], head.version  # a key id is used for one version of one item only
        found = self._store.item(self._index_id, self.party_id) if head is not None else None
        if found is None:
            return {}, 0
        try:
            body = self._open(*found).body
        except SealBroken:
            return {}, found[0].version  # an index that was tampered with is made anew from the items
        lines = body.get("lines") if body.get("format") == _INDEX_FORMAT else None
        self._index = (found[0].key_id, lines if isinstance(lines, dict) else {})
        return self._index[1], found[0].version

    def _line(self, head: ItemHead) -> JSONObject | None:
        found = self._store.item(head.id, self.party_id)
        if found is None:
            return None  # deleted since the heads were read
        item = self._open(*found)
        return {"type": item.type, "key_id": found[0].key_id, "summary": self._summarize(item.type, item.body)}

    def _write(self, item_id: str, item_type: str, version: int, body: JSONObject, keys: tuple[HolderKey, ...]) -> bool:
        content_key = self._randomness.token_bytes(KEY_BYTES)
        key_id = base64url_encode(self._randomness.token_bytes(16))
        content = {"body": body, "keys": [sealed_form(key) for key in keys]}
        context = (self.party_id, item_id, item_type, version, key_id)
        row = ItemRow(item_id, self.party_id, item_type, version, key_id,
                      seal(content_key, pad(content), context, self._randomness))
        return self._store.write_item(row, {self.party_id: jose.encrypt(content_key, self._keys.opening_jwk)})

    def _open(self, row: ItemRow, wrap: str) -> Item:
        try:
            content_key = jose.decrypt(wrap, self._keys.private_jwk)
        except CredkitError as error:
            raise SealBroken("something in this backpack was changed by somebody who may not") from error
        if len(content_key) != KEY_BYTES:
            raise SealBroken("something in this backpack was changed by somebody who may not")
        content: dict[str, Any] = unpad(unseal(content_key, row.ciphertext,
                                               (row.owner_id, row.id, row.type, row.version, row.key_id)))
        keys = tuple(from_sealed_form(text) for text in content["keys"])
        return Item(row.id, row.type, row.version, content["body"], tuple(key.verification_method for key in keys),
                    {key.verification_method: key for key in keys})
