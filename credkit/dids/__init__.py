"""Decentralized identifiers: did:key, did:jwk, did:web and https controlled identifier documents.

Adding a method is one file and one entry in ``DID_METHODS``.

Spec: DID-CORE; CID-1.0; security.md A06, D05, D06, D09
"""

from __future__ import annotations

import re
from typing import Any, Final

from credkit.dids._cache import DocumentCache
from credkit.dids._method import DidMethod
from credkit.dids.controlled_identifier import CONTROLLED_IDENTIFIER
from credkit.dids.did_jwk import DID_JWK, did_jwk_of
from credkit.dids.did_key import DID_KEY, did_key_of
from credkit.dids.did_web import DID_WEB, did_web_of, web_document_url
from credkit.dids.document import RELATIONSHIPS, DidDocument, VerificationMethod, build_did_document
from credkit.encoding import parse_json_object
from credkit.errors import (
    DidNotFoundError,
    FetchError,
    InvalidDidDocumentError,
    InvalidDidError,
    ParsingError,
    TooComplexError,
    UnsupportedError,
)
from credkit.ports import Clock, Fetcher, JSONObject

__all__ = ["DID_METHODS", "RELATIONSHIPS", "DidDocument", "DidMethod", "Resolver", "VerificationMethod",
           "build_did_document", "did_jwk_of", "did_key_of", "did_of", "did_web_of", "web_document_url"]

DID_METHODS: Final[tuple[DidMethod, ...]] = (DID_KEY, DID_JWK, DID_WEB, CONTROLLED_IDENTIFIER)

_ACCEPT = "application/did+json, application/did+ld+json;q=0.9, application/json;q=0.8"
_MAX_DOCUMENT_BYTES = 256 * 1024
_MAX_CHARACTERS = 4096
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:-]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9._:-]*)*(?<!:)")
_URL = re.compile(r"https?://[^\s#]+")
_JSON_TYPE = re.compile(r"(?:application/(?:[a-z0-9.+-]+\+)?json|text/plain)(?:\s*;.*)?", re.IGNORECASE)


def did_of(url: Any) -> str:
    """The identifier a verification method's URL stands under: everything before ``#``.

    Raises:
        InvalidDidError: no text, or no identifier before ``#``.
    """
    did = url.partition("#")[0] if isinstance(url, str) else ""
    if not did:
        raise InvalidDidError("the key is not named by a full identifier")
    return did


def _method_of(did: str) -> DidMethod:
    for method in DID_METHODS:
        if did.startswith(method.prefixes):
            return method
    raise UnsupportedError("an identifier of this kind is not supported")


class Resolver:
    """Finds DID documents. Safe for use by several threads.

    Args:
        fetcher: The way to the network, for did:web and https.
        clock: Documents are remembered for at most five minutes, failures for half a minute.
        allow_loopback: Development: did:web and plain http on this machine.
    """

    def __init__(self, fetcher: Fetcher, clock: Clock, *, allow_loopback: bool = False) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._allow_loopback = allow_loopback
        self._cache = DocumentCache(clock)

    def resolve(self, did: str) -> DidDocument:
        """The document of ``did``: a DID, or the https URL of a controlled identifier document, without fragment.

        Raises:
            InvalidDidError: not an identifier, or not a proper one of its method.
            InvalidDidDocumentError: what was found is not the document of ``did``.
            CryptographicSecurityError: the identifier is made of a weak or a secret key.
            DidNotFoundError: there is no such document.
            FetchError: it could not be had.
            UnsupportedError: a DID method or kind of key we do not know.

        Spec: DID-CORE #did-resolution; CID-1.0 #controlled-identifier-document
        """
        if not isinstance(did, str) or len(did) > _MAX_CHARACTERS or not (_DID.fullmatch(did) or _URL.fullmatch(did)):
            raise InvalidDidError("the signer's identifier is not a proper one")
        method = _method_of(did)
        return self._cache.get(did, lambda: self._find(method, did), is_offline=method.is_offline)

    def _find(self, method: DidMethod, did: str) -> DidDocument:
        found = method.find(did, self._fetch, self._allow_loopback)
        if found.document.get("id") != did:
            raise InvalidDidDocumentError("the document found is not the signer's own")
        return DidDocument(did, found.document, self._clock.now(), found.keys)

    def _fetch(self, url: str) -> JSONObject:
        answer = self._fetcher.get(url, accept=_ACCEPT, max_bytes=_MAX_DOCUMENT_BYTES)
        if answer.status in (404, 410):
            raise DidNotFoundError("the signer's host has no document for it")
        if answer.status != 200:
            raise FetchError("the signer's host did not give its document")
        if not _JSON_TYPE.fullmatch(answer.headers.get("content-type", "application/json")):
            raise FetchError("the signer's host gave something else than a document")
        try:
            return parse_json_object(answer.body)
        except (ParsingError, TooComplexError) as error:
            raise InvalidDidDocumentError("the signer's document could not be read") from error
