"""Asking for a record under a fresh key: what holds, and everything that gets the one refusal."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from credkit.encoding import base64url_encode
from credkit.errors import ProtocolError
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner
from credkit.protocols import reissue
from tests.support.world import NOW, World

ISSUER = "did:web:school.example"
CREDENTIAL = "urn:uuid:0b6f4a3e-5a52-4f3f-9d3c-3f8f6f0f1a11"
JTI = base64url_encode(bytes(16))


@pytest.fixture
def holder() -> SoftwareSigner:
    return SoftwareSigner.generate("Ed25519")


def verify(jws: Any, **changes: Any) -> reissue.ReissueRequest:
    world = World()
    return reissue.verify_request(jws, **{"audience": ISSUER, "now": NOW, "resolver": world.environment().resolver,
                                          **changes})


def made(holder: SoftwareSigner, **changes: Any) -> str:
    return reissue.build_request(holder, **{"audience": ISSUER, "credential": CREDENTIAL, "jti": JTI, "now": NOW,
                                            **changes})


def test_a_request_says_which_record_whose_key_and_why(holder: SoftwareSigner) -> None:
    request = verify(made(holder, reason="A  person may\nsee it no longer \u202e"))
    assert (request.credential, request.jti, request.issued_at) == (CREDENTIAL, JTI, NOW)
    assert request.holder == holder.verification_method.partition("#")[0]
    assert request.reason == "A person may see it no longer"


@pytest.mark.parametrize("changes", [
    {"audience": "did:web:other.example"}, {"now": NOW - timedelta(minutes=6)}, {"now": NOW + timedelta(minutes=2)},
    {"jti": "short"}, {"jti": "x" * 200}, {"credential": ""}, {"jti": ""},
])
def test_another_audience_time_or_name_is_refused(holder: SoftwareSigner, changes: dict[str, Any]) -> None:
    refused(made(holder, **changes))


@pytest.mark.parametrize("claims", [
    {}, {"aud": [ISSUER]}, {"aud": ISSUER}, {"iat": "1"}, {"iat": True}, {"iat": 1e400}, {"iat": -1}, {"iat": 2**40},
    {"credential": 7}, {"credential": None}, {"jti": ["x"]}, {"reason": 7}, {"iat": None},
])
def test_claims_of_the_wrong_kind_are_refused(holder: SoftwareSigner, claims: dict[str, Any]) -> None:
    whole = {"aud": ISSUER, "credential": CREDENTIAL, "iat": int(NOW.timestamp()), "jti": JTI}
    body = json.dumps({**whole, **claims} if claims and "aud" not in claims else claims).encode()
    refused(sign_compact(body, holder, typ=reissue.REQUEST_TYPE, header={"kid": holder.verification_method}))


@pytest.mark.parametrize("header", [
    {}, {"kid": "did:web:school.example#ed25519"}, {"kid": 7}, {"kid": "did:key:z6Mk"}, {"kid": ""},
])
def test_a_key_that_is_not_named_by_itself_is_refused(holder: SoftwareSigner, header: dict[str, Any]) -> None:
    claims = {"aud": ISSUER, "credential": CREDENTIAL, "iat": int(NOW.timestamp()), "jti": JTI}
    refused(sign_compact(claims, holder, typ=reissue.REQUEST_TYPE, header=header))


def test_a_token_of_another_kind_or_another_key_is_refused(holder: SoftwareSigner) -> None:
    claims = {"aud": ISSUER, "credential": CREDENTIAL, "iat": int(NOW.timestamp()), "jti": JTI}
    refused(sign_compact(claims, holder, typ="openid4vci-proof+jwt", header={"kid": holder.verification_method}))
    other = SoftwareSigner.generate("Ed25519")
    refused(sign_compact(claims, other, typ=reissue.REQUEST_TYPE, header={"kid": holder.verification_method}))


@pytest.mark.parametrize("text", ["", "a.b.c", "..", "x" * 10_000, b"", None, 7, {}, "\x00", "é.é.é"])
def test_what_is_no_token_is_refused(text: Any) -> None:
    refused(text)


def test_every_changed_byte_is_caught(holder: SoftwareSigner) -> None:
    jws = made(holder)
    for place in range(0, len(jws), 7):
        refused(jws[:place] + ("A" if jws[place] != "A" else "B") + jws[place + 1:])


@pytest.mark.parametrize("state", [
    reissue.ReissueState("waiting"), reissue.ReissueState("refused"),
    reissue.ReissueState("ready", "https://school.example/offers/1"),
])
def test_a_state_is_read_as_it_was_written(state: reissue.ReissueState) -> None:
    assert reissue.parse_state(json.dumps(reissue.build_state(state))) == state


@pytest.mark.parametrize("message", [
    "", "[]", "{}", '{"state": "done"}', '{"state": "ready"}', '{"state": "waiting", "offer": "https://a.example"}',
    '{"state": "ready", "offer": "http://a.example"}', '{"state": "ready", "offer": 7}', '{"state": ["ready"]}',
])
def test_a_state_that_is_none_is_refused(message: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        reissue.parse_state(message)
    assert caught.value.error == "invalid_response"


@pytest.mark.parametrize("message", ["", "{}", '{"request": 7}', '{"request": ""}', '{"request": "../x"}'])
def test_an_answer_without_a_request_is_refused(message: str) -> None:
    with pytest.raises(ProtocolError):
        reissue.parse_accepted(message)
    assert reissue.parse_accepted(reissue.build_accepted("abc_-1")) == "abc_-1"


def refused(jws: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        verify(jws)
    assert (caught.value.error, caught.value.description) == ("invalid_request", reissue.refusal().description)
