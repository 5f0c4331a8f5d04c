"""OAuth: error answers, bearer tokens, the authorization server's metadata."""

from __future__ import annotations

import pytest

from credkit.errors import ParsingError, ProtocolError
from credkit.protocols import oauth, oauth_client
from credkit.protocols._reading import form_body, form_parameters, origin_of, plain_text, split_url
from tests.credkit.protocols.support import check_reader

METADATA = {
    "issuer": "https://server.example.com",
    "token_endpoint": "https://server.example.com/token",
    "grant_types_supported": [oauth.PRE_AUTHORIZED_CODE],
    "pre-authorized_grant_anonymous_access_supported": True,
}


@pytest.mark.spec("RFC6749", "#section-5.2")
def test_an_error_goes_out_with_its_code_and_no_forbidden_characters() -> None:
    error = oauth.protocol_error("invalid_grant", 'the "code" is \\ used\nup é')

    assert error.http_status == 400
    assert oauth.build_error(error) == {"error": "invalid_grant", "error_description": "the ?code? is ? used?up ?"}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("invalid_request", 400),
        ("invalid_grant", 400),
        ("unsupported_grant_type", 400),
        ("invalid_proof", 400),
        ("invalid_nonce", 400),
        ("credential_request_denied", 400),
        ("invalid_client", 401),
        ("invalid_token", 401),
        ("insufficient_scope", 403),
    ],
)
def test_every_code_has_its_status(code: str, status: int) -> None:
    assert oauth.protocol_error(code, "no").http_status == status


def test_an_error_of_the_other_side_is_read() -> None:
    error = oauth.parse_error(b'{"error":"invalid_grant","error_description":"used","c_nonce":"x"}', 400)

    assert (error.error, error.description, error.http_status) == ("invalid_grant", "used", 400)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"error":7}', b'{"error":""}', b'{"error":"a\\"b"}', b"{" * 99]
)
def test_an_answer_that_is_no_error_message_becomes_one(body: bytes) -> None:
    error = oauth.parse_error(body, 502)

    assert (error.error, error.http_status) == ("server_error", 502)
    assert "502" in error.description


@pytest.mark.parametrize("description", [None, 7, "", []])
def test_an_error_without_a_reason_says_so(description: object) -> None:
    error = oauth.parse_error({"error": "invalid_grant", "error_description": description}, 400)

    assert error.description == "the other side gave no reason"


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  a.b-c_~+/==", "a.b-c_~+/=="),
        ("BEARER czZCaGRSa3F0MzpnWDFmQmF0M2JW", "czZCaGRSa3F0MzpnWDFmQmF0M2JW"),
        ("DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU", "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
        ("dpop abc", "abc"),
    ],
)
@pytest.mark.spec("RFC6750", "#section-2.1")
def test_an_access_token_is_read_in_any_case_of_its_scheme(header: str, token: str) -> None:
    assert oauth.parse_authorization(header) == ("DPoP" if header[0] in "dD" else "Bearer", token)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic abc", "DPoP", "DPoP a b", "Bearer a b", "Bearer a\n", "Bearer é", "abc"],
)
def test_no_access_token_is_401(header: str | None) -> None:
    with pytest.raises(ProtocolError) as caught:
        oauth.parse_authorization(header)

    assert (caught.value.error, caught.value.http_status) == ("invalid_token", 401)
    assert oauth.build_challenge(caught.value) == 'Bearer error="invalid_token"'


@pytest.mark.spec("RFC8414", "#section-3.1")
@pytest.mark.parametrize(
    ("identifier", "inserted", "appended"),
    [
        ("https://h.example", "https://h.example/.well-known/x", "https://h.example/.well-known/x"),
        ("https://h.example/", "https://h.example/.well-known/x", "https://h.example/.well-known/x"),
        ("https://h.example/a/b", "https://h.example/.well-known/x/a/b", "https://h.example/a/b/.well-known/x"),
        (
            "https://h.example:8443/a/",
            "https://h.example:8443/.well-known/x/a",
            "https://h.example:8443/a/.well-known/x",
        ),
        ("http://localhost:8101", "http://localhost:8101/.well-known/x", "http://localhost:8101/.well-known/x"),
    ],
)
def test_the_well_known_path_is_inserted_and_the_older_one_appended(
    identifier: str, inserted: str, appended: str
) -> None:
    assert oauth.well_known_url(identifier, "x") == inserted
    assert oauth.appended_well_known_url(identifier, "x") == appended


