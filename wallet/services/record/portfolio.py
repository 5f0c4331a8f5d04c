"""The portfolio (requirements.md D3): personal bests. The work lies in the vault.

A record of it, signed by who shows it, names each file by its digest: a file handed on later is the one that was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.openbadges_3 import Achievement, OpenBadge, Profile, build_open_badge
from credkit.shape import as_list, format_date_time
from wallet.services import activity, authority
from wallet.services.record import files
from wallet.services.record.categories import category_of
from wallet.services.record.files import File, NewFile
from wallet.services.record.items import CREDENTIAL, FILE
from wallet.services.record.library import Card, shelf
from wallet.services.signing import new_urn, sign
from wallet.vault import OpenVault

CATEGORY: Final = "portfolio"
FAMILY: Final = "family"
"""``origin`` of a record that the family made itself."""
MOST_FILES: Final = 6
MOST_CHARACTERS: Final = 4_000
_MOST_TITLE: Final = 120
_TAGS: Final = ("portfolio", "personal best")


@dataclass(frozen=True)
class Work:
    """A file of a piece: where it lies, and whether its bytes are still what the record names."""

    file_id: str
    name: str
    media_type: str
    size: int


def add(vault: OpenVault, environment: Environment, *, title: str, words: str, name: str, language: str,
        works: Sequence[NewFile]) -> str:
    """Keep files and sign a record of them; returns the record's id.

    Args:
        words: What it is and why it is a personal best (Markdown).
        name: Who shows it, as people will read it.

    Raises:
        StateError: something is missing, too long or too large, or one who may not.
    """
    authority.check(vault, f"contribute:{CATEGORY}", environment.clock.now())
    title, name = " ".join(title.split()), " ".join(name.split())
    if not (title and words.strip() and name):
        raise StateError("Write a title, what it shows, and your name.")
    if len(title) > _MOST_TITLE or len(name) > _MOST_TITLE or len(words) > MOST_CHARACTERS:
        raise StateError("This is too long. The text has room for 4,000 characters, each other field for 120.")
    if len(works) > MOST_FILES:
        raise StateError("One piece has room for six files.")
    for work in works:
        files.check(work.media_type, work.data)
    key = vault.new_holder_key()
    document = _document(environment, title=title, words=words, language=language, works=works,
                         issuer=Profile(vault.party_did, name), holder=key.did)
    signed = sign(document, vault.party_signer, environment)
    kept = [files.keep(vault, name=work.name, media_type=work.media_type, data=work.data, category=CATEGORY)
            for work in works]
    now = format_date_time(environment.clock.now())
    item_id = vault.add(CREDENTIAL, {
        "credential": signed, "received_at": now, "received_from": vault.party_did, "status": "good",
        "checked_at": now, "key_method": key.verification_method, "origin": FAMILY, "files": kept}, keys=(key,))
    activity.log(vault, environment.clock, "portfolio", {"titles": [title], "state": "added"})
    return item_id


def pieces(vault: OpenVault) -> tuple[Card, ...]:
    """The portfolio, newest first."""
    return tuple(card for card in shelf(vault).all() if card.category == CATEGORY)


def works_of(vault: OpenVault, item_id: str) -> tuple[Work, ...]:
    """The files of a piece that lie here, in their order.

    Raises:
        StateError: no such record.
    """
    body = vault.read(item_id, CREDENTIAL).body
    summaries = {entry.id: entry.summary for entry in vault.entries(FILE)}
    return tuple(Work(file_id, summaries[file_id]["name"], summaries[file_id]["media_type"],
                      summaries[file_id]["size"])
                 for file_id in body.get("files", ()) if file_id in summaries)


def work(vault: OpenVault, item_id: str, file_id: str) -> File:
    """One file of a piece, its digest being one that the record names.

    Raises:
        StateError: no such record or file, or the record does not name these bytes.
    """
    body = vault.read(item_id, CREDENTIAL).body
    if file_id not in body.get("files", ()):
        raise StateError("There is nothing here under this name.")
    found = files.read(vault, file_id)
    named = {each.get("digestMultibase") for each in as_list(body["credential"].get("evidence"))
             if isinstance(each, dict)}
    if found.digest_multibase not in named:
        raise StateError("This file is not the one that the record names.")
    return found


def _document(environment: Environment, *, title: str, words: str, language: str, works: Sequence[NewFile],
              issuer: Profile, holder: str) -> JSONObject:
    document = build_open_badge(OpenBadge(
        id=new_urn(environment.randomness), name=title, issuer=issuer,
        achievement=Achievement(new_urn(environment.randomness), "Assignment", title, title, title, language=language,
                                tags=_TAGS),
        identities=(), valid_from=environment.clock.now(), narrative=words, subject_id=holder))
    if works:
        document["evidence"] = [
            {"id": new_urn(environment.randomness), "type": ["Evidence"], "name": work.name, "genre": work.media_type,
             "digestMultibase": files.digest_of(work.data)} for work in works]
    assert category_of(document, "") == CATEGORY, "a keyword and its kind put it there"
    return document
