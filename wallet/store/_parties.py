"""Parties, the ways in which each unlocks, sessions, and the count of wrong guesses."""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from credkit.storage import reading, transaction
from wallet.store._base import Queries
from wallet.store.rows import PartyRow, SessionRow, SlotRow
from wallet.store.schema import PARTIES, SESSIONS, SLOTS, TRIES

# What nearly every request asks is put together once: doing so takes longer than the database's answer.
_PARTY: Final = select(PARTIES).where(PARTIES.c.id == bindparam("id"))
_PARTY_WITH_LOGIN: Final = select(PARTIES).where(PARTIES.c.login == bindparam("login"))
_SLOTS_OF: Final = select(SLOTS).where(SLOTS.c.party_id == bindparam("party")).order_by(SLOTS.c.id)
_SESSION: Final = select(SESSIONS).where(SESSIONS.c.id == bindparam("id"), SESSIONS.c.expires_at > bindparam("now"))


class PartyQueries(Queries):
    """Parties, the ways in which each unlocks, sessions, and the count of wrong guesses."""

    def add_party(self, party: PartyRow, slot: SlotRow, *, only: bool) -> bool:
        """Add a party with its first slot, unless its login is taken; with ``only``, not if there is any party already.

        Returns:
            Whether it was added.
        """
        with transaction(self._engine) as connection:
            taken = select(func.count()).select_from(PARTIES)
            if connection.execute(taken if only else taken.where(PARTIES.c.login == party.login)).scalar_one():
                return False
            connection.execute(insert(PARTIES).values(**vars(party)))
            connection.execute(insert(SLOTS).values(**vars(slot)))
            return True

    def parties(self) -> tuple[PartyRow, ...]:
        """All parties, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(PARTIES).order_by(PARTIES.c.created_at, PARTIES.c.id))
            return tuple(PartyRow(*row) for row in rows)

    def party(self, party_id: str) -> PartyRow | None:
        """One party, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_PARTY, {"id": party_id}).one_or_none()
            return PartyRow(*row) if row else None

    def party_with_login(self, login: str) -> PartyRow | None:
        """The party that signs in with this (hashed) name, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_PARTY_WITH_LOGIN, {"login": login}).one_or_none()
            return PartyRow(*row) if row else None

    def set_login(self, party_id: str, login: str) -> bool:
        """Change the (hashed) name a party signs in with; False if it is taken."""
        with transaction(self._engine) as connection:
            if connection.execute(select(func.count()).select_from(PARTIES).where(
                    PARTIES.c.login == login, PARTIES.c.id != party_id)).scalar_one():
                return False
            connection.execute(update(PARTIES).where(PARTIES.c.id == party_id).values(login=login))
            return True

    def slots(self, party_id: str) -> tuple[SlotRow, ...]:
        """The ways in which a party may unlock."""
        with reading(self._engine) as connection:
            return tuple(SlotRow(*row) for row in connection.execute(_SLOTS_OF, {"party": party_id}))

    def add_session(self, session: SessionRow, *, now: int) -> None:
        """Keep a session; those that have ended are swept out."""
        with transaction(self._engine) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= now))
            connection.execute(insert(SESSIONS).values(**vars(session)))

    def session(self, session_id: str, *, now: int) -> SessionRow | None:
        """A session that has not ended, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_SESSION, {"id": session_id, "now": now}).one_or_none()
            return SessionRow(row[0], row[1], row[2], row[3]) if row else None

    def extend_session(self, session_id: str, expires_at: int) -> None:
        """Move the end of a session."""
        with transaction(self._engine) as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(expires_at=expires_at))

    def delete_session(self, session_id: str) -> None:
        """End a session; one that is unknown is no error."""
        with transaction(self._engine) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))

    def begin_try(self, party_id: str, client: str, *, now: int, window_s: int, per_client: int, overall: int) -> int:
        """Count a try to unlock before it is made, so that parallel guesses count too.

        Returns:
            The id of the try, to be taken back by ``forgive`` if it was right; 0 if there were too many already.
        """
        with transaction(self._engine) as connection:
            connection.execute(delete(TRIES).where(TRIES.c.at <= now - window_s))
            mine = select(func.count()).where(TRIES.c.party_id == party_id)
            if (connection.execute(mine).scalar_one() >= overall
                    or connection.execute(mine.where(TRIES.c.client == client)).scalar_one() >= per_client):
                return 0
            made = connection.execute(insert(TRIES).values(party_id=party_id, client=client, at=now))
            return int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0

    def forgive(self, try_id: int) -> None:
        """Forget a try that was right."""
        with transaction(self._engine) as connection:
            connection.execute(delete(TRIES).where(TRIES.c.id == try_id))
