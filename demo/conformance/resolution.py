"""DID resolution over HTTP, in the two forms that suites ask for.

Spec: DID-RESOLUTION #bindings-https; the resolution result of the did:key suite
"""

from __future__ import annotations

import json
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
    UnsupportedError,
)
from credkit.ports import JSONObject

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
    (MalformedValueError, "invalidDidUrl", "INVALID_DID_URL", 400),
    (FetchError, "internalError", "INTERNAL_ERROR", 400),
)
_LENGTHS = {"must be 32 bytes": "invalidPublicKeyLength", "must be 96 bytes": "invalidPublicKeyLength"}


def resolve(resolver: Resolver, did_url: str, accept: str) -> Response:
    """The answer to ``GET /1.0/identifiers/{did}``."""
    did, _, fragment = did_url.partition("#")
    try:
        if did.startswith("did:example:"):
            raise InvalidDidError("this identifier is for examples only")
        document = resolver.resolve(did)
        found = _dereference(document, did_url) if fragment else document.document
    except CredkitError as error:
        return _refused(error, accept)
    return _answered(found, fragment, accept)


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
    if fragment and PROFILE in accept:
        return _json(found, 200, "application/json")
    body = {"@context": _RESULT_CONTEXT, "didDocument": found, "didDocumentMetadata": {},
            "didResolutionMetadata": {"contentType": "application/did"}}
    return _json(body, 200, _RESOLUTION if _RESOLUTION in accept else "application/json")


def _refused(error: CredkitError, accept: str) -> Response:
    older, newer, status = next(((old, new, code) for kind, old, new, code in _CODES if isinstance(error, kind)),
                                ("internalError", "INTERNAL_ERROR", 400))
    older = next((word for words, word in _LENGTHS.items() if words in str(error)), older)
    if PROFILE in accept:
        body: dict[str, Any] = {"@context": _RESULT_CONTEXT, "didDocument": {}, "didDocumentMetadata": {},
                                "didResolutionMetadata": {"error": older}}
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
