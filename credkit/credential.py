"""Verifiable credentials and presentations: their shape by VCDM 2.0 (and 1.1 for reading).

Spec: VC-DATA-MODEL-2.0 #basic-concepts; VC-DATA-MODEL (1.1)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from credkit.digests import DIGEST_MEMBERS, check_digests
from credkit.errors import Expired, MalformedValueError, NotYetValid, RangeValueError
from credkit.ports import JSONObject, ReadResource
from credkit.shape import as_list, id_of, is_url, parse_date_time, pointer, types_of

V1_CONTEXT = "https://www.w3.org/2018/credentials/v1"
V2_CONTEXT = "https://www.w3.org/ns/credentials/v2"
CREDENTIAL_TYPE = "VerifiableCredential"
PRESENTATION_TYPE = "VerifiablePresentation"
ENVELOPED_CREDENTIAL = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"
_TYPED_MEMBERS = ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence")
_TEXT_MEMBERS = ("name", "description")
_TEXT_OBJECT = frozenset({"@value", "@language", "@direction"})


@dataclass(frozen=True)
class ValidityPeriod:
    """When a credential holds; ``None`` means open on that side."""

    valid_from: datetime | None
    valid_until: datetime | None

    def check(self, now: datetime) -> None:
        """Raise ``NotYetValid`` or ``Expired`` if ``now`` lies outside (A08)."""
        if self.valid_from is not None and now < self.valid_from:
            raise NotYetValid("the record is not valid yet", pointer="/validFrom")
        if self.valid_until is not None and now > self.valid_until:
            raise Expired("the record is no longer valid", pointer="/validUntil")


def context_version(document: JSONObject) -> str:
    """``2.0`` or ``1.1``, by the first entry of ``@context``.

    Raises:
        MalformedValueError: no array that begins with a credentials context, or an entry of another kind.
    """
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] not in (V1_CONTEXT, V2_CONTEXT):
        raise MalformedValueError("@context must begin with the credentials context", pointer="/@context")
    for index, entry in enumerate(contexts):
        if not isinstance(entry, dict) and not is_url(entry):
            raise MalformedValueError("a context is neither a URL nor an object", pointer=pointer("@context", index))
    return "2.0" if contexts[0] == V2_CONTEXT else "1.1"


def check_credential(document: JSONObject) -> None:
    """The shape every credential must have.

    Raises:
        MalformedValueError: a member is missing or of the wrong form; ``pointer`` names it.
        RangeValueError: the validity period ends before it begins.

    Spec: VC-DATA-MODEL-2.0 #verifiable-credentials; conformance.md "Refuse"
    """
    version = context_version(document)
    if CREDENTIAL_TYPE not in types_of(document):
        raise MalformedValueError("type must name VerifiableCredential", pointer="/type")
    _check_id(document, "")
    _check_issuer(document.get("issuer"))
    _check_subjects(document.get("credentialSubject"))
    _check_texts(document, "")
    _check_typed_members(document)
    related_resources(document)
    period = _period(document, version)
    if version == "1.1" and "issuanceDate" not in document:
        raise MalformedValueError("the member issuanceDate is missing", pointer="/issuanceDate")
    if period.valid_from and period.valid_until and period.valid_until < period.valid_from:
        raise RangeValueError("the record ends before it begins", pointer="/validUntil")


def validity_period(document: JSONObject) -> ValidityPeriod:
    """The period a credential names, by its version's member names.

    Raises:
        MalformedValueError: a date without time or time zone.

    Spec: VC-DATA-MODEL-2.0 #validity-period; VC-DATA-MODEL #issuance-date
    """
    return _period(document, context_version(document))


def _period(document: JSONObject, version: str) -> ValidityPeriod:
    names = ("issuanceDate", "expirationDate") if version == "1.1" else ("validFrom", "validUntil")
    start, end = (parse_date_time(document[name], at="/" + name) if name in document else None for name in names)
    return ValidityPeriod(start, end)


def issuer_id(document: JSONObject) -> str:
    """The issuer's identifier.

    Raises:
        MalformedValueError: no issuer with a URL for identifier.
    """
    identifier = id_of(document.get("issuer"))
    if identifier is None or not is_url(identifier):
        raise MalformedValueError("the issuer is missing or has no URL", pointer="/issuer")
    return identifier


def plain_id(identifier: str) -> str:
    """A credential's id as ids are compared: trimmed and percent-decoded (OB-3.0 #equality)."""
    return unquote(identifier.strip())


