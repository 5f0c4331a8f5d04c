"""SD-JWT: a signed token of which the holder shows some claims, each behind the digest of a disclosure.

What does not fit is refused, never dropped: a disclosure that no digest names, a digest that stands twice, a claim that
would overwrite another (security.md B04 to B06, B08).

Spec: RFC9901
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from credkit.encoding import base64url_decode, base64url_encode, parse_json, sha256
from credkit.errors import (
    InvalidChallengeError,
    InvalidDomainError,
    MalformedValueError,
    ParsingError,
    ProblemError,
    ProofGenerationError,
    ProofVerificationError,
    TooComplexError,
)
from credkit.jose import VerifyingKey, peek_header, peek_payload, sign_compact, verify_compact
from credkit.ports import JSONObject, Randomness, Signer
from credkit.shape import ERA_END, member, numeric_date

Path = tuple[str | int, ...]
KEY_BINDING_TYP = "kb+jwt"
DOCUMENT_TYPS = ("vc+sd-jwt", "vp+sd-jwt")
MAX_CHARACTERS = 8 * 1024 * 1024
MAX_DIGESTS = 2_000
MAX_DEPTH = 16
SALT_BYTES = 16
_RESERVED = frozenset({"_sd", "...", "_sd_alg"})
_KEY_BINDING_AGE = timedelta(minutes=10)
_CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True)
class SdJwt:
    """The parts of the compact form ``jwt~disclosure~…~[key binding]``.

    Attributes:
        disclosures: As they are written, base64url.
        key_binding: The compact KB-JWT, or None.
    """

    jwt: str
    disclosures: tuple[str, ...]
    key_binding: str | None = None

    @property
    def bound(self) -> str:
        """What a key binding is about: everything up to and with the last tilde (RFC9901 #section-4.3.1)."""
        return "~".join((self.jwt, *self.disclosures, ""))

    def __str__(self) -> str:
        return self.bound + (self.key_binding or "")


class Disclosure(NamedTuple):
    """One decoded disclosure; ``name`` is None for an element of an array."""

    text: str
    name: str | None
    value: Any


@dataclass(frozen=True)
class Expanded:
    """A payload with every disclosure in its place.

    Attributes:
        claims: Without ``_sd``, ``...`` and ``_sd_alg``.
        places: Disclosure as written → where its value stands in ``claims``.
    """

    claims: JSONObject
    places: Mapping[str, Path]


def parse_sd_jwt(text: Any) -> SdJwt:
    """The parts of a compact SD-JWT or SD-JWT+KB.

    Raises:
        ParsingError: no text, or without a tilde, or a part is empty.
        TooComplexError: too long, or too many disclosures.

    Spec: RFC9901 #section-4
    """
    if not isinstance(text, str) or "~" not in text:
        raise ParsingError("this is no SD-JWT: it has no disclosures part")
    if len(text) > MAX_CHARACTERS:
        raise TooComplexError("the SD-JWT is too long")
    jwt, *disclosures, last = text.split("~")
    if len(disclosures) > MAX_DIGESTS:
        raise TooComplexError("the SD-JWT has too many disclosures")
    if not jwt or not all(disclosures):
        raise ParsingError("a part of the SD-JWT is empty")
    return SdJwt(jwt, tuple(disclosures), last or None)


def holds_document(text: Any) -> bool:
    """Whether this is an SD-JWT around a VCDM document, not one around claims, which always name a ``vct``.

    ``vc+sd-jwt`` was the ``typ`` of both (VC-JOSE-COSE #with-sd-jwt; draft-ietf-oauth-sd-jwt-vc-18 #section-2.2.1).
    """
    if not isinstance(text, str) or "~" not in text:
        return False
    jwt = text.partition("~")[0]
    try:
        return peek_header(jwt).get("typ") in DOCUMENT_TYPS and "vct" not in peek_payload(jwt)
    except ProblemError:
        return False


def issue_sd_jwt(claims: JSONObject, selective: Sequence[Path], signer: Signer, *, typ: str, randomness: Randomness,
                 header: Mapping[str, Any] | None = None, decoys: int = 0) -> SdJwt:
    """Sign ``claims`` so that what stands at ``selective`` can be shown or kept back, each by itself.

    Args:
        selective: Places of members and array elements; one inside another makes a nested disclosure.
        decoys: So many digests of nothing in every object and array that has real ones.

    Raises:
        ProofGenerationError: a place that is not there, stands twice, or is the whole; a reserved name.

    Spec: RFC9901 #section-4.2, #section-5
    """
    _refuse_reserved(claims)
    payload = copy.deepcopy(claims)
    disclosures: list[str] = []
    for path in sorted(set(selective), key=len, reverse=True):
        disclosures.append(_hide(payload, path, randomness))
    if len(disclosures) != len(selective):
        raise ProofGenerationError("a place to hide was named twice")
    if disclosures:
        payload["_sd_alg"] = "sha-256"
    _mix_in_decoys(payload, decoys, randomness)
    return SdJwt(sign_compact(payload, signer, typ=typ, header=header), tuple(reversed(disclosures)))


def _hide(payload: JSONObject, path: Path, randomness: Randomness) -> str:
    if not path:
        raise ProofGenerationError("what is signed cannot be kept back as a whole")
    value, parent = _look_up(payload, path), _look_up(payload, path[:-1])
    salt = base64url_encode(randomness.token_bytes(SALT_BYTES))
    if isinstance(parent, dict):
        text = _encode([salt, path[-1], value])
        del parent[path[-1]]
        parent["_sd"] = sorted([*parent.get("_sd", []), digest_of(text)])
    else:
        text = _encode([salt, value])
        parent[path[-1]] = {"...": digest_of(text)}
    return text


def _mix_in_decoys(value: Any, decoys: int, randomness: Randomness) -> None:
    """Digests of random bytes beside real ones, in what is signed; inside a disclosed value nothing is added."""
    if isinstance(value, dict):
        for item in value.values():
            _mix_in_decoys(item, decoys, randomness)
        if "_sd" in value:
            value["_sd"] = sorted([*value["_sd"], *(_decoy(randomness) for _ in range(decoys))])
    elif isinstance(value, list):
        for item in value:
            _mix_in_decoys(item, decoys, randomness)
        if any(isinstance(item, dict) and "..." in item for item in value):
            for _ in range(decoys):
                place = int.from_bytes(randomness.token_bytes(8), "big") % (len(value) + 1)
                value.insert(place, {"...": _decoy(randomness)})


def _decoy(randomness: Randomness) -> str:
    return base64url_encode(sha256(randomness.token_bytes(32)))


def _encode(parts: list[Any]) -> str:
    return base64url_encode(json.dumps(parts, ensure_ascii=False, allow_nan=False).encode("utf-8"))


def digest_of(disclosure: str) -> str:
    """The digest by which a payload names a disclosure (RFC9901 #section-4.2.3)."""
    return base64url_encode(sha256(disclosure.encode("ascii")))


def _refuse_reserved(value: Any) -> None:
    if isinstance(value, dict):
        if not _RESERVED.isdisjoint(value):
            raise ProofGenerationError("a claim has a name that SD-JWT keeps for itself")
        for item in value.values():
            _refuse_reserved(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_reserved(item)


def verify_sd_jwt(sd_jwt: SdJwt, key: VerifyingKey, *, typ: str | None) -> Expanded:
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
    claims = expansion.walk({name: item for name, item in payload.items() if name != "_sd_alg"}, ())
    if len(expansion.places) != len(disclosures):
        raise ProofVerificationError("a disclosure belongs to nothing that was signed")
    return Expanded(claims, expansion.places)


def read_disclosure(text: str) -> Disclosure:
    """Decode one disclosure.

    Raises:
        ParsingError: not strict base64url around strict JSON, or not an array of two or three with the right types.
    """
    parts = parse_json(base64url_decode(text))
    if not isinstance(parts, list) or len(parts) not in (2, 3) or not isinstance(parts[0], str):
        raise ParsingError("a disclosure is malformed")
    if len(parts) == 2:
        return Disclosure(text, None, parts[1])
    if not isinstance(parts[1], str) or parts[1] in _RESERVED:
        raise ParsingError("a disclosure names a claim that cannot be")
    return Disclosure(text, parts[1], parts[2])


class _Expansion:
    """One run over a payload; every digest may be met once."""

    def __init__(self, by_digest: Mapping[str, Disclosure]) -> None:
        self._by_digest = by_digest
        self._met: set[str] = set()
        self.places: dict[str, Path] = {}

    def walk(self, value: Any, at: Path) -> Any:
        if len(at) > MAX_DEPTH:
            raise TooComplexError("the SD-JWT is nested too deep")
        if isinstance(value, dict):
            return self._object(value, at)
        if isinstance(value, list):
            return self._array(value, at)
        return value

    def _object(self, value: JSONObject, at: Path) -> JSONObject:
        if "..." in value or "_sd_alg" in value:
            raise ProofVerificationError("a word that SD-JWT keeps for itself stands where it may not")
        found = {name: self.walk(item, (*at, name)) for name, item in value.items() if name != "_sd"}
        digests = value.get("_sd", [])
        if not isinstance(digests, list):
            raise ProofVerificationError("the digests of an object are malformed")
        for digest in digests:
            disclosure = self._meet(digest)
            if disclosure is None:
                continue
            if disclosure.name is None or disclosure.name in found:
                raise ProofVerificationError("a disclosure does not fit where its digest stands")
            found[disclosure.name] = self._disclosed(disclosure, (*at, disclosure.name))
        return found

    def _array(self, value: list[Any], at: Path) -> list[Any]:
        found: list[Any] = []
        for item in value:
            if not (isinstance(item, dict) and "..." in item):
                found.append(self.walk(item, (*at, len(found))))
                continue
            if len(item) != 1:
                raise ProofVerificationError("a digest in an array has something beside it")
            disclosure = self._meet(item["..."])
            if disclosure is None:
                continue
            if disclosure.name is not None:
                raise ProofVerificationError("a disclosure does not fit where its digest stands")
            found.append(self._disclosed(disclosure, (*at, len(found))))
        return found

    def _disclosed(self, disclosure: Disclosure, at: Path) -> Any:
        self.places[disclosure.text] = at
        return self.walk(disclosure.value, at)

    def _meet(self, digest: Any) -> Disclosure | None:
        if not isinstance(digest, str):
            raise ProofVerificationError("a digest is no text")
        if digest in self._met:
            raise ProofVerificationError("a digest stands twice")
        self._met.add(digest)
        if len(self._met) > MAX_DIGESTS:
            raise TooComplexError("the SD-JWT has too many digests")
        return self._by_digest.get(digest)


def choose(sd_jwt: SdJwt, shown: Iterable[Path]) -> SdJwt:
    """The same token with only the disclosures needed to show what stands at ``shown`` and everything below it.

    Raises:
        ProofGenerationError: a place that is not there.

    Spec: RFC9901 #section-7.2
    """
    expanded = peek_sd_jwt(sd_jwt)
    wanted = list(shown)
    for path in wanted:
        _look_up(expanded.claims, path)
    kept = tuple(text for text in sd_jwt.disclosures
                 if any(_is_on_one_line(expanded.places[text], path) for path in wanted))
    return SdJwt(sd_jwt.jwt, kept)


def _look_up(claims: Any, path: Path) -> Any:
    try:
        for step in path:
            claims = claims[step]
    except (KeyError, IndexError, TypeError) as error:
        raise ProofGenerationError("what is to be shown or kept back is not there") from error
    return claims


def _is_on_one_line(one: Path, other: Path) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def bind_key(sd_jwt: SdJwt, signer: Signer, *, nonce: str, audience: str, now: datetime) -> SdJwt:
    """Add the holder's proof that this very selection is for ``audience`` (RFC9901 #section-4.3)."""
    payload = {"iat": int(now.timestamp()), "aud": audience, "nonce": nonce, "sd_hash": digest_of(sd_jwt.bound)}
    return replace(sd_jwt, key_binding=sign_compact(payload, signer, typ=KEY_BINDING_TYP))


def check_key_binding(sd_jwt: SdJwt, key: VerifyingKey, *, nonce: str, audience: str, now: datetime) -> None:
    """Silence means that the holder made this selection for ``audience`` and ``nonce``, at most ten minutes ago.

    Raises:
        ProofVerificationError: there is no key binding, it is about another selection, too old, or does not hold.
        InvalidChallengeError, InvalidDomainError: made for another request or somebody else.
        ParsingError, MalformedValueError, CryptographicSecurityError: see ``verify_compact``.

    Spec: RFC9901 #section-7.3; security.md B05
    """
    if sd_jwt.key_binding is None:
        raise ProofVerificationError("the holder's own signature is missing")
    payload = verify_compact(sd_jwt.key_binding, key, typ=KEY_BINDING_TYP)
    if member(payload, "nonce", str) != nonce:
        raise InvalidChallengeError("the challenge is not the one that was sent", pointer="/nonce")
    if member(payload, "aud", str) != audience:
        raise InvalidDomainError("the presentation was made for somebody else", pointer="/aud")
    if member(payload, "sd_hash", str) != digest_of(sd_jwt.bound):
        raise ProofVerificationError("the holder signed another selection", pointer="/sd_hash")
    made_at = claimed_time(payload, "iat")
    if made_at is None or not now - _KEY_BINDING_AGE <= made_at <= now + _CLOCK_SKEW:
        raise ProofVerificationError("the holder's signature is not from now", pointer="/iat")


def claimed_time(claims: JSONObject, name: str) -> datetime | None:
    """The NumericDate under ``name``, None if absent.

    Raises:
        MalformedValueError: of another type, or no moment between 1970 and 9999.
    """
    if name not in claims:
        return None
    moment = numeric_date(claims[name], before=ERA_END)
    if moment is None:
        raise MalformedValueError("a date of the token is no moment in time", pointer=f"/{name}")
    return moment
