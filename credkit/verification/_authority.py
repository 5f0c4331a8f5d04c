"""Whether who presents may act for a learner: the grants shown, and that none was passed on (security.md G08).

A grant counts if the presentation's signer holds it, it allows sharing, and it goes back, by guardians who hold
``people`` and are shown beside it, to the learner, to a known issuer, or to a guardian who speaks for himself or
herself. Whether that guardian is one is the question ``trust``: with a list, somebody on it must stand at the
beginning.

Spec: design.md, "Authority enters at two seams only"; requirements.md §1.2 (R3 to R5)
"""

from __future__ import annotations

from collections.abc import Sequence

from credkit.credential import CREDENTIAL_TYPE, issuer_id
from credkit.errors import CredkitError, IssuerUnknown, NotPermitted
from credkit.ports import JSONObject
from credkit.profiles import family
from credkit.profiles.family import Grant
from credkit.shape import as_list, id_of
from credkit.verification._run import Run
from credkit.verification.report import Check, Report, could_not_check, failed, passed

AUTHORITY = "authority"
_GUARDIAN = "guardian"
_GUARDIANSHIP = {CREDENTIAL_TYPE, "GuardianshipCredential"}
_LETS_IN = "people"
_SHARES = "share"


def check_authority(reports: Sequence[Report], presenter: str, run: Run) -> list[Check]:
    """The check ``authority``, if a grant is shown that ``presenter`` holds.

    Args:
        reports: Of everything that is presented; a grant that is not verified counts for nothing.
        presenter: DID of who signed the presentation, or chose the records of a selection.

    Returns:
        One check: failed if a held grant does not hold itself, does not let its holder share, or is for another learner
        than the one the family speaks of beside it; indeterminate if it was passed on or nobody known stands at its
        beginning. None if no grant of the presenter's is shown.
    """
    grants = [report for report in reports if family.GRANT_TYPES.intersection(_types(report.peek_document))]
    held = [report for report in grants if holder_of(report.peek_document) == presenter]
    if not held:
        return []
    broken = next((check for report in held for check in report.problems() if check.id not in report.optional), None)
    if broken is not None:
        return [Check(AUTHORITY, broken.outcome, broken.problem)]
    shown = [(family.read_grant(report.peek_document), issuer_id(report.peek_document))
             for report in grants if report.verified]
    try:
        _check_scope([family.read_grant(report.peek_document) for report in held], reports, run)
        for report in held:
            _trace(family.read_grant(report.peek_document), issuer_id(report.peek_document), shown, run)
    except IssuerUnknown as error:
        return [could_not_check(AUTHORITY, error)]
    except CredkitError as error:
        return [failed(AUTHORITY, error)]
    return [passed(AUTHORITY)]


def _check_scope(grants: Sequence[Grant], reports: Sequence[Report], run: Run) -> None:
    """Whether the grants let their holder share, and for whom (security.md G08, G09).

    Raises:
        NotPermitted: they do not, or they name another learner than what the family says beside them.
    """
    if not any(grant.allows(_SHARES, run.now) for grant in grants):
        raise NotPermitted("the permission that was shown does not let its holder share")
    said = {family.read_about_me(report.peek_document).learner for report in reports
            if report.verified and family.ABOUT_ME in _types(report.peek_document)}
    if len(said | {grant.learner for grant in grants}) > 1:
        raise NotPermitted("the permission that was shown is for another student")


def holder_of(document: JSONObject) -> str | None:
    """The id of the party that a grant is for; None if there is not exactly one."""
    subjects = as_list(document.get("credentialSubject"))
    return id_of(subjects[0]) if len(subjects) == 1 else None


def vouchers(entries: Sequence[JSONObject], presenter: str) -> frozenset[int]:
    """Which presented credentials are there only because their holder made a grant that ``presenter`` holds.

    Returns:
        Places in ``entries`` of guardianships, those further up included.
    """
    guardianships = [index for index, entry in enumerate(entries) if set(_types(entry)) == _GUARDIANSHIP]
    makers = {id_of(entry.get("issuer")) for entry in entries
              if family.GRANT_TYPES.intersection(_types(entry)) and holder_of(entry) == presenter}
    found: set[int] = set()
    while above := {index for index in guardianships if index not in found
                    and holder_of(entries[index]) in makers - {None, presenter}}:
        found |= above
        makers |= {id_of(entries[index].get("issuer")) for index in above}
    return frozenset(found)


def _trace(grant: Grant, issuer: str, shown: Sequence[tuple[Grant, str]], run: Run) -> None:
    """Go from a grant to its beginning.

    Raises:
        IssuerUnknown: on the way stands somebody who could not grant, or at the beginning nobody known.
    """
    seen = {grant.id}
    while not _is_known(issuer, run):
        if issuer == grant.learner or (grant.role == _GUARDIAN and issuer == grant.holder):
            if run.policy.trust is None:
                return
            raise IssuerUnknown("nobody on the list vouches for who let this person in")
        above = next(((other, maker) for other, maker in shown
                      if other.id not in seen and other.holder == issuer and other.learner == grant.learner
                      and other.role == _GUARDIAN and other.allows(_LETS_IN, run.now)), None)
        if above is None:
            raise IssuerUnknown("who let this person in is not shown to be the student's guardian")
        grant, issuer = above
        seen.add(grant.id)


def _is_known(issuer: str, run: Run) -> bool:
    return run.policy.trust is not None and run.policy.trust.find(issuer) is not None


def _types(document: JSONObject) -> list[str]:
    return [name for name in as_list(document.get("type")) if isinstance(name, str)]
