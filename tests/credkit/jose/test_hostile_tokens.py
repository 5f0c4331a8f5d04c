"""Tokens that somebody made up to be accepted (security.md B01 to B03, B08, B11)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from credkit.encoding import base64url_encode
from credkit.errors import (
    CredkitError,
    CryptographicSecurityError,
    MalformedValueError,
    ParsingError,
    ProofVerificationError,
    TooComplexError,
)
from credkit.jose import peek_header, peek_payload, rsa_public_key_from_jwk, sign_compact, verify_compact
from credkit.keys import SoftwareSigner

ED25519 = SoftwareSigner.from_secret("Ed25519", bytes(31) + b"\x07")
P256 = SoftwareSigner.from_secret("P-256", bytes(31) + b"\x07")
P384 = SoftwareSigner.from_secret("P-384", bytes(47) + b"\x07")
CLAIMS = {"sub": "x"}
GOOD = sign_compact(CLAIMS, P256, typ="t+jwt")
HEADER, PAYLOAD, SIGNATURE = GOOD.split(".")


def token(header: bytes | dict[str, Any], signer: SoftwareSigner = P256, payload: bytes = b'{"sub":"x"}') -> str:
    """A token whose signature holds over whatever header is given."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    signing_input = base64url_encode(raw) + "." + base64url_encode(payload)
    return signing_input + "." + base64url_encode(signer.sign(signing_input.encode()))


NAMES = [
    "none",
    "None",
    "NONE",
    "nOnE",
    "",
    " none",
    "HS256",
    "HS384",
    "HS512",
    "hs256",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS512",
    "RS1",
    "ES512",
    "ES256K",
    "Ed448",
    "es256",
    "ES256 ",
    "ES-256",
    "eddsa",
    "EDDSA",
    "ed25519",
    "ESB256",
    "dir",
    "A256KW",
    "A256GCM",
    "ECDH-ES",
    "PBES2-HS256+A128KW",
    None,
    7,
    True,
    [],
    ["ES256"],
    {"alg": "ES256"},
    "ES256\x00",
    "\uff25S256",
]


@pytest.mark.parametrize("alg", NAMES, ids=repr)
def test_an_algorithm_that_is_not_allowed_is_refused(alg: Any) -> None:
    with pytest.raises(CryptographicSecurityError):
        verify_compact(token({"alg": alg, "typ": "t+jwt"}), P256.public_key, typ="t+jwt")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", ["", SIGNATURE, "AA"])
def test_a_token_without_a_signature_is_refused(alg: str, signature: str) -> None:
    header = base64url_encode(json.dumps({"alg": alg}).encode())

    with pytest.raises(CryptographicSecurityError):
        verify_compact(f"{header}.{PAYLOAD}.{signature}", P256.public_key, typ=None)


def test_a_token_without_an_algorithm_is_refused() -> None:
    with pytest.raises(CryptographicSecurityError):
        verify_compact(token({"typ": "t+jwt"}), P256.public_key, typ="t+jwt")


def public_bytes() -> list[bytes]:
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), P256.public_key.raw)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    jwk = json.dumps(P256.public_key.to_jwk())
    return [pem, pem.strip(), pem + b"\n", der, P256.public_key.raw, jwk.encode(), jwk.replace(" ", "").encode(), b""]


@pytest.mark.parametrize("secret", public_bytes(), ids=lambda secret: repr(secret[:12]))
@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_a_public_key_is_no_shared_secret(secret: bytes, name: str) -> None:
    header = base64url_encode(json.dumps({"alg": "HS" + name[3:], "typ": "t+jwt"}).encode())
    mac = hmac.new(secret, f"{header}.{PAYLOAD}".encode(), getattr(hashlib, name)).digest()

    with pytest.raises(CryptographicSecurityError):
        verify_compact(f"{header}.{PAYLOAD}.{base64url_encode(mac)}", P256.public_key, typ="t+jwt")


SIGNERS = {"EdDSA": ED25519, "Ed25519": ED25519, "ES256": P256, "ES384": P384}


