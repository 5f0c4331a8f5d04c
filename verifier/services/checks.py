"""Checking what somebody hands in at this verifier, by the list of those it trusts: kept among its results or not."""

from __future__ import annotations

from dataclasses import dataclass

from credkit.environment import Environment
from credkit.errors import ProofVerificationError
from credkit.verification import Policy, Report, refuse_unreadable
from verifier.services.checking import check_document, check_input
from verifier.services.offline import MAX_LIST_AGE, Copied, Copies, refresh
from verifier.services.results import CHECK, Results
from verifier.services.shared import fetch_shared, is_link
from verifier.services.stories import Source
from verifier.services.trust import Trust
from verifier.store import ResultRecord


@dataclass(frozen=True)
class Checked:
    """A report and the result made of it; ``kept`` says whether the result can be looked at again."""

    report: Report
    result: ResultRecord
    kept: bool


class Checks:
    """Check a file, a pasted text or what a link leads to."""

    def __init__(
        self, trust: Trust, results: Results, environment: Environment, copies: Copies, *, allow_loopback: bool = False
    ) -> None:
        self._trust = trust
        self._results = results
        self._environment = environment
        self._copies = copies
        self._allow_loopback = allow_loopback

    def check(
        self,
        raw: bytes,
        *,
        keep: bool,
        offline: bool = False,
        challenge: str | None = None,
        domain: str | None = None,
    ) -> Checked:
        """Check whatever ``raw`` holds (``checking.check_input``), or what it leads to if it is a share link.

        Args:
            keep: Keep the report among the past results.
            offline: Ask nobody; of a link only the wallet that keeps it.

        Raises:
            ParsingError, StateError, FetchError: what a link leads to could not be had (``shared.fetch_shared``).
        """
        policy = Policy(trust=self._trust.for_checking())
        report, source = judge(
            raw,
            policy,
            self._environment,
            self._copies if offline else None,
            allow_loopback=self._allow_loopback,
            challenge=challenge,
            domain=domain,
        )
        result = self._results.make(CHECK, report, source)
        if keep:
            self._results.keep(result)
        return Checked(report, result, keep)

    def copy_keys(self) -> tuple[int, int]:
        """Copy the keys of everybody on our list for checks that ask nobody; how many of how many were reached."""
        return refresh(self._copies, self._environment, allow_loopback=self._allow_loopback)


def judge(
    raw: bytes,
    policy: Policy,
    environment: Environment,
    copies: Copies | None,
    *,
    allow_loopback: bool = False,
    challenge: str | None = None,
    domain: str | None = None,
) -> tuple[Report, Source]:
    """The report on ``raw`` or on what it leads to, and where it all came from.

    Args:
        copies: Ask nobody and go by these; None: ask whoever has to be asked.

    Raises:
        ParsingError, StateError, FetchError: what a link leads to could not be had.
    """
    fetcher, copied = environment.fetcher, None
    if copies is not None:
        copied = Copied(copies, policy.now or environment.clock.now())
        environment = copied.environment(environment, allow_loopback=allow_loopback)
        policy = Policy(trust=policy.trust, now=policy.now, max_list_age=MAX_LIST_AGE)
    host = None
    if is_link(raw):
        try:
            fetched = fetch_shared(raw, fetcher)
            host, report = fetched.host, check_document(fetched.document, policy, environment)
        except ProofVerificationError as error:
            report = refuse_unreadable(error)
    else:
        report = check_input(raw, policy, environment, challenge=challenge, domain=domain)
    oldest = min(copied.used, default=None) if copied else None
    return report, Source(host, offline=copied is not None, copies_of=oldest)
