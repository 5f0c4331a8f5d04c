"""vc+cose and vp+cose: the JSON of a VCDM 2.0 document as the payload of a COSE_Sign1, in bytes.

What decides (algorithm, kind, kind of content) counts in the protected header alone; the same label in the other one is
refused. Registered claims stand in the header's CWT Claims and agree with the document, as in ``jwt_vc``.

Spec: VC-JOSE-COSE #securing-with-cose; RFC9052 #section-4; RFC9053 #section-2; RFC9596; RFC9597; security.md C08
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from credkit.encoding import cbor_decode, cbor_encode, dump_json, parse_json_object
from credkit.errors import CryptographicSecurityError, MalformedValueError, ParsingError, TooComplexError
from credkit.formats._enveloped import Token, check_content, content_of, read_enveloped
from credkit.jose import VerifyingKey
from credkit.ports import JSONObject, Signer

__all__ = ["ALGORITHMS", "FORMAT", "NAME", "VC_TYP", "VP_TYP", "CoseVcFormat", "Token", "peek_token", "sign_vc_cose",
           "sign_vp_cose", "verify_token"]

NAME = "vc+cose"
VC_TYP: Final = "application/vc+cose"
VP_TYP: Final = "application/vp+cose"
ALGORITHMS: Final[Mapping[int, str]] = {-7: "ES256", -35: "ES384", -36: "ES512", -8: "Ed25519"}
"""COSE's number → the ``algorithm`` the key must have. Read-only."""
MAX_BYTES = 8 * 1024 * 1024
_NUMBERS = {name: number for number, name in ALGORITHMS.items()}
_ALG, _CRIT, _CONTENT_TYPE, _KID, _CWT_CLAIMS, _TYP = 1, 2, 3, 4, 15, 16
_DECIDES = frozenset({_ALG, _CRIT, _CONTENT_TYPE, _CWT_CLAIMS, _TYP})
_AUDIENCE, _NONCE = 3, 10
_CLAIMS = {1: "iss", 2: "sub", _AUDIENCE: "aud", 4: "exp", 5: "nbf", 6: "iat"}
_TAG = b"\xd2"


@dataclass(frozen=True)
class CoseVcFormat:
    """See ``Format``."""

    name: str = NAME

    def is_mine(self, secured: Any) -> bool:
        return isinstance(secured, bytes)


class _Parts(NamedTuple):
    protected: dict[Any, Any]
    unprotected: dict[Any, Any]
    payload: bytes
    signature: bytes
    signed: bytes


def sign_vc_cose(document: JSONObject, signer: Signer, *, key_id: str | None = None) -> bytes:
    """A VCDM 2.0 credential as a tagged COSE_Sign1 (VC-JOSE-COSE #securing-vcs-with-cose).

    Args:
        key_id: ``kid``; the signer's verification method unless given.

    Raises:
        MalformedValueError: something that JSON cannot say.
        CryptographicSecurityError: a signer whose algorithm is not allowed.
    """
    return _sign(document, signer, {_TYP: VC_TYP}, key_id, is_presentation=False)


def sign_vp_cose(document: JSONObject, signer: Signer, *, nonce: str | None, audience: str | None,
                 key_id: str | None = None) -> bytes:
    """A VCDM 2.0 presentation; ``nonce`` and ``audience`` as in ``jwt_vc.sign_vp_jwt``, here in the CWT Claims.

    Spec: VC-JOSE-COSE #securing-vps-with-cose; RFC9597; RFC9711 #section-4.1
    """
    claims: dict[int, Any] = {} if audience is None else {_AUDIENCE: audience}
    claims |= {} if nonce is None else {_NONCE: nonce.encode("utf-8")}
    header: dict[int, Any] = {_TYP: VP_TYP, **({_CWT_CLAIMS: claims} if claims else {})}
    return _sign(document, signer, header, key_id, is_presentation=True)


