"""OpenID4VP 1.0: who asks, by the prefix of the client identifier (security.md E07, E08)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from credkit.encoding import base64url_encode
from credkit.errors import CredkitError, ProtocolError, UnsupportedError
from credkit.jose import generate_encryption_key
from credkit.keys import SoftwareSigner
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationRequest
from credkit.x509 import Anchors, hash_of
from tests.credkit.protocols.oid4vp.test_request_objects import AT, PAYLOAD
from tests.credkit.protocols.support import NOW, resolver_of, signed, spoiled
from tests.support.certificates import Issued, authority, leaf
from tests.support.fakeweb import FakeWeb

ROOT = authority(NOW)
COLLEGE = leaf(NOW, ROOT, ["college.example", "*.wild.example"], name="State College")
BY_NAME = "x509_san_dns:college.example"
BY_HASH = "x509_hash:" + hash_of(COLLEGE.der)
BY_ADDRESS = "redirect_uri:https://college.example/responses/1"
KEY = SoftwareSigner.from_secret("P-256", bytes(range(32)))


def certified(client_id: str, issued: Issued = COLLEGE, *, chain: tuple[Issued, ...] | None = None,
              signer: SoftwareSigner | None = None, **changes: Any) -> str:
    header = {"typ": "oauth-authz-req+jwt", "alg": "ES256", "x5c": [each.x5c for each in chain or (issued,)]}
    return signed(header, {**PAYLOAD, "client_id": client_id, **changes}, signer or issued.signer)


def unsecured(header: dict[str, Any] | None = None, signature: str = "", **changes: Any) -> str:
    head = {"typ": "oauth-authz-req+jwt", "alg": "none"} if header is None else header
    payload = {**PAYLOAD, "client_id": BY_ADDRESS, **changes}
    return ".".join([*(base64url_encode(json.dumps(part).encode()) for part in (head, payload)), signature])


def verify(request: str, client_id: str, **changes: Any) -> AuthorizationRequest:
    arguments = {"client_id": v1_0.parse_client_id(client_id), "resolver": resolver_of(FakeWeb()), "now": NOW,
                 "anchors": Anchors(lambda: [ROOT.der]), **changes}
    return v1_0.verify_request_object(request, **arguments)


def refuse(request: str, client_id: str, **changes: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        verify(request, client_id, **changes)
    assert caught.value.error == "invalid_request"


def plain(**changes: Any) -> AuthorizationRequest:
    parameters = {**PAYLOAD, "client_id": BY_ADDRESS, **changes}
    link = "openid4vp://?" + urlencode({
        name: json.dumps(value) if isinstance(value, dict) else value for name, value in parameters.items()
        if value is not None})
    outer = v1_0.parse_outer_request(link)
    assert outer.parameters is not None
    return v1_0.parse_plain_request(outer.parameters, client_id=outer.client_id, now=NOW)


@pytest.mark.spec("OID4VP-1.0", "#client_identifier_prefixes")
def test_a_certificate_makes_sure_of_the_host_it_names() -> None:
    request = verify(certified(BY_NAME), BY_NAME)

    assert (request.vouched, request.certified_names) == ("certificate", ("college.example",))
    assert (request.did, request.party, request.origin) == (None, "https://college.example", "https://college.example")
    assert request.client_id.text == BY_NAME


def test_a_certificate_named_by_its_hash_tells_its_names_and_lets_the_answer_go_anywhere() -> None:
    request = verify(certified(BY_HASH, response_uri="https://broker.example/x"), BY_HASH)

    assert request.vouched == "certificate"
    assert request.certified_names == ("college.example", "*.wild.example", "State College")
    assert request.origin == "https://broker.example"


@pytest.mark.parametrize("response_uri", [
    "https://evil.example/x", "https://college.example.evil.example/x", "https://sub.college.example/x",
    "https://college.example@evil.example/x", None])
def test_the_answer_goes_to_the_host_of_the_certificate(response_uri: str | None) -> None:
    refuse(certified(BY_NAME, response_uri=response_uri), BY_NAME)


def test_a_port_of_the_certified_host_is_the_certified_host() -> None:
    assert verify(certified(BY_NAME, response_uri="https://college.example:8443/x"), BY_NAME).origin.endswith(":8443")


@pytest.mark.parametrize("name", ["other.example", "a.wild.example", "wild.example", "ollege.example"])
def test_a_certificate_for_another_host_is_refused(name: str) -> None:
    client_id = "x509_san_dns:" + name

    refuse(certified(client_id, response_uri=f"https://{name}/x"), client_id)


def test_another_certificate_than_the_hash_names_is_refused() -> None:
    refuse(certified(BY_HASH, leaf(NOW, ROOT, ["college.example"])), BY_HASH)


@pytest.mark.parametrize("client_id", [BY_NAME, BY_HASH], ids=["name", "hash"])
def test_a_request_signed_with_another_key_than_the_certificates_is_refused(client_id: str) -> None:
    refuse(certified(client_id, signer=KEY), client_id)


@pytest.mark.parametrize("client_id", [BY_NAME, BY_HASH], ids=["name", "hash"])
def test_a_certificate_that_nobody_trusted_vouches_for_is_refused(client_id: str) -> None:
    refuse(certified(client_id), client_id, anchors=Anchors())
    refuse(certified(client_id), client_id, anchors=Anchors(lambda: [authority(NOW).der]))
    refuse(certified(client_id, exp=AT + 10**9), client_id, now=NOW + timedelta(days=31))
    own = leaf(NOW, None, ["college.example"])
    refuse(certified("x509_hash:" + hash_of(own.der), own), "x509_hash:" + hash_of(own.der))


@pytest.mark.parametrize("x5c", [None, [], "", [1], ["x"], [COLLEGE.x5c[:-8]], {"0": COLLEGE.x5c}])
def test_a_request_without_a_proper_chain_is_refused(x5c: Any) -> None:
    header = {"typ": "oauth-authz-req+jwt", "alg": "ES256", "x5c": x5c}

    refuse(signed(header, {**PAYLOAD, "client_id": BY_NAME}, COLLEGE.signer), BY_NAME)


def test_a_key_without_an_address_signs_for_nobody_we_can_name() -> None:
    for did, fragment in ((f"did:key:{KEY.public_key_multibase}", KEY.public_key_multibase),
                          ("did:jwk:" + base64url_encode(json.dumps(KEY.public_key.to_jwk()).encode()), "0")):
        client_id = v1_0.build_client_id(did)
        header = {"typ": "oauth-authz-req+jwt", "alg": "ES256", "kid": f"{did}#{fragment}"}
        payload = {**PAYLOAD, "client_id": client_id, "response_uri": "https://anywhere.example/x"}

        request = verify(signed(header, payload, KEY), client_id)

        assert (request.vouched, request.certified_names, request.party) == ("key", (), did)
        assert request.origin == "https://anywhere.example"
        refuse(signed(header, payload, SoftwareSigner.generate("P-256")), client_id)


@pytest.mark.parametrize("read", [plain, lambda **changes: verify(unsecured(**changes), BY_ADDRESS)])
def test_an_address_alone_says_where_the_answer_goes_and_no_more(read: Any) -> None:
    request = read()

    assert (request.vouched, request.certified_names, request.did) == ("nobody", (), None)
    assert request.response_uri == "https://college.example/responses/1"
    assert request.expires_at == NOW + timedelta(seconds=1200)
    for elsewhere in ("https://college.example/responses/2", "https://evil.example/responses/1", None):
        with pytest.raises(ProtocolError):
            read(response_uri=elsewhere)


def test_what_is_named_by_its_address_cannot_be_signed() -> None:
    header = {"typ": "oauth-authz-req+jwt", "alg": "EdDSA", "kid": "did:web:college.example#ed25519"}
    refuse(signed(header, {**PAYLOAD, "client_id": BY_ADDRESS}, KEY), BY_ADDRESS)
    refuse(unsecured(signature="AAAA"), BY_ADDRESS)
    refuse(unsecured({"typ": "oauth-authz-req+jwt", "alg": "None"}), BY_ADDRESS)
    refuse(unsecured({"typ": "JWT", "alg": "none"}), BY_ADDRESS)
    refuse(unsecured({"typ": "oauth-authz-req+jwt", "alg": "none", "crit": ["x"], "x": 1}), BY_ADDRESS)


@pytest.mark.parametrize(
    "client_id", [BY_NAME, BY_HASH, "decentralized_identifier:did:web:college.example"], ids=["name", "hash", "did"])
def test_who_can_sign_must(client_id: str) -> None:
    """security.md E08: an unsigned request under a name that needs a signature."""
    with pytest.raises(ProtocolError):
        v1_0.parse_outer_request("openid4vp://?" + urlencode({"client_id": client_id, "nonce": "n"}))
    with pytest.raises(ProtocolError):
        v1_0.parse_plain_request({"nonce": "n"}, client_id=v1_0.parse_client_id(client_id), now=NOW)
    with pytest.raises(CredkitError):
        verify(unsecured(client_id=client_id), client_id)


@pytest.mark.parametrize("client_id", [
    "x509_san_dns:", "x509_san_dns:College.example", "x509_san_dns:*.example", "x509_san_dns:a..example",
    "x509_san_dns:college.example/", "x509_hash:", "x509_hash:AAAA", "x509_hash:" + "=" * 43, "redirect_uri:",
    "redirect_uri:http://college.example/x", "redirect_uri:javascript:alert(1)", "origin:https://college.example",
    "redirect_uri:https://college.example@evil.example/x"])
def test_a_name_that_cannot_be_is_refused(client_id: str) -> None:
    with pytest.raises(ProtocolError):
        v1_0.parse_client_id(client_id)


@pytest.mark.parametrize("name", ["dcql_query", "nonce", "response_type", "response_uri"])
def test_a_plain_request_lacks_nothing(name: str) -> None:
    with pytest.raises(ProtocolError):
        plain(**{name: None})


@pytest.mark.parametrize(("changes", "code"), [
    ({"dcql_query": "{"}, "invalid_request"), ({"dcql_query": "[]"}, "invalid_request"),
    ({"client_metadata": "x"}, "invalid_request"), ({"scope": "x"}, "invalid_request"),
    ({"transaction_data": "[]"}, "invalid_transaction_data"),
    ({"redirect_uri": "https://x.example"}, "invalid_request"),
    ({"nonce": "a b"}, "invalid_request"), ({"exp": AT - 61}, "invalid_request"), ({"exp": "soon"}, "invalid_request"),
    ({"iat": AT + 61}, "invalid_request"), ({"exp": "9" * 400}, "invalid_request")])
def test_a_plain_request_with_something_wrong_in_it_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        plain(**changes)
    assert caught.value.error == code


SEALED = {**PAYLOAD["client_metadata"], "jwks": {"keys": [
    {name: value for name, value in generate_encryption_key("k1").items() if name != "d"}]}}


@pytest.mark.spec("OID4VP-1.0", "#response_encryption")
@pytest.mark.parametrize(("more", "enc"), [
    ({}, "A128GCM"), ({"encrypted_response_enc_values_supported": ["A256GCM"]}, "A256GCM"),
    ({"encrypted_response_enc_values_supported": ["A128CBC-HS256", "A256GCM", "A128GCM"]}, "A256GCM")])
def test_an_answer_is_sealed_for_the_key_that_the_request_names(more: dict[str, Any], enc: str) -> None:
    request = plain(response_mode="direct_post.jwt", client_metadata={**SEALED, **more})

    assert request.response_key is not None
    assert (request.response_key.jwk["kid"], request.response_key.jwk["alg"], request.response_key.enc) == (
        "k1", "ECDH-ES", enc)
    assert plain(client_metadata=SEALED).response_key is None


def test_the_first_key_that_can_be_used_is_taken() -> None:
    (good,) = SEALED["jwks"]["keys"]
    others = [{"kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB"}, {**good, "kid": "s", "use": "sig"},
              {**good, "kid": "w", "alg": "ECDH-ES+A256KW"}, {**good, "kid": "x", "y": good["x"]}]
    request = plain(response_mode="direct_post.jwt", client_metadata={**SEALED, "jwks": {"keys": [*others, good]}})

    assert request.response_key is not None and request.response_key.jwk["kid"] == "k1"
    with pytest.raises(UnsupportedError):
        plain(response_mode="direct_post.jwt", client_metadata={**SEALED, "jwks": {"keys": others}})
    with pytest.raises(UnsupportedError):
        plain(response_mode="direct_post.jwt",
              client_metadata={**SEALED, "encrypted_response_enc_values_supported": ["A128CBC-HS256"]})


@pytest.mark.parametrize("metadata", [
    None, {}, {"jwks": {}}, {"jwks": []}, {"jwks": {"keys": {}}}, {"jwks": {"keys": ["x"]}},
    {**SEALED, "encrypted_response_enc_values_supported": "A128GCM"}, {"jwks": {"keys": [{"kid": 1}]}}])
def test_a_request_for_a_sealed_answer_must_bring_a_key(metadata: Any) -> None:
    with pytest.raises(ProtocolError):
        plain(response_mode="direct_post.jwt", client_metadata=metadata)


def test_spoiled_unsecured_requests_are_refused_in_a_typed_way() -> None:
    for payload in spoiled({**PAYLOAD, "client_id": BY_ADDRESS, "response_mode": "direct_post.jwt",
                            "client_metadata": SEALED}):
        if isinstance(payload, dict):
            try:
                gone: dict[str, Any] = dict.fromkeys(set(PAYLOAD) - set(payload))
                verify(unsecured(None, "", **gone, **payload), BY_ADDRESS)
            except CredkitError as error:
                assert isinstance(error, (ProtocolError, UnsupportedError))
