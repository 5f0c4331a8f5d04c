"""OpenID for Verifiable Presentations 1.0: the field names of its messages. No input or output.

Readers raise ``ProtocolError``, and ``UnsupportedError`` for what is permitted but not spoken here; builders return
what goes out. A request is read in three steps: the link (``parse_outer_request``), the fetched answer
(``parse_request_object_answer``), the signed object (``verify_request_object``). Only what is signed is used. Who is
named by an address alone cannot sign; then the parameters of the link count (``parse_plain_request``).

Purpose: OpenID4VP has no member for it (``verifier_info`` holds attestations of third parties, and what is unknown in
``client_metadata`` must be ignored). We send a request parameter ``purpose``, one text of at most 300 characters, the
parameter of that name in OpenID Connect for Identity Assurance; #new_parameters allows further parameters and obliges
wallets to ignore those they do not know. Beside it stands ``purpose_until``, seconds since 1970: until when the
verifier uses what it gets.

Spec: OID4VP-1.0
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from credkit.errors import ParsingError, ProtocolError
from credkit.ports import JSONObject, Response
from credkit.protocols._reading import (
    Message,
    form_body,
    json_object,
    optional_text,
    reading,
    split_url,
)
from credkit.protocols.links import Links, build_links, link_parameters
from credkit.protocols.oauth import build_error, protocol_error
from credkit.protocols.oid4vp._v1_0_answers import open_response, parse_direct_post, parse_request_uri_form
from credkit.protocols.oid4vp._v1_0_asked import parse_client_id, parse_plain_request, verify_request_object
from credkit.protocols.oid4vp._v1_0_asking import (
    DIRECT_POST,
    DIRECT_POST_JWT,
    PROOF_TYPES,
    RESPONSE_MODES,
    build_parameters,
    build_redirect_uri,
    build_request_object,
    build_x509_hash,
    build_x509_san_dns,
    plain_parameters,
)
from credkit.protocols.oid4vp._v1_0_request import (
    DID_PREFIX,
    PREFIXES,
    REDIRECT_URI,
    REQUEST_OBJECT_TYPE,
    SD_JWT_ALGORITHMS,
    X509_HASH,
    X509_SAN_DNS,
    build_client_id,
    peek_request_object,
)
from credkit.protocols.oid4vp._v1_0_sealing import build_encrypted_response
from credkit.protocols.oid4vp.messages import OuterRequest, Presentation

__all__ = [
    "DID_PREFIX", "DIRECT_POST", "DIRECT_POST_JWT", "PREFIXES", "PROOF_TYPES", "REDIRECT_URI",
    "REQUEST_OBJECT_CONTENT_TYPE", "REQUEST_OBJECT_TYPE", "REQUEST_SCHEME", "RESPONSE_MODES", "SD_JWT_ALGORITHMS",
    "VERSION", "X509_HASH", "X509_SAN_DNS", "build_client_id", "build_direct_post_answer", "build_encrypted_response",
    "build_error_response", "build_parameters", "build_redirect_uri", "build_request_object", "build_request_uri_form",
    "build_response", "build_wallet_metadata", "build_x509_hash", "build_x509_san_dns", "open_response",
    "parse_client_id", "parse_direct_post", "parse_direct_post_answer", "parse_outer_request", "parse_plain_request",
    "parse_request_object_answer", "parse_request_uri_form", "peek_request_object", "plain_request_links",
    "request_links", "verify_request_object",
]

VERSION: Final = "1.0"
REQUEST_SCHEME: Final = "openid4vp"
REQUEST_OBJECT_CONTENT_TYPE: Final = "application/" + REQUEST_OBJECT_TYPE
MAX_REQUEST_OBJECT_BYTES: Final = 262_144
_FRAGMENT = re.compile(r"[!-~]*")


def request_links(client_id: str, request_uri: str, *, request_uri_method: str | None = "post",
                  wallets: Sequence[str] = (), scheme: str = REQUEST_SCHEME) -> Links:
    """A request by reference as links; ``wallets`` are the base addresses of wallets that have a ``/request`` page."""
    parameters = {"client_id": client_id, "request_uri": request_uri, "request_uri_method": request_uri_method}
    return build_links(scheme, "request", parameters, wallets)


def plain_request_links(parameters: JSONObject, *, wallets: Sequence[str] = ()) -> Links:
    """A request that is not signed as links, whole (``build_parameters``)."""
    return build_links(REQUEST_SCHEME, "request", plain_parameters(parameters), wallets)


def parse_outer_request(link: str) -> OuterRequest:
    """Read a request link: ``openid4vp://?…`` or a wallet's https page with the same parameters.

    All parameters but these four are passed over where there is a request object, which alone counts.

    Raises:
        ProtocolError: ``invalid_request``, ``invalid_request_uri_method``.
        UnsupportedError: a client identifier prefix we do not speak, or a request that is not signed.

    Spec: OID4VP-1.0 #vp_token_request; RFC9101 #section-5
    """
    with reading("invalid_request"):
        parameters = link_parameters(link, (REQUEST_SCHEME,))
        request, request_uri = parameters.get("request"), parameters.get("request_uri")
        method = parameters.get("request_uri_method")
        if request is not None and request_uri is not None or method is not None and request_uri is None:
            raise ParsingError("the link must hold one request")
        if request_uri is not None:
            split_url(request_uri)
    client_id = parse_client_id(parameters.get("client_id"))
    if method not in (None, "get", "post"):
        raise protocol_error("invalid_request_uri_method", "the link names an unknown way to fetch the request")
    if request is None and request_uri is None:
        if client_id.prefix != REDIRECT_URI:
            raise protocol_error("invalid_request", "the link holds no signed request")
        return OuterRequest(client_id, parameters=parameters)
    return OuterRequest(client_id, request, request_uri, "post" if method == "post" else "get")


def build_wallet_metadata(cryptosuites: Sequence[str]) -> JSONObject:
    """What a wallet can do, for ``build_request_uri_form``: the Data Integrity suites it presents, and how it is asked.

    Spec: OID4VP-1.0 #as_metadata_parameters
    """
    ldp_vc = {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": list(cryptosuites)}
    return {
        "vp_formats_supported": {"ldp_vc": ldp_vc, "dc+sd-jwt": {
            "sd-jwt_alg_values": list(SD_JWT_ALGORITHMS), "kb-jwt_alg_values": list(SD_JWT_ALGORITHMS)},
            "jwt_vc_json": {"alg_values": list(SD_JWT_ALGORITHMS)}},
        "client_id_prefixes_supported": list(PREFIXES),
        "request_object_signing_alg_values_supported": ["EdDSA", "ES256", "ES384"],
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post", "direct_post.jwt"],
    }


def build_request_uri_form(wallet_nonce: str, wallet_metadata: JSONObject | None = None) -> str:
    """The form that fetches a request object by POST (#request_uri_method_post)."""
    metadata = None if wallet_metadata is None else json.dumps(wallet_metadata)
    return form_body({"wallet_nonce": wallet_nonce, "wallet_metadata": metadata})


def parse_request_object_answer(answer: Response) -> str:
    """The compact request object in the answer of a ``request_uri``.

    Raises:
        ProtocolError: ``invalid_request``: status other than 200, another content type, too large, or no compact JWS.

    Spec: OID4VP-1.0 #request_uri_method_post
    """
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != 200:
        raise protocol_error("invalid_request", "the request is not, or not any more, to be had")
    if content_type != REQUEST_OBJECT_CONTENT_TYPE or len(answer.body) > MAX_REQUEST_OBJECT_BYTES:
        raise protocol_error("invalid_request", "the address does not answer with a signed request")
    return answer.body.decode("ascii", errors="replace").strip()


def build_response(vp_token: Mapping[str, Sequence[Presentation]], *, state: str | None) -> str:
    """The ``direct_post`` form with presentations by query id, each an array even of one (#response_mode_post)."""
    token = json.dumps({name: list(presentations) for name, presentations in vp_token.items()}, ensure_ascii=False)
    return form_body({"vp_token": token, "state": state})


def build_error_response(error: ProtocolError, *, state: str | None) -> str:
    """The ``direct_post`` form that says why there is no presentation (#error-response)."""
    return form_body({**build_error(error), "state": state})


def build_direct_post_answer(redirect_uri: str | None = None) -> JSONObject:
    """What ``response_uri`` answers, with ``Cache-Control: no-store``; ``redirect_uri`` holds a fresh response code."""
    return {} if redirect_uri is None else {"redirect_uri": redirect_uri}


def parse_direct_post_answer(message: Message) -> str | None:
    """Where to send the holder's browser after the answer was taken, None if nowhere.

    Raises:
        ProtocolError: ``invalid_response``: malformed, or no https address.
    """
    with reading("invalid_response"):
        redirect_uri = optional_text(json_object(message), "redirect_uri")
        if redirect_uri is None:
            return None
        address, _, fragment = redirect_uri.partition("#")
        split_url(address)
        if not _FRAGMENT.fullmatch(fragment):
            raise ParsingError("the address to go to is malformed")
        return redirect_uri
