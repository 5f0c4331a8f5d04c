"""What ends by itself, deleted when its time is over; nothing that a family owns is among it (data-inventory.json)."""

from __future__ import annotations

from dataclasses import dataclass

from credkit.ports import Clock
from wallet.store import Store


@dataclass(frozen=True)
class Sweeping:
    """The timers of one wallet. A running server sweeps every few minutes, ``backpack-wallet sweep`` whenever asked."""

    store: Store
    clock: Clock

    def sweep(self) -> None:
        """Delete what is over now: sessions, wrong guesses, invitations, requests, the files behind old links."""
        self.store.sweep(int(self.clock.now().timestamp()))
