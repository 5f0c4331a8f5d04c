"""The first schema: settings, operators, whom we trust, requests, results, status lists. Times are milliseconds since
1970.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "operators",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("password_hash", sa.Text, nullable=False),
    )
    op.create_table(
        "trusted_issuers",
        sa.Column("did", sa.String(2048), primary_key=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "results",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("story", sa.Text, nullable=False),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner_hash", sa.String(64), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("fetched_at", sa.BigInteger),
        sa.Column("opened_by", sa.String(64)),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("refusal", sa.String(64)),
        sa.Column("response_code_hash", sa.String(64)),
        sa.Column("result_id", sa.String(64), sa.ForeignKey("results.id", ondelete="SET NULL")),
    )
    op.create_table(
        "status_lists",
        sa.Column("url", sa.String(2048), primary_key=True),
        sa.Column("credential", sa.Text, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    for table in ("status_lists", "requests", "results", "trusted_issuers", "operators", "settings"):
        op.drop_table(table)
