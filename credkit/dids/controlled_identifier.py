"""Controlled identifier documents at https URLs. Spec: CID-1.0 #controlled-identifier-document"""

from __future__ import annotations

from dataclasses import dataclass

from credkit.dids._method import FetchDocument
from credkit.errors import InvalidDidError
from credkit.ports import JSONObject


@dataclass(frozen=True)
class ControlledIdentifier:
    """See ``DidMethod``. Plain http is for loopback in development only."""

    prefixes: tuple[str, ...] = ("https://", "http://")
    is_offline: bool = False

    def find(self, did: str, fetch: FetchDocument, allow_loopback: bool) -> JSONObject:
        """See ``DidMethod.find``."""
        if did.startswith("http://") and not allow_loopback:
            raise InvalidDidError("the identifier must begin with https")
        return fetch(did)


CONTROLLED_IDENTIFIER = ControlledIdentifier()
