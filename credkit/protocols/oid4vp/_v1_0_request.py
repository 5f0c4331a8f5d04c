"""OpenID4VP 1.0: building the signed request object; ``_v1_0_asked`` reads it.

Spec: OID4VP-1.0 #vp_token_request; RFC9101
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from credkit.jose import peek_payload, sign_compact
from credkit.ports import JSONObject, Signer
from credkit.protocols import dcql
from credkit.protocols._reading import reading

REQUEST_OBJECT_TYPE: Final = "oauth-authz-req+jwt"
DID_PREFIX: Final = "decentralized_identifier"
AUDIENCE: Final = "https://self-issued.me/v2"
SD_JWT_ALGORITHMS: Final = ("ES256", "ES384", "EdDSA")
"""What the signer of an SD-JWT and its holder may sign with."""


def build_client_id(did: str) -> str:
    """The client identifier of a verifier known by its DID: ``decentralized_identifier:did:…``."""
    return f"{DID_PREFIX}:{did}"


def build_request_object(signer: Signer, *, client_id: str, response_uri: str, dcql_query: JSONObject, nonce: str,
                         state: str, now: datetime, lifetime_s: int, cryptosuites: Sequence[str],
                         purpose: str | None = None, client_name: str | None = None,
                         wallet_nonce: str | None = None, purpose_until: datetime | None = None) -> str:
    """A signed request for presentations by ``direct_post``, as compact JWS; it lists the formats that are asked for.

    Args:
        signer: Its ``verification_method`` is a key of the DID in ``client_id``.
        dcql_query: Checked with ``dcql.parse_query`` before it is signed.
        cryptosuites: The Data Integrity suites that will be taken.
        purpose: Why it is asked, 3 to 300 characters (see ``v1_0``).
        wallet_nonce: From ``parse_request_uri_form``.
        purpose_until: Until when the verifier uses what it gets (see ``v1_0``).

    Raises:
        ProtocolError: ``invalid_request``: the query is malformed.
    """
    metadata: JSONObject = {"vp_formats_supported": _formats_in(dcql.parse_query(dcql_query), cryptosuites)}
    payload: JSONObject = {
        "iss": client_id, "aud": AUDIENCE, "iat": int(now.timestamp()), "exp": int(now.timestamp()) + lifetime_s,
        "client_id": client_id, "response_type": "vp_token", "response_mode": "direct_post",
        "response_uri": response_uri, "nonce": nonce, "state": state, "dcql_query": dcql_query,
        "client_metadata": metadata,
    }
    if client_name is not None:
        metadata["client_name"] = client_name
    if purpose is not None:
        payload["purpose"] = purpose
    if purpose_until is not None:
        payload["purpose_until"] = int(purpose_until.timestamp())
    if wallet_nonce is not None:
        payload["wallet_nonce"] = wallet_nonce
    return sign_compact(payload, signer, typ=REQUEST_OBJECT_TYPE, header={"kid": signer.verification_method})


def _formats_in(query: dcql.Query, cryptosuites: Sequence[str]) -> JSONObject:
    """``vp_formats_supported``: what is queried and nothing more (OID4VP-1.0 #format_specific_parameters)."""
    known: JSONObject = {
        dcql.FORMAT: {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": list(cryptosuites)},
        dcql.SD_JWT: {"sd-jwt_alg_values": list(SD_JWT_ALGORITHMS), "kb-jwt_alg_values": list(SD_JWT_ALGORITHMS)},
    }
    return {name: known[name] for name in dict.fromkeys(entry.format for entry in query.credentials) if name in known}


def peek_request_object(request: str) -> JSONObject:
    """The members of a request object whose signature has not been checked: for logs and messages, not for decisions.

    Raises:
        ProtocolError: ``invalid_request``: no compact JWS.
    """
    with reading("invalid_request"):
        return peek_payload(request)
