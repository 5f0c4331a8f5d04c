"""did:key and did:jwk: identifiers that carry their key (security.md D06)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from credkit.dids import RELATIONSHIPS, Resolver, did_key_of, did_of
from credkit.encoding import base64url_encode, multibase_encode_base58
from credkit.errors import (
    CryptographicSecurityError,
    DidError,
    InvalidDidError,
    IssuerBindingError,
    UnsupportedError,
)
from credkit.keys import KEY_TYPES, SoftwareSigner
from tests.support.fakeweb import FakeWeb
from tests.support.shared import read_json

KEYS = read_json(Path(__file__).resolve().parents[2] / "vectors" / "did-key" / "keys.json")
SIGNER = SoftwareSigner.from_secret("P-256", bytes(31) + b"\x07")


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def web() -> FakeWeb:
    return FakeWeb()


@pytest.fixture
def resolver(web: FakeWeb) -> Resolver:
    return Resolver(web, FixedClock())


@pytest.mark.spec("DID-KEY", "#document-creation-algorithm")
@pytest.mark.parametrize("vector", KEYS["did_key"], ids=lambda vector: vector["did"][:20])
@pytest.mark.parametrize("relationship", RELATIONSHIPS)
def test_a_published_did_key_resolves_to_its_key(resolver: Resolver, vector: dict[str, Any], relationship: str) -> None:
    did = vector["did"]

    method = resolver.resolve(did).verification_method(f"{did}#{did.removeprefix('did:key:')}", relationship)

    assert (method.public_key.type, method.public_key.raw.hex()) == (vector["type"], vector["raw_hex"])
    assert method.controller == did


@pytest.mark.parametrize("did", KEYS["kinds_we_do_not_speak"], ids=lambda did: did[:16])
def test_a_did_key_of_another_kind_could_not_be_checked(resolver: Resolver, did: str) -> None:
    with pytest.raises(UnsupportedError):
        resolver.resolve(did)


def did_jwk(jwk: Any) -> str:
    return "did:jwk:" + base64url_encode(json.dumps(jwk).encode())


@pytest.mark.spec("DID-JWK", "#examples")
def test_the_published_did_jwk_resolves_to_its_key(resolver: Resolver) -> None:
    did = ("did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAi"
           "LCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9")

    method = resolver.resolve(did).verification_method(did + "#0", "assertionMethod")

    assert method.public_key.to_jwk() == {
        "crv": "P-256", "kty": "EC", "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",
        "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE",
    }


@pytest.mark.parametrize("kind", KEY_TYPES, ids=lambda kind: kind.name)
def test_a_did_jwk_and_a_did_key_of_one_key_agree(resolver: Resolver, kind: Any) -> None:
    key = SoftwareSigner.generate(kind.name).public_key

    found = resolver.resolve(did_jwk(key.to_jwk())).verification_method("#0", "authentication")

    assert found.public_key == key
    multikey = key.to_multibase()
    assert resolver.resolve(did_key_of(key)).verification_method(f"#{multikey}", "authentication").public_key == key


def test_offline_methods_never_reach_the_network(resolver: Resolver, web: FakeWeb) -> None:
    resolver.resolve(did_key_of(SIGNER.public_key))
    resolver.resolve(did_jwk(SIGNER.public_key.to_jwk()))

    assert web.requests == []


JWK = SIGNER.public_key.to_jwk()
MULTIKEY = SIGNER.public_key_multibase
RAW = SIGNER.public_key.raw


@pytest.mark.parametrize("did", [
    pytest.param(None, id="null"),
    pytest.param(7, id="a number"),
    pytest.param({"id": "did:key:" + MULTIKEY}, id="an object"),
    pytest.param("", id="empty"),
    pytest.param("did", id="did"),
    pytest.param("did:key", id="no key"),
    pytest.param("did:key:", id="an empty key"),
    pytest.param("DID:key:" + MULTIKEY, id="capitals"),
    pytest.param("did:KEY:" + MULTIKEY, id="a method in capitals"),
    pytest.param("did:key:" + MULTIKEY + "#" + MULTIKEY, id="with its fragment"),
    pytest.param("did:key:" + MULTIKEY + "?service=x", id="with a query"),
    pytest.param("did:key:" + MULTIKEY + "/x", id="with a path"),
    pytest.param("did:key:" + MULTIKEY + " ", id="a space after"),
    pytest.param("did:key:" + MULTIKEY + "\n", id="a line end after"),
    pytest.param("\tdid:key:" + MULTIKEY, id="a tab before"),
    pytest.param("did:key:1.1:" + MULTIKEY, id="with a version"),
    pytest.param("did:key:" + MULTIKEY[1:], id="no multibase header"),
    pytest.param("did:key:" + MULTIKEY[:-4], id="cut off"),
    pytest.param("did:key:" + MULTIKEY + "2222", id="longer"),
    pytest.param("did:key:" + MULTIKEY.replace("z", "%7A", 1), id="percent encoded"),
    pytest.param("did:key:u" + base64url_encode(b"\x80\x24" + RAW), id="base64url"),
    pytest.param("did:key:" + multibase_encode_base58(b"\x80\xa4\x00" + RAW), id="a multicodec that is not minimal"),
    pytest.param("did:key:" + multibase_encode_base58(b"\x80\x24\x02" + bytes(31) + b"\x01"), id="not on the curve"),
    pytest.param("did:key:" + multibase_encode_base58(b"\xed\x01\x02" + bytes(31)), id="no Ed25519 point"),
    pytest.param("did:key:z" + "6" * 10_000, id="ten thousand characters"),
    pytest.param("did:jwk:", id="an empty did:jwk"),
    pytest.param("did:jwk:" + base64url_encode(b"{"), id="broken JSON"),
    pytest.param("did:jwk:" + base64url_encode(b"[]"), id="a list"),
    pytest.param("did:jwk:" + base64url_encode(b"\xff\xfe"), id="no UTF-8"),
    pytest.param("did:jwk:" + base64url_encode(json.dumps(JWK).encode()) + "=", id="padding"),
    pytest.param("did:jwk:" + base64url_encode(json.dumps(JWK)[:-1].encode() + b',"kty":"EC"}'), id="kty twice"),
    pytest.param(did_jwk({**JWK, "y": JWK["x"]}), id="a did:jwk off the curve"),
    pytest.param(did_jwk({"kty": "EC", "crv": "P-256", "x": JWK["x"]}), id="a did:jwk without y"),
    pytest.param(did_jwk({**JWK, "kid": "k" * 3000}), id="a did:jwk too long"),
    pytest.param("did:jwk:" + base64url_encode(b"[" * 1500), id="a did:jwk too deep"),
])
def test_a_malformed_identifier_is_refused(resolver: Resolver, did: Any) -> None:
    with pytest.raises(InvalidDidError):
        resolver.resolve(did)


@pytest.mark.parametrize("did", [
    pytest.param("did:key:" + multibase_encode_base58(b"\xed\x01\x01" + bytes(31)), id="the identity"),
    pytest.param("did:key:" + multibase_encode_base58(b"\x86\x26" + SIGNER.secret), id="a secret did:key"),
    pytest.param(did_jwk({**JWK, "d": base64url_encode(SIGNER.secret)}), id="a secret did:jwk"),
    pytest.param(did_jwk({**JWK, "use": "enc"}), id="a did:jwk for encryption"),
])
def test_an_identifier_made_of_a_dangerous_key_is_refused(resolver: Resolver, did: str) -> None:
    with pytest.raises(CryptographicSecurityError):
        resolver.resolve(did)


@pytest.mark.parametrize("did", ["did:plc:abc", "did:webvh:Qm:example.com", "did:ion:abc", "did:example:123", "did:ke:z6Mk"])
def test_a_method_we_do_not_speak_could_not_be_checked(resolver: Resolver, did: str) -> None:
    with pytest.raises(UnsupportedError):
        resolver.resolve(did)


@pytest.mark.parametrize("fragment", ["", "#", "#0", "#z6Mk", "#" + MULTIKEY + "x", "#" + MULTIKEY.upper(), "#%7A" + MULTIKEY[1:]])
def test_another_fragment_names_no_key(resolver: Resolver, fragment: str) -> None:
    did = did_key_of(SIGNER.public_key)

    with pytest.raises(IssuerBindingError):
        resolver.resolve(did).verification_method(did + fragment, "assertionMethod")


def test_another_signers_key_is_not_this_signers(resolver: Resolver) -> None:
    other = SoftwareSigner.generate("P-256")

    with pytest.raises(IssuerBindingError):
        resolver.resolve(did_key_of(SIGNER.public_key)).verification_method(other.verification_method, "assertionMethod")


@pytest.mark.parametrize(("url", "did"), [
    ("did:web:a.example#k", "did:web:a.example"), ("https://a.example/x#k", "https://a.example/x"), ("did:key:z6", "did:key:z6"),
])
def test_a_key_is_named_under_an_identifier(url: str, did: str) -> None:
    assert did_of(url) == did


@pytest.mark.parametrize("url", ["", "#key-1", None, 7, ["did:key:z6"]])
def test_a_key_that_is_named_under_none_is_refused(url: Any) -> None:
    with pytest.raises(DidError):
        did_of(url)
