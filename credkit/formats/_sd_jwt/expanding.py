"""Verifying an SD-JWT: every disclosure goes where its digest stands.

What does not fit is refused, never dropped: a disclosure that no digest names, a digest that stands twice, a claim that
would overwrite another (security.md B04 to B06, B08).

Spec: RFC9901 #section-7.1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credkit.errors import ProofVerificationError, TooComplexError
from credkit.formats._sd_jwt.parts import (
    CONTAINERS,
    MAX_DEPTH,
    MAX_DIGESTS,
    RESERVED,
    Disclosure,
    Path,
    SdJwt,
    digest_of,
    digest_of_element,
    read_disclosure,
)
from credkit.jose import VerifyingKey, peek_payload, verify_compact
from credkit.ports import JSONObject


@dataclass(frozen=True)
class Expanded:
    """A payload with every disclosure in its place.

    Attributes:
        claims: Without ``_sd``, ``...`` and ``_sd_alg``.
        places: Disclosure as written → where its value stands in ``claims``.
    """

    claims: JSONObject
    places: Mapping[str, Path]


def verify_sd_jwt(sd_jwt: SdJwt, key: VerifyingKey, *, typ: str | tuple[str, ...] | None) -> Expanded:
    """Check the issuer's signature and put every disclosure in its place.

    Raises:
        ProofVerificationError: the signature does not hold, or a digest and a disclosure do not fit.
        ParsingError, MalformedValueError, CryptographicSecurityError: see ``verify_compact``.
        TooComplexError: too many digests, or nested too deep.

    Spec: RFC9901 #section-7.1
    """
    return expand(verify_compact(sd_jwt.jwt, key, typ=typ), sd_jwt.disclosures)


def peek_sd_jwt(sd_jwt: SdJwt) -> Expanded:
    """The claims before trust: for finding the key, and for the holder's own copy; raises like ``verify_sd_jwt``."""
    return expand(peek_payload(sd_jwt.jwt), sd_jwt.disclosures)


def expand(payload: JSONObject, disclosures: Sequence[str]) -> Expanded:
    """A payload with every disclosure in its place (RFC9901 #section-7.1, step 3 on)."""
    if payload.get("_sd_alg", "sha-256") != "sha-256":
        raise ProofVerificationError("the digests are of a kind that is not supported", pointer="/_sd_alg")
    by_digest = {digest_of(text): read_disclosure(text) for text in disclosures}
    if len(by_digest) != len(disclosures):
        raise ProofVerificationError("a disclosure stands twice")
    expansion = _Expansion(by_digest)
    unpacked = payload.copy()
    unpacked.pop("_sd_alg", None)
    claims = expansion.object(unpacked, ())
    if len(expansion.places) != len(disclosures):
        raise ProofVerificationError("a disclosure belongs to nothing that was signed")
    return Expanded(claims, expansion.places)


class _Expansion:
    """One run over a payload; every digest may be met once."""

    def __init__(self, by_digest: Mapping[str, Disclosure]) -> None:
        self._by_digest = by_digest
        self._met: set[str] = set()
        self.places: dict[str, Path] = {}

    def object(self, value: JSONObject, at: Path) -> JSONObject:
        """``value`` with its disclosures in their places; ``at`` is where it stands itself."""
        if len(at) >= MAX_DEPTH:
            raise TooComplexError("the SD-JWT is nested too deep")
        found = value.copy()
        for name, item in value.items():
            # Most members are plain values: a call for each of them would be half of the work.
            if item.__class__ in CONTAINERS and name != "_sd":
                found[name] = self._walk(item, (*at, name))
        if not RESERVED.isdisjoint(value):
            self._show_members(found, at)
        return found

    def _show_members(self, found: JSONObject, at: Path) -> None:
        digests = found.pop("_sd", [])
        if not isinstance(digests, list):
            raise ProofVerificationError("the digests of an object are malformed")
        if "..." in found or "_sd_alg" in found:
            raise ProofVerificationError("a word that SD-JWT keeps for itself stands where it may not")
        for digest in digests:
            disclosure = self._meet(digest)
            if disclosure is None:
                continue
            if disclosure.name is None or disclosure.name in found:
                raise ProofVerificationError("a disclosure does not fit where its digest stands")
            found[disclosure.name] = self._disclosed(disclosure, (*at, disclosure.name))

    def _array(self, value: list[Any], at: Path) -> list[Any]:
        if len(at) >= MAX_DEPTH:
            raise TooComplexError("the SD-JWT is nested too deep")
        found: list[Any] = []
        for item in value:
            if item.__class__ not in CONTAINERS:
                found.append(item)
            elif item.__class__ is list or "..." not in item:
                found.append(self._walk(item, (*at, len(found))))
            elif (disclosure := self._meet(digest_of_element(item))) is not None:
                if disclosure.name is not None:
                    raise ProofVerificationError("a disclosure does not fit where its digest stands")
                found.append(self._disclosed(disclosure, (*at, len(found))))
        return found

    def _walk(self, value: Any, at: Path) -> Any:
        return self.object(value, at) if value.__class__ is dict else self._array(value, at)

    def _disclosed(self, disclosure: Disclosure, at: Path) -> Any:
        self.places[disclosure.text] = at
        return self._walk(disclosure.value, at) if disclosure.value.__class__ in CONTAINERS else disclosure.value

    def _meet(self, digest: Any) -> Disclosure | None:
        if not isinstance(digest, str):
            raise ProofVerificationError("a digest is no text")
        if digest in self._met:
            raise ProofVerificationError("a digest stands twice")
        self._met.add(digest)
        if len(self._met) > MAX_DIGESTS:
            raise TooComplexError("the SD-JWT has too many digests")
        return self._by_digest.get(digest)