@pytest.mark.parametrize(
    "address",
    [
        None,
        7,
        "",
        "h.example",
        "ftp://h.example",
        "http://h.example",
        "https://",
        "https://u:p@h.example",
        "https://@h.example",
        "https://h.example:0",
        "https://h.example:99999",
        "https://h.example:x",
        "https://[::1",
        "https://h .example",
        "https://h.example/#f",
        "https://h.example\\@evil.example",
        "https://h.example/\n",
        "javascript:alert(1)",
        "http://localhost.evil.example",
        "https://h.exämple",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_none_is_refused(address: object) -> None:
    with pytest.raises(ParsingError):
        split_url(address)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://H.Example:443/a?b", "https://h.example"),
        ("https://h.example:8443", "https://h.example:8443"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:8101/x", "http://[::1]:8101"),
        ("HTTPS://h.example", "https://h.example"),
    ],
)
def test_an_origin_has_one_spelling(address: str, origin: str) -> None:
    assert origin_of(address) == origin


def test_an_identifier_with_a_query_has_no_well_known_address() -> None:
    with pytest.raises(ParsingError):
        oauth.well_known_url("https://h.example/?", "x")


def test_server_metadata_comes_back_as_it_was_built() -> None:
    document = oauth.build_server_metadata(oauth.AuthorizationServerMetadata(
        "https://server.example.com", "https://server.example.com/token",
        pre_authorized_grant_anonymous_access_supported=True))
    read = oauth_client.parse_server(document, expected_issuer="https://server.example.com")

    assert METADATA.items() <= document.items()
    assert (read.issuer, read.token_endpoint) == (METADATA["issuer"], METADATA["token_endpoint"])
    assert document["response_types_supported"] == []
    assert document["authorization_details_types_supported"] == ["openid_credential"]


@pytest.mark.spec("RFC8414", "#section-3.3")
@pytest.mark.parametrize(
    "issuer", ["https://server.example.com/", "https://SERVER.example.com", "https://other.example", ""]
)
def test_metadata_of_another_server_is_refused(issuer: str) -> None:
    with pytest.raises(ProtocolError, match="not the one"):
        oauth_client.parse_server(METADATA, expected_issuer=issuer)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/token",
        "http://server.example.com/token",
        "https://server.example.com.evil.example/token",
        "https://server.example.com:444/token",
    ],
)
def test_a_token_endpoint_of_somebody_else_is_refused(endpoint: str) -> None:
    with pytest.raises(ProtocolError):
        oauth_client.parse_server(
            {**METADATA, "token_endpoint": endpoint}, expected_issuer="https://server.example.com"
        )


def test_spoiled_server_metadata_is_refused_in_a_typed_way() -> None:
    server = "https://server.example.com"
    full = oauth.build_server_metadata(oauth.AuthorizationServerMetadata(
        server, f"{server}/token", authorization_endpoint=f"{server}/authorize",
        pushed_authorization_request_endpoint=f"{server}/par", code_challenge_methods_supported=("S256",),
        dpop_signing_alg_values_supported=("ES256",), authorization_response_iss_parameter_supported=True))
    refused = check_reader(
        lambda body: oauth_client.parse_server(body, expected_issuer=server), full, build=lambda read: {
            "issuer": read.issuer, "token_endpoint": read.token_endpoint,
            "code_challenge_methods_supported": list(read.challenge_methods),
            "authorization_response_iss_parameter_supported": read.names_itself,
            "dpop_signing_alg_values_supported": list(read.dpop_algorithms),
            "authorization_details_types_supported": list(read.details_types),
            "token_endpoint_auth_methods_supported": list(read.auth_methods),
            **({} if read.authorization_endpoint is None else {"authorization_endpoint": read.authorization_endpoint}),
            **({} if read.pushed_endpoint is None else {"pushed_authorization_request_endpoint": read.pushed_endpoint}),
        })

    assert refused > 60


@pytest.mark.spec("RFC6749", "#section-3.2")
@pytest.mark.parametrize(
    "form",
    [
        b"a=1&a=2",
        b"a=1&a=",
        b"\xff",
        b"a=%ff",
        "a=%c3",
        b"&".join([b"x%d=1" % n for n in range(65)]),
        {"a": 1},
        {1: "a"},
    ],
)
def test_a_form_that_can_be_read_in_two_ways_is_refused(form: object) -> None:
    with pytest.raises(ParsingError):
        form_parameters(form)  # type: ignore[arg-type]


def test_an_empty_parameter_is_an_absent_one() -> None:
    assert form_parameters(b"a=&b=1") == {"b": "1"} == form_parameters({"a": "", "b": "1"})


def test_a_form_comes_back_as_it_was_built() -> None:
    parameters = {"a": "ü &=+%", "b": "\n", "c": "🙂"}

    assert form_parameters(form_body({**parameters, "d": None})) == parameters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, None),
        ("", None),
        (" \n\t ", None),
        ("\u202e\u0000", None),
        ("a\n b\u202ec", "a bc"),
        ("ab" * 10, "ababa"),
        ("abcd e", "abcd"),
    ],
)
def test_text_of_others_is_one_line_without_tricks(text: str | None, shown: str | None) -> None:
    assert plain_text(text, 5) == shown
