"""Whether a record stands on 1EdTech's revocation list: fetched from the address that its signature fixes.

Spec: requirements.md §2.5 step 6; security.md C02, C03
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from credkit.credential import issuer_id
from credkit.dids import did_web_of
from credkit.encoding import parse_json_object
from credkit.errors import InvalidDidError, Revoked, StatusRetrievalError, UnsafeUrlError
from credkit.http import check_url
from credkit.ports import JSONObject
from credkit.status import edtech_revocation_list
from credkit.status.edtech_revocation_list import ENTRY_TYPE, StatusEntry, check_list, is_revoked, names_issuer
from credkit.verification._run import Run, fetch_list

_ACCEPT = "application/json"


def check_revocation_list(entry: Any, at: str, document: JSONObject, run: Run) -> None:
    """Look the record up.

    Raises:
        Revoked: it is listed.
        StatusVerificationError, MalformedValueError, TooComplexError: the entry or the list does not hold.
        StatusRetrievalError, UnsupportedError: could not check.
    """
    place, issuer = edtech_revocation_list.parse_entry(entry, at=at), issuer_id(document)
    try:
        revocations = _fetched(place, issuer, run)
        revoked = is_revoked(revocations, document.get("id"))
    except StatusRetrievalError:
        last = run.last_list(ENTRY_TYPE, place.list_url)
        if last is None:
            raise
        check_list(last[0], place, issuer)
        revoked = is_revoked(last[0], document.get("id"))
        if not revoked and not timedelta(0) <= run.now - last[1] < run.policy.max_list_age:
            raise
    if revoked:
        raise Revoked("who signed this record has taken it back", pointer=at)


def _fetched(place: StatusEntry, issuer: str, run: Run) -> JSONObject:
    """The list, fetched once a run; a list is the issuer's if it says so, or stands where the issuer is at home."""
    url = place.list_url
    found = run.list_at(ENTRY_TYPE, url, lambda: parse_json_object(fetch_list(url, _ACCEPT, run)))
    check_list(found, place, issuer)
    if not names_issuer(found, issuer) and not _is_at_home(url, issuer):
        raise StatusRetrievalError("nobody says whose list of taken-back records this is")
    run.remember_list(ENTRY_TYPE, url, found)
    return found


def _is_at_home(url: str, issuer: str) -> bool:
    """Whether the list and the issuer have one origin."""
    try:
        # Only to compare the names: whether an address may be fetched is the fetcher's business.
        origin = check_url(url, allow_loopback=True).origin
        if issuer.startswith("did:web:"):
            return issuer == did_web_of(origin) or issuer.startswith(did_web_of(origin) + ":")
        return origin == check_url(issuer, allow_loopback=True).origin
    except (UnsafeUrlError, InvalidDidError):
        return False
