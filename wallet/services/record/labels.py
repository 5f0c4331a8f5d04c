"""Words for what a record holds, by the stable kinds of ``services.consent``; the same on pages and in the terminal.

The words are msgids of the role's catalogue: this layer knows no language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final


def N_(message: str) -> str:
    """Mark ``message`` for translation; pages and commands translate it where it is shown."""
    return message


_KINDS: Final[Mapping[str, str]] = {
    "identity.name": N_("Name"),
    "identity.sourcedId": N_("School's student number"),
    "identity.emailAddress": N_("E-mail address"),
    "credentialSubject.achievement.name": N_("Title"),
    "credentialSubject.achievement.description": N_("Description"),
    "credentialSubject.achievement.criteria.narrative": N_("What it takes"),
    "credentialSubject.achievement.criteria.id": N_("Page on what it takes"),
    "credentialSubject.achievement.achievementType": N_("Kind"),
    "credentialSubject.achievement.humanCode": N_("Course code"),
    "credentialSubject.achievement.creditsAvailable": N_("Credits it is worth"),
    "credentialSubject.achievement.fieldOfStudy": N_("Subject"),
    "credentialSubject.achievement.id": N_("The signer's number for this course or badge"),
    "credentialSubject.achievement.image.id": N_("Picture"),
    "credentialSubject.achievement.inLanguage": N_("Language"),
    "credentialSubject.achievement.tag": N_("Keyword"),
    "credentialSubject.achievement.alignment.targetName": N_("Skill"),
    "credentialSubject.achievement.alignment.targetCode": N_("Code of the skill"),
    "credentialSubject.achievement.resultDescription.id": N_("Name of the scale"),
    "credentialSubject.achievement.resultDescription.name": N_("What the result says"),
    "credentialSubject.achievement.resultDescription.resultType": N_("Kind of result"),
    "credentialSubject.achievement.resultDescription.valueMin": N_("Lowest possible result"),
    "credentialSubject.achievement.resultDescription.valueMax": N_("Highest possible result"),
    "credentialSubject.result.value": N_("Grade or result"),
    "credentialSubject.result.status": N_("State of the result"),
    "credentialSubject.result.resultDescription": N_("Name of the scale"),
    "credentialSubject.creditsEarned": N_("Credits earned"),
    "credentialSubject.term": N_("Term"),
    "credentialSubject.activityStartDate": N_("Began"),
    "credentialSubject.activityEndDate": N_("Ended"),
    "credentialSubject.narrative": N_("In words"),
    "credentialSubject.identifier.identityType": N_("Kind of name or number"),
    "credentialSubject.identifier.hashed": N_("How the name is written"),
    "credentialSubject.id": N_("The key of this record"),
    "credentialSubject.statement.text.@value": N_("In the family's words"),
    "credentialSubject.role": N_("Acts as"),
    "credentialSubject.right": N_("May do"),
    "credentialSubject.basis": N_("Because"),
    "credentialSubject.paper": N_("The paper that says so"),
    "credentialSubject.learner": N_("The student's number in this backpack"),
    "id": N_("The signer's number for this record"),
    "name": N_("Headline"),
    "description": N_("Description"),
    "issuer.id": N_("Who signed it"),
    "issuer.name": N_("Name of the signer"),
    "issuer.url": N_("Page of the signer"),
    "validFrom": N_("When it was signed"),
    "validUntil": N_("Until when it is valid"),
    "evidence.id": N_("Link to the work"),
    "evidence.name": N_("Title of the work"),
    "evidence.narrative": N_("About the work"),
    "evidence.digest": N_("The whole file, by its digest"),
}
_CLAIMS: Final[Mapping[str, str]] = {
    "title": N_("Title"), "grade": N_("Grade or result"), "state": N_("State of the result"),
    "credits": N_("Credits earned"), "term": N_("Term"), "code": N_("Course code"), "subject": N_("Subject"),
    "description": N_("Description"), "criteria": N_("What it takes"), "narrative": N_("In words"),
    "began_on": N_("Began"), "ended_on": N_("Ended"), "student_name": N_("Name"),
    "student_number": N_("School's student number"), "school": N_("Name of the signer"), "language": N_("Language"),
    "iss": N_("Who signed it"), "iat": N_("When it was signed"), "nbf": N_("From when it is valid"),
    "exp": N_("Until when it is valid"), "vct": N_("Kind of record"), "cnf": N_("The key of this record"),
    "status": N_("A number for the signer's list of taken-back records"),
}
"""Of an SD-JWT, by the name of the claim; others are called what their signer calls them."""
_CLAIM: Final = "claim."
_LONGEST_NAME: Final = 60
_STATUS = N_("A number for the signer's list of taken-back records")
_BEGINNINGS: Final[tuple[tuple[str, str], ...]] = (
    ("credentialStatus.", _STATUS),
    ("identity.", N_("Another name or number")),
    ("issuer.", N_("About the signer")),
    ("evidence.", N_("About the work")),
    ("credentialSubject.verifiableCredential.", N_("A course or other record in the transcript")),
    ("credentialSubject.achievement.alignment.", N_("About a skill")),
    ("credentialSubject.achievement.", N_("About the course or badge")),
    ("credentialSubject.result.", N_("About the result")),
    ("credentialSubject.", N_("About the student")),
)
_OTHER = N_("Another detail")

MEMBERS: Final = "credentialSubject.verifiableCredential."
"""How the kinds of values in a transcript's courses begin."""

TECHNICAL: Final = frozenset({
    "credentialSubject.identifier.hashed", "credentialSubject.identifier.identityType",
    "credentialSubject.achievement.resultDescription.id", "credentialSubject.result.resultDescription",
    "credentialSubject.achievement.id", "credentialSubject.statement.kind",
    "credentialSubject.statement.text.@language",
})
"""Kinds that say nothing to people; lists of what stays leave them out."""


def label_of(kind: str, translate: Callable[[str], str]) -> str:
    """What a value of this kind is called, in the language of ``translate``."""
    exact = _KINDS.get(kind)
    if exact is not None:
        return translate(exact)
    if kind.startswith(_CLAIM):
        name = kind.removeprefix(_CLAIM)
        known = _CLAIMS.get(name.partition(".")[0])
        return translate(known) if known is not None else _plain(name)
    return translate(next((label for beginning, label in _BEGINNINGS if kind.startswith(beginning)), _OTHER))


def _plain(name: str) -> str:
    """A name a signer made up, as words."""
    words = "".join(mark if mark.isprintable() else " " for mark in name).replace("_", " ").replace(".", " · ")
    return " ".join(words.split())[:_LONGEST_NAME]


def always_labels(kinds: Iterable[str], translate: Callable[[str], str]) -> list[str]:
    """The different labels of what always goes along; everything about the signer is one line."""
    whole = ("issuer.id" if kind.startswith("issuer.") else kind for kind in kinds)
    return list(dict.fromkeys(label_of(kind, translate) for kind in whole))


def labels_of(kinds: tuple[str, ...], translate: Callable[[str], str]) -> list[str]:
    """The different labels of several kinds, in their order, without what says nothing to people."""
    return list(dict.fromkeys(label_of(kind, translate) for kind in kinds if kind not in TECHNICAL))
