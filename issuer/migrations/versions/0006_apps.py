"""The Open Badges API: passes of learners, programs with their leaves and tokens, what goes in and out by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "passes", sa.Column("id", sa.String, primary_key=True),
        sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), unique=True),
        sa.Column("login", sa.String, unique=True), sa.Column("code_hash", sa.String),
        sa.Column("tries_left", sa.Integer), sa.Column("created_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger),
    )
    op.create_table(
        "apps", sa.Column("id", sa.String, primary_key=True), sa.Column("secret_hash", sa.String),
        sa.Column("metadata", sa.JSON), sa.Column("created_at", sa.BigInteger), sa.Column("used_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger),
    )
    op.create_table(
        "app_grants", sa.Column("id", sa.String, primary_key=True), sa.Column("secret_hash", sa.String, unique=True),
        sa.Column("app_id", sa.String), sa.Column("state", sa.String), sa.Column("request", sa.JSON),
        sa.Column("pass_id", sa.String, index=True), sa.Column("student_id", sa.String, sa.ForeignKey("students.id")),
        sa.Column("scopes", sa.JSON), sa.Column("sensitive", sa.Boolean), sa.Column("expires_at", sa.BigInteger),
    )
    op.create_table(
        "app_tokens", sa.Column("token_hash", sa.String, primary_key=True), sa.Column("kind", sa.String),
        sa.Column("grant_id", sa.String, index=True), sa.Column("app_id", sa.String),
        sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), index=True), sa.Column("scopes", sa.JSON),
        sa.Column("sensitive", sa.Boolean), sa.Column("expires_at", sa.BigInteger), sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "readings", sa.Column("credential_id", sa.String, sa.ForeignKey("credentials.id"), primary_key=True),
        sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), index=True), sa.Column("version", sa.Integer),
        sa.Column("text", sa.Text), sa.Column("signed_at", sa.BigInteger),
    )
    op.create_table(
        "app_records", sa.Column("id", sa.String, primary_key=True),
        sa.Column("student_id", sa.String, sa.ForeignKey("students.id")), sa.Column("app_id", sa.String),
        sa.Column("app_name", sa.String), sa.Column("app_host", sa.String), sa.Column("issuer_id", sa.String),
        sa.Column("credential_id", sa.String), sa.Column("title", sa.String), sa.Column("issuer_name", sa.String),
        sa.Column("is_jws", sa.Boolean), sa.Column("text", sa.Text), sa.Column("issued_at", sa.BigInteger),
        sa.Column("report", sa.JSON), sa.Column("checked_at", sa.BigInteger),
        sa.UniqueConstraint("student_id", "issuer_id", "credential_id"),
    )
    op.create_table(
        "app_profiles", sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), primary_key=True),
        sa.Column("said", sa.JSON), sa.Column("app_name", sa.String), sa.Column("updated_at", sa.BigInteger),
    )
