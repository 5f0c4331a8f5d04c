"""A teacher's word on a student's work (requirements.md P8): "representative work", on a record or a piece of evidence.

The school signs what its teacher says, once a registrar agrees. The comment stands beside the work and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from credkit.errors import MalformedValueError, StateError
from credkit.ports import JSONObject
from credkit.profiles.endorsement import build_endorsement
from issuer.services.approvals import Approvals, alone
from issuer.services.building import Facts
from issuer.services.drafting import Drafting
from issuer.services.office import Office, digest_of, existing_student
from issuer.services.wording import phrase
from issuer.store import Credential, Person, Petition, Unit

KIND: Final = "endorsement"
MAX_COMMENT: Final = 2000
MAX_NAME: Final = 200
_WORK: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Endorsing:
    """Drafts and issues teachers' endorsements (an ``approvals.Handler``)."""

    def __init__(self, office: Office, drafting: Drafting, approvals: Approvals) -> None:
        self._office = office
        self._drafting = drafting
        self._approvals = approvals

    def draft(self, student_id: str, work: str, teacher: str, comment: str, actor: str) -> Petition:
        """Put a teacher's word before the registrar.

        Args:
            work: Id of one of the student's records here, or ``urn:uuid:…`` of a piece of evidence, as the family's
                wallet shows it.
            teacher: The teacher's name as it will stand there.

        Raises:
            StateError: no such student, or the work is another student's record or no id at all.
            MalformedValueError: a text is empty or too long.
        """
        content = _content(work, teacher, comment)
        with self._office.store.writing() as unit:
            self._check(unit, student_id, content["work"])
            return self._approvals.ask(unit, KIND, student_id, content, actor, subject=content["work"])

    def issue(self, student_id: str, work: str, teacher: str, comment: str, actor: str) -> Credential:
        """A registrar's own word for a teacher; errors as ``draft``."""
        content = _content(work, teacher, comment)
        with self._office.store.writing() as unit:
            credential = self._make(unit, student_id, content)
            unit.append_log(self._office.clock.now(), "endorsed", actor, credential.id)
        return credential

    def group(self, unit: Unit, petition: Petition) -> tuple[Petition, ...]:
        """Each word is looked at by itself."""
        return alone(petition)

    def carry_out(self, unit: Unit, group: tuple[Petition, ...], actor: str) -> dict[str, JSONObject]:
        """Make the endorsements, so that the family can collect them."""
        return {each.id: {"credential": self._make(unit, each.student_id, each.content).id} for each in group}

    def _make(self, unit: Unit, student_id: str, content: Mapping[str, str]) -> Credential:
        person = self._check(unit, student_id, content["work"])
        identity = self._office.identity
        name = phrase(identity.language, "endorsement_name")
        comment = phrase(identity.language, "endorsement_comment", teacher=content["teacher"],
                         comment=content["comment"])

        def build(credential_id: str, now: datetime, entry: JSONObject) -> JSONObject:
            document = build_endorsement(credential_id, name, content["work"], comment, identity.profile(), now,
                                         identity.language)
            return {**document, "credentialStatus": dict(entry)}

        digest = digest_of([identity.origin, identity.name, dict(content)])
        return self._drafting.prepare_record(unit, person, KIND, f"{KIND}:{content['work']}:{digest[:16]}",
                                             Facts(f"{name}: {content['teacher']}", digest, build))

    def _check(self, unit: Unit, student_id: str, work: str) -> Person:
        person, record = existing_student(unit, student_id), unit.find_credential(work)
        if not _WORK.fullmatch(work) or (record is not None and record.student_id != student_id):
            raise StateError("This student has no work with this number.")
        if record is not None and record.revoked_at is not None:
            raise StateError("This record was taken back before.")
        return person


def _content(work: str, teacher: str, comment: str) -> dict[str, str]:
    work = work.strip().lower()
    found = {"work": work if work.startswith("urn:") else f"urn:uuid:{work}", "teacher": " ".join(teacher.split()),
             "comment": comment.strip()}
    if not 0 < len(found["teacher"]) <= MAX_NAME:
        raise MalformedValueError("the teacher’s name is empty or too long", pointer="/teacher")
    if not 0 < len(found["comment"]) <= MAX_COMMENT:
        raise MalformedValueError("the comment is empty or too long", pointer="/comment")
    return found
