"""Checking while nobody is asked: signers' keys and lists of taken-back records come from dated copies of earlier.

Copies are kept of the signers on our list only. A copy of a key is used for 30 days, a copy of a list for a day; every
copy that was used is told with its date (security.md C03, P18).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from credkit.dids import Resolver, web_document_url
from credkit.environment import Environment
from credkit.errors import CredkitError, FetchError
from credkit.ports import Clock, Fetcher, JSONObject, Memory, Response
from credkit.trust.allow_list import AllowList

MAX_KEY_AGE: Final = timedelta(days=30)
MAX_LIST_AGE: Final = timedelta(days=1)
_JSON: Final = "application/json"
_MAX_DOCUMENT_BYTES: Final = 256 * 1024


class Copies(Memory, Protocol):
    """Where copies are kept (``verifier.store.Store``); a status list is kept once it was verified."""

    def allow_list(self) -> AllowList: ...

    def signer_document(self, url: str) -> tuple[bytes, datetime] | None:
        """The copy of a signer's DID document and when it was fetched."""

    def remember_signer_document(self, url: str, body: bytes, fetched_at: datetime) -> None: ...


@dataclass(frozen=True)
class CopyingFetcher:
    """A fetcher that keeps a copy of the DID documents of the signers on our list."""

    fetcher: Fetcher
    copies: Copies
    clock: Clock
    allow_loopback: bool = False

    def get(
        self, url: str, *, accept: str = "*/*", max_bytes: int = 1_048_576, headers: Mapping[str, str] | None = None
    ) -> Response:
        """See ``ports.Fetcher``."""
        answer = self.fetcher.get(url, accept=accept, max_bytes=max_bytes, headers=headers)
        if answer.status == 200 and url.endswith("/did.json") and url in self._of_signers():
            self.copies.remember_signer_document(url, answer.body, self.clock.now())
        return answer

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        accept: str = _JSON,
        max_bytes: int = 1_048_576,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """See ``ports.Fetcher``."""
        return self.fetcher.post(
            url, body=body, content_type=content_type, accept=accept, max_bytes=max_bytes, headers=headers
        )

    def _of_signers(self) -> set[str]:
        return {_document_url(issuer.did, self.allow_loopback) for issuer in self.copies.allow_list().issuers} - {""}


def refresh(copies: Copies, environment: Environment, *, allow_loopback: bool) -> tuple[int, int]:
    """Copy the keys of everybody on our list anew, by an ``environment`` whose fetcher keeps copies.

    Returns:
        How many were reached, and how many have an address at all.
    """
    reached = 0
    urls = [url for issuer in copies.allow_list().issuers if (url := _document_url(issuer.did, allow_loopback))]
    for url in urls:
        with contextlib.suppress(CredkitError):
            reached += environment.fetcher.get(url, max_bytes=_MAX_DOCUMENT_BYTES).status == 200
    return reached, len(urls)


def _document_url(did: str, allow_loopback: bool) -> str:
    """Where the document of a did:web lies; "" for anything else."""
    try:
        return web_document_url(did, allow_loopback)
    except CredkitError:
        return ""


@dataclass
class Copied:
    """A fetcher and a memory in one that ask nobody; ``used`` notes the date of every copy that was handed out."""

    copies: Copies
    now: datetime
    used: list[datetime] = field(default_factory=list)

    def get(
        self, url: str, *, accept: str = "*/*", max_bytes: int = 1_048_576, headers: Mapping[str, str] | None = None
    ) -> Response:
        """The copy of a signer's document; see ``ports.Fetcher``."""
        found = self.copies.signer_document(url)
        if found is None or found[1] < self.now - MAX_KEY_AGE:
            raise FetchError("nobody is asked while checking offline, and there is no copy of an earlier answer")
        self.used.append(found[1])
        return Response(url, 200, {"content-type": _JSON}, found[0])

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        accept: str = _JSON,
        max_bytes: int = 1_048_576,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Nothing is sent; see ``ports.Fetcher``."""
        raise FetchError("nobody is asked while checking offline")

    def last_status_list(self, url: str) -> tuple[JSONObject, datetime] | None:
        """The copy of a list; see ``ports.Memory``."""
        found = self.copies.last_status_list(url)
        if found is not None:
            self.used.append(found[1])
        return found

    def remember_status_list(self, url: str, credential: JSONObject, fetched_at: datetime) -> None:
        """Nothing new is learnt offline."""

    def environment(self, base: Environment, *, allow_loopback: bool) -> Environment:
        """``base`` without the network."""
        return replace(
            base, fetcher=self, memory=self, resolver=Resolver(self, base.clock, allow_loopback=allow_loopback)
        )
