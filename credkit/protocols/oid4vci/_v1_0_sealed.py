"""OpenID4VCI 1.0: the issuer's half of encrypted requests and answers.

Spec: OID4VCI-1.0 #credential-request-encryption, #encrypted-messages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from credkit.encoding import dump_json
from credkit.errors import MalformedValueError
from credkit.jose import DIRECT_ALG, DIRECT_ENCS, decrypt_direct, encrypt_direct, public_encryption_jwk
from credkit.ports import JSONObject
from credkit.protocols._reading import json_object, reading, text
from credkit.protocols.oid4vci.messages import ResponseEncryption
from credkit.shape import member, optional_member

SEALED_CONTENT_TYPE: Final = "application/jwt"
_ERROR = "invalid_encryption_parameters"


def build_encryption_metadata(request_jwk: Mapping[str, Any]) -> JSONObject:
    """What the issuer metadata say: both ways are offered, neither is demanded.

    Args:
        request_jwk: The public key for requests, with ``kid``, ``alg`` and ``use``.
    """
    encs = {"enc_values_supported": list(DIRECT_ENCS), "encryption_required": False}
    return {"credential_request_encryption": {"jwks": {"keys": [public_encryption_jwk(request_jwk)]}, **encs},
            "credential_response_encryption": {"alg_values_supported": [DIRECT_ALG], **encs}}


def open_request(sealed: bytes, private_jwk: Mapping[str, Any]) -> JSONObject:
    """The request in a JWE to the issuer's key.

    Raises:
        ProtocolError: ``invalid_encryption_parameters``: not sealed for this key, or in a way that is not offered.
    """
    with reading(_ERROR):
        try:
            return json_object(decrypt_direct(sealed.decode("ascii"), private_jwk))
        except UnicodeDecodeError as error:
            raise MalformedValueError("a sealed text holds ASCII alone") from error


def parse_response_encryption(document: JSONObject) -> ResponseEncryption | None:
    """How the wallet wants the answer sealed; None if it does not.

    Raises:
        ProtocolError: ``invalid_encryption_parameters``: malformed, or in a way that is not offered.
    """
    if "credential_response_encryption" not in document:
        return None
    with reading(_ERROR):
        wanted = member(document, "credential_response_encryption", dict)
        enc = text(wanted, "enc")
        if enc not in DIRECT_ENCS or "zip" in wanted:
            raise MalformedValueError("the answer cannot be sealed in this way")
        if optional_member(wanted, "alg", str) not in (None, DIRECT_ALG):
            raise MalformedValueError("the answer cannot be sealed in this way")
        return ResponseEncryption(public_encryption_jwk(member(wanted, "jwk", dict)), enc)


def seal_response(document: JSONObject, wanted: ResponseEncryption) -> str:
    """The answer as a compact JWE to the wallet's key (#encrypted-messages)."""
    return encrypt_direct(dump_json(document), wanted.jwk, enc=wanted.enc)
