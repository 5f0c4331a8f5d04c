"""OpenID4VCI 1.0: what an issuer says about sealing requests and answers, as a wallet reads it.

Spec: OID4VCI-1.0 #encrypted-messages, #credential-issuer-parameters
"""

from __future__ import annotations

from dataclasses import dataclass

from credkit.errors import CredkitError, UnsupportedError
from credkit.jose import DIRECT_ALG, DIRECT_ENCS, public_encryption_jwk
from credkit.ports import JSONObject
from credkit.protocols._reading import objects, reading, strings
from credkit.shape import member, optional_member


@dataclass(frozen=True)
class Sealing:
    """How to seal a credential request, and what to ask of the answer.

    Attributes:
        request_jwk: The issuer's public key; None: requests go as they are.
        request_enc: The content encryption that goes with it.
        response_enc: The content encryption that the answer must have; None: it may come as it is.
    """

    request_jwk: JSONObject | None = None
    request_enc: str = DIRECT_ENCS[0]
    response_enc: str | None = None


def parse_sealing(document: JSONObject) -> Sealing:
    """What of it an issuer demands; what it only offers is not used, for TLS seals the way already.

    Raises:
        ProtocolError: ``invalid_issuer_metadata``: malformed.
        UnsupportedError: it demands what is not spoken here.
    """
    with reading("invalid_issuer_metadata"):
        response = optional_member(document, "credential_response_encryption", dict) or {}
        request = optional_member(document, "credential_request_encryption", dict) or {}
        seals_answer, seals_request = (
            optional_member(each, "encryption_required", bool) for each in (response, request))
        if not seals_answer and not seals_request:
            return Sealing()
        if not request:
            raise UnsupportedError("the issuer wants to seal its answer, but gives no key to seal the request with")
        response_enc = None
        if seals_answer:
            if DIRECT_ALG not in strings(response, "alg_values_supported", required=True):
                raise UnsupportedError("the issuer seals its answers in a way that is not spoken here")
            response_enc = _enc(response)
        return Sealing(_key(request), _enc(request), response_enc)


def _enc(document: JSONObject) -> str:
    offered = strings(document, "enc_values_supported", required=True)
    found = next((name for name in DIRECT_ENCS if name in offered), None)
    if found is None:
        raise UnsupportedError("the issuer seals in a way that is not spoken here")
    return found


def _key(request: JSONObject) -> JSONObject:
    for jwk in objects(member(request, "jwks", dict), "keys"):
        try:
            return {**public_encryption_jwk(jwk)}
        except CredkitError:
            continue
    raise UnsupportedError("the issuer gives no key that a request can be sealed with here")
