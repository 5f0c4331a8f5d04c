"""Asking somebody for records: a request is made, opened by a wallet, answered once, or it ends.

A request lives two minutes until it is first opened and twenty minutes from then on (protocols.md "Lifetimes"). "More
time" adds twenty on our page; a wallet that reads the request again gets its twenty minutes anew (WCAG 2.2.1). Its
nonce, state and address are its own, so that answers cannot be mixed. A request for a full record is sent to a school,
whose registrar approves: it lives ten days, may be read again, and only that school can answer it.

Spec: OPENID4VP #name-authorization-request; security.md E06, E07, E12
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from credkit.errors import StateError
from credkit.ports import Clock, JSONObject, Randomness
from credkit.protocols import dcql
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import Links
from verifier.config import Lifetimes
from verifier.services.compat import Compat
from verifier.services.naming import Manner, Names
from verifier.services.profiles import Profile
from verifier.services.questions import KINDS, Kind, Question, build_query, build_sd_jwt_query, parse_question
from verifier.services.sealing import AnswerKeys
from verifier.services.setup import Identity
from verifier.store import RequestRecord, Store

SECRET_BYTES: Final = 16
CRYPTOSUITES: Final = (
    "ecdsa-sd-2023",
    "bbs-2023",
    "eddsa-rdfc-2022",
    "ecdsa-rdfc-2019",
    "eddsa-jcs-2022",
    "ecdsa-jcs-2019",
)


class Progress(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    OPENED = "opened"
    ANSWERED = "answered"
    REFUSED = "refused"
    TOO_OLD = "too-old"


@dataclass(frozen=True)
class Asked:
    """A request as whoever asked sees it.

    Attributes:
        request_uri: Where the signed request lies; "" where it is not signed and the links hold all of it.
        secret: What lets the one who asked read the answer; known only when the request is made, else "".
        links: Where the family can open it: the scheme for installed wallets, and one https address per wallet of the
            office.
    """

    id: str
    question: Question
    query: JSONObject
    progress: Progress
    created_at: datetime
    expires_at: datetime
    client_id: str
    request_uri: str
    links: Links
    result_id: str | None = None
    refusal: str | None = None
    secret: str = ""


class Requests:
    """Make requests, serve them to wallets, say where they stand."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        names: Names,
        answer_keys: AnswerKeys,
        compat: Compat,
        profile: Profile,
        clock: Clock,
        randomness: Randomness,
        lifetimes: Lifetimes,
    ) -> None:
        self._store = store
        self._identity = identity
        self._names = names
        self._answer_keys = answer_keys
        self._proof_types = (*v1_0.PROOF_TYPES, *compat.proof_types)
        self._profile = profile
        self._clock = clock
        self._randomness = randomness
        self._lifetimes = lifetimes

    def ask(
        self,
        question: Question,
        *,
        secret: str | None = None,
        query: JSONObject | None = None,
        manner: Manner | None = None,
    ) -> Asked:
        """Make a request.

        Args:
            query: The DCQL query of an ``open_question``; else it follows from ``question``.
            secret: What will let the asker read the answer (a browser session's); a fresh one if None.
            manner: Under which name, and how the answer is to come; as usual if None.

        Raises:
            StateError: the verifier has no such name, or its profile forbids such a request, or wants a list of the
                schools whose records are asked for.
        """
        manner, query = manner or self.usual, self._query(question) if query is None else query
        self._profile.check_request(manner, dcql.parse_query(query))
        secret, request_id = secret or self._fresh(), self._fresh()
        now = self._clock.now()
        asker = self._names.choose(manner, self.response_uri(request_id))
        lifetime_s = self._unopened_s(question)
        if asker.signer is None:
            lifetime_s = max(lifetime_s, self._lifetimes.answer_s)
        record = RequestRecord(
            id=request_id,
            owner_hash=hash_secret(secret),
            question=question.to_json(),
            query=query,
            nonce=self._fresh(),
            state=self._fresh(),
            created_at=now,
            expires_at=now + timedelta(seconds=lifetime_s),
            client_id=asker.client_id,
            response_mode=manner.response_mode,
            answer_key=self._answer_keys.make(request_id) if manner.response_mode == v1_0.DIRECT_POST_JWT else None,
        )
        self._store.add_request(record)
        return self._asked(record, now, secret=secret)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What can be asked for in plain words: everything, or under a profile that wants SD-JWT what has that form."""
        return KINDS if self._asks_for_documents else tuple(each for each in KINDS if each.record)

    @property
    def _asks_for_documents(self) -> bool:
        return dcql.FORMAT in self._profile.formats

    def _query(self, question: Question) -> JSONObject:
        if self._asks_for_documents:
            return build_query(question)
        return build_sd_jwt_query(question, [each.did for each in self._store.allow_list().issuers])

    @property
    def usual(self) -> Manner:
        """How requests are made if nobody says otherwise."""
        return self._profile.usual

    def find(self, request_id: str, *, secret: str | None = None) -> Asked:
        """A request as it stands.

        Args:
            secret: If given, the asker's secret must be this one.

        Raises:
            StateError: no such request, or not yours; which of the two is not told.
        """
        record = self._store.request(request_id)
        if record is None or (secret is not None and not hmac.compare_digest(record.owner_hash, hash_secret(secret))):
            raise StateError("There is no such request, or it was removed.")
        return self._asked(record, self._clock.now())

    def owned_by(self, request_id: str, secret: str) -> bool:
        """Whether ``secret`` is that of whoever made the request."""
        record = self._store.request(request_id)
        return record is not None and hmac.compare_digest(record.owner_hash, hash_secret(secret))

    def newest(self, limit: int = 50) -> list[Asked]:
        """The newest requests, newest first."""
        now = self._clock.now()
        return [self._asked(record, now) for record in self._store.requests(limit)]

    def more_time(self, request_id: str) -> Asked:
        """Give the family as much time again, up to the longest a request may live.

        Raises:
            StateError: it is answered, or it has ended.
        """
        record, now = self._store.request(request_id), self._clock.now()
        start = now if record is None else max(now, record.expires_at)
        if not self._extend(request_id, now, start + timedelta(seconds=self._lifetimes.answer_s)):
            raise StateError("This request has ended; make a new one.")
        return self.find(request_id)

    def serve(self, request_id: str, *, wallet_nonce: str | None = None) -> str:
        """The signed request object for a wallet; reading it starts the time to answer, and closes it to other wallets.

        Args:
            wallet_nonce: What the wallet sent by POST; it stands in the object, so that the wallet knows it is fresh.

        Raises:
            StateError: no such request, or it is answered, or it has ended, or another wallet has opened it, or it is
                one that is not signed.
        """
        now = self._clock.now()
        stored = self._store.request(request_id)
        asker = None if stored is None else self._names.find(stored.client_id)
        if asker is None or asker.signer is None:
            raise StateError("There is no such request, or it was removed.")
        record = self._open(request_id, now, hash_secret(wallet_nonce or ""))
        return v1_0.build_request_object(
            asker.signer,
            now=now,
            lifetime_s=max(1, int((record.expires_at - now).total_seconds())),
            wallet_nonce=wallet_nonce,
            certificates=asker.certificates,
            **self._said(record),
        )

    def record(self, request_id: str) -> RequestRecord:
        """A request as it is stored.

        Raises:
            StateError: there is none.
        """
        found = self._store.request(request_id)
        if found is None:
            raise StateError("There is no such request, or it was removed.")
        return found

    def open_plainly(self, request_id: str) -> RequestRecord:
        """A request for a wallet that sends no nonce of its own and gets it unsigned; else as ``serve``.

        Raises:
            StateError: as ``serve``.
        """
        return self._open(request_id, self._clock.now(), hash_secret(""))

    def _said(self, record: RequestRecord) -> dict[str, Any]:
        """What a request says, whoever signs it (``v1_0.build_parameters``)."""
        question = parse_question(record.question)
        return {
            "client_id": record.client_id,
            "response_uri": self.response_uri(record.id),
            "dcql_query": record.query,
            "nonce": record.nonce,
            "state": record.state,
            "cryptosuites": CRYPTOSUITES,
            "proof_types": self._proof_types,
            "algorithms": self._profile.algorithms,
            "encryption_jwk": None if record.answer_key is None else self._answer_keys.open(record.answer_key),
            "purpose": question.purpose or None,
            "purpose_until": question.ends_at,
            "client_name": self._identity.chosen_name,
        }

    def _open(self, request_id: str, now: datetime, wallet: str) -> RequestRecord:
        """The request, noted as read by ``wallet`` (the hash of its nonce)."""
        record = self._store.request(request_id)
        is_family = record is not None and not parse_question(record.question).sender
        until = now + timedelta(seconds=self._lifetimes.answer_s)
        if record is not None and not is_family:
            until = max(until, record.expires_at)
        first = self._store.open_request(request_id, now, until, wallet)
        record = self._store.request(request_id)
        if record is not None and not first and record.opened_by == wallet and self._extend(request_id, now, until):
            record = self._store.request(request_id)
        if record is None or record.answered_at is not None or record.expires_at <= now:
            raise StateError("This request was answered already or has ended; ask for a new one.")
        if is_family and record.opened_by != wallet:
            raise StateError("This request was opened by another wallet already; ask for a new one.")
        return record

    def response_uri(self, request_id: str) -> str:
        """Where the answer to a request goes."""
        return f"{self._identity.origin}/responses/{request_id}"

    def _extend(self, request_id: str, now: datetime, until: datetime) -> bool:
        record = self._store.request(request_id)
        if record is None:
            return False
        question = parse_question(record.question)
        longest = record.created_at + timedelta(seconds=max(self._lifetimes.longest_s, self._unopened_s(question)))
        return self._store.extend_request(request_id, now, max(record.expires_at, min(until, longest)))

    def _asked(self, record: RequestRecord, now: datetime, secret: str = "") -> Asked:
        request_uri, wallets = "", self._identity.wallets
        if record.client_id.startswith(f"{v1_0.REDIRECT_URI}:"):
            links = v1_0.plain_request_links(v1_0.build_parameters(**self._said(record)), wallets=wallets)
        else:
            request_uri = f"{self._identity.origin}/requests/{record.id}/object"
            links = v1_0.request_links(record.client_id, request_uri, wallets=wallets, scheme=self._profile.scheme)
        return Asked(
            id=record.id,
            question=parse_question(record.question),
            query=record.query,
            progress=_progress(record, now),
            created_at=record.created_at,
            expires_at=record.expires_at,
            client_id=record.client_id,
            request_uri=request_uri,
            links=links,
            result_id=record.result_id,
            refusal=record.refusal,
            secret=secret,
        )

    def _unopened_s(self, question: Question) -> int:
        return self._lifetimes.transfer_s if question.sender else self._lifetimes.unopened_s

    def _fresh(self) -> str:
        return self._randomness.token_bytes(SECRET_BYTES).hex()


def hash_secret(secret: str) -> str:
    """SHA-256, hex: secrets are stored so that reading the database gives none away."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _progress(record: RequestRecord, now: datetime) -> Progress:
    if record.refusal is not None:
        return Progress.REFUSED
    if record.answered_at is not None:
        return Progress.ANSWERED
    if record.expires_at <= now:
        return Progress.TOO_OLD
    return Progress.OPENED if record.fetched_at is not None else Progress.WAITING
