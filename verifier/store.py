"""The verifier's only SQL: settings, operators, whom we trust, requests, results, and the memory of status lists."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from credkit import storage
from credkit.ports import JSONObject
from credkit.storage import reading, transaction
from credkit.trust.allow_list import AllowList, TrustedIssuer

_META = sa.MetaData()
_SETTINGS = sa.Table("settings", _META, sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.Text))
_OPERATORS = sa.Table(
    "operators", _META, sa.Column("name", sa.String, primary_key=True), sa.Column("password_hash", sa.Text)
)
_TRUSTED = sa.Table(
    "trusted_issuers",
    _META,
    sa.Column("did", sa.String, primary_key=True),
    sa.Column("name", sa.String),
    sa.Column("added_at", sa.BigInteger),
)
_RESULTS = sa.Table(
    "results",
    _META,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String),
    sa.Column("created_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("story", sa.Text),
)
_REQUESTS = sa.Table(
    "requests",
    _META,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("owner_hash", sa.String),
    sa.Column("question", sa.Text),
    sa.Column("query", sa.Text),
    sa.Column("nonce", sa.String),
    sa.Column("state", sa.String),
    sa.Column("created_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("fetched_at", sa.BigInteger),
    sa.Column("opened_by", sa.String),
    sa.Column("answered_at", sa.BigInteger),
    sa.Column("refusal", sa.String),
    sa.Column("response_code_hash", sa.String),
    sa.Column("result_id", sa.String),
    sa.Column("client_id", sa.String),
    sa.Column("response_mode", sa.String),
    sa.Column("answer_key", sa.Text),
)
_STATUS_LISTS = sa.Table(
    "status_lists",
    _META,
    sa.Column("url", sa.String, primary_key=True),
    sa.Column("credential", sa.Text),
    sa.Column("fetched_at", sa.BigInteger),
)
_SIGNER_DOCUMENTS = sa.Table(
    "signer_documents",
    _META,
    sa.Column("url", sa.String, primary_key=True),
    sa.Column("body", sa.LargeBinary),
    sa.Column("fetched_at", sa.BigInteger),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What nearly every request asks is put together once: doing so takes longer than the database's answer.
_SETTING = sa.select(_SETTINGS.c.value).where(_SETTINGS.c.name == sa.bindparam("name"))
_PASSWORD_HASH = sa.select(_OPERATORS.c.password_hash).where(_OPERATORS.c.name == sa.bindparam("name"))
_ALLOW_LIST = sa.select(_TRUSTED.c.did, _TRUSTED.c.name).order_by(_TRUSTED.c.name, _TRUSTED.c.did)
_REQUEST = sa.select(_REQUESTS).where(_REQUESTS.c.id == sa.bindparam("id"))
_RESULT = sa.select(_RESULTS).where(_RESULTS.c.id == sa.bindparam("id"), _RESULTS.c.expires_at > sa.bindparam("now"))
_UNTIL = sa.bindparam("until", type_=sa.BigInteger)
_OVER = (
    sa.update(_REQUESTS).where(_REQUESTS.c.result_id.in_(
        sa.select(_RESULTS.c.id).where(_RESULTS.c.expires_at <= _UNTIL))).values(result_id=None),
    sa.delete(_RESULTS).where(_RESULTS.c.expires_at <= _UNTIL),
    sa.update(_REQUESTS).where(_REQUESTS.c.expires_at <= _UNTIL, _REQUESTS.c.answer_key.is_not(None)).values(
        answer_key=None),
)
_OLD_REQUESTS = sa.delete(_REQUESTS).where(_REQUESTS.c.expires_at <= _UNTIL, _REQUESTS.c.result_id.is_(None))
_OLD_COPIES = tuple(sa.delete(table).where(table.c.fetched_at <= _UNTIL)
                    for table in (_STATUS_LISTS, _SIGNER_DOCUMENTS))


@dataclass(frozen=True)
class RequestRecord:
    """One request for records, as it is stored.

    Attributes:
        owner_hash: SHA-256 (hex) of the secret of whoever asked; only they see the answer through the API.
        question: What was asked in plain terms (``services.questions``).
        query: The DCQL query that was made of it.
        client_id: Under which name it was made; audience of every presentation.
        response_mode: How the answer comes.
        answer_key: The key of an answer that comes encrypted, sealed; None once it is answered or has ended.
        opened_by: SHA-256 (hex) of the nonce of the wallet that read the request first.
        refusal: The error code a wallet sent in place of records.
        response_code_hash: SHA-256 (hex) of the code given to the wallet that answered.
    """

    id: str
    owner_hash: str
    question: JSONObject
    query: JSONObject
    nonce: str
    state: str
    created_at: datetime
    expires_at: datetime
    client_id: str
    response_mode: str
    answer_key: str | None = None
    fetched_at: datetime | None = None
    opened_by: str | None = None
    answered_at: datetime | None = None
    refusal: str | None = None
    response_code_hash: str | None = None
    result_id: str | None = None


@dataclass(frozen=True)
class ResultRecord:
    """What a check came to: the report and nothing else. ``kind`` is ``answer`` or ``check``."""

    id: str
    kind: str
    created_at: datetime
    expires_at: datetime
    story: JSONObject


class Store:
    """Reads and writes; implements ``credkit.ports.Memory``. Every method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # settings and operators

    def setting(self, name: str) -> str | None:
        """The value of a setting, or None."""
        with reading(self._engine) as connection:
            return connection.scalar(_SETTING, {"name": name})

    def begin_settings(self, settings: dict[str, str], operator: str, password_hash: str) -> bool:
        """Store the first settings and the operator; False (and nothing stored) if there are settings already."""
        with transaction(self._engine) as connection:
            if connection.scalar(sa.select(sa.func.count()).select_from(_SETTINGS)):
                return False
            connection.execute(
                sa.insert(_SETTINGS), [{"name": name, "value": value} for name, value in settings.items()]
            )
            connection.execute(sa.insert(_OPERATORS).values(name=operator, password_hash=password_hash))
            return True

    def password_hash(self, operator: str) -> str | None:
        """The stored hash of an operator's password, or None."""
        with reading(self._engine) as connection:
            return connection.scalar(_PASSWORD_HASH, {"name": operator})

    # whom we trust

    def allow_list(self) -> AllowList:
        """Everybody we trust, by name."""
        with reading(self._engine) as connection:
            return AllowList(tuple(TrustedIssuer(row.did, row.name) for row in connection.execute(_ALLOW_LIST)))

    def trust(self, issuer: TrustedIssuer, now: datetime) -> None:
        """Add an issuer, or give one we have another name."""
        with transaction(self._engine) as connection:
            connection.execute(sa.delete(_TRUSTED).where(_TRUSTED.c.did == issuer.did))
            connection.execute(sa.insert(_TRUSTED).values(did=issuer.did, name=issuer.name, added_at=_ms(now)))

    def distrust(self, did: str) -> bool:
        """Remove an issuer; False if it was not there."""
        with transaction(self._engine) as connection:
            return connection.execute(sa.delete(_TRUSTED).where(_TRUSTED.c.did == did)).rowcount == 1

    # requests

    def add_request(self, record: RequestRecord) -> None:
        """Store a new request."""
        with transaction(self._engine) as connection:
            connection.execute(
                sa.insert(_REQUESTS).values(
                    id=record.id,
                    owner_hash=record.owner_hash,
                    question=json.dumps(record.question),
                    query=json.dumps(record.query),
                    nonce=record.nonce,
                    state=record.state,
                    created_at=_ms(record.created_at),
                    expires_at=_ms(record.expires_at),
                    client_id=record.client_id,
                    response_mode=record.response_mode,
                    answer_key=record.answer_key,
                )
            )

    def request(self, request_id: str) -> RequestRecord | None:
        """The request of this id, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_REQUEST, {"id": request_id}).one_or_none()
            return None if row is None else _request(row)

    def requests(self, limit: int) -> list[RequestRecord]:
        """The newest requests."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(_REQUESTS).order_by(_REQUESTS.c.created_at.desc()).limit(limit))
            return [_request(row) for row in rows]

    def open_request(self, request_id: str, now: datetime, expires_at: datetime, opened_by: str) -> bool:
        """Note which wallet has read the request; only the first time counts, and only before it is too old."""
        first = _REQUESTS.c.fetched_at.is_(None)
        return self._update_open(
            request_id, now, first, fetched_at=_ms(now), expires_at=_ms(expires_at), opened_by=opened_by
        )

    def extend_request(self, request_id: str, now: datetime, expires_at: datetime) -> bool:
        """Give more time; False if the request is answered or too old already."""
        return self._update_open(request_id, now, sa.true(), expires_at=_ms(expires_at))

    def refuse_request(self, request_id: str, now: datetime, error: str) -> bool:
        """Note that a wallet answered with an error; False if somebody was quicker or it is too old."""
        return self._update_open(request_id, now, sa.true(), answered_at=_ms(now), refusal=error, answer_key=None)

    def answer_request(self, request_id: str, now: datetime, result: ResultRecord, response_code_hash: str) -> bool:
        """Use the request up and keep the result, both or neither; False if somebody was quicker or it is too old."""
        with transaction(self._engine) as connection:
            connection.execute(_insert_result(result))
            used = (
                connection.execute(
                    _still_open(request_id, now).values(
                        answered_at=_ms(now),
                        result_id=result.id,
                        response_code_hash=response_code_hash,
                        answer_key=None,
                    )
                ).rowcount
                == 1
            )
            if not used:
                connection.execute(sa.delete(_RESULTS).where(_RESULTS.c.id == result.id))
            return used

    def _update_open(self, request_id: str, now: datetime, condition: sa.ColumnElement[bool], **values: Any) -> bool:
        with transaction(self._engine) as connection:
            return connection.execute(_still_open(request_id, now).where(condition).values(**values)).rowcount == 1

    # results

    def add_result(self, result: ResultRecord) -> None:
        """Keep a result until it expires."""
        with transaction(self._engine) as connection:
            connection.execute(_insert_result(result))

    def result(self, result_id: str, now: datetime) -> ResultRecord | None:
        """The result of this id unless it has expired."""
        with reading(self._engine) as connection:
            row = connection.execute(_RESULT, {"id": result_id, "now": _ms(now)}).one_or_none()
            return None if row is None else _result(row)

    def results(
        self, now: datetime, *, limit: int, offset: int = 0, kind: str | None = None
    ) -> list[ResultRecord]:
        """Results that have not expired, newest first; those of one kind if one is named."""
        wanted = _RESULTS.c.expires_at > _ms(now)
        with reading(self._engine) as connection:
            rows = connection.execute(
                sa.select(_RESULTS)
                .where(wanted if kind is None else wanted & (_RESULTS.c.kind == kind))
                .order_by(_RESULTS.c.created_at.desc(), _RESULTS.c.id)
                .limit(limit)
                .offset(offset)
            )
            return [_result(row) for row in rows]

    def remove_result(self, result_id: str) -> bool:
        """Forget a result; False if it was not there."""
        with transaction(self._engine) as connection:
            connection.execute(sa.update(_REQUESTS).where(_REQUESTS.c.result_id == result_id).values(result_id=None))
            return connection.execute(sa.delete(_RESULTS).where(_RESULTS.c.id == result_id)).rowcount == 1

    def remove_expired(self, now: datetime, *, keep_requests_s: int, keep_lists_s: int) -> None:
        """Remove expired results, requests that ended ``keep_requests_s`` ago, and status lists and copies of signers'
        documents that are ``keep_lists_s`` old.
        """
        with transaction(self._engine) as connection:
            for over in _OVER:
                connection.execute(over, {"until": _ms(now)})
            connection.execute(_OLD_REQUESTS, {"until": _ms(now - timedelta(seconds=keep_requests_s))})
            for too_old in _OLD_COPIES:
                connection.execute(too_old, {"until": _ms(now - timedelta(seconds=keep_lists_s))})

    def scrub(self) -> None:
        """Take what was deleted out of the database's log too; if somebody reads just then, the next sweep does it."""
        storage.scrub(self._engine)

    # credkit.ports.Memory

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """The last verified status list credential from ``url`` and when it was fetched."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(_STATUS_LISTS).where(_STATUS_LISTS.c.url == url)).one_or_none()
            return None if row is None else (json.loads(row.credential), _moment(row.fetched_at))

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """Keep the newest verified status list credential from ``url``."""
        with transaction(self._engine) as connection:
            connection.execute(sa.delete(_STATUS_LISTS).where(_STATUS_LISTS.c.url == url))
            connection.execute(
                sa.insert(_STATUS_LISTS).values(url=url, credential=json.dumps(credential), fetched_at=_ms(fetched_at))
            )

    def status_list_urls(self) -> tuple[str, ...]:
        """Where the lists lie that were seen before."""
        with reading(self._engine) as connection:
            return tuple(connection.scalars(sa.select(_STATUS_LISTS.c.url).order_by(_STATUS_LISTS.c.url)))

    # services.offline.Copies

    def signer_document(self, url: str) -> tuple[bytes, datetime] | None:
        """The copy of the DID document at ``url`` and when it was fetched."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(_SIGNER_DOCUMENTS).where(_SIGNER_DOCUMENTS.c.url == url)).one_or_none()
            return None if row is None else (row.body, _moment(row.fetched_at))

    def remember_signer_document(self, url: str, body: bytes, fetched_at: datetime) -> None:
        """Keep the newest copy of the DID document at ``url``."""
        with transaction(self._engine) as connection:
            connection.execute(sa.delete(_SIGNER_DOCUMENTS).where(_SIGNER_DOCUMENTS.c.url == url))
            connection.execute(sa.insert(_SIGNER_DOCUMENTS).values(url=url, body=body, fetched_at=_ms(fetched_at)))


