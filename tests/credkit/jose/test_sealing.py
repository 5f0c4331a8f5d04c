"""JWE to an X25519 key (security.md B10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import (
    CredkitError,
    CryptographicSecurityError,
    MalformedValueError,
    ParsingError,
    ProofVerificationError,
)
from credkit.jose import decrypt, encrypt, x25519_private_jwk, x25519_public_jwk

OWNER: Any = x25519_private_jwk(bytes(31) + b"\x07")
OTHER = x25519_private_jwk(bytes(31) + b"\x08")
PUBLIC: Any = x25519_public_jwk(OWNER)
ALGORITHMS = ["ECDH-ES+A256KW", "A256GCM"]
SEALED = encrypt(b"content key", PUBLIC, header={"kid": "party-1"})
PARTS = SEALED.split(".")
HEADER = json.loads(base64url_decode(PARTS[0]))


def reheaded(header: Any) -> str:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return ".".join([base64url_encode(raw), *PARTS[1:]])


def test_another_implementation_opens_what_we_seal() -> None:
    opened = JWE(algs=ALGORITHMS)
    opened.deserialize(SEALED, key=JWK(**OWNER))

    assert opened.payload == b"content key"


def test_we_open_what_another_implementation_seals() -> None:
    header = json.dumps({"alg": ALGORITHMS[0], "enc": ALGORITHMS[1], "apu": "QWxpY2U", "apv": "Qm9i"})
    sealed = JWE(b"from elsewhere", protected=header, recipient=JWK(**PUBLIC), algs=ALGORITHMS).serialize(compact=True)

    assert decrypt(sealed, OWNER) == b"from elsewhere"


@pytest.mark.spec("RFC7516", "#section-7.1")
def test_what_is_sealed_says_how() -> None:
    assert {name: HEADER[name] for name in ("alg", "enc", "kid")} == {
        "alg": "ECDH-ES+A256KW",
        "enc": "A256GCM",
        "kid": "party-1",
    }
    assert HEADER["epk"].keys() == {"kty", "crv", "x"}
    assert "zip" not in HEADER


def test_nobody_else_opens_it() -> None:
    with pytest.raises(ProofVerificationError):
        decrypt(SEALED, OTHER)


def test_the_public_half_opens_nothing() -> None:
    with pytest.raises(MalformedValueError):
        decrypt(SEALED, PUBLIC)


def test_two_seals_of_one_text_differ() -> None:
    assert encrypt(b"x", PUBLIC).split(".") != encrypt(b"x", PUBLIC).split(".")


def test_every_part_counts() -> None:
    for index, part in enumerate(PARTS):
        raw = bytearray(base64url_decode(part))
        for position in range(len(raw)):
            changed = bytearray(raw)
            changed[position] ^= 1
            parts = [*PARTS[:index], base64url_encode(bytes(changed)), *PARTS[index + 1 :]]
            with pytest.raises(CredkitError):
                decrypt(".".join(parts), OWNER)


@pytest.mark.parametrize(
    "alg",
    [
        "none",
        "dir",
        "RSA1_5",
        "RSA-OAEP",
        "RSA-OAEP-256",
        "A256KW",
        "A256GCMKW",
        "ECDH-ES",
        "ECDH-ES+A128KW",
        "ECDH-ES+A192KW",
        "PBES2-HS256+A128KW",
        "PBES2-HS512+A256KW",
        "ecdh-es+a256kw",
        "",
        None,
        7,
        ["ECDH-ES+A256KW"],
    ],
    ids=repr,
)
def test_another_algorithm_is_refused_before_any_key_is_used(alg: Any) -> None:
    with pytest.raises(CryptographicSecurityError):
        decrypt(reheaded({**HEADER, "alg": alg, "p2c": 2**31 - 1, "p2s": "AAAA"}), OWNER)
    with pytest.raises(CryptographicSecurityError):
        decrypt(reheaded({**HEADER, "alg": alg}), OWNER)


@pytest.mark.parametrize("enc", ["A128GCM", "A192GCM", "A128CBC-HS256", "A256CBC-HS512", "a256gcm", "", None, 7])
def test_another_content_encryption_is_refused(enc: Any) -> None:
    with pytest.raises(CryptographicSecurityError):
        decrypt(reheaded({**HEADER, "enc": enc}), OWNER)


@pytest.mark.parametrize(
    "extra",
    [
        {"zip": "DEF"},
        {"zip": "none"},
        {"zip": None},
        {"crit": ["zip"]},
        {"crit": []},
        {"b64": False},
        {"p2c": 2**31},
        {"jwk": PUBLIC},
        {"jku": "https://attacker.example/"},
        {"x5c": []},
        {"iv": "AA"},
        {"tag": "AA"},
        {"zzz": 1},
    ],
    ids=repr,
)
def test_a_header_that_asks_for_more_is_refused(extra: dict[str, Any]) -> None:
    with pytest.raises(CryptographicSecurityError):
        decrypt(reheaded({**HEADER, **extra}), OWNER)


def test_a_compressed_text_of_another_implementation_is_refused() -> None:
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "zip": "DEF"}
    bomb = JWE(b"\0" * 1_000_000, protected=json.dumps(header), recipient=JWK(**PUBLIC))

    with pytest.raises(CryptographicSecurityError):
        decrypt(bomb.serialize(compact=True), OWNER)


ZERO = base64url_encode(bytes(32))
SMALL_ORDER = [
    bytes(32),
    b"\x01" + bytes(31),
    (2**255 - 20).to_bytes(32, "little"),
    (2**255 - 19).to_bytes(32, "little"),
    (2**255 - 18).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
]


@pytest.mark.parametrize("point", SMALL_ORDER, ids=lambda point: point.hex()[:12])
def test_a_weak_key_is_neither_sealed_for_nor_opened_with(point: bytes) -> None:
    weak = {"kty": "OKP", "crv": "X25519", "x": base64url_encode(point)}

    with pytest.raises(CryptographicSecurityError):
        encrypt(b"secret", weak)
    with pytest.raises(ProofVerificationError):
        decrypt(reheaded({**HEADER, "epk": weak}), OWNER)


@pytest.mark.parametrize(
    ("epk", "error"),
    [
        (None, MalformedValueError),
        ("x", MalformedValueError),
        ([], MalformedValueError),
        ({}, MalformedValueError),
        ({"kty": "OKP", "crv": "X25519"}, MalformedValueError),
        ({"kty": "OKP", "crv": "X25519", "x": "AA"}, MalformedValueError),
        ({"kty": "OKP", "crv": "Ed25519", "x": ZERO}, MalformedValueError),
        ({"kty": "OKP", "crv": "X448", "x": ZERO}, MalformedValueError),
        ({"kty": "EC", "crv": "P-256", "x": ZERO, "y": ZERO}, MalformedValueError),
        ({"kty": "oct", "k": "AA"}, MalformedValueError),
        ({**HEADER["epk"], "d": ZERO}, CryptographicSecurityError),
    ],
)
def test_a_malformed_sender_key_is_refused(epk: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        decrypt(reheaded({**HEADER, "epk": epk}), OWNER)


def test_a_sealed_text_without_a_sender_key_is_refused() -> None:
    with pytest.raises(MalformedValueError):
        decrypt(reheaded({name: HEADER[name] for name in ("alg", "enc")}), OWNER)


@pytest.mark.parametrize("name", ["kid", "typ", "cty", "apu", "apv"])
def test_a_header_member_of_the_wrong_type_is_refused(name: str) -> None:
    with pytest.raises(MalformedValueError):
        decrypt(reheaded({**HEADER, name: 7}), OWNER)


@pytest.mark.parametrize(
    "jwe",
    [
        None,
        7,
        b"x",
        {},
        "",
        "....",
        "a.b.c.d.e",
        ".".join(PARTS[:4]),
        SEALED + ".",
        SEALED + "=",
        " " + SEALED,
        SEALED + "\n",
        json.dumps({"protected": PARTS[0], "recipients": []}),
        "\u00e9" + SEALED[1:],
        reheaded(b"[]"),
        reheaded(b'{"alg":1,"alg":2}'),
        "A" * 17_000_000,
    ],
    ids=lambda jwe: repr(jwe)[:5],
)
def test_what_is_no_compact_sealed_text_is_refused(jwe: Any) -> None:
    with pytest.raises((ParsingError, CryptographicSecurityError)):
        decrypt(jwe, OWNER)


@pytest.mark.parametrize("index", [1, 2, 4])
@pytest.mark.parametrize("part", ["", "AA", "A" * 200])
def test_a_part_of_the_wrong_length_is_refused(index: int, part: str) -> None:
    parts = [*PARTS]
    parts[index] = part

    with pytest.raises(CryptographicSecurityError):
        decrypt(".".join(parts), OWNER)


@pytest.mark.parametrize(
    "header", [{"alg": "dir"}, {"enc": "A128GCM"}, {"zip": "DEF"}, {"epk": "x"}, {"kid": 7}, {"zzz": "1"}]
)
def test_a_sealer_does_not_let_reserved_members_in(header: Any) -> None:
    with pytest.raises(MalformedValueError):
        encrypt(b"x", PUBLIC, header=header)


@pytest.mark.parametrize(
    "jwk", [{}, {"kty": "OKP", "crv": "Ed25519", "x": ZERO}, {"kty": "oct", "k": "AA"}, {**PUBLIC, "x": "AA"}]
)
def test_nothing_is_sealed_for_what_is_no_x25519_key(jwk: dict[str, str]) -> None:
    with pytest.raises(MalformedValueError):
        encrypt(b"x", jwk)


def test_there_must_be_something_to_seal() -> None:
    with pytest.raises(MalformedValueError):
        encrypt(b"", PUBLIC)


@settings(max_examples=25)
@given(st.binary(min_size=1, max_size=2000))
def test_what_is_sealed_comes_back(payload: bytes) -> None:
    assert decrypt(encrypt(payload, PUBLIC), OWNER) == payload
