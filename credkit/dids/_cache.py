"""Remembering resolved documents for minutes and failures for seconds, bounded, one fetch at a time per identifier."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from credkit.dids.document import DidDocument
from credkit.errors import CredkitError, DidNotFoundError, FetchError, InvalidDidDocumentError
from credkit.ports import Clock

POSITIVE_LIFETIME = timedelta(minutes=5)
NEGATIVE_LIFETIME = timedelta(seconds=30)
_MAX_ENTRIES = 512
_STRIPES = 16
_MAX_FETCHES_PER_MINUTE = 300


@dataclass(frozen=True)
class _Entry:
    stored_at: datetime
    found: DidDocument | CredkitError


class DocumentCache:
    """Thread-safe. The clock is asked at every look-up, so that no document outlives its five minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._guard = threading.Lock()
        self._stripes = tuple(threading.Lock() for _ in range(_STRIPES))
        self._minute = (clock.now(), 0)

    def get(self, did: str, find: Callable[[], DidDocument], *, is_offline: bool) -> DidDocument:
        """The remembered document of ``did``, or what ``find`` gives, remembered.

        Raises:
            FetchError: too many fetches within a minute; also whatever ``find`` raises or has raised seconds ago.
        """
        entry = self._fresh(did)
        if entry is None and is_offline:
            entry = self._ask(did, find)
        elif entry is None:
            # One at a time: who waited here finds the answer of who went before.
            with self._stripes[hash(did) % _STRIPES]:
                entry = self._fresh(did) or self._fetch(did, find)
        if isinstance(entry.found, CredkitError):
            raise type(entry.found)(entry.found.detail) from entry.found
        return entry.found

    def _fetch(self, did: str, find: Callable[[], DidDocument]) -> _Entry:
        with self._guard:
            started, count = self._minute
            now = self._clock.now()
            if not timedelta(0) <= now - started < timedelta(minutes=1):
                started, count = now, 0
            if count >= _MAX_FETCHES_PER_MINUTE:
                raise FetchError("too many signers had to be looked up within a minute")
            self._minute = (started, count + 1)
        return self._ask(did, find)

    def _ask(self, did: str, find: Callable[[], DidDocument]) -> _Entry:
        found: DidDocument | CredkitError
        try:
            found = find()
        except (FetchError, DidNotFoundError, InvalidDidDocumentError) as error:
            found = error
        entry = _Entry(self._clock.now(), found)
        with self._guard:
            self._entries[did] = entry
            self._entries.move_to_end(did)
            if len(self._entries) > _MAX_ENTRIES:
                self._entries.popitem(last=False)
        return entry

    def _fresh(self, did: str) -> _Entry | None:
        with self._guard:
            entry = self._entries.get(did)
            if entry is None:
                return None
            lifetime = NEGATIVE_LIFETIME if isinstance(entry.found, CredkitError) else POSITIVE_LIFETIME
            if not timedelta(0) <= self._clock.now() - entry.stored_at < lifetime:
                del self._entries[did]
                return None
            self._entries.move_to_end(did)
            return entry
