"""OpenID4VCI 1.0: offers, token, nonce, credential and notification messages."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from credkit.errors import ProtocolError
from credkit.protocols.oauth import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE
from credkit.protocols.oid4vci import VERSIONS, v1_0
from credkit.protocols.oid4vci.messages import (
    AuthorizationCodeGrant,
    AuthorizationDetail,
    CredentialOffer,
    CredentialRequest,
    CredentialResponse,
    NonceResponse,
    NotificationRequest,
    OfferReference,
    PreAuthorizedCodeGrant,
    TokenRequest,
    TokenResponse,
    TxCode,
)
from tests.credkit.protocols.support import check_reader

OFFER = CredentialOffer(
    "https://school.example",
    ("transcript", "course"),
    PreAuthorizedCodeGrant("oaKazRN8I0IbtZ0C7JuMn5", TxCode("numeric", 6, "It is on the letter."), None),
)
OFFER_URL = "https://school.example/offers/Xy-9?a=b&c=d"
JWT = "eyJhbGciOiJFZERTQSJ9.e30.AA"


def test_the_version_names_itself() -> None:
    assert [version.VERSION for version in VERSIONS] == ["1.0", "draft 13"]


# Offers


@pytest.mark.parametrize(
    "offer",
    [
        OFFER,
        CredentialOffer("https://school.example/a", ("one",)),
        CredentialOffer("http://localhost:8101", ("one",), PreAuthorizedCodeGrant("c")),
        CredentialOffer(
            "https://school.example",
            ("one",),
            PreAuthorizedCodeGrant("c", TxCode("text"), "https://as.example"),
            AuthorizationCodeGrant("state", "https://as.example"),
        ),
        CredentialOffer("https://school.example", ("one",), None, AuthorizationCodeGrant()),
    ],
)
def test_an_offer_comes_back_as_it_was_built(offer: CredentialOffer) -> None:
    assert v1_0.parse_offer(json.dumps(v1_0.build_offer(offer)).encode()) == offer


@pytest.mark.spec("OID4VCI-1.0", "#credential-offer")
@pytest.mark.parametrize(
    "start",
    [
        "openid-credential-offer://?",
        "OPENID-CREDENTIAL-OFFER://?",
        "openid-credential-offer:?",
        "openid-credential-offer:///?",
        "https://wallet.example/offer?",
        "http://localhost:8103/offer?x=1&",
    ],
)
def test_an_offer_is_read_from_a_link_by_value_and_by_reference(start: str) -> None:
    by_value = start + "credential_offer=" + quote(json.dumps(v1_0.build_offer(OFFER)), safe="")
    by_reference = f" {start}credential_offer_uri={quote(OFFER_URL, safe='')}\n"

    assert v1_0.parse_offer_uri(by_value) == OFFER
    assert v1_0.parse_offer_uri(by_reference) == OfferReference(OFFER_URL)


def test_the_links_of_an_offer_lead_back_to_it() -> None:
    links = v1_0.offer_links(OFFER_URL, ["https://wallet.example/", "http://localhost:8103"])

    assert links.deep.startswith(
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fschool.example%2Foffers"
    )
    assert links.web[0].startswith("https://wallet.example/offer?credential_offer_uri=")
    assert links.web[1].startswith("http://localhost:8103/offer?")
    assert {v1_0.parse_offer_uri(link) for link in (links.deep, *links.web)} == {OfferReference(OFFER_URL)}


@pytest.mark.parametrize(
    "link",
    [
        "",
        "openid-credential-offer://",
        "openid-credential-offer://?",
        "openid-credential-offer://?x=1",
        "https://wallet.example/offer",
        "openid-credential-offer://?credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer=",
        "openid-credential-offer://?credential_offer_uri=http%3A%2F%2Fschool.example",
        "openid4vp://?credential_offer_uri=https%3A%2F%2Fa.example",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example&credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example&credential_offer_uri=https%3A%2F%2Fa.example",
        "openid-credential-offer://?credential_offer_uri=file%3A%2F%2F%2Fetc%2Fpasswd",
        "javascript:alert(1)?credential_offer_uri=https%3A%2F%2Fa.example",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2F[",
        "openid-credential-offer://?credential_offer_uri=%ff",
        "http://wallet.example/offer?credential_offer_uri=https%3A%2F%2Fa.example",
        "x" * 100_000,
        "openid-credential-offer://?" + "a=1&" * 9000,
    ],
)
def test_a_link_that_holds_no_offer_is_refused(link: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_offer_uri(link)

    assert (caught.value.error, caught.value.http_status) == ("invalid_credential_offer", 400)


def test_a_link_that_is_no_text_is_refused() -> None:
    with pytest.raises(ProtocolError):
        v1_0.parse_offer_uri(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"credential_configuration_ids": []},
        {"credential_configuration_ids": ["a", "a"]},
        {"credential_configuration_ids": ["a", 1]},
        {"credential_configuration_ids": "a"},
        {"credential_issuer": "school.example"},
        {"credential_issuer": "http://school.example"},
        {"grants": []},
        {"grants": {PRE_AUTHORIZED_CODE: {}}},
        {"grants": {PRE_AUTHORIZED_CODE: {"pre-authorized_code": ""}}},
        {"grants": {PRE_AUTHORIZED_CODE: {"pre-authorized_code": "a", "tx_code": True}}},
        {"grants": {PRE_AUTHORIZED_CODE: {"pre-authorized_code": "a", "tx_code": {"length": 0}}}},
        {"grants": {PRE_AUTHORIZED_CODE: {"pre-authorized_code": "a", "tx_code": {"length": True}}}},
        {"grants": {AUTHORIZATION_CODE: "x"}},
    ],
)
def test_a_malformed_offer_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_offer({**v1_0.build_offer(OFFER), **changes})

    assert caught.value.error == "invalid_credential_offer"


def test_what_an_offer_says_about_its_code_is_fit_to_be_shown() -> None:
    document = v1_0.build_offer(OFFER)
    document["grants"][PRE_AUTHORIZED_CODE]["tx_code"] = {
        "input_mode": "emoji",
        "description": "see\n\u202eletter" + "x" * 999,
    }

    offer = v1_0.parse_offer(document)

    assert offer.pre_authorized is not None and offer.pre_authorized.tx_code is not None
    assert offer.pre_authorized.tx_code.input_mode == "text"
    assert offer.pre_authorized.tx_code.description == "see letter" + "x" * 290


def test_members_that_are_not_known_are_ignored_in_an_offer() -> None:
    document = {**v1_0.build_offer(OFFER), "new": 1}
    document["grants"]["new"] = {"grant": 1}
    document["grants"][PRE_AUTHORIZED_CODE]["interval"] = 5

    assert v1_0.parse_offer(document) == OFFER


# Token


@pytest.mark.parametrize(
    "request_",
    [
        TokenRequest("code"),
        TokenRequest("code", "493536"),
        TokenRequest("c&=+ %", "ü", "client"),
        TokenRequest("code", "1", None, (AuthorizationDetail("transcript"), AuthorizationDetail("course"))),
    ],
)
def test_a_token_request_comes_back_as_it_was_built(request_: TokenRequest) -> None:
    assert v1_0.parse_token_request(v1_0.build_token_request(request_).encode()) == request_


@pytest.mark.spec("OID4VCI-1.0", "#token-request")
def test_the_specifications_token_request_is_read_and_strangers_parameters_ignored() -> None:
    form = (
        "grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code&pre-authorized_code=SplxlOBeZQQYbYS6WxSbIA"
        "&tx_code=493536&resource=https%3A%2F%2Fschool.example"
    )

    assert v1_0.parse_token_request(form) == TokenRequest("SplxlOBeZQQYbYS6WxSbIA", "493536")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (b"", "invalid_request"),
        (b"\xff", "invalid_request"),
        (b"grant_type=", "invalid_request"),
        (b"pre-authorized_code=a", "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"grant_type=refresh_token&refresh_token=a", "unsupported_grant_type"),
        (b"grant_type=authorization_code&code=a", "invalid_request"),
        (b"grant_type=authorization_code&code=a&client_id=b&redirect_uri=https://w.example/cb", "invalid_request"),
        (b"grant_type=authorization_code&code=a&client_id=b&code_verifier=c", "invalid_request"),
        (f"grant_type={PRE_AUTHORIZED_CODE}", "invalid_request"),
        (f"grant_type={PRE_AUTHORIZED_CODE}&pre-authorized_code=", "invalid_request"),
        (f"grant_type={PRE_AUTHORIZED_CODE}&pre-authorized_code=a&pre-authorized_code=b", "invalid_request"),
        (f"grant_type={PRE_AUTHORIZED_CODE}&pre-authorized_code=a&tx_code=1&tx_code=2", "invalid_request"),
        *[
            (
                f"grant_type={PRE_AUTHORIZED_CODE}&pre-authorized_code=a&authorization_details={quote(details)}",
                "invalid_authorization_details",
            )
            for details in (
                "x",
                "{}",
                "[1]",
                "[{}]",
                '[{"type":"openid_credential"}]',
                '[{"type":"payment"}]',
                "[]}",
                "[" * 99_999,
                '[{"type":"openid_credential","credential_configuration_id":7}]',
                '[{"type":7,"credential_configuration_id":"a"}]',
            )
        ],
    ],
)
def test_a_malformed_token_request_is_refused_with_its_code(form: bytes | str, code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_token_request(form)

    assert (caught.value.error, caught.value.http_status) == (code, 400)


@pytest.mark.parametrize(
    "response",
    [
        TokenResponse("token"),
        TokenResponse("token", "Bearer", 300),
        TokenResponse(
            "token",
            expires_in_s=0,
            authorization_details=(AuthorizationDetail("course", ("a", "b")), AuthorizationDetail("x")),
        ),
    ],
)
def test_a_token_answer_comes_back_as_it_was_built(response: TokenResponse) -> None:
    assert v1_0.parse_token_response(json.dumps(v1_0.build_token_response(response)).encode()) == response


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": ""},
        {"access_token": "a\nX: y"},
        {"access_token": "a b"},
        {"token_type": "mac"},
        {"token_type": 1},
        {"expires_in": "300"},
        {"expires_in": -1},
        {"expires_in": 2**40},
        {"expires_in": 1.5},
        {"expires_in": True},
        {"authorization_details": {}},
        {"authorization_details": [{"type": "openid_credential"}]},
        {
            "authorization_details": [
                {"type": "openid_credential", "credential_configuration_id": "a", "credential_identifiers": []}
            ]
        },
        {
            "authorization_details": [
                {"type": "openid_credential", "credential_configuration_id": "a", "credential_identifiers": "a"}
            ]
        },
    ],
)
def test_a_malformed_token_answer_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_token_response({"access_token": "t", "token_type": "bearer", **changes})

    assert caught.value.error == "invalid_token_response"


def test_other_details_and_a_stray_nonce_are_ignored_in_a_token_answer() -> None:
    document = {
        "access_token": "t",
        "token_type": "bearer",
        "c_nonce": "n",
        "authorization_details": [{"type": "payment"}],
    }

    assert v1_0.parse_token_response(document) == TokenResponse("t")


# Nonce


def test_a_nonce_answer_comes_back_as_it_was_built() -> None:
    assert v1_0.parse_nonce_response(
        v1_0.build_nonce_response(NonceResponse("wKI4LT17ac15ES9bw8ac4"))
    ) == NonceResponse("wKI4LT17ac15ES9bw8ac4")


# Credential request


@pytest.mark.parametrize(
    "request_",
    [
        CredentialRequest(credential_identifier="a", proof_type="jwt", proofs=(JWT,)),
        CredentialRequest(credential_configuration_id="a", proof_type="jwt", proofs=(JWT, JWT)),
        CredentialRequest(credential_configuration_id="a"),
        CredentialRequest(credential_identifier="a", proof_type="di_vp", proofs=({"type": "VerifiablePresentation"},)),
        CredentialRequest(credential_identifier="a", proof_type="attestation", proofs=(JWT,)),
    ],
)
def test_a_credential_request_comes_back_as_it_was_built(request_: CredentialRequest) -> None:
    assert v1_0.parse_credential_request(json.dumps(v1_0.build_credential_request(request_)).encode()) == request_


@pytest.mark.spec("OID4VCI-1.0", "#credential-request")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"credential_identifier": None}, "invalid_credential_request"),
        ({"credential_identifier": ""}, "invalid_credential_request"),
        ({"credential_identifier": ["a"]}, "invalid_credential_request"),
        ({"credential_configuration_id": "b"}, "invalid_credential_request"),
        ({"proofs": None}, "invalid_proof"),
        ({"proofs": []}, "invalid_proof"),
        ({"proofs": {}}, "invalid_proof"),
        ({"proofs": {"jwt": []}}, "invalid_proof"),
        ({"proofs": {"jwt": JWT}}, "invalid_proof"),
        ({"proofs": {"jwt": [1]}}, "invalid_proof"),
        ({"proofs": {"jwt": [JWT, ""]}}, "invalid_proof"),
        ({"proofs": {"jwt": [JWT], "attestation": [JWT]}}, "invalid_proof"),
        ({"proofs": {"ldp_vp": [{}]}}, "invalid_proof"),
        ({"proofs": {"di_vp": [JWT]}}, "invalid_proof"),
        ({"proofs": {"jwt": [JWT] * 65}}, "invalid_proof"),
        ({"credential_response_encryption": {"jwk": {}, "enc": "A128GCM"}}, "invalid_encryption_parameters"),
    ],
)
def test_a_malformed_credential_request_is_refused_with_its_code(changes: dict[str, object], code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_credential_request({"credential_identifier": "a", "proofs": {"jwt": [JWT]}, **changes})

    assert (caught.value.error, caught.value.http_status) == (code, 400)


def test_a_credential_must_be_named() -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_credential_request({"proofs": {"jwt": [JWT]}})

    assert caught.value.error == "invalid_credential_request"


def test_what_is_not_known_is_ignored_in_a_credential_request() -> None:
    document = {
        "credential_identifier": "a",
        "format": "ldp_vc",
        "proof": {"x": 1},
        "proofs": {"proof_type": "jwt", "jwt": [JWT]},
    }

    assert v1_0.parse_credential_request(document) == CredentialRequest("a", None, "jwt", (JWT,))


# Credential answer


@pytest.mark.parametrize(
    "response",
    [
        CredentialResponse(({"type": ["VerifiableCredential"]},)),
        CredentialResponse(("a.b.c", "d.e.f"), "n-1"),
        CredentialResponse(transaction_id="t", interval_s=5),
        CredentialResponse(transaction_id="t"),
    ],
)
def test_a_credential_answer_comes_back_as_it_was_built(response: CredentialResponse) -> None:
    assert v1_0.parse_credential_response(json.dumps(v1_0.build_credential_response(response)).encode()) == response


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"credentials": []},
        {"credentials": {}},
        {"credentials": ["a.b.c"]},
        {"credentials": [{}]},
        {"credentials": [{"credential": 7}]},
        {"credentials": [{"credential": ""}]},
        {"credentials": [{"credential": {}}]},
        {"credential": "a.b.c"},
        {"transaction_id": ""},
        {"transaction_id": "a", "interval": 0},
        {"transaction_id": "a", "interval": "5"},
        {"transaction_id": "a", "credentials": [{"credential": "b"}]},
        {"credentials": [{"credential": "b"}], "notification_id": 7},
    ],
)
def test_a_malformed_credential_answer_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_credential_response(document)

    assert caught.value.error == "invalid_credential_response"


# Notification


@pytest.mark.spec("OID4VCI-1.0", "#notification")
@pytest.mark.parametrize(
    "notification",
    [
        NotificationRequest("3fwe98js", "credential_accepted"),
        NotificationRequest("3fwe98js", "credential_deleted"),
        NotificationRequest("3fwe98js", "credential_failure", "Could not store the Credential. Out of storage."),
    ],
)
def test_a_notification_comes_back_as_it_was_built(notification: NotificationRequest) -> None:
    assert v1_0.parse_notification(json.dumps(v1_0.build_notification(notification)).encode()) == notification


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"notification_id": "a"},
        {"event": "credential_accepted"},
        {"notification_id": "a", "event": "x"},
        {"notification_id": 1, "event": "credential_accepted"},
        {"notification_id": "a", "event": []},
    ],
)
def test_a_malformed_notification_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_notification(document)

    assert (caught.value.error, caught.value.http_status) == ("invalid_notification_request", 400)


# Whatever is sent


@pytest.mark.parametrize(
    ("parse", "build", "message", "at_least"),
    [
        (v1_0.parse_offer, v1_0.build_offer, v1_0.build_offer(OFFER), 100),
        (
            v1_0.parse_token_response,
            v1_0.build_token_response,
            v1_0.build_token_response(TokenResponse("t", "bearer", 300, (AuthorizationDetail("course", ("a",)),))),
            80,
        ),
        (v1_0.parse_nonce_response, v1_0.build_nonce_response, {"c_nonce": "n"}, 20),
        (
            v1_0.parse_credential_request,
            v1_0.build_credential_request,
            {"credential_identifier": "a", "proofs": {"jwt": [JWT]}},
            50,
        ),
        (
            v1_0.parse_credential_response,
            v1_0.build_credential_response,
            {"credentials": [{"credential": {"type": ["VerifiableCredential"]}}], "notification_id": "n"},
            50,
        ),
        (
            v1_0.parse_notification,
            v1_0.build_notification,
            {"notification_id": "a", "event": "credential_failure", "event_description": "b"},
            40,
        ),
    ],
)
def test_spoiled_messages_are_refused_in_a_typed_way(parse, build, message, at_least) -> None:
    assert check_reader(parse, message, build=build) >= at_least
