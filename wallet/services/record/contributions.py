"""The quarantine (requirements.md P3, P10): what helpers contribute waits until the family takes it or sends it back.

A contribution is an Open Badge signed by its contributor's own key, with a holder key of its own sealed beside it, so
that it can be shared like any record once it is accepted. An offer taken "for review" waits here in the same way.
Nothing in quarantine is in a list, a match, a count or an export.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.endorsement import peek_comment
from credkit.profiles.family import CONTRIBUTE_CATEGORIES
from credkit.profiles.openbadges_3 import (
    Achievement,
    OpenBadge,
    Profile,
    Result,
    ResultDescription,
    build_open_badge,
    peek_view,
)
from credkit.shape import format_date_time, id_of
from wallet.services import activity, authority
from wallet.services.record import comments
from wallet.services.record.categories import category_of
from wallet.services.record.items import CONTRIBUTION, CREDENTIAL
from wallet.services.record.reading import Record, read_record
from wallet.services.signing import new_urn, sign
from wallet.vault import Entry, Item, OpenVault

Kind = Literal["badge", "note", "score"]
State = Literal["waiting", "accepted", "returned", "refused"]
KINDS: Final[tuple[Kind, ...]] = ("note", "badge", "score")
COMMENTS: Final = frozenset({"comment", "representative"})
"""Kinds that are about a record that lies here; see ``wallet.services.record.comments``."""
HELPER: Final = "helper"
"""``origin`` of a record that somebody contributed."""

MOST_CHARACTERS: Final = 4_000
_MOST_NAME: Final = 120
_TYPES: Final = {
    "services": "ext:ServiceRecord", "work-habits": "ext:WorkHabits", "extracurricular": "CoCurricular",
    "work-and-service": "CommunityService", "supplemental-achievement": "Badge",
}
_TAGS: Final[dict[str, tuple[str, ...]]] = {"supplemental-achievement": ("supplemental",)}


@dataclass(frozen=True)
class Draft:
    """What a helper writes.

    Attributes:
        category: One of ``CONTRIBUTE_CATEGORIES``.
        title: What it is called; ``words`` what it says (Markdown).
        value, scale: For a score: what came out, and of what ("18", "points of 20").
        name: Who says it, as people will read it: "Ms. Ruiz, reading tutor".
        language: BCP 47 tag of the texts.
    """

    category: str
    kind: Kind
    title: str
    words: str
    name: str
    language: str
    value: str = ""
    scale: str = ""


@dataclass(frozen=True)
class Waiting:
    """A line of the quarantine.

    Attributes:
        host: For an offer taken for review: the address it came from; empty for a helper's contribution.
        name: What the contributor signed as.
        note: What the family said when it returned it.
        mine: Whether the unlocked party wrote it.
    """

    id: str
    state: State
    category: str
    kind: str
    title: str
    name: str
    host: str
    at: str
    note: str
    mine: bool


def contribute(vault: OpenVault, environment: Environment, draft: Draft) -> str:
    """Sign a contribution and put it into the quarantine; returns its id.

    Raises:
        StateError: something is missing or too long, or one who may not contribute to this category.
    """
    _check_draft(draft)
    authority.check(vault, f"contribute:{draft.category}", environment.clock.now())
    key = vault.new_holder_key()
    document = sign(_document(vault, environment, draft, key.did), vault.party_signer, environment)
    now = format_date_time(environment.clock.now())
    return vault.add(CONTRIBUTION, {
        "state": "waiting", "category": draft.category, "kind": draft.kind, "title": draft.title, "at": now,
        "author": vault.party_id, "name": draft.name, "note": "", "credential": document,
        "credential_id": document["id"], "received_from": vault.party_did, "received_at": now, "checked_at": now,
        "status": "good", "key_method": key.verification_method, "origin": HELPER}, keys=(key,))


def quarantine(vault: OpenVault, body: JSONObject, host: str) -> JSONObject:
    """The body of a CONTRIBUTION for a record that came by an offer and waits for review.

    Args:
        body: What would be kept as a CREDENTIAL.
        host: The address it came from.
    """
    document = body["credential"]
    view = peek_view(document)
    return {**body, "state": "waiting", "category": category_of(document, body["received_from"]), "kind": "offer",
            "title": view.achievement_name or view.name, "at": body["received_at"], "author": vault.party_id,
            "name": "", "note": "", "host": host, "credential_id": id_of(document)}


def waiting(vault: OpenVault) -> tuple[Waiting, ...]:
    """What waits for the family's answer, newest first."""
    return tuple(line for line in every(vault) if line.state == "waiting")


def every(vault: OpenVault) -> tuple[Waiting, ...]:
    """Everything in the quarantine that the unlocked party may see, newest first; refused ones too."""
    entries = sorted(vault.entries(CONTRIBUTION), key=lambda entry: (str(entry.summary["at"]), entry.id), reverse=True)
    return tuple(_line(vault, entry) for entry in entries)


def show(vault: OpenVault, contribution_id: str) -> tuple[Waiting, Record, str]:
    """One contribution, the record in it, and the words of a comment (empty for records).

    Raises:
        StateError: no such contribution.
    """
    item = vault.read(contribution_id, CONTRIBUTION)
    document = item.body["credential"]
    return _line(vault, Entry(item.id, item.type, item.body)), read_record(document), peek_comment(document).text