def subjects(document: JSONObject) -> Iterator[JSONObject]:
    """The credential's subjects, as objects."""
    for subject in as_list(document.get("credentialSubject")):
        if isinstance(subject, dict):
            yield subject


def check_presentation(document: JSONObject) -> None:
    """The shape every presentation must have; embedded credentials are checked one by one elsewhere.

    Raises:
        MalformedValueError: a member is missing or of the wrong form.

    Spec: VC-DATA-MODEL-2.0 #verifiable-presentations
    """
    version = context_version(document)
    if PRESENTATION_TYPE not in types_of(document):
        raise MalformedValueError("type must name VerifiablePresentation", pointer="/type")
    _check_id(document, "")
    if "holder" in document and not is_url(id_of(document["holder"])):
        raise MalformedValueError("the holder has no URL", pointer="/holder")
    # In VCDM 1.1 a token may stand among them; 2.0 puts it into an envelope.
    kinds = dict if version == "2.0" else (dict, str)
    if not all(isinstance(entry, kinds) for entry in as_list(document.get("verifiableCredential"))):
        raise MalformedValueError("a presented credential is not an object", pointer="/verifiableCredential")


def related_resources(document: JSONObject) -> list[JSONObject]:
    """The entries of ``relatedResource``, each with an ``id`` of its own and a digest.

    Raises:
        MalformedValueError: an entry of another form.

    Spec: VC-DATA-MODEL-2.0 #integrity-of-related-resources
    """
    found, seen = [], set()
    for index, entry in enumerate(as_list(document.get("relatedResource"))):
        at = pointer("relatedResource", index)
        if not isinstance(entry, dict) or not is_url(entry.get("id")) or entry["id"] in seen:
            raise MalformedValueError("a related resource must be an object with an id of its own", pointer=at)
        if not any(isinstance(entry.get(name), str) for name in DIGEST_MEMBERS):
            raise MalformedValueError("a related resource needs a digest", pointer=at)
        seen.add(entry["id"])
        found.append(entry)
    return found


def check_related_resources(document: JSONObject, read: ReadResource) -> None:
    """Compare the digests of those related resources that are kept here; nothing is fetched, and no other is used.

    Raises:
        CryptographicSecurityError: a digest does not fit.
        MalformedValueError: a digest, or an entry, of another form.

    Spec: VC-DATA-MODEL-2.0 #integrity-of-related-resources
    """
    for index, entry in enumerate(related_resources(document)):
        try:
            data = read(entry["id"])
        except LookupError:
            continue
        check_digests(entry, data, at=pointer("relatedResource", index))


def _check_id(node: JSONObject, at: str) -> None:
    if "id" in node and not is_url(node["id"]):
        raise MalformedValueError("an id is not a URL", pointer=at + "/id")


def _check_issuer(issuer: Any) -> None:
    if not is_url(id_of(issuer)):
        raise MalformedValueError("the issuer is missing or has no URL", pointer="/issuer")
    if isinstance(issuer, dict):
        _check_texts(issuer, "/issuer")


def _check_subjects(subject: Any) -> None:
    entries = as_list(subject)
    if not entries:
        raise MalformedValueError("the member credentialSubject is missing", pointer="/credentialSubject")
    for index, entry in enumerate(entries):
        at = pointer("credentialSubject", index) if isinstance(subject, list) else "/credentialSubject"
        if not isinstance(entry, dict) or not entry:
            raise MalformedValueError("a subject must be an object that says something", pointer=at)
        _check_id(entry, at)


def _check_texts(node: JSONObject, at: str) -> None:
    for name in _TEXT_MEMBERS:
        if name in node and not all(_is_text(value) for value in as_list(node[name]) or [None]):
            raise MalformedValueError(f"{name} must be text", pointer=at + "/" + name)


def _is_text(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value.get("@value"), str) and set(value) <= _TEXT_OBJECT and all(
            isinstance(part, str) for part in value.values())
    return isinstance(value, str)


def _check_typed_members(document: JSONObject) -> None:
    for name in _TYPED_MEMBERS:
        if name not in document:
            continue
        for entry in as_list(document[name]) or [None]:
            if not isinstance(entry, dict):
                raise MalformedValueError(f"an entry of {name} is not an object", pointer="/" + name)
            types_of(entry, at="/" + name)
            _check_id(entry, "/" + name)
            if name == "credentialSchema" and "id" not in entry:
                raise MalformedValueError("a credentialSchema has no id", pointer="/credentialSchema")
