"""The wallet's only SQL: sealed rows in, sealed rows out; it never sees a name, a title, an issuer or a key.

What stays visible to whoever reads the database: how many items there are, their type, version and padded size, which
keys may open them and belong to a record, and when a session ends (security.md H07).
"""

from __future__ import annotations

from wallet.store._keys import KeyQueries
from wallet.store.rows import (
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
    Stored,
)

__all__ = [
    "Change", "InvitationRow", "ItemRow", "ManifestRow", "MemberRow", "PartyRow", "RecoveryRow", "SessionRow",
    "ShareRow", "SlotRow", "Store", "Stored",
]


class Store(KeyQueries):
    """All reads and writes of one wallet database. Each method is one transaction.

    The queries build on each other in one line: parties, items, people, shares, keys.
    """
