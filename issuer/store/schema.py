"""The tables as this version knows them; ``migrations/`` makes them. Times are milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

META = sa.MetaData()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(moment: datetime) -> int:
    """A moment as whole milliseconds since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(value: int) -> datetime:
    """The moment, aware, UTC."""
    return _EPOCH + timedelta(milliseconds=value)


def maybe_from_ms(value: int | None) -> datetime | None:
    """The moment, or None."""
    return None if value is None else from_ms(value)


settings = sa.Table("settings", META, sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.Text))
operators = sa.Table(
    "operators", META, sa.Column("name", sa.String, primary_key=True), sa.Column("password_hash", sa.Text),
    sa.Column("role", sa.String),
)
imports = sa.Table(
    "imports", META, sa.Column("id", sa.String, primary_key=True), sa.Column("file_name", sa.String),
    sa.Column("digest", sa.String), sa.Column("roster", sa.JSON), sa.Column("created_at", sa.BigInteger),
    sa.Column("confirmed_at", sa.BigInteger), sa.Column("outcome", sa.JSON),
)
students = sa.Table(
    "students", META, sa.Column("id", sa.String, primary_key=True), sa.Column("number", sa.String, unique=True),
    sa.Column("given_name", sa.String), sa.Column("family_name", sa.String), sa.Column("aliases", sa.JSON),
    sa.Column("created_at", sa.BigInteger), sa.Column("left_on", sa.String),
)
NOBODY = "deleted"
"""The row that keeps the status list places of records whose student was deleted; no student, and never shown."""
courses = sa.Table(
    "courses", META, sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), primary_key=True),
    sa.Column("key", sa.String, primary_key=True), sa.Column("record", sa.JSON), sa.Column("position", sa.Integer),
)
achievements = sa.Table(
    "achievements", META, sa.Column("id", sa.String, primary_key=True), sa.Column("kind", sa.String),
    sa.Column("document", sa.JSON), sa.Column("created_at", sa.BigInteger),
)
credentials = sa.Table(
    "credentials", META, sa.Column("id", sa.String, primary_key=True),
    sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), index=True), sa.Column("kind", sa.String),
    sa.Column("slot", sa.String), sa.Column("title", sa.String), sa.Column("version", sa.Integer),
    sa.Column("document", sa.JSON), sa.Column("content_digest", sa.String), sa.Column("document_digest", sa.String),
    sa.Column("list_number", sa.Integer), sa.Column("list_index", sa.Integer), sa.Column("created_at", sa.BigInteger),
    sa.Column("updated_at", sa.BigInteger), sa.Column("position", sa.Integer),
    sa.UniqueConstraint("student_id", "slot"), sa.UniqueConstraint("list_number", "list_index"),
)
status_lists = sa.Table(
    "status_lists", META, sa.Column("number", sa.Integer, primary_key=True), sa.Column("credential", sa.JSON),
    sa.Column("valid_from", sa.BigInteger), sa.Column("valid_until", sa.BigInteger), sa.Column("revoked", sa.Integer),
)
revocations = sa.Table(
    "revocations", META,
    sa.Column("credential_id", sa.String, sa.ForeignKey("credentials.id"), primary_key=True),
    sa.Column("revoked_at", sa.BigInteger), sa.Column("actor", sa.String), sa.Column("reason", sa.Text),
)
claims = sa.Table(
    "claims", META, sa.Column("id", sa.String, primary_key=True),
    sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), index=True),
    sa.Column("page_hash", sa.String, unique=True), sa.Column("tries_left", sa.Integer),
    sa.Column("created_at", sa.BigInteger), sa.Column("expires_at", sa.BigInteger), sa.Column("notice", sa.Text),
    sa.Column("alone", sa.String), sa.Column("grant_type", sa.String), sa.Column("has_tx_code", sa.Boolean),
)
claim_items = sa.Table(
    "claim_items", META, sa.Column("identifier", sa.String, primary_key=True),
    sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id"), index=True),
    sa.Column("credential_id", sa.String, sa.ForeignKey("credentials.id")), sa.Column("position", sa.Integer),
    sa.Column("configuration", sa.String),
)
offers = sa.Table(
    "offers", META, sa.Column("id", sa.String, primary_key=True),
    sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id"), index=True),
    sa.Column("reference_hash", sa.String, unique=True), sa.Column("code_hash", sa.String, unique=True),
    sa.Column("created_at", sa.BigInteger), sa.Column("expires_at", sa.BigInteger),
    sa.Column("redeemed_at", sa.BigInteger), sa.Column("fetched_at", sa.BigInteger),
)
tokens = sa.Table(
    "tokens", META, sa.Column("token_hash", sa.String, primary_key=True),
    sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id")), sa.Column("identifiers", sa.JSON),
    sa.Column("expires_at", sa.BigInteger), sa.Column("jkt", sa.String), sa.Column("authorization_id", sa.String),
)
authorizations = sa.Table(
    "authorizations", META, sa.Column("id", sa.String, primary_key=True),
    sa.Column("secret_hash", sa.String, unique=True), sa.Column("request", sa.JSON), sa.Column("state", sa.String),
    sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id")), sa.Column("offer_id", sa.String),
    sa.Column("expires_at", sa.BigInteger),
)
pending_items = sa.Table(
    "pending_items", META, sa.Column("identifier", sa.String, primary_key=True),
    sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id"), index=True),
    sa.Column("petition_id", sa.String, sa.ForeignKey("petitions.id")), sa.Column("position", sa.Integer),
    sa.Column("configuration", sa.String),
)
deferrals = sa.Table(
    "deferrals", META, sa.Column("transaction_hash", sa.String, primary_key=True),
    sa.Column("claim_id", sa.String, sa.ForeignKey("claims.id"), index=True), sa.Column("identifier", sa.String),
    sa.Column("holders", sa.JSON), sa.Column("expires_at", sa.BigInteger),
)
nonces = sa.Table(
    "nonces", META, sa.Column("nonce_hash", sa.String, primary_key=True), sa.Column("expires_at", sa.BigInteger)
)
issuances = sa.Table(
    "issuances", META,
    sa.Column("identifier", sa.String, sa.ForeignKey("claim_items.identifier"), primary_key=True),
    sa.Column("credential_id", sa.String, sa.ForeignKey("credentials.id"), index=True),
    sa.Column("version", sa.Integer), sa.Column("holder", sa.String), sa.Column("document", sa.JSON),
    sa.Column("issued_at", sa.BigInteger), sa.Column("notification_id", sa.String, unique=True),
    sa.Column("event", sa.String),
)
log = sa.Table(
    "log", META, sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False), sa.Column("at", sa.BigInteger),
    sa.Column("event", sa.String), sa.Column("actor", sa.String), sa.Column("subject", sa.String),
    sa.Column("detail", sa.JSON), sa.Column("previous", sa.String), sa.Column("hash", sa.String),
)
seen_lists = sa.Table(
    "seen_lists", META, sa.Column("url", sa.String, primary_key=True), sa.Column("credential", sa.JSON),
    sa.Column("fetched_at", sa.BigInteger),
)
petitions = sa.Table(
    "petitions", META, sa.Column("id", sa.String, primary_key=True), sa.Column("kind", sa.String),
    sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), index=True), sa.Column("subject", sa.String),
    sa.Column("content", sa.JSON), sa.Column("digest", sa.String), sa.Column("created_at", sa.BigInteger),
    sa.Column("created_by", sa.String), sa.Column("state", sa.String), sa.Column("decided_at", sa.BigInteger),
    sa.Column("decided_by", sa.String), sa.Column("reason", sa.Text), sa.Column("outcome", sa.JSON),
)
seen_requests = sa.Table(
    "seen_requests", META, sa.Column("request_hash", sa.String, primary_key=True),
    sa.Column("expires_at", sa.BigInteger),
)
budgets = sa.Table(
    "budgets", META, sa.Column("name", sa.String, primary_key=True), sa.Column("began_at", sa.BigInteger),
    sa.Column("used", sa.Integer),
)
contacts = sa.Table(
    "contacts", META, sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), primary_key=True),
    sa.Column("key", sa.String, primary_key=True), sa.Column("document", sa.JSON),
    sa.Column("created_at", sa.BigInteger),
)
tests = sa.Table(
    "tests", META, sa.Column("id", sa.String, primary_key=True), sa.Column("document", sa.JSON),
    sa.Column("created_at", sa.BigInteger),
)
standards = sa.Table(
    "standards", META, sa.Column("uri", sa.String, primary_key=True), sa.Column("framework", sa.String),
    sa.Column("code", sa.String, index=True), sa.Column("statement", sa.Text), sa.Column("kind", sa.String),
    sa.Column("language", sa.String), sa.Column("grades", sa.JSON), sa.Column("created_at", sa.BigInteger),
)
passes = sa.Table(
    "passes", META, sa.Column("id", sa.String, primary_key=True),
    sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), unique=True),
    sa.Column("login", sa.String, unique=True), sa.Column("code_hash", sa.String), sa.Column("tries_left", sa.Integer),
    sa.Column("created_at", sa.BigInteger), sa.Column("expires_at", sa.BigInteger),
)
apps = sa.Table(
    "apps", META, sa.Column("id", sa.String, primary_key=True), sa.Column("secret_hash", sa.String),
    sa.Column("metadata", sa.JSON), sa.Column("created_at", sa.BigInteger), sa.Column("used_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger),
)
app_grants = sa.Table(
    "app_grants", META, sa.Column("id", sa.String, primary_key=True), sa.Column("secret_hash", sa.String, unique=True),
    sa.Column("app_id", sa.String), sa.Column("state", sa.String), sa.Column("request", sa.JSON),
    sa.Column("pass_id", sa.String, index=True), sa.Column("student_id", sa.String, sa.ForeignKey("students.id")),
    sa.Column("scopes", sa.JSON), sa.Column("sensitive", sa.Boolean), sa.Column("expires_at", sa.BigInteger),
)
app_tokens = sa.Table(
    "app_tokens", META, sa.Column("token_hash", sa.String, primary_key=True), sa.Column("kind", sa.String),
    sa.Column("grant_id", sa.String, index=True), sa.Column("app_id", sa.String),
    sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), index=True), sa.Column("scopes", sa.JSON),
    sa.Column("sensitive", sa.Boolean), sa.Column("expires_at", sa.BigInteger), sa.Column("used_at", sa.BigInteger),
)
readings = sa.Table(
    "readings", META, sa.Column("credential_id", sa.String, sa.ForeignKey("credentials.id"), primary_key=True),
    sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), index=True), sa.Column("version", sa.Integer),
    sa.Column("text", sa.Text), sa.Column("signed_at", sa.BigInteger),
)
app_records = sa.Table(
    "app_records", META, sa.Column("id", sa.String, primary_key=True),
    sa.Column("student_id", sa.String, sa.ForeignKey("students.id")), sa.Column("app_id", sa.String),
    sa.Column("app_name", sa.String), sa.Column("app_host", sa.String), sa.Column("issuer_id", sa.String),
    sa.Column("credential_id", sa.String), sa.Column("title", sa.String), sa.Column("issuer_name", sa.String),
    sa.Column("is_jws", sa.Boolean), sa.Column("text", sa.Text), sa.Column("issued_at", sa.BigInteger),
    sa.Column("report", sa.JSON), sa.Column("checked_at", sa.BigInteger),
    sa.UniqueConstraint("student_id", "issuer_id", "credential_id"),
)
app_profiles = sa.Table(
    "app_profiles", META, sa.Column("student_id", sa.String, sa.ForeignKey("students.id"), primary_key=True),
    sa.Column("said", sa.JSON), sa.Column("app_name", sa.String), sa.Column("updated_at", sa.BigInteger),
)