def _sign(document: JSONObject, signer: Signer, header: Mapping[int, Any], key_id: str | None, *,
          is_presentation: bool) -> bytes:
    number = _NUMBERS.get(signer.algorithm)
    if number is None:
        raise CryptographicSecurityError("this key cannot sign a token")
    kid = (key_id or signer.verification_method).encode("utf-8")
    content = f"application/{content_of(is_presentation)}"
    protected = cbor_encode(dict(sorted({_ALG: number, _CONTENT_TYPE: content, _KID: kid, **header}.items())))
    payload = dump_json(document)
    signature = signer.sign(_to_be_signed(protected, payload))
    return _TAG + cbor_encode([protected, {}, payload, signature])


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure without external data (RFC9052 #section-4.4)."""
    return cbor_encode(["Signature1", protected, b"", payload])


def peek_token(token: Any) -> Token:
    """What a token says before trust: for finding out whose key to ask for; raises like ``verify_token``."""
    return _read(_split(token))


def verify_token(token: Any, key: VerifyingKey) -> Token:
    """What a token says, if ``key`` signed it.

    Args:
        token: The bytes of a COSE_Sign1, with its tag or without.

    Raises:
        ProofVerificationError: the signature does not hold.
        MalformedValueError: a token of another kind, or a registered claim contradicts the document.
        CryptographicSecurityError: an algorithm that is not allowed or not the key's; ``crit``; what decides stands
            outside the signature.
        ParsingError, TooComplexError: not strict CBOR of this form around a JSON object, or too large.

    Spec: VC-JOSE-COSE #alg-cose; RFC9052 #section-4.4
    """
    parts = _split(token)
    needed = parts.protected.get(_ALG)
    if type(needed) is not int or needed not in ALGORITHMS:
        raise CryptographicSecurityError("the algorithm of the token is not allowed")
    if key.algorithm != ALGORITHMS[needed]:
        raise CryptographicSecurityError("the algorithm of the token does not fit the key")
    key.verify(parts.signature, parts.signed)
    return _read(parts)


def _split(token: Any) -> _Parts:
    if not isinstance(token, bytes):
        raise ParsingError("a COSE token must be bytes")
    if len(token) > MAX_BYTES:
        raise TooComplexError("the token is too large")
    items = cbor_decode(token.removeprefix(_TAG), negative=True)
    if not isinstance(items, list) or [type(item) for item in items] != [bytes, dict, bytes, bytes]:
        raise ParsingError("this is no COSE_Sign1 with its payload inside")
    protected, unprotected, payload, signature = items
    header = cbor_decode(protected, negative=True)
    if not isinstance(header, dict):
        raise ParsingError("the header of the token is no map")
    if not (_DECIDES | header.keys()).isdisjoint(unprotected):
        raise CryptographicSecurityError("what decides stands outside the signature, or twice")
    if _CRIT in header:
        raise CryptographicSecurityError("the header of the token asks for an extension that is not supported")
    return _Parts(header, unprotected, payload, signature, _to_be_signed(protected, payload))


def _read(parts: _Parts) -> Token:
    typ, content = parts.protected.get(_TYP), parts.protected.get(_CONTENT_TYPE)
    if typ not in (VC_TYP, VP_TYP):
        raise MalformedValueError("this is a token of another kind", pointer="/typ")
    is_presentation = typ == VP_TYP
    if content is not None and not isinstance(content, str):
        raise MalformedValueError("a member of the token's header has the wrong type", pointer="/cty")
    check_content(content, is_presentation)
    payload, claims = parse_json_object(parts.payload), _read_claims(parts.protected.get(_CWT_CLAIMS, {}))
    if not payload.keys().isdisjoint(claims):
        raise MalformedValueError("a claim stands in the header and in the document")
    key_id = _read_text(parts.protected.get(_KID, parts.unprotected.get(_KID)), "/kid")
    return read_enveloped({**payload, **claims}, key_id, is_presentation=is_presentation)


def _read_claims(claims: Any) -> JSONObject:
    """Registered claims by their JWT names; those that nothing here asks for are left out."""
    if not isinstance(claims, dict):
        raise MalformedValueError("the claims in the token's header are no map")
    found = {name: claims[number] for number, name in _CLAIMS.items() if number in claims}
    nonce = _read_text(claims.get(_NONCE), "/nonce")
    return found if nonce is None else {**found, "nonce": nonce}


def _read_text(value: Any, at: str) -> str | None:
    if value is None:
        return None
    try:
        return bytes.decode(value, "utf-8")
    except (TypeError, UnicodeDecodeError) as error:
        raise MalformedValueError("a member of the token's header has the wrong type", pointer=at) from error


FORMAT = CoseVcFormat()
