"""Registered clients as messages: who calls, where an answer leads, what is kept."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest

from credkit.errors import ProtocolError
from credkit.protocols.code_grant import answer_address
from credkit.protocols.registered_clients import (
    ClientMetadata,
    build_registration_response,
    parse_basic,
    parse_registration,
)

HOME = "https://app.example"
MESSAGE = {
    "client_name": "Reader", "client_uri": HOME, "logo_uri": HOME + "/l", "tos_uri": HOME + "/t",
    "policy_uri": HOME + "/p", "software_id": "s", "software_version": "1", "redirect_uris": [HOME + "/cb"],
    "scope": "read", "contacts": ["help@app.example"],
}


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.spec("RFC6749", "#section-2.3.1")
def test_id_and_secret_are_decoded_as_forms_are() -> None:
    assert parse_basic(basic("a%3Ab:c+d%25"), {}) == ("a:b", "c d%")
    assert parse_basic(basic("id:secret").replace("Basic", "basic"), {"client_id": "id"}) == ("id", "secret")


@pytest.mark.parametrize(("header", "form"), [
    (None, {}), ("", {}), ("Basic", {}), ("Basic !", {}), ("Basic aQ", {}), (basic("no colon"), {}),
    (basic("é:x"), {}), (basic("id:s"), {"client_id": "other"}), (basic("id:s"), {"client_secret": "s"}),
])
def test_whoever_does_not_say_who_calls_is_refused(header: str | None, form: dict[str, str]) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_basic(header, form)
    assert (caught.value.error, caught.value.http_status) == ("invalid_client", 401)


def test_an_answer_keeps_what_the_address_had() -> None:
    assert answer_address(HOME + "/cb?a=b", {"code": "x y", "state": None}) == HOME + "/cb?a=b&code=x+y"
    assert answer_address(HOME + "/cb", {"error": "e"}) == HOME + "/cb?error=e"


def test_what_is_kept_is_what_was_said() -> None:
    metadata = parse_registration(json.dumps(MESSAGE), known_scopes=("read",), allow_loopback=False)
    told = build_registration_response(metadata, "id", "secret", datetime(2026, 6, 15, tzinfo=UTC))

    assert ClientMetadata.from_json(json.loads(json.dumps(metadata.to_json()))) == metadata
    assert all(told[name] == value for name, value in MESSAGE.items()) and told["client_id_issued_at"] == 1781481600


@pytest.mark.parametrize("address", ["http://localhost:1/cb", "http://127.0.0.1/cb", "https://localhost/cb"])
def test_this_machine_is_an_address_in_development_alone(address: str) -> None:
    local = dict.fromkeys(("client_uri", "logo_uri", "tos_uri", "policy_uri"), address)
    message = json.dumps({**MESSAGE, **local, "redirect_uris": [address]})

    assert parse_registration(message, known_scopes=("read",), allow_loopback=True).redirect_uris == (address,)
    with pytest.raises(ProtocolError):
        parse_registration(message, known_scopes=("read",), allow_loopback=False)