def accept(vault: OpenVault, environment: Environment, contribution_id: str) -> str:
    """Take a contribution into the backpack; returns the id of the record or comment.

    Raises:
        StateError: no such contribution, answered already, or one who may not.
    """
    item = _open(vault, environment, contribution_id)
    body = item.body
    kept_id = comments.take(vault, body) if body["kind"] in COMMENTS else _take_record(vault, item)
    vault.delete(item)
    activity.log(vault, environment.clock, "contribution", {**_entry(body), "state": "accepted"})
    return kept_id


def _take_record(vault: OpenVault, item: Item) -> str:
    body = item.body
    names = ("credential", "sd_jwt", "jwt", "binding", "received_at", "received_from", "status", "checked_at",
             "issuance_id", "key_method", "origin")
    kept = {name: body[name] for name in names if name in body}
    if body.get("origin") == HELPER:
        kept["category"] = body["category"]
    if body["author"] != vault.party_id:
        kept["brought_by"] = body["author"]  # whoever brought it could open its key, and may have kept a copy
    return vault.add(CREDENTIAL, kept, keys=tuple(vault.signer(item, method) for method in item.key_methods))


def send_back(vault: OpenVault, environment: Environment, contribution_id: str, note: str) -> None:
    """Return a contribution to who wrote it, with a note that says what should change.

    Raises:
        StateError: no such contribution, answered already, no note or too long a one, or one who may not.
    """
    note = note.strip()
    if not note:
        raise StateError("Write what should change, so that the other person knows.")
    if len(note) > MOST_CHARACTERS:
        raise StateError("This note is too long. There is room for 4,000 characters.")
    item = _open(vault, environment, contribution_id)
    vault.replace(item, {**item.body, "state": "returned", "note": note})
    activity.log(vault, environment.clock, "contribution", {**_entry(item.body), "state": "returned"})


def refuse(vault: OpenVault, environment: Environment, contribution_id: str) -> None:
    """Refuse a contribution: what it said is deleted, and that it was refused is noted.

    Raises:
        StateError: no such contribution, answered already, or one who may not.
    """
    item = _open(vault, environment, contribution_id)
    vault.erase(item)
    activity.log(vault, environment.clock, "contribution", {
        "name": item.body["name"], "host": item.body.get("host", ""), "state": "refused"})


def take_back(vault: OpenVault, contribution_id: str) -> None:
    """Delete a contribution of one's own that was not accepted.

    Raises:
        StateError: no such contribution, or somebody else's.
    """
    item = vault.read(contribution_id, CONTRIBUTION)
    if item.body["author"] != vault.party_id:
        raise StateError("Only the person who wrote this can take it back.")
    vault.erase(item)


def _open(vault: OpenVault, environment: Environment, contribution_id: str) -> Item:
    authority.check(vault, "review", environment.clock.now())
    item = vault.read(contribution_id, CONTRIBUTION)
    if item.body["state"] != "waiting":
        raise StateError("This was answered already.")
    return item


def _entry(body: JSONObject) -> JSONObject:
    return {"titles": [body["title"]], "name": body["name"], "host": body.get("host", "")}


def _line(vault: OpenVault, entry: Entry) -> Waiting:
    summary = entry.summary
    return Waiting(
        id=entry.id, state=summary["state"], category=summary["category"], kind=summary["kind"],
        title=summary["title"], name=summary["name"] or "", host=summary.get("host") or "", at=summary["at"],
        note=summary.get("note") or "", mine=summary["author"] == vault.party_id)


def _check_draft(draft: Draft) -> None:
    if draft.category not in CONTRIBUTE_CATEGORIES or draft.kind not in KINDS:
        raise StateError("There is nothing here under this name.")
    if not (draft.title.strip() and draft.words.strip() and draft.name.strip()):
        raise StateError("Write a title, what you want to say, and your name.")
    if draft.kind == "score" and not (draft.value.strip() and draft.scale.strip()):
        raise StateError("Write the score and what it is out of.")
    if len(draft.words) > MOST_CHARACTERS or any(len(text) > _MOST_NAME for text in (
            draft.title, draft.name, draft.value, draft.scale)):
        raise StateError("This is too long. The text has room for 4,000 characters, each other field for 120.")


def _document(vault: OpenVault, environment: Environment, draft: Draft, holder: str) -> JSONObject:
    achievement_id = new_urn(environment.randomness)
    described = ResultDescription(new_urn(environment.randomness), draft.scale, "RawScore")
    is_score = draft.kind == "score"
    achievement = Achievement(
        achievement_id, "Assessment" if is_score else _TYPES[draft.category], draft.title, draft.title, draft.title,
        language=draft.language, tags=(draft.kind, *_TAGS.get(draft.category, ())),
        result_descriptions=(described,) if is_score else ())
    return build_open_badge(OpenBadge(
        id=new_urn(environment.randomness), name=draft.title, issuer=Profile(vault.party_did, draft.name),
        achievement=achievement, identities=(), valid_from=environment.clock.now(), narrative=draft.words,
        results=(Result(described.id, "Completed", draft.value),) if is_score else (), subject_id=holder))
