"""Comment, never edit (requirements.md P1): what the family says about a record, signed by who says it.

A comment is an EndorsementCredential about the record's credential id. With "always travels" set it goes wherever the
record goes (34 CFR 99.21(c)); the school's words are never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.endorsement import build_endorsement, peek_comment, subject_id_of
from credkit.profiles.openbadges_3 import Profile
from credkit.shape import format_date_time
from wallet.services import activity, authority
from wallet.services.record.items import COMMENT, CONTRIBUTION, CREDENTIAL
from wallet.services.signing import new_urn, sign
from wallet.vault import Entry, Item, OpenVault

Kind = Literal["comment", "representative"]
"""``representative``: a teacher or mentor says that a piece of the portfolio stands for the rest (P8)."""

MOST_CHARACTERS: Final = 4_000
_MOST_NAME: Final = 120
_TITLES: Final[dict[tuple[str, str], str]] = {
    ("comment", "en"): "Comment on this record", ("comment", "es"): "Comentario sobre este documento",
    ("representative", "en"): "Representative work", ("representative", "es"): "Trabajo representativo",
}
_RIGHT: Final = "comment"


@dataclass(frozen=True)
class Comment:
    """A comment as it is shown beside the record.

    Attributes:
        text: As it was signed. ``name`` is what its author signed as.
        travels: Whether it goes wherever the record goes; never once ``withdrawn``.
        helper: Whether somebody wrote it whom the family lets help, and the family took it.
        host: The office that signed it for one of its teachers; empty where the family or a helper did.
        mine: Whether the unlocked party wrote it.
        changeable: Whether the unlocked party says how far it goes.
    """

    id: str
    kind: Kind
    text: str
    name: str
    language: str
    at: str
    travels: bool
    withdrawn: bool
    helper: bool
    host: str
    mine: bool
    changeable: bool


@dataclass(frozen=True)
class Draft:
    """What somebody says of a record.

    Attributes:
        name: Who says it, as people will read it: "Ana Núñez, mother".
        language: BCP 47 tag of ``words``.
        travels: Whether it goes wherever the record goes.
    """

    words: str
    name: str
    language: str
    travels: bool
    kind: Kind = "comment"


def comment(vault: OpenVault, environment: Environment, item_id: str, draft: Draft, *,
            credential_id: str | None = None) -> str:
    """Sign and keep a comment on a record; returns the item's id.

    What a helper says waits in the quarantine (``contributions``) until the family takes it.

    Args:
        credential_id: The record inside the transcript ``item_id`` that is meant; None for the record itself.

    Raises:
        StateError: no such record, no words or too many, or one who may not comment.
    """
    now = environment.clock.now()
    authority.check(vault, _RIGHT, now)
    words, name = draft.words.strip(), " ".join(draft.name.split())
    if not words or not name:
        raise StateError("Write the comment, and the name of who says it.")
    if len(words) > MOST_CHARACTERS or len(name) > _MOST_NAME:
        raise StateError("This is too long. A comment has room for 4,000 characters, a name for 120.")
    entry = _record(vault, item_id)
    about, category = _about(entry, credential_id)
    title = _TITLES.get((draft.kind, draft.language), _TITLES[draft.kind, "en"])
    document = build_endorsement(
        id=new_urn(environment.randomness), name=title, subject_id=about, comment=words,
        issuer=Profile(vault.party_did, name), valid_from=now, language=draft.language)
    body = {"credential": sign(document, vault.party_signer, environment), "credential_id": about,
            "category": category, "kind": draft.kind, "at": format_date_time(now), "author": vault.party_id,
            "name": name, "language": draft.language}
    if vault.members()[vault.party_id].kind == "delegate":
        return vault.add(CONTRIBUTION, {**body, "state": "waiting", "title": entry.summary["title"], "note": ""})
    comment_id = vault.add(COMMENT, {**body, "travels": draft.travels, "state": "active"})
    activity.log(vault, environment.clock, "comment", {"titles": [entry.summary["title"]],
                                                       "state": "travels" if draft.travels else "stays"})
    return comment_id


def take(vault: OpenVault, waiting: JSONObject) -> str:
    """Keep a helper's comment out of the quarantine; it travels, as its writer meant it for the next reader."""
    names = ("credential", "credential_id", "category", "kind", "at", "author", "name", "language")
    return vault.add(COMMENT, {**{name: waiting[name] for name in names}, "travels": True, "state": "active",
                               "by": vault.party_id}, helper=waiting["author"])


