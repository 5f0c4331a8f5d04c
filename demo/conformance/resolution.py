"""DID resolution over HTTP, in the two forms that suites ask for.

Spec: DID-RESOLUTION #bindings-https; the resolution result of the did:key suite
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Response

from credkit.dids import DidDocument, Resolver
from credkit.errors import (
    CredkitError,
    CryptographicSecurityError,
    DidNotFoundError,
    FetchError,
    InvalidDidDocumentError,
    InvalidDidError,
    MalformedValueError,
    RangeValueError,
    UnsupportedError,
)
from credkit.ports import JSONObject
from credkit.shape import parse_date_time

PROFILE = "https://w3id.org/did-resolution"
_RESULT_CONTEXT = "https://w3id.org/did-resolution/v1"
_RESOLUTION = "application/did-resolution"
_ERRORS = "https://www.w3.org/ns/did#"
# What went wrong → the older word, the newer word, the HTTP status.
_CODES: tuple[tuple[type[CredkitError], str, str, int], ...] = (
    (InvalidDidError, "invalidDid", "INVALID_DID", 400),
    (UnsupportedError, "methodNotSupported", "METHOD_NOT_SUPPORTED", 501),
    (DidNotFoundError, "notFound", "NOT_FOUND", 404),
    (InvalidDidDocumentError, "invalidDidDocument", "INVALID_DID_DOCUMENT", 400),
    (CryptographicSecurityError, "invalidPublicKey", "INVALID_DID", 400),
    (RangeValueError, "invalidOptions", "INVALID_OPTIONS", 400),
    (MalformedValueError, "invalidDidUrl", "INVALID_DID_URL", 400),
    (FetchError, "internalError", "INTERNAL_ERROR", 400),
)
_OLD_FORMAT, _OTHER_FORMAT = "keys are no longer told in this form", "keys are not told in this form"
_WORDS = {_OLD_FORMAT: "invalidPublicKeyType", _OTHER_FORMAT: "unsupportedPublicKeyType"}
_LENGTH = re.compile(r"must be \d+ bytes")
_OLD_FORMATS = ("Ed25519VerificationKey2018", "X25519KeyAgreementKey2019")
_CHARACTER = r"[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}"
_RELATIVE = re.compile(rf"(?:{_CHARACTER})*")
_URL_TAIL = re.compile(rf"(?:/(?:{_CHARACTER})*)?(?:\?(?:{_CHARACTER}|\?)*)?(?:#(?:{_CHARACTER}|\?)*)?")
_WHOLE_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def resolve(resolver: Resolver, did_url: str, accept: str, options: Mapping[str, str]) -> Response:
    """The answer to ``GET /1.0/identifiers/{did}?{options}``, in the form that ``Accept`` names.

    Args:
        did_url: A DID or a DID URL, its percent-encoding taken off once.
        options: Options of resolution by name, e.g. ``versionTime``, ``publicKeyFormat``.

    Returns:
        200 and the document, or the part that the fragment names; 400, 404 or 501 and what was wrong.

    Spec: DID-RESOLUTION #bindings-https
    """
    did = re.split("[/?#]", did_url, maxsplit=1)[0]
    fragment = did_url.partition("#")[2]
    try:
        _check_options(options)
        if _URL_TAIL.fullmatch(did_url, len(did)) is None:
            raise MalformedValueError("this is not a proper URL of an identifier")
        if did.startswith("did:example:"):
            raise InvalidDidError("this identifier is for examples only")
        document = resolver.resolve(did)
        if did_url.startswith("/", len(did)):
            raise DidNotFoundError("nothing stands under this identifier's paths")
        found = _dereference(document, f"{did}#{fragment}") if fragment else document.document
    except CredkitError as error:
        return _refused(error, accept, is_part=did != did_url)
    return _answered(found, fragment, accept)


def _check_options(options: Mapping[str, str]) -> None:
    """RangeValueError for an option that is none, or that asks for what is not told here.

    Spec: DID-RESOLUTION #did-parameters; DID-KEY #create
    """
    if not all(value.isascii() for value in options.values()):
        raise RangeValueError("an option has characters outside ASCII")
    if _RELATIVE.fullmatch(options.get("relativeRef", "")) is None:
        raise RangeValueError("relativeRef is not a percent-encoded path")
    if "versionTime" in options and not _is_moment(options["versionTime"]):
        raise RangeValueError("versionTime is not a moment in whole seconds UTC")
    form = options.get("publicKeyFormat", "Multikey")
    if form != "Multikey":
        raise RangeValueError(_OLD_FORMAT if form in _OLD_FORMATS else _OTHER_FORMAT)


def _is_moment(text: str) -> bool:
    try:
        parse_date_time(text)
    except MalformedValueError:
        return False
    return _WHOLE_SECONDS.fullmatch(text) is not None


def _dereference(document: DidDocument, url: str) -> JSONObject:
    methods = document.document.get("verificationMethod", [])
    for method in methods if isinstance(methods, list) else []:
        if isinstance(method, dict) and method.get("id") in (url, "#" + url.partition("#")[2]):
            return {"@context": document.document.get("@context"), **method}
    raise DidNotFoundError("the document has no such part")


def _answered(found: JSONObject, fragment: str, accept: str) -> Response:
    if "did+json" in accept or "did+ld+json" in accept:
        return _json(found, 200, "application/did+ld+json" if "ld+json" in accept else "application/did+json")
    if "did-url-dereferencing" in accept:
        return _json({"dereferencingMetadata": {"contentType": "application/did"}, "contentStream": found,
                      "contentMetadata": {}}, 200, "application/did-url-dereferencing")
    body = {"@context": _RESULT_CONTEXT, "didDocument": found, "didDocumentMetadata": {},
            **_metadata({"contentType": "application/did"}, is_part=bool(fragment) and PROFILE in accept)}
    plain = PROFILE in accept or ("application/json" in accept and _RESOLUTION not in accept)
    return _json(body, 200, "application/json" if plain else _RESOLUTION)


def _metadata(told: JSONObject, *, is_part: bool) -> JSONObject:
    """Whoever asks for a part of a document is told under the name of either act."""
    return {"didResolutionMetadata": told, **({"didDereferencingMetadata": told} if is_part else {})}


def _refused(error: CredkitError, accept: str, *, is_part: bool) -> Response:
    older, newer, status = next(((old, new, code) for kind, old, new, code in _CODES if isinstance(error, kind)),
                                ("internalError", "INTERNAL_ERROR", 400))
    older = "invalidPublicKeyLength" if _LENGTH.search(str(error.__cause__)) else _WORDS.get(str(error), older)
    if PROFILE in accept:
        body: dict[str, Any] = {"@context": _RESULT_CONTEXT, "didDocument": {}, "didDocumentMetadata": {},
                                **_metadata({"error": older}, is_part=is_part)}
        return _json(body, status, "application/json")
    problem = {"type": _ERRORS + newer, "title": str(error)}
    if "did-url-dereferencing" in accept:
        body = {"dereferencingMetadata": {"error": problem}, "contentStream": None, "contentMetadata": {}}
        return _json(body, status, "application/did-url-dereferencing")
    body = {"@context": _RESULT_CONTEXT, "didDocument": None, "didDocumentMetadata": {},
            "didResolutionMetadata": {"error": problem}}
    return _json(body, status, _RESOLUTION)


def _json(body: JSONObject, status: int, media_type: str) -> Response:
    return Response(json.dumps(body), status, content_type=media_type)
