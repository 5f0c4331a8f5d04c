"""What the components of pages.md are given: plain frozen values. The macros escape every text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Kind = Literal["school", "tutor", "family"]
"""Who speaks: "signed by a school", "awarded by a tutor", "said by the family"; they look different everywhere."""

Status = Literal["good", "revoked", "suspended", "expired", "not-yet", "unknown"]
"""``unknown``: could not be checked."""


@dataclass(frozen=True)
class Signer:
    """Who signed.

    Attributes:
        known_as: The name our own list knows it by; None if it is not on it.
        calls_itself: The name the credential claims; shown as a claim unless it equals ``known_as``.
        identifier: The DID or address, shown behind "details".
        domain: The host a did:web or https identifier stands on; None for did:key.
    """

    identifier: str
    known_as: str | None = None
    calls_itself: str | None = None
    domain: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Badge:
    """A card in a list; ``picture`` is a local address or a data: URL made by ``ui.images``."""

    title: str
    url: str
    signer: Signer
    kind: Kind = "school"
    issued: datetime | date | None = None
    status: Status = "good"
    picture: str | None = None
    language: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """One line of a record: our label (translated), their value (as signed). ``markdown`` renders the safe subset.

    Attributes:
        label_language: Where the label is theirs too: its language.
    """

    label: str
    value: str
    language: str | None = None
    markdown: bool = False
    url: str | None = None
    label_language: str | None = None


@dataclass(frozen=True)
class Course:
    """A line of a transcript, every text as the school signed it. ``grade`` is empty while the course goes on."""

    title: str
    credit: str = ""
    grade: str = ""
    status: Status = "good"
    note: str = ""
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Term:
    """A term's courses; ``year`` is the heading terms are grouped under, ``name`` may be empty."""

    year: str
    name: str
    courses: tuple[Course, ...]

    @property
    def language(self) -> str | None:
        """BCP 47 tag of the name: that of most courses."""
        tags = Counter(course.language for course in self.courses)
        return max(tags, key=tags.__getitem__, default=None)


@dataclass(frozen=True)
class Transcript:
    """A transcript: terms in order and the totals the school itself signed."""

    terms: tuple[Term, ...]
    totals: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Disclosure:
    """A value that can leave. ``name`` is the form field's value.

    Attributes:
        required: Asked for and needed: it leaves if the person shares at all.
        chosen: An optional one that is ticked (never beyond what was asked).
        warning: Named over-asking: why this value is more than the purpose needs.
    """

    name: str
    label: str
    value: str
    required: bool = True
    chosen: bool = False
    warning: str = ""
    language: str | None = None


@dataclass(frozen=True)
class SharedRecord:
    """One record on the consent sheet with the values that would leave and the labels of those that stay."""

    title: str
    signer: Signer
    leaves: tuple[Disclosure, ...]
    stays: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True)
class Consent:
    """The consent sheet: who asks, why, what leaves, what stays, until when.

    Attributes:
        until: The moment kept data is to be deleted, or a sentence in the page's language, or None if not said.
        stays: Whole records that stay: the title of each and its language.
    """

    asker: Signer
    purpose: str
    records: tuple[SharedRecord, ...]
    until: datetime | date | str | None = None
    stays: tuple[tuple[str, str | None], ...] = ()
    purpose_language: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """Something that takes longer: ``done`` of ``total``; ``left_s`` seconds left if known."""

    done: int
    total: int
    per_second: float | None = None
    left_s: int | None = None
    errors: int = 0
    state: Literal["running", "paused", "done", "cancelled", "failed"] = "running"


@dataclass(frozen=True)
class Choice:
    """An option of a select, radio or checkbox group."""

    value: str
    label: str
    help: str = ""
    language: str | None = None


@dataclass(frozen=True)
class NavItem:
    """An entry of the role's menu."""

    label: str
    url: str
    current: bool = False