@pytest.mark.parametrize("alg", SIGNERS)
@pytest.mark.parametrize("signer", [ED25519, P256, P384], ids=lambda signer: signer.algorithm)
@pytest.mark.parametrize("key", [ED25519, P256, P384], ids=lambda signer: signer.algorithm)
def test_a_token_holds_where_algorithm_signer_and_key_are_one(
    alg: str, signer: SoftwareSigner, key: SoftwareSigner
) -> None:
    made = token({"alg": alg}, signer)
    if SIGNERS[alg] is signer is key:
        assert verify_compact(made, key.public_key, typ=None) == CLAIMS
        return
    with pytest.raises((CryptographicSecurityError, ProofVerificationError)):
        verify_compact(made, key.public_key, typ=None)


RSA_KEY = rsa.generate_private_key(65537, 2048)
RSA_JWK = {
    "kty": "RSA",
    "n": base64url_encode(RSA_KEY.public_key().public_numbers().n.to_bytes(256, "big")),
    "e": "AQAB",
}


class RsaSigner:
    algorithm = "RS256"
    public_key_multibase = "z"
    verification_method = "did:example:rsa#0"

    def sign(self, message: bytes) -> bytes:
        return RSA_KEY.sign(message, padding.PKCS1v15(), hashes.SHA256())


def test_rsa_is_for_verifying_where_it_is_asked_for_alone() -> None:
    header, key = base64url_encode(b'{"alg":"RS256"}'), rsa_public_key_from_jwk(RSA_JWK)
    made = f"{header}.{PAYLOAD}." + base64url_encode(RsaSigner().sign(f"{header}.{PAYLOAD}".encode()))

    assert verify_compact(made, key, typ=None, allow_rs256=True) == CLAIMS
    with pytest.raises(CryptographicSecurityError):
        verify_compact(made, key, typ=None)
    with pytest.raises(CryptographicSecurityError):
        verify_compact(made, P256.public_key, typ=None, allow_rs256=True)
    with pytest.raises(CryptographicSecurityError):
        verify_compact(token({"alg": "ES256"}), key, typ=None, allow_rs256=True)
    with pytest.raises(CryptographicSecurityError):
        sign_compact(CLAIMS, RsaSigner(), typ=None)


@pytest.mark.parametrize(
    "extension",
    [
        {"crit": ["b64"], "b64": False},
        {"crit": ["b64"], "b64": True},
        {"b64": False},
        {"b64": True},
        {"b64": None},
        {"crit": []},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["x"]},
        {"crit": "b64"},
        {"crit": None},
        {"crit": {}},
        {"crit": ["alg"]},
        {"crit": [7]},
        {"crit": ["http://example.invalid/UNDEFINED"], "http://example.invalid/UNDEFINED": True},
    ],
    ids=repr,
)
def test_an_extension_of_the_header_is_refused(extension: dict[str, Any]) -> None:
    with pytest.raises(CryptographicSecurityError):
        verify_compact(token({"alg": "ES256", "typ": "t+jwt", **extension}), P256.public_key, typ="t+jwt")


OTHER = SoftwareSigner.generate("P-256")


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": OTHER.public_key.to_jwk()},
        {"jku": "https://attacker.example/jwks.json"},
        {"x5u": "https://attacker.example/c.pem"},
        {"x5c": ["MIIB"]},
        {"x5t": "AA"},
        {"kid": OTHER.verification_method},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": "https://attacker.example/key"},
        {"kid": "did:web:attacker.example#k"},
        {"jwk": 7},
        {"x5c": "x"},
    ],
    ids=lambda header: "-".join(header),
)
def test_a_header_never_chooses_the_key(header: dict[str, Any]) -> None:
    """The attacker's key verifies nothing, and naming a key does no harm to a good signature."""
    with pytest.raises(ProofVerificationError):
        verify_compact(token({"alg": "ES256", **header}, OTHER), P256.public_key, typ=None)

    assert verify_compact(token({"alg": "ES256", **header}, P256), P256.public_key, typ=None) == CLAIMS


@pytest.mark.parametrize("name", ["kid", "typ", "cty", "jku", "x5u"])
@pytest.mark.parametrize("value", [None, 7, True, [], ["x"], {}, 1.5])
def test_a_header_member_of_the_wrong_type_is_refused(name: str, value: Any) -> None:
    with pytest.raises(MalformedValueError):
        verify_compact(token({"alg": "ES256", name: value}), P256.public_key, typ=None)


def test_a_header_of_ten_megabytes_is_refused() -> None:
    with pytest.raises(ParsingError):
        verify_compact(token({"alg": "ES256", "kid": "k" * 10_000_000}), P256.public_key, typ=None)
    with pytest.raises(ParsingError):
        verify_compact(token({"alg": "ES256", "kid": "k" * 100_000}), P256.public_key, typ=None)


