"""vc+sd-jwt and vp+sd-jwt: a VCDM 2.0 document of which the holder shows some members.

The payload is the document, as in ``vc+jwt``; what a verifier needs for its decision is never among what can be kept
back. The first SD-JWT VCs had the same ``typ``: those name a ``vct`` and belong to ``sd_jwt_vc``.

Spec: VC-JOSE-COSE #with-sd-jwt; RFC9901; security.md B04 to B09
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from credkit.errors import MalformedValueError, ProofGenerationError, ProofVerificationError
from credkit.formats._enveloped import Token, check_content, for_request, header_of, read_enveloped
from credkit.formats._sd_jwt import (
    Expanded,
    Path,
    SdJwt,
    bind_key,
    check_key_binding,
    choose,
    holds_document,
    issue_sd_jwt,
    parse_sd_jwt,
    peek_sd_jwt,
    verify_sd_jwt,
)
from credkit.jose import VerifyingKey, peek_header
from credkit.ports import JSONObject, Randomness, Signer
from credkit.shape import optional_member

__all__ = ["FORMAT", "NAME", "NEVER_SELECTIVE", "VC_TYP", "VP_TYP", "Path", "SdJwt", "Token", "VcSdJwtFormat",
           "bind_key", "check_key_binding", "choose", "parse_sd_jwt", "peek_token", "sign_vc_sd_jwt", "sign_vp_sd_jwt",
           "verify_token"]

NAME = "vc+sd-jwt"
VC_TYP: Final = NAME
VP_TYP: Final = "vp+sd-jwt"
NEVER_SELECTIVE = frozenset({"@context", "issuer", "validFrom", "validUntil", "credentialStatus", "iss", "nbf", "exp",
                             "cnf"})
"""Top-level members of which nothing may stand in a disclosure, ours or anyone's: without them nobody can decide."""
_NEVER_OURS = NEVER_SELECTIVE | {"type", "credentialSchema"}


@dataclass(frozen=True)
class VcSdJwtFormat:
    """See ``Format``."""

    name: str = NAME

    def is_mine(self, secured: Any) -> bool:
        return holds_document(secured)


def sign_vc_sd_jwt(document: JSONObject, signer: Signer, *, selective: Sequence[Path], randomness: Randomness,
                   key_id: str | None = None, decoys: int = 0) -> str:
    """A VCDM 2.0 credential with every disclosure, as the holder gets it.

    Args:
        selective: Places in ``document`` of what can be kept back, each by itself.
        key_id: ``kid``; the signer's verification method unless given.

    Raises:
        ProofGenerationError: something may not be kept back, or is not there.

    Spec: VC-JOSE-COSE #securing-with-sd-jwt
    """
    _check_selective(selective)
    header = header_of(signer, key_id, is_presentation=False)
    return str(issue_sd_jwt(document, selective, signer, typ=VC_TYP, randomness=randomness, header=header,
                            decoys=decoys))


def sign_vp_sd_jwt(document: JSONObject, signer: Signer, *, selective: Sequence[Path], randomness: Randomness,
                   nonce: str | None, audience: str | None, key_id: str | None = None) -> str:
    """A VCDM 2.0 presentation with every disclosure; ``nonce`` and ``audience`` as in ``jwt_vc.sign_vp_jwt``.

    Spec: VC-JOSE-COSE #securing-vps-sd-jwt
    """
    _check_selective(selective)
    header = header_of(signer, key_id, is_presentation=True)
    return str(issue_sd_jwt(for_request(document, nonce, audience), selective, signer, typ=VP_TYP,
                            randomness=randomness, header=header))


def _check_selective(selective: Sequence[Path]) -> None:
    if any(path and path[0] in _NEVER_OURS for path in selective):
        raise ProofGenerationError("issuer, dates, kind, schema and status can never be kept back")


def peek_token(sd_jwt: SdJwt) -> Token:
    """What is shown, before trust: for finding out whose key to ask for; raises like ``verify_token``."""
    return _read(sd_jwt, peek_sd_jwt(sd_jwt))


def verify_token(sd_jwt: SdJwt, key: VerifyingKey) -> Token:
    """What is shown, if ``key`` signed it; the holder's own signature is ``check_key_binding``'s question.

    Raises:
        ProofVerificationError: the signature does not hold, a digest and a disclosure do not fit, or a member that can
            never be kept back stands in a disclosure.
        MalformedValueError: a token of another kind, or a registered claim contradicts the document.
        ParsingError, CryptographicSecurityError, TooComplexError: see ``verify_sd_jwt``.

    Spec: VC-JOSE-COSE #alg-sd-jwt
    """
    return _read(sd_jwt, verify_sd_jwt(sd_jwt, key, typ=None))


def _read(sd_jwt: SdJwt, expanded: Expanded) -> Token:
    header = peek_header(sd_jwt.jwt)
    if header.get("typ") not in (VC_TYP, VP_TYP) or "vct" in expanded.claims:
        raise MalformedValueError("this is a token of another kind", pointer="/typ")
    is_presentation = header["typ"] == VP_TYP
    check_content(optional_member(header, "cty", str), is_presentation)
    if any(place[0] in NEVER_SELECTIVE for place in expanded.places.values()):
        raise ProofVerificationError("a member that can never be kept back stands in a disclosure")
    return read_enveloped(expanded.claims, optional_member(header, "kid", str), is_presentation=is_presentation)


FORMAT = VcSdJwtFormat()
