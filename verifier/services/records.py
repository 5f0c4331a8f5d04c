"""What a signed record says, in the order people read it. Nothing is added, converted or judged; what cannot be read
is left out.

Only documents whose signature held come here (``stories``); every value is shown as it was signed. Arrays may be
shorter than they were signed and members may be missing: a record shown in part is read for what it shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from credkit.ports import JSONObject
from credkit.profiles import family, openbadges_2
from credkit.shape import as_list, id_of

MAX_LINES = 400
_BARE_TYPES: Final = ("VerifiableCredential", "VerifiablePresentation")
_BREAKS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.\s]+")
_KINDS: Final = (
    ("ClrCredential", "transcript"),
    ("EndorsementCredential", "endorsement"),
    ("AboutMeCredential", "about-me"),
    ("GuardianshipCredential", "grant"),
    ("DelegationCredential", "grant"),
)
_OPEN_BADGES: Final = ("OpenBadgeCredential", "AchievementCredential")
_ACHIEVEMENTS: Final = {
    "Course": "course",
    "ext:Course": "course",
    "Assessment": "assessment",
    "Competency": "competency",
}


@dataclass(frozen=True)
class Line:
    """One thing a record says. ``label`` is one of our names (``grade``, ``term`` …); ``called`` is the record's own
    word for it, ``language`` that of this value where it is not the record's.
    """

    label: str
    value: str
    called: str = ""
    language: str = ""


@dataclass(frozen=True)
class Record:
    """One record as people read it.

    Attributes:
        kind: ``transcript``, ``course``, ``assessment``, ``competency``, ``record``, ``badge``, ``endorsement``,
            ``about-me`` or ``grant``.
        signer: Identifier of who signed, which the proof fixes.
        calls_itself: The name the signer gives itself in the record; never proof of who it is.
        language: The language the record says it is written in, or "".
    """

    kind: str
    title: str
    signer: str
    calls_itself: str
    student: str
    signed_on: str
    valid_until: str
    language: str
    lines: tuple[Line, ...]


def describe(document: JSONObject) -> Record:
    """The record that ``document`` holds; whatever is missing or of another type is an empty text, never an error."""
    if openbadges_2.is_mine(document):
        document = openbadges_2.in_new_words(document)
    subjects = [subject for subject in as_list(document.get("credentialSubject")) if isinstance(subject, dict)]
    achievements = [subject["achievement"] for subject in subjects if isinstance(subject.get("achievement"), dict)]
    achievement = achievements[0] if achievements else {}
    issuer = document.get("issuer")
    return Record(
        kind=_kind(document, achievement),
        title=text(achievement.get("name")) or text(document.get("name")) or _named_by_type(document),
        signer=id_of(issuer) or "",
        calls_itself=text(issuer.get("name")) if isinstance(issuer, dict) else "",
        student=next((name for subject in subjects for name in names(subject)), ""),
        signed_on=text(document.get("validFrom")) or text(document.get("issuanceDate")),
        valid_until=text(document.get("validUntil")) or text(document.get("expirationDate")),
        language=_language(document, subjects, achievement),
        lines=tuple(_lines(document, subjects))[:MAX_LINES],
    )


def text(value: Any) -> str:
    """The text of a string, number, value object or the first of several; "" for anything else."""
    if isinstance(value, list):
        return next((text(item) for item in value if text(item)), "")
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, (str, int, float)) else ""


def in_words(name: str) -> str:
    """What a technical name says (``LibraryCard``, ``urn:x:library_card``, an address) as words: "Library card"."""
    last = re.split(r"[/#:]", name.rstrip("/#:"))[-1]
    words = " ".join(part for part in _BREAKS.split(last) if part).lower()
    return words[:1].upper() + words[1:]


def flat(name: str, value: Any) -> Iterator[Line]:
    """Whatever stands under ``name``, a line each, called what the signer calls it."""
    if isinstance(value, dict) and value:
        for inner, item in value.items():
            yield from flat(f"{name} · {inner}", item)
    elif isinstance(value, list) and value:
        for item in value:
            yield from flat(name, item)
    else:
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield Line("claim", shown, called=name.replace("_", " "))


def names(subject: JSONObject) -> Iterator[str]:
    """The names a subject carries in clear (Open Badges IdentityObject of type ``name``)."""
    for _kind_of_number, value in identities(subject):
        if _kind_of_number == "name":
            yield value


def identities(subject: JSONObject) -> Iterator[tuple[str, str]]:
    """Type and value of every identity a subject carries in clear."""
    for identity in as_list(subject.get("identifier")):
        if isinstance(identity, dict) and identity.get("hashed") in (False, None):
            value, kind = identity.get("identityHash"), identity.get("identityType", "name")
            if isinstance(value, str) and value and isinstance(kind, str):
                yield kind, value


def _language(document: JSONObject, subjects: list[JSONObject], achievement: JSONObject) -> str:
    named = (text(node.get("inLanguage")) for node in (document, achievement, *subjects))
    return next((language for language in named if language), "")


def _kind(document: JSONObject, achievement: JSONObject) -> str:
    types = as_list(document.get("type"))
    for name, kind in _KINDS:
        if name in types:
            return kind
    if _is_foreign(document):
        return "record"
    achievement_type = text(achievement.get("achievementType"))
    if achievement_type in _ACHIEVEMENTS:
        return _ACHIEVEMENTS[achievement_type]
    if achievement_type.startswith("ext:"):
        return "record"
    has_result = any(
        isinstance(subject, dict) and subject.get("result") for subject in as_list(document.get("credentialSubject"))
    )
    return "course" if has_result else "badge"


def _is_foreign(document: JSONObject) -> bool:
    """Whether this is a record in words that are none of ours: of a type we do not know, and about no achievement."""
    subjects = [subject for subject in as_list(document.get("credentialSubject")) if isinstance(subject, dict)]
    types = {name for name in as_list(document.get("type")) if isinstance(name, str)}
    known = {*_OPEN_BADGES, *(name for name, _kind_of_it in _KINDS)}
    return bool(types) and known.isdisjoint(types) and not any("achievement" in subject for subject in subjects)


def _named_by_type(document: JSONObject) -> str:
    types = [name for name in as_list(document.get("type")) if isinstance(name, str) and name not in _BARE_TYPES]
    return in_words(types[-1]) if types and _is_foreign(document) else ""


def _lines(document: JSONObject, subjects: list[JSONObject]) -> Iterator[Line]:
    if _is_foreign(document):
        for subject in subjects:
            for name, value in subject.items():
                if name not in ("id", "type", "@type"):
                    yield from flat(name, value)
        return
    if family.is_mine(document):
        yield from _family_lines(document)
        return
    for subject in subjects:
        found = subject.get("achievement")
        achievement = found if isinstance(found, dict) else {}
        yield from _results(subject, achievement)
        yield from _texts(
            subject, ("term", "creditsEarned", "role", "narrative", "activityStartDate", "activityEndDate")
        )
        yield from _texts(subject, ("endorsementComment",))
        yield from _texts(
            achievement, ("description", "humanCode", "fieldOfStudy", "specialization", "creditsAvailable")
        )
        criteria = achievement.get("criteria")
        if isinstance(criteria, dict):
            yield from _texts(criteria, ("narrative",), prefix="criteria-")
        for alignment in as_list(achievement.get("alignment")):
            if isinstance(alignment, dict) and text(alignment.get("targetName")):
                yield Line("skill", text(alignment.get("targetName")))
        for tag in as_list(achievement.get("tag")):
            if isinstance(tag, str):
                yield Line("tag", tag)
    yield from _texts(document, ("description",), prefix="record-")
    for evidence in as_list(document.get("evidence")):
        if isinstance(evidence, dict):
            yield from _texts(evidence, ("name", "narrative", "description"), prefix="evidence-")
    if document.get("partial") is True:
        yield Line("partial", "")


def _family_lines(document: JSONObject) -> Iterator[Line]:
    """What the family says, strengths first; what a grant says. Their shape was checked before."""
    types = as_list(document.get("type"))
    if "AboutMeCredential" in types:
        said = family.read_about_me(document).statements
        for kind in family.STATEMENT_KINDS:
            yield from (Line(kind, words, "", language) for its_kind, words, language in said if its_kind == kind)
    elif family.GRANT_TYPES.intersection(types):
        grant = family.read_grant(document)
        yield from (Line("grant-role", grant.role), Line("grant-basis", grant.basis))
        if grant.evidence:
            yield Line("grant-evidence", grant.evidence)


def _results(subject: JSONObject, achievement: JSONObject) -> Iterator[Line]:
    called = {
        id_of(entry): text(entry.get("name"))
        for entry in as_list(achievement.get("resultDescription"))
        if isinstance(entry, dict) and id_of(entry)
    }
    for result in as_list(subject.get("result")):
        if not isinstance(result, dict):
            continue
        name = called.get(id_of(result.get("resultDescription")), "")
        for member, label in (("value", "grade"), ("achievedLevel", "level"), ("status", "state")):
            if text(result.get(member)):
                yield Line(label, text(result[member]), name)


def _texts(node: JSONObject, members: tuple[str, ...], prefix: str = "") -> Iterator[Line]:
    for member in members:
        if text(node.get(member)):
            yield Line(prefix + member, text(node[member]))
