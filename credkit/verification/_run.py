"""One verification run: what it may use, and what it has already fetched (once a run, A03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from credkit.dids import VerificationMethod
from credkit.environment import Environment
from credkit.errors import (
    CredkitError,
    DidNotFoundError,
    DifferentPeople,
    FetchError,
    StatusRetrievalError,
    UnsupportedError,
    VocabularyUnknownError,
)
from credkit.ports import JSONObject
from credkit.verification.policy import Policy
from credkit.verification.report import Check, could_not_check, failed, passed

BITSTRING = "BitstringStatusList"
_Key = TypeVar("_Key")
_Found = TypeVar("_Found")
CANNOT_TELL = (VocabularyUnknownError, UnsupportedError, FetchError, DidNotFoundError, StatusRetrievalError,
               DifferentPeople)
"""Errors after which nothing is known to be wrong: the check is indeterminate."""


@dataclass
class Run:
    """State of one call of ``verify_credential`` or ``verify_presentation``; never outlives it.

    Attributes:
        methods: Verification method URL and relationship → what the resolver said.
        lists: Kind of list and URL → the list as checked for that kind, or why there is none.
    """

    policy: Policy
    environment: Environment
    now: datetime
    methods: dict[tuple[str, str], VerificationMethod | CredkitError] = field(default_factory=dict)
    lists: dict[tuple[str, str], JSONObject | CredkitError] = field(default_factory=dict)

    def method(self, url: str, relationship: str) -> VerificationMethod:
        """The verification method at ``url``, authorised for ``relationship``; asked for once a run."""
        return _once(self.methods, (url, relationship), lambda: self.environment.resolver.resolve(
            url.partition("#")[0]).verification_method(url, relationship))

    def list_at(self, kind: str, url: str, ask: Callable[[], JSONObject]) -> JSONObject:
        """What ``ask`` gives, or the error it raises; asked for once a run.

        Args:
            kind: As what it is checked; what passes as one kind counts for no other at the same address.
        """
        return _once(self.lists, (kind, url), ask)

    def last_list(self, kind: str, url: str) -> tuple[JSONObject, datetime] | None:
        """The list of this kind that was seen last at ``url``, and when."""
        return self.environment.memory.last_status_list(_remembered(kind, url))

    def remember_list(self, kind: str, url: str, found: JSONObject) -> None:
        """Keep a list that was checked as one of this kind."""
        self.environment.memory.remember_status_list(_remembered(kind, url), found, self.environment.clock.now())


def _remembered(kind: str, url: str) -> str:
    """No URL has a blank in it, so that kinds never meet."""
    return url if kind == BITSTRING else f"{kind} {url}"


def _once(found: dict[_Key, _Found | CredkitError], key: _Key, ask: Callable[[], _Found]) -> _Found:
    if key not in found:
        try:
            found[key] = ask()
        except CredkitError as error:
            found[key] = error
    there = found[key]
    if isinstance(there, CredkitError):
        raise there
    return there


def key_not_known(error: CredkitError) -> Check:
    """The check ``proof`` where nobody could say which key to check it with."""
    why = error if isinstance(error, CANNOT_TELL) else UnsupportedError(
        "the proof was not looked at, because the signer's key is not known")
    return could_not_check("proof", why)


def fetch_list(url: str, accept: str, run: Run) -> bytes:
    """What stands at a status list's address; ``StatusRetrievalError`` if it could not be had."""
    try:
        response = run.environment.fetcher.get(url, accept=accept)
    except FetchError as error:
        raise StatusRetrievalError("the list of taken-back records could not be reached") from error
    if response.status != 200:
        raise StatusRetrievalError("the list of taken-back records could not be reached")
    return response.body


def attempt(check_id: str, act: Callable[[], object]) -> Check:
    """Run one check: what does not raise passes, ``CANNOT_TELL`` is indeterminate, any other of our errors fails."""
    try:
        act()
    except CredkitError as error:
        return tell(check_id, error)
    return passed(check_id)


def tell(check_id: str, error: CredkitError) -> Check:
    """The check that ended with ``error``: indeterminate for ``CANNOT_TELL``, failed for any other."""
    return could_not_check(check_id, error) if isinstance(error, CANNOT_TELL) else failed(check_id, error)
