"""OpenID4VP 1.0: the signed request object (security.md B11, E07, E08)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from credkit.dids import build_did_document, web_document_url
from credkit.errors import CredkitError, DidNotFoundError, FetchError, ProtocolError, UnsupportedError
from credkit.keys import SoftwareSigner
from credkit.protocols.oid4vp import v1_0
from credkit.protocols.oid4vp.messages import AuthorizationRequest
from tests.credkit.protocols.support import NOW, WRONG, publish_did, resolver_of, signed, spoiled, unsigned
from tests.support.fakeweb import FakeWeb

DID = "did:web:college.example"
CLIENT_ID = v1_0.build_client_id(DID)
SIGNER = SoftwareSigner.from_secret("Ed25519", bytes(range(32)), verification_method=DID + "#ed25519")
P256 = SoftwareSigner.from_secret("P-256", bytes(range(32)), verification_method=DID + "#p256")
QUERY = {
    "credentials": [
        {"id": "courses", "format": "ldp_vc", "multiple": True, "meta": {}, "claims": [{"path": ["credentialSubject"]}]}
    ]
}
AT = int(NOW.timestamp())
PAYLOAD: dict[str, Any] = {
    "aud": "https://self-issued.me/v2",
    "client_id": CLIENT_ID,
    "response_type": "vp_token",
    "response_mode": "direct_post",
    "response_uri": "https://college.example/responses/1",
    "nonce": "n-0S6_WzA2Mj.~",
    "state": "eyJhb.6-sVA",
    "dcql_query": QUERY,
    "client_metadata": {
        "vp_formats_supported": {
            "ldp_vc": {
                "proof_type_values": ["DataIntegrityProof"],
                "cryptosuite_values": ["ecdsa-sd-2023", "eddsa-rdfc-2022"],
            }
        }
    },
    "iat": AT,
    "exp": AT + 1200,
    "purpose": "To admit you to the autumn term.",
}
HEADER = {"typ": "oauth-authz-req+jwt", "alg": "EdDSA", "kid": DID + "#ed25519"}


@pytest.fixture
def web() -> FakeWeb:
    web = FakeWeb()
    publish_did(web, DID, SIGNER, "authentication", "assertionMethod")
    return web


def verify(request: Any, web: FakeWeb, **changes: Any) -> AuthorizationRequest:
    arguments = {"client_id": v1_0.parse_client_id(CLIENT_ID), "resolver": resolver_of(web), "now": NOW, **changes}
    return v1_0.verify_request_object(request, **arguments)


def refuse(request: Any, web: FakeWeb, code: str = "invalid_request", **changes: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        verify(request, web, **changes)
    assert (caught.value.error, caught.value.http_status) == (code, 400)


def changed(**changes: Any) -> str:
    return signed(HEADER, {**PAYLOAD, **changes}, SIGNER)


def missing(name: str) -> str:
    return signed(HEADER, {key: value for key, value in PAYLOAD.items() if key != name}, SIGNER)


def build(signer: SoftwareSigner = SIGNER, **changes: Any) -> str:
    arguments: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "response_uri": "https://college.example/responses/1",
        "dcql_query": QUERY,
        "nonce": "n-1",
        "state": "s-1",
        "now": NOW,
        "lifetime_s": 1200,
        "cryptosuites": ["ecdsa-sd-2023"],
        "purpose": "To admit you.",
        **changes,
    }
    return v1_0.build_request_object(signer, **arguments)


@pytest.mark.spec("OID4VP-1.0", "#client_identifier_prefixes")
def test_our_own_request_is_verified_and_read(web: FakeWeb) -> None:
    request = verify(build(client_name="State College", wallet_nonce="w-1"), web, wallet_nonce="w-1")

    assert (request.did, request.origin) == (DID, "https://college.example")
    assert (request.nonce, request.state) == ("n-1", "s-1")
    assert request.client_id.text == CLIENT_ID
    assert request.response_uri == "https://college.example/responses/1"
    assert (request.purpose, request.client_name) == ("To admit you.", "State College")
    assert request.cryptosuites == ("ecdsa-sd-2023",)
    assert request.expires_at == NOW + timedelta(seconds=1200)
    assert [query.id for query in request.query.credentials] == ["courses"]


def test_a_request_is_written_with_the_specifications_names() -> None:
    payload = v1_0.peek_request_object(build())

    assert payload == {
        "aud": "https://self-issued.me/v2",
        "iat": AT,
        "exp": AT + 1200,
        "client_id": CLIENT_ID,
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": "https://college.example/responses/1",
        "nonce": "n-1",
        "state": "s-1",
        "dcql_query": QUERY,
        "purpose": "To admit you.",
        "client_metadata": {
            "vp_formats_supported": {
                "ldp_vc": {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["ecdsa-sd-2023"]}
            }
        },
    }


def test_a_request_without_a_purpose_says_none(web: FakeWeb) -> None:
    assert "purpose" not in v1_0.peek_request_object(build(purpose=None))
    assert verify(build(purpose=None), web).purpose is None


def test_a_malformed_query_is_not_signed() -> None:
    with pytest.raises(ProtocolError):
        build(dcql_query={"credentials": []})


@pytest.mark.parametrize("relationship", ["authentication", "assertionMethod"])
def test_the_key_must_be_listed_for_one_of_two_purposes(relationship: str) -> None:
    web = FakeWeb()
    publish_did(web, DID, SIGNER, relationship)

    assert verify(build(), web).did == DID


def test_a_key_that_is_listed_for_another_purpose_is_refused() -> None:
    web = FakeWeb()
    publish_did(web, DID, SIGNER, "capabilityInvocation")

    refuse(build(), web)


def test_a_key_may_be_named_relative_to_its_document(web: FakeWeb) -> None:
    assert verify(signed({**HEADER, "kid": "#ed25519"}, PAYLOAD, SIGNER), web).did == DID


def test_a_request_on_p256_is_verified() -> None:
    web = FakeWeb()
    publish_did(web, DID, P256, "authentication")

    assert verify(build(P256), web).did == DID


def test_the_development_origin_has_its_own_address() -> None:
    web = FakeWeb(allow_loopback=True)
    did = "did:web:localhost%3A8104"
    signer = SoftwareSigner.generate("Ed25519", verification_method=did + "#ed25519")
    publish_did(web, did, signer, "authentication")
    client_id = v1_0.build_client_id(did)
    request = build(signer, client_id=client_id, response_uri="http://localhost:8104/responses/1")
    elsewhere = build(signer, client_id=client_id, response_uri="http://localhost:8103/responses/1")
    arguments: dict[str, Any] = {
        "client_id": v1_0.parse_client_id(client_id),
        "resolver": resolver_of(web, allow_loopback=True),
    }

    assert verify(request, web, **arguments).origin == "http://localhost:8104"
    refuse(elsewhere, web, **arguments)
    refuse(request, web, **{**arguments, "resolver": resolver_of(web)})


@pytest.mark.spec("OID4VP-1.0", "#request_uri_method_post")
@pytest.mark.parametrize(
    "request_", [build(), build(wallet_nonce="other"), changed(wallet_nonce=None), changed(wallet_nonce=["w-1"])]
)
def test_a_request_that_does_not_repeat_the_wallets_nonce_is_refused(request_: str, web: FakeWeb) -> None:
    refuse(request_, web, wallet_nonce="w-1")


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "typ": "JWT"},
        {**HEADER, "typ": "openid4vci-proof+jwt"},
        {key: HEADER[key] for key in ("alg", "kid")},
        {**HEADER, "typ": None},
        {**HEADER, "kid": ""},
        {**HEADER, "kid": None},
        {key: HEADER[key] for key in ("alg", "typ")},
        {**HEADER, "kid": ["x"]},
        {**HEADER, "kid": DID},
        {**HEADER, "kid": "did:web:evil.example#ed25519"},
        {**HEADER, "kid": DID + "#other"},
        {**HEADER, "kid": DID + ".evil.example#ed25519"},
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "HS256"},
        {**HEADER, "alg": "ES256"},
        {**HEADER, "alg": "RS256"},
        {**HEADER, "alg": 7},
        {**HEADER, "crit": ["x"], "x": 1},
        {"typ": HEADER["typ"], "alg": "EdDSA", "jwk": SIGNER.public_key.to_jwk()},
    ],
)
def test_a_request_with_a_wrong_header_is_refused(header: dict[str, Any], web: FakeWeb) -> None:
    refuse(signed(header, PAYLOAD, SIGNER), web)

    assert {request.url for request in web.requests} <= {web_document_url(DID, allow_loopback=False)}


@pytest.mark.parametrize("typ", ["JWT", "vc+jwt", "kb+jwt", "openid4vci-proof+jwt", "statuslist+jwt", None])
def test_a_token_of_another_kind_makes_us_ask_nobody(typ: str | None, web: FakeWeb) -> None:
    refuse(signed({**HEADER, "typ": typ}, PAYLOAD, SIGNER), web)

    assert web.requests == []


def test_a_request_signed_with_another_key_or_none_is_refused(web: FakeWeb) -> None:
    refuse(signed(HEADER, PAYLOAD, SoftwareSigner.generate("Ed25519")), web)
    refuse(unsigned(HEADER, PAYLOAD), web)


def test_any_changed_byte_is_caught(web: FakeWeb) -> None:
    request = build()

    for place in range(0, len(request), 13):
        with pytest.raises((ProtocolError, UnsupportedError)):
            verify(request[:place] + ("A" if request[place] != "A" else "B") + request[place + 1 :], web)


@pytest.mark.spec("security.md", "E08")
@pytest.mark.parametrize(
    "inner",
    [
        "decentralized_identifier:did:web:evil.example",
        DID,
        "redirect_uri:https://college.example",
        "x509_san_dns:college.example",
        CLIENT_ID + "#",
        CLIENT_ID.upper(),
        None,
        [CLIENT_ID],
        "",
    ],
)
def test_link_and_signed_request_must_name_the_same_party(inner: Any, web: FakeWeb) -> None:
    refuse(changed(client_id=inner), web)

    assert web.requests == []


@pytest.mark.parametrize(
    "did", ["did:example:123", "did:webvh:x:college.example", "did:plc:x"]
)
def test_a_party_named_by_a_did_of_another_kind_is_not_spoken_with(did: str, web: FakeWeb) -> None:
    client_id = v1_0.build_client_id(did)

    with pytest.raises(UnsupportedError):
        verify(changed(client_id=client_id), web, client_id=v1_0.parse_client_id(client_id))


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web:192.168.0.1",
        "did:web:college.example%2Fx",
        "did:web:college.example:..",
        "did:web:localhost%3A1",
    ],
)
def test_a_party_with_a_malformed_address_is_refused(did: str, web: FakeWeb) -> None:
    client_id = v1_0.build_client_id(did)

    refuse(changed(client_id=client_id), web, client_id=v1_0.parse_client_id(client_id))


@pytest.mark.parametrize(
    "aud", ["https://self-issued.me/v2/", "https://wallet.example", CLIENT_ID, ["https://self-issued.me/v2"], None, ""]
)
def test_a_request_for_somebody_else_is_refused(aud: Any, web: FakeWeb) -> None:
    refuse(changed(aud=aud), web)


@pytest.mark.parametrize(
    "name", ["aud", "client_id", "response_type", "response_uri", "nonce", "dcql_query"]
)
def test_a_request_that_lacks_something_is_refused(name: str, web: FakeWeb) -> None:
    refuse(missing(name), web)


@pytest.mark.parametrize("name", ["state", "exp", "iat", "purpose", "client_metadata"])
def test_what_need_not_be_there_may_be_left_out(name: str, web: FakeWeb) -> None:
    assert verify(missing(name), web).did == DID


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": AT - 61},
        {"exp": 0},
        {"exp": "soon"},
        {"exp": None},
        {"exp": True},
        {"exp": 10**300},
        {"iat": AT + 61},
        {"nbf": AT + 61},
        {"nbf": []},
        {"redirect_uri": "https://college.example/cb"},
        {"redirect_uri": None},
        {"response_uri": "https://evil.example/x"},
        {"response_uri": "http://college.example/x"},
        {"response_uri": "https://college.example:8443/x"},
        {"response_uri": "https://college.example.evil.example/x"},
        {"response_uri": "https://college.example@evil.example/x"},
        {"response_uri": None},
        {"response_uri": "https://sub.college.example/x"},
        {"response_uri": "https://college.example/x#y"},
        {"response_type": "code"},
        {"response_type": "vp_token id_token"},
        {"response_type": ["vp_token"]},
        {"scope": "com.example.x"},
        {"dcql_query": None},
        {"dcql_query": {}},
        {"dcql_query": json.dumps(QUERY)},
        {"dcql_query": [QUERY]},
        {"nonce": ""},
        {"nonce": "a b"},
        {"nonce": "é"},
        {"nonce": "a\n"},
        {"nonce": 7},
        {"nonce": ["x"]},
        {"state": "a b"},
        {"state": 7},
        {"client_metadata": "x"},
        {"client_metadata": {"vp_formats_supported": []}},
        {"client_metadata": {"vp_formats_supported": {"ldp_vc": []}}},
        {"client_metadata": {"vp_formats_supported": {"ldp_vc": {"cryptosuite_values": "x"}}}},
        {"client_metadata": {"vp_formats_supported": {"ldp_vc": {"proof_type_values": []}}}},
    ],
)
def test_a_request_with_something_wrong_in_it_is_refused(changes: dict[str, Any], web: FakeWeb) -> None:
    refuse(changed(**changes), web)


@pytest.mark.spec("OID4VP-1.0", "#transaction_data")
@pytest.mark.parametrize("data", [["eyJ0eXBlIjoieCJ9"], [], None, "x", {}])
def test_a_request_to_authorize_something_is_refused(data: Any, web: FakeWeb) -> None:
    refuse(changed(transaction_data=data), web, "invalid_transaction_data")


@pytest.mark.parametrize("mode", ["fragment", "query", "dc_api", None, 7])
def test_an_answer_on_another_way_is_not_spoken(mode: Any, web: FakeWeb) -> None:
    with pytest.raises(UnsupportedError):
        verify(changed(response_mode=mode), web)


def test_a_question_by_name_is_not_spoken(web: FakeWeb) -> None:
    payload = {key: value for key, value in PAYLOAD.items() if key != "dcql_query"}

    with pytest.raises(UnsupportedError):
        verify(signed(HEADER, {**payload, "scope": "com.example.x"}, SIGNER), web)


@pytest.mark.spec("OID4VP-1.0", "#nkb-credentials")
def test_without_holder_binding_there_must_be_a_state(web: FakeWeb) -> None:
    query = {"credentials": [{**QUERY["credentials"][0], "require_cryptographic_holder_binding": False}]}
    stateless = {key: value for key, value in PAYLOAD.items() if key != "state"}

    refuse(signed(HEADER, {**stateless, "dcql_query": query}, SIGNER), web)
    assert verify(changed(dcql_query=query), web).state == PAYLOAD["state"]


def test_what_is_not_known_is_ignored(web: FakeWeb) -> None:
    request = verify(
        changed(
            iss="anybody",
            verifier_info=[{"format": "jwt", "data": "x"}],
            new=[1],
            purpose=["x"],
            client_metadata={"vp_formats_supported": {"dc+sd-jwt": {}}, "logo_uri": "https://evil.example"},
        ),
        web,
    )

    assert (request.purpose, request.client_name, request.cryptosuites) == (None, None, ())


def test_words_of_the_verifier_are_fit_to_be_shown(web: FakeWeb) -> None:
    request = verify(changed(purpose="Your\n\u202ebank " + "x" * 999), web)

    assert request.purpose is not None and request.purpose.startswith("Your bank x") and len(request.purpose) == 300


def test_a_verifier_that_cannot_be_reached_could_not_be_checked(web: FakeWeb) -> None:
    web.unreachable("https://college.example")

    with pytest.raises((FetchError, DidNotFoundError)):
        verify(build(), web)


def test_a_verifier_without_a_document_could_not_be_checked() -> None:
    web = FakeWeb()
    web.serve_json("https://college.example/other", {})

    with pytest.raises((FetchError, DidNotFoundError)):
        verify(build(), web)


def test_a_document_of_somebody_else_is_refused() -> None:
    web = FakeWeb()
    document = build_did_document("did:web:evil.example", [("ed25519", SIGNER.public_key, ["authentication"])])
    web.serve_json(web_document_url(DID, allow_loopback=False), document)

    refuse(build(), web)


@pytest.mark.parametrize("request_", [*WRONG, "a.b.c", "..", "e30.e30.AA", "é.é.é"])
def test_what_is_no_request_is_refused(request_: Any, web: FakeWeb) -> None:
    refuse(request_, web)


@pytest.mark.parametrize("request_", [*WRONG, "a.b.c", "..", "é.é.é"])
def test_nothing_is_peeked_out_of_what_is_no_request(request_: Any) -> None:
    with pytest.raises(ProtocolError):
        v1_0.peek_request_object(request_)


def test_spoiled_requests_are_refused_in_a_typed_way(web: FakeWeb) -> None:
    outcomes = {"read": 0, "refused": 0}
    resolver = resolver_of(web)
    for payload in spoiled(PAYLOAD):
        if not isinstance(payload, dict):
            continue
        try:
            verify(signed(HEADER, payload, SIGNER), web, resolver=resolver)
        except CredkitError as error:
            assert isinstance(error, (ProtocolError, UnsupportedError))
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1

    assert outcomes["refused"] > 200


def test_the_end_of_the_purpose_comes_as_it_was_promised(web: FakeWeb) -> None:
    until = NOW + timedelta(days=30)

    assert verify(build(purpose_until=until), web).purpose_until == until
    assert "purpose_until" not in v1_0.peek_request_object(build())
    assert verify(build(), web).purpose_until is None
