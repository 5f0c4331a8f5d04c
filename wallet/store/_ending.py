"""What goes: whole records, whole parties, and everything whose time is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, delete, insert, update

from credkit import storage
from credkit.storage import transaction
from wallet.store._items import is_index_of
from wallet.store._keys import KeyQueries
from wallet.store.rows import MemberRow, Stored
from wallet.store.schema import (
    ADDITIONS,
    CHALLENGES,
    INVITATIONS,
    ITEMS,
    MANIFESTS,
    MEMBERS,
    PARTIES,
    RECOVERIES,
    SESSIONS,
    SHARES,
    TRIES,
)

TRIES_KEPT_S: Final = 15 * 60
COUNTS_KEPT_S: Final = 30 * 24 * 3600
"""So long after its end the family still sees how often a link was opened; the file behind it goes at its end."""
CHAINS_KEPT_S: Final = 90 * 24 * 3600
"""So long the device of somebody who belonged to a record can tell that it was deleted from that it was lost."""
_NOW: Final = bindparam("now", type_=BigInteger)
_OVER: Final = (
    *(delete(table).where(table.c.expires_at <= _NOW) for table in (SESSIONS, CHALLENGES, INVITATIONS, RECOVERIES)),
    delete(TRIES).where(TRIES.c.at <= _NOW - TRIES_KEPT_S),
    update(SHARES).where(SHARES.c.expires_at <= _NOW).values(sealed=b""),
    delete(SHARES).where(SHARES.c.expires_at <= _NOW - COUNTS_KEPT_S),
    delete(MEMBERS).where(MEMBERS.c.ended_at <= _NOW - CHAINS_KEPT_S),
)


class EndingQueries(KeyQueries):
    """What goes: whole records, whole parties, and everything whose time is over."""

    def end_record(self, owner_id: str, make: Callable[[Stored], Sequence[MemberRow]], *, now: int) -> None:
        """Delete an owner's items, keys, indexes, links and list; the chain stays for a while, closed by ``make``.

        Args:
            make: Gets the state under the write lock, returns the links to append; if it raises, nothing is deleted.
        """
        with transaction(self._engine) as connection:
            for link in make(self._stored(connection, owner_id)):
                connection.execute(insert(MEMBERS).values(**vars(link)))
            connection.execute(update(MEMBERS).where(MEMBERS.c.owner_id == owner_id).values(ended_at=now))
            connection.execute(delete(ITEMS).where(ITEMS.c.owner_id == owner_id))
            connection.execute(delete(ITEMS).where(is_index_of(owner_id)))
            connection.execute(delete(SHARES).where(SHARES.c.owner_id == owner_id))
            connection.execute(delete(ADDITIONS).where(ADDITIONS.c.owner_id == owner_id))
            connection.execute(delete(MANIFESTS).where(MANIFESTS.c.owner_id == owner_id))

    def delete_party(self, party_id: str) -> None:
        """Delete a party with its ways to unlock, sessions, wraps, links, requests, and the invitations it answered."""
        with transaction(self._engine) as connection:
            connection.execute(delete(ITEMS).where(ITEMS.c.owner_id == f"index.{party_id}"))
            connection.execute(delete(INVITATIONS).where(INVITATIONS.c.party_id == party_id))
            connection.execute(delete(PARTIES).where(PARTIES.c.id == party_id))

    def delete_invitation(self, invitation_id: str) -> None:
        """Delete an invitation; one that is not there is no error."""
        with transaction(self._engine) as connection:
            connection.execute(delete(INVITATIONS).where(INVITATIONS.c.id == invitation_id))

    def sweep(self, now: int) -> None:
        """Delete everything whose time is over; what families own has no time.

        Args:
            now: Seconds, UTC.
        """
        with transaction(self._engine) as connection:
            for over in _OVER:
                connection.execute(over, {"now": now})
        self.scrub()

    def scrub(self) -> None:
        """Take what was deleted out of the database's log too; if somebody reads just then, the next sweep does it."""
        storage.scrub(self._engine)
