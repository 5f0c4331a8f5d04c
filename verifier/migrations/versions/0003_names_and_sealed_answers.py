"""Under which name a request was made, how its answer comes, and the sealed key of an answer that comes encrypted.

Requests of before were made under the did:web of the verifier's address and are answered in clear.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from credkit.dids import did_web_of

revision = "0003"
down_revision = "0002"
_REQUESTS = sa.table("requests", sa.column("client_id"))
_SETTINGS = sa.table("settings", sa.column("name"), sa.column("value"))


def upgrade() -> None:
    with op.batch_alter_table("requests") as table:
        table.add_column(sa.Column("client_id", sa.String(2048), nullable=False, server_default=""))
        table.add_column(sa.Column("response_mode", sa.String(32), nullable=False, server_default="direct_post"))
        table.add_column(sa.Column("answer_key", sa.Text))
    origin = op.get_bind().scalar(sa.select(_SETTINGS.c.value).where(_SETTINGS.c.name == "origin"))
    if origin is not None:
        op.execute(sa.update(_REQUESTS).values(client_id=f"decentralized_identifier:{did_web_of(origin)}"))


def downgrade() -> None:
    with op.batch_alter_table("requests") as table:
        for name in ("client_id", "response_mode", "answer_key"):
            table.drop_column(name)