def _still_open(request_id: str, now: datetime) -> sa.Update:
    return sa.update(_REQUESTS).where(
        _REQUESTS.c.id == request_id, _REQUESTS.c.answered_at.is_(None), _REQUESTS.c.expires_at > _ms(now)
    )


def _insert_result(result: ResultRecord) -> sa.Insert:
    return sa.insert(_RESULTS).values(
        id=result.id,
        kind=result.kind,
        created_at=_ms(result.created_at),
        expires_at=_ms(result.expires_at),
        story=json.dumps(result.story),
    )


def _result(row: Row[Any]) -> ResultRecord:
    return ResultRecord(row.id, row.kind, _moment(row.created_at), _moment(row.expires_at), json.loads(row.story))


def _request(row: Row[Any]) -> RequestRecord:
    return RequestRecord(
        id=row.id,
        owner_hash=row.owner_hash,
        question=json.loads(row.question),
        query=json.loads(row.query),
        nonce=row.nonce,
        state=row.state,
        created_at=_moment(row.created_at),
        expires_at=_moment(row.expires_at),
        client_id=row.client_id,
        response_mode=row.response_mode,
        answer_key=row.answer_key,
        fetched_at=_maybe(row.fetched_at),
        opened_by=row.opened_by,
        answered_at=_maybe(row.answered_at),
        refusal=row.refusal,
        response_code_hash=row.response_code_hash,
        result_id=row.result_id,
    )


def _ms(moment: datetime) -> int:
    return round((moment - _EPOCH).total_seconds() * 1000)


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _maybe(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else _moment(milliseconds)
