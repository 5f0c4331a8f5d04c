"""OpenID4VP 1.0: making a request, signed or as plain parameters.

Spec: OID4VP-1.0 #vp_token_request, #client_identifier_prefixes, #response_encryption; RFC9101
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from credkit.encoding import base64url_encode, sha256
from credkit.errors import MalformedValueError
from credkit.jose import DIRECT_ENCS, public_encryption_jwk, sign_compact
from credkit.ports import JSONObject, Signer
from credkit.protocols import dcql
from credkit.protocols._reading import reading
from credkit.protocols.oid4vp._v1_0_request import AUDIENCE, DID_PREFIX, REQUEST_OBJECT_TYPE, SD_JWT_ALGORITHMS

DIRECT_POST: Final = "direct_post"
DIRECT_POST_JWT: Final = "direct_post.jwt"
RESPONSE_MODES: Final = (DIRECT_POST, DIRECT_POST_JWT)
REDIRECT_URI: Final = "redirect_uri"
X509_SAN_DNS: Final = "x509_san_dns"
X509_HASH: Final = "x509_hash"
ASKER_PREFIXES: Final = (DID_PREFIX, X509_SAN_DNS, X509_HASH, REDIRECT_URI)
"""How a verifier may name itself here; each is followed by a colon."""
PROOF_TYPES: Final = ("DataIntegrityProof",)


def build_x509_san_dns(host: str) -> str:
    """The client identifier of a verifier known by the host in its certificate (``x509_san_dns:…``)."""
    return f"{X509_SAN_DNS}:{host}"


def build_x509_hash(certificate: bytes) -> str:
    """The client identifier of a verifier known by its certificate, which is given as DER (``x509_hash:…``)."""
    return f"{X509_HASH}:{base64url_encode(sha256(certificate))}"


def build_redirect_uri(response_uri: str) -> str:
    """The client identifier of a verifier known by nothing but where the answer goes (``redirect_uri:…``)."""
    return f"{REDIRECT_URI}:{response_uri}"


def build_parameters(*, client_id: str, response_uri: str, dcql_query: JSONObject, nonce: str, state: str,
                     cryptosuites: Sequence[str], proof_types: Sequence[str] = PROOF_TYPES,
                     algorithms: Sequence[str] = SD_JWT_ALGORITHMS,
                     encryption_jwk: Mapping[str, Any] | None = None, purpose: str | None = None,
                     purpose_until: datetime | None = None, client_name: str | None = None) -> JSONObject:
    """The parameters of a request; ``client_metadata`` lists the formats that are asked for and no more.

    Args:
        dcql_query: Checked with ``dcql.parse_query`` before it is sent.
        cryptosuites, proof_types: What will be taken of proofs in ``ldp_vc``.
        algorithms: What tokens and their holders may be signed with.
        encryption_jwk: The public key for the answer, which must then be encrypted (``direct_post.jwt``).
        purpose: Why it is asked, 3 to 300 characters; ``purpose_until``: until when the answer is used (see ``v1_0``).

    Raises:
        ProtocolError: ``invalid_request``: the query is malformed.
    """
    metadata: JSONObject = {
        "vp_formats_supported": _formats_in(dcql.parse_query(dcql_query), cryptosuites, proof_types, list(algorithms))}
    if client_name is not None:
        metadata["client_name"] = client_name
    if encryption_jwk is not None:
        with reading("invalid_request"):
            metadata["jwks"] = {"keys": [public_encryption_jwk(encryption_jwk)]}
        metadata["encrypted_response_enc_values_supported"] = list(DIRECT_ENCS)
    parameters: JSONObject = {
        "client_id": client_id, "response_type": "vp_token",
        "response_mode": DIRECT_POST if encryption_jwk is None else DIRECT_POST_JWT,
        "response_uri": response_uri, "nonce": nonce, "state": state, "dcql_query": dcql_query,
        "client_metadata": metadata,
    }
    if purpose is not None:
        parameters["purpose"] = purpose
    if purpose_until is not None:
        parameters["purpose_until"] = int(purpose_until.timestamp())
    return parameters


def build_request_object(signer: Signer, *, client_id: str, now: datetime, lifetime_s: int,
                         wallet_nonce: str | None = None, certificates: Sequence[bytes] = (),
                         **parameters: Any) -> str:
    """A signed request, as compact JWS.

    Args:
        signer: Its ``verification_method`` is a key of the DID in ``client_id``, or its key is the first certificate's.
        wallet_nonce: From ``parse_request_uri_form``.
        certificates: DER, the signer's first and the anchor left out; then they say who signs, and no ``kid`` does.
        parameters: See ``build_parameters``.

    Raises:
        ProtocolError: ``invalid_request``: the query is malformed.
        MalformedValueError: ``client_id`` is one that must not be signed for.
    """
    if client_id.startswith(REDIRECT_URI + ":"):
        raise MalformedValueError("a request of a verifier that is known by its address only is not signed")
    # No ``iss``: wallets must ignore it, and some compare it with the DID in ``kid``.
    payload = {"aud": AUDIENCE, "iat": int(now.timestamp()), "exp": int(now.timestamp()) + lifetime_s,
               **build_parameters(client_id=client_id, **parameters)}
    if wallet_nonce is not None:
        payload["wallet_nonce"] = wallet_nonce
    header: JSONObject = {"kid": signer.verification_method}
    if certificates:
        header = {"x5c": [base64.b64encode(certificate).decode("ascii") for certificate in certificates]}
    return sign_compact(payload, signer, typ=REQUEST_OBJECT_TYPE, header=header)


def plain_parameters(parameters: JSONObject) -> dict[str, str]:
    """The same as parameters of a link, for a request that is not signed (RFC6749 #section-4.1.1)."""
    return {name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            for name, value in parameters.items()}


def _formats_in(query: dcql.Query, cryptosuites: Sequence[str], proof_types: Sequence[str],
                algorithms: list[str]) -> JSONObject:
    """``vp_formats_supported``: what is queried and nothing more (OID4VP-1.0 #format_specific_parameters)."""
    known: JSONObject = {
        dcql.FORMAT: {"proof_type_values": list(proof_types), "cryptosuite_values": list(cryptosuites)},
        dcql.JWT_VC: {"alg_values": algorithms},
        dcql.SD_JWT: {"sd-jwt_alg_values": algorithms, "kb-jwt_alg_values": algorithms},
    }
    return {name: known[name] for name in dict.fromkeys(entry.format for entry in query.credentials) if name in known}
