"""A wallet that somebody vouches for, at the token endpoint and at /par."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credkit.errors import ConfigError, ProtocolError
from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from issuer.bootstrap import build_services
from issuer.config import from_environ
from issuer.services.clients import Clients
from issuer.services.compat import Compat
from issuer.web import create_app
from tests.issuer.conftest import ORIGIN, School
from tests.issuer.test_authorizing import Wallet, answered, error_of, state_of
from tests.support.certificates import authority, leaf
from tests.support.world import NOW

ATTESTER, INSTANCE = SoftwareSigner.generate("P-256"), SoftwareSigner.generate("P-256")
COUNTER = itertools.count()
Headers = Callable[..., dict[str, str]]


def headers_of(school: School, *, signer: SoftwareSigner = ATTESTER, instance: SoftwareSigner = INSTANCE,
               header: JSONObject | None = None, client_id: str = "wallet", **changes: Any) -> dict[str, str]:
    now = int(school.world.clock.now().timestamp())
    claims = {"sub": client_id, "exp": now + 3600, "cnf": {"jwk": INSTANCE.public_key.to_jwk()}}
    proof = {"aud": ORIGIN, "jti": f"j{next(COUNTER)}", "iat": now, **changes}
    proof = {name: value for name, value in proof.items() if value is not None}
    return {"OAuth-Client-Attestation": sign_compact(claims, signer, typ="oauth-client-attestation+jwt",
                                                     header={"kid": "a"} if header is None else header),
            "OAuth-Client-Attestation-PoP": sign_compact(proof, instance, typ="oauth-client-attestation-pop+jwt")}


def with_settings(school: School, folder: Path, content: bytes, *, required: bool) -> School:
    path = folder / "attesters"
    path.write_bytes(content)
    config = replace(school.config, attesters=path, attestation_required=required)
    services = build_services(config, clock=school.world.clock, fetcher=school.world.web)
    return School(school.world, config, services, create_app(services))


@pytest.fixture
def keys() -> bytes:
    return json.dumps({"keys": [{**ATTESTER.public_key.to_jwk(), "kid": "a"}]}).encode()


@pytest.mark.parametrize("required", [False, True])
def test_a_good_attestation_is_taken_and_a_bad_one_refused(school: School, tmp_path: Path, keys: bytes,
                                                           required: bool) -> None:
    school = with_settings(school, tmp_path, keys, required=required)
    wallet, stranger = Wallet(school), SoftwareSigner.generate("P-256")
    state, _ = state_of(school)
    asked = wallet.request(issuer_state=state)
    for bad in ({"signer": stranger}, {"instance": stranger}, {"aud": "https://evil.example"}, {"iat": 7},
                {"client_id": "another"}, {"header": {"kid": "b"}}):
        answer = wallet.post("/par", asked, headers_of(school, **bad))
        assert error_of(answer) == (401, "invalid_client"), bad
    alone = {"OAuth-Client-Attestation": headers_of(school)["OAuth-Client-Attestation"]}
    assert error_of(wallet.post("/par", asked, alone)) == (401, "invalid_client")
    stale = wallet.post("/par", asked, headers_of(school, challenge="x"))
    assert error_of(stale) == (400, "use_attestation_challenge")

    challenge = stale.headers["OAuth-Client-Attestation-Challenge"]
    pushed = wallet.post("/par", asked, headers_of(school, challenge=challenge))
    assert pushed.status_code == 201
    code = answered(wallet.authorize(client_id="wallet", request_uri=pushed.json["request_uri"]))["code"]
    assert error_of(wallet.redeem(code, headers_of(school, client_id="other"))) == (401, "invalid_client")
    assert wallet.redeem(code, headers_of(school), client_id=None).status_code == 200, "the attestation says who it is"


def test_only_by_a_setting_is_a_wallet_without_one_refused(school: School, tmp_path: Path, keys: bytes) -> None:
    free, strict = Wallet(school), Wallet(with_settings(school, tmp_path, keys, required=True))
    metadata = strict.client.get("/.well-known/oauth-authorization-server").json
    usual = free.client.get("/.well-known/oauth-authorization-server").json

    assert free.post("/par", free.request()).status_code == 201
    assert error_of(strict.post("/par", strict.request())) == (401, "invalid_client")
    assert error_of(strict.redeem("code")) == (401, "invalid_client")
    unpushed = strict.authorize(**strict.request(issuer_state=state_of(strict.school)[0]))
    assert answered(unpushed)["error"] == "invalid_request"
    assert metadata["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert metadata["require_pushed_authorization_requests"] is True
    assert metadata["pre-authorized_grant_anonymous_access_supported"] is False
    assert usual["token_endpoint_auth_methods_supported"] == ["none", "attest_jwt_client_auth"]
    assert "ES256" in usual["client_attestation_pop_signing_alg_values_supported"]


def test_certificates_name_attesters_too(school: School, tmp_path: Path) -> None:
    root = authority(NOW)
    other = authority(NOW, "Another")
    good, bad = leaf(NOW, root, ["attester.example"]), leaf(NOW, other, ["attester.example"])
    pem = b"-----BEGIN CERTIFICATE-----\n" + root.x5c.encode() + b"\n-----END CERTIFICATE-----\n"
    wallet = Wallet(with_settings(school, tmp_path, pem, required=True))

    for issued, status in ((good, 201), (bad, 401)):
        headers = headers_of(wallet.school, signer=issued.signer, header={"x5c": [issued.x5c]})
        assert wallet.post("/par", wallet.request(), headers).status_code == status


def test_the_challenge_is_of_this_office_and_of_now(school: School) -> None:
    wallet = Wallet(school)
    document = wallet.client.get("/.well-known/oauth-authorization-server").json
    answer = wallet.client.post(document["challenge_endpoint"].removeprefix(ORIGIN))
    challenge = answer.json["attestation_challenge"]

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert wallet.post("/par", wallet.request(), headers_of(school, challenge=challenge)).status_code == 201
    nonce = school.services.dpop.freshness.new_nonce()
    mixed = wallet.post("/par", wallet.request(), headers_of(school, challenge=nonce))
    assert error_of(mixed) == (400, "use_attestation_challenge"), "a nonce for DPoP is no challenge"
    school.world.clock.advance(minutes=5)
    late = wallet.post("/par", wallet.request(), headers_of(school, challenge=challenge))
    assert error_of(late) == (400, "use_attestation_challenge")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": 7}', b'{"keys": []}', b'{"keys": [7]}',
                                     b'{"keys": [{"kty": "oct"}]}',
                                     b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", b"-----BEGIN X"])
def test_a_file_that_names_nobody_stops_the_start(school: School, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigError):
        with_settings(school, tmp_path, content, required=False)


def test_nobody_is_demanded_whom_nobody_may_vouch_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        from_environ({"BACKPACK_ATTESTATION_REQUIRED": "1"}, data=tmp_path)
    config = from_environ({"BACKPACK_ATTESTATION_REQUIRED": "1", "BACKPACK_ATTESTERS": "keys.json"}, data=tmp_path)
    assert (config.attesters, config.attestation_required) == (Path("keys.json"), True)


@pytest.mark.parametrize("strict", [False, True])
def test_a_proof_of_an_older_draft_is_logged_or_refused(school: School, strict: bool,
                                                        caplog: pytest.LogCaptureFixture) -> None:
    office = school.services.office
    clients = Clients(office, None, on_older=Compat(strict=strict).old_wallet)
    expires = int(school.world.clock.now().timestamp()) + 60
    headers = headers_of(school, iat=None, iss="wallet", exp=expires)
    tokens = headers["OAuth-Client-Attestation"], headers["OAuth-Client-Attestation-PoP"]
    with caplog.at_level("WARNING", "backpack.issuer.compat"):
        if strict:
            with pytest.raises(ProtocolError):
                clients.check(*tokens, None)
        else:
            assert clients.check(*tokens, None) == "wallet"

    assert len(caplog.records) == (0 if strict else 1)
