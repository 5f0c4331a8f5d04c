"""Logins with roles, what waits for a registrar's word, when students left, standards, and budgets of wrong codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("operators", sa.Column("role", sa.String, nullable=False, server_default="operator"))
    op.add_column("students", sa.Column("left_on", sa.String))
    op.add_column("claims", sa.Column("notice", sa.Text))
    op.add_column("claims", sa.Column("alone", sa.String))
    op.create_table(
        "petitions", sa.Column("id", sa.String, primary_key=True), sa.Column("kind", sa.String, nullable=False),
        sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), nullable=False, index=True),
        sa.Column("subject", sa.String, index=True), sa.Column("content", sa.JSON, nullable=False),
        sa.Column("digest", sa.String, nullable=False), sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String, nullable=False), sa.Column("state", sa.String, nullable=False, index=True),
        sa.Column("decided_at", sa.BigInteger), sa.Column("decided_by", sa.String),
        sa.Column("reason", sa.Text, nullable=False), sa.Column("outcome", sa.JSON),
    )
    op.create_table("seen_requests", sa.Column("request_hash", sa.String, primary_key=True),
                    sa.Column("expires_at", sa.BigInteger, nullable=False))
    op.create_table("budgets", sa.Column("name", sa.String, primary_key=True),
                    sa.Column("began_at", sa.BigInteger, nullable=False), sa.Column("used", sa.Integer, nullable=False))
    op.create_table("contacts", sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), primary_key=True),
                    sa.Column("key", sa.String, primary_key=True), sa.Column("document", sa.JSON, nullable=False),
                    sa.Column("created_at", sa.BigInteger, nullable=False))
    op.create_table("tests", sa.Column("id", sa.String, primary_key=True),
                    sa.Column("document", sa.JSON, nullable=False),
                    sa.Column("created_at", sa.BigInteger, nullable=False))
    op.create_table(
        "standards", sa.Column("uri", sa.String, primary_key=True), sa.Column("framework", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False, index=True), sa.Column("statement", sa.Text, nullable=False),
        sa.Column("kind", sa.String), sa.Column("language", sa.String), sa.Column("grades", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
