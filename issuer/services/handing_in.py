"""Records that programs hand in for a student: checked, kept apart as they came, and never taken for the school's.

What does not hold is refused; what could not be checked is kept and said so.

Spec: OB-3.0 #upsertcredential, #credential-equality-and-comparison-algorithm
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import unquote

from credkit.encoding import parse_json_object
from credkit.environment import Environment
from credkit.errors import CredkitError, ProtocolError, StateError
from credkit.ports import JSONObject
from credkit.profiles import matches_identity, openbadges_3
from credkit.protocols.ob_api_v3p0 import COMPACT_JWS, INVALID_DATA, moment_of
from credkit.shape import as_list, id_of, is_url
from credkit.verification import Outcome, Policy, Report, verify_credential
from issuer.services.apps import metadata_of
from issuer.services.office import Office
from issuer.store import AppRecord, AppToken, Person, Unit

MAX_BYTES: Final = 262_144
MOST: Final = 500
_MAX_SHOWN: Final = 200
_TOLERATED: Final = frozenset({"address_only", "weak_hash"})
_NUMBERS: Final = frozenset({"sourcedId", "sisSourcedId", "oneRosterSourcedId", "lisSourcedId", "identifier"})
State = Literal["created", "replaced", "unchanged"]


class HandingIn:
    """Takes records of others at one office.

    Args:
        environment: What a verification may use.
    """

    def __init__(self, office: Office, environment: Environment) -> None:
        self._office = office
        self._environment = environment

    def take(self, token: AppToken, body: bytes, *, is_jws: bool) -> State:
        """Take a record for the student of a token.

        Args:
            is_jws: Whether it comes as a compact JWS; else as JSON.

        Raises:
            ProtocolError: ``invalid_data``: not a badge, of somebody else, or a proof that does not hold;
                ``forbidden`` (403): there are too many.
        """
        text, report = self._checked(body, is_jws)
        document = report.peek_document
        issuer_id, credential_id = _same(id_of(document.get("issuer"))), _same(document.get("id"))
        issued_at = moment_of(document)
        if not is_url(issuer_id) or not is_url(credential_id) or issued_at is None:
            raise _refused("the record must name itself, who signed it, and since when it is good")
        view, now = openbadges_3.peek_view(document), self._office.clock.now()
        with self._office.store.writing() as unit:
            person, app = unit.find_student(token.student_id), unit.find_app(token.app_id, now)
            if person is None or not _names(document, person):
                raise _refused("the record does not name this student by the school's name or number")
            metadata = None if app is None else metadata_of(app)
            new = AppRecord(
                self._office.new_id(), person.id, token.app_id, "" if metadata is None else metadata.client_name,
                "" if metadata is None else metadata.host, issuer_id, credential_id,
                (view.name or view.achievement_name)[:_MAX_SHOWN], view.issuer_name[:_MAX_SHOWN], is_jws, text,
                issued_at, _kept(report), now)
            return self._put(unit, new, now)

    def list(self, student_id: str) -> tuple[AppRecord, ...]:
        """What was handed in for a student, the newest first."""
        with self._office.store.reading() as unit:
            return unit.app_records_of(student_id)

    def said(self, student_id: str) -> JSONObject:
        """What a student says in the profile by way of a program; empty if nothing."""
        with self._office.store.reading() as unit:
            return unit.app_profile(student_id)

    def delete(self, student_id: str, record_id: str, actor: str) -> None:
        """Delete what was handed in.

        Raises:
            StateError: this student has no such thing.
        """
        with self._office.store.writing() as unit:
            if not unit.delete_app_record(student_id, record_id):
                raise StateError("There is no such record.")
            unit.append_log(self._office.clock.now(), "handed_in_deleted", actor, student_id)

    def _checked(self, body: bytes, is_jws: bool) -> tuple[str, Report]:
        try:
            text = body.decode("utf-8").strip()
            if is_jws and not COMPACT_JWS.fullmatch(text):
                raise _refused("the body is no compact JWS")
            parsed: Any = text if is_jws else parse_json_object(text, max_bytes=MAX_BYTES)
        except UnicodeDecodeError as error:
            raise _refused("the body is not UTF-8") from error
        except ProtocolError:
            raise
        except CredkitError as error:
            raise _refused(error.detail) from error
        if not is_jws and not openbadges_3.is_mine(parsed):
            raise _refused("the record is no achievement credential of Open Badges 3.0")
        report = verify_credential(parsed, Policy(), self._environment)
        wrong = next((each for each in report.problems() if each.outcome is Outcome.FAILED
                      and each.id not in report.optional), None)
        if wrong is not None:
            problem = wrong.problem or {}
            raise _refused(f"{problem.get('title', 'It does not hold')}: {problem.get('detail', wrong.id)}")
        if not openbadges_3.is_mine(report.peek_document):
            raise _refused("the record is no achievement credential of Open Badges 3.0")
        lacking = next((each for each in report.remarks if each.code not in _TOLERATED), None)
        if lacking is not None:
            raise _refused(f"the record lacks what the standard requires: {lacking.detail}")
        return text, report

    def _put(self, unit: Unit, new: AppRecord, now: datetime) -> State:
        """Keep ``new``, unless it is ours anyway, or there is the same one, or a newer one."""
        if new.issuer_id == _same(self._office.identity.did):
            ours = unit.find_credential(new.credential_id)
            if ours is not None and ours.student_id == new.student_id:
                return "unchanged"
        before = unit.app_record(new.student_id, new.issuer_id, new.credential_id)
        if before is not None and (before.text == new.text or new.issued_at < before.issued_at):
            return "unchanged"
        if before is None and unit.count_app_records(new.student_id) >= MOST:
            raise ProtocolError("forbidden", "too many records were handed in for this student", 403)
        unit.save_app_record(new if before is None else replace(new, id=before.id))
        unit.append_log(now, "handed_in", "app", new.student_id,
                        {"app": new.app_host, "outcome": new.report["outcome"]})
        return "created" if before is None else "replaced"


def _refused(description: str) -> ProtocolError:
    return ProtocolError(INVALID_DATA, description)


def _same(identifier: Any) -> str:
    """An id as two are compared (OB-3.0 #credential-equality-and-comparison-algorithm)."""
    return unquote(identifier).strip() if isinstance(identifier, str) else ""


def _names(document: JSONObject, person: Person) -> bool:
    """Whether an identity of the subject, plain or hashed, is the student's name or number."""
    numbers = (person.number, *person.aliases)
    for subject in as_list(document.get("credentialSubject")):
        for entry in as_list(subject.get("identifier") if isinstance(subject, dict) else None):
            if not isinstance(entry, dict):
                continue
            kind, value = entry.get("identityType"), entry.get("identityHash")
            if kind == "name" and isinstance(value, str) and (
                    matches_identity(entry, person.name)
                    or entry.get("hashed") is not True and _plain(value) == _plain(person.name)):
                return True
            if isinstance(kind, str) and kind in _NUMBERS and any(matches_identity(entry, each) for each in numbers):
                return True
    return False


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _kept(report: Report) -> JSONObject:
    """What is kept of a report: its outcome and checks, not the document, which is kept as it came."""
    return {name: value for name, value in report.to_json().items() if name in ("verified", "outcome", "checks")}
