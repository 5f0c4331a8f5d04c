"""What stands beside a record: what the family says of it, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from wallet.services import authority
from wallet.services.record import comments
from wallet.services.record.comments import Comment
from wallet.services.record.items import CREDENTIAL
from wallet.services.record.rules import Rule, read_book
from wallet.web.context import services, vault


@dataclass(frozen=True)
class Beside:
    """For the macro ``beside`` in ``wallet/said.html``.

    Attributes:
        comments: Active comments, oldest first.
        comments_url: Where comments are written, None for who may not.
        item_id: For the links about the whole item; None for a record inside a transcript.
        rule: The rule in force, None for who may not choose.
        decides: Whether this person writes to schools and sorts records.
    """

    comments: tuple[Comment, ...]
    comments_url: str | None
    item_id: str | None
    rule: Rule | None
    decides: bool


def said_about(credential_id: str | None, comments_url: str, item_id: str | None) -> Beside:
    """What stands beside the record with this id; ``item_id`` None for a record inside a transcript."""
    opened, now = vault(), services().clock.now()
    may = authority.circle(opened, now).standing(opened.party_id).may
    entry = next((entry for entry in opened.entries(CREDENTIAL) if entry.id == item_id), None)
    rule = read_book(opened).rule_of(entry) if entry is not None and may("privacy-settings") else None
    return Beside(
        tuple(each for each in comments.comments_on(opened, credential_id) if not each.withdrawn),
        comments_url if credential_id and may("comment") else None, item_id, rule, may("review"))
