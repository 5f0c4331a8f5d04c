"""What checks and answers came to: kept for a day (or as configured), the report only, then removed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from credkit.errors import StateError
from credkit.ports import Clock, Randomness
from credkit.verification import Report
from verifier.config import Lifetimes
from verifier.services.stories import Source, tell
from verifier.store import ResultRecord, Store

ANSWER: Final = "answer"
OFFICIAL: Final = "official"
"""An answer that is a school's full record, and holds."""
CHECK: Final = "check"
PAGE_SIZE: Final = 50
MOST_OFFICIAL: Final = 500


class Results:
    """Keep results, find them, forget them."""

    def __init__(self, store: Store, clock: Clock, randomness: Randomness, lifetimes: Lifetimes) -> None:
        self._store = store
        self._clock = clock
        self._randomness = randomness
        self._lifetimes = lifetimes

    def make(self, kind: str, report: Report, source: Source, *, until: datetime | None = None) -> ResultRecord:
        """A result that is not stored yet.

        Args:
            kind: ``ANSWER``, ``OFFICIAL`` or ``CHECK``.
            until: The end of use that was promised; nothing is kept longer.
        """
        now = self._clock.now()
        expires_at = now + timedelta(seconds=self._lifetimes.result_s)
        if until is not None:
            expires_at = min(expires_at, until)
        return ResultRecord(
            id=self._randomness.token_bytes(16).hex(),
            kind=kind,
            created_at=now,
            expires_at=expires_at,
            story=tell(report, source),
        )

    def keep(self, result: ResultRecord) -> None:
        """Store a result, and remove what has become too old."""
        self.remove_expired()
        self._store.add_result(result)

    def find(self, result_id: str) -> ResultRecord:
        """A result.

        Raises:
            StateError: there is none, or it has been removed.
        """
        result = self._store.result(result_id, self._clock.now())
        if result is None:
            raise StateError("There is no such result, or it was removed.")
        return result

    def page(self, number: int) -> tuple[list[ResultRecord], bool]:
        """Results of page ``number`` (from 1), newest first, and whether there are more."""
        found = self._store.results(self._clock.now(), limit=PAGE_SIZE + 1, offset=(max(1, number) - 1) * PAGE_SIZE)
        return found[:PAGE_SIZE], len(found) > PAGE_SIZE

    def official(self) -> list[ResultRecord]:
        """The full records that schools have sent, newest first."""
        return self._store.results(self._clock.now(), limit=MOST_OFFICIAL, kind=OFFICIAL)

    def remove(self, result_id: str) -> None:
        """Forget a result now.

        Raises:
            StateError: there is none.
        """
        if not self._store.remove_result(result_id):
            raise StateError("There is no such result, or it was removed.")

    def sweep(self) -> None:
        """Remove what has become too old, to the last byte."""
        self.remove_expired()
        self._store.scrub()

    def remove_expired(self) -> None:
        """Remove what has become too old."""
        self._store.remove_expired(
            self._clock.now(), keep_requests_s=self._lifetimes.result_s, keep_lists_s=self._lifetimes.status_list_s
        )
