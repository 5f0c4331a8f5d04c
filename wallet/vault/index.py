"""The index: a sealed item per party and record, with a line for everything the party can open, so that lists are fast.

It is a cache and stands in no manifest: what it says is compared with the manifest at every look, and it is made anew
from the items wherever it lags behind, was tampered with, or is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from credkit.errors import SealBroken, StateError, TooComplexError
from credkit.ports import JSONObject
from wallet.store import Stamp, Store
from wallet.vault.space import Space

INDEX: Final = "index"
Summarize = Callable[[str, JSONObject], JSONObject]
"""Item type, body → what lists need to know of it; kept sealed in the party's index."""

_FORMAT: Final = 2
_MANY_CHANGES: Final = 16
"""While one vault stays open, so few lines are sooner kept beside the index than written into it each time."""


class Index:
    """One party's lines for one owner's items."""

    def __init__(self, store: Store, space: Space, summarize: Summarize) -> None:
        self._store = store
        self._space = space
        self._summarize = summarize
        self._id = f"index.{space.party_id}.{space.owner_id}"
        self._key_id: str | None = None
        self._stored: dict[str, JSONObject] = {}
        self._lines: dict[str, JSONObject] = {}
        self._stamp: Stamp = ()

    def lines(self) -> dict[str, JSONObject]:
        """Item id → ``{"type", "key_id", "summary"}`` of everything the party can open, by id.

        Items that are new to the index are opened and added to it first.

        Raises:
            SealBroken: an item cannot be opened.
        """
        self._space.state()
        stamp = self._space.stamp
        if self._stamp == stamp:
            return self._lines
        mine, known = self._space.mine(), self._lines if self._stamp else self._read()
        lines = {item_id: line for item_id, line in known.items()
                 if item_id in mine and line["key_id"] == mine[item_id].key_id}
        for item_id in mine.keys() - lines.keys():
            try:
                item = self._space.read(item_id, mine[item_id].type)
            except StateError:
                continue  # deleted since the manifest was read
            lines[item_id] = {"type": item.type, "key_id": mine[item_id].key_id,
                              "summary": self._summarize(item.type, item.body)}
        lines = dict(sorted(lines.items()))
        changes = len(lines.keys() ^ self._stored.keys()) + sum(
            1 for item_id in lines.keys() & self._stored.keys() if lines[item_id] is not self._stored[item_id])
        if changes >= (_MANY_CHANGES if self._stamp else 1):
            self._write(lines)
        self._lines, self._stamp = lines, stamp
        return lines

    def renew(self) -> None:
        """Write it anew from what is in memory, after the stored indexes of the record were dropped."""
        mine = self._space.mine()
        lines = {item_id: line for item_id, line in self._lines.items()
                 if item_id in mine and line["key_id"] == mine[item_id].key_id}
        self._stamp = ()
        self._write(lines)

    def _read(self) -> dict[str, JSONObject]:
        key_id = self._store.key_of(self._id)
        if key_id == self._key_id:
            return self._stored  # a key id is used for one version of one item only
        found = self._store.item(self._id, self._space.party_id)
        try:
            body = self._space.open_own(*found).body if found else {}
        except SealBroken:
            return {}
        lines = body.get("lines") if body.get("format") == _FORMAT else None
        self._key_id, self._stored = key_id, lines if isinstance(lines, dict) else {}
        return self._stored

    def _write(self, lines: dict[str, JSONObject]) -> None:
        """Somebody faster is no loss."""
        try:
            row, content_key = self._space.seal(self._id, INDEX, 1, {"format": _FORMAT, "lines": lines}, (),
                                                owner_id=f"index.{self._space.party_id}")
        except TooComplexError:
            return  # too many records for one sealed item: they are opened one by one instead
        self._store.write_cache(row, self._space.party_id, self._space.wrap_own(content_key, row))
        self._key_id, self._stored = row.key_id, lines
