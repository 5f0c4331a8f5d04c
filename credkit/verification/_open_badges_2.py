"""Older badges: assertions of Open Badges 2.0, hosted or signed, reported with the same checks as a credential.

What such a badge says is fixed by what stands at its issuer's addresses, so that without asking there it could not be
checked. Its words are read as JSON, and a token's signature or the comparison covers all of it: ``vocabulary`` holds.

Spec: OB-2.0 implementation guide "Verification"; requirements.md §2.4
"""

from __future__ import annotations

from dataclasses import dataclass

from credkit.encoding import parse_json_object
from credkit.errors import (
    CredkitError,
    FetchError,
    IssuerUnknown,
    Revoked,
    StatusRetrievalError,
    StatusVerificationError,
    UnsupportedError,
)
from credkit.jose import peek_payload
from credkit.ports import JSONObject
from credkit.profiles import Remark, openbadges_2
from credkit.profiles.openbadges_2 import OlderBadge
from credkit.shape import as_list, id_of
from credkit.verification._run import Run, attempt
from credkit.verification.report import Check, Report, could_not_check, failed, passed

_ACCEPT = "application/ld+json, application/json"
_GONE = 410


@dataclass(frozen=True)
class _Taken:
    """What was found at the addresses: the badge, the issuer's own page, and whether the assertion was taken away."""

    badge: OlderBadge | None = None
    issuer_page: JSONObject | None = None
    gone: bool = False


def run_open_badges_2(source: JSONObject | str, run: Run) -> Report:
    """Every check on an assertion (``openbadges_2.is_mine``) or on a token around one (``openbadges_2.is_token``).

    Returns:
        A report with the checks ``shape``, ``vocabulary``, ``proof``, ``issuer-binding``, ``validity``, ``status``
        (where there is one) and ``trust``. Its document is the assertion with badge and issuer inside.
    """
    remarks: list[Remark] = []
    try:
        assertion = peek_payload(source) if isinstance(source, str) else source
    except CredkitError as error:
        return Report((failed("shape", error),), {})
    shape = attempt("shape", lambda: remarks.extend(openbadges_2.check_assertion(assertion)))
    if shape.problem is not None:
        return Report((shape,), assertion, remarks=tuple(remarks))
    signed = isinstance(source, str) and not _says_hosted(assertion)
    taken, checks = _signed(str(source), assertion, run) if signed else _hosted(assertion, run)
    document = assertion if taken.badge is None else taken.badge.document
    validity = attempt("validity", lambda: openbadges_2.validity_period(document).check(run.now))
    status = _status(taken, signed=signed, run=run) if run.policy.check_status else []
    trust, name = _trust(taken, run)
    return Report((shape, passed("vocabulary"), *checks, validity, *status, trust), document,
                  run.policy.optional_checks, remarks=tuple(remarks), trusted_name=name)


def _says_hosted(assertion: JSONObject) -> bool:
    try:
        return openbadges_2.is_hosted(assertion)
    except UnsupportedError:
        return False


def _hosted(assertion: JSONObject, run: Run) -> tuple[_Taken, list[Check]]:
    """``proof`` and ``issuer-binding`` of an assertion that is what stands at its address."""
    found: list[JSONObject] = []
    badges: list[OlderBadge] = []
    gone: list[bool] = []

    def prove() -> None:
        if not openbadges_2.is_hosted(assertion):
            raise UnsupportedError("the badge says that it is signed, and its signature is not here")
        hosted, is_gone = _ask(str(assertion["id"]), run)
        if is_gone or hosted.get("revoked") is True:
            gone.append(True)
            raise FetchError("the badge was taken away, so that nothing is left to compare it with")
        openbadges_2.check_hosted(assertion, hosted)
        found.append(hosted)

    def bind() -> None:
        if not found:
            raise FetchError("what stands at the badge's address is not known")
        badge = openbadges_2.gather(found[0], lambda url: _fetch(url, run))
        badges.append(badge)
        at_home = openbadges_2.origin_of(badge.assertion["id"]) == openbadges_2.origin_of(badge.issuer_id)
        openbadges_2.check_scope(badge, None if at_home else _fetch(badge.issuer_id, run))

    checks = [attempt("proof", prove), attempt("issuer-binding", bind)]
    return _Taken(badges[0] if badges else None, gone=bool(gone)), checks


def _signed(token: str, assertion: JSONObject, run: Run) -> tuple[_Taken, list[Check]]:
    """``proof`` and ``issuer-binding`` of a token: by a key that the page at the issuer's address lists."""
    found: list[_Taken] = []
    keys: list[tuple[JSONObject, str]] = []

    def bind() -> None:
        badge = openbadges_2.gather(assertion, lambda url: _fetch(url, run))
        page = _fetch(badge.issuer_id, run)
        found.append(_Taken(badge, page))
        address = openbadges_2.key_address(assertion, page)
        inside = next((each for each in _inside(page) if id_of(each) == address), None)
        keys.append((inside or _fetch(address, run), badge.issuer_id))

    def prove() -> None:
        if not keys:
            raise FetchError("the key that signed this badge is not known")
        openbadges_2.verify_token(token, *keys[0])

    binding = attempt("issuer-binding", bind)
    return (found[0] if found else _Taken()), [attempt("proof", prove), binding]


def _inside(page: JSONObject) -> list[JSONObject]:
    return [each for each in as_list(page.get("publicKey")) if isinstance(each, dict) and "publicKeyPem" in each]


def _status(taken: _Taken, *, signed: bool, run: Run) -> list[Check]:
    """Whether it was taken back: a hosted badge is gone, a signed one stands on its issuer's list."""

    def look() -> None:
        if taken.gone:
            raise Revoked("who issued this badge has taken it back")
        if taken.badge is None:
            raise StatusRetrievalError("nobody could be asked whether the badge was taken back")
        if not signed:
            return
        revocations = _retrieve(str(id_of(page.get("revocationList"))), run)
        if id_of(revocations.get("issuer")) not in (None, taken.badge.issuer_id):
            raise StatusVerificationError("the list of taken-back records is somebody else's")
        if openbadges_2.is_revoked(revocations, taken.badge.assertion):
            raise Revoked("who issued this badge has taken it back")

    page = taken.issuer_page or {}
    if signed and taken.issuer_page is not None and "revocationList" not in page:
        return []
    return [attempt("status", look)]


def _trust(taken: _Taken, run: Run) -> tuple[Check, str | None]:
    if taken.badge is None or run.policy.trust is None:
        return could_not_check("trust", IssuerUnknown("nobody has told us whom to trust")), None
    try:
        return passed("trust"), run.policy.trust.check_issuer(taken.badge.issuer_id).name
    except CredkitError as error:
        return failed("trust", error), None


def _ask(url: str, run: Run) -> tuple[JSONObject, bool]:
    """What stands at an address, and whether it is gone for good."""
    response = run.environment.fetcher.get(url, accept=_ACCEPT)
    if response.status == _GONE:
        return {}, True
    if response.status != 200:
        raise FetchError("a part of the badge could not be had")
    return parse_json_object(response.body), False


def _fetch(url: str, run: Run) -> JSONObject:
    return run.list_at(openbadges_2.OLDER, url, lambda: _ask(url, run)[0])


def _retrieve(url: str, run: Run) -> JSONObject:
    try:
        return _fetch(url, run)
    except FetchError as error:
        raise StatusRetrievalError("the list of taken-back records could not be reached") from error
