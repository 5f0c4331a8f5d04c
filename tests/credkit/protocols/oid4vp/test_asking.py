"""Requests under every name a verifier may have, and answers that are sealed for one request."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from credkit.encoding import base64url_encode
from credkit.errors import MalformedValueError, ProtocolError
from credkit.jose import encrypt_direct, generate_encryption_key, peek_header, peek_payload, public_encryption_jwk
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationResponse, EncryptedResponse, ErrorResponse
from tests.credkit.protocols.support import NOW

RESPONSE_URI = "https://college.example/responses/1"
SIGNER = SoftwareSigner.generate("P-256")
KEY = generate_encryption_key("k1")
PUBLIC = public_encryption_jwk(KEY)
TOKEN = {"a": ["x~"]}


def query_for(*formats: str) -> JSONObject:
    return {"credentials": [{"id": name.replace("+", "_"), "format": name, "meta": {}} for name in formats]}


def build(**changes: Any) -> str:
    arguments: dict[str, Any] = {
        "client_id": v1_0.build_x509_san_dns("college.example"), "response_uri": RESPONSE_URI,
        "dcql_query": query_for("ldp_vc"), "nonce": "n-1", "state": "s-1", "now": NOW, "lifetime_s": 60,
        "cryptosuites": ["bbs-2023"], **changes}
    return v1_0.build_request_object(SIGNER, **arguments)


@pytest.mark.spec("OID4VP-1.0", "#client_identifier_prefixes")
def test_a_certificate_names_the_verifier_by_host_or_by_its_hash() -> None:
    assert v1_0.build_x509_san_dns("college.example") == "x509_san_dns:college.example"
    expected = base64url_encode(hashlib.sha256(b"der").digest())
    assert v1_0.build_x509_hash(b"der") == f"x509_hash:{expected}"
    header = peek_header(build(certificates=[b"leaf", b"issuer"]))
    assert header == {"alg": "ES256", "typ": "oauth-authz-req+jwt", "x5c": ["bGVhZg==", "aXNzdWVy"]}


def test_who_is_known_by_an_address_only_does_not_sign_and_sends_everything_in_the_link() -> None:
    client_id = v1_0.build_redirect_uri(RESPONSE_URI)
    with pytest.raises(MalformedValueError):
        build(client_id=client_id)
    parameters = v1_0.build_parameters(client_id=client_id, response_uri=RESPONSE_URI, dcql_query=query_for("ldp_vc"),
                                       nonce="n-1", state="s-1", cryptosuites=["bbs-2023"])
    links = v1_0.plain_request_links(parameters, wallets=["https://wallet.example"])
    sent = dict(parse_qsl(links.deep.partition("?")[2]))
    assert links.deep.startswith("openid4vp://?") and links.web[0].startswith("https://wallet.example/request?")
    assert sent["client_id"] == "redirect_uri:" + sent["response_uri"] == client_id
    assert json.loads(sent["dcql_query"]) == query_for("ldp_vc")
    assert {name: json.loads(value) if value.startswith("{") else value for name, value in sent.items()} == parameters


@pytest.mark.spec("OID4VP-1.0", "#format_specific_parameters")
def test_the_metadata_lists_what_is_asked_for_and_no_more() -> None:
    algorithms = ["ES256", "ES384", "EdDSA"]
    known = {
        "ldp_vc": {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["bbs-2023"]},
        "jwt_vc_json": {"alg_values": algorithms},
        "dc+sd-jwt": {"sd-jwt_alg_values": algorithms, "kb-jwt_alg_values": algorithms},
    }
    for names in (["ldp_vc"], ["jwt_vc_json"], ["dc+sd-jwt", "ldp_vc"]):
        metadata = peek_payload(build(dcql_query=query_for(*names)))["client_metadata"]
        assert metadata == {"vp_formats_supported": {name: known[name] for name in names}}


@pytest.mark.spec("OID4VP-1.0", "#response_encryption")
def test_a_key_for_the_answer_is_named_with_its_use_and_asks_for_encryption() -> None:
    payload = peek_payload(build(encryption_jwk=KEY))
    assert payload["response_mode"] == "direct_post.jwt"
    assert payload["client_metadata"]["jwks"] == {"keys": [PUBLIC]} and "d" not in PUBLIC
    assert payload["client_metadata"]["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]
    assert peek_payload(build())["response_mode"] == "direct_post"


def sealed(document: Any, **outside: str) -> EncryptedResponse:
    jwe = encrypt_direct(json.dumps(document).encode(), PUBLIC)
    read = v1_0.parse_direct_post(urlencode({"response": jwe, **outside}))
    assert isinstance(read, EncryptedResponse)
    return read


@pytest.mark.parametrize("outside", [{}, {"state": "s-1"}])
@pytest.mark.parametrize("inside", [{}, {"state": "s-1"}])
def test_a_sealed_answer_is_read_wherever_its_state_stands(inside: dict[str, str], outside: dict[str, str]) -> None:
    response = v1_0.open_response(sealed({"vp_token": TOKEN, "more": 1, **inside}, **outside), KEY)
    assert response == AuthorizationResponse({"a": ("x~",)}, "s-1" if inside or outside else None)
    refusal = v1_0.open_response(sealed({"error": "access_denied", **inside}, **outside), KEY)
    assert isinstance(refusal, ErrorResponse) and refusal.error == "access_denied"


@pytest.mark.parametrize("document", [
    {}, [], None, "x", {"vp_token": "{}"}, {"vp_token": [TOKEN]}, {"vp_token": {"a": []}}, {"vp_token": {"a": [1]}},
    {"vp_token": None}, {"vp_token": TOKEN, "error": "access_denied"}, {"error": 1}, {"error": {}}, {"error": "\n"},
    {"vp_token": TOKEN, "state": "another"}, {"vp_token": TOKEN, "state": 1}, {"vp_token": TOKEN, "state": ["s-1"]},
])
def test_a_malformed_sealed_answer_is_refused(document: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.open_response(sealed(document, state="s-1"), KEY)
    assert (caught.value.error, caught.value.http_status) == ("invalid_request", 400)


def test_what_was_sealed_for_another_request_does_not_open() -> None:
    with pytest.raises(ProtocolError):
        v1_0.open_response(sealed({"vp_token": TOKEN}), generate_encryption_key("k1"))
    with pytest.raises(ProtocolError):
        v1_0.open_response(EncryptedResponse("a.b.c"), KEY)


@pytest.mark.parametrize("form", [
    {"response": "a.b.c.d.e", "error": "access_denied"}, {"response": "a.b.c.d.e", "vp_token": "{}"},
])
def test_an_answer_is_encrypted_as_a_whole_or_not_at_all(form: dict[str, str]) -> None:
    with pytest.raises(ProtocolError):
        v1_0.parse_direct_post(urlencode(form))


@pytest.mark.parametrize("metadata", ["[]", "x", "1", "null", '"x"', "{", '{"a":1,"a":2}'])
def test_metadata_of_a_wallet_that_is_no_object_is_refused(metadata: str) -> None:
    with pytest.raises(ProtocolError):
        v1_0.parse_request_uri_form(urlencode({"wallet_nonce": "w", "wallet_metadata": metadata}))
