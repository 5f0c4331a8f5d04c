"""Going on with an older copy of the backpack, because a person said that it is the newest there is."""

from __future__ import annotations

from credkit.ports import Clock
from wallet.services import activity
from wallet.vault import OpenVault


def go_on(own: OpenVault, clock: Clock) -> tuple[str, ...]:
    """Take what is stored for the newest; each record's log says so. Returns what the party calls the learners.

    Args:
        own: The party's own space; what its device remembered was forgotten before.

    Raises:
        SealBroken: something is not only older, but was changed.
    """
    records = own.take_as_newest()
    for record in records:
        activity.log(record, clock, "tampered", {"state": "older"})
    return tuple(sorted(record.label or "" for record in records))