def keep_signed(vault: OpenVault, credential: JSONObject, host: str, at: datetime) -> str:
    """Keep a teacher's word on a record or a work, as an office signed it (P8); it travels with what it is about.

    Args:
        credential: A checked EndorsementCredential.

    Returns:
        The item's id; that of the copy here, where the same word lies here already.
    """
    about, signed = subject_id_of(credential), peek_comment(credential)
    for entry in _entries(vault, about):
        if vault.read(entry.id, COMMENT).body["credential"].get("id") == credential.get("id"):
            return entry.id
    category = next((category for entry in vault.entries(CREDENTIAL) for name, category in (
        (entry.summary["credential_id"], entry.summary["category"]), *(entry.summary["member_categories"] or ()))
        if name == about), "portfolio")
    return vault.add(COMMENT, {
        "credential": credential, "credential_id": about, "category": category, "kind": "representative",
        "at": format_date_time(at), "author": signed.issuer_id or "", "name": signed.issuer_name,
        "language": signed.language or "", "travels": True, "state": "active", "by": vault.party_id, "host": host})


def comments_on(vault: OpenVault, credential_id: str | None) -> tuple[Comment, ...]:
    """Everything the family has said about a record, oldest first, withdrawn comments included."""
    found = sorted(_entries(vault, credential_id), key=lambda entry: (str(entry.summary["at"]), entry.id))
    return tuple(_comment(vault, entry) for entry in found)


def travelling(vault: OpenVault, credential_id: str | None) -> tuple[JSONObject, ...]:
    """The signed comments that go wherever the record with this id goes, oldest first."""
    found = sorted((entry for entry in _entries(vault, credential_id)
                    if entry.summary["travels"] and entry.summary["state"] == "active"),
                   key=lambda entry: (str(entry.summary["at"]), entry.id))
    return tuple(vault.read(entry.id, COMMENT).body["credential"] for entry in found)


def set_travels(vault: OpenVault, environment: Environment, comment_id: str, *, travels: bool) -> None:
    """Let an active comment go along from now on, or stay.

    Raises:
        StateError: no such comment, a withdrawn one, or one who may not.
    """
    item = changeable(vault, environment, comment_id)
    _check_decides(vault)
    if item.body["state"] != "active":
        raise StateError("This comment was withdrawn.")
    vault.replace(item, {**item.body, "travels": travels})


def withdraw(vault: OpenVault, environment: Environment, comment_id: str) -> None:
    """Stop a comment from travelling, for good. Copies that left before stay where they are.

    Raises:
        StateError: no such comment, or one who may not.
    """
    item = changeable(vault, environment, comment_id)
    _check_decides(vault)
    vault.replace(item, {**item.body, "state": "withdrawn", "travels": False})
    activity.log(vault, environment.clock, "comment", {"titles": [], "state": "withdrawn"})


def changeable(vault: OpenVault, environment: Environment, comment_id: str) -> Item:
    """A comment of which the unlocked party says how far it goes.

    Raises:
        StateError: no such comment, or one who may not.
    """
    authority.check(vault, _RIGHT, environment.clock.now())
    item = vault.read(comment_id, COMMENT)
    if not _says_how_far(vault, item.body):
        raise StateError("Only the person who wrote this comment can change how far it goes.")
    return item


def _check_decides(vault: OpenVault) -> None:
    """What the family took stays as the family took it: a helper can take it away, not change it."""
    if not vault.decides:
        raise StateError("The family says how far this comment goes. You can delete it.")


def _says_how_far(vault: OpenVault, body: JSONObject) -> bool:
    """Who said it, who took it out of the quarantine, or the grown learner it is about; no other parent."""
    return vault.party_id in (body["author"], body.get("by"), vault.owner_id)


def _entries(vault: OpenVault, credential_id: str | None) -> tuple[Entry, ...]:
    if credential_id is None:
        return ()
    return tuple(entry for entry in vault.entries(COMMENT) if entry.summary["credential_id"] == credential_id)


def _comment(vault: OpenVault, entry: Entry) -> Comment:
    body = vault.read(entry.id, COMMENT).body
    signed = peek_comment(body["credential"])
    return Comment(
        id=entry.id, kind=body["kind"],
        text=signed.text, name=signed.issuer_name, language=signed.language or "", at=body["at"],
        travels=bool(body["travels"]), withdrawn=body["state"] == "withdrawn",
        helper="by" in body and "host" not in body, host=body.get("host", ""),
        mine=body["author"] == vault.party_id, changeable=_says_how_far(vault, body))


def _record(vault: OpenVault, item_id: str) -> Entry:
    found = next((entry for entry in vault.entries(CREDENTIAL) if entry.id == item_id), None)
    if found is None:
        raise StateError("There is nothing here under this name.")
    return found


def _about(entry: Entry, credential_id: str | None) -> tuple[str, str]:
    """The id that is commented on and its category."""
    if credential_id is None:
        name, category = entry.summary["credential_id"], entry.summary["category"]
    else:
        inside = dict(entry.summary["member_categories"])
        name, category = (credential_id, inside[credential_id]) if credential_id in inside else (None, "")
    if not name:
        raise StateError("This record has no number of its own, so no comment can be bound to it.")
    return name, category
