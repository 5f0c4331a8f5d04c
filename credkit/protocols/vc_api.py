"""VC-API messages: what a request to issue, derive or verify must look like.

Spec: VC-API #issue-credential, #verify-credential, #derive-credential
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from credkit.errors import MalformedValueError
from credkit.ports import JSONObject
from credkit.shape import member, optional_member

MAX_POINTERS = 1_000


@dataclass(frozen=True)
class IssueRequest:
    """``{"credential", "options": {"mandatoryPointers"?}?}``."""

    credential: JSONObject
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True)
class DeriveRequest:
    """``{"verifiableCredential", "options": {"selectivePointers"?}?}``."""

    credential: JSONObject
    selective_pointers: tuple[str, ...]


@dataclass(frozen=True)
class VerifyRequest:
    """``{"verifiableCredential" | "verifiablePresentation", "options": {…}?}``.

    Attributes:
        challenge, domain, purpose: The options ``challenge``, ``domain`` and ``expectedProofPurpose``.
    """

    secured: JSONObject
    challenge: str | None
    domain: str | None
    purpose: str | None


def read_issue_request(body: Any) -> IssueRequest:
    """Raises ``MalformedValueError`` for a member that is missing or of the wrong type; unknown ones are ignored."""
    return IssueRequest(member(body, "credential", dict), _pointers(_options(body), "mandatoryPointers"))


def read_derive_request(body: Any) -> DeriveRequest:
    """Raises like ``read_issue_request``."""
    return DeriveRequest(member(body, "verifiableCredential", dict), _pointers(_options(body), "selectivePointers"))


def read_verify_request(body: Any, name: str) -> VerifyRequest:
    """Raises like ``read_issue_request``; ``name`` is ``verifiableCredential`` or ``verifiablePresentation``."""
    options = _options(body)
    challenge, domain, purpose = (optional_member(options, each, str, at="/options")
                                  for each in ("challenge", "domain", "expectedProofPurpose"))
    return VerifyRequest(member(body, name, dict), challenge, domain, purpose)


def _options(body: Any) -> JSONObject:
    options = optional_member(body, "options", dict)
    return {} if options is None else options


def _pointers(options: JSONObject, name: str) -> tuple[str, ...]:
    pointers = optional_member(options, name, list, at="/options") or []
    if len(pointers) > MAX_POINTERS or not all(isinstance(each, str) for each in pointers):
        raise MalformedValueError("the pointers are not a list of texts", pointer=f"/options/{name}")
    return tuple(pointers)
