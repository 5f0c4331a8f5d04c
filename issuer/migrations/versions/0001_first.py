"""The first schema of the issuer. Times are milliseconds since 1970.

A revocation is one-way: on SQLite and PostgreSQL alike the database itself refuses to change or remove one (security.md
C06), and the log can only grow (K09).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_GUARDED = ("revocations", "log")


def _id(name: str, target: str | None = None, **options: bool) -> sa.Column[str]:
    return sa.Column(name, sa.String, *([sa.ForeignKey(target)] if target else []), nullable=False, **options)


def _when(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=optional)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    _create_office()
    _create_credentials()
    _create_offers()
    _guard()


def _create_office() -> None:
    op.create_table("settings", _id("name", primary_key=True), _text("value"))
    op.create_table("operators", _id("name", primary_key=True), _text("password_hash"))
    op.create_table("imports", _id("id", primary_key=True), _id("file_name"), _id("digest"), _json("roster"),
                    _when("created_at"), _when("confirmed_at", optional=True), sa.Column("outcome", sa.JSON))
    op.create_table("students", _id("id", primary_key=True), _id("number", unique=True), _id("given_name"),
                    _id("family_name"), _json("aliases"), _when("created_at"))
    op.create_table("courses", _id("student_id", "students.id", primary_key=True), _id("key", primary_key=True),
                    _json("record"), _number("position"))
    op.create_table("achievements", _id("id", primary_key=True), _id("kind"), _json("document"), _when("created_at"))
    op.create_table("log", sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False), _when("at"),
                    _id("event"), _id("actor"), _id("subject"), _json("detail"), _id("previous"), _id("hash"))
    op.create_table("seen_lists", _id("url", primary_key=True), _json("credential"), _when("fetched_at"))


def _create_credentials() -> None:
    numbers = [_number(name) for name in ("version", "list_number", "list_index", "position")]
    op.create_table("credentials", _id("id", primary_key=True), _id("student_id", "students.id", index=True),
                    _id("kind"), _id("slot"), _id("title"), _json("document"), _id("content_digest"),
                    _id("document_digest"), *numbers, _when("created_at"), _when("updated_at"),
                    sa.UniqueConstraint("student_id", "slot"), sa.UniqueConstraint("list_number", "list_index"))
    op.create_table("status_lists", sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
                    sa.Column("credential", sa.JSON), _when("valid_from", optional=True),
                    _when("valid_until", optional=True), _number("revoked"))
    op.create_table("revocations", _id("credential_id", "credentials.id", primary_key=True), _when("revoked_at"),
                    _id("actor"), _text("reason"))


def _create_offers() -> None:
    op.create_table("claims", _id("id", primary_key=True), _id("student_id", "students.id", index=True),
                    _id("page_hash", unique=True), _number("tries_left"), _when("created_at"), _when("expires_at"))
    op.create_table("claim_items", _id("identifier", primary_key=True), _id("claim_id", "claims.id", index=True),
                    _id("credential_id", "credentials.id"), _number("position"))
    op.create_table("offers", _id("id", primary_key=True), _id("claim_id", "claims.id", index=True),
                    _id("reference_hash", unique=True), _id("code_hash", unique=True), _when("created_at"),
                    _when("expires_at"), _when("redeemed_at", optional=True),
                    _when("fetched_at", optional=True))
    op.create_table("tokens", _id("token_hash", primary_key=True), _id("claim_id", "claims.id"), _json("identifiers"),
                    _when("expires_at"))
    op.create_table("nonces", _id("nonce_hash", primary_key=True), _when("expires_at"))
    op.create_table("issuances", _id("identifier", "claim_items.identifier", primary_key=True),
                    _id("credential_id", "credentials.id", index=True), _number("version"), _id("holder"),
                    _json("document"), _when("issued_at"), _id("notification_id", unique=True),
                    sa.Column("event", sa.String))


def _guard() -> None:
    dialect = op.get_bind().dialect.name
    for table in _GUARDED:
        for action in ("UPDATE", "DELETE"):
            name = f"{table}_no_{action.lower()}"
            if dialect == "sqlite":
                op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} "
                           "BEGIN SELECT RAISE(ABORT, 'this table can only grow'); END")
            elif dialect == "postgresql":
                op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                           "$$ BEGIN RAISE EXCEPTION 'this table can only grow'; END $$")
                op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