@pytest.mark.parametrize("typ", [None, "T+JWT", "application/t+jwt", "JWT", "t+jwt ", "", "kb+jwt"])
def test_a_token_of_another_kind_is_refused(typ: str | None) -> None:
    made = sign_compact(CLAIMS, P256, typ=typ)

    with pytest.raises(MalformedValueError):
        verify_compact(made, P256.public_key, typ="t+jwt")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b'{"alg":"ES256","alg":"none"}', id="alg twice"),
        pytest.param(b'{"alg":"none","alg":"ES256"}', id="alg twice, good last"),
        pytest.param(b'{"alg":"ES256","\\u0061lg":"none"}', id="alg twice, once escaped"),
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"ES256"', id="text"),
        pytest.param(b'{"alg":"ES256"', id="cut off"),
        pytest.param(b'{"alg":"ES256"}x', id="more after it"),
        pytest.param(b'\xef\xbb\xbf{"alg":"ES256"}', id="a byte order mark"),
        pytest.param(b'{"alg":"ES256","x":NaN}', id="NaN"),
        pytest.param(b'{"alg":"ES256","x":"\\ud800"}', id="half a surrogate pair"),
        pytest.param(b'{"alg":"ES256","x":"\xff"}', id="no UTF-8"),
    ],
)
def test_a_header_with_two_meanings_is_refused(header: bytes) -> None:
    with pytest.raises(ParsingError):
        verify_compact(token(header), P256.public_key, typ=None)


def test_a_header_that_is_too_deep_is_refused() -> None:
    with pytest.raises(TooComplexError):
        verify_compact(token(b'{"x":' + b"[" * 1000 + b"]" * 1000 + b"}"), P256.public_key, typ=None)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b"7", b'"x"', b"{", b'{"a":1,"a":2}', b'{"a":1e999}', b"\xff"]
)
def test_a_payload_that_is_no_object_is_refused_although_it_is_signed(payload: bytes) -> None:
    made = token({"alg": "ES256"}, payload=payload)

    with pytest.raises(ParsingError):
        verify_compact(made, P256.public_key, typ=None)
    with pytest.raises(ParsingError):
        peek_payload(made)


GENERAL = {"payload": PAYLOAD, "signatures": [{"protected": HEADER, "signature": SIGNATURE}]}


@pytest.mark.parametrize(
    "jws",
    [
        pytest.param(None, id="null"),
        pytest.param(7, id="a number"),
        pytest.param(GOOD.encode(), id="bytes"),
        pytest.param(GENERAL, id="an object"),
        pytest.param([GOOD], id="a list"),
        pytest.param(json.dumps(GENERAL), id="general JSON"),
        pytest.param(json.dumps({"payload": PAYLOAD, "signatures": []}), id="general JSON without signatures"),
        pytest.param(
            json.dumps({"payload": PAYLOAD, "protected": HEADER, "signature": SIGNATURE}), id="flattened JSON"
        ),
        pytest.param(
            json.dumps({"payload": PAYLOAD, "header": {"alg": "ES256"}, "signature": SIGNATURE}), id="unprotected"
        ),
        pytest.param("", id="empty"),
        pytest.param(".", id="one dot"),
        pytest.param("..", id="two dots"),
        pytest.param(f"{HEADER}.{PAYLOAD}", id="two parts"),
        pytest.param(f"{GOOD}.", id="a dot after"),
        pytest.param(f"{GOOD}.{SIGNATURE}", id="four parts"),
        pytest.param(f".{GOOD}", id="a dot before"),
        pytest.param(f"{HEADER}..{SIGNATURE}", id="a detached payload"),
        pytest.param(f"{GOOD}~", id="an SD-JWT"),
        pytest.param(f" {GOOD}", id="a space before"),
        pytest.param(f"{GOOD}\n", id="a line end after"),
        pytest.param(f"{HEADER}.{PAYLOAD}.{SIGNATURE}=", id="padding"),
        pytest.param(f"{HEADER}=.{PAYLOAD}.{SIGNATURE}", id="padding of the header"),
        pytest.param(f"{HEADER}.{PAYLOAD}\r\n.{SIGNATURE}", id="a line end in the payload"),
        pytest.param(f"{HEADER}.{PAYLOAD[:4]} {PAYLOAD[4:]}.{SIGNATURE}", id="a space in the payload"),
        pytest.param(f"{HEADER}.{PAYLOAD}.{SIGNATURE[:-1]}+", id="base64 instead of base64url"),
        pytest.param(f"{HEADER}.{PAYLOAD}.{SIGNATURE[:-1]}" + chr(ord(SIGNATURE[-1]) + 1), id="bits that nobody uses"),
        pytest.param(f"{HEADER}.{PAYLOAD}.\uff21{SIGNATURE[1:]}", id="a letter that looks alike"),
        pytest.param(f"{HEADER}.{PAYLOAD}.{SIGNATURE}\x00", id="a zero byte"),
        pytest.param("eyJ" + "A" * 9_000_000, id="nine megabytes"),
    ],
)
def test_what_is_no_compact_token_is_refused(jws: Any) -> None:
    with pytest.raises(ParsingError):
        verify_compact(jws, P256.public_key, typ=None)


