"""The wallet's tables, as the migrations made them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()
PARTIES = Table(
    "parties", METADATA, Column("id", Text, primary_key=True), Column("login", Text), Column("opening_key", Text),
    Column("signing_key", Text), Column("sealed_keys", LargeBinary), Column("created_at", BigInteger),
)
SLOTS = Table(
    "slots", METADATA, Column("id", Text, primary_key=True), Column("party_id", Text), Column("method", Text),
    Column("parameters", Text), Column("sealed_master", LargeBinary),
)
ITEMS = Table(
    "items", METADATA, Column("id", Text, primary_key=True), Column("owner_id", Text), Column("type", Text),
    Column("version", Integer), Column("key_id", Text), Column("ciphertext", LargeBinary),
)
WRAPS = Table(
    "wraps", METADATA, Column("item_id", Text, primary_key=True), Column("party_id", Text, primary_key=True),
    Column("jwe", Text),
)
MEMBERS = Table(
    "members", METADATA, Column("owner_id", Text, primary_key=True), Column("seq", Integer, primary_key=True),
    Column("body", Text), Column("signature", Text), Column("ended_at", BigInteger),
)
MANIFESTS = Table(
    "manifests", METADATA, Column("owner_id", Text, primary_key=True), Column("counter", Integer),
    Column("body", Text), Column("signature", Text),
)
ADDITIONS = Table(
    "additions", METADATA, Column("owner_id", Text, primary_key=True), Column("party_id", Text, primary_key=True),
    Column("counter", Integer), Column("body", Text), Column("signature", Text),
)
INVITATIONS = Table(
    "invitations", METADATA, Column("id", Text, primary_key=True), Column("state", Text), Column("party_id", Text),
    Column("sealed", LargeBinary), Column("expires_at", BigInteger),
)
FAMILY_STATUS = Table(
    "family_status", METADATA, Column("position", Integer, primary_key=True), Column("revoked", Boolean),
)
SHARES = Table(
    "shares", METADATA, Column("id", Text, primary_key=True), Column("owner_id", Text), Column("party_id", Text),
    Column("access_digest", LargeBinary), Column("sealed", LargeBinary), Column("expires_at", BigInteger),
    Column("views", Integer), Column("most_views", Integer), Column("last_view_at", BigInteger),
)
SESSIONS = Table(
    "sessions", METADATA, Column("id", Text, primary_key=True), Column("party_id", Text),
    Column("sealed_master", LargeBinary), Column("expires_at", BigInteger),
)
TRIES = Table(
    "failed_tries", METADATA, Column("id", Integer, primary_key=True), Column("party_id", Text),
    Column("client", Text), Column("at", BigInteger),
)
CHALLENGES = Table(
    "challenges", METADATA, Column("id", Text, primary_key=True), Column("expires_at", BigInteger),
)
RECOVERIES = Table(
    "recoveries", METADATA, Column("id", Text, primary_key=True), Column("party_id", Text),
    Column("opening_key", Text), Column("asked_at", BigInteger), Column("expires_at", BigInteger),
)
RELEASES = Table(
    "releases", METADATA, Column("recovery_id", Text, primary_key=True), Column("party_id", Text, primary_key=True),
    Column("jwe", Text),
)
