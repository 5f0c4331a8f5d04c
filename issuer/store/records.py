"""What the store hands out: frozen, without SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credkit.ports import JSONObject


@dataclass(frozen=True)
class ImportRecord:
    """A file that was read. ``roster`` is ``services.importing``'s JSON form; ``outcome`` counts, once confirmed."""

    id: str
    file_name: str
    digest: str
    roster: JSONObject
    created_at: datetime
    confirmed_at: datetime | None
    outcome: JSONObject | None


@dataclass(frozen=True)
class Progress:
    """How far a student's set is collected; ``total`` counts what is not taken back."""

    collected: int
    total: int


@dataclass(frozen=True)
class Person:
    """A student as the office knows them."""

    id: str
    number: str
    given_name: str
    family_name: str
    aliases: tuple[str, ...]

    @property
    def name(self) -> str:
        """Given name and family names, as one line."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True)
class StoredCourse:
    """A course record as it was last imported."""

    key: str
    record: JSONObject


@dataclass(frozen=True)
class Credential:
    """An approved intent: what will be signed for whoever collects it.

    Attributes:
        id: Credential id, ``urn:uuid:…``.
        kind: ``course``, ``transcript`` or ``badge``; also the id of its credential configuration.
        slot: What of the student it records; one living credential per slot.
        version: Counts up when what it says changes.
        document: Unsigned, without ``credentialSubject.id``.
        content_digest: SHA-256 (hex) of what it was made from.
        document_digest: SHA-256 (hex) of ``document``: what was approved.
        list_number, list_index: Its place in the lists of taken-back records.
        revoked_at: When it was taken back, or None.
        collected_version: The newest version somebody has collected, 0 for none.
    """

    id: str
    student_id: str
    kind: str
    slot: str
    title: str
    version: int
    document: JSONObject
    content_digest: str
    document_digest: str
    list_number: int
    list_index: int
    created_at: datetime
    updated_at: datetime
    revoked_at: datetime | None = None
    collected_version: int = 0

    @property
    def is_collected(self) -> bool:
        """Whether a wallet has this very version."""
        return self.collected_version >= self.version


@dataclass(frozen=True)
class Revocation:
    """Who took a credential back, when and why."""

    credential_id: str
    revoked_at: datetime
    actor: str
    reason: str


@dataclass(frozen=True)
class Claim:
    """A promise to one student: what they may collect with one transaction code, however often it is offered."""

    id: str
    student_id: str
    tries_left: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Item:
    """One credential in a claim under its random credential identifier; ``issued`` once somebody collected it."""

    identifier: str
    credential_id: str
    kind: str
    title: str
    issued: bool
    revoked: bool


@dataclass(frozen=True)
class Offer:
    """One pre-authorized code for a claim."""

    id: str
    claim_id: str
    created_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None
    fetched_at: datetime | None


@dataclass(frozen=True)
class Token:
    """What an access token allows. ``identifiers`` is None if none were asked for: then all of the claim."""

    claim_id: str
    identifiers: tuple[str, ...] | None


@dataclass(frozen=True)
class Issuance:
    """A credential as it was given out, byte for byte what any repetition gets."""

    identifier: str
    credential_id: str
    version: int
    holder: str
    document: JSONObject
    issued_at: datetime
    notification_id: str
    event: str | None = None


@dataclass(frozen=True)
class LogEntry:
    """One line of the log; ``hash`` chains it to the one before."""

    seq: int
    at: datetime
    event: str
    actor: str
    subject: str
    detail: JSONObject
    previous: str
    hash: str
