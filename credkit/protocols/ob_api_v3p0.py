"""The Open Badges 3.0 API as messages: its service description, its pages, its errors, the profile of a learner.

Spec: OB-3.0 #api, #api-security; https://www.imsglobal.org/spec/ob/v3p0
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from credkit.errors import CredkitError, MalformedValueError, ProtocolError
from credkit.ports import JSONObject
from credkit.profiles.openbadges_3 import OPEN_BADGES_V3
from credkit.protocols._reading import Message, json_object, plain_text, split_url
from credkit.protocols.registered_clients import OFFLINE_ACCESS
from credkit.shape import as_list, member, optional_member, parse_date_time, pointer, types_of

BASE: Final = "/ims/ob/v3p0"
CREDENTIAL_READ: Final = "https://purl.imsglobal.org/spec/ob/v3p0/scope/credential.readonly"
CREDENTIAL_UPSERT: Final = "https://purl.imsglobal.org/spec/ob/v3p0/scope/credential.upsert"
PROFILE_READ: Final = "https://purl.imsglobal.org/spec/ob/v3p0/scope/profile.readonly"
PROFILE_UPDATE: Final = "https://purl.imsglobal.org/spec/ob/v3p0/scope/profile.update"
SCOPES: Final[Mapping[str, str]] = MappingProxyType({
    CREDENTIAL_READ: "Read the learner's badges.", CREDENTIAL_UPSERT: "Hand in a badge for the learner.",
    PROFILE_READ: "Read the learner's profile.", PROFILE_UPDATE: "Change what the learner says in the profile.",
    OFFLINE_ACCESS: "Do this later too, without asking again.",
})
JSON_TYPES: Final = ("application/json", "application/vc+ld+json", "application/ld+json", "application/vc")
JWS_TYPE: Final = "text/plain"
USUAL_LIMIT: Final = 50
HIGHEST_LIMIT: Final = 100
INVALID_DATA: Final = "invalid_data"
INVALID_QUERY: Final = "invalid_query_parameter"
COMPACT_JWS: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_MINOR: Final[Mapping[int, str]] = MappingProxyType({
    400: INVALID_DATA, 401: "unauthorizedrequest", 403: "forbidden", 404: "not_found", 405: "not_allowed",
    413: INVALID_DATA, 415: "not_acceptable", 429: "server_busy", 500: "internal_server_error", 503: "server_busy",
})
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{2,39}", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,189}")
_MAX_DESCRIPTION, _MAX_URL = 2000, 512
_FIXED: Final = ("@context", "givenName", "familyName", "otherIdentifier")


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for. ``since``: only what was issued after that moment."""

    limit: int = USUAL_LIMIT
    offset: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class LearnerProfile:
    """A learner to the API.

    Attributes:
        id: URI, the same whenever it is asked for.
        number: The school's number of the learner.
        said: What the learner says: ``url``, ``phone``, ``email``, ``description``.
    """

    id: str
    name: str
    given_name: str
    family_name: str
    number: str
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """What the service description names. ``origin`` without a slash; the rest as paths below it."""

    origin: str
    name: str
    privacy_policy: str
    terms_of_service: str
    registration: str
    authorization: str
    token: str
    revocation: str


def build_status_info(error: str, description: str, http_status: int) -> JSONObject:
    """The body of every error of the API (OB-3.0 #org.1edtech.ob.v3p0.imsx_statusinfo.class)."""
    minor = error if error in (INVALID_DATA, INVALID_QUERY) else _MINOR.get(http_status, "unknown")
    return {
        "imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": description,
        "imsx_codeMinor": {"imsx_codeMinorField": [
            {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}]},
    }


def parse_page(query: bytes | str) -> Page:
    """The query of ``getCredentials``; what is not known is ignored, and a limit above the highest counts as that.

    Raises:
        ProtocolError: ``invalid_query_parameter``: no such number or moment, or one of them twice.

    Spec: OB-3.0 #getcredentials
    """
    pairs: list[tuple[str, str]]
    try:
        raw = query.decode("ascii") if isinstance(query, bytes) else query
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=64)
    except ValueError as error:
        raise ProtocolError(INVALID_QUERY, "the query could not be read") from error
    given = [(name, value) for name, value in pairs if name in ("limit", "offset", "since")]
    found = dict(given)
    if len(found) != len(given):
        raise ProtocolError(INVALID_QUERY, "a query parameter stands there twice")
    limit, offset = _whole(found, "limit", USUAL_LIMIT), _whole(found, "offset", 0)
    if limit == 0:
        raise ProtocolError(INVALID_QUERY, "the limit must be at least 1")
    since = None
    if "since" in found:
        try:
            since = parse_date_time(found["since"].replace(" ", "+"))  # a plus that was not escaped
        except MalformedValueError as error:
            raise ProtocolError(INVALID_QUERY, "since must be a full date, time and time zone") from error
    return Page(min(limit, HIGHEST_LIMIT), offset, since)


