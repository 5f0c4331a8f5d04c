"""The parts of an SD-JWT as they are written: token, disclosures, key binding.

Spec: RFC9901 #section-4
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from credkit.encoding import base64url_decode, base64url_encode, parse_json, sha256
from credkit.errors import MalformedValueError, ParsingError, ProblemError, ProofVerificationError, TooComplexError
from credkit.jose import peek_header, peek_payload
from credkit.ports import JSONObject
from credkit.shape import ERA_END, numeric_date

Path = tuple[str | int, ...]
KEY_BINDING_TYP = "kb+jwt"
DOCUMENT_TYPS = ("vc+sd-jwt", "vp+sd-jwt")
MAX_CHARACTERS = 8 * 1024 * 1024
MAX_DIGESTS = 2_000
MAX_DEPTH = 16
RESERVED = frozenset({"_sd", "...", "_sd_alg"})
CONTAINERS: Final[frozenset[Any]] = frozenset({dict, list})
"""The classes of JSON values that hold others."""


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


def digest_of(disclosure: str) -> str:
    """The digest by which a payload names a disclosure (RFC9901 #section-4.2.3)."""
    return base64url_encode(sha256(disclosure.encode("ascii")))


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
    if not isinstance(parts[1], str) or parts[1] in RESERVED:
        raise ParsingError("a disclosure names a claim that cannot be")
    return Disclosure(text, parts[1], parts[2])


def digest_of_element(item: JSONObject) -> Any:
    if len(item) != 1:
        raise ProofVerificationError("a digest in an array has something beside it")
    return item["..."]


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
