"""In which credential configuration an item is given out, where that is not the usual one of its kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("claim_items", sa.Column("configuration", sa.String))