def build_links(origin: str, page: Page, total: int) -> str:
    """The ``Link`` header of a page: first, last, and where there is one next and prev (OB-3.0 #paging)."""
    last = max(0, total - 1) // page.limit * page.limit
    offsets = {"next": page.offset + page.limit if page.offset + page.limit < total else None, "last": last, "first": 0,
               "prev": max(0, page.offset - page.limit) if page.offset else None}
    since = {} if page.since is None else {"since": page.since.isoformat().replace("+00:00", "Z")}
    return ", ".join(
        f"<{origin}{BASE}/credentials?{urlencode({'limit': page.limit, 'offset': offset, **since})}>; rel=\"{name}\""
        for name, offset in offsets.items() if offset is not None)


def build_credentials(credentials: list[str], tokens: list[str]) -> str:
    """The answer of ``getCredentials``: every record as it was signed, JSON text or compact JWS, byte for byte."""
    parts = [f'"{name}":[{",".join(values)}]' for name, values in (
        ("credential", credentials), ("compactJwsString", [f'"{token}"' for token in tokens])) if values]
    return "{" + ",".join(parts) + "}"


def build_profile(profile: LearnerProfile) -> JSONObject:
    """The Profile of a learner (OB-3.0 #org.1edtech.ob.v3p0.profile.class)."""
    names = {"givenName": profile.given_name, "familyName": profile.family_name}
    return {
        "@context": [OPEN_BADGES_V3], "id": profile.id, "type": ["Profile"], "name": profile.name,
        **{name: value for name, value in names.items() if value},
        "otherIdentifier": [{"type": "IdentifierEntry", "identifier": profile.number, "identifierType": "sourcedId"}],
        **profile.said,
    }


def parse_profile(message: Message, known: LearnerProfile) -> dict[str, str]:
    """What a learner says in a Profile that must else be the known one.

    Returns:
        ``url``, ``phone``, ``email``, ``description``, those that are there; what is not there is no longer said.

    Raises:
        ProtocolError: ``invalid_data``: not a Profile, something that the school says is changed, or a member is
            malformed or of no use here.

    Spec: OB-3.0 #putprofile
    """
    try:
        document, ours = json_object(message), build_profile(known)
        if "Profile" not in types_of(document):
            raise MalformedValueError("the type must be Profile", pointer="/type")
        for name in ("id", "name"):
            _check_same(member(document, name, str), ours[name], name)
        for name in _FIXED:
            if name in document:
                _check_same(as_list(document[name]), as_list(ours.get(name)), name)
        rest = set(document) - {"id", "name", "type", *_FIXED, *_SAID}
        if rest:
            raise MalformedValueError("this member is not kept here", pointer=pointer(min(rest)))
        if set(types_of(document)) != {"Profile"}:
            raise MalformedValueError("the type must be Profile alone", pointer="/type")
        return {name: _said(document, name) for name in _SAID if name in document}
    except CredkitError as error:
        place = getattr(error, "pointer", None)
        raise ProtocolError(INVALID_DATA, f"{error.detail} ({place})" if place else error.detail) from error


def build_discovery(service: Service) -> JSONObject:
    """The service description document: OpenAPI 3.0 with the members that 1EdTech adds (OB-3.0 #acg-registration)."""
    at = service.origin
    return {
        "openapi": "3.0.1",
        "info": {
            "title": service.name, "version": "3.0", "description": "Badges of one learner, with the learner's leave.",
            "termsOfService": at + service.terms_of_service, "x-imssf-privacyPolicyUrl": at + service.privacy_policy,
        },
        "servers": [{"url": at + BASE}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"OAuth2ACG": {
                "type": "oauth2", "description": "Authorization code with PKCE (S256), state and client_secret_basic.",
                "x-imssf-name": service.name, "x-imssf-privacyPolicyUrl": at + service.privacy_policy,
                "x-imssf-registrationUrl": at + service.registration,
                "x-imssf-termsOfServiceUrl": at + service.terms_of_service, "x-revocationUrl": at + service.revocation,
                "flows": {"authorizationCode": {
                    "authorizationUrl": at + service.authorization, "tokenUrl": at + service.token,
                    "refreshUrl": at + service.token, "scopes": dict(SCOPES)}},
            }},
            "schemas": _schemas(),
        },
    }


