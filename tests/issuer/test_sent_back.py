"""Errors at /authorize: who is sent back to the wallet, and who reads a page (docs/decisions/0025)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.issuer.conftest import ORIGIN
from tests.issuer.test_authorizing import CALLBACK, Wallet, answered, state_of, wallet

__all__ = ["wallet"]


@pytest.mark.parametrize("changes", [
    {"client_id": None}, {"redirect_uri": None}, {"redirect_uri": "javascript:alert(1)"},
    {"redirect_uri": "http://wallet.example/"}, {"redirect_uri": CALLBACK + "#x"},
])
def test_an_error_is_a_page_until_the_address_is_known_to_be_good(wallet: Wallet, changes: dict[str, Any]) -> None:
    answer = wallet.authorize(**wallet.request(**changes))

    assert answer.status_code == 400 and "Location" not in answer.headers
    assert answer.mimetype == "text/html" and "javascript:" not in answer.text


def test_a_parameter_twice_is_a_page(wallet: Wallet) -> None:
    answer = wallet.client.get(f"/authorize?{urlencode(wallet.request())}&client_id=wallet")
    assert answer.status_code == 400 and answer.mimetype == "text/html"


@pytest.mark.spec("RFC6749", "#section-4.1.2.1")
@pytest.mark.parametrize(("changes", "error"), [
    ({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"), ({"scope": "openid"}, "invalid_scope"),
    ({"authorization_details": "[7]"}, "invalid_authorization_details"), ({"issuer_state": "x"}, "invalid_request"),
])
def test_another_error_goes_back_to_the_wallet_with_the_secret_of_an_offer_and_is_a_page_without(
        wallet: Wallet, changes: dict[str, Any], error: str) -> None:
    shown = wallet.authorize(**wallet.request(**changes))
    assert (shown.status_code, shown.mimetype) == (400, "text/html") and "Location" not in shown.headers
    assert "wallet.example" in shown.text and error in shown.text
    if "issuer_state" in changes:
        return
    found = answered(wallet.authorize(**wallet.request(issuer_state=state_of(wallet.school)[0], **changes)))
    assert (found["error"], found["state"], found["iss"]) == (error, "s1", ORIGIN)
    assert "code" not in found


@pytest.mark.spec("RFC9700", "#section-4.11.2")
@pytest.mark.parametrize("pushed", [False, True])
def test_a_stranger_s_request_sends_nobody_to_the_stranger(wallet: Wallet, pushed: bool) -> None:
    """Neither an error nor a dead offer leads away by itself; the page has a link that a person may follow."""
    state, made = state_of(wallet.school)
    wallet.school.world.clock.advance(seconds=wallet.school.config.lifetimes.offer_s)
    evil = wallet.request(redirect_uri="https://evil.example/x", issuer_state=state)
    if pushed:
        uri = wallet.post("/par", evil).json["request_uri"]
        evil = {"client_id": "wallet", "request_uri": uri}

    answer = wallet.authorize(**evil)

    assert answer.status_code == 400 and "Location" not in answer.headers and "Refresh" not in answer.headers
    assert "Go back to evil.example" in answer.text and 'rel="noreferrer"' in answer.text
    assert wallet.school.services.offers.show(made.offer.id).offer.redeemed_at is None
