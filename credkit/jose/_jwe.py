"""What both kinds of compact JWE share: the parts and the members of a header before any key is used, sealing, opening.

The only door to joserfc (docs/decisions/0027).

Spec: RFC7516 #section-5.2, #section-7.1
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry, decrypt_compact, encrypt_compact
from joserfc.jwk import ECKey, OKPKey

from credkit.encoding import base64url_decode, parse_json_object
from credkit.errors import CryptographicSecurityError, MalformedValueError, ParsingError, ProofVerificationError
from credkit.ports import JSONObject
from credkit.shape import member

_MAX_JWE_CHARACTERS: Final = 16 * 1024 * 1024
_MAX_HEADER_CHARACTERS: Final = 16 * 1024
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_ALLOWED_HEADER: Final = frozenset({"alg", "enc", "epk", "kid", "typ", "cty", "apu", "apv"})


def protected_header(jwe: Any, *, key_bytes: int) -> JSONObject:
    """The protected header of a compact JWE, before trust.

    Args:
        key_bytes: How long the encrypted key must be; 0 where the key is agreed on directly.

    Raises:
        ParsingError, MalformedValueError: no compact JWE of bounded length.
        CryptographicSecurityError: a part has another length than AES-GCM makes.
    """
    if not isinstance(jwe, str) or len(jwe) > _MAX_JWE_CHARACTERS:
        raise ParsingError("a sealed text must be text of bounded length")
    parts = jwe.split(".", 5)
    if len(parts) != 5:
        raise ParsingError("a sealed text must have five parts")
    lengths = [len(base64url_decode(part)) for part in parts]
    if (lengths[1], lengths[2], lengths[4]) != (key_bytes, _NONCE_BYTES, _TAG_BYTES):
        raise CryptographicSecurityError("a part of the sealed text has the wrong length")
    return parse_json_object(base64url_decode(parts[0]))


def check_members(header: JSONObject, *, alg: str, encs: Collection[str]) -> JSONObject:
    """The ephemeral public key, whose curve is still to be checked; whatever could choose another path is refused.

    Raises:
        MalformedValueError: a member of the wrong type.
        CryptographicSecurityError: another algorithm, ``zip``, ``crit``, a member we do not know, or a secret key.
    """
    if header.get("alg") != alg or header.get("enc") not in tuple(encs):
        raise CryptographicSecurityError("the algorithm of the sealed text is not allowed")
    if not header.keys() <= _ALLOWED_HEADER:
        raise CryptographicSecurityError("the header of the sealed text asks for something that is not supported")
    if not all(isinstance(value, str) for name, value in header.items() if name != "epk"):
        raise MalformedValueError("a member of the header has the wrong type")
    ephemeral: JSONObject = member(header, "epk", dict)
    if "d" in ephemeral:
        raise CryptographicSecurityError("the header of the sealed text holds a secret key")
    return ephemeral


def seal_with(payload: bytes, header: Mapping[str, str], jwk: Mapping[str, str]) -> str:
    """Seal ``payload`` for a public key.

    Args:
        header: The protected header, ``alg`` and ``enc`` among it.
        jwk: ``kty`` ``OKP`` or ``EC``, and no other members than the key's own.

    Returns:
        Compact serialization.

    Raises:
        MalformedValueError: no such key. CryptographicSecurityError: nothing can be sealed for it.
    """
    key, bounds = _key(jwk), _Bounds(algorithms=(header["alg"], header["enc"]))
    try:
        return encrypt_compact({**header}, payload, key, registry=bounds)
    except (JoseError, ValueError) as error:
        raise CryptographicSecurityError("nothing can be sealed for this key") from error


def open_with(jwe: str, jwk: Mapping[str, str], algorithms: Collection[str]) -> bytes:
    """The payload of a compact JWE.

    Args:
        jwk: The private key, as in ``seal_with``, with ``d``.

    Raises:
        MalformedValueError: no such key. ProofVerificationError: it was sealed for another one, or was changed.
    """
    key = _key(jwk)
    try:
        payload = decrypt_compact(jwe, key, registry=_Bounds(algorithms=algorithms)).plaintext
    except (JoseError, ValueError) as error:
        raise ProofVerificationError("this was sealed for another key, or was changed") from error
    assert payload is not None
    return payload


def _key(jwk: Mapping[str, str]) -> OKPKey | ECKey:
    kind: type[OKPKey] | type[ECKey] = OKPKey if jwk["kty"] == "OKP" else ECKey
    try:
        return kind.import_key({**jwk})
    except (JoseError, ValueError) as error:
        raise MalformedValueError("this is not a key of its curve") from error


class _Bounds(JWERegistry):
    """As long as we take it: whole answers of wallets are sealed."""

    max_protected_header_length = _MAX_HEADER_CHARACTERS
    max_ciphertext_length = _MAX_JWE_CHARACTERS
