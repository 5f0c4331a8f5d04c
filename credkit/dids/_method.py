"""What a DID method must be able to do; each method lives in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from credkit.keys import PublicKey
from credkit.ports import JSONObject

FetchDocument = Callable[[str], JSONObject]
"""URL → the JSON object found there; ``FetchError``, ``DidNotFoundError`` or ``InvalidDidDocumentError``."""


@dataclass(frozen=True)
class Found:
    """A document, and those of its keys that were read on the way: absolute id of the method → key."""

    document: JSONObject
    keys: Mapping[str, PublicKey] = field(default_factory=dict)


class DidMethod(Protocol):
    """One DID method.

    Attributes:
        prefixes: What identifiers of this method begin with.
        is_offline: Whether ``find`` never fetches.
    """

    @property
    def prefixes(self) -> tuple[str, ...]: ...

    @property
    def is_offline(self) -> bool: ...

    def find(self, did: str, fetch: FetchDocument, allow_loopback: bool) -> Found:
        """The document of ``did``; whether its ``id`` is the right one is checked by the resolver.

        Raises:
            InvalidDidError: no identifier of this method.
            CryptographicSecurityError: it is made of a weak or a secret key.
            UnsupportedError: it is made of a kind of key we do not know.
        """
