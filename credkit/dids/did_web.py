"""did:web: the document lies on a web host. Spec: DID-WEB #read-resolve; security.md D05"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from credkit.dids._method import FetchDocument, Found
from credkit.errors import FetchError, InvalidDidError
from credkit.http import is_public_host_name

_HOST = re.compile(r"(?P<host>[a-z0-9.-]+|%5[Bb]%3[Aa]%3[Aa]1%5[Dd])(?:%3[Aa](?P<port>[1-9][0-9]{0,4}))?")
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+")
_ORIGIN = re.compile(r"https?://(?P<host>[a-z0-9.-]+|\[::1\])(?::(?P<port>[0-9]+))?")
_UNSAFE_BYTES = frozenset(b"/\\.%?#:;@&=+\x7f") | frozenset(range(0x20))
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class DidWeb:
    """See ``DidMethod``."""

    prefixes: tuple[str, ...] = ("did:web:",)
    is_offline: bool = False

    def find(self, did: str, fetch: FetchDocument, allow_loopback: bool) -> Found:
        """See ``DidMethod.find``. In development this machine may speak either; elsewhere it is https alone."""
        url = web_document_url(did, allow_loopback)
        try:
            return Found(fetch(url))
        except FetchError:
            if not url.startswith("http://"):
                raise
            return Found(fetch(url.replace("http://", "https://", 1)))


def web_document_url(did: str, allow_loopback: bool) -> str:
    """Where the document of a did:web lies.

    Args:
        allow_loopback: Development: ``did:web:localhost%3A8001`` → ``http://localhost:8001/.well-known/did.json``.

    Raises:
        InvalidDidError: no public host name in lower case, or a path that could lead elsewhere.

    Spec: DID-WEB #read-resolve
    """
    first, *segments = did.removeprefix("did:web:").split(":")
    match = _HOST.fullmatch(first) if did.startswith("did:web:") else None
    if match is None or not all(_is_plain(segment) for segment in segments):
        raise InvalidDidError("the identifier is not a proper did:web")
    host = "[::1]" if match["host"].startswith("%") else match["host"]
    loopback = host in _LOOPBACK
    if not (is_public_host_name(host) or (loopback and allow_loopback)):
        raise InvalidDidError("the identifier does not name a public host")
    origin = ("http://" if loopback else "https://") + host + (":" + match["port"] if match["port"] else "")
    return origin + ("/" + "/".join(segments) if segments else "/.well-known") + "/did.json"


def did_web_of(origin: str) -> str:
    """The did:web of an origin, e.g. ``https://school.example`` or ``http://localhost:8001``.

    Raises:
        InvalidDidError: not an origin in its plain spelling.
    """
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        raise InvalidDidError("the origin has no did:web")
    host = match["host"].replace("[", "%5B").replace("]", "%5D").replace(":", "%3A")
    return f"did:web:{host}" + (f"%3A{match['port']}" if match["port"] else "")


def _is_plain(segment: str) -> bool:
    """Whether a path segment means itself: no dots alone, and nothing hidden behind percent signs."""
    if not _SEGMENT.fullmatch(segment) or set(segment) <= {"."}:
        return False
    hidden = {byte for code in re.findall("%..", segment) for byte in unquote_to_bytes(code)}
    return hidden.isdisjoint(_UNSAFE_BYTES)


DID_WEB = DidWeb()
