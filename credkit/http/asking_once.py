"""A fetcher for one moment: what several records of one answer name alike is asked for once (security.md A03, C03)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from credkit.errors import FetchError
from credkit.ports import Fetcher, Response

MOST: Final = 32
"""So many answers are remembered; records that name more lists than that have some asked for again."""


class AskingOnce:
    """Gives the first answer, or the first error, again. For one thread, and no longer than its caller works."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._found: OrderedDict[object, Response | FetchError] = OrderedDict()

    def get(self, url: str, *, accept: str = "*/*", max_bytes: int = 1_048_576,
            headers: Mapping[str, str] | None = None) -> Response:
        """See ``ports.Fetcher``."""
        key = (url, accept, max_bytes, frozenset((headers or {}).items()))
        if key not in self._found:
            try:
                self._found[key] = self._fetcher.get(url, accept=accept, max_bytes=max_bytes, headers=headers)
            except FetchError as error:
                self._found[key] = error
            if len(self._found) > MOST:
                self._found.popitem(last=False)
        found = self._found[key]
        if isinstance(found, FetchError):
            raise found
        return found

    def post(self, url: str, *, body: bytes, content_type: str, accept: str = "application/json",
             max_bytes: int = 1_048_576, headers: Mapping[str, str] | None = None) -> Response:
        """See ``ports.Fetcher``: every message is sent."""
        return self._fetcher.post(url, body=body, content_type=content_type, accept=accept, max_bytes=max_bytes,
                                  headers=headers)