def test_bits_that_nobody_uses_make_no_second_spelling() -> None:
    """The last character of 64 bytes carries two bits; the four others must be zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    accepted = []
    for letter in alphabet:
        try:
            accepted.append(verify_compact(GOOD[:-1] + letter, P256.public_key, typ=None))
        except (ParsingError, ProofVerificationError):
            continue
    assert accepted == [CLAIMS]


ECDSA_DER = base64url_encode(b"\x30\x44\x02\x20" + bytes(32) + b"\x02\x20" + bytes(32))


@pytest.mark.parametrize(
    "signature", ["", "AA", SIGNATURE + "A", SIGNATURE[:-2], SIGNATURE + "AAAA", "A" * 86, ECDSA_DER, "_" * 84 + "_w"]
)
def test_another_signature_is_refused(signature: str) -> None:
    with pytest.raises(ProofVerificationError):
        verify_compact(f"{HEADER}.{PAYLOAD}.{signature}", P256.public_key, typ=None)


def test_a_der_signature_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import derive_private_key

    der = derive_private_key(7, SECP256R1()).sign(f"{HEADER}.{PAYLOAD}".encode(), ECDSA(hashes.SHA256()))

    with pytest.raises(ProofVerificationError):
        verify_compact(f"{HEADER}.{PAYLOAD}.{base64url_encode(der)}", P256.public_key, typ=None)


def test_every_bit_of_a_token_counts() -> None:
    raw = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in GOOD.split(".")]
    for index, part in enumerate(raw):
        for bit in range(len(part) * 8):
            changed = bytearray(part)
            changed[bit // 8] ^= 1 << (bit % 8)
            parts = [*raw[:index], bytes(changed), *raw[index + 1 :]]
            with pytest.raises(CredkitError):
                verify_compact(".".join(map(base64url_encode, parts)), P256.public_key, typ="t+jwt")


@given(
    st.text(max_size=60)
    | st.from_regex(r"[A-Za-z0-9_-]{0,20}\.[A-Za-z0-9_-]{0,20}\.[A-Za-z0-9_-]{0,20}", fullmatch=True)
)
def test_whatever_stands_for_a_token_gives_a_typed_error(text: str) -> None:
    for read in (peek_header, peek_payload, lambda jws: verify_compact(jws, P256.public_key, typ=None)):
        with pytest.raises((ParsingError, CryptographicSecurityError, TooComplexError)):
            read(text)


@pytest.mark.parametrize("header", [{"alg": "none"}, {"typ": "x"}, {"crit": ["x"]}, {"b64": False}])
def test_a_signer_does_not_let_reserved_members_in(header: dict[str, Any]) -> None:
    with pytest.raises(MalformedValueError):
        sign_compact(CLAIMS, P256, typ="t+jwt", header=header)


def deep() -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(100_000):
        value = {"x": value}
    return value


@pytest.mark.parametrize(
    "payload", [{"a": float("nan")}, {"a": float("inf")}, {"a": b"x"}, {"a": {1, 2}}, {"a": "\ud800"}], ids=repr
)
def test_what_json_cannot_say_is_not_signed(payload: dict[str, Any]) -> None:
    with pytest.raises(MalformedValueError):
        sign_compact(payload, P256, typ=None)


def test_what_is_too_deep_is_not_signed() -> None:
    with pytest.raises(MalformedValueError):
        sign_compact(deep(), P256, typ=None)
