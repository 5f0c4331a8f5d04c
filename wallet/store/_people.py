"""Invitations, and the places of the host's one status list."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, update

from credkit.storage import reading, transaction
from wallet.store._items import ItemQueries
from wallet.store.rows import InvitationRow
from wallet.store.schema import FAMILY_STATUS, INVITATIONS


class PeopleQueries(ItemQueries):
    """Invitations, and the places of the host's one status list."""

    def add_invitation(self, invitation: InvitationRow, *, now: int) -> None:
        """Keep an invitation; those that have run out are swept away."""
        with transaction(self._engine) as connection:
            connection.execute(delete(INVITATIONS).where(INVITATIONS.c.expires_at <= now))
            connection.execute(insert(INVITATIONS).values(**vars(invitation)))

    def invitation(self, invitation_id: str, *, now: int) -> InvitationRow | None:
        """An invitation that has not run out, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(select(INVITATIONS).where(
                INVITATIONS.c.id == invitation_id, INVITATIONS.c.expires_at > now)).one_or_none()
            return InvitationRow(*row) if row else None

    def invitations_for(self, party_id: str, state: str, *, now: int) -> tuple[InvitationRow, ...]:
        """The invitations that a party has answered and that are in ``state``."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(INVITATIONS).where(
                INVITATIONS.c.party_id == party_id, INVITATIONS.c.state == state, INVITATIONS.c.expires_at > now))
            return tuple(InvitationRow(*row) for row in rows)

    def move_invitation(self, invitation: InvitationRow, *, was: str) -> bool:
        """Write the next state of an invitation if it is still in ``was``. Whether it was."""
        with transaction(self._engine) as connection:
            moved = connection.execute(update(INVITATIONS).where(
                INVITATIONS.c.id == invitation.id, INVITATIONS.c.state == was).values(**vars(invitation)))
            return bool(moved.rowcount)

    def take_status_position(self, position: int) -> bool:
        """Take a place on the wallet host's one status list; False if it is taken."""
        with transaction(self._engine) as connection:
            if connection.execute(select(func.count()).where(FAMILY_STATUS.c.position == position)).scalar_one():
                return False
            connection.execute(insert(FAMILY_STATUS).values(position=position, revoked=False))
            return True

    def revoke_status(self, position: int) -> None:
        """Take back what stands at a place of the list; never reversed (security.md C06)."""
        with transaction(self._engine) as connection:
            connection.execute(update(FAMILY_STATUS).where(FAMILY_STATUS.c.position == position).values(revoked=True))

    def revoked_positions(self) -> frozenset[int]:
        """All places that are taken back."""
        with reading(self._engine) as connection:
            return frozenset(connection.execute(select(FAMILY_STATUS.c.position).where(
                FAMILY_STATUS.c.revoked)).scalars())
