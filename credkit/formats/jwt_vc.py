"""Credentials and presentations as compact JWS, in the three ways of writing them that are in use.

- ``vc+jwt`` and ``vp+jwt``: the payload is the VCDM 2.0 document itself; dates among the registered claims are the
  signature's own, not the record's (VC-JOSE-COSE).
- ``jwt_vc_json``: VCDM 1.1 under the claim ``vc`` or ``vp``, with issuer, holder and dates moved to registered claims.
- The Open Badges JWS: the payload is the badge, with registered claims beside its members.

A registered claim that says something else than the document is refused: two stories under one signature.

Spec: VC-JOSE-COSE #with-jose; VC-DATA-MODEL-1.1 #json-web-token; OB-3.0 #jwt-proof
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from credkit.credential import V1_CONTEXT, context_version
from credkit.errors import MalformedValueError
from credkit.formats._enveloped import (
    Token,
    agree,
    check_content,
    for_request,
    header_of,
    read_enveloped,
    split,
)
from credkit.formats._sd_jwt import claimed_time
from credkit.jose import VerifyingKey, peek_header, peek_payload, sign_compact, verify_compact
from credkit.ports import JSONObject, Signer
from credkit.shape import format_date_time, id_of, optional_member, parse_date_time

__all__ = ["FORMAT", "NAME", "VC_TYP", "VP_TYP", "JwtVcFormat", "Token", "is_plain_json", "peek_token",
           "sign_jwt_vc_json", "sign_vc_jwt", "sign_vp_jwt", "sign_vp_jwt_json", "verify_token"]

NAME = "jwt_vc_json"
VC_TYP: Final = "vc+jwt"
VP_TYP: Final = "vp+jwt"
_LEGACY_TYPS = (None, "JWT")
_DATES = {"1.1": ("issuanceDate", "expirationDate"), "2.0": ("validFrom", "validUntil")}


@dataclass(frozen=True)
class JwtVcFormat:
    """See ``Format``."""

    name: str = NAME

    def is_mine(self, secured: Any) -> bool:
        return isinstance(secured, str) and "~" not in secured and secured.count(".") == 2


def sign_vc_jwt(document: JSONObject, signer: Signer, *, key_id: str | None = None) -> str:
    """A VCDM 2.0 credential as ``vc+jwt`` (VC-JOSE-COSE #securing-with-jose).

    Args:
        key_id: ``kid``; the signer's verification method unless given.
    """
    return sign_compact(document, signer, typ=VC_TYP, header=header_of(signer, key_id, is_presentation=False))


def sign_vp_jwt(document: JSONObject, signer: Signer, *, nonce: str | None, audience: str | None,
                key_id: str | None = None) -> str:
    """A VCDM 2.0 presentation as ``vp+jwt`` (VC-JOSE-COSE #securing-vps-with-jose).

    Args:
        nonce, audience: Of the one request it is for; None leaves them out, and then anyone may show it again.
    """
    return sign_compact(for_request(document, nonce, audience), signer, typ=VP_TYP,
                        header=header_of(signer, key_id, is_presentation=True))


def sign_jwt_vc_json(document: JSONObject, signer: Signer, *, key_id: str | None = None) -> str:
    """A VCDM 1.1 credential under the claim ``vc`` (VC-DATA-MODEL-1.1 #jwt-encoding).

    Raises:
        MalformedValueError: no VCDM 1.1 credential with one subject and whole seconds.
    """
    begins, ends = (parse_date_time(document[name], at=f"/{name}") if name in document else None
                    for name in _DATES["1.1"])
    if begins is None:
        raise MalformedValueError("the member issuanceDate is missing", pointer="/issuanceDate")
    claims: JSONObject = {"iss": id_of(document.get("issuer")), "nbf": int(begins.timestamp()), "vc": document}
    subject, identifier = id_of(document.get("credentialSubject")), document.get("id")
    claims |= {"sub": subject} if subject else {}
    claims |= {"jti": identifier} if isinstance(identifier, str) else {}
    claims |= {"exp": int(ends.timestamp())} if ends else {}
    return sign_compact(claims, signer, typ="JWT", header={"kid": key_id or signer.verification_method})


def is_plain_json(secured: Any) -> bool:
    """Whether this is a token of VCDM 1.1 with its document under ``vc`` or ``vp``, which is JSON and needs no JSON-LD.

    Raises:
        ParsingError, TooComplexError: it looks like a token and cannot be read.
    """
    if not FORMAT.is_mine(secured) or peek_header(secured).get("typ") not in _LEGACY_TYPS:
        return False
    return not {"vc", "vp"}.isdisjoint(peek_payload(secured))


def sign_vp_jwt_json(credentials: Sequence[str], signer: Signer, *, holder: str, nonce: str, audience: str,
                     now: datetime) -> str:
    """A VCDM 1.1 presentation of JWT credentials under the claim ``vp`` (VC-DATA-MODEL-1.1 #jwt-encoding).

    Args:
        nonce, audience: Of the one request it is for.
    """
    presentation: JSONObject = {"@context": [V1_CONTEXT], "type": ["VerifiablePresentation"],
                                "verifiableCredential": list(credentials)}
    claims: JSONObject = {"iss": holder, "aud": audience, "nonce": nonce, "iat": int(now.timestamp()),
                          "vp": presentation}
    return sign_compact(claims, signer, typ="JWT", header={"kid": signer.verification_method})


def peek_token(token: Any) -> Token:
    """What a token says before trust: for finding out whose key to ask for; raises like ``verify_token``."""
    return _read(peek_header(token), peek_payload(token))


def verify_token(token: Any, key: VerifyingKey, *, allow_rs256: bool = False) -> Token:
    """What a token says, if ``key`` signed it.

    Args:
        allow_rs256: Also takes RS256, for Open Badges.

    Raises:
        ProofVerificationError: the signature does not hold.
        MalformedValueError: a token of another kind, or a registered claim contradicts the document.
        ParsingError, CryptographicSecurityError: see ``verify_compact``.
    """
    header = peek_header(token)
    payload = verify_compact(token, key, typ=None, allow_rs256=allow_rs256)
    return _read(header, payload)


def _read(header: JSONObject, payload: JSONObject) -> Token:
    typ, key_id = header.get("typ"), optional_member(header, "kid", str)
    if typ in (VC_TYP, VP_TYP):
        is_presentation = typ == VP_TYP
        check_content(optional_member(header, "cty", str), is_presentation)
        return read_enveloped(payload, key_id, is_presentation=is_presentation)
    if typ not in _LEGACY_TYPS:
        raise MalformedValueError("this is a token of another kind", pointer="/typ")
    for name in ("vc", "vp"):
        if name in payload:
            return _read_legacy(payload, name, key_id)
    if "@context" not in payload:
        raise MalformedValueError("the token holds no credential")
    return _read_badge(payload, key_id)


def _read_badge(payload: JSONObject, key_id: str | None) -> Token:
    """An Open Badge with registered claims beside its members (OB-3.0 #jwt-proof)."""
    document, claims = split(payload)
    version = context_version(document)
    agree(claims, "iss", id_of(document.get("issuer")))
    agree(claims, "jti", document.get("id"))
    agree(claims, "sub", id_of(document.get("credentialSubject")))
    _check_times(claims, document, version)
    return Token(document, claims, False, key_id)


def _read_legacy(payload: JSONObject, name: str, key_id: str | None) -> Token:
    """VCDM 1.1: the document says what the registered claims say, or gets it (VC-DATA-MODEL-1.1 #jwt-decoding)."""
    inner = payload[name]
    if not isinstance(inner, dict):
        raise MalformedValueError("the credential in the token must be an object", pointer=f"/{name}")
    claims = {key: value for key, value in payload.items() if key != name}
    document = dict(inner)
    owner = "holder" if name == "vp" else "issuer"
    _fill(document, owner, optional_member(claims, "iss", str))
    agree(claims, "iss", id_of(document.get(owner)))
    _fill(document, "id", optional_member(claims, "jti", str))
    agree(claims, "jti", document.get("id"))
    if name == "vc":
        _fill_subject(document, optional_member(claims, "sub", str))
        begins, ends = claimed_time(claims, "nbf") or claimed_time(claims, "iat"), claimed_time(claims, "exp")
        _fill(document, "issuanceDate", None if begins is None else format_date_time(begins))
        _fill(document, "expirationDate", None if ends is None else format_date_time(ends))
        _check_times(claims, document, "1.1")
    return Token(document, claims, name == "vp", key_id)


def _fill(document: JSONObject, name: str, value: str | None) -> None:
    if name not in document and value is not None:
        document[name] = value


def _fill_subject(document: JSONObject, subject: str | None) -> None:
    found = document.get("credentialSubject")
    if subject is None or not isinstance(found, dict):
        return
    if "id" not in found:
        document["credentialSubject"] = {"id": subject, **found}
    elif found["id"] != subject:
        raise MalformedValueError("the token names another subject than the document", pointer="/sub")


def _check_times(claims: JSONObject, document: JSONObject, version: str) -> None:
    """``nbf`` and ``exp`` must be the document's dates, to the second."""
    claimed_time(claims, "iat")
    for claim, name in zip(("nbf", "exp"), _DATES[version], strict=True):
        moment = claimed_time(claims, claim)
        if moment is None:
            continue
        said = parse_date_time(document.get(name), at=f"/{name}")
        if int(said.timestamp()) != int(moment.timestamp()):
            raise MalformedValueError("the token says something else than the document in it", pointer=f"/{claim}")


FORMAT = JwtVcFormat()
