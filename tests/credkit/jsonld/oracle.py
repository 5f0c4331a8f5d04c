"""PyLD as the other implementation: what it makes of the same documents, with the same pinned contexts."""

from __future__ import annotations

from functools import cache
from typing import Any

from pyld import jsonld

from credkit.jsonld import canonicalize, parse_nquads
from demo.conformance.profile import load_with_examples

V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OB_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"


@cache
def _document(url: str) -> dict[str, Any]:
    return load_with_examples(url)


def _load(url: str, options: Any = None) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": _document(url), "contentType": "application/ld+json"}


def normalize(document: dict[str, Any]) -> str:
    """PyLD's canonical N-Quads, without inventing IRIs for relative ones."""
    text: str = jsonld.normalize(
        document,
        {
            "algorithm": "URDNA2015",
            "format": "application/n-quads",
            "documentLoader": _load,
            "base": None,
            "rdfDirection": "i18n-datatype",
        },
    )
    return text


def normalize_escaped_rightly(document: dict[str, Any]) -> str:
    """The same with control characters escaped as RDF-CANON wants them, which PyLD 3.3 does not."""
    return canonicalize(parse_nquads(normalize(document))).text()
