"""did:jwk: the identifier is a public JWK (security.md D06)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from credkit.dids import Resolver, did_jwk_of, did_key_of
from credkit.encoding import base64url_encode
from credkit.errors import (
    CryptographicSecurityError,
    InvalidDidError,
)
from credkit.keys import KEY_TYPES, SoftwareSigner
from tests.support.fakeweb import FakeWeb

SIGNER = SoftwareSigner.from_secret("P-256", bytes(31) + b"\x07")
JWK = SIGNER.public_key.to_jwk()


def did_jwk(jwk: Any) -> str:
    return "did:jwk:" + base64url_encode(json.dumps(jwk).encode())


@pytest.mark.spec("DID-JWK", "#examples")
def test_the_published_did_jwk_resolves_to_its_key(resolver: Resolver) -> None:
    did = (
        "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAi"
        "LCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
    )

    method = resolver.resolve(did).verification_method(did + "#0", "assertionMethod")

    assert method.public_key.to_jwk() == {
        "crv": "P-256",
        "kty": "EC",
        "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",
        "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE",
    }


@pytest.mark.parametrize("kind", KEY_TYPES, ids=lambda kind: kind.name)
def test_a_did_jwk_and_a_did_key_of_one_key_agree(resolver: Resolver, kind: Any) -> None:
    key = SoftwareSigner.generate(kind.name).public_key

    found = resolver.resolve(did_jwk(key.to_jwk())).verification_method("#0", "authentication")

    assert found.public_key == key
    multikey = key.to_multibase()
    assert resolver.resolve(did_key_of(key)).verification_method(f"#{multikey}", "authentication").public_key == key


@pytest.mark.parametrize(
    "did",
    [
        pytest.param("did:jwk:", id="an empty did:jwk"),
        pytest.param("did:jwk:" + base64url_encode(b"{"), id="broken JSON"),
        pytest.param("did:jwk:" + base64url_encode(b"[]"), id="a list"),
        pytest.param("did:jwk:" + base64url_encode(b"\xff\xfe"), id="no UTF-8"),
        pytest.param("did:jwk:" + base64url_encode(json.dumps(JWK).encode()) + "=", id="padding"),
        pytest.param("did:jwk:" + base64url_encode(json.dumps(JWK)[:-1].encode() + b',"kty":"EC"}'), id="kty twice"),
        pytest.param(did_jwk({**JWK, "y": JWK["x"]}), id="a did:jwk off the curve"),
        pytest.param(did_jwk({"kty": "EC", "crv": "P-256", "x": JWK["x"]}), id="a did:jwk without y"),
        pytest.param(did_jwk({**JWK, "kid": "k" * 1700}), id="a did:jwk too long"),
        pytest.param("did:jwk:" + base64url_encode(b"[" * 1500), id="a did:jwk too deep"),
    ],
)
def test_a_malformed_identifier_is_refused(resolver: Resolver, did: Any) -> None:
    with pytest.raises(InvalidDidError):
        resolver.resolve(did)


@pytest.mark.parametrize(
    "did",
    [
        pytest.param(did_jwk({**JWK, "d": base64url_encode(SIGNER.secret)}), id="a secret did:jwk"),
        pytest.param(did_jwk({**JWK, "use": "enc"}), id="a did:jwk for encryption"),
    ],
)
def test_an_identifier_made_of_a_dangerous_key_is_refused(resolver: Resolver, did: str) -> None:
    with pytest.raises(CryptographicSecurityError):
        resolver.resolve(did)


def test_offline_methods_never_reach_the_network(resolver: Resolver, web: FakeWeb) -> None:
    resolver.resolve(did_key_of(SIGNER.public_key))
    resolver.resolve(did_jwk(SIGNER.public_key.to_jwk()))

    assert web.requests == []


@pytest.mark.parametrize("key_type", [kind.name for kind in KEY_TYPES])
def test_a_key_gets_an_identifier_that_leads_back_to_it(resolver: Resolver, key_type: str) -> None:
    key = SoftwareSigner.generate(key_type).public_key
    method = resolver.resolve(did_jwk_of(key)).verification_method(did_jwk_of(key) + "#0", "authentication")
    assert method.public_key == key
