"""A newer version of a credential, from the service that it names.

Only after the credential's own proof has passed, once, and because somebody asked for it: the service learns that the
credential is looked at. What comes back counts only if it is the same credential, of the same issuer and subject,
newer, and holds by itself today; else the original stays.

Spec: OB-3.0 #refresh, #equality; requirements.md §2.5 step 5
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from credkit.credential import issuer_id, plain_id, subjects, validity_period
from credkit.encoding import parse_json_object
from credkit.environment import Environment
from credkit.errors import (
    CredkitError,
    DifferentPeople,
    FetchError,
    IssuerBindingError,
    ProofVerificationError,
    UnsupportedError,
)
from credkit.ports import JSONObject
from credkit.shape import as_list, is_url
from credkit.verification import verify_credential
from credkit.verification.policy import Policy
from credkit.verification.report import Outcome, Report

REFRESH_TYPE: Final = "1EdTechCredentialRefresh"
_ACCEPT: Final = "application/vc, application/vc+ld+json, application/ld+json, application/json"
_PROVEN: Final = ("shape", "vocabulary", "proof", "issuer-binding")


@dataclass(frozen=True)
class Refreshed:
    """What became of looking for a newer version.

    Attributes:
        report: On the newer version, or on the original.
        is_newer: Whether ``report`` is about another version than before.
        problem: Why the original stays, where something went wrong; None if there simply is nothing newer.
    """

    report: Report
    is_newer: bool
    problem: CredkitError | None = None


def refresh_address(document: JSONObject) -> str | None:
    """Where a credential's newer version can be had, None if it names no service that we speak."""
    for service in as_list(document.get("refreshService")):
        if isinstance(service, dict) and REFRESH_TYPE in as_list(service.get("type")) and is_url(service.get("id")):
            return str(service["id"])
    return None


def refresh_credential(report: Report, policy: Policy, environment: Environment) -> Refreshed:
    """Look once for a newer version of a credential that was verified; never raises on hostile input.

    Args:
        report: On the original; unless its signature held, nobody is asked.

    Spec: OB-3.0 #refresh
    """
    try:
        newer = _newer(report, policy, environment)
    except CredkitError as error:
        return Refreshed(report, False, error)
    return Refreshed(report, False) if newer is None else Refreshed(newer, True)


def _newer(report: Report, policy: Policy, environment: Environment) -> Report | None:
    original = report.peek_document
    address = refresh_address(original)
    if address is None:
        raise UnsupportedError("the record names no service for newer versions that we speak")
    _check_proven(report)
    response = environment.fetcher.get(address, accept=_ACCEPT)
    if response.status != 200:
        raise FetchError("the newer version of the record could not be had")
    document = parse_json_object(response.body)
    _check_same(original, document)
    before, after = validity_period(original).valid_from, validity_period(document).valid_from
    if after is None or (before is not None and after <= before):
        return None
    found = verify_credential(document, policy, environment)
    _check_proven(found, also=("validity",))
    return found


def _check_proven(report: Report, *, also: tuple[str, ...] = ()) -> None:
    outcomes = {check.id: check.outcome for check in report.checks}
    if not all(outcomes.get(name) is Outcome.PASSED for name in (*_PROVEN, *also)):
        raise ProofVerificationError("it does not hold, so that nothing is refreshed by it")


def _check_same(original: JSONObject, newer: JSONObject) -> None:
    """Same issuer and same id, percent-decoded and trimmed; about the same subject (OB-3.0 #equality)."""
    if issuer_id(newer) != issuer_id(original) or _plain(newer) != _plain(original):
        raise IssuerBindingError("what the service gave is another record", pointer="/id")
    if [each.get("id") for each in subjects(newer)] != [each.get("id") for each in subjects(original)]:
        raise DifferentPeople("what the service gave is about somebody else", pointer="/credentialSubject/id")


def _plain(document: JSONObject) -> str | None:
    identifier = document.get("id")
    return plain_id(identifier) if isinstance(identifier, str) else None
