"""OpenID4VP 1.0: what making a request (``_v1_0_asking``) and reading one (``_v1_0_asked``) share.

Spec: OID4VP-1.0 #vp_token_request; RFC9101
"""

from __future__ import annotations

from typing import Final

from credkit.jose import peek_payload
from credkit.ports import JSONObject
from credkit.protocols._reading import reading

REQUEST_OBJECT_TYPE: Final = "oauth-authz-req+jwt"
DID_PREFIX: Final = "decentralized_identifier"
X509_SAN_DNS: Final = "x509_san_dns"
X509_HASH: Final = "x509_hash"
REDIRECT_URI: Final = "redirect_uri"
PREFIXES: Final = (DID_PREFIX, X509_SAN_DNS, X509_HASH, REDIRECT_URI)
"""The client identifier prefixes that are spoken here; each is followed by a colon."""
AUDIENCE: Final = "https://self-issued.me/v2"
SD_JWT_ALGORITHMS: Final = ("ES256", "ES384", "EdDSA")
"""What the signer of an SD-JWT and its holder may sign with."""


def build_client_id(did: str) -> str:
    """The client identifier of a verifier known by its DID: ``decentralized_identifier:did:…``."""
    return f"{DID_PREFIX}:{did}"


def peek_request_object(request: str) -> JSONObject:
    """The members of a request object whose signature has not been checked: for logs and messages, not for decisions.

    Raises:
        ProtocolError: ``invalid_request``: no compact JWS.
    """
    with reading("invalid_request"):
        return peek_payload(request)
