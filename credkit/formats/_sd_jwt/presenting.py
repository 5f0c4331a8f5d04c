"""Showing an SD-JWT: the holder chooses disclosures and signs the choice; the verifier checks that signature.

Spec: RFC9901 #section-4.3, #section-7.2, #section-7.3; security.md B05
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from credkit.encoding import base64url_decode, sha256
from credkit.errors import (
    InvalidChallengeError,
    InvalidDomainError,
    ProofGenerationError,
    ProofVerificationError,
    TooComplexError,
)
from credkit.formats._sd_jwt.parts import (
    CONTAINERS,
    KEY_BINDING_TYP,
    MAX_DEPTH,
    RESERVED,
    Disclosure,
    Path,
    SdJwt,
    claimed_time,
    digest_of,
    digest_of_element,
    read_disclosure,
)
from credkit.jose import VerifyingKey, peek_payload, sign_compact, verify_compact
from credkit.ports import JSONObject, Signer
from credkit.shape import member

_KEY_BINDING_AGE = timedelta(minutes=10)
_CLOCK_SKEW = timedelta(minutes=1)


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
        if isinstance(value, dict) and step in value and step not in RESERVED:
            return value[step]
        for name, item, disclosure in self._hidden(value) if isinstance(value, dict) else self._inside(value):
            if name == step:
                self._keep(disclosure)
                return item
        raise ProofGenerationError("what is to be shown is not there")

    def _show_all(self, value: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise TooComplexError("the SD-JWT is nested too deep")
        for _, item, disclosure in self._inside(value):
            self._keep(disclosure)
            if item.__class__ in CONTAINERS:
                self._show_all(item, depth + 1)

    def _keep(self, disclosure: Disclosure | None) -> None:
        if disclosure is not None:
            self.kept.add(disclosure.text)

    def _inside(self, value: Any) -> Iterator[tuple[str | int, Any, Disclosure | None]]:
        """Name or index, value and disclosure of each member or element that the holder has; open members first."""
        if isinstance(value, dict):
            yield from ((name, item, None) for name, item in value.items() if name not in RESERVED)
            yield from self._hidden(value)
        elif isinstance(value, list):
            yield from ((index, *found) for index, found in enumerate(self._elements(value)))

    def _hidden(self, value: JSONObject) -> Iterator[tuple[str, Any, Disclosure]]:
        for disclosure in map(self._disclosure, _digests_of(value)):
            if disclosure is not None and disclosure.name is not None:
                yield disclosure.name, disclosure.value, disclosure

    def _elements(self, value: list[Any]) -> Iterator[tuple[Any, Disclosure | None]]:
        for item in value:
            if not (isinstance(item, dict) and "..." in item):
                yield item, None
            elif (disclosure := self._disclosure(digest_of_element(item))) is not None:
                yield disclosure.value, disclosure

    def _disclosure(self, digest: Any) -> Disclosure | None:
        text = self._texts.get(base64url_decode(digest))
        if text is None:
            return None
        if text not in self._read:
            self._read[text] = read_disclosure(text)
        return self._read[text]


def _digests_of(value: JSONObject) -> list[Any]:
    digests = value.get("_sd", [])
    if not isinstance(digests, list):
        raise ProofVerificationError("the digests of an object are malformed")
    return digests


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
