"""What a signed record says, in the order people read it. Nothing is added, converted or judged; what cannot be read
is left out.

Only documents whose signature held come here (``stories``); every value is shown as it was signed. Arrays may be
shorter than they were signed and members may be missing: a record shown in part is read for what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from credkit.ports import JSONObject
from credkit.shape import as_list, id_of

MAX_LINES = 400
_KINDS: Final = (("ClrCredential", "transcript"), ("EndorsementCredential", "endorsement"))


@dataclass(frozen=True)
class Line:
    """One thing a record says. ``label`` is one of our names (``grade``, ``term`` …); ``called`` is the record's own
    word for it.
    """

    label: str
    value: str
    called: str = ""


@dataclass(frozen=True)
class Record:
    """One record as people read it.

    Attributes:
        kind: ``transcript``, ``course``, ``badge`` or ``endorsement``.
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
    subjects = [subject for subject in as_list(document.get("credentialSubject")) if isinstance(subject, dict)]
    achievements = [subject["achievement"] for subject in subjects if isinstance(subject.get("achievement"), dict)]
    achievement = achievements[0] if achievements else {}
    issuer = document.get("issuer")
    return Record(
        kind=_kind(document, achievement),
        title=text(achievement.get("name")) or text(document.get("name")),
        signer=id_of(issuer) or "",
        calls_itself=text(issuer.get("name")) if isinstance(issuer, dict) else "",
        student=next((name for subject in subjects for name in names(subject)), ""),
        signed_on=text(document.get("validFrom")) or text(document.get("issuanceDate")),
        valid_until=text(document.get("validUntil")) or text(document.get("expirationDate")),
        language=text(document.get("inLanguage")) or text(achievement.get("inLanguage")),
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


def _kind(document: JSONObject, achievement: JSONObject) -> str:
    types = as_list(document.get("type"))
    for name, kind in _KINDS:
        if name in types:
            return kind
    is_course = achievement.get("achievementType") in ("Course", "ext:Course")
    has_result = any(
        isinstance(subject, dict) and subject.get("result") for subject in as_list(document.get("credentialSubject"))
    )
    return "course" if is_course or has_result else "badge"


def _lines(document: JSONObject, subjects: list[JSONObject]) -> Iterator[Line]:
    for subject in subjects:
        found = subject.get("achievement")
        achievement = found if isinstance(found, dict) else {}
        yield from _results(subject, achievement)
        yield from _texts(
            subject, ("term", "creditsEarned", "role", "narrative", "activityStartDate", "activityEndDate")
        )
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
