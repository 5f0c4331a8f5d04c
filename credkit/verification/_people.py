"""Whether several records are about one person: what they say, not what we guess.

Records belong together if they share a subject's key, name the same person, or carry one issuer's same number; a hashed
identity links to a plain one of its kind whose hash it is. Where a record shown in part withholds of which kind an
identity is, it counts as a number of its issuer.

Spec: design.md "How a credential flows", step 12
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from credkit.credential import subjects
from credkit.errors import DifferentPeople
from credkit.ports import JSONObject
from credkit.profiles import family, matches_identity
from credkit.shape import as_list, id_of

_NUMBERS = frozenset({"sourcedId", "sisSourcedId", "oneRosterSourcedId", "lisSourcedId", "identifier"})
_MAX_TRIES = 50_000


def check_same_person(credentials: Sequence[JSONObject]) -> None:
    """Silence means that all records are about one person.

    What a family signs itself (a grant, what a child says of itself) names the learner in the family's own way; it is
    no record of a school and links none.

    Raises:
        DifferentPeople: not all are linked by a key, a name or an issuer's number.
    """
    of_others = [credential for credential in credentials if not family.is_mine(credential)]
    marks = [_marks(credential) for credential in of_others]
    _link_hashed(of_others, marks)
    linked, rest = set(marks[0]) if marks else set(), marks[1:]
    while rest:
        joined = [mark for mark in rest if mark & linked]
        if not joined:
            raise DifferentPeople("these records may belong to different people")
        for mark in joined:
            linked |= mark
        rest = [mark for mark in rest if not mark & linked]


def _marks(credential: JSONObject) -> set[tuple[str, str, str]]:
    keys = {("key", "", subject["id"]) for subject in subjects(credential) if isinstance(subject.get("id"), str)}
    return keys | {_mark_of(kind, issuer, value) for issuer, kind, value in _identities(credential, hashed=False)}


def _identities(credential: JSONObject, *, hashed: bool) -> Iterator[tuple[str, str, Any]]:
    """Issuer, kind (``name`` or ``number``) and value of each plain identity, or the object of each hashed one."""
    issuer = id_of(credential.get("issuer")) or ""
    for subject in subjects(credential):
        for entry in as_list(subject.get("identifier")):
            value = entry.get("identityHash") if isinstance(entry, dict) else None
            if not isinstance(value, str) or (entry.get("hashed") is True) is not hashed:
                continue
            kind = entry.get("identityType")
            if kind == "name" or kind is None or (isinstance(kind, str) and kind in _NUMBERS):
                yield issuer, "name" if kind == "name" else "number", entry if hashed else value


def _mark_of(kind: str, issuer: str, value: str) -> tuple[str, str, str]:
    return ("name", "", _plain(value)) if kind == "name" else ("number", issuer, value)


def _link_hashed(credentials: Sequence[JSONObject], marks: Sequence[set[tuple[str, str, str]]]) -> None:
    """Give each record with a hashed identity the mark of every plain one whose hash it is."""
    known = {(kind, value): _mark_of(kind, issuer, value)
             for credential in credentials for issuer, kind, value in _identities(credential, hashed=False)}
    tries = 0
    for credential, own in zip(credentials, marks, strict=True):
        for issuer, kind, entry in _identities(credential, hashed=True):
            for (its_kind, value), mark in known.items():
                tries += 1
                if tries > _MAX_TRIES:
                    return
                if kind == its_kind and mark[1] in ("", issuer) and matches_identity(entry, value):
                    own.add(mark)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
