"""OAuth 2.0 from the client's side: metadata, PKCE, the answer in the redirect, DPoP proofs, what issuers seal."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from credkit.encoding import base64url_encode, sha256
from credkit.environment import SystemRandomness
from credkit.errors import CredkitError, ProtocolError, UnsupportedError
from credkit.jose import generate_encryption_key, peek_header, verify_compact
from credkit.keys import SoftwareSigner, public_key_from_jwk
from credkit.protocols import dpop_client, oauth_client
from credkit.protocols.oauth_client import CodeRequest
from credkit.protocols.oid4vci import v1_0
from tests.credkit.protocols.support import NOW, WRONG, spoiled

ISSUER = "https://school.example/as"
SERVER: dict[str, Any] = {
    "issuer": ISSUER, "token_endpoint": ISSUER + "/token", "authorization_endpoint": ISSUER + "/authorize",
    "pushed_authorization_request_endpoint": ISSUER + "/par", "code_challenge_methods_supported": ["S256"],
    "authorization_response_iss_parameter_supported": True, "dpop_signing_alg_values_supported": ["ES256"],
    "authorization_details_types_supported": ["openid_credential"], "response_types_supported": [],
}
# The example of RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
REQUEST = CodeRequest("https://wallet.example", "https://wallet.example/offer/return", "state-1", VERIFIER,
                      details=({"type": "openid_credential", "credential_configuration_id": "course"},),
                      issuer_state="i-1", dpop_jkt="k" * 43)
PUBLIC = {name: value for name, value in generate_encryption_key("k1").items() if name != "d"}
SEALS: dict[str, Any] = {
    "credential_response_encryption": {"alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A256GCM"],
                                       "encryption_required": True},
    "credential_request_encryption": {"jwks": {"keys": [PUBLIC]}, "enc_values_supported": ["A128GCM", "A256GCM"],
                                      "encryption_required": True},
}


def server(**changes: Any) -> oauth_client.Server:
    document = {name: value for name, value in {**SERVER, **changes}.items() if value is not None}
    return oauth_client.parse_server(json.dumps(document), expected_issuer=ISSUER)


@pytest.mark.spec("OID4VCI-1.0", "#credential-issuer-wellknown")
@pytest.mark.parametrize(("identifier", "paths"), [
    ("https://h.example", ["/.well-known/NAME"]), ("https://h.example/", ["/.well-known/NAME", "/.well-known/NAME/"]),
    ("https://h.example/a", ["/.well-known/NAME/a", "/a/.well-known/NAME"]),
    ("https://h.example/a/", ["/.well-known/NAME/a", "/a/.well-known/NAME", "/.well-known/NAME/a/"])])
def test_metadata_is_looked_for_wherever_issuers_put_it(identifier: str, paths: list[str]) -> None:
    for name, urls in (("openid-credential-issuer", v1_0.issuer_metadata_urls(identifier)),
                       ("oauth-authorization-server", v1_0.server_metadata_urls(identifier))):
        assert list(urls) == ["https://h.example" + path.replace("NAME", name) for path in paths]


@pytest.mark.spec("RFC7636", "#appendix-B")
def test_the_challenge_is_that_of_the_published_example() -> None:
    parameters = oauth_client.code_parameters(REQUEST)

    assert (parameters["code_challenge"], parameters["code_challenge_method"]) == (CHALLENGE, "S256")
    assert VERIFIER not in json.dumps(parameters)
    assert json.loads(parameters["authorization_details"])[0]["credential_configuration_id"] == "course"
    assert (parameters["response_type"], parameters["issuer_state"]) == ("code", "i-1")
    assert parameters["dpop_jkt"] == "k" * 43


def test_the_browser_is_sent_with_what_was_asked() -> None:
    url = oauth_client.authorization_url(server(authorization_endpoint=ISSUER + "/authorize?tenant=1"),
                                         {"client_id": "https://wallet.example", "request_uri": "urn:x"})

    assert parse_qs(urlsplit(url).query) == {
        "tenant": ["1"], "client_id": ["https://wallet.example"], "request_uri": ["urn:x"]}


@pytest.mark.spec("RFC8414", "#section-3.3")
@pytest.mark.parametrize("changes", [
    {"issuer": ISSUER + "/"}, {"issuer": None}, {"token_endpoint": None}, {"token_endpoint": "https://evil.example/t"},
    {"authorization_endpoint": "https://evil.example/a"}, {"authorization_endpoint": "javascript:alert(1)"},
    {"pushed_authorization_request_endpoint": "https://evil.example/p"}, {"token_endpoint": "http://school.example/t"}])
def test_a_server_that_is_another_or_points_elsewhere_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        server(**changes)
    assert caught.value.error == "invalid_server_metadata"


@pytest.mark.parametrize("name", [name for name in SERVER if name != "response_types_supported"])
@pytest.mark.parametrize("value", WRONG)
def test_a_member_of_the_wrong_kind_is_refused_in_a_typed_way(name: str, value: Any) -> None:
    document = {**SERVER, name: value}
    try:
        oauth_client.parse_server(document, expected_issuer=ISSUER)
    except ProtocolError as error:
        assert error.error == "invalid_server_metadata"
    else:
        assert value in (None, True, [], ["x"], "")


@pytest.mark.parametrize("changes", [
    {"authorization_endpoint": None}, {"code_challenge_methods_supported": ["plain"]}])
def test_a_server_that_cannot_be_asked_safely_is_not_asked(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        oauth_client.check_can_ask(server(**changes))


@pytest.mark.spec("RFC9207", "#section-2.4")
@pytest.mark.parametrize(("changes", "error"), [
    ({"state": "other"}, "invalid_response"), ({"state": None}, "invalid_response"),
    ({"iss": "https://evil.example"}, "invalid_response"), ({"iss": None}, "invalid_response"),
    ({"code": None}, "invalid_response"), ({"error": "access_denied"}, "access_denied"),
    ({"error": "access_denied", "iss": "https://evil.example"}, "invalid_response"),
    ({"error": "\u202eerror", "code": None}, "error")])
def test_an_answer_that_is_not_ours_gives_no_code(changes: dict[str, str | None], error: str) -> None:
    answer = {"code": "c-1", "state": "state-1", "iss": ISSUER, **changes}

    with pytest.raises(ProtocolError) as caught:
        oauth_client.parse_code_answer({name: value for name, value in answer.items() if value is not None},
                                       server=server(), state="state-1")
    assert caught.value.error == error


def test_a_server_that_does_not_name_itself_need_not() -> None:
    silent = server(authorization_response_iss_parameter_supported=None)

    assert oauth_client.parse_code_answer({"code": "c-1", "state": "s"}, server=silent, state="s") == "c-1"
    with pytest.raises(ProtocolError):
        oauth_client.parse_code_answer({"code": "c", "state": "s", "iss": "https://x.example"}, server=silent,
                                       state="s")


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"request_uri": 1}', b'{"request_uri": ""}', b"\xff"])
def test_a_pushed_answer_without_its_name_is_refused(answer: bytes) -> None:
    with pytest.raises(ProtocolError):
        oauth_client.parse_pushed_answer(answer)


def test_the_code_goes_out_with_its_verifier() -> None:
    assert parse_qs(oauth_client.build_code_form(REQUEST, "c-1")) == {
        "grant_type": ["authorization_code"], "code": ["c-1"], "code_verifier": [VERIFIER],
        "redirect_uri": ["https://wallet.example/offer/return"], "client_id": ["https://wallet.example"]}


@pytest.mark.spec("RFC9449", "#section-4.2")
@pytest.mark.parametrize("key_type", ["P-256", "Ed25519"])
def test_a_dpop_proof_is_for_one_request(key_type: str) -> None:
    signer = SoftwareSigner.generate(key_type)

    def build() -> str:
        return dpop_client.build_proof(signer, method="POST", url="https://school.example/token?x=1#y", now=NOW,
                                       randomness=SystemRandomness(), access_token="t-1", nonce="n-1")

    header = peek_header(build())
    payload = verify_compact(build(), public_key_from_jwk(header["jwk"]), typ="dpop+jwt")
    assert header["jwk"] == signer.public_key.to_jwk() and "d" not in header["jwk"]
    assert payload == {"htm": "POST", "htu": "https://school.example/token", "iat": int(NOW.timestamp()),
                       "ath": base64url_encode(sha256(b"t-1")), "nonce": "n-1", "jti": payload["jti"]}
    assert payload["jti"] != verify_compact(build(), signer.public_key, typ="dpop+jwt")["jti"]


@pytest.mark.spec("OID4VCI-1.0", "#encrypted-messages")
def test_what_an_issuer_demands_of_sealing_is_read() -> None:
    sealing = v1_0.parse_sealing(SEALS)

    assert sealing.request_jwk is not None and sealing.request_jwk["kid"] == "k1"
    assert (sealing.request_enc, sealing.response_enc) == ("A128GCM", "A256GCM")
    offered = {name: {**value, "encryption_required": False} for name, value in SEALS.items()}
    assert v1_0.parse_sealing(offered) == v1_0.Sealing() == v1_0.parse_sealing({})


@pytest.mark.parametrize(("name", "changes"), [
    ("credential_request_encryption", {"jwks": {"keys": []}}),
    ("credential_request_encryption", {"jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}}),
    ("credential_response_encryption", {"alg_values_supported": ["RSA-OAEP"]}),
    ("credential_response_encryption", {"enc_values_supported": ["A128CBC-HS256"]})])
def test_sealing_that_is_not_spoken_is_told_so(name: str, changes: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError):
        v1_0.parse_sealing({**SEALS, name: {**SEALS[name], **changes}})


def test_an_issuer_that_seals_its_answers_must_take_sealed_requests() -> None:
    with pytest.raises(UnsupportedError):
        v1_0.parse_sealing({"credential_response_encryption": SEALS["credential_response_encryption"]})


def test_spoiled_demands_are_refused_in_a_typed_way() -> None:
    for document in spoiled(SEALS):
        if isinstance(document, dict):
            try:
                v1_0.parse_sealing(document)
            except CredkitError as error:
                assert isinstance(error, (ProtocolError, UnsupportedError))
