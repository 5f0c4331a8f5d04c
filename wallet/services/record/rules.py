"""Hide rules (requirements.md P6): per record and per category *share*, *ask me* or *never*.

Whatever somebody outside gets is computed from ``visible`` cards only, so that "hidden" and "none held" are one.
The rule of a record is kept with the record, that of a category in one item of its own; neither touches the document.
Reading stands here; changing, which asks ``authority``, in ``wallet.services.record.hiding``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from credkit.profiles.family import CATEGORIES
from wallet.services.record.categories import SENSITIVE
from wallet.services.record.items import CREDENTIAL, RULES
from wallet.services.record.library import Card
from wallet.vault import Entry, OpenVault

Rule = Literal["share", "ask", "never"]
CHOICES: Final[tuple[Rule, ...]] = ("share", "ask", "never")
"""Every rule, the most open first."""
OF_CATEGORY: Final = "category"
"""A helper's choice that a record follows its category."""

DEFAULTS: Final[Mapping[str, Rule]] = MappingProxyType(
    {category: "never" if category in SENSITIVE else "ask" for category in CATEGORIES})


@dataclass(frozen=True)
class Book:
    """The rules of one backpack at one moment.

    Attributes:
        categories: The rule of every category.
        records: Credential id or item id → the strictest rule chosen for that record itself. A new copy of a record
            has its old copy's rule.
        members: Credential id → the rule of a record that lies here alone, for the transcripts it stands in.
    """

    categories: Mapping[str, Rule]
    records: Mapping[str, Rule]
    members: Mapping[str, Rule]

    def own_rule(self, entry: Entry) -> Rule | None:
        """What was chosen for this record itself, None if its category decides."""
        return self.records.get(name_of(entry))

    def rule_of(self, entry: Entry) -> Rule:
        """The rule in force: the record's own before its category's; a transcript is as strict as what is in it.

        A transcript for which somebody chose a rule is held back only by records inside for which somebody chose one.
        """
        return strictest((self._alone(entry), *self._inside(entry)))

    def line_rules(self, entry: Entry) -> tuple[Rule, ...]:
        """The rule of each record inside a transcript, in its order; ``never`` for all if the transcript itself is."""
        lines = tuple(self._of_member(name or "", category, chosen=False)
                      for name, category in entry.summary.get("member_categories") or ())
        never: Rule = "never"
        return lines if self._alone(entry) != "never" else (never,) * len(lines)

    def because_of(self, entry: Entry) -> tuple[str, ...]:
        """Credential ids of the records in a transcript that make it stricter than it would be alone."""
        alone = CHOICES.index(self._alone(entry))
        chosen = self.own_rule(entry) is not None
        return tuple(name for name, category in entry.summary.get("member_categories") or () if name and CHOICES.index(
            self._of_member(name, category, chosen=chosen)) > alone)

    def _alone(self, entry: Entry) -> Rule:
        return self.own_rule(entry) or self._of(entry.summary.get("category"))

    def _inside(self, entry: Entry) -> tuple[Rule, ...]:
        chosen = self.own_rule(entry) is not None
        return tuple(self._of_member(name or "", category, chosen=chosen)
                     for name, category in entry.summary.get("member_categories") or ())

    def _of_member(self, name: str, category: str, *, chosen: bool) -> Rule:
        """``chosen``: somebody chose a rule for the transcript itself."""
        if chosen:
            return self.records.get(name, "share")
        return self.members.get(name) or self._of(category)

    def _of(self, category: str | None) -> Rule:
        return self.categories.get(category or "other", "ask")


def name_of(entry: Entry) -> str:
    """Under which name a record's rule stands: that of all its copies, where it has one."""
    return str(entry.summary.get("credential_id") or entry.id)


def strictest(rules: Iterable[Rule]) -> Rule:
    """The least open of one or more rules."""
    return max(rules, key=CHOICES.index)


def read_book(vault: OpenVault) -> Book:
    """All rules, from the sealed index: no item is opened. ``authority`` judges by them, so it is not asked here."""
    chosen: dict[str, Rule] = {}
    beside: dict[str, str] = {}
    for entry in vault.known(RULES):
        for category, rule in entry.summary["categories"].items():
            chosen[category] = strictest((chosen.get(category, rule), rule))  # two devices at once: the stricter holds
        beside |= entry.summary["records"] or {}
    entries = vault.known(CREDENTIAL)
    records: dict[str, Rule] = {}
    for entry in entries:
        own: Rule | None = entry.summary.get("rule")
        if own in CHOICES:
            records[name_of(entry)] = strictest((records.get(name_of(entry), own), own))
    records = {name: rule for name, rule in records.items() if name not in beside} | {
        name: rule for name, choice in beside.items() for rule in CHOICES if rule == choice}
    book = Book({**DEFAULTS, **chosen}, records, {})
    members = {entry.summary["credential_id"]: book.rule_of(entry) for entry in entries
               if entry.summary.get("credential_id") and not entry.summary.get("member_categories")}
    return Book(book.categories, records, members)


def rule_of(vault: OpenVault, entry: Entry) -> Rule:
    """The rule in force for one record (``read_book`` once for many)."""
    return read_book(vault).rule_of(entry)


def leaving_book(vault: OpenVault) -> Book:
    """The rules as they bind what leaves by the unlocked party's hand.

    Whoever helps need not know the rules, and can open nothing that is never to leave: for them no category is closed.
    """
    book = read_book(vault)
    if vault.members()[vault.party_id].kind != "delegate":
        return book
    return replace(book, categories=dict.fromkeys(book.categories, "ask"), members={})


def visible(vault: OpenVault, cards: Iterable[Card]) -> tuple[Card, ...]:
    """The cards without what never leaves; the rest in their order."""
    with vault.steady():
        book = leaving_book(vault)
        hidden = {entry.id for entry in vault.known(CREDENTIAL) if book.rule_of(entry) == "never"}
    return tuple(card for card in cards if card.item_id not in hidden)
