"""The pinned JSON-LD contexts, and the only way to them. Nothing is ever fetched.

``load`` is a ``LoadContext`` of the kernel; a role's ``bootstrap`` hands it in. Imports nothing of ours.
"""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

from contexts.index import FAMILY_V1, PINNED, Origin, PinnedContext

__all__ = ["FAMILY_V1", "CorruptContextError", "Origin", "PinnedContext", "UnpinnedContextError", "load", "pinned",
           "read"]


class UnpinnedContextError(LookupError):
    """The URL names no pinned context. Nothing is wrong with it; we cannot tell what its words mean."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__("the context is not one of the pinned ones")


class CorruptContextError(RuntimeError):
    """A file no longer has the pinned bytes: the installation is broken and nothing may be checked with it."""


def pinned() -> tuple[PinnedContext, ...]:
    """Every pinned context: URL, file, SHA-256, origin package and licence."""
    return PINNED


def load(url: str) -> dict[str, Any]:
    """The context document (``{"@context": …}``) pinned for ``url``, parsed anew at each call: change it as you like.

    The bytes are compared with their SHA-256 each time; whoever needs speed compiles once and keeps the result.

    Raises:
        UnpinnedContextError: ``url`` is not, character for character, the URL of a pinned context.
        CorruptContextError: the file's bytes are not the pinned ones.
    """
    document: dict[str, Any] = json.loads(read(url))
    return document


def read(url: str) -> bytes:
    """The pinned bytes themselves, for whoever serves them on.

    Raises:
        UnpinnedContextError, CorruptContextError: as ``load``.
    """
    entry = next((row for row in PINNED if row.url == url), None)
    if entry is None:
        raise UnpinnedContextError(url)
    content = files(__name__).joinpath("files", entry.file).read_bytes()
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise CorruptContextError(f"the pinned context {entry.file} has been changed on disk")
    return content
