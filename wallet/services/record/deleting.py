"""Deleting one thing for good: what goes with it, what stays elsewhere, and a line in the log without a word of it.

A record is deleted here only; who signed it keeps their own (requirements.md P4). What was hidden stays hidden: a
transcript that still holds a hidden record is hidden from then on (P6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.shape import as_list, id_of
from wallet.services import activity, authority
from wallet.services.record import comments, portfolio
from wallet.services.record.contributions import COMMENTS
from wallet.services.record.hiding import hide_record
from wallet.services.record.items import COMMENT, CONTRIBUTION, CREDENTIAL, EXPOSED, FILE, SHARE, UNVERIFIED
from wallet.services.record.reading import first
from wallet.services.record.rules import CHOICES, Rule, read_book, strictest
from wallet.vault import Entry, Item, OpenVault

What = Literal["record", "work", "comment", "paper", "share"]
KINDS: Final[tuple[What, ...]] = ("record", "comment", "paper", "share")
"""What has an id of its own; a ``work`` is a file of a record in the portfolio."""
ABSENT: Final = "There is nothing here under this name."


@dataclass(frozen=True)
class Going:
    """What would go.

    Attributes:
        title: What it is called here; empty for a comment.
        signed_elsewhere: Whether somebody outside signed it, who keeps their own copy.
        comments: How many comments on it go with it; ``files``: how many files.
        shares: For whom a link or file was made that holds it: they go too, and the links end.
        stays_in: Titles of transcripts that hold the record and stay.
        hides: Titles of those among them that nobody else will see from then on, because the record was hidden.
        others: How many other people have it here, and lose it.
    """

    what: What
    title: str
    signed_elsewhere: bool = False
    comments: int = 0
    files: int = 0
    shares: tuple[str, ...] = ()
    stays_in: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    others: int = 0


@dataclass(frozen=True)
class _Plan:
    going: Going
    item: Item
    others: frozenset[str] = frozenset()
    links: tuple[str, ...] = ()
    hides: tuple[tuple[str, Rule], ...] = ()


def look(vault: OpenVault, environment: Environment, what: What, item_id: str, part: str = "") -> Going:
    """What would go; nothing is changed.

    Args:
        item_id: For a ``work``: the record it belongs to, and ``part`` is the file.

    Raises:
        StateError: there is no such thing, or the unlocked party may not delete it.
    """
    return _plan(vault, environment, what, item_id, part).going


def delete(vault: OpenVault, environment: Environment, what: What, item_id: str, part: str = "") -> None:
    """Delete it.

    Raises:
        StateError: as ``look``, or it was changed meanwhile; nothing is deleted.
    """
    plan = _plan(vault, environment, what, item_id, part)
    for transcript_id, rule in plan.hides:
        hide_record(vault, environment.clock, transcript_id, rule)
    vault.erase(plan.item, plan.others, links=plan.links)
    activity.log(vault, environment.clock, "deleted", {"state": what})


def _plan(vault: OpenVault, environment: Environment, what: What, item_id: str, part: str) -> _Plan:
    if what == "record":
        return _record(vault, environment, item_id)
    if what == "work":
        return _work(vault, environment, item_id, part)
    if what == "comment":
        return _comment(vault, environment, item_id)
    if what == "paper":
        return _paper(vault, environment, item_id)
    return _share(vault, environment, item_id)


def _record(vault: OpenVault, environment: Environment, item_id: str) -> _Plan:
    entries = vault.entries(CREDENTIAL)
    entry = next((each for each in entries if each.id == item_id), None)
    if entry is None:
        raise StateError(ABSENT)
    is_family = entry.summary["origin"] == portfolio.FAMILY
    authority.check(vault, f"contribute:{portfolio.CATEGORY}" if is_family else "review", environment.clock.now())
    name = entry.summary["credential_id"]
    copies = [each for each in entries if each.id == item_id or (name and each.summary["credential_id"] == name)]
    staying = [each for each in entries if each not in copies]
    transcripts = [each for each in staying if name and name in each.summary["member_ids"]]
    gone = _gone(copies, staying)
    hides = _to_hide(vault, entry, transcripts)
    item = vault.read(item_id, CREDENTIAL)
    held = {file_id for each in copies for file_id in vault.read(each.id, CREDENTIAL).body.get("files", ())}
    kept = held & {each.id for each in vault.entries(FILE)}
    said = [each.id for each in vault.entries(COMMENT) if each.summary["credential_id"] in gone]
    waiting = [each.id for each in vault.entries(CONTRIBUTION)
               if each.summary["kind"] in COMMENTS and each.summary["credential_id"] in gone]
    exposed = [each.id for each in vault.entries(EXPOSED) if each.summary["record_id"] in {one.id for one in copies}]
    shares = _shares_with(vault, gone | ({name} if name else set()), item.body["credential"])
    going = Going(
        "record", entry.summary["title"], not entry.summary["origin"], len(said), len(kept), _recipients(shares),
        tuple(each.summary["title"] for each in transcripts),
        tuple(each.summary["title"] for each, rule in hides if rule == "never"), len(vault.recipients(item_id)) - 1)
    also = {*(each.id for each in copies), *kept, *said, *waiting, *exposed, *(each.id for each in shares)}
    return _Plan(going, item, frozenset(also), _links(shares), tuple((each.id, rule) for each, rule in hides))


def _gone(copies: list[Entry], staying: list[Entry]) -> set[str]:
    """Credential ids that nothing in the backpack holds any more."""
    def names(entries: Iterable[Entry]) -> set[str]:
        return {name for each in entries for name in (each.summary["credential_id"], *each.summary["member_ids"])
                if name}

    return names(copies) - names(staying)


def _to_hide(vault: OpenVault, entry: Entry, transcripts: list[Entry]) -> list[tuple[Entry, Rule]]:
    """The transcripts that need a rule of their own once the record, which lent them its own, is gone."""
    book, found = read_book(vault), []
    for each in transcripts:
        category = dict(each.summary["member_categories"]).get(entry.summary["credential_id"], "other")
        if book.own_rule(each) is None:
            rule, then = book.rule_of(entry), book.categories.get(category, "ask")
        else:
            rule, then = book.own_rule(entry) or "share", "share"
        if CHOICES.index(rule) > CHOICES.index(then):
            found.append((each, strictest((rule, book.rule_of(each)))))
    return found


def _work(vault: OpenVault, environment: Environment, item_id: str, file_id: str) -> _Plan:
    authority.check(vault, f"contribute:{portfolio.CATEGORY}", environment.clock.now())
    body = vault.read(item_id, CREDENTIAL).body
    if file_id not in body.get("files", ()) or body.get("origin") != portfolio.FAMILY:
        raise StateError(ABSENT)
    item = vault.read(file_id, FILE)
    return _Plan(Going("work", item.body["name"], files=1, others=len(vault.recipients(file_id)) - 1), item)


def _comment(vault: OpenVault, environment: Environment, comment_id: str) -> _Plan:
    item = comments.changeable(vault, environment, comment_id)
    document = item.body["credential"]
    shares = _shares_with(vault, {str(document.get("id"))}, document)
    return _Plan(Going("comment", "", shares=_recipients(shares), others=len(vault.recipients(comment_id)) - 1), item,
                 frozenset(each.id for each in shares), _links(shares))


def _paper(vault: OpenVault, environment: Environment, paper_id: str) -> _Plan:
    authority.check(vault, "review", environment.clock.now())
    item = vault.read(paper_id, UNVERIFIED)
    shares = [each for each in vault.entries(SHARE) if paper_id in vault.read(each.id, SHARE).body["papers"]]
    going = Going("paper", item.body["title"], files=1, shares=_recipients(shares),
                  others=len(vault.recipients(paper_id)) - 1)
    return _Plan(going, item, frozenset({item.body["file_id"], *(each.id for each in shares)}), _links(shares))


def _share(vault: OpenVault, environment: Environment, share_id: str) -> _Plan:
    authority.check(vault, "share", environment.clock.now())
    item = vault.read(share_id, SHARE)
    entry = Entry(item.id, item.type, item.body)
    return _Plan(Going("share", item.body["recipient"], others=len(vault.recipients(share_id)) - 1), item,
                 links=_links([entry]))


def _shares_with(vault: OpenVault, names: set[str], document: JSONObject) -> list[Entry]:
    """What was handed out and lies here still, of which one of ``names``, or the document itself, is a part."""
    found = []
    for entry in vault.entries(SHARE):
        bundle = vault.read(entry.id, SHARE).body["bundle"]
        members = as_list(first(bundle.get("credentialSubject")).get("verifiableCredential"))
        parts = [*members, *as_list(bundle.get("endorsement"))]
        if document in parts or names & set(filter(None, _ids(parts))):
            found.append(entry)
    return found


def _ids(parts: Iterable[object]) -> Iterable[str | None]:
    for part in parts:
        if isinstance(part, dict):
            yield id_of(part)
            yield from map(id_of, as_list(first(part.get("credentialSubject")).get("verifiableCredential")))


def _recipients(shares: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(str(each.summary["recipient"]) for each in shares)


def _links(shares: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(each.summary["link_id"] for each in shares if each.summary["link_id"])


def named(vault: OpenVault) -> dict[str, What]:
    """Id → what it is, of everything that the unlocked party sees here and that has an id of its own."""
    types: tuple[tuple[What, str], ...] = (
        ("record", CREDENTIAL), ("comment", COMMENT), ("paper", UNVERIFIED), ("share", SHARE))
    return {entry.id: what for what, item_type in types for entry in vault.entries(item_type)}



def works(vault: OpenVault, item_id: str) -> dict[str, str]:
    """Name → id of the files of a record in the portfolio.

    Raises:
        StateError: no such record.
    """
    return {work.name: work.file_id for work in portfolio.works_of(vault, item_id)}
