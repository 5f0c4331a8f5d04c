"""What a verification says: checks with three outcomes, and a report that is true only if all that must hold does.

Spec: design.md "Errors"; security.md E05
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from credkit.errors import CredkitError, PolicyError, ProblemError
from credkit.ports import JSONObject
from credkit.profiles import Remark

TRUST = "trust"


class Outcome(StrEnum):
    """What came out of one check; ``INDETERMINATE`` means could not check, which is never passed."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        id: Stable name, e.g. ``proof``.
        problem: RFC 9457 members ``type``, ``title``, ``detail``, ``code`` and maybe ``pointer``; None if it passed.
    """

    id: str
    outcome: Outcome
    problem: Mapping[str, str] | None = None

    def to_json(self) -> JSONObject:
        """``{"id", "outcome", "problem"?}``."""
        result: JSONObject = {"id": self.id, "outcome": str(self.outcome)}
        if self.problem is not None:
            result["problem"] = dict(self.problem)
        return result


def passed(check_id: str) -> Check:
    """A check that holds."""
    return Check(check_id, Outcome.PASSED)


def failed(check_id: str, error: CredkitError) -> Check:
    """A check that does not hold, and why."""
    return Check(check_id, Outcome.FAILED, problem_of(error))


def could_not_check(check_id: str, error: CredkitError) -> Check:
    """A check that could not be made, and why."""
    return Check(check_id, Outcome.INDETERMINATE, problem_of(error))


def problem_of(error: CredkitError) -> Mapping[str, str]:
    """The RFC 9457 members of any of our errors."""
    if isinstance(error, ProblemError):
        return error.to_problem()
    return {"type": f"urn:backpack:problem:{error.code}", "title": "This could not be checked", "detail": error.detail,
            "code": error.code}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """``FAILED`` beats ``INDETERMINATE`` beats ``PASSED``; of nothing, ``INDETERMINATE``."""
    seen = set(outcomes)
    for outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
        if outcome in seen:
            return outcome
    return Outcome.PASSED if seen else Outcome.INDETERMINATE


@dataclass(frozen=True)
class Report:
    """Every check that was made on one document.

    A record holds or does not hold by itself: ``outcome``, ``verified`` and ``document`` never depend on what others
    say about it. Comments have reports of their own in ``endorsements``, one check of that name tells the worst of
    them, and whoever shows a comment asks that comment's report, not this one.

    Attributes:
        checks: In the order they were made.
        optional: Ids of checks that are told and not required.
        members: Reports of the credentials inside (a transcript's courses, a presentation's credentials).
        endorsements: Reports of the comments on this record, those inside it and those presented with it. The check
            ``about`` of each tells whether it is about this record.
        remarks: What a profile requires and the document lacks; said, and no reason to fail.
        trusted_name: What the trust list calls the issuer; never what the document calls it.
    """

    checks: tuple[Check, ...]
    peek_document: JSONObject
    optional: frozenset[str] = frozenset()
    members: tuple[Report, ...] = ()
    endorsements: tuple[Report, ...] = ()
    remarks: tuple[Remark, ...] = ()
    trusted_name: str | None = None

    @property
    def outcome(self) -> Outcome:
        """The worst outcome among the checks the policy requires."""
        return worst(check.outcome for check in self.checks if check.id not in self.optional)

    @property
    def verified(self) -> bool:
        """Whether every check the policy requires passed; an empty report is not verified."""
        return self.outcome is Outcome.PASSED

    def __bool__(self) -> bool:
        return self.verified

    @property
    def document(self) -> JSONObject:
        """The document, which is what the signature covers.

        Raises:
            PolicyError: the report is not verified; ``peek_document`` is there for telling why.
        """
        if not self.verified:
            raise PolicyError("the document was not verified")
        return self.peek_document

    def check(self, check_id: str) -> Check | None:
        """The check with this id, if it was made."""
        return next((check for check in self.checks if check.id == check_id), None)

    def problems(self) -> Iterator[Check]:
        """Checks that did not pass, worst first."""
        for outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
            yield from (check for check in self.checks if check.outcome is outcome)

    def to_json(self) -> dict[str, Any]:
        """``{"verified", "checks", "members"?, "endorsements"?, "document"?}``; the document only if verified."""
        result: dict[str, Any] = {"verified": self.verified, "outcome": str(self.outcome),
                                  "checks": [check.to_json() for check in self.checks]}
        if self.members:
            result["members"] = [report.to_json() for report in self.members]
        if self.endorsements:
            result["endorsements"] = [report.to_json() for report in self.endorsements]
        if self.remarks:
            result["remarks"] = [remark.to_json() for remark in self.remarks]
        if self.trusted_name is not None:
            result["trusted_name"] = self.trusted_name
        if self.verified:
            result["document"] = self.peek_document
        return result


def worst_of(check_id: str, reports: Sequence[Report]) -> Check:
    """One check that tells the worst outcome among ``reports`` and the first problem behind it."""
    outcome = worst(report.outcome for report in reports)
    problem = next((check.problem for report in reports for check in report.problems()
                    if check.outcome is outcome and check.id not in report.optional), None)
    return Check(check_id, outcome, problem)
