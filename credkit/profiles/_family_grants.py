"""Who may do what for a learner, and what a court forbids: signed, dated, scoped, revocable.

A grant holds no right to grant: ``people`` belongs to guardians alone, and nothing else lets its holder admit others
(no re-delegation, security.md G08).

Spec: requirements.md §1.2 (R3 to R10), §1.3 (P3, P5, P11, P13); security.md G05, G08
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from credkit.credential import ValidityPeriod, validity_period
from credkit.errors import CredkitError, MalformedValueError
from credkit.ports import JSONObject
from credkit.profiles._family import (
    SUBJECT,
    build_document,
    open_document,
    read_iri,
    read_optional_text,
    read_text,
    read_texts,
    remark_unknown,
)
from credkit.profiles._remarks import Remark

CATEGORIES: Final = (
    "transcript", "assessment", "attendance", "services", "supplemental-achievement", "work-habits", "extracurricular",
    "work-and-service", "portfolio", "profile", "iep", "discipline", "other",
)
"""Every kind of record a backpack sorts into."""
CONTRIBUTE_CATEGORIES: Final = (
    "services", "supplemental-achievement", "work-habits", "extracurricular", "work-and-service",
)
"""The five that others than schools may add to (P5)."""
RIGHTS: Final = (
    *(f"read:{category}" for category in CATEGORIES),
    *(f"contribute:{category}" for category in CONTRIBUTE_CATEGORIES),
    "share", "comment", "privacy-settings", "people", "recovery", "full",
)
ROLES: Final = (
    "guardian", "designee", "caseworker", "court-guide", "tutor", "mentor", "care-circle", "full-access",
)
BASES: Final = (
    "parent", "legal-guardian", "court-order", "uninterrupted-scholars-act", "family-consent", "power-of-attorney",
)
GUARDIAN_ONLY: Final = frozenset({"people", "recovery"})
"""Rights that no delegate ever holds, and that ``full`` does not contain."""
EVERYTHING: Final = "all"
"""In ``CourtLimit.blocked``: every right there is or will be."""
GUARDIANSHIP: Final = "GuardianshipCredential"
DELEGATION: Final = "DelegationCredential"
COURT_LIMIT: Final = "CourtLimitCredential"

_ROLE_BASES: Final = (
    ("guardian", ("parent", "legal-guardian", "court-order", "power-of-attorney")),
    ("caseworker", ("court-order", "uninterrupted-scholars-act")),
    ("court-guide", ("court-order",)),
)
_FULL_ROLES: Final = ("guardian", "full-access")


@dataclass(frozen=True)
class Grant:
    """What one party may do with one learner's record.

    Attributes:
        id: The credential's id, ``urn:uuid:…``.
        role: One of ``ROLES``.
        holder: DID of the party that gets the rights.
        learner: The learner's constant name, ``urn:uuid:…`` (after the hand-over a DID).
        rights: Among ``RIGHTS``.
        basis: One of ``BASES``.
        valid_until: None means open, which only a guardian may be.
        evidence: A plain sentence that names the paper, or None.
    """

    id: str
    role: str
    holder: str
    learner: str
    rights: frozenset[str]
    basis: str
    valid_from: datetime
    valid_until: datetime | None
    evidence: str | None

    def allows(self, right: str, now: datetime) -> bool:
        """Whether the holder has ``right`` at ``now``. ``full`` is every right but ``people`` and ``recovery``.

        Says nothing about revocation or court limits; an unknown right is never held.
        """
        if right not in RIGHTS or not _holds_at(self.valid_from, self.valid_until, now):
            return False
        return right in self.rights or ("full" in self.rights and right not in GUARDIAN_ONLY)


@dataclass(frozen=True)
class CourtLimit:
    """What a court forbids one party with one learner's record. It wins over every grant (G05).

    Attributes:
        holder: DID of the party that is limited.
        blocked: Among ``RIGHTS`` (``full`` aside), or ``EVERYTHING`` alone.
        valid_until: None means until it is lifted.
        evidence: A plain sentence that names the order, or None.
    """

    id: str
    holder: str
    learner: str
    blocked: frozenset[str]
    basis: str
    valid_from: datetime
    valid_until: datetime | None
    evidence: str | None

    def blocks(self, right: str, now: datetime) -> bool:
        """Whether ``right`` is forbidden at ``now``."""
        return _holds_at(self.valid_from, self.valid_until, now) and bool(self.blocked & {right, EVERYTHING})


def build_grant(grant: Grant, *, issuer: str, status_entry: Mapping[str, str] | None) -> JSONObject:
    """The grant as a credential without proof: a GuardianshipCredential or a DelegationCredential, by its role.

    Args:
        issuer: DID of the party that grants and signs.
        status_entry: Its place in the wallet host's list, or None.

    Raises:
        MalformedValueError, RangeValueError: it breaks a rule of ``read_grant``, or uses a word we do not know.
    """
    subject = _subject("Grant", grant.holder, grant.learner, grant.basis, grant.evidence)
    subject |= {"role": grant.role, "right": sorted(grant.rights)}
    document = build_document(
        GUARDIANSHIP if grant.role == "guardian" else DELEGATION, credential_id=grant.id, issuer=issuer,
        valid_from=grant.valid_from, valid_until=grant.valid_until, subject=subject, status_entry=status_entry)
    _refuse_remarks(check_grant(document))
    return document


def read_grant(document: Any) -> Grant:
    """The grant that a credential makes; words for rights that we do not know give no right.

    Raises:
        MalformedValueError: a member is missing or of the wrong form; a role that we do not know; a delegate without
            an end date, with a guardian's right, or without the basis that the role needs.
        RangeValueError: it ends before it begins.
    """
    return _read_grant(document)[0]


def check_grant(document: Any) -> tuple[Remark, ...]:
    """The remarks on a grant; raises as ``read_grant``."""
    return tuple(_read_grant(document)[1])


def build_court_limit(limit: CourtLimit, *, issuer: str, status_entry: Mapping[str, str] | None) -> JSONObject:
    """The limit as a CourtLimitCredential without proof; arguments and errors as ``build_grant``."""
    subject = _subject("CourtLimit", limit.holder, limit.learner, limit.basis, limit.evidence)
    subject["blocked"] = sorted(limit.blocked)
    document = build_document(
        COURT_LIMIT, credential_id=limit.id, issuer=issuer, valid_from=limit.valid_from,
        valid_until=limit.valid_until, subject=subject, status_entry=status_entry)
    _refuse_remarks(check_court_limit(document))
    return document


def read_court_limit(document: Any) -> CourtLimit:
    """The limit that a credential sets. A word that we do not know blocks everything: a limit is never overlooked.

    Raises:
        MalformedValueError, RangeValueError: as ``read_grant``.
    """
    return _read_court_limit(document)[0]


def check_court_limit(document: Any) -> tuple[Remark, ...]:
    """The remarks on a court limit; raises as ``read_court_limit``."""
    return tuple(_read_court_limit(document)[1])


def _read_grant(document: Any) -> tuple[Grant, list[Remark]]:
    names = document.get("type") if isinstance(document, dict) else None
    kind = DELEGATION if isinstance(names, list) and DELEGATION in names else GUARDIANSHIP
    subject = open_document(document, kind, "Grant")
    period = validity_period(document)
    words = read_texts(subject, "right")
    basis = read_text(subject, "basis")
    grant = Grant(
        id=document["id"], role=read_text(subject, "role"), holder=_did(subject), learner=read_iri(subject, "learner"),
        rights=frozenset(words) & frozenset(RIGHTS), basis=basis, valid_from=_start(period),
        valid_until=period.valid_until, evidence=read_optional_text(subject, "paper"))
    _check_grant_rules(grant, kind)
    remarks = [remark for word in words for remark in remark_unknown(word, RIGHTS, "right")]
    return grant, remarks + remark_unknown(basis, BASES, "basis")


def _check_grant_rules(grant: Grant, kind: str) -> None:
    if grant.role not in ROLES:
        raise MalformedValueError("role has a value that we do not know", pointer=SUBJECT + "/role")
    if (grant.role == "guardian") != (kind == GUARDIANSHIP):
        raise MalformedValueError("the role does not fit the kind of record", pointer=SUBJECT + "/role")
    needed = dict(_ROLE_BASES).get(grant.role)
    if needed is not None and grant.basis not in needed:
        raise MalformedValueError("the role needs another legal basis", pointer=SUBJECT + "/basis")
    if grant.role == "guardian":
        return
    if grant.valid_until is None:
        raise MalformedValueError("only a guardian's rights may be without an end date", pointer="/validUntil")
    if grant.rights & GUARDIAN_ONLY:
        raise MalformedValueError("only a guardian may let others in or take part in recovery",
                                  pointer=SUBJECT + "/right")
    if "full" in grant.rights and grant.role not in _FULL_ROLES:
        raise MalformedValueError("full access is a role of its own", pointer=SUBJECT + "/right")


def _read_court_limit(document: Any) -> tuple[CourtLimit, list[Remark]]:
    subject = open_document(document, COURT_LIMIT, "CourtLimit")
    period = validity_period(document)
    words = read_texts(subject, "blocked")
    basis = read_text(subject, "basis")
    known = (*(right for right in RIGHTS if right != "full"), EVERYTHING)
    remarks = [remark for word in words for remark in remark_unknown(word, known, "blocked")]
    limit = CourtLimit(
        id=document["id"], holder=_did(subject), learner=read_iri(subject, "learner"),
        blocked=frozenset({EVERYTHING}) if remarks or EVERYTHING in words else frozenset(words), basis=basis,
        valid_from=_start(period), valid_until=period.valid_until, evidence=read_optional_text(subject, "paper"))
    return limit, remarks + remark_unknown(basis, BASES, "basis")


def _subject(kind: str, holder: str, learner: str, basis: str, evidence: str | None) -> JSONObject:
    subject: JSONObject = {"id": holder, "type": [kind], "learner": learner, "basis": basis}
    return subject if evidence is None else subject | {"paper": evidence}


def _did(subject: JSONObject) -> str:
    holder = read_iri(subject, "id")
    if not holder.startswith("did:"):
        raise MalformedValueError("the holder must be named by a DID", pointer=SUBJECT + "/id")
    return holder


def _start(period: ValidityPeriod) -> datetime:
    if period.valid_from is None:
        raise MalformedValueError("the member validFrom is missing", pointer="/validFrom")
    return period.valid_from


def _holds_at(valid_from: datetime, valid_until: datetime | None, now: datetime) -> bool:
    try:
        ValidityPeriod(valid_from, valid_until).check(now)
    except CredkitError:
        return False
    return True


def _refuse_remarks(remarks: tuple[Remark, ...]) -> None:
    if remarks:
        raise MalformedValueError(remarks[0].detail, pointer=remarks[0].pointer)
