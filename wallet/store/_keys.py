"""Ways to unlock, one-time challenges of passkeys, requests to guardians, and whole backpacks written at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select

from credkit.storage import reading, transaction
from wallet.store._shares import ShareQueries
from wallet.store.rows import Change, PartyRow, RecoveryRow, SlotRow, Stamp
from wallet.store.schema import CHALLENGES, PARTIES, RECOVERIES, RELEASES, SESSIONS, SLOTS

_ANY_RECOVERY: Final = select(RECOVERIES.c.id).where(RECOVERIES.c.expires_at > bindparam("now")).limit(1)


class KeyQueries(ShareQueries):
    """Ways to unlock, one-time challenges, requests to guardians, and whole backpacks written at once."""

    def slot(self, slot_id: str) -> SlotRow | None:
        """One way to unlock, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(select(SLOTS).where(SLOTS.c.id == slot_id)).one_or_none()
            return SlotRow(*row) if row else None

    def change_slots(self, party_id: str, *, add: Sequence[SlotRow] = (), remove: Sequence[str] = (),
                     keep_session: str | None = None, end_sessions: bool = False) -> bool:
        """Change the ways in which a party may unlock, as a whole or not at all.

        Args:
            remove: Ids; if one of them is gone already, nothing is changed.
            end_sessions: End the party's sessions too, but for ``keep_session``.

        Returns:
            Whether it was changed.
        """
        with transaction(self._engine) as connection:
            mine = SLOTS.c.party_id == party_id
            there = connection.execute(select(func.count()).select_from(SLOTS).where(mine, SLOTS.c.id.in_(remove)))
            if there.scalar_one() != len(set(remove)):
                return False
            connection.execute(delete(SLOTS).where(mine, SLOTS.c.id.in_(remove)))
            for slot in add:
                connection.execute(insert(SLOTS).values(**vars(slot)))
            if end_sessions:
                connection.execute(delete(SESSIONS).where(
                    SESSIONS.c.party_id == party_id, SESSIONS.c.id != (keep_session or "")))
            return True

    def add_challenge(self, challenge_id: str, *, expires_at: int, now: int) -> None:
        """Keep that a challenge was given out; those that have run out are swept away."""
        with transaction(self._engine) as connection:
            connection.execute(delete(CHALLENGES).where(CHALLENGES.c.expires_at <= now))
            connection.execute(insert(CHALLENGES).values(id=challenge_id, expires_at=expires_at))

    def use_challenge(self, challenge_id: str, *, now: int) -> bool:
        """Use a challenge up. Whether it was given out, has not run out and was not used before."""
        with transaction(self._engine) as connection:
            used = connection.execute(delete(CHALLENGES).where(
                CHALLENGES.c.id == challenge_id, CHALLENGES.c.expires_at > now))
            return bool(used.rowcount)

    def add_recovery(self, recovery: RecoveryRow, *, most: int) -> bool:
        """Keep a request to guardians; False if ``most`` of them wait for this party already."""
        with transaction(self._engine) as connection:
            connection.execute(delete(RECOVERIES).where(RECOVERIES.c.expires_at <= recovery.asked_at))
            waiting = select(func.count()).select_from(RECOVERIES).where(RECOVERIES.c.party_id == recovery.party_id)
            if connection.execute(waiting).scalar_one() >= most:
                return False
            connection.execute(insert(RECOVERIES).values(**vars(recovery)))
            return True

    def recovery(self, recovery_id: str, *, now: int) -> RecoveryRow | None:
        """A request to guardians that has not run out, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(select(RECOVERIES).where(
                RECOVERIES.c.id == recovery_id, RECOVERIES.c.expires_at > now)).one_or_none()
            return RecoveryRow(*row) if row else None

    def recoveries(self, party_ids: Sequence[str], *, now: int) -> tuple[RecoveryRow, ...]:
        """The requests that wait for these parties, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(RECOVERIES).where(
                RECOVERIES.c.party_id.in_(party_ids), RECOVERIES.c.expires_at > now).order_by(
                RECOVERIES.c.asked_at, RECOVERIES.c.id))
            return tuple(RecoveryRow(*row) for row in rows)

    def end_recovery(self, recovery_id: str) -> bool:
        """Delete a request with what guardians released for it. Whether there was one."""
        with transaction(self._engine) as connection:
            connection.execute(delete(RELEASES).where(RELEASES.c.recovery_id == recovery_id))
            return bool(connection.execute(delete(RECOVERIES).where(RECOVERIES.c.id == recovery_id)).rowcount)

    def add_release(self, recovery_id: str, party_id: str, jwe: str) -> None:
        """Keep what one guardian released for a request; a second time replaces the first."""
        with transaction(self._engine) as connection:
            connection.execute(delete(RELEASES).where(
                RELEASES.c.recovery_id == recovery_id, RELEASES.c.party_id == party_id))
            connection.execute(insert(RELEASES).values(recovery_id=recovery_id, party_id=party_id, jwe=jwe))

    def releases(self, recovery_id: str) -> dict[str, str]:
        """Party id → JWE of what guardians released."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(RELEASES.c.party_id, RELEASES.c.jwe).where(
                RELEASES.c.recovery_id == recovery_id))
            return {row[0]: row[1] for row in rows}

    def slots_naming(self, party_id: str, method: str) -> tuple[SlotRow, ...]:
        """The slots of one method whose parameters name a party."""
        with reading(self._engine) as connection:
            return tuple(SlotRow(*row) for row in connection.execute(select(SLOTS).where(
                SLOTS.c.method == method, SLOTS.c.parameters.contains(party_id, autoescape=True)).order_by(
                SLOTS.c.id)))

    def anybody_asks(self, *, now: int) -> bool:
        """Whether any request to guardians waits."""
        with reading(self._engine) as connection:
            return connection.execute(_ANY_RECOVERY, {"now": now}).first() is not None

    def write_backpack(self, party: PartyRow, slots: Sequence[SlotRow], changes: Sequence[Change]) -> bool:
        """Write a whole backpack into an empty database, as a whole or not at all; False if it is not empty."""
        with transaction(self._engine) as connection:
            if connection.execute(select(func.count()).select_from(PARTIES)).scalar_one():
                return False
            connection.execute(insert(PARTIES).values(**vars(party)))
            for slot in slots:
                connection.execute(insert(SLOTS).values(**vars(slot)))
            for change in changes:
                self._write(connection, self._stored(connection, change.owner_id), change)
            return True

    def write_copies(self, changes: Sequence[Change], stamps: Mapping[str, Stamp]) -> bool:
        """Write changes of several owners at once; False if something of one of them was written since it was planned.

        Args:
            stamps: Owner id → ``Stored.stamp`` of what its change was planned on.
        """
        with transaction(self._engine) as connection:
            held = {owner_id: self._stored(connection, owner_id) for owner_id in stamps}
            if any(stored.stamp != stamps[owner_id] for owner_id, stored in held.items()):
                return False
            for change in changes:
                self._write(connection, held[change.owner_id], change)
            return True
