"""Authorization requests and code redemptions as they come in: what is taken, and with which error the rest is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from credkit.errors import ProtocolError
from credkit.ports import JSONObject
from credkit.protocols.code_grant import is_challenge_met
from credkit.protocols.oid4vci import v1_0
from credkit.protocols.oid4vci.messages import (
    AuthorizationClient,
    AuthorizationDetail,
    AuthorizationRequest,
    CodeTokenRequest,
    TokenRequest,
)
from tests.credkit.protocols.support import WRONG
from tests.support.shared import read_json

PKCE: JSONObject = read_json(Path(__file__).resolve().parents[3] / "vectors" / "pkce" / "s256.json")
ISSUER = "https://school.example"
ASKED = {"response_type": "code", "client_id": "wallet", "redirect_uri": "https://wallet.example/cb", "state": "s 1",
         "code_challenge": PKCE["code_challenge"], "code_challenge_method": "S256", "scope": "badge course"}


def refusal(call: Any) -> str:
    with pytest.raises(ProtocolError) as caught:
        call()
    assert caught.value.http_status == 400
    return caught.value.error


@pytest.mark.spec("RFC7636", "#appendix-B")
def test_the_challenge_of_the_rfc_is_met_by_its_verifier_only() -> None:
    verifier, challenge = PKCE["code_verifier"], PKCE["code_challenge"]

    assert is_challenge_met(verifier, challenge)
    for wrong in (verifier[:-1] + "A", verifier[:-1], verifier + "=", challenge, "", "é" * 43, verifier * 4):
        assert not is_challenge_met(wrong, challenge)


def test_a_request_is_read_whole() -> None:
    details = json.dumps([{"type": "openid_credential", "credential_configuration_id": "badge", "locations": [ISSUER],
                           "claims": [{"path": ["credentialSubject", "achievement"]}]}])
    jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    asked = v1_0.parse_authorization_request({**ASKED, "authorization_details": details, "issuer_state": "i",
                                              "dpop_jkt": jkt, "wallet_issuer": "ignored", "resource": ISSUER})

    assert asked == AuthorizationRequest(
        AuthorizationClient("wallet", "https://wallet.example/cb", "s 1"), PKCE["code_challenge"], ("badge", "course"),
        (AuthorizationDetail("badge"),), "i", jkt)


@pytest.mark.spec("RFC6749", "#section-4.1.2.1")
@pytest.mark.parametrize("changes", [
    {"client_id": None}, {"client_id": "é"}, {"client_id": "x" * 513}, {"redirect_uri": None},
    {"redirect_uri": "http://wallet.example/cb"}, {"redirect_uri": "https://wallet.example/cb#x"},
    {"redirect_uri": "https://user@wallet.example/cb"}, {"redirect_uri": "//wallet.example/cb"},
    {"redirect_uri": "/cb"}, {"redirect_uri": "wallet.example"}, {"redirect_uri": "https://w.example/ x"},
    {"redirect_uri": "javascript://wallet.example/%0aalert(1)"}, {"redirect_uri": "data:text/html,x"},
    {"redirect_uri": "javascript:alert(1)"}, {"redirect_uri": "file:///etc/passwd"}, {"redirect_uri": "mailto:a@b"},
    {"redirect_uri": "com.wallet.app:done"}, {"redirect_uri": "c:/x"}, {"redirect_uri": "intent://x/#Intent;end"},
    {"redirect_uri": "https://w.example/" + "x" * 2100}, {"redirect_uri": "https://w.example\\@evil.example/"},
    {"redirect_uri": "JAVASCRIPT:/x"},
])
def test_nobody_is_sent_to_an_address_that_is_not_good(changes: dict[str, Any]) -> None:
    parameters = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}

    assert refusal(lambda: v1_0.parse_authorization_client(parameters)) == "invalid_request"


@pytest.mark.spec("RFC8252", "#section-7")
@pytest.mark.parametrize("redirect_uri", [
    "https://wallet.example/cb?x=1", "http://127.0.0.1:4711/cb", "http://localhost/cb", "http://[::1]:5/",
    "com.wallet.app:/done", "org.wallet://callback", "eudi-openid4ci://authorize", "wallet:///done?x=1",
])
def test_a_wallet_is_answered_where_it_wants(redirect_uri: str) -> None:
    client = v1_0.parse_authorization_client({**ASKED, "redirect_uri": redirect_uri})
    answer = v1_0.build_authorization_answer(client, ISSUER, {"code": "c"})

    assert answer.startswith(redirect_uri)
    added = {"code": ["c"], "state": ["s 1"], "iss": [ISSUER]}
    assert parse_qs(urlsplit(answer).query) == {**parse_qs(urlsplit(redirect_uri).query), **added}


@pytest.mark.parametrize(("changes", "error"), [
    ({"response_type": None}, "invalid_request"), ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"), ({"request": "e.y.J"}, "request_not_supported"),
    ({"response_mode": "form_post"}, "invalid_request"), ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": PKCE["code_challenge"][:-1]}, "invalid_request"), ({"dpop_jkt": "x"}, "invalid_request"),
    ({"code_challenge": "+" * 43}, "invalid_request"), ({"scope": 'a "b"'}, "invalid_scope"),
    ({"scope": "a\x00"}, "invalid_scope"),
    ({"authorization_details": "{}"}, "invalid_authorization_details"),
    ({"authorization_details": "[]"}, "invalid_authorization_details"),
    ({"authorization_details": "x"}, "invalid_authorization_details"),
    ({"authorization_details": '[{"type":"other"}]'}, "invalid_authorization_details"),
])
def test_a_request_that_is_wrong_gets_its_error(changes: dict[str, Any], error: str) -> None:
    parameters = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}

    assert refusal(lambda: v1_0.parse_authorization_request(parameters)) == error


@pytest.mark.parametrize("member", ["type", "credential_configuration_id", "locations", "claims", "path"])
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_member_of_the_details_of_the_wrong_type_is_refused(member: str, value: Any) -> None:
    detail: dict[str, Any] = {"type": "openid_credential", "credential_configuration_id": "badge",
                              "claims": [{"path": ["a"]}]}
    if member == "path":
        detail["claims"] = [{"path": value}]
    else:
        detail[member] = value
    fine = {"credential_configuration_id": (" ", "x", "\u0000"), "locations": (["x"],), "claims": ([],),
            "path": (["x"], [None], [1]), "type": ()}[member]
    parameters = {**ASKED, "authorization_details": json.dumps([detail])}
    if value in fine and not isinstance(value, bool):
        assert v1_0.parse_authorization_request(parameters).authorization_details
    else:
        assert refusal(lambda: v1_0.parse_authorization_request(parameters)) == "invalid_authorization_details"


@pytest.mark.parametrize("form", ["client_id=a&client_id=b", b"\xff=\xfe", "&".join(f"a{n}=1" for n in range(80))])
def test_a_form_that_is_none_is_refused(form: str | bytes) -> None:
    assert refusal(lambda: v1_0.parse_authorization_form(form)) == "invalid_request"


@pytest.mark.spec("RFC8707", "#section-2")
def test_resources_are_left_out_however_many_there_are() -> None:
    twice = "resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example&"

    assert v1_0.parse_authorization_form(twice + "client_id=a") == {"client_id": "a"}
    redeemed = v1_0.parse_token_request(
        twice + "grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code&pre-authorized_code=c")
    assert redeemed == TokenRequest("c")


@pytest.mark.spec("RFC6749", "#section-4.1.3")
@pytest.mark.parametrize("missing", [None, "code", "redirect_uri", "client_id", "code_verifier"])
def test_a_code_comes_with_all_that_it_is_bound_to(missing: str | None) -> None:
    form = {"grant_type": "authorization_code", "code": "c", "redirect_uri": "https://wallet.example/cb",
            "client_id": "wallet", "code_verifier": PKCE["code_verifier"], "resource": ISSUER}
    if missing is None:
        assert v1_0.parse_token_request(form) == CodeTokenRequest(
            "c", "https://wallet.example/cb", PKCE["code_verifier"], "wallet")
    elif missing == "client_id":
        del form[missing]
        assert v1_0.parse_token_request(form).client_id is None, "an attestation may say it"
    else:
        del form[missing]
        assert refusal(lambda: v1_0.parse_token_request(form)) == "invalid_request"
