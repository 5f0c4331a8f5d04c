"""The simplest source of trust: a list of issuers a person has named, ``{"issuers": [{"did", "name"}]}``.

A name in this list is what *we* call an issuer; what a credential calls its issuer is never trusted (security.md K01).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from credkit.errors import IssuerNotTrusted, MalformedValueError, ParsingError, RangeValueError
from credkit.ports import JSONObject
from credkit.shape import member, pointer

MAX_ISSUERS = 100_000
MAX_NAME_CHARACTERS = 300
MAX_DID_CHARACTERS = 2048
_IDENTIFIER = re.compile(r"(did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]|https?://[^\s#<>\"{}|\\^`\x00-\x20\x7f]+)")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True)
class TrustedIssuer:
    """An issuer somebody vouches for.

    Attributes:
        did: A DID (or the https URL of a controlled identifier document), no fragment; compared to the letter.
        name: What we call it, shown instead of what it calls itself.
    """

    did: str
    name: str


@dataclass(frozen=True)
class AllowList:
    """Issuers somebody vouches for, each identifier once."""

    issuers: tuple[TrustedIssuer, ...] = ()

    def find(self, did: str) -> TrustedIssuer | None:
        """The entry for exactly this identifier, or None."""
        return next((issuer for issuer in self.issuers if issuer.did == did), None)

    def check_issuer(self, did: str) -> TrustedIssuer:
        """The entry for exactly this identifier.

        Raises:
            IssuerNotTrusted: no entry has it.
        """
        issuer = self.find(did)
        if issuer is None:
            raise IssuerNotTrusted("who signed this is not on the list of those you trust")
        return issuer

    def to_json(self) -> JSONObject:
        """``{"issuers": [{"did": …, "name": …}, …]}``, the form ``parse_allow_list`` reads."""
        return {"issuers": [{"did": issuer.did, "name": issuer.name} for issuer in self.issuers]}


def build_trusted_issuer(did: Any, name: Any, *, at: str = "") -> TrustedIssuer:
    """One checked entry; white space around both is dropped.

    Args:
        at: JSON Pointer of the entry, for the error.

    Raises:
        MalformedValueError: ``did`` is no DID or https URL, or ``name`` is empty, too long or holds unseen characters.
    """
    did = did.strip() if isinstance(did, str) else ""
    if len(did) > MAX_DID_CHARACTERS or not _IDENTIFIER.fullmatch(did):
        raise MalformedValueError("an issuer is named by a DID such as did:web:school.example", pointer=at + "/did")
    name = name.strip() if isinstance(name, str) else ""
    if not name or len(name) > MAX_NAME_CHARACTERS or _UNSEEN.search(name):
        raise MalformedValueError("an issuer needs a name of 1 to 300 visible characters", pointer=at + "/name")
    return TrustedIssuer(did, name)


def parse_allow_list(document: Any) -> AllowList:
    """The list from its JSON form. Members we do not know are ignored.

    Raises:
        MalformedValueError: not of this form, or a DID or name that cannot be one.
        RangeValueError: more than 100,000 issuers.
        ParsingError: one DID twice.
    """
    entries: list[Any] = member(document, "issuers", list)
    if len(entries) > MAX_ISSUERS:
        raise RangeValueError("the list names too many issuers", pointer="/issuers")
    issuers: dict[str, TrustedIssuer] = {}
    for index, entry in enumerate(entries):
        at = pointer("issuers", index)
        issuer = build_trusted_issuer(member(entry, "did", str, at=at), member(entry, "name", str, at=at), at=at)
        if issuer.did in issuers:
            raise ParsingError("the list names one issuer twice", pointer=at)
        issuers[issuer.did] = issuer
    return AllowList(tuple(issuers.values()))
