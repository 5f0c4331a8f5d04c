"""Share links and the sealed files behind them."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, literal, select, update

from credkit.storage import reading, transaction
from wallet.store._people import PeopleQueries
from wallet.store.rows import ShareRow
from wallet.store.schema import SHARES


class ShareQueries(PeopleQueries):
    """Share links and the sealed files behind them."""

    def add_share(self, share: ShareRow, *, now: int) -> None:
        """Keep a share link; the files behind links whose time is over are deleted."""
        with transaction(self._engine) as connection:
            connection.execute(update(SHARES).where(SHARES.c.expires_at <= now).values(sealed=b""))
            connection.execute(insert(SHARES).values(**vars(share)))

    def view_share(self, share_id: str, access_digest: bytes, *, now: int) -> bytes | None:
        """The sealed file behind a link, counted as one look; the last look deletes it, and the end date does.

        Returns:
            None for an unknown id, another digest, a link that is over, used up or taken back alike.
        """
        with transaction(self._engine) as connection:
            connection.execute(update(SHARES).where(SHARES.c.expires_at <= now).values(sealed=b""))
            row = connection.execute(select(SHARES).where(
                SHARES.c.id == share_id, SHARES.c.access_digest == access_digest, SHARES.c.expires_at > now,
                SHARES.c.views < SHARES.c.most_views, func.length(SHARES.c.sealed) > 0)).one_or_none()
            if row is None:
                return None
            share = ShareRow(*row)
            left = share.sealed if share.views + 1 < share.most_views else b""
            connection.execute(update(SHARES).where(SHARES.c.id == share_id).values(
                views=share.views + 1, last_view_at=now, sealed=left))
            return share.sealed

    def shares(self, owner_id: str) -> tuple[ShareRow, ...]:
        """The share links of an owner, without what is behind them."""
        columns = [literal(b"").label("sealed") if column.name == "sealed" else column for column in SHARES.c]
        with reading(self._engine) as connection:
            rows = connection.execute(select(*columns).where(SHARES.c.owner_id == owner_id).order_by(SHARES.c.id))
            return tuple(ShareRow(*row) for row in rows)

    def end_share(self, share_id: str, owner_id: str) -> bool:
        """Take a share link back: it is gone, and the file behind it too. Whether there was one."""
        with transaction(self._engine) as connection:
            gone = connection.execute(delete(SHARES).where(
                SHARES.c.id == share_id, SHARES.c.owner_id == owner_id))
            return bool(gone.rowcount)
