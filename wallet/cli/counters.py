"""The last state seen of each record, kept beside the database in a file of its own (security.md H02)."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FILE_NAME: Final = "seen.json"
_MODE: Final = 0o600


class FileCounters:
    """Counters in a JSON file ``{owner id: [counter, digest]}`` (``wallet.vault.Counters``).

    A file that cannot be read counts as empty: whoever can spoil it can also delete it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._read()

    def last_seen(self, owner_id: str) -> tuple[int, str] | None:
        """The counter and the digest of that manifest."""
        return self._seen.get(owner_id)

    def see(self, owner_id: str, counter: int, digest: str) -> None:
        """Keep a counter that is not lower than the last one; written at once, and whole or not at all."""
        known = self._seen.get(owner_id)
        if known is not None and (counter < known[0] or known == (counter, digest)):
            return
        with self._locked():
            stored = self._read()
            higher = {name: kept for name, kept in stored.items() if kept[0] > self._seen.get(name, (0, ""))[0]}
            self._seen = {**self._seen, **higher}
            if counter >= self._seen.get(owner_id, (0, ""))[0]:
                self._seen[owner_id] = (counter, digest)
            self._write()

    def forget(self) -> None:
        """Take what is stored now for the newest: a person said so."""
        with self._locked():
            self._seen = {}
            self._write()

    def _read(self) -> dict[str, tuple[int, str]]:
        try:
            found = json.loads(self._path.read_bytes())
            return {str(name): (int(counter), str(digest)) for name, (counter, digest) in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _write(self) -> None:
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(self._seen, file)
        fresh.replace(self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Two commands at once lose no counter."""
        handle = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_WRONLY | os.O_CREAT, _MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
