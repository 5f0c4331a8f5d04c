"""Compact JWS: signing around any ``Signer``, and verifying with a key that was chosen elsewhere.

A header never chooses trust: ``jwk``, ``jku``, ``x5u``, ``x5c`` and ``kid`` choose nothing when verifying
(security.md B02).

Spec: RFC7515 #section-3.1, #section-5; RFC8725; RFC9864
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from credkit.encoding import base64url_decode, base64url_encode, dump_json, parse_json_object
from credkit.errors import CryptographicSecurityError, MalformedValueError, ParsingError
from credkit.ports import JSONObject, Signer

ALGORITHMS: Final[Mapping[str, str]] = {"EdDSA": "Ed25519", "Ed25519": "Ed25519", "ES256": "ES256", "ES384": "ES384",
                                           "ES512": "ES512"}
"""The ``alg`` values that may stand in a header → the ``algorithm`` the key must have. Read-only."""

MAX_JWS_CHARACTERS = 8 * 1024 * 1024
_MAX_HEADER_CHARACTERS = 64 * 1024
_WIRE_NAMES = {"Ed25519": "EdDSA", "ES256": "ES256", "ES384": "ES384", "ES512": "ES512"}
_RESERVED = frozenset({"alg", "typ", "crit", "b64"})


class VerifyingKey(Protocol):
    """What a public key must be able to do here; ``credkit.keys.PublicKey`` and ``RsaPublicKey`` are such."""

    @property
    def algorithm(self) -> str: ...

    def verify(self, signature: bytes, message: bytes) -> None: ...


class _Parts(NamedTuple):
    header: JSONObject
    payload: bytes
    signature: bytes
    signing_input: bytes


def sign_compact(payload: JSONObject | bytes, signer: Signer, *, typ: str | None,
                 header: Mapping[str, Any] | None = None) -> str:
    """A compact JWS over ``payload``.

    Args:
        payload: A JSON object, or the bytes themselves.
        signer: Decides ``alg``; an Ed25519 key is written ``EdDSA``, as wallets in the field expect.
        typ: The media type of the token, e.g. ``openid4vci-proof+jwt``; None leaves it out.
        header: Further header members, e.g. ``kid``; never ``alg``, ``typ``, ``crit`` or ``b64``.

    Raises:
        MalformedValueError: something that JSON cannot say, or a reserved header member.
        CryptographicSecurityError: a signer whose algorithm is not allowed.

    Spec: RFC7515 #section-5.1
    """
    alg = _WIRE_NAMES.get(signer.algorithm)
    if alg is None:
        raise CryptographicSecurityError("this key cannot sign a token")
    if header and not _RESERVED.isdisjoint(header):
        raise MalformedValueError("a header member is reserved")
    protected = {"alg": alg, **({"typ": typ} if typ is not None else {}), **(header or {})}
    body = payload if isinstance(payload, bytes) else dump_json(payload)
    signing_input = base64url_encode(dump_json(protected)) + "." + base64url_encode(body)
    return signing_input + "." + base64url_encode(signer.sign(signing_input.encode("ascii")))


def peek_header(jws: Any) -> JSONObject:
    """The header of a compact JWS, before trust: only good for finding out which key to ask for.

    Raises:
        ParsingError: not a compact JWS.
        TooComplexError: nested too deep.
    """
    return _split(jws).header


def peek_payload(jws: Any) -> JSONObject:
    """The JSON payload of a compact JWS, before trust.

    Raises:
        ParsingError: not a compact JWS around a JSON object.
        TooComplexError: nested too deep.
    """
    return parse_json_object(_split(jws).payload)


def verify_compact(jws: Any, public_key: VerifyingKey, *, typ: str | tuple[str, ...] | None,
                   allow_rs256: bool = False) -> JSONObject:
    """The payload of a compact JWS whose signature holds under ``public_key``.

    Args:
        jws: Compact serialization; the JSON serializations are refused.
        public_key: Chosen by the caller from what he trusts, never from the header.
        typ: What ``typ`` must be (or one of several), so that no token passes for another kind (RFC8725 #section-3.11);
            None: anything.
        allow_rs256: Also takes RS256, for the Open Badges JWS lane.

    Raises:
        ParsingError: not a compact JWS around a JSON object.
        MalformedValueError: a header member of the wrong type, or another ``typ``.
        CryptographicSecurityError: an algorithm that is not allowed or not the key's; ``crit`` or ``b64``.
        ProofVerificationError: the signature does not hold.

    Spec: RFC7515 #section-5.2; security.md B01 to B03
    """
    parts = _split(jws)
    needed = _needed_algorithm(parts.header, allow_rs256)
    _check_header(parts.header, typ)
    if public_key.algorithm != needed:
        raise CryptographicSecurityError("the algorithm of the token does not fit the key")
    public_key.verify(parts.signature, parts.signing_input)
    return parse_json_object(parts.payload)


def _needed_algorithm(header: JSONObject, allow_rs256: bool) -> str:
    alg = header.get("alg")
    needed = ALGORITHMS.get(alg) if isinstance(alg, str) else None
    if alg == "RS256" and allow_rs256:
        return "RS256"
    if needed is None:
        raise CryptographicSecurityError("the algorithm of the token is not allowed")
    return needed


def _check_header(header: JSONObject, typ: str | tuple[str, ...] | None) -> None:
    if "crit" in header or "b64" in header:
        raise CryptographicSecurityError("the header of the token asks for an extension that is not supported")
    if not all(isinstance(header.get(name, ""), str) for name in ("kid", "typ", "cty", "jku", "x5u")):
        raise MalformedValueError("a member of the token's header has the wrong type")
    if typ is not None and header.get("typ") not in ((typ,) if isinstance(typ, str) else typ):
        raise MalformedValueError("this is a token of another kind")


def _split(jws: Any) -> _Parts:
    if not isinstance(jws, str) or len(jws) > MAX_JWS_CHARACTERS:
        raise ParsingError("a token must be text of bounded length")
    header, separator, rest = jws.partition(".")
    payload, second, signature = rest.partition(".")
    if not separator or not second or not payload or "." in signature or len(header) > _MAX_HEADER_CHARACTERS:
        raise ParsingError("a token must have three parts")
    parsed = parse_json_object(base64url_decode(header))
    return _Parts(parsed, base64url_decode(payload), base64url_decode(signature), f"{header}.{payload}".encode("ascii"))
