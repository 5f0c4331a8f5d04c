"""The timers of a role: what ends by itself is deleted while the server runs, also where nobody asks for a page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from flask import Flask

from credkit.ports import Clock

EVERY: Final = timedelta(minutes=5)
_LOOKS_S: Final = 30
_NAME: Final = "backpack_sweeper"


class Sweeper:
    """Calls ``sweep`` when five minutes have passed since the last time, however many threads ask."""

    def __init__(self, app: Flask, sweep: Callable[[], None], clock: Clock) -> None:
        self._app = app
        self._sweep = sweep
        self._clock = clock
        self._lock = threading.Lock()
        self._last: datetime | None = None

    def look(self) -> None:
        """Sweep if it is time. A sweep that fails is told in the log, by its kind alone, and tried again next time."""
        now = self._clock.now()
        with self._lock:
            if self._last is not None and now - self._last < EVERY:
                return
            self._last = now
        try:
            self._sweep()
        except Exception as error:  # noqa: BLE001  no page shall fail because something old could not be deleted
            self._app.logger.warning("old data could not be deleted: %s", type(error).__name__)

    def keep_looking(self) -> None:
        """Look for ever; for a thread that ends with its process."""
        while True:
            self.look()
            threading.Event().wait(_LOOKS_S)


def install(app: Flask, sweep: Callable[[], None], clock: Clock) -> None:
    """Sweep with the requests of ``app``, and also without any where ``serve`` runs it."""
    sweeper = app.extensions[_NAME] = Sweeper(app, sweep, clock)
    app.before_request(sweeper.look)


def start(app: Flask) -> None:
    """Let a thread of this process sweep, if ``app`` has anything to sweep."""
    sweeper = app.extensions.get(_NAME)
    if isinstance(sweeper, Sweeper):
        threading.Thread(target=sweeper.keep_looking, name="sweeper", daemon=True).start()
