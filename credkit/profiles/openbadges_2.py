"""Open Badges 2.0, for reading: assertions that are hosted at an address, and assertions that are signed.

An assertion names its badge, the badge its issuer, each by an address or as an object. A hosted assertion is what
stands at its own address; a signed one is a compact JWS by a key that the issuer's own page lists. None of it is a
verifiable credential: ``in_new_words`` says the same in the words of Open Badges 3.0, for showing it.

Spec: OB-2.0 #Assertion, #BadgeClass, #Profile, #CryptographicKey, #RevocationList; implementation guide "Verification"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from credkit.credential import ValidityPeriod
from credkit.errors import (
    CredkitError,
    CryptographicSecurityError,
    IssuerBindingError,
    MalformedValueError,
    ProofVerificationError,
    UnsupportedError,
)
from credkit.http import check_url
from credkit.jose import peek_header, peek_payload, rsa_public_key_from_pem, verify_compact
from credkit.ports import JSONObject
from credkit.profiles._checking import first_object, first_value, text_of
from credkit.profiles._remarks import Remark
from credkit.profiles.openbadges_3 import CONTEXTS
from credkit.shape import as_list, format_date_time, id_of, is_url, member, parse_date_time, pointer

OLDER: Final = "Open Badges 2.0"
_CONTEXT: Final = re.compile(r"https?://w3id\.org/openbadges/v2(/context\.json)?")
_REQUIRED: Final = ("id", "recipient", "badge", "verification", "issuedOn")
_HOSTED: Final = frozenset({"HostedBadge", "hosted"})
_SIGNED: Final = frozenset({"SignedBadge", "signed"})
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OWN: Final = frozenset({"@context", "badge", "image", "revoked", "revocationReason"})
_ADDRESS: Final = frozenset({"@context", "type", "id", "verification"})
Fetch = Callable[[str], JSONObject]
"""URL → the JSON object that stands there; raises ``FetchError`` if it could not be had."""


def is_mine(document: Any) -> bool:
    """Whether this is an assertion of Open Badges 2.0, by its type and vocabulary."""
    return (
        isinstance(document, dict) and "Assertion" in as_list(document.get("type"))
        and any(isinstance(url, str) and _CONTEXT.fullmatch(url) for url in as_list(document.get("@context")))
    )


def assertion_at(address: str) -> JSONObject:
    """An assertion of which nothing but its address is known, as some pictures carry it."""
    return {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": address,
            "verification": {"type": "HostedBadge"}}


def _is_address_only(assertion: JSONObject) -> bool:
    return assertion.keys() <= _ADDRESS


def is_token(text: Any) -> bool:
    """Whether this is a compact JWS around such an assertion, before any of it is trusted."""
    try:
        return is_mine(peek_payload(text))
    except CredkitError:
        return False


def is_hosted(assertion: JSONObject) -> bool:
    """Whether the assertion says that it is what stands at its address.

    Raises:
        UnsupportedError: neither hosted nor signed.
    """
    names = as_list(first_object(assertion.get("verification")).get("type"))
    if any(name in names for name in _HOSTED):
        return True
    if any(name in names for name in _SIGNED):
        return False
    raise UnsupportedError("the badge can be checked in no way that we know")


def check_assertion(document: Any, *, derived: bool = False) -> tuple[Remark, ...]:
    """Check an assertion for reading.

    Returns:
        That it is an older badge, and what the standard requires and the assertion lacks.

    Raises:
        MalformedValueError: not an assertion, or a member whose kind the standard does not allow.

    Spec: OB-2.0 #Assertion
    """
    del derived  # nothing can be left out of an assertion
    if not is_mine(document):
        raise MalformedValueError("this is not an Open Badges 2.0 assertion", pointer="/type")
    remarks = [Remark("/@context", "older_badge", OLDER)]
    if _is_address_only(document) and is_url(document.get("id")):
        return tuple(remarks)
    remarks += [Remark(pointer(name), "member_missing", name) for name in _REQUIRED if not document.get(name)]
    for name in ("issuedOn", "expires"):
        if isinstance(document.get(name), str) and _DAY.fullmatch(document[name]):
            remarks.append(Remark(pointer(name), "form_unknown", name))
    for name in ("recipient", "verification"):
        if not isinstance(document.get(name, {}), dict):
            raise MalformedValueError(f"{name} must be an object", pointer=pointer(name))
    if not is_url(id_of(document)) or not (isinstance(document.get("badge"), dict) or is_url(document.get("badge"))):
        raise MalformedValueError("an assertion needs an id and a badge", pointer="/badge")
    validity_period(document)
    return tuple(remarks)


def validity_period(assertion: JSONObject) -> ValidityPeriod:
    """From ``issuedOn`` to ``expires``; a bare day counts from its beginning, in UTC.

    Raises:
        MalformedValueError: no date.
    """
    start, end = (_moment(assertion[name], name) if name in assertion else None for name in ("issuedOn", "expires"))
    return ValidityPeriod(start, end)


def _moment(value: Any, name: str) -> datetime:
    if isinstance(value, str) and _DAY.fullmatch(value):
        value += "T00:00:00Z"
    return parse_date_time(value, at=pointer(name))


@dataclass(frozen=True)
class OlderBadge:
    """An assertion with its badge and its issuer, each as an object with an ``id``."""

    assertion: JSONObject
    badge: JSONObject
    issuer: JSONObject

    @property
    def issuer_id(self) -> str:
        """The address of the issuer."""
        return str(self.issuer["id"])

    @property
    def document(self) -> JSONObject:
        """The assertion with badge and issuer inside it."""
        return {**self.assertion, "badge": {**self.badge, "issuer": self.issuer}}


def gather(assertion: JSONObject, fetch: Fetch) -> OlderBadge:
    """The assertion's badge and issuer; what is named by its address only is fetched, and must stand at the issuer's.

    Raises:
        MalformedValueError: one that is missing, or another one at the address.
        IssuerBindingError: a badge at somebody else's address.
        FetchError: one that could not be had.
    """
    badge = _object(assertion.get("badge"), "/badge", fetch)
    issuer = _object(badge.get("issuer"), "/badge/issuer", fetch)
    if isinstance(assertion.get("badge"), str) and origin_of(badge["id"]) != origin_of(issuer["id"]):
        raise IssuerBindingError("the badge stands at somebody else's address", pointer="/badge")
    return OlderBadge(assertion, badge, issuer)


def _object(value: Any, at: str, fetch: Fetch) -> JSONObject:
    value = first_value(value)
    found = fetch(value) if isinstance(value, str) and is_url(value) else value
    if not isinstance(found, dict) or not is_url(found.get("id")):
        raise MalformedValueError("a part of the badge is missing", pointer=at)
    if isinstance(value, str) and found["id"] != value:
        raise MalformedValueError("something else stands at the address of a part of the badge", pointer=at)
    return found


def origin_of(url: Any) -> str:
    """The origin of an address, to compare; ``UnsafeUrlError`` if it has none."""
    # Whether an address may be fetched on this machine is the fetcher's business.
    return check_url(str(url).partition("#")[0], allow_loopback=True).origin


def check_hosted(assertion: JSONObject, hosted: JSONObject) -> None:
    """Refuse an assertion that differs from what stands at its address; the badge may be named or stand inside. Of one
    that is an address only, all is what stands there.

    Raises:
        ProofVerificationError: it differs.

    Spec: OB-2.0 #HostedBadge
    """
    if _is_address_only(assertion) and is_mine(hosted) and hosted.get("id") == assertion.get("id"):
        return
    named = (assertion.keys() | hosted.keys()) - _OWN
    same = (is_mine(hosted) and id_of(assertion.get("badge")) == id_of(hosted.get("badge"))
            and all(assertion.get(name) == hosted.get(name) for name in named))
    if not same:
        raise ProofVerificationError("what stands at the badge's address says something else")


def check_scope(badge: OlderBadge, fetched_issuer: JSONObject | None) -> None:
    """Refuse a hosted assertion that does not stand where its issuer keeps its own.

    Args:
        fetched_issuer: What stands at the issuer's address, if that was asked: it may allow other places.

    Raises:
        IssuerBindingError: it stands elsewhere.

    Spec: OB-2.0 #Profile (``verification``: ``allowedOrigins``, ``startsWith``)
    """
    address = str(badge.assertion["id"])
    rules = first_object((fetched_issuer or {}).get("verification"))
    starts = [each for each in as_list(rules.get("startsWith")) if isinstance(each, str)]
    origins = [each for each in as_list(rules.get("allowedOrigins")) if isinstance(each, str)]
    if starts and not any(address.startswith(each) and origin_of(each) == origin_of(address) for each in starts):
        raise IssuerBindingError("the badge does not stand where its issuer keeps its badges", pointer="/id")
    here = origin_of(address)
    if here != origin_of(badge.issuer_id) and here.partition("://")[2] not in origins:
        raise IssuerBindingError("the badge does not stand at its issuer's address", pointer="/id")


def key_address(assertion: JSONObject, issuer: JSONObject) -> str:
    """Where the key of a signed assertion lies, which the issuer's own page must list.

    Args:
        issuer: What stands at the issuer's address.

    Raises:
        IssuerBindingError: the issuer lists no such key. MalformedValueError: no key is named at all.

    Spec: OB-2.0 #SignedBadge
    """
    listed = [id_of(each) for each in as_list(issuer.get("publicKey"))]
    creator = id_of(first_object(assertion.get("verification")).get("creator")) or next(iter(listed), None)
    if creator is None or not is_url(creator):
        raise MalformedValueError("the badge names no key", pointer="/verification/creator")
    if creator not in listed:
        raise IssuerBindingError("the issuer does not list the key of this badge", pointer="/verification/creator")
    return creator


def verify_token(token: str, key: JSONObject, issuer_id: str) -> None:
    """Silence means that ``key`` signed the token and is the issuer's.

    Args:
        key: The ``CryptographicKey`` that stands at ``key_address``: ``owner``, ``publicKeyPem``.

    Raises:
        IssuerBindingError: another owner. MalformedValueError, ParsingError: no readable key or token.
        CryptographicSecurityError: an RSA key that is too short, or a header that asks for something else.
        UnsupportedError: another algorithm than RS256. ProofVerificationError: the signature does not hold.

    Spec: OB-2.0 #CryptographicKey; RFC7518 #section-3.3
    """
    if id_of(key.get("owner")) != issuer_id:
        raise IssuerBindingError("the key of this badge is somebody else's", pointer="/verification/creator")
    header = peek_header(token)
    if header.get("alg") in (None, "none") or "crit" in header or "b64" in header:
        raise CryptographicSecurityError("the badge is not signed in a way that proves anything")
    if header["alg"] != "RS256":
        raise UnsupportedError("the badge is signed in a way that we do not speak")
    verify_compact(token, rsa_public_key_from_pem(member(key, "publicKeyPem", str)), typ=None, allow_rs256=True)


def is_revoked(revocations: JSONObject, assertion: JSONObject) -> bool:
    """Whether an issuer's list of taken-back assertions names this one.

    Spec: OB-2.0 #RevocationList
    """
    names = {name for name in (assertion.get("id"), assertion.get("uid")) if isinstance(name, str)}
    return any(
        item in names if isinstance(item, str) else isinstance(item, dict)
        and bool({text_of(item.get("id")), text_of(item.get("uid"))} & names)
        for item in as_list(revocations.get("revokedAssertions")))


def in_new_words(document: JSONObject) -> JSONObject:
    """What an assertion (with badge and issuer inside, ``OlderBadge.document``) says, in the words of Open Badges 3.0.

    It carries no proof and is for showing only; never raises on hostile input.
    """
    badge, issuer = first_object(document.get("badge")), first_object(first_object(document.get("badge")).get("issuer"))
    criteria = first_value(badge.get("criteria"))
    achievement: JSONObject = {
        "id": badge.get("id"), "type": ["Achievement"], "achievementType": "Badge", "name": text_of(badge.get("name")),
        "description": text_of(badge.get("description")), "inLanguage": text_of(badge.get("@language")),
        "criteria": {"id": criteria} if isinstance(criteria, str) else {
            "id": id_of(criteria), "narrative": text_of(first_object(criteria).get("narrative"))},
        "tag": [tag for tag in as_list(badge.get("tags")) if isinstance(tag, str)],
        "alignment": [each for each in as_list(badge.get("alignment")) if isinstance(each, dict)],
    }
    said: JSONObject = {
        "@context": list(CONTEXTS), "id": document.get("id"), "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": text_of(badge.get("name")),
        "issuer": {"id": issuer.get("id"), "type": ["Profile"], "name": text_of(issuer.get("name"))},
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": achievement,
                              "narrative": text_of(document.get("narrative"))},
    }
    period = _period(document)
    for name, moment in (("validFrom", period.valid_from), ("validUntil", period.valid_until)):
        if moment is not None:
            said[name] = format_date_time(moment.astimezone(UTC))
    return said


def _period(document: JSONObject) -> ValidityPeriod:
    try:
        return validity_period(document)
    except MalformedValueError:
        return ValidityPeriod(None, None)