def _whole(found: Mapping[str, str], name: str, default: int) -> int:
    if name not in found:
        return default
    if not _NUMBER.fullmatch(found[name]):
        raise ProtocolError(INVALID_QUERY, f"the {name} must be a whole number")
    return int(found[name])


def _check_same(given: Any, known: Any, name: str) -> None:
    if given != known:
        raise MalformedValueError("what the school says cannot be changed here", pointer=pointer(name))


def _said(document: JSONObject, name: str) -> str:
    value = optional_member(document, name, str) or ""
    kept = plain_text(value, _MAX_DESCRIPTION)
    if kept is None or kept != value or not _SAID[name](value):
        raise MalformedValueError("this value cannot be kept", pointer=pointer(name))
    return value


def _is_page(value: str) -> bool:
    return len(value) <= _MAX_URL and split_url(value).scheme == "https"


_SAID: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType({
    "url": _is_page, "phone": lambda value: bool(_PHONE.fullmatch(value)),
    "email": lambda value: bool(_EMAIL.fullmatch(value)), "description": lambda value: True,
})


def _paths() -> JSONObject:
    query = [_parameter("limit", {"type": "integer", "minimum": 1}), _parameter("since", {
        "type": "string", "format": "date-time"}), _parameter("offset", {"type": "integer", "minimum": 0})]
    badge = {**_content("AchievementCredential"), JWS_TYPE: {"schema": _reference("CompactJws")}}
    profile = _content("Profile")
    return {
        "/credentials": {
            "get": _operation("getCredentials", CREDENTIAL_READ, {"200": _content("GetOpenBadgeCredentialsResponse")},
                              parameters=query),
            "post": _operation("upsertCredential", CREDENTIAL_UPSERT, {"200": badge, "201": badge, "304": {}},
                               requestBody={"required": True, "content": badge}),
        },
        "/profile": {
            "get": _operation("getProfile", PROFILE_READ, {"200": profile}),
            "put": _operation("putProfile", PROFILE_UPDATE, {"200": profile},
                              requestBody={"required": True, "content": profile}),
        },
        "/discovery": {"get": {"operationId": "getServiceDescription", "security": [], "responses": {
            "200": {"description": "This document."}}}},
    }


def _operation(name: str, scope: str, answers: Mapping[str, JSONObject], **more: Any) -> JSONObject:
    responses = {status: {"description": "Done.", **({"content": content} if content else {})}
                 for status, content in answers.items()}
    refused = {"description": "Refused, and why.", "content": _content("Imsx_StatusInfo")}
    return {"operationId": name, "security": [{"OAuth2ACG": [scope]}], **more,
            "responses": {**responses, "default": refused}}


def _parameter(name: str, schema: JSONObject) -> JSONObject:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _content(schema: str) -> JSONObject:
    return {"application/json": {"schema": _reference(schema)}}


def _reference(name: str) -> JSONObject:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> JSONObject:
    return {
        "AchievementCredential": {"type": "object", "description": "An Open Badges 3.0 credential with its proof."},
        "CompactJws": {"type": "string", "pattern": f"^{COMPACT_JWS.pattern}$"},
        "GetOpenBadgeCredentialsResponse": {"type": "object", "properties": {
            "credential": {"type": "array", "items": _reference("AchievementCredential")},
            "compactJwsString": {"type": "array", "items": _reference("CompactJws")}}},
        "Profile": {"type": "object", "required": ["id", "type"], "properties": {
            name: {"type": "string"} for name in ("id", "name", "givenName", "familyName", *_SAID)}},
        "Imsx_StatusInfo": {"type": "object", "required": ["imsx_codeMajor", "imsx_severity"], "properties": {
            name: {"type": "string"} for name in ("imsx_codeMajor", "imsx_severity", "imsx_description")}},
    }


def moment_of(document: JSONObject) -> datetime | None:
    """When a record says that it was issued; None where it does not say so in a readable way."""
    for name in ("validFrom", "issuanceDate"):
        try:
            return parse_date_time(document.get(name))
        except MalformedValueError:
            continue
    return None
