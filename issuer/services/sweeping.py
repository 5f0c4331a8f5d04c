"""What ends by itself, deleted when its time is over (data-inventory.json); records of students are not among it."""

from __future__ import annotations

from issuer.services.office import Office


class Sweeping:
    """The timers of one office. A running server sweeps every few minutes, ``backpack-issuer sweep`` whenever asked."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def sweep(self) -> None:
        """Delete what is over now: codes, tokens, nonces, passes, sets that nobody collected, files that were read."""
        now = self._office.clock.now()
        with self._office.store.writing() as unit:
            unit.sweep(now)
            unit.sweep_claims(now)
            unit.sweep_imports(now)
            unit.sweep_apps(now)
        self._office.store.scrub()
