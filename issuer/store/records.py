"""What the store hands out: frozen, without SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from credkit.ports import JSONObject

Grant = Literal["pre-authorized", "code"]
"""How the wallet turns an offer into an access token: with the code that is in it, or by way of ``/authorize``."""

ALONE: Final = ("guardianship", "court-limit")
"""Kinds of credential that belong to no student's set: each is offered by itself, to the one family it is for."""


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
    """A student as the office knows them. ``left_on`` is the day the student left the school, or None."""

    id: str
    number: str
    given_name: str
    family_name: str
    aliases: tuple[str, ...]
    left_on: date | None = None

    @property
    def name(self) -> str:
        """Given name and family names, as one line."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True)
class StoredCourse:
    """A course record as it was last imported."""

    key: str
    record: JSONObject


def language_of(document: JSONObject) -> str | None:
    """BCP 47 tag of what a credential is called, None where it does not say."""
    tag: str | None = document["credentialSubject"].get("achievement", {}).get("inLanguage")
    return tag


@dataclass(frozen=True)
class Credential:
    """An approved intent: what will be signed for whoever collects it.

    Attributes:
        id: Credential id, ``urn:uuid:…``.
        kind: ``course``, ``transcript``, ``badge`` or another key of ``services.metadata.CONFIGURATIONS``.
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
    def language(self) -> str | None:
        """See ``language_of``."""
        return language_of(self.document)

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
    """A promise to one student: what they may collect with one transaction code, however often it is offered.

    Attributes:
        notice: What the office must tell the family with it (a copy went to another school), or None.
        alone: Id of the one credential it is about, if that belongs to no student's set (``ALONE``), or the
            credential configuration, a colon and a number, if it offers records of one kind; else None.
        grant: By which grant its offers are collected (``PRE_AUTHORIZED`` or ``CODE``).
        has_tx_code: Whether a transaction code is asked for; if not, the link alone is the right to collect.
    """

    id: str
    student_id: str
    tries_left: int
    created_at: datetime
    expires_at: datetime
    notice: str | None = None
    alone: str | None = None
    grant: Grant = "pre-authorized"
    has_tx_code: bool = True


@dataclass(frozen=True)
class Item:
    """One credential in a claim under its random credential identifier.

    Attributes:
        kind: Id of the credential configuration: as a rule the kind of the credential.
        language: BCP 47 tag of the title, None where the document does not say.
        issued: Somebody collected it.
        revoked: It was taken back, or a registrar said no.
        waits: It is not made yet: a registrar has still to say yes. Then ``credential_id`` is empty.
    """

    identifier: str
    credential_id: str
    kind: str
    title: str
    language: str | None
    issued: bool
    revoked: bool
    waits: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it can still be collected: nobody has it, and it was not taken back."""
        return not self.issued and not self.revoked


@dataclass(frozen=True)
class Offer:
    """One pre-authorized code, or one ``issuer_state``, for a claim."""

    id: str
    claim_id: str
    created_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None
    fetched_at: datetime | None

    def lives(self, now: datetime) -> bool:
        """Whether it can still be used: nobody has, and its time is not up."""
        return self.redeemed_at is None and self.expires_at > now


@dataclass(frozen=True)
class Token:
    """What an access token allows.

    Attributes:
        identifiers: None if none were asked for: then all of the claim.
        jkt: Thumbprint of the key that it is only good with (RFC9449 #section-6), None for a bearer token.
        authorization_id: The authorization it came from, None if from a pre-authorized code.
    """

    claim_id: str
    identifiers: tuple[str, ...] | None
    jkt: str | None = None
    authorization_id: str | None = None


@dataclass(frozen=True)
class Authorization:
    """One authorization request on its way to a token.

    Attributes:
        request: What the wallet asked (``services.authorizing`` reads it).
        state: ``pushed`` → ``asked`` (a person has the page) → ``granted`` (the wallet has a code) → ``redeemed``;
            each has its own secret, of which the database holds the hash: address, page, code.
        claim_id: What was granted, or what the offer was about; None while nobody knows.
        offer_id: The offer whose ``issuer_state`` began it, or None.
        expires_at: When the present secret ends.
    """

    id: str
    request: JSONObject
    state: str
    claim_id: str | None
    offer_id: str | None
    expires_at: datetime


@dataclass(frozen=True)
class Issuance:
    """A credential as it was given out, byte for byte what any repetition gets.

    Attributes:
        holders: Who proved a key for it, one DID per key; none where the form is bound to no key.
        documents: One copy per key; one where there is no key.
    """

    identifier: str
    credential_id: str
    version: int
    holders: tuple[str, ...]
    documents: tuple[JSONObject | str, ...]
    issued_at: datetime
    notification_id: str
    event: str | None = None


@dataclass(frozen=True)
class Deferral:
    """A wallet that will come again for an item; ``holders`` as ``services.deferring`` writes the keys it proved."""

    claim_id: str
    identifier: str
    holders: tuple[JSONObject, ...]


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


@dataclass(frozen=True)
class Staff:
    """A login of the office: its name, the hash of its password, and what it may do (``services.staff.ROLES``)."""

    name: str
    password_hash: str
    role: str


@dataclass(frozen=True)
class Petition:
    """Something that waits for a registrar's word, or has had it.

    Attributes:
        kind: ``award``, ``reissue``, ``transfer``, ``endorsement``, ``guardianship`` or ``court-limit``.
        subject: Id of the record it is about, or None.
        content: What is asked, by kind.
        digest: SHA-256 (hex) of ``content``: what the registrar saw is what is done (security.md K07).
        created_by: Login, ``wallet`` or ``command line``.
        state: ``waiting``, ``approved`` or ``refused``; a transfer also ``sending``, ``sent``, ``failed``, ``unknown``.
        reason: Why it was refused; stays at the office.
        outcome: What came of it, by kind, or None.
    """

    id: str
    kind: str
    student_id: str
    subject: str | None
    content: JSONObject
    digest: str
    created_at: datetime
    created_by: str
    state: str = "waiting"
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
    outcome: JSONObject | None = None


@dataclass(frozen=True)
class StandardRow:
    """One item of a framework of standards (CASE CFItem). ``grades`` as the framework writes them."""

    uri: str
    framework: str
    code: str
    statement: str
    kind: str | None = None
    language: str | None = None
    grades: tuple[str, ...] = ()
