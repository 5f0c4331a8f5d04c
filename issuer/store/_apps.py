"""Passes, other programs with their leaves and tokens, and what goes in and out by them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from credkit.ports import JSONObject
from issuer.store._deferrals import DeferralQueries
from issuer.store.app_records import App, AppGrant, AppRecord, AppToken, Pass, Reading
from issuer.store.schema import (
    app_grants,
    app_profiles,
    app_records,
    app_tokens,
    apps,
    from_ms,
    maybe_from_ms,
    ms,
    passes,
    readings,
)


class AppQueries(DeferralQueries):
    """Queries of the Open Badges API."""

    def add_pass(self, new: Pass) -> None:
        """A fresh pass, once the one before is ended."""
        self._connection.execute(sa.insert(passes).values(
            id=new.id, student_id=new.student_id, login=new.login, code_hash=new.code_hash, tries_left=new.tries_left,
            created_at=ms(new.created_at), expires_at=ms(new.expires_at),
        ))

    def end_pass(self, student_id: str) -> None:
        """End a student's pass, if there is one, and whatever was allowed under it."""
        ids = sa.select(passes.c.id).where(passes.c.student_id == student_id)
        grants = sa.select(app_grants.c.id).where(app_grants.c.pass_id.in_(ids))
        self._connection.execute(sa.delete(app_tokens).where(app_tokens.c.grant_id.in_(grants)))
        self._connection.execute(sa.delete(app_grants).where(app_grants.c.pass_id.in_(ids)))
        self._connection.execute(sa.delete(passes).where(passes.c.student_id == student_id))

    def pass_of(self, student_id: str, at: datetime) -> Pass | None:
        """A student's pass while it lives."""
        return self._one_pass(passes.c.student_id == student_id, at)

    def pass_named(self, login: str, at: datetime) -> Pass | None:
        """The living pass with this login name."""
        return self._one_pass(passes.c.login == login, at)

    def living_pass(self, pass_id: str | None, at: datetime) -> Pass | None:
        """The living pass of this id."""
        return self._one_pass(passes.c.id == pass_id, at)

    def set_pass_tries(self, pass_id: str, tries: int) -> None:
        """How many wrong codes a pass still bears."""
        self._connection.execute(sa.update(passes).where(passes.c.id == pass_id).values(tries_left=tries))

    def add_app(self, app: App) -> None:
        """A program that registered."""
        self._connection.execute(sa.insert(apps).values(
            id=app.id, secret_hash=app.secret_hash, metadata=app.metadata, created_at=ms(app.created_at),
            used_at=None, expires_at=ms(app.expires_at),
        ))

    def keep_newest_unused_apps(self, count: int) -> None:
        """Of the programs that nobody ever used, forget all but the newest ``count``."""
        kept = sa.select(apps.c.id).where(apps.c.used_at.is_(None)).order_by(
            apps.c.created_at.desc(), apps.c.id).limit(count)
        self._connection.execute(sa.delete(apps).where(apps.c.used_at.is_(None), apps.c.id.not_in(kept)))

    def find_app(self, app_id: str, at: datetime) -> App | None:
        """A registered program."""
        query = sa.select(apps).where(apps.c.id == app_id, apps.c.expires_at > ms(at))
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return App(row.id, row.secret_hash, row.metadata, from_ms(row.created_at), maybe_from_ms(row.used_at),
                   from_ms(row.expires_at))

    def note_app_use(self, app_id: str, at: datetime, expires_at: datetime) -> None:
        """A program got a token."""
        query = sa.update(apps).where(apps.c.id == app_id)
        self._connection.execute(query.values(used_at=ms(at), expires_at=ms(expires_at)))

    def apps_let_in(self, student_id: str, at: datetime) -> tuple[tuple[App, AppGrant], ...]:
        """The programs that may do something for a student now, with what each may."""
        living = sa.select(app_tokens.c.grant_id).where(
            app_tokens.c.student_id == student_id, app_tokens.c.used_at.is_(None), app_tokens.c.expires_at > ms(at))
        rows = self._connection.execute(sa.select(app_grants).where(app_grants.c.id.in_(living)).order_by(
            app_grants.c.id))
        found = ((self.find_app(row.app_id, at), _grant(row)) for row in rows)
        return tuple((app, grant) for app, grant in found if app is not None)

    def add_app_grant(self, grant: AppGrant, secret_hash: str) -> None:
        """A program's request, with the hash of the secret that leads to it."""
        self._connection.execute(sa.insert(app_grants).values(
            id=grant.id, secret_hash=secret_hash, app_id=grant.app_id, state=grant.state, request=grant.request,
            pass_id=grant.pass_id, student_id=grant.student_id, scopes=list(grant.scopes), sensitive=grant.sensitive,
            expires_at=ms(grant.expires_at),
        ))

    def find_app_grant(self, secret_hash: str, at: datetime) -> AppGrant | None:
        """What a secret leads to while it lives."""
        query = sa.select(app_grants).where(app_grants.c.secret_hash == secret_hash, app_grants.c.expires_at > ms(at))
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _grant(row)

    def advance_app_grant(self, before: AppGrant, after: AppGrant, secret_hash: str | None = None) -> bool:
        """Put ``after`` in the place of ``before``, under a new secret if one is given: True for exactly one caller."""
        query = sa.update(app_grants).where(app_grants.c.id == before.id, app_grants.c.state == before.state)
        changes: dict[str, Any] = {
            "state": after.state, "pass_id": after.pass_id, "student_id": after.student_id,
            "scopes": list(after.scopes), "sensitive": after.sensitive, "expires_at": ms(after.expires_at)}
        if secret_hash is not None:
            changes["secret_hash"] = secret_hash
        return self._connection.execute(query.values(**changes)).rowcount == 1

    def end_app_grant(self, grant_id: str) -> None:
        """End a leave with every token of it."""
        self._connection.execute(sa.delete(app_tokens).where(app_tokens.c.grant_id == grant_id))
        self._connection.execute(sa.delete(app_grants).where(app_grants.c.id == grant_id))

    def add_app_token(self, token_hash: str, token: AppToken) -> None:
        """A token of a program; only its hash is kept."""
        self._connection.execute(sa.insert(app_tokens).values(
            token_hash=token_hash, kind=token.kind, grant_id=token.grant_id, app_id=token.app_id,
            student_id=token.student_id, scopes=list(token.scopes), sensitive=token.sensitive,
            expires_at=ms(token.expires_at), used_at=None,
        ))

    def find_app_token(self, token_hash: str, at: datetime) -> AppToken | None:
        """What a living token allows; a refresh token that was used is found too."""
        query = sa.select(app_tokens).where(app_tokens.c.token_hash == token_hash, app_tokens.c.expires_at > ms(at))
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return AppToken(row.kind, row.grant_id, row.app_id, row.student_id, tuple(row.scopes), row.sensitive,
                        from_ms(row.expires_at), maybe_from_ms(row.used_at))

    def use_app_token(self, token_hash: str, at: datetime) -> bool:
        """Use a refresh token up, once: True for exactly one caller."""
        query = sa.update(app_tokens).where(app_tokens.c.token_hash == token_hash, app_tokens.c.used_at.is_(None))
        return self._connection.execute(query.values(used_at=ms(at))).rowcount == 1

    def drop_app_token(self, token_hash: str) -> None:
        """Forget one token."""
        self._connection.execute(sa.delete(app_tokens).where(app_tokens.c.token_hash == token_hash))

    def sweep_apps(self, at: datetime) -> None:
        """Forget passes, leaves, tokens and registrations that are over."""
        for table in (app_tokens, app_grants, passes, apps):
            self._connection.execute(sa.delete(table).where(table.c.expires_at <= ms(at)))

    def readings_of(self, student_id: str) -> dict[str, Reading]:
        """A student's records as they were last signed for reading, by their id."""
        query = sa.select(readings).where(readings.c.student_id == student_id)
        return {row.credential_id: Reading(row.credential_id, row.version, row.text, from_ms(row.signed_at))
                for row in self._connection.execute(query)}

    def save_reading(self, student_id: str, reading: Reading) -> None:
        """Keep a record as it was signed, in the place of an earlier version."""
        self._connection.execute(sa.delete(readings).where(readings.c.credential_id == reading.credential_id))
        self._connection.execute(sa.insert(readings).values(
            credential_id=reading.credential_id, student_id=student_id, version=reading.version, text=reading.text,
            signed_at=ms(reading.signed_at),
        ))

    def app_records_of(self, student_id: str) -> tuple[AppRecord, ...]:
        """What was handed in for a student, the newest first."""
        query = sa.select(app_records).where(app_records.c.student_id == student_id)
        rows = self._connection.execute(query.order_by(app_records.c.checked_at.desc(), app_records.c.id))
        return tuple(_record(row) for row in rows)

    def app_record(self, student_id: str, issuer_id: str, credential_id: str) -> AppRecord | None:
        """What was handed in for a student as this very record."""
        row = self._connection.execute(sa.select(app_records).where(
            app_records.c.student_id == student_id, app_records.c.issuer_id == issuer_id,
            app_records.c.credential_id == credential_id)).one_or_none()
        return None if row is None else _record(row)

    def count_app_records(self, student_id: str) -> int:
        """How many records were handed in for a student."""
        query = sa.select(sa.func.count()).select_from(app_records).where(app_records.c.student_id == student_id)
        return int(self._connection.execute(query).scalar_one())

    def save_app_record(self, record: AppRecord) -> None:
        """Keep what was handed in, in the place of what has its id."""
        self.delete_app_record(record.student_id, record.id)
        self._connection.execute(sa.insert(app_records).values(
            id=record.id, student_id=record.student_id, app_id=record.app_id, app_name=record.app_name,
            app_host=record.app_host, issuer_id=record.issuer_id, credential_id=record.credential_id,
            title=record.title, issuer_name=record.issuer_name, is_jws=record.is_jws, text=record.text,
            issued_at=ms(record.issued_at), report=record.report, checked_at=ms(record.checked_at),
        ))

    def delete_app_record(self, student_id: str, record_id: str) -> bool:
        """Delete what was handed in; False if this student has no such thing."""
        query = sa.delete(app_records).where(app_records.c.student_id == student_id, app_records.c.id == record_id)
        return self._connection.execute(query).rowcount == 1

    def app_profile(self, student_id: str) -> JSONObject:
        """What a student says by way of a program; empty if nothing."""
        query = sa.select(app_profiles.c.said).where(app_profiles.c.student_id == student_id)
        return self._connection.execute(query).scalar_one_or_none() or {}

    def save_app_profile(self, student_id: str, said: JSONObject, app_name: str, at: datetime) -> None:
        """Keep what a student says, in the place of all said before."""
        self._connection.execute(sa.delete(app_profiles).where(app_profiles.c.student_id == student_id))
        if said:
            self._connection.execute(sa.insert(app_profiles).values(
                student_id=student_id, said=said, app_name=app_name, updated_at=ms(at)))

    def _one_pass(self, condition: sa.ColumnElement[bool], at: datetime) -> Pass | None:
        row = self._connection.execute(sa.select(passes).where(condition, passes.c.expires_at > ms(at))).one_or_none()
        if row is None:
            return None
        return Pass(row.id, row.student_id, row.login, row.code_hash, row.tries_left, from_ms(row.created_at),
                    from_ms(row.expires_at))


def _grant(row: Any) -> AppGrant:
    return AppGrant(row.id, row.app_id, row.state, row.request, row.pass_id, row.student_id, tuple(row.scopes),
                    row.sensitive, from_ms(row.expires_at))


def _record(row: Any) -> AppRecord:
    return AppRecord(row.id, row.student_id, row.app_id, row.app_name, row.app_host, row.issuer_id, row.credential_id,
                     row.title, row.issuer_name, row.is_jws, row.text, from_ms(row.issued_at), row.report,
                     from_ms(row.checked_at))
