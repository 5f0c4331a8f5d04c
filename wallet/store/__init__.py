"""The wallet's only SQL: sealed rows in, sealed rows out; it never sees a name, a title, an issuer or a key.

What stays visible to whoever reads the database: how many items there are, their type, version and padded size, which
keys may open them and belong to a record, and when a session ends (security.md H07).
"""

from __future__ import annotations

from wallet.store._ending import EndingQueries
from wallet.store.rows import (
    LISTED,
    PEOPLE,
    AdditionRow,
    Change,
    InvitationRow,
    ItemRow,
    ManifestRow,
    MemberRow,
    PartyRow,
    RecoveryRow,
    SessionRow,
    ShareRow,
    SlotRow,
    Stamp,
    Stored,
    stamp,
)

__all__ = [
    "LISTED", "PEOPLE", "AdditionRow", "Change", "InvitationRow", "ItemRow", "ManifestRow", "MemberRow", "PartyRow",
    "RecoveryRow", "SessionRow", "ShareRow", "SlotRow", "Stamp", "Store", "Stored", "stamp",
]


class Store(EndingQueries):
    """All reads and writes of one wallet database. Each method is one transaction.

    The queries build on each other in one line: parties, items, people, shares, keys, endings.
    """
