"""JWE to a P-256 key: the published key agreement, tampering, and every header that asks for another path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import CredkitError, CryptographicSecurityError, MalformedValueError, ProofVerificationError
from credkit.jose import (
    DIRECT_ENCS,
    decrypt_direct,
    encrypt_direct,
    generate_encryption_key,
    peek_jwe_header,
    public_encryption_jwk,
)

KEY = generate_encryption_key("k1")
PUBLIC = public_encryption_jwk(KEY)
TEXT = b'{"vp_token":{}}'


def changed_header(token: str, **changes: Any) -> str:
    header = json.loads(base64url_decode(token.partition(".")[0]))
    header = {name: value for name, value in {**header, **changes}.items() if value is not None}
    return base64url_encode(json.dumps(header).encode()) + "." + token.partition(".")[2]


def test_the_public_half_says_what_it_is_for_and_holds_no_secret() -> None:
    assert {name: PUBLIC[name] for name in ("kty", "crv", "kid", "alg", "use")} == {
        "kty": "EC", "crv": "P-256", "kid": "k1", "alg": "ECDH-ES", "use": "enc"}
    assert "d" not in PUBLIC and generate_encryption_key("k1")["x"] != KEY["x"]


@pytest.mark.parametrize("enc", DIRECT_ENCS)
@pytest.mark.parametrize("header", [{}, {"apu": "QWxpY2U", "apv": "Qm9i"}])
def test_another_implementation_opens_ours_and_we_open_theirs(enc: str, header: dict[str, str]) -> None:
    ours = encrypt_direct(TEXT, PUBLIC, enc=enc, header=header)
    assert peek_jwe_header(ours)["kid"] == "k1"
    opened = JWE(algs=["ECDH-ES", enc])
    opened.deserialize(ours, key=JWK(**KEY))
    assert opened.payload == TEXT

    protected = json.dumps({"alg": "ECDH-ES", "enc": enc, "kid": "k1", **header})
    theirs = JWE(TEXT, protected=protected, recipient=JWK(**PUBLIC), algs=["ECDH-ES", enc]).serialize(compact=True)
    assert decrypt_direct(theirs, KEY) == TEXT
    with pytest.raises(CryptographicSecurityError):
        decrypt_direct(theirs, KEY, encs=[name for name in DIRECT_ENCS if name != enc])


@pytest.mark.parametrize("size", [70_000, 3_000_000])
def test_a_whole_answer_fits(size: int) -> None:
    assert len(decrypt_direct(encrypt_direct(b"x" * size, PUBLIC), KEY)) == size


def test_what_was_changed_or_sealed_for_another_key_does_not_open() -> None:
    token = encrypt_direct(TEXT, PUBLIC)
    head, key, iv, text, tag = token.split(".")
    flipped = base64url_encode(bytes([base64url_decode(text)[0] ^ 1]) + base64url_decode(text)[1:])
    for spoiled in (".".join((head, key, iv, flipped, tag)), changed_header(token, typ="x")):
        with pytest.raises(ProofVerificationError):
            decrypt_direct(spoiled, KEY)
    with pytest.raises(ProofVerificationError):
        decrypt_direct(token, generate_encryption_key("k1"))


@pytest.mark.parametrize("changes", [
    {"alg": "dir"}, {"alg": "ECDH-ES+A256KW"}, {"enc": "A128CBC-HS256"}, {"enc": None}, {"alg": 1}, {"zip": "DEF"},
    {"crit": ["x"]}, {"kid": "other"}, {"kid": 1}, {"jwk": {}}, {"epk": None}, {"epk": "x"},
    {"epk": {**PUBLIC, "x": "AA"}},
    {"epk": {**KEY}}, {"epk": {**PUBLIC, "y": PUBLIC["x"]}}, {"epk": {"kty": "OKP", "crv": "X25519", "x": "AA"}},
])
def test_a_header_that_asks_for_another_path_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises((CryptographicSecurityError, MalformedValueError)):
        decrypt_direct(changed_header(encrypt_direct(TEXT, PUBLIC), **changes), KEY)


@pytest.mark.parametrize("junk", [None, 1, True, "é", "x" * 3000, [], [1], {}, {"a": 1}, -1])
@pytest.mark.parametrize("name", ["kty", "crv", "x", "y", "d", "use", "key_ops", "alg", "kid", "x5u", "x5c", "a"])
def test_a_wrong_type_at_any_member_of_the_sender_s_key_is_a_typed_error(name: str, junk: Any) -> None:
    token = encrypt_direct(TEXT, PUBLIC)
    key = json.loads(base64url_decode(token.partition(".")[0]))["epk"]
    with pytest.raises(CredkitError):
        decrypt_direct(changed_header(token, epk={**key, name: junk}), KEY)


@pytest.mark.parametrize("secret", ["", "AA", "é", "x" * 3000, 1])
def test_a_secret_that_is_none_is_a_typed_error(secret: Any) -> None:
    with pytest.raises(MalformedValueError):
        decrypt_direct(encrypt_direct(TEXT, PUBLIC), {**KEY, "d": secret})


@pytest.mark.parametrize("text", ["", "a.b.c", "....", "a.b.c.d.e.f", None, 1, "é....", ".".join(["AA"] * 5)])
def test_what_is_no_sealed_text_is_a_typed_error(text: Any) -> None:
    with pytest.raises(CredkitError):
        decrypt_direct(text, KEY)


@pytest.mark.parametrize("changes", [
    {"use": "sig"}, {"alg": "ES256"}, {"crv": "P-384"}, {"kty": "OKP"}, {"x": "AA"}, {"y": 1}, {"kid": 1},
])
def test_a_key_for_something_else_seals_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(CredkitError):
        encrypt_direct(TEXT, {**PUBLIC, **changes})
    for wrong in ({"payload": b""}, {"enc": "A192GCM"}, {"header": {"kid": "x"}}):
        with pytest.raises(CredkitError):
            encrypt_direct(**{"payload": TEXT, "recipient_jwk": PUBLIC, **wrong})  # type: ignore[arg-type]
