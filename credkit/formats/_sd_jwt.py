"""SD-JWT: a signed token of which the holder shows some claims, each behind the digest of a disclosure.

What does not fit is refused, never dropped: a disclosure that no digest names, a digest that stands twice, a claim that
would overwrite another (security.md B04 to B06, B08).

Spec: RFC9901
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from credkit.encoding import base64url_decode, base64url_encode, dump_json, parse_json, sha256
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
# A multiple of three: all salts of a token can be encoded in one go.
_SALT_BYTES = 18
_SALT_CHARACTERS = 24
_Tree = dict[str | int | None, Any]
"""What can be kept back: step → the tree below it; None among the steps: what stands here, as a whole."""
_CONTAINERS = (dict, list)
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
        ParsingError: no text, not ASCII, without a tilde, a part is empty, or the last one is no token.
        TooComplexError: too long, or too many disclosures.

    Spec: RFC9901 #section-4
    """
    if not isinstance(text, str) or "~" not in text:
        raise ParsingError("this is no SD-JWT: it has no disclosures part")
    if not text.isascii():
        raise ParsingError("the SD-JWT holds characters that no part of it may have")
    if len(text) > MAX_CHARACTERS:
        raise TooComplexError("the SD-JWT is too long")
    jwt, *disclosures, last = text.split("~")
    if len(disclosures) > MAX_DIGESTS:
        raise TooComplexError("the SD-JWT has too many disclosures")
    if not jwt or not all(disclosures):
        raise ParsingError("a part of the SD-JWT is empty")
    if last and last.count(".") != 2:
        raise ParsingError("the SD-JWT ends with something that is no token of its holder")
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
    packing = _Packing(randomness, len(selective), decoys)
    payload = packing.pack(claims, _tree_of(selective))
    if packing.disclosures:
        payload["_sd_alg"] = "sha-256"
    return SdJwt(sign_compact(payload, signer, typ=typ, header=header), tuple(reversed(packing.disclosures)))


def _tree_of(selective: Sequence[Path]) -> _Tree:
    root: _Tree = {}
    for path in selective:
        tree = root
        for step in path:
            tree = tree.setdefault(step, {})
        if None in tree:
            raise ProofGenerationError("a place to hide was named twice")
        tree[None] = {}
    if None in root:
        raise ProofGenerationError("what is signed cannot be kept back as a whole")
    return root


class _Packing:
    """One run over claims: what can be kept back becomes a disclosure, its digest takes its place."""

    def __init__(self, randomness: Randomness, count: int, decoys: int) -> None:
        self._randomness, self._decoys = randomness, decoys
        self._salts = base64url_encode(randomness.token_bytes(_SALT_BYTES * count))
        self.disclosures: list[str] = []

    def pack(self, value: Any, tree: _Tree) -> Any:
        """``value`` with digests; the argument stays as it is, and so do its parts that hold none."""
        if isinstance(value, dict):
            return self._object(value, tree)
        if isinstance(value, list):
            return self._array(value, tree)
        raise ProofGenerationError("what is to be kept back is not there")

    def _object(self, value: JSONObject, tree: _Tree) -> JSONObject:
        packed, digests, met = {}, [], int(None in tree)
        for name, item in value.items():
            inner = tree.get(name)
            if inner is None:
                packed[name] = item
                continue
            met += 1
            whole = None in inner
            if len(inner) > whole:
                item = self.pack(item, inner)
            if whole:
                digests.append(self._disclose(dump_json(name) + b"," + dump_json(item)))
            else:
                packed[name] = item
        if met != len(tree):
            raise ProofGenerationError("what is to be kept back is not there")
        if digests:
            packed["_sd"] = sorted([*digests, *(self._decoy() for _ in range(self._decoys))])
        return packed

    def _array(self, value: list[Any], tree: _Tree) -> list[Any]:
        packed = value.copy()
        hidden = False
        for index, inner in tree.items():
            if index is None:
                continue
            if not isinstance(index, int) or not 0 <= index < len(value):
                raise ProofGenerationError("what is to be kept back is not there")
            whole = None in inner
            if len(inner) > whole:
                packed[index] = self.pack(value[index], inner)
            if whole:
                packed[index] = {"...": self._disclose(dump_json(packed[index]))}
                hidden = True
        for _ in range(self._decoys if hidden else 0):
            place = int.from_bytes(self._randomness.token_bytes(8), "big") % (len(packed) + 1)
            packed.insert(place, {"...": self._decoy()})
        return packed

    def _disclose(self, name_and_value: bytes) -> str:
        start = _SALT_CHARACTERS * len(self.disclosures)
        salt = self._salts[start:start + _SALT_CHARACTERS].encode()
        text = base64url_encode(b'["' + salt + b'",' + name_and_value + b"]")
        self.disclosures.append(text)
        return digest_of(text)

    def _decoy(self) -> str:
        return base64url_encode(sha256(self._randomness.token_bytes(32)))


def digest_of(disclosure: str) -> str:
    """The digest by which a payload names a disclosure (RFC9901 #section-4.2.3)."""
    return base64url_encode(sha256(disclosure.encode("ascii")))


