"""Controlled identifier documents at https URLs. Spec: CID-1.0 #controlled-identifier-document"""

from __future__ import annotations

from dataclasses import dataclass

from credkit.dids._method import FetchDocument, Found
from credkit.errors import InvalidDidError


@dataclass(frozen=True)
class ControlledIdentifier:
    """See ``DidMethod``. Plain http is for loopback in development only."""

    prefixes: tuple[str, ...] = ("https://", "http://")
    is_offline: bool = False

    def find(self, did: str, fetch: FetchDocument, allow_loopback: bool) -> Found:
        """See ``DidMethod.find``."""
        if did.startswith("http://") and not allow_loopback:
            raise InvalidDidError("the identifier must begin with https")
        return Found(fetch(did))


CONTROLLED_IDENTIFIER = ControlledIdentifier()
