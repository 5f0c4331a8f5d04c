"""A family's own credentials: who may do what, what a court forbids, what the family says and agrees to.

They speak our own pinned vocabulary (``contexts/files/family-v1.jsonld``). Their shape lies here, so that a verifier
can check what it is shown; what follows from them is policy, and lies in the wallet alone. They are never shown in
part: a grant without its end date, or half of a court's limit, would say something else.

Spec: design.md, "Authority enters at two seams only"
"""

from __future__ import annotations

from typing import Any, Final

from credkit.errors import MalformedValueError
from credkit.profiles._family import CONTEXTS, FAMILY_CONTEXT
from credkit.profiles._family_grants import (
    BASES,
    CATEGORIES,
    CONTRIBUTE_CATEGORIES,
    COURT_LIMIT,
    DELEGATION,
    EVERYTHING,
    GUARDIAN_ONLY,
    GUARDIANSHIP,
    RIGHTS,
    ROLES,
    CourtLimit,
    Grant,
    build_court_limit,
    build_grant,
    check_court_limit,
    check_grant,
    read_court_limit,
    read_grant,
)
from credkit.profiles._family_statements import (
    ABOUT_ME,
    CONSENT_RECEIPT,
    LEARNER_LINK,
    STATEMENT_KINDS,
    AboutMe,
    ConsentReceipt,
    LearnerLink,
    build_about_me,
    build_consent_receipt,
    build_learner_link,
    check_about_me,
    check_consent_receipt,
    check_learner_link,
    read_about_me,
    read_consent_receipt,
    read_learner_link,
)
from credkit.profiles._remarks import Remark
from credkit.shape import as_list

_CHECKS: Final = (
    (GUARDIANSHIP, check_grant), (DELEGATION, check_grant), (COURT_LIMIT, check_court_limit),
    (ABOUT_ME, check_about_me), (CONSENT_RECEIPT, check_consent_receipt), (LEARNER_LINK, check_learner_link),
)
TYPES: Final = frozenset(kind for kind, _check in _CHECKS)
GRANT_TYPES: Final = frozenset({GUARDIANSHIP, DELEGATION})

__all__ = [
    "ABOUT_ME", "BASES", "CATEGORIES", "CONTEXTS", "CONTRIBUTE_CATEGORIES", "COURT_LIMIT", "EVERYTHING",
    "FAMILY_CONTEXT", "GRANT_TYPES", "GUARDIANSHIP", "GUARDIAN_ONLY", "RIGHTS", "ROLES", "STATEMENT_KINDS", "TYPES",
    "AboutMe", "ConsentReceipt", "CourtLimit", "Grant", "LearnerLink", "build_about_me", "build_consent_receipt",
    "build_court_limit", "build_grant", "build_learner_link", "check_family", "is_mine", "read_about_me",
    "read_consent_receipt", "read_court_limit", "read_grant", "read_learner_link",
]


def is_mine(document: Any) -> bool:
    """Whether the document's type names it one of the family's credentials."""
    return bool(_kinds(document))


def check_family(document: Any, *, derived: bool) -> tuple[Remark, ...]:
    """Check a family credential for reading.

    Returns:
        Words that we do not know.

    Raises:
        MalformedValueError: none of the family's credentials, shown in part, or as its ``read_…`` says.
        RangeValueError: it ends before it begins.
    """
    kinds = _kinds(document)
    if not kinds:
        raise MalformedValueError("this is none of the family's records", pointer="/type")
    if derived:
        raise MalformedValueError("a family's own record is never shown in part", pointer="/proof")
    check = next(check for kind, check in _CHECKS if kind in kinds)
    return check(document)


def _kinds(document: Any) -> frozenset[str]:
    if not isinstance(document, dict):
        return frozenset()
    return TYPES.intersection(name for name in as_list(document.get("type")) if isinstance(name, str))
