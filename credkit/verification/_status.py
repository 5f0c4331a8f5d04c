"""Whether a credential was taken back: fetch its list, verify the list itself, read the bit.

Spec: VC-BITSTRING-STATUS-LIST #validate-algorithm; security.md C02, C03, C05
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from credkit.credential import issuer_id, validity_period
from credkit.dids import did_web_of
from credkit.encoding import parse_json_object
from credkit.errors import (
    CredkitError,
    InvalidDidError,
    Revoked,
    StatusRetrievalError,
    StatusVerificationError,
    Suspended,
    UnsafeUrlError,
    UnsupportedError,
)
from credkit.http import check_url
from credkit.ports import JSONObject
from credkit.profiles import Remark, family
from credkit.shape import as_list, pointer, types_of
from credkit.status import STATUS_TYPES, bitstring, edtech_revocation_list
from credkit.status.bitstring import StatusEntry, read_status
from credkit.verification._revocation_list import check_revocation_list
from credkit.verification._run import BITSTRING, Run, fetch_list
from credkit.verification.report import Outcome, Report

ACCEPT = "application/vc, application/ld+json, application/json"
VerifyList = Callable[[JSONObject, Run], Report]


def check_status(document: JSONObject, run: Run, verify_list: VerifyList) -> tuple[Remark, ...]:
    """Look up every ``credentialStatus`` of a credential.

    Args:
        verify_list: The credential pipeline less the status check (design.md, import rule 3).

    Returns:
        What the lists say that takes nothing back: a message, or that there is a newer version.

    Raises:
        Revoked, Suspended: a bit is set; being revoked comes before anything else (C10).
        StatusVerificationError, RangeValueError, MalformedValueError: the entry or the list does not hold.
        StatusRetrievalError, UnsupportedError: could not check.
    """
    entries = as_list(document.get("credentialStatus"))
    many = isinstance(document.get("credentialStatus"), list)
    reasons: list[CredkitError] = []
    remarks: list[Remark] = []
    for index, entry in enumerate(entries):
        at = pointer("credentialStatus", index) if many else "/credentialStatus"
        try:
            remarks += _check_entry(entry, at, document, run, verify_list)
        except CredkitError as error:
            reasons.append(error)
    order = (Revoked, Suspended, StatusVerificationError)
    for kind in order:
        for reason in reasons:
            if isinstance(reason, kind):
                raise reason
    if reasons:
        raise reasons[0]
    return tuple(remarks)


def _check_entry(entry: Any, at: str, document: JSONObject, run: Run, verify_list: VerifyList) -> list[Remark]:
    names = types_of(entry, at=at)
    reader = next((module for name, module in STATUS_TYPES if name in names), None)
    if reader is None:
        raise UnsupportedError("the record's status is of a kind we do not speak")
    if reader is edtech_revocation_list:
        check_revocation_list(entry, at, document, run)
        return []
    place = bitstring.parse_entry(entry, at=at)
    status = _status(place, _list_signers(document, place), run, verify_list)
    if place.purpose == bitstring.MESSAGE:
        return [Remark(at, "status_message", place.message(status))]
    if not status:
        return []
    if place.purpose == bitstring.REFRESH:
        return [Remark(at, "refresh_advised")]
    if place.purpose == bitstring.SUSPENSION:
        raise Suspended("who signed this record has put it on hold", pointer=at)
    raise Revoked("who signed this record has taken it back", pointer=at)


def _list_signers(document: JSONObject, place: StatusEntry) -> frozenset[str]:
    """Who may sign the list: the record's issuer; of a family's own credentials also the wallet host it names (C02)."""
    signers = frozenset({issuer_id(document)})
    if not family.is_mine(document):
        return signers
    try:
        # Only to spell the name: whether a list may be fetched from this machine is the fetcher's business.
        return signers | {did_web_of(check_url(place.list_url, allow_loopback=True).origin)}
    except (UnsafeUrlError, InvalidDidError):
        return signers


def _status(place: StatusEntry, signers: frozenset[str], run: Run, verify_list: VerifyList) -> int:
    try:
        credential = run.list_at(BITSTRING, place.list_url, lambda: _fetch_list(place.list_url, run, verify_list))
    except StatusRetrievalError:
        last = run.last_list(BITSTRING, place.list_url)
        if last is None or issuer_id(last[0]) not in signers:
            raise
        was = read_status(place, last[0])
        if was and place.purpose == bitstring.REVOCATION:
            return was  # taken back once is taken back for good, reachable or not
        if timedelta(0) <= run.now - last[1] < run.policy.max_list_age:
            return was
        raise
    if issuer_id(credential) not in signers:
        raise StatusVerificationError("the list of taken-back records is signed by somebody else")
    return read_status(place, credential)


def _fetch_list(url: str, run: Run, verify_list: VerifyList) -> JSONObject:
    credential = parse_json_object(fetch_list(url, ACCEPT, run))
    report = verify_list(credential, _at_once(run))
    if not report.verified:
        _refuse(report)
    _refuse_older(url, credential, run)
    run.remember_list(BITSTRING, url, credential)
    return credential


def _at_once(run: Run) -> Run:
    """``run`` at the moment a list came: some hosts sign theirs when they are asked, which is after the run began."""
    if run.policy.now is not None:
        return run
    return replace(run, now=max(run.now, run.environment.clock.now()))


def _refuse(report: Report) -> None:
    bad = {check.id: check.outcome for check in report.checks if check.outcome is not Outcome.PASSED
           and check.id not in report.optional}
    if Outcome.FAILED in bad.values() and set(bad) != {"validity"}:
        raise StatusVerificationError("the list of taken-back records does not hold")
    if set(bad) == {"validity"}:
        raise StatusRetrievalError("the list of taken-back records is out of date")
    raise StatusRetrievalError("the list of taken-back records could not be checked")


def _refuse_older(url: str, credential: JSONObject, run: Run) -> None:
    last = run.last_list(BITSTRING, url)
    if last is None:
        return
    before, after = validity_period(last[0]).valid_from, validity_period(credential).valid_from
    if before is not None and (after is None or after < before):
        raise StatusRetrievalError("the list of taken-back records is older than one seen before")
