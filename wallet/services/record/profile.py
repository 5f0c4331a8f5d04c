"""The learner profile in its three elements (requirements.md D1 to D3), strengths first (Q8).

What the family says and what others signed are never one list: every card says who speaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from credkit.profiles.family import STATEMENT_KINDS
from wallet.services.record import about_me
from wallet.services.record.about_me import Statement
from wallet.services.record.items import COMMENT, UNVERIFIED
from wallet.services.record.library import Card, shelf
from wallet.services.record.portfolio import CATEGORY as PORTFOLIO
from wallet.services.record.portfolio import FAMILY
from wallet.services.record.reading import moment
from wallet.vault import OpenVault

Voice = Literal["school", "tutor", "family", "other"]
TRANSCRIPT: Final = ("transcript", "assessment", "attendance")
PERSONAL: Final = ("supplemental-achievement", "work-habits", "extracurricular", "work-and-service", "services")
"""The categories of element 2, what is good to read first."""
SUPPORTS: Final = ("iep", "discipline")
_SCHOOL_KINDS: Final = frozenset({"transcript", "course"})


@dataclass(frozen=True)
class LearnerProfile:
    """The profile.

    Attributes:
        statements: (kind, what was said) in the order strengths, interests, goals …
        transcripts: Newest first; ``library.show`` opens one by year and term, totals as issued: element 1.
        others: Cards of element 1 that stand in no transcript: courses, tests, attendance.
        personal: Category → its cards: element 2. Empty categories are left out.
        pieces: The portfolio: element 3.
        supports: Special education and the like, last.
        rest: Records of no element.
    """

    statements: tuple[tuple[str, tuple[Statement, ...]], ...]
    transcripts: tuple[Card, ...]
    others: tuple[Card, ...]
    personal: Mapping[str, tuple[Card, ...]]
    pieces: tuple[Card, ...]
    supports: tuple[Card, ...]
    rest: tuple[Card, ...]


@dataclass(frozen=True)
class Event:
    """A moment of the timeline. ``kind`` is ``record``, ``comment`` or ``paper``; ``card`` only for records."""

    at: datetime
    kind: Literal["record", "comment", "paper"]
    title: str
    item_id: str
    card: Card | None = None


def profile(vault: OpenVault) -> LearnerProfile:
    """The profile of what the unlocked party may see."""
    found = shelf(vault)
    cards = found.all()
    said = about_me.statements(vault)
    by_kind = tuple((kind, tuple(each for each in said if each.kind == kind)) for kind in STATEMENT_KINDS)
    personal = {category: tuple(card for card in cards if card.category == category) for category in PERSONAL}
    placed = {*TRANSCRIPT, *PERSONAL, *SUPPORTS, PORTFOLIO}
    return LearnerProfile(
        statements=tuple((kind, several) for kind, several in by_kind if several),
        transcripts=found.transcripts,
        others=tuple(card for card in cards if card.category in TRANSCRIPT and card.kind != "transcript"
                     and card.credential_id not in found.inside),
        personal=MappingProxyType({category: several for category, several in personal.items() if several}),
        pieces=tuple(card for card in cards if card.category == PORTFOLIO),
        supports=tuple(card for card in cards if card.category in SUPPORTS and card.kind != "transcript"),
        rest=tuple(card for card in cards if card.category not in placed))


def voice_of(card: Card) -> Voice:
    """Who speaks, as cards show it: the family, a helper of the family, a school; of others we do not know."""
    if card.origin == FAMILY:
        return "family"
    if card.origin:
        return "tutor"
    return "school" if card.kind in _SCHOOL_KINDS else "other"


def signers(cards: tuple[Card, ...]) -> tuple[tuple[str, str, int], ...]:
    """(identifier, what they call themselves, how many records) of everybody who signed something, most first."""
    counted: dict[str, tuple[str, int]] = {}
    for card in cards:
        name, count = counted.get(card.issuer.id, (card.issuer.name, 0))
        counted[card.issuer.id] = (name, count + 1)
    return tuple((identifier, name, count) for identifier, (name, count) in sorted(
        counted.items(), key=lambda pair: (-pair[1][1], pair[1][0].casefold())))


def timeline(vault: OpenVault) -> tuple[Event, ...]:
    """Everything with a day, newest first; courses inside a transcript stand in it."""
    found = shelf(vault)
    events = [Event(at, "record", card.title, card.item_id, card) for card in found.all()
              if card.credential_id not in found.inside and (at := moment(card.valid_from)) is not None]
    titles = {card.credential_id: card for card in found.all() if card.credential_id}
    for entry in vault.entries(COMMENT):
        card, at = titles.get(entry.summary["credential_id"]), moment(entry.summary["at"])
        if card is not None and at is not None and entry.summary["state"] == "active":
            events.append(Event(at, "comment", card.title, card.item_id))
    for entry in vault.entries(UNVERIFIED):
        at = moment(entry.summary["at"])
        if at is not None:
            events.append(Event(at, "paper", entry.summary["title"], entry.id))
    return tuple(sorted(events, key=lambda event: (event.at, event.title), reverse=True))
