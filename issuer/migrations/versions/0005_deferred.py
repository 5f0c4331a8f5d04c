"""Records on offer that still wait for a registrar, and wallets that come again for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "pending_items", sa.Column("identifier", sa.String, primary_key=True),
        sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id"), index=True),
        sa.Column("petition_id", sa.String, sa.ForeignKey("petitions.id")), sa.Column("position", sa.Integer),
        sa.Column("configuration", sa.String),
    )
    op.create_table(
        "deferrals", sa.Column("transaction_hash", sa.String, primary_key=True),
        sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id"), index=True), sa.Column("identifier", sa.String),
        sa.Column("holders", sa.JSON), sa.Column("expires_at", sa.BigInteger),
    )
