"""Changing what may be shared: a record's rule, a category's rule, a record's category. Asks ``authority``; logged."""

from __future__ import annotations

from credkit.errors import StateError
from credkit.ports import Clock
from credkit.profiles.family import CATEGORIES
from wallet.services import activity, authority
from wallet.services.record.items import COMMENT, CREDENTIAL, RULES
from wallet.services.record.rules import CHOICES, OF_CATEGORY, Rule, name_of
from wallet.vault import Entry, OpenVault

_RIGHT = "privacy-settings"


def hide_record(vault: OpenVault, clock: Clock, item_id: str, rule: Rule | None) -> None:
    """Choose the rule of one record, on every copy of it that lies here; None leaves it to its category.

    Raises:
        StateError: no such record, or one who may not choose.
    """
    _check(vault, clock, rule)
    entry = _entry(vault, item_id)
    if vault.decides:
        for copy_id in _copies(vault, item_id):
            item = vault.read(copy_id, CREDENTIAL)
            body = {name: value for name, value in item.body.items() if name != "rule"}
            vault.replace(item, body if rule is None else {**body, "rule": rule})
    _choose_beside(vault, name_of(entry), None if vault.decides else rule or OF_CATEGORY)
    vault.rewrap()
    activity.log(vault, clock, "rule", {"titles": [entry.summary["title"]], "state": rule or "category"})


def _choose_beside(vault: OpenVault, name: str, choice: str | None) -> None:
    """A helper's choice for a record stands beside the category rules, for the record is not a helper's to change.

    Args:
        choice: None where the family chose anew.
    """
    entries = vault.entries(RULES)
    for entry in entries:
        item = vault.read(entry.id, RULES)
        records = {each: kept for each, kept in item.body.get("records", {}).items() if each != name}
        if choice is not None:
            records[name] = choice
        if records != item.body.get("records", {}):
            vault.replace(item, {**item.body, "records": records})
    if choice is not None and not entries:
        vault.add(RULES, {"categories": {}, "records": {name: choice}})


def hide_category(vault: OpenVault, clock: Clock, category: str, rule: Rule) -> None:
    """Choose the rule of a whole category.

    Raises:
        StateError: no such category, or one who may not choose.
    """
    _check(vault, clock, rule)
    _check_category(category)
    entries = vault.entries(RULES)
    if entries:
        for entry in entries:  # several only after two devices chose at once
            item = vault.read(entry.id, RULES)
            vault.replace(item, {**item.body, "categories": {**item.body["categories"], category: rule}})
    else:
        vault.add(RULES, {"categories": {category: rule}})
    vault.rewrap()
    activity.log(vault, clock, "rule", {"category": category, "state": rule})


def choose_category(vault: OpenVault, clock: Clock, item_id: str, category: str | None) -> None:
    """Put a record into another category, None back into the one its issuer's words say. The document stays as it is.

    Raises:
        StateError: no such record or category, or one who may not choose.
    """
    _check(vault, clock, None)
    if not vault.decides:
        raise StateError("Only the family can put a record into another category. Nothing was changed.")
    if category is not None:
        _check_category(category)
    title = _entry(vault, item_id).summary["title"]
    for copy_id in _copies(vault, item_id):
        item = vault.read(copy_id, CREDENTIAL)
        body = {name: value for name, value in item.body.items() if name != "category"}
        vault.replace(item, body if category is None else {**body, "category": category})
    _move_comments(vault, item_id)
    vault.rewrap()
    activity.log(vault, clock, "category", {"titles": [title], "category": category or ""})


def _move_comments(vault: OpenVault, item_id: str) -> None:
    """Comments are read by who may read their record, so they follow it."""
    record = _entry(vault, item_id).summary
    for entry in vault.entries(COMMENT):
        if entry.summary["credential_id"] == record["credential_id"]:
            item = vault.read(entry.id, COMMENT)
            vault.replace(item, {**item.body, "category": record["category"]})


def _check(vault: OpenVault, clock: Clock, rule: Rule | None) -> None:
    authority.check(vault, _RIGHT, clock.now())
    if rule is not None and rule not in CHOICES:
        raise StateError("There is nothing here under this name.")


def _check_category(category: str) -> None:
    if category not in CATEGORIES:
        raise StateError("There is nothing here under this name.")


def _entry(vault: OpenVault, item_id: str) -> Entry:
    found = next((entry for entry in vault.entries(CREDENTIAL) if entry.id == item_id), None)
    if found is None:
        raise StateError("There is nothing here under this name.")
    return found


def _copies(vault: OpenVault, item_id: str) -> list[str]:
    entry = _entry(vault, item_id)
    name = entry.summary.get("credential_id")
    return [each.id for each in vault.entries(CREDENTIAL)
            if each.id == item_id or (name and each.summary.get("credential_id") == name)]
