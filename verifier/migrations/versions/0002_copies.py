"""Copies of the DID documents of the signers on our list, for checking while nobody is asked.

Requests and results, which live for a day, are told in another form from now on: those of before are removed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("requests", "results"):
        op.execute(sa.delete(sa.table(table)))
    op.create_table(
        "signer_documents",
        sa.Column("url", sa.String(2048), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("signer_documents")
