"""What the store hands out about other programs and the passes that let them in: frozen, without SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from credkit.ports import JSONObject

TokenKind = Literal["access", "refresh"]


@dataclass(frozen=True)
class Pass:
    """What a learner logs in with where another program asks for leave; one per student.

    Attributes:
        login: What is typed first; names nobody.
        code_hash: Hash of the code that is typed second.
        tries_left: Wrong codes until the pass is dead.
    """

    id: str
    student_id: str
    login: str
    code_hash: str
    tries_left: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class App:
    """A registered program; ``id`` is its ``client_id``.

    Attributes:
        metadata: What it said of itself, as ``ClientMetadata.to_json`` writes it.
        used_at: When it last got a token, None if never.
        expires_at: When its registration ends, which every token moves.
    """

    id: str
    secret_hash: str
    metadata: JSONObject
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True)
class AppGrant:
    """One leave on its way: a program asks, a learner says yes, the program has tokens.

    Attributes:
        state: ``asked`` (a person has the page) → ``granted`` (the program has a code) → ``redeemed``.
        request: ``redirect_uri``, ``state``, ``code_challenge``, ``scopes``, as they were asked.
        pass_id, student_id: Who said yes; None before.
        scopes: What the learner agreed to.
        sensitive: Whether sensitive records are part of it.
        expires_at: When the present secret ends; once redeemed, when the pass does.
    """

    id: str
    app_id: str
    state: str
    request: JSONObject
    pass_id: str | None
    student_id: str | None
    scopes: tuple[str, ...]
    sensitive: bool
    expires_at: datetime


@dataclass(frozen=True)
class AppToken:
    """What a token of a program allows. ``used_at``: when a refresh token was used, which is good once."""

    kind: TokenKind
    grant_id: str
    app_id: str
    student_id: str
    scopes: tuple[str, ...]
    sensitive: bool
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """A record as it was signed for whoever a learner lets read it: JSON text, the same until the record changes."""

    credential_id: str
    version: int
    text: str
    signed_at: datetime


@dataclass(frozen=True)
class AppRecord:
    """A record that a program handed in for a student, as it came.

    Attributes:
        app_id, app_name, app_host: Who handed it in.
        issuer_id, credential_id: What makes it the same record as another.
        title, issuer_name: As the record calls itself and who signed it.
        is_jws: Whether ``text`` is a compact JWS; else it is JSON.
        issued_at: When the record says that it was issued.
        report: Outcome and checks of its verification, at ``checked_at``.
    """

    id: str
    student_id: str
    app_id: str
    app_name: str
    app_host: str
    issuer_id: str
    credential_id: str
    title: str
    issuer_name: str
    is_jws: bool
    text: str
    issued_at: datetime
    report: JSONObject
    checked_at: datetime
