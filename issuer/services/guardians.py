"""Who a child's guardian is, and what a court forbids, as the school states it after looking at the papers.

Exports only propose (OneRoster agents, Ed-Fi contacts); restrictions on contacts are never taken over or shared. Each
statement is offered by itself, to the one family it is for: never together with the student's records.

Source: requirements.md R3, §3.1; security.md G05; ``credkit.profiles.family``
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles import family
from issuer.importing.model import Contact
from issuer.services.building import Facts
from issuer.services.drafting import Drafting
from issuer.services.office import Office, digest_of, existing_student
from issuer.store import Credential, Person, Unit

GUARDIANSHIP: Final = "guardianship"
COURT_LIMIT: Final = "court-limit"
BASES: Final = ("parent", "legal-guardian", "court-order", "power-of-attorney")
EXTENTS: Final[Mapping[str, frozenset[str]]] = {
    "full": frozenset({"full", "people", "recovery"}),
    "read": frozenset(right for right in family.RIGHTS if right.startswith("read:")),
}
"""What a guardian may do: everything, or read only."""
BLOCKED: Final[Mapping[str, frozenset[str]]] = {
    "all": frozenset({family.EVERYTHING}),
    "decide": frozenset({"share", "comment", "privacy-settings", "people", "recovery"}),
}
"""What a court's limit forbids: everything, or all but reading."""
MAX_TEXT: Final = 300
_DID: Final = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,1000}", re.ASCII)
_LEARNER: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True)
class Statement:
    """What the registrar states.

    Attributes:
        name: Of the guardian, or of the party that is limited; for the office, it does not go into the credential.
        basis: One of ``BASES``.
        extent: Key of ``EXTENTS`` or ``BLOCKED``.
        paper: A plain sentence that names what the registrar saw.
        learner: The child's constant name in the family's wallet, ``urn:uuid:…``; empty: one that we derive.
        party: Only for a court's limit: DID of the party that is limited, as the family's wallet shows it.
    """

    name: str
    basis: str
    extent: str
    begins: date
    ends: date | None
    paper: str
    learner: str = ""
    party: str = ""


class Guardians:
    """States who the guardians are."""

    def __init__(self, office: Office, drafting: Drafting) -> None:
        self._office = office
        self._drafting = drafting

    def proposals(self, student_id: str) -> tuple[Contact, ...]:
        """The adults whom exports name; nothing follows from them by itself."""
        with self._office.store.reading() as unit:
            return tuple(Contact(**each) for each in unit.contacts_of(student_id))

    def learner_of(self, person: Person) -> str:
        """The child's name in our statements where the family gave none."""
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{self._office.identity.origin}/learners/{person.id}')}"

    def state(self, student_id: str, statement: Statement, actor: str) -> Credential:
        """A GuardianshipCredential that the guardian's wallet can collect.

        Raises:
            StateError: no such student.
            MalformedValueError: something is empty, too long, or not one of the choices; ``pointer`` names it.
            ProblemError: it ends before it begins.
        """
        _check(statement, EXTENTS)
        return self._make(student_id, GUARDIANSHIP, statement, actor)

    def limit(self, student_id: str, statement: Statement, actor: str) -> Credential:
        """A CourtLimitCredential for the wallet of whoever looks after the child; errors as ``state``."""
        _check(statement, BLOCKED)
        if not _DID.fullmatch(statement.party):
            raise MalformedValueError("the party must be named by a DID", pointer="/party")
        return self._make(student_id, COURT_LIMIT, statement, actor)

    def _make(self, student_id: str, kind: str, statement: Statement, actor: str) -> Credential:
        with self._office.store.writing() as unit:
            person = existing_student(unit, student_id)
            credential = self._draft(unit, person, kind, statement)
            unit.append_log(self._office.clock.now(), "stated", actor, credential.id, {"kind": kind})
        return credential

    def _draft(self, unit: Unit, person: Person, kind: str, statement: Statement) -> Credential:
        learner = statement.learner or self.learner_of(person)
        content = [kind, self._office.identity.origin, learner, statement.name, statement.basis, statement.extent,
                   str(statement.begins), str(statement.ends), statement.paper, statement.party]

        def build(credential_id: str, now: datetime, entry: JSONObject) -> JSONObject:
            del now
            return self._build(credential_id, kind, learner, statement, entry)

        facts = Facts(statement.name, digest_of(content), build)
        return self._drafting.prepare_record(unit, person, kind, f"{kind}:{statement.party or statement.name}", facts)

    def _build(self, credential_id: str, kind: str, learner: str, statement: Statement,
               entry: JSONObject) -> JSONObject:
        begins = datetime.combine(statement.begins, time(), UTC)
        ends = None if statement.ends is None else datetime.combine(statement.ends, time(23, 59, 59), UTC)
        issuer = self._office.identity.did
        if kind == COURT_LIMIT:
            limit = family.CourtLimit(credential_id, statement.party, learner, BLOCKED[statement.extent],
                                      statement.basis, begins, ends, statement.paper)
            return family.build_court_limit(limit, issuer=issuer, status_entry=entry)
        grant = family.Grant(credential_id, "guardian", issuer, learner, EXTENTS[statement.extent], statement.basis,
                             begins, ends, statement.paper)
        document = family.build_grant(grant, issuer=issuer, status_entry=entry)
        # The guardian's own key is known when the wallet collects; until then the statement has no holder.
        subject = {name: value for name, value in document["credentialSubject"].items() if name != "id"}
        return {**document, "credentialSubject": subject}


def _check(statement: Statement, extents: Mapping[str, frozenset[str]]) -> None:
    for name, text in (("name", statement.name), ("paper", statement.paper)):
        if not 0 < len(text.strip()) <= MAX_TEXT:
            raise MalformedValueError(f"the {name} is empty or too long", pointer=f"/{name}")
    if statement.basis not in BASES:
        raise MalformedValueError("the basis is none that we know", pointer="/basis")
    if statement.extent not in extents:
        raise MalformedValueError("the extent is none that we know", pointer="/extent")
    if statement.ends is not None and statement.ends < statement.begins:
        raise MalformedValueError("it ends before it begins", pointer="/ends")
    if statement.learner and not _LEARNER.fullmatch(statement.learner):
        raise MalformedValueError("the child’s number must be a urn:uuid", pointer="/learner")
