"""Checking what somebody hands in at this verifier: by the list of those it trusts, kept among its results or not at
all.
"""

from __future__ import annotations

from dataclasses import dataclass

from credkit.environment import Environment
from credkit.verification import Policy, Report
from verifier.services.checking import check_input
from verifier.services.results import CHECK, Results
from verifier.services.trust import Trust
from verifier.store import ResultRecord


@dataclass(frozen=True)
class Checked:
    """A report and the result made of it; ``kept`` says whether the result can be looked at again."""

    report: Report
    result: ResultRecord
    kept: bool


class Checks:
    """Check a file or a pasted text."""

    def __init__(self, trust: Trust, results: Results, environment: Environment) -> None:
        self._trust = trust
        self._results = results
        self._environment = environment

    def check(self, raw: bytes, *, keep: bool, challenge: str | None = None, domain: str | None = None) -> Checked:
        """Check whatever ``raw`` holds (``checking.check_input``).

        Args:
            keep: Keep the report among the past results.
        """
        policy = Policy(trust=self._trust.for_checking())
        report = check_input(raw, policy, self._environment, challenge=challenge, domain=domain)
        result = self._results.make(CHECK, report)
        if keep:
            self._results.keep(result)
        return Checked(report, result, keep)
