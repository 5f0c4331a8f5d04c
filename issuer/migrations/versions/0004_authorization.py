"""Offers without a transaction code and by authorization code; authorization requests; tokens bound to a key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("claims", sa.Column("grant_type", sa.String, server_default="pre-authorized"))
    op.add_column("claims", sa.Column("has_tx_code", sa.Boolean, server_default=sa.true()))
    op.add_column("tokens", sa.Column("jkt", sa.String))
    op.add_column("tokens", sa.Column("authorization_id", sa.String))
    op.create_table(
        "authorizations", sa.Column("id", sa.String, primary_key=True),
        sa.Column("secret_hash", sa.String, unique=True), sa.Column("request", sa.JSON), sa.Column("state", sa.String),
        sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id")), sa.Column("offer_id", sa.String),
        sa.Column("expires_at", sa.BigInteger),
    )
