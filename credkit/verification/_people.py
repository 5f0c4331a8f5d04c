"""Whether several records are about one person: what they say, not what we guess.

Records belong together if they share a subject's key, name the same person, or carry one issuer's same number. Where a
record shown in part withholds of which kind an identity is, it counts as a number of its issuer.

Spec: design.md "How a credential flows", step 12
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from credkit.credential import subjects
from credkit.errors import DifferentPeople
from credkit.ports import JSONObject
from credkit.profiles import family
from credkit.shape import as_list, id_of

_NUMBERS = frozenset({"sourcedId", "sisSourcedId", "oneRosterSourcedId", "lisSourcedId", "identifier"})


def check_same_person(credentials: Sequence[JSONObject]) -> None:
    """Silence means that all records are about one person.

    What a family signs itself (a grant, what a child says of itself) names the learner in the family's own way; it is
    no record of a school and links none.

    Raises:
        DifferentPeople: not all are linked by a key, a name or an issuer's number.
    """
    marks = [_marks(credential) for credential in credentials if not family.is_mine(credential)]
    linked, rest = set(marks[0]) if marks else set(), marks[1:]
    while rest:
        joined = [mark for mark in rest if mark & linked]
        if not joined:
            raise DifferentPeople("these records may belong to different people")
        for mark in joined:
            linked |= mark
        rest = [mark for mark in rest if not mark & linked]


def _marks(credential: JSONObject) -> set[tuple[str, str, str]]:
    issuer = id_of(credential.get("issuer")) or ""
    marks = set()
    for subject in subjects(credential):
        if isinstance(subject.get("id"), str):
            marks.add(("key", "", subject["id"]))
        for entry in as_list(subject.get("identifier")):
            value = entry.get("identityHash") if isinstance(entry, dict) else None
            if not isinstance(value, str) or entry.get("hashed") is True:
                continue
            kind = entry.get("identityType")
            if kind == "name":
                marks.add(("name", "", _plain(value)))
            elif kind is None or (isinstance(kind, str) and kind in _NUMBERS):
                marks.add(("number", issuer, value))
    return marks


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
