"""eddsa-rdfc-2022 on plain PyLD, as one would write it: the other way to do this in Python."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyld import jsonld

from credkit.encoding import base58_decode, base58_encode


class PyldPeer:
    """Issues and verifies with one key; ``contexts`` are served from memory."""

    def __init__(self, contexts: Mapping[str, Any], secret: bytes, verification_method: str) -> None:
        self._contexts = contexts
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self._public = self._key.public_key()
        self._method = verification_method

    def issue(self, text: str) -> dict[str, Any]:
        """The document with a proof."""
        document = json.loads(text)
        options = {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": "2026-06-12T15:00:00Z",
            "verificationMethod": self._method,
            "proofPurpose": "assertionMethod",
        }
        signature = self._key.sign(self._digests(document, options))
        return {**document, "proof": {**options, "proofValue": "z" + base58_encode(signature)}}

    def verify(self, text: str) -> None:
        """Silence if the proof holds."""
        document = json.loads(text)
        options = document.pop("proof")
        signature = base58_decode(options.pop("proofValue")[1:])
        self._public.verify(signature, self._digests(document, options))

    def _digests(self, document: dict[str, Any], options: dict[str, Any]) -> bytes:
        canonical = (self._canonical({"@context": document["@context"], **options}), self._canonical(document))
        return b"".join(hashlib.sha256(text.encode()).digest() for text in canonical)

    def _canonical(self, document: dict[str, Any]) -> str:
        settings = {
            "algorithm": "URDNA2015",
            "format": "application/n-quads",
            "base": None,
            "documentLoader": self._load,
        }
        text: str = jsonld.normalize(document, settings)
        return text

    def _load(self, url: str, _options: Any = None) -> dict[str, Any]:
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": self._contexts[url],
            "contentType": "application/ld+json",
        }