def _refuse_reserved(value: JSONObject | list[Any]) -> None:
    if isinstance(value, list):
        items: Iterable[Any] = value
    elif _RESERVED.isdisjoint(value):
        items = value.values()
    else:
        raise ProofGenerationError("a claim has a name that SD-JWT keeps for itself")
    for item in items:
        if isinstance(item, _CONTAINERS):
            _refuse_reserved(item)


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
    claims = expansion.object({name: item for name, item in payload.items() if name != "_sd_alg"}, ())
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

    def object(self, value: JSONObject, at: Path) -> JSONObject:
        """``value`` with its disclosures in their places; ``at`` is where it stands itself."""
        if len(at) >= MAX_DEPTH:
            raise TooComplexError("the SD-JWT is nested too deep")
        found = {}
        for name, item in value.items():
            # Most members are plain values: a call for each of them would be half of the work.
            if isinstance(item, _CONTAINERS) and name != "_sd":
                item = self._walk(item, (*at, name))
            found[name] = item
        if not _RESERVED.isdisjoint(value):
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
            if not isinstance(item, _CONTAINERS):
                found.append(item)
            elif isinstance(item, list) or "..." not in item:
                found.append(self._walk(item, (*at, len(found))))
            elif (disclosure := self._meet(_digest_of_element(item))) is not None:
                if disclosure.name is not None:
                    raise ProofVerificationError("a disclosure does not fit where its digest stands")
                found.append(self._disclosed(disclosure, (*at, len(found))))
        return found

    def _walk(self, value: Any, at: Path) -> Any:
        return self.object(value, at) if isinstance(value, dict) else self._array(value, at)

    def _disclosed(self, disclosure: Disclosure, at: Path) -> Any:
        self.places[disclosure.text] = at
        return self._walk(disclosure.value, at) if isinstance(disclosure.value, _CONTAINERS) else disclosure.value

    def _meet(self, digest: Any) -> Disclosure | None:
        if not isinstance(digest, str):
            raise ProofVerificationError("a digest is no text")
        if digest in self._met:
            raise ProofVerificationError("a digest stands twice")
        self._met.add(digest)
        if len(self._met) > MAX_DIGESTS:
            raise TooComplexError("the SD-JWT has too many digests")
        return self._by_digest.get(digest)


def _digests_of(value: JSONObject) -> list[Any]:
    digests = value.get("_sd", [])
    if not isinstance(digests, list):
        raise ProofVerificationError("the digests of an object are malformed")
    return digests


def _digest_of_element(item: JSONObject) -> Any:
    if len(item) != 1:
        raise ProofVerificationError("a digest in an array has something beside it")
    return item["..."]


def choose(sd_jwt: SdJwt, shown: Iterable[Path]) -> SdJwt:
    """The same token with only the disclosures needed to show what stands at ``shown`` and everything below it.

    The token is the holder's own, verified when it came: only what lies on the way is read here.

    Raises:
        ProofGenerationError: a place that is not there.
        ParsingError, ProofVerificationError, TooComplexError: what lies on the way is malformed.

    Spec: RFC9901 #section-7.2
    """
    choice = _Choice(sd_jwt.disclosures)
    payload = peek_payload(sd_jwt.jwt)
    for path in shown:
        choice.show(payload, path)
    return SdJwt(sd_jwt.jwt, tuple(text for text in sd_jwt.disclosures if text in choice.kept))


class _Choice:
    """The disclosures that are kept, found by going down from the payload to what is to be shown."""

    def __init__(self, disclosures: Iterable[str]) -> None:
        self._texts = {sha256(text.encode("ascii")): text for text in disclosures}
        self._read: dict[str, Disclosure] = {}
        self.kept: set[str] = set()

    def show(self, value: Any, path: Path) -> None:
        for step in path:
            value = self._down(value, step)
        self._show_all(value, len(path))

    def _down(self, value: Any, step: str | int) -> Any:
        if isinstance(value, dict) and step in value and step not in _RESERVED:
            return value[step]
        for name, item, disclosure in self._inside(value):
            if name == step:
                self._keep(disclosure)
                return item
        raise ProofGenerationError("what is to be shown is not there")

    def _show_all(self, value: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise TooComplexError("the SD-JWT is nested too deep")
        for _, item, disclosure in self._inside(value):
            self._keep(disclosure)
            if isinstance(item, _CONTAINERS):
                self._show_all(item, depth + 1)

    def _keep(self, disclosure: Disclosure | None) -> None:
        if disclosure is not None:
            self.kept.add(disclosure.text)

    def _inside(self, value: Any) -> Iterator[tuple[str | int, Any, Disclosure | None]]:
        """Name or index, value and disclosure of each member or element that the holder has; open members first."""
        if isinstance(value, dict):
            yield from ((name, item, None) for name, item in value.items() if name not in _RESERVED)
            for disclosure in map(self._disclosure, _digests_of(value)):
                if disclosure is not None and disclosure.name is not None:
                    yield disclosure.name, disclosure.value, disclosure
        elif isinstance(value, list):
            yield from ((index, *found) for index, found in enumerate(self._elements(value)))

    def _elements(self, value: list[Any]) -> Iterator[tuple[Any, Disclosure | None]]:
        for item in value:
            if not (isinstance(item, dict) and "..." in item):
                yield item, None
            elif (disclosure := self._disclosure(_digest_of_element(item))) is not None:
                yield disclosure.value, disclosure

    def _disclosure(self, digest: Any) -> Disclosure | None:
        text = self._texts.get(base64url_decode(digest))
        if text is None:
            return None
        if text not in self._read:
            self._read[text] = read_disclosure(text)
        return self._read[text]


def bind_key(sd_jwt: SdJwt, signer: Signer, *, nonce: str, audience: str, now: datetime) -> SdJwt:
    """Add the holder's proof that this very selection is for ``audience`` (RFC9901 #section-4.3)."""
    payload = {"iat": int(now.timestamp()), "aud": audience, "nonce": nonce, "sd_hash": digest_of(sd_jwt.bound)}
    return SdJwt(sd_jwt.jwt, sd_jwt.disclosures, sign_compact(payload, signer, typ=KEY_BINDING_TYP))


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
