"""did:key: the identifier is the key (security.md D06)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from credkit.dids import RELATIONSHIPS, Resolver, did_key_of
from credkit.encoding import base64url_encode, multibase_encode_base58
from credkit.errors import (
    CryptographicSecurityError,
    InvalidDidError,
    IssuerBindingError,
    UnsupportedError,
)
from credkit.keys import SoftwareSigner
from tests.support.shared import read_json

KEYS = read_json(Path(__file__).resolve().parents[2] / "vectors" / "did-key" / "keys.json")
SIGNER = SoftwareSigner.from_secret("P-256", bytes(31) + b"\x07")
MULTIKEY = SIGNER.public_key_multibase
RAW = SIGNER.public_key.raw


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


@pytest.mark.parametrize(
    "did",
    [
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
        pytest.param(
            "did:key:" + multibase_encode_base58(b"\x80\xa4\x00" + RAW), id="a multicodec that is not minimal"
        ),
        pytest.param(
            "did:key:" + multibase_encode_base58(b"\x80\x24\x02" + bytes(31) + b"\x01"), id="not on the curve"
        ),
        pytest.param("did:key:" + multibase_encode_base58(b"\xed\x01\x02" + bytes(31)), id="no Ed25519 point"),
        pytest.param("did:key:z" + "6" * 10_000, id="ten thousand characters"),
    ],
)
def test_a_malformed_identifier_is_refused(resolver: Resolver, did: Any) -> None:
    with pytest.raises(InvalidDidError):
        resolver.resolve(did)


@pytest.mark.parametrize(
    "did",
    [
        pytest.param("did:key:" + multibase_encode_base58(b"\xed\x01\x01" + bytes(31)), id="the identity"),
        pytest.param("did:key:" + multibase_encode_base58(b"\x86\x26" + SIGNER.secret), id="a secret did:key"),
    ],
)
def test_an_identifier_made_of_a_dangerous_key_is_refused(resolver: Resolver, did: str) -> None:
    with pytest.raises(CryptographicSecurityError):
        resolver.resolve(did)


@pytest.mark.parametrize(
    "fragment", ["", "#", "#0", "#z6Mk", "#" + MULTIKEY + "x", "#" + MULTIKEY.upper(), "#%7A" + MULTIKEY[1:]]
)
def test_another_fragment_names_no_key(resolver: Resolver, fragment: str) -> None:
    did = did_key_of(SIGNER.public_key)

    with pytest.raises(IssuerBindingError):
        resolver.resolve(did).verification_method(did + fragment, "assertionMethod")


def test_another_signers_key_is_not_this_signers(resolver: Resolver) -> None:
    other = SoftwareSigner.generate("P-256")

    with pytest.raises(IssuerBindingError):
        resolver.resolve(did_key_of(SIGNER.public_key)).verification_method(
            other.verification_method, "assertionMethod"
        )
