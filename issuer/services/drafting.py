"""From a course record to an approved intent: build, check, reserve a place in the status list, store, hand out once.

What is approved is the hash of the document without ``credentialSubject.id``; issuance signs that document with the
holder's id added and nothing else (security.md K07, §5).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from credkit.credential import check_credential
from credkit.errors import StateError
from credkit.ports import JSONObject
from credkit.profiles import clr_2, openbadges_3
from credkit.status import bitstring
from issuer.services import building
from issuer.services.office import Office, digest_of
from issuer.services.rosters import course_from_json
from issuer.store import Credential, Person, Unit

COURSE, TRANSCRIPT, BADGE, FULL_RECORD = "course", "transcript", "badge", "full-record"
_FULL_AT = bitstring.MINIMUM_ENTRIES // 2
_ATTEMPTS = 128


class PreparedCredential:
    """An intent that may be signed once. ``take`` gives its document the first time and refuses ever after."""

    def __init__(self, credential: Credential) -> None:
        self._credential: Credential | None = credential

    def take(self) -> Credential:
        """The intent, if its document is still the one that was approved.

        Raises:
            StateError: it was taken before, or it was changed since it was approved.
        """
        credential, self._credential = self._credential, None
        if credential is None:
            raise StateError("This record was handed to the signer already.")
        if digest_of(credential.document) != credential.document_digest:
            raise StateError("This record was changed after it was approved.")
        return credential


@dataclass(frozen=True)
class Drafted:
    """What came of preparing one student: credentials made, made anew, and left as they were."""

    new: int = 0
    renewed: int = 0
    unchanged: int = 0


class Drafting:
    """Prepares credentials. Every method runs inside the caller's transaction."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def prepare_student(self, unit: Unit, person: Person) -> Drafted:
        """One credential per course of a student and one transcript over all of them.

        Raises:
            ProblemError: a record that cannot be made into a credential; nothing of this student is kept.
        """
        outcomes = []
        for position, stored in enumerate(unit.courses_of(person.id)):
            course = course_from_json(stored.record)
            facts = building.course_facts(self._office.identity, person, course)
            slot = f"{COURSE}:{course.key}"
            outcomes.append(self._prepare(unit, person, slot, COURSE, course.title, position, facts))
        outcomes += self._prepare_transcript(unit, person)
        return Drafted(*(outcomes.count(word) for word in ("new", "renewed", "unchanged")))

    def prepare_full_record(self, unit: Unit, person: Person) -> Credential:
        """A transcript over every living record of a student, sensitive ones too: what a next school may ask for.

        Raises:
            StateError: the student has no records.
        """
        members = [each for each in unit.credentials_of(person.id)
                   if each.revoked_at is None and openbadges_3.is_mine(each.document)]
        if not members:
            raise StateError("This student has no records yet.")
        facts = building.full_record_facts(self._office.identity, person, members)
        return self.prepare_record(unit, person, FULL_RECORD, FULL_RECORD, facts)

    def prepare_record(self, unit: Unit, person: Person, kind: str, slot: str, facts: building.Facts) -> Credential:
        """One record in one slot of a student, made, brought up to date, or left as it is.

        Raises:
            ProblemError: the facts cannot be made into a credential.
        """
        self.bring_up_to_date(unit, person, kind, slot, facts, again=True)
        made = unit.credential_in_slot(person.id, slot)
        if made is None:
            raise StateError("The record could not be stored.")
        return made

    def bring_up_to_date(self, unit: Unit, person: Person, kind: str, slot: str, facts: building.Facts, *,
                         again: bool = False) -> str:
        """Like ``prepare_record``; answers ``new``, ``renewed`` or ``unchanged``.

        Args:
            again: Also if a record that said just this was taken back.
        """
        position = len(unit.credentials_of(person.id))
        return self._prepare(unit, person, slot, kind, facts.title, position, facts, again=again)

    def replace(self, unit: Unit, person: Person, taken_back: Sequence[Credential]) -> dict[str, str]:
        """After credentials were taken back: the same words again, each under a new id and a new place in the list.

        Transcripts come last, as they hold other records; every transcript of the student is brought up to date.

        Returns:
            New id by old id.
        """
        replaced = {}
        for old in taken_back:
            if not clr_2.is_mine(old.document):
                slot = old.slot.removesuffix(f"#{old.id}")
                facts = building.same_facts(old)
                replaced[old.id] = self.prepare_record(unit, person, old.kind, slot, facts).id
        self._prepare_transcript(unit, person, again=any(each.kind == TRANSCRIPT for each in taken_back))
        if FULL_RECORD in {each.kind for each in taken_back} | {each.slot for each in unit.credentials_of(person.id)}:
            self.prepare_full_record(unit, person)
        for old in taken_back:
            made = unit.credential_in_slot(person.id, old.kind) if clr_2.is_mine(old.document) else None
            if made is not None:
                replaced[old.id] = made.id
        return replaced

    def _prepare_transcript(self, unit: Unit, person: Person, *, again: bool = False) -> list[str]:
        living = [each for each in unit.credentials_of(person.id) if each.kind == COURSE and each.revoked_at is None]
        if not living:
            return []
        facts = building.transcript_facts(self._office.identity, person, living)
        return [self._prepare(unit, person, TRANSCRIPT, TRANSCRIPT, facts.title, 0, facts, again=again)]

    def prepare_badge(self, unit: Unit, person: Person, achievement: openbadges_3.Achievement,
                      narrative: str | None) -> Credential:
        """A badge for a student.

        Raises:
            StateError: the student has this badge already.
            ProblemError: the texts cannot be made into a credential.
        """
        slot = f"{BADGE}:{achievement.id}"
        if unit.credential_in_slot(person.id, slot) is not None:
            raise StateError("This student has this badge already.")
        facts = building.badge_facts(self._office.identity, person, achievement, narrative, self._office.clock.now())
        return self.prepare_record(unit, person, BADGE, slot, facts)

    def _prepare(self, unit: Unit, person: Person, slot: str, kind: str, title: str, position: int,
                 facts: building.Facts, *, again: bool = False) -> str:
        """Bring one slot up to date; answers ``new``, ``renewed`` or ``unchanged``."""
        before = unit.credential_in_slot(person.id, slot)
        if before is not None and before.content_digest == facts.digest:
            return "unchanged"
        if before is None and not again and unit.was_taken_back(person.id, slot, facts.digest):
            return "unchanged"
        now = self._office.clock.now()
        if before is None:
            credential_id = f"urn:uuid:{uuid.UUID(bytes=self._office.randomness.token_bytes(16), version=4)}"
            list_number, index = self._reserve(unit)
            version, created = 1, now
        else:
            credential_id, list_number, index = before.id, before.list_number, before.list_index
            version, created = before.version + 1, before.created_at
        entry = bitstring.build_entry(f"{self._office.identity.origin}/status/{list_number}", index)
        document = facts.build(credential_id, now, entry)
        self.check(document)
        credential = Credential(
            id=credential_id, student_id=person.id, kind=kind, slot=slot, title=title, version=version,
            document=document, content_digest=facts.digest, document_digest=digest_of(document),
            list_number=list_number, list_index=index, created_at=created, updated_at=now,
        )
        if before is None:
            unit.add_credential(credential, position)
        else:
            unit.renew_credential(credential)
        self._remember_achievement(unit, document, now)
        unit.append_log(now, "drafted", "program", credential_id,
                        {"version": version, "kind": kind, "digest": credential.document_digest})
        return "new" if before is None else "renewed"

    def check(self, document: JSONObject) -> None:
        """Everything that must hold before we promise to sign: the data model, and that no word of it gets lost.

        Raises:
            ProblemError: the first reason why not (security.md A02).
        """
        check_credential(document)
        self._office.processor.walk(document)

    def _reserve(self, unit: Unit) -> tuple[int, int]:
        """A random free place in a list that is not half full (security.md R01, C07)."""
        number, taken = unit.newest_list()
        if number == 0 or taken >= _FULL_AT:
            number += 1
            unit.add_list(number)
        for _ in range(_ATTEMPTS):
            index = int.from_bytes(self._office.randomness.token_bytes(8), "big") % bitstring.MINIMUM_ENTRIES
            if unit.is_free_index(number, index):
                return number, index
        raise StateError("No free place in the list of taken-back records was found.")

    def _remember_achievement(self, unit: Unit, document: JSONObject, now: datetime) -> None:
        if openbadges_3.is_mine(document):
            achievement = document["credentialSubject"]["achievement"]
            unit.save_achievement(achievement["id"], achievement["achievementType"], achievement, now)


def holder_document(document: JSONObject, subject_id: str) -> JSONObject:
    """An approved document with its holder's id, in a transcript in each member too, and nothing else changed.

    What is about something else than its holder names that already, and stays as it is.
    """
    if "id" in document["credentialSubject"]:  # an endorsement's work, a limited party: not the holder's to change
        return document
    subject = {"id": subject_id, **document["credentialSubject"]}
    if clr_2.is_mine(document):
        subject["verifiableCredential"] = [
            holder_document(member, subject_id) for member in document["credentialSubject"]["verifiableCredential"]
        ]
    return {**document, "credentialSubject": subject}
