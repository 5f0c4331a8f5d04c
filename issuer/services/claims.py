"""A record from the claims about its subject, as somebody wrote them down: what a program puts in, it gets signed.

Only what the profile of Open Badges takes is made: nothing is guessed but ids, types and the kind of achievement.

Spec: OB-3.0 #achievementsubject
"""

from __future__ import annotations

from typing import Any, Final

from credkit.credential import CREDENTIAL_TYPE
from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles.openbadges_3 import CONTEXTS, lint_open_badge
from credkit.shape import as_list, format_date_time, member, optional_member
from issuer.services.building import Facts, achievement_url
from issuer.services.drafting import BADGE, COURSE, Drafting, holder_document
from issuer.services.office import Office, digest_of, existing_student
from issuer.services.templates import TEMPLATES
from issuer.store import Credential, Person, Unit

KINDS: Final = {COURSE: "Course", BADGE: "Badge", **{each.name: each.achievement_type for each in TEMPLATES}}
"""Kinds of records that can be made of claims → the kind of achievement where the claims name none."""
_OF_ACHIEVEMENT: Final = frozenset({
    "name", "description", "criteria", "achievementType", "humanCode", "fieldOfStudy", "specialization",
    "creditsAvailable", "inLanguage", "version", "tag", "alignment", "resultDescription", "otherIdentifier", "related"})
_MAX_NAME: Final = 200


class Claims:
    """Makes records of claims."""

    def __init__(self, office: Office, drafting: Drafting) -> None:
        self._office = office
        self._drafting = drafting

    def record(self, kind: str, claims: JSONObject, actor: str) -> Credential:
        """The record that says this; the same claims again give the same record.

        The student is the one whose number the claims name (``identifier`` of the type ``sourcedId``), else a new one.

        Args:
            kind: A key of ``KINDS``.
            claims: Members of ``credentialSubject`` without ``id``; those of its ``achievement`` may stand beside
                them where there is no ``achievement``.

        Raises:
            MalformedValueError: another kind, or the claims are none that the profile takes; ``pointer`` names where.
            ProblemError: they cannot be signed without losing a word.
        """
        if kind not in KINDS:
            raise MalformedValueError("a record of this kind is not made from claims: only courses, badges and forms")
        subject = self._subject(kind, claims)
        digest, identity = digest_of([kind, subject]), self._office.identity
        title = str(subject["achievement"].get("name", ""))

        def build(credential_id: str, now: Any, entry: JSONObject) -> JSONObject:
            document = {
                "@context": list(CONTEXTS), "id": credential_id, "type": [CREDENTIAL_TYPE, "OpenBadgeCredential"],
                "name": title, "issuer": identity.profile().to_json(), "validFrom": format_date_time(now),
                "credentialSubject": subject, "credentialStatus": dict(entry)}
            lint_open_badge(holder_document(document, identity.did))  # as it will be with any holder
            return document

        with self._office.store.writing() as unit:
            person = self._person(unit, subject, digest)
            made = self._drafting.prepare_record(unit, person, kind, f"claims:{kind}:{digest}",
                                                 Facts(title, digest, build))
            unit.append_log(self._office.clock.now(), "awarded", actor, made.id, {"template": kind})
        return made

    def full_record(self, student_id: str) -> Credential:
        """Everything the school has signed for a student, brought up to date.

        Raises:
            StateError: no such student, or no records.
        """
        with self._office.store.writing() as unit:
            person = existing_student(unit, student_id)
            return self._drafting.prepare_full_record(unit, person)

    def _subject(self, kind: str, claims: JSONObject) -> JSONObject:
        if "id" in claims:
            raise MalformedValueError("the claims hold no id: it is the wallet's", pointer="/id")
        own = dict(claims)
        achievement = optional_member(own, "achievement", dict)
        if achievement is None:
            achievement = {name: own.pop(name) for name in sorted(_OF_ACHIEVEMENT & own.keys())}
        name = member(achievement, "name", str, at="/achievement")
        address = achievement_url(self._office.identity, name, [kind, digest_of(achievement)])
        return {"type": ["AchievementSubject"], **own, "achievement": {
            "id": address, "type": ["Achievement"], "achievementType": KINDS[kind], **achievement}}

    def _person(self, unit: Unit, subject: JSONObject, digest: str) -> Person:
        said = {each.get("identityType"): each.get("identityHash") for each in as_list(subject.get("identifier"))
                if isinstance(each, dict)}
        number, name = said.get("sourcedId") or f"claims-{digest[:12]}", said.get("name") or ""
        if not all(isinstance(each, str) and len(each) <= _MAX_NAME for each in (number, name)):
            raise MalformedValueError("the name or number is no short text", pointer="/identifier")
        person = unit.student_numbered(number)
        if person is None:
            person = Person(self._office.new_id(), number, name or number, "", ())
            unit.save_student(person, self._office.clock.now())
        return person
