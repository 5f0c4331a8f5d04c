"""Whether a token was taken back: fetch its status list token, check it, read the status.

Spec: draft-ietf-oauth-status-list-12 #section-8.3; security.md C02, C03, C05
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from credkit.errors import (
    CredkitError,
    ParsingError,
    Revoked,
    StatusRetrievalError,
    StatusVerificationError,
    Suspended,
)
from credkit.jose import peek_header
from credkit.ports import JSONObject
from credkit.shape import member
from credkit.status.token_status_list import (
    INVALID,
    MEDIA_TYPE,
    SUSPENDED,
    StatusReference,
    decode_list,
    is_current,
    parse_reference,
    verify_status_list,
)
from credkit.verification._keys import find_issuer_key
from credkit.verification._run import CANNOT_TELL, Run, fetch_list

_KIND = "TokenStatusList"


def check_token_status(claims: JSONObject, issuer: str | None, run: Run) -> None:
    """Look up ``status`` of a token's claims; without one there is nothing to look up.

    Args:
        issuer: Who signed the credential, and therefore must have signed its list.

    Raises:
        Revoked, Suspended: the list says so.
        StatusVerificationError, RangeValueError, MalformedValueError: the entry or the list does not hold.
        StatusRetrievalError, UnsupportedError: could not check.
    """
    if "status" not in claims:
        return
    place = parse_reference(claims["status"])
    status = decode_list(_list_claims(place, issuer, run)["status_list"]).status(place.index)
    if status == INVALID:
        raise Revoked("who signed this record has taken it back", pointer="/status")
    if status == SUSPENDED:
        raise Suspended("who signed this record has put it on hold", pointer="/status")
    if status:
        raise StatusVerificationError("the record has a status we do not know", pointer="/status")


def _list_claims(place: StatusReference, issuer: str | None, run: Run) -> JSONObject:
    try:
        claims = _fetch_list(place.list_url, issuer, run)
    except StatusRetrievalError:
        last = run.last_list(_KIND, place.list_url)
        if last is None or last[0].get("iss") != issuer:
            raise
        if decode_list(last[0]["status_list"]).status(place.index) == INVALID:
            return last[0]  # taken back once is taken back for good, reachable or not
        if timedelta(0) <= run.now - last[1] < run.policy.max_list_age:
            return last[0]
        raise
    run.remember_list(_KIND, place.list_url, claims)
    return claims


def _fetch_list(url: str, issuer: str | None, run: Run) -> JSONObject:
    """The list's claims, with the signer as ``iss``."""
    claims = _verified(_text(fetch_list(url, MEDIA_TYPE, run)), url, issuer, run)
    if not is_current(claims, run.now):
        raise StatusRetrievalError("the list of taken-back records is out of date")
    last = run.last_list(_KIND, url)
    if last is not None and last[0].get("iss") == issuer and _issued_at(last[0]) > _issued_at(claims):
        raise StatusRetrievalError("the list of taken-back records is older than one seen before")
    return claims


def _text(body: bytes) -> str:
    try:
        return body.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise StatusVerificationError("what stands at the list's address is no status list") from error


def _verified(token: str, url: str, issuer: str | None, run: Run) -> JSONObject:
    try:
        found = find_issuer_key(peek_header(token), issuer, run)
        if found.controller != issuer:
            raise StatusVerificationError("the list of taken-back records is signed by somebody else")
        return {**verify_status_list(token, found.key, url=url), "iss": issuer}
    except ParsingError as error:
        raise StatusVerificationError("what stands at the list's address is no status list") from error
    except CredkitError as error:
        if isinstance(error, CANNOT_TELL):
            raise StatusRetrievalError("the list of taken-back records could not be checked") from error
        raise StatusVerificationError("the list of taken-back records does not hold") from error


def _issued_at(claims: JSONObject) -> datetime:
    return datetime.fromtimestamp(member(claims, "iat", int), UTC)
