"""What somebody who helps the family may see, on one page: a circle of care sees the goals that each of
its members has set, and nothing else (requirements.md T3).

It works by grants alone: ``read:services`` opens the records of that category to each of them, and the hide rules say
whether the category goes to helpers at all. Nothing is copied or passed on here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credkit.ports import JSONObject
from wallet.services import authority
from wallet.services.record import comments
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.library import Card, shelf
from wallet.services.record.reading import Record, read_record
from wallet.vault import OpenVault


@dataclass(frozen=True)
class Given:
    """One grant that holds now: what it allows, and until when."""

    role: str
    rights: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True)
class Seen:
    """A record that may be read: its card, its words, and who said what about it (name, words)."""

    card: Card
    record: Record
    comments: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SharedWithMe:
    """Everything that is shared with the unlocked party in this record.

    Attributes:
        is_helper: False for the learner and for guardians, who see the whole record anyway.
        parts: Category → the records of it, newest first.
    """

    is_helper: bool
    given: tuple[Given, ...]
    parts: tuple[tuple[str, tuple[Seen, ...]], ...]


def shared_with_me(vault: OpenVault, now: datetime) -> SharedWithMe:
    """What the unlocked party may see here, by the grants that hold now."""
    standing = authority.circle(vault, now).standing(vault.party_id)
    given = tuple(Given(grant.role, tuple(sorted(grant.rights)), grant.valid_until) for grant in standing.grants
                  if any(grant.allows(right, now) for right in grant.rights))
    found: dict[str, list[Seen]] = {}
    for card in shelf(vault).all():
        if standing.may(f"read:{card.category}"):
            found.setdefault(card.category, []).append(_seen(vault, card))
    order = sorted(found, key=lambda category: (category != "services", category))
    return SharedWithMe(standing.member.kind == "delegate", given,
                        tuple((category, tuple(found[category])) for category in order))


def _seen(vault: OpenVault, card: Card) -> Seen:
    document: JSONObject = vault.read(card.item_id, CREDENTIAL).body["credential"]
    said = tuple((each.name, each.text) for each in comments.comments_on(vault, card.credential_id)
                 if not each.withdrawn)
    return Seen(card, read_record(document), said)
