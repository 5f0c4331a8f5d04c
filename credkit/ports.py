"""What the kernel needs from outside, as Protocols: time, network, randomness, contexts, keys, memory.

Nothing here does anything; ``environment`` bundles these and every function takes what it needs as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

JSONObject = dict[str, Any]
"""A JSON object as the strict parser returns it. Opaque: read, never rewritten."""

LoadContext = Callable[[str], JSONObject]
"""URL of a JSON-LD context → its document (``{"@context": …}``); raises ``UnsupportedError`` if it is not pinned."""

ReadResource = Callable[[str], bytes]
"""URL of something that is kept here byte for byte → its bytes; raises ``LookupError`` if it is not."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class Randomness(Protocol):
    def token_bytes(self, n: int) -> bytes:
        """``n`` bytes from a cryptographically secure source."""


@dataclass(frozen=True)
class Response:
    """An answer from the network. ``body`` is at most what the caller allowed; header names are lower-case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetcher(Protocol):
    """The only way out. Refuses redirects, unsafe addresses, oversized and slow answers (security.md D01 to D05).

    Both raise ``FetchError`` (or its children) when no answer could be had; an answer with any HTTP status is returned.
    """

    def get(self, url: str, *, accept: str = "*/*", max_bytes: int = 1_048_576,
            headers: Mapping[str, str] | None = None) -> Response: ...

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "application/json",
             max_bytes: int = 1_048_576, headers: Mapping[str, str] | None = None) -> Response: ...


class Signer(Protocol):
    """A private key that never shows itself; software, vault or KMS.

    Attributes:
        algorithm: ``Ed25519`` (on the wire ``EdDSA``), ``ES256``, ``ES384`` or ``ES512``; JOSE ``alg`` names.
        public_key_multibase: Multikey form of the public half, ``z…``.
        verification_method: The DID URL that names the public half, e.g. ``did:key:z…#z…``.
    """

    @property
    def algorithm(self) -> str: ...

    @property
    def public_key_multibase(self) -> str: ...

    @property
    def verification_method(self) -> str: ...

    def sign(self, message: bytes) -> bytes:
        """Signature over ``message``: 64 bytes for Ed25519, r‖s for ECDSA (the curve's own hash is applied)."""


class MessageSigner(Protocol):
    """A private key for bbs-2023, which signs a list of messages at once and never shows itself.

    Attributes:
        key_type: ``Bls12381G2``.
        public_key: The compressed point, 96 bytes.
        verification_method: As for ``Signer``.
    """

    @property
    def key_type(self) -> str: ...

    @property
    def public_key(self) -> bytes: ...

    @property
    def verification_method(self) -> str: ...

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """BBS signature of 80 bytes over ``header`` and ``messages``."""


class Memory(Protocol):
    """What a role remembers between checks (security.md C03, C05)."""

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """The last verified status list credential from ``url`` and when it was fetched."""

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None: ...
