"""Words for the grants that go along with what somebody shares for a learner, the same on pages and in the terminal.

The words are msgids of the role's catalogue: this layer knows no language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from credkit.credential import issuer_id
from credkit.ports import JSONObject
from wallet.services.people.people_words import BASES, ROLES, right_word, said_grant
from wallet.services.record.labels import N_, label_of
from wallet.services.sharing.grants import GrantShown

MINE: Final = N_("Your permission to share for the student")
ABOVE: Final = N_("Permission of the person who let you in")
LOGGED: Final = N_("Permission to share for the student")
_HOLDER: Final = "credentialSubject.id"
_LABELS: Final[Mapping[str, str]] = {
    _HOLDER: N_("The key of the person it is for"), "id": N_("The number of this permission"),
    "issuer.id": N_("The key of who gave it"), "validFrom": N_("Begins"), "validUntil": N_("Ends"),
}
Translate = Callable[[str], str]
Rows = tuple[tuple[str, str], ...]


def title_of(shown: GrantShown) -> str:
    """What it is called on a sheet."""
    return MINE if shown.mine else ABOVE


def rows_of(shown: GrantShown, translate: Translate, day: Callable[[datetime], str]) -> Rows:
    """What it says, claim by claim, in plain words: label and words of each."""
    return tuple(_rows(shown, translate, day))


def _rows(shown: GrantShown, translate: Translate, day: Callable[[datetime], str]) -> Iterator[tuple[str, str]]:
    grant = shown.grant
    yield translate(N_("Acts as")), translate(ROLES.get(grant.role, grant.role))
    yield translate(N_("May do")), "; ".join(said_grant(grant.rights, translate))
    yield translate(N_("Because")), translate(BASES.get(grant.basis, grant.basis))
    if grant.evidence:
        yield translate(N_("The paper that says so")), grant.evidence
    yield translate(_LABELS["validFrom"]), day(grant.valid_from)
    yield translate(_LABELS["validUntil"]), day(grant.valid_until) if grant.valid_until else translate(N_("no end"))
    yield label_of("credentialSubject.learner", translate), grant.learner
    yield translate(_LABELS[_HOLDER]), grant.holder
    yield translate(_LABELS["issuer.id"]), issuer_id(shown.document)
    if "credentialStatus" in shown.document:
        yield translate(N_("Where it can be taken back")), translate(N_("a number in a list, with the list's address"))


def every_value(values: Iterable[JSONObject], translate: Translate) -> Rows:
    """Every value of a grant, ``{"kind", "value"}`` each, with its label; the words that are ours in the reader's
    language."""
    return tuple((_label(each["kind"], translate), _words(each["kind"], each["value"], translate)) for each in values)


def _label(kind: str, translate: Translate) -> str:
    return translate(_LABELS[kind]) if kind in _LABELS else label_of(kind, translate)


def _words(kind: str, value: str, translate: Translate) -> str:
    if kind == "credentialSubject.role":
        return translate(ROLES.get(value, value))
    if kind == "credentialSubject.basis":
        return translate(BASES.get(value, value))
    if kind != "credentialSubject.right":
        return value
    prefix = {"read": N_("See: %(what)s"), "contribute": N_("Add: %(what)s")}.get(value.partition(":")[0])
    word = right_word(value, translate)
    return translate(prefix) % {"what": word} if prefix else word
