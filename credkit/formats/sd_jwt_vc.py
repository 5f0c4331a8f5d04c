"""dc+sd-jwt: a credential whose claims a holder shows one by one.

The issuer signs digests of claims, the holder passes on the claims to be shown and binds them to a request with the key
in ``cnf``. Issuer, dates, kind, holder and status are never among what can be kept back.

Spec: draft-ietf-oauth-sd-jwt-vc-18; RFC9901; security.md B04 to B09
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from credkit.errors import Expired, MalformedValueError, NotYetValid, ProofGenerationError, ProofVerificationError
from credkit.formats._sd_jwt import (
    Expanded,
    Path,
    SdJwt,
    bind_key,
    check_key_binding,
    choose,
    claimed_time,
    holds_document,
    issue_sd_jwt,
    parse_sd_jwt,
    peek_sd_jwt,
    verify_sd_jwt,
)
from credkit.jose import VerifyingKey
from credkit.ports import JSONObject, Randomness, Signer
from credkit.shape import member, optional_member

__all__ = ["FORMAT", "NAME", "NEVER_SELECTIVE", "OLD_TYP", "Expanded", "Path", "SdJwt", "SdJwtVcFormat", "bind_key",
           "check_key_binding", "check_validity", "choose", "holder_of", "issue_sd_jwt_vc", "parse_sd_jwt",
           "peek_sd_jwt_vc", "verify_sd_jwt_vc"]

NAME = "dc+sd-jwt"
OLD_TYP = "vc+sd-jwt"
"""The ``typ`` that issuers wrote before November 2024; read, never written."""
NEVER_SELECTIVE = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"})


@dataclass(frozen=True)
class SdJwtVcFormat:
    """See ``Format``."""

    name: str = NAME

    def is_mine(self, secured: Any) -> bool:
        return isinstance(secured, str) and "~" in secured and not holds_document(secured)


def issue_sd_jwt_vc(claims: JSONObject, signer: Signer, *, selective: Sequence[Path], randomness: Randomness,
                    header: Mapping[str, Any] | None = None, decoys: int = 0) -> str:
    """The compact credential with every disclosure, as the holder gets it.

    Args:
        claims: With ``vct``; usually ``iss``, ``iat``, ``exp``, ``cnf`` and ``status`` besides the person's own.
        selective: Places in ``claims`` of what can be kept back, each by itself.
        header: ``kid`` or ``x5c``.

    Raises:
        MalformedValueError: a registered claim is missing or of the wrong form.
        ProofGenerationError: something may not be kept back, or is not there.

    Spec: draft-ietf-oauth-sd-jwt-vc-18 #section-2
    """
    _check_claims(claims)
    if any(path and path[0] in NEVER_SELECTIVE for path in selective):
        raise ProofGenerationError("issuer, dates, kind, holder and status can never be kept back")
    return str(issue_sd_jwt(claims, selective, signer, typ=NAME, randomness=randomness, header=header, decoys=decoys))


def peek_sd_jwt_vc(sd_jwt: SdJwt) -> JSONObject:
    """The claims before trust: for finding out whose key to ask for; raises like ``verify_sd_jwt_vc``."""
    return _checked(peek_sd_jwt(sd_jwt)).claims


def verify_sd_jwt_vc(sd_jwt: SdJwt, key: VerifyingKey) -> Expanded:
    """The issuer's claims that are shown, if the issuer's key signed them.

    Raises:
        ProofVerificationError: the signature does not hold, a digest and a disclosure do not fit, or a claim that can
            never be kept back stands in a disclosure.
        MalformedValueError: a registered claim is missing or of the wrong form, or this is a token of another kind.
        ParsingError, CryptographicSecurityError, TooComplexError: see ``verify_sd_jwt``.

    Spec: draft-ietf-oauth-sd-jwt-vc-18 #section-2.5
    """
    return _checked(verify_sd_jwt(sd_jwt, key, typ=(NAME, OLD_TYP)))


def _checked(expanded: Expanded) -> Expanded:
    if any(place[0] in NEVER_SELECTIVE for place in expanded.places.values()):
        raise ProofVerificationError("a claim that can never be kept back stands in a disclosure")
    _check_claims(expanded.claims)
    return expanded


def _check_claims(claims: JSONObject) -> None:
    if not member(claims, "vct", str):
        raise MalformedValueError("vct is empty", pointer="/vct")
    for name in ("iss", "sub", "vct#integrity", "jti"):
        optional_member(claims, name, str)
    for name in ("iat", "nbf", "exp"):
        claimed_time(claims, name)
    optional_member(claims, "status", dict)
    others = optional_member(claims, "aka_vcts", list)
    if others is not None and not all(isinstance(each, str) for each in others):
        raise MalformedValueError("aka_vcts holds something that is no text", pointer="/aka_vcts")
    holder_of(claims)


def holder_of(claims: JSONObject) -> JSONObject | str | None:
    """The holder's key in ``cnf``: a JWK, or the DID URL of one; None if the credential is bound to nobody.

    Raises:
        MalformedValueError: ``cnf`` is of another form, or has both.

    Spec: RFC7800 #section-3
    """
    confirmation = optional_member(claims, "cnf", dict)
    if confirmation is None:
        return None
    jwk = optional_member(confirmation, "jwk", dict, at="/cnf")
    kid = optional_member(confirmation, "kid", str, at="/cnf")
    if (jwk is None) == (kid is None):
        raise MalformedValueError("the holder's key is named in a way that is not supported", pointer="/cnf")
    return kid if jwk is None else jwk


def check_validity(claims: JSONObject, now: datetime) -> None:
    """Raise ``NotYetValid`` or ``Expired`` if ``now`` lies outside ``nbf`` and ``exp`` (RFC7519 #section-4.1)."""
    begins, ends = claimed_time(claims, "nbf"), claimed_time(claims, "exp")
    if begins is not None and now < begins:
        raise NotYetValid("the record is not valid yet", pointer="/nbf")
    if ends is not None and now >= ends:
        raise Expired("the record is no longer valid", pointer="/exp")


FORMAT = SdJwtVcFormat()
