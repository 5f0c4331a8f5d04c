"""About me (requirements.md D18): strengths, interests, goals …, said and signed by the learner or a guardian.

Each person's statements are one credential, signed anew with each change; never mixed with what a school says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from credkit.environment import Environment
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles.family import STATEMENT_KINDS, AboutMe, build_about_me, read_about_me
from credkit.shape import format_date_time
from wallet.services import activity, authority
from wallet.services.record.items import ABOUT_ME
from wallet.services.signing import new_urn, sign
from wallet.vault import Item, OpenVault

MOST_CHARACTERS: Final = 500
_MOST_STATEMENTS: Final = 60
_MOST_NAME: Final = 120
_CATEGORY: Final = "profile"
_RIGHT: Final = "contribute:portfolio"
"""The learner has it, however young, and whoever may do everything."""


@dataclass(frozen=True)
class Statement:
    """One thing said. ``mine``: the unlocked party said it. ``name`` is what its author goes by."""

    item_id: str
    kind: str
    text: str
    language: str
    name: str
    mine: bool


def say(vault: OpenVault, environment: Environment, *, kind: str, words: str, language: str, name: str) -> None:
    """Add a statement of the unlocked party's own.

    Raises:
        StateError: nothing said, too long, too many, an unknown kind, or one who may not.
    """
    authority.check(vault, _RIGHT, environment.clock.now())
    words, name = " ".join(words.split()), " ".join(name.split())
    if kind not in STATEMENT_KINDS or not words or not name:
        raise StateError("Choose what it is, write it down, and write your name.")
    if len(words) > MOST_CHARACTERS or len(name) > _MOST_NAME:
        raise StateError("This is too long. There is room for 500 characters, and 120 for the name.")
    item = _own(vault)
    said = read_about_me(item.body["credential"]).statements if item is not None else ()
    if len(said) >= _MOST_STATEMENTS:
        raise StateError("There is room for 60 statements. Remove one first.")
    _write(vault, environment, item, (*said, (kind, words, language)), name)
    activity.log(vault, environment.clock, "about_me", {"state": "added"})


def unsay(vault: OpenVault, environment: Environment, kind: str, words: str) -> None:
    """Take one of the unlocked party's own statements away.

    Raises:
        StateError: it was not said, or one who may not.
    """
    authority.check(vault, _RIGHT, environment.clock.now())
    item = _own(vault)
    said = read_about_me(item.body["credential"]).statements if item is not None else ()
    kept = tuple(each for each in said if each[:2] != (kind, words))
    if item is None or len(kept) == len(said):
        raise StateError("There is nothing here under this name.")
    if kept:
        _write(vault, environment, item, kept, item.body["name"])
        vault.scrub()
    else:
        vault.erase(item)
    activity.log(vault, environment.clock, "about_me", {"state": "deleted"})


def statements(vault: OpenVault) -> tuple[Statement, ...]:
    """Everything said, strengths first, then interests, goals and so on; as it was signed."""
    found = []
    for entry in vault.entries(ABOUT_ME):
        body = vault.read(entry.id, ABOUT_ME).body
        found += [Statement(entry.id, kind, words, language, body["name"], body["author"] == vault.party_id)
                  for kind, words, language in read_about_me(body["credential"]).statements]
    return tuple(sorted(found, key=lambda each: STATEMENT_KINDS.index(each.kind)))


def documents(vault: OpenVault) -> tuple[JSONObject, ...]:
    """The signed credentials themselves, for shares and exports."""
    return tuple(vault.read(entry.id, ABOUT_ME).body["credential"] for entry in vault.entries(ABOUT_ME))


def _own(vault: OpenVault) -> Item | None:
    found = next((entry for entry in vault.entries(ABOUT_ME) if entry.summary["author"] == vault.party_id), None)
    return vault.read(found.id, ABOUT_ME) if found is not None else None


def _write(vault: OpenVault, environment: Environment, item: Item | None,
           said: tuple[tuple[str, str, str], ...], name: str) -> None:
    now = environment.clock.now()
    about = AboutMe(new_urn(environment.randomness), vault.learner_urn, said, vault.party_did, now)
    body = {"credential": sign(build_about_me(about), vault.party_signer, environment), "author": vault.party_id,
            "name": name, "at": format_date_time(now), "category": _CATEGORY}
    if item is None:
        vault.add(ABOUT_ME, body)
    else:
        vault.replace(item, body)
