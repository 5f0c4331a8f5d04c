"""OpenID4VP 1.0: request links, fetching the request object, answers by direct_post."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from credkit.errors import ProtocolError, UnsupportedError
from credkit.ports import Response
from credkit.protocols.oid4vp import VERSIONS, v1_0
from credkit.protocols.oid4vp.messages import AuthorizationResponse, ClientId, ErrorResponse, OuterRequest
from tests.credkit.protocols.support import NOT_A_MESSAGE, WRONG, spoiled

DID = "did:web:college.example"
CLIENT_ID = ClientId(f"decentralized_identifier:{DID}", "decentralized_identifier", DID)
REQUEST_URI = "https://college.example/requests/Xy-9?a=b&c=d"
VP = {"type": ["VerifiablePresentation"]}


def test_the_version_names_itself() -> None:
    assert [version.VERSION for version in VERSIONS] == ["1.0"]


# Links


def test_the_links_of_a_request_lead_back_to_it() -> None:
    links = v1_0.request_links(CLIENT_ID.text, REQUEST_URI, wallets=["https://wallet.example/"])

    assert links.deep.startswith(
        "openid4vp://?client_id=decentralized_identifier%3Adid%3Aweb%3Acollege.example&request_uri=https%3A"
    )
    assert links.web[0].startswith("https://wallet.example/request?client_id=")
    assert {v1_0.parse_outer_request(link) for link in (links.deep, *links.web)} == {
        OuterRequest(CLIENT_ID, None, REQUEST_URI, "post")
    }


@pytest.mark.spec("OID4VP-1.0", "#vp_token_request")
@pytest.mark.parametrize(
    ("more", "request_"),
    [
        (
            "&request_uri=https%3A%2F%2Fcollege.example%2F1",
            OuterRequest(CLIENT_ID, None, "https://college.example/1", "get"),
        ),
        (
            "&request_uri=https%3A%2F%2Fcollege.example%2F1&request_uri_method=get",
            OuterRequest(CLIENT_ID, None, "https://college.example/1", "get"),
        ),
        (
            "&request_uri=https%3A%2F%2Fcollege.example%2F1&request_uri_method=post&response_uri=https%3A%2F%2Fevil.example&nonce=x&dcql_query=x",
            OuterRequest(CLIENT_ID, None, "https://college.example/1", "post"),
        ),
        ("&request=a.b.c", OuterRequest(CLIENT_ID, "a.b.c", None, "get")),
    ],
)
def test_a_link_is_read_and_what_only_a_signature_can_say_passed_over(more: str, request_: OuterRequest) -> None:
    assert v1_0.parse_outer_request(f"openid4vp://?client_id={quote(CLIENT_ID.text, safe='')}{more}") == request_
    assert v1_0.parse_outer_request(f"https://wallet.example/request?client_id={CLIENT_ID.text}{more}") == request_


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("", "invalid_request"),
        ("openid4vp://", "invalid_request"),
        ("openid4vp://?", "invalid_request"),
        ("openid4vp://?request=a.b.c", "invalid_request"),
        (f"openid4vp://?client_id={CLIENT_ID.text}", "invalid_request"),
        (f"openid4vp://?client_id={CLIENT_ID.text}&request=a.b.c&request_uri=https://a.example", "invalid_request"),
        (f"openid4vp://?client_id={CLIENT_ID.text}&request_uri=http://a.example", "invalid_request"),
        (
            f"openid4vp://?client_id={CLIENT_ID.text}&request_uri=https://a.example&request_uri_method=POST",
            "invalid_request_uri_method",
        ),
        (
            f"openid4vp://?client_id={CLIENT_ID.text}&request_uri=https://a.example&request_uri_method=put",
            "invalid_request_uri_method",
        ),
        (f"openid4vp://?client_id={CLIENT_ID.text}&request=a.b.c&request_uri_method=post", "invalid_request"),
        (f"openid4vp://?client_id={CLIENT_ID.text}&client_id={CLIENT_ID.text}&request=a", "invalid_request"),
        ("openid4vp://?client_id=origin:https://college.example&request=a.b.c", "invalid_request"),
        ("openid4vp://?client_id=decentralized_identifier:https://college.example&request=a.b.c", "invalid_request"),
        ("openid4vp://?client_id=decentralized_identifier:&request=a.b.c", "invalid_request"),
        ("openid-credential-offer://?client_id=a&request=a.b.c", "invalid_request"),
        ("openid4vp://?client_id=%ff&request=a", "invalid_request"),
        ("openid4vp://?client_id=" + "a" * 3000 + "&request=a", "invalid_request"),
    ],
)
def test_a_link_that_holds_no_request_is_refused_with_its_code(link: str, code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_outer_request(link)

    assert (caught.value.error, caught.value.http_status) == (code, 400)


@pytest.mark.spec("OID4VP-1.0", "#client_identifier_prefixes")
@pytest.mark.parametrize(
    "client_id",
    [
        "openid_federation:https://college.example",
        "verifier_attestation:college.example",
        "example-client",
        "did:web:college.example",
        "https://college.example/cb",
        "DECENTRALIZED_IDENTIFIER:did:web:college.example",
        " decentralized_identifier:did:web:college.example",
    ],
)
def test_clients_known_in_ways_we_do_not_speak_are_told_so(client_id: str) -> None:
    with pytest.raises(UnsupportedError):
        v1_0.parse_outer_request("openid4vp://?request=a.b.c&client_id=" + quote(client_id, safe=""))
    with pytest.raises(UnsupportedError):
        v1_0.parse_client_id(client_id)


@pytest.mark.parametrize("client_id", [value for value in WRONG if value not in (" ", "x", "\u0000")])
def test_a_client_that_is_no_name_is_refused(client_id: Any) -> None:
    with pytest.raises(ProtocolError):
        v1_0.parse_client_id(client_id)


# Fetching


@pytest.mark.spec("OID4VP-1.0", "#request_uri_method_post")
def test_the_form_that_fetches_a_request_brings_the_wallets_nonce() -> None:
    form = v1_0.build_request_uri_form("qPmxiNFCR3QTm19POc8u", v1_0.build_wallet_metadata(["ecdsa-sd-2023"]))

    assert form.startswith("wallet_nonce=qPmxiNFCR3QTm19POc8u&wallet_metadata=%7B%22vp_formats")
    assert v1_0.parse_request_uri_form(form) == "qPmxiNFCR3QTm19POc8u"
    assert v1_0.parse_request_uri_form("wallet_nonce=a&vp_formats_supported=x&new=1") == "a"
    assert v1_0.parse_request_uri_form(b"") is None


@pytest.mark.parametrize("form", [b"\xff", b"wallet_nonce=a&wallet_nonce=b", b"wallet_nonce=" + b"a" * 1025])
def test_a_malformed_form_that_fetches_is_refused(form: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_request_uri_form(form)

    assert caught.value.error == "invalid_request"


def answer(
    body: bytes = b"a.b.c", status: int = 200, content_type: str | None = "application/oauth-authz-req+jwt"
) -> Response:
    headers = {} if content_type is None else {"content-type": content_type}
    return Response(REQUEST_URI, status, headers, body)


@pytest.mark.parametrize(
    "content_type", ["application/oauth-authz-req+jwt", "Application/OAuth-Authz-Req+JWT; charset=utf-8"]
)
def test_a_fetched_request_is_taken_out_of_its_answer(content_type: str) -> None:
    assert v1_0.parse_request_object_answer(answer(b"a.b.c\n", content_type=content_type)) == "a.b.c"


@pytest.mark.parametrize(
    "wrong",
    [
        answer(status=404),
        answer(status=500),
        answer(status=204),
        answer(content_type=None),
        answer(content_type="text/html"),
        answer(content_type="application/jwt"),
        answer(b"a" * 300_000),
    ],
)
def test_an_answer_that_holds_no_request_is_refused(wrong: Response) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_request_object_answer(wrong)

    assert caught.value.error == "invalid_request"


# Answers


def test_an_answer_comes_back_as_it_was_built() -> None:
    form = v1_0.build_response({"courses": [VP, VP], "badge": ["a~b"]}, state="s-1")

    assert v1_0.parse_direct_post(form.encode()) == AuthorizationResponse(
        {"courses": (VP, VP), "badge": ("a~b",)}, "s-1"
    )


@pytest.mark.spec("OID4VP-1.0", "#response-parameters")
def test_values_in_a_vp_token_are_arrays_even_of_one() -> None:
    form = v1_0.build_response({"one": [VP]}, state=None)

    assert form == urlencode({"vp_token": '{"one": [{"type": ["VerifiablePresentation"]}]}'})


@pytest.mark.parametrize(
    ("token", "bare"),
    [({"a": VP}, True), ({"a": "x~y"}, True), ({"a": [VP]}, False), ({"a": [VP], "b": VP}, True), ({}, False)],
)
def test_a_bare_value_is_read_and_flagged(token: dict[str, Any], bare: bool) -> None:
    response = v1_0.parse_direct_post({"vp_token": json.dumps(token)})

    assert isinstance(response, AuthorizationResponse)
    assert response.bare is bare
    assert set(response.vp_token) == set(token)


@pytest.mark.spec("OID4VP-1.0", "#error-response")
def test_an_error_comes_back_as_it_was_built() -> None:
    form = v1_0.build_error_response(ProtocolError("access_denied", 'she said "no"'), state="s")

    assert v1_0.parse_direct_post(form) == ErrorResponse("access_denied", "she said ?no?", "s")
    assert v1_0.parse_direct_post("error=access_denied") == ErrorResponse("access_denied")
    assert v1_0.parse_direct_post(
        "error=invalid_request&error_description=unsupported%20client_id_prefix&state=eyJhb"
    ) == ErrorResponse("invalid_request", "unsupported client_id_prefix", "eyJhb")


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"state=a",
        b"\xff",
        b"vp_token=",
        b"vp_token=x",
        b"vp_token=[]",
        b"vp_token=%22x%22",
        b"vp_token=%7B%7D&vp_token=%7B%7D",
        b"vp_token=%7B%7D&error=x",
        b"response=eyJra&vp_token=" + quote(json.dumps({"a": ["x"]})).encode(),
        b"error=%0A",
        b"error=" + b"a" * 200,
        b"error=%22",
        b"id_token=x",
        b"vp_token=" + quote('{"a":[]}').encode(),
        b"vp_token=" + quote('{"a":[1]}').encode(),
        b"vp_token=" + quote('{"a":null}').encode(),
        b"vp_token=" + quote('{"a":[VP],"a":[]}').encode(),
        b"vp_token=" + b"%7B%22a%22%3A" * 100_000,
    ],
)
def test_a_malformed_answer_is_refused(form: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_direct_post(form)

    assert (caught.value.error, caught.value.http_status) == ("invalid_request", 400)


def test_spoiled_answers_are_refused_in_a_typed_way() -> None:
    refused = 0
    for token in spoiled({"courses": [VP, "a~b"], "badge": [VP]}):
        try:
            response = v1_0.parse_direct_post({"vp_token": json.dumps(token), "state": "s"})
        except ProtocolError as error:
            assert error.http_status == 400
            refused += 1
        else:
            assert isinstance(response, AuthorizationResponse)
            assert all(isinstance(each, (str, dict)) for values in response.vp_token.values() for each in values)
    for body in (*(quote(body).encode() for body in NOT_A_MESSAGE[:-1]), b"a" * 5_000_000):
        with pytest.raises(ProtocolError):
            v1_0.parse_direct_post(b"vp_token=" + body)

    assert refused > 40


# After the answer


@pytest.mark.parametrize(
    "redirect_uri",
    ["https://college.example/cb#response_code=091535f699ea575c7937fa5f0f454aee", "http://localhost:8104/a", None],
)
def test_where_to_go_next_comes_back_as_it_was_built(redirect_uri: str | None) -> None:
    assert (
        v1_0.parse_direct_post_answer(json.dumps(v1_0.build_direct_post_answer(redirect_uri)).encode()) == redirect_uri
    )


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "javascript:alert(1)",
        "http://college.example",
        "//college.example",
        "https://college.example/#\n",
        "https://college.example/# x",
        7,
        None,
        [],
        "data:text/html,x",
    ],
)
def test_nobody_is_sent_to_an_unsafe_address(redirect_uri: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        v1_0.parse_direct_post_answer({"redirect_uri": redirect_uri})

    assert caught.value.error == "invalid_response"


@pytest.mark.parametrize("body", NOT_A_MESSAGE)
def test_an_answer_to_an_answer_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        v1_0.parse_direct_post_answer(body)
