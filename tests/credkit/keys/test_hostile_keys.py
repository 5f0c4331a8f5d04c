"""Keys and signatures that somebody made up to be accepted (security.md A07, B12, D06)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from hypothesis import given
from hypothesis import strategies as st

from credkit.encoding import base58_encode, base64url_encode, multibase_encode_base58
from credkit.errors import (
    CryptographicSecurityError,
    MalformedValueError,
    ProblemError,
    ProofVerificationError,
    UnsupportedError,
)
from credkit.keys import (
    KEY_TYPES,
    PublicKey,
    SoftwareSigner,
    find_key_type,
    public_key_from_jwk,
    public_key_from_multibase,
)

P = 2**255 - 19
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ED25519 = SoftwareSigner.from_secret("Ed25519", bytes(31) + b"\x07")
P256 = SoftwareSigner.from_secret("P-256", bytes(31) + b"\x07")
P384 = SoftwareSigner.from_secret("P-384", bytes(47) + b"\x07")
SIGNERS = (ED25519, P256, P384)
ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303021022


def ed25519_point(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


SMALL_ORDER = {
    "identity": ed25519_point(1),
    "identity with a sign": ed25519_point(1, 1),
    "order two": ed25519_point(P - 1),
    "order two with a sign": ed25519_point(P - 1, 1),
    "order four": ed25519_point(0),
    "order four, other": ed25519_point(0, 1),
    "order eight": ed25519_point(ORDER_EIGHT),
    "order eight, second": ed25519_point(ORDER_EIGHT, 1),
    "order eight, third": ed25519_point(P - ORDER_EIGHT),
    "order eight, fourth": ed25519_point(P - ORDER_EIGHT, 1),
}


@pytest.mark.parametrize("name", SMALL_ORDER)
def test_a_weak_ed25519_key_is_refused(name: str) -> None:
    with pytest.raises(CryptographicSecurityError):
        PublicKey("Ed25519", SMALL_ORDER[name])


def test_a_weak_key_would_have_verified_a_signature_nobody_made() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    identity = ed25519_point(1)
    forged = identity + bytes(32)

    Ed25519PublicKey.from_public_bytes(identity).verify(forged, b"anything")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(ed25519_point(P), id="y is the prime"),
        pytest.param(ed25519_point(P + 1), id="y is the prime plus one"),
        pytest.param(b"\xff" * 32, id="y is all ones"),
        pytest.param(ed25519_point(2), id="no point has y = 2"),
        pytest.param(ed25519_point(7), id="no point has y = 7"),
        pytest.param(b"", id="empty"),
        pytest.param(bytes(31), id="31 bytes"),
        pytest.param(ED25519.public_key.raw + b"\0", id="33 bytes"),
    ],
)
def test_bytes_that_are_no_ed25519_point_are_refused(raw: bytes) -> None:
    with pytest.raises(MalformedValueError):
        PublicKey("Ed25519", raw)


@given(st.binary(min_size=32, max_size=32))
def test_every_ed25519_key_we_make_is_a_key_we_accept(secret: bytes) -> None:
    SoftwareSigner.from_secret("Ed25519", secret)


X = P256.public_key.raw[1:]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x00", id="the point at infinity"),
        pytest.param(b"\x00" * 33, id="zeros"),
        pytest.param(b"\x02" + bytes(31) + b"\x01", id="no point has x = 1"),
        pytest.param(b"\x02" + P256_PRIME.to_bytes(32, "big"), id="x is the prime"),
        pytest.param(b"\x02" + b"\xff" * 32, id="x above the prime"),
        pytest.param(b"\x04" + X + X, id="uncompressed"),
        pytest.param(b"\x06" + X + X, id="hybrid"),
        pytest.param(b"\x05" + X, id="another header"),
        pytest.param(b"\x02" + X[:-1], id="32 bytes"),
        pytest.param(b"\x02" + X + b"\0", id="34 bytes"),
        pytest.param(P384.public_key.raw, id="a P-384 point"),
    ],
)
def test_bytes_that_are_no_p256_point_are_refused(raw: bytes) -> None:
    with pytest.raises(MalformedValueError):
        PublicKey("P-256", raw)


def multikey(data: bytes) -> str:
    return multibase_encode_base58(data)


RAW = ED25519.public_key.raw


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(None, id="null"),
        pytest.param(7, id="a number"),
        pytest.param(["z6Mk"], id="a list"),
        pytest.param("", id="empty"),
        pytest.param("z", id="no bytes"),
        pytest.param("z1", id="one zero byte"),
        pytest.param(multikey(b"\x12" + RAW), id="a hash"),
        pytest.param(multikey(b"\x83\x24" + RAW + RAW)[:-4], id="a key cut off"),
        pytest.param("u" + base64url_encode(b"\xed\x01" + RAW), id="base64url"),
        pytest.param("m7QE", id="base64"),
        pytest.param("f" + (b"\xed\x01" + RAW).hex(), id="hexadecimal"),
        pytest.param(base58_encode(b"\xed\x01" + RAW), id="no header"),
        pytest.param("Z" + base58_encode(b"\xed\x01" + RAW), id="another header"),
        pytest.param(multikey(b"\xed\x81\x00" + RAW), id="a multicodec of three bytes for two"),
        pytest.param(multikey(b"\x80\xa4\x00" + P256.public_key.raw), id="a P-256 multicodec of three bytes for two"),
        pytest.param(multikey(b"\xed\x01"), id="no key"),
        pytest.param(multikey(b"\xed\x01" + RAW[:-1]), id="a byte too few"),
        pytest.param(multikey(b"\xed\x01" + RAW + b"\0"), id="a byte too many"),
        pytest.param(multikey(b"\xed\x01\x20" + RAW), id="a length before the key"),
        pytest.param(multikey(b"\xff" * 40), id="an endless multicodec"),
        pytest.param(multikey(b"\xed\x01" + P256.public_key.raw), id="a P-256 key that says Ed25519"),
        pytest.param(multikey(b"\x80\x24" + RAW), id="an Ed25519 key that says P-256"),
        pytest.param(multikey(b"\x80\x24" + P384.public_key.raw), id="a P-384 key that says P-256"),
        pytest.param(" " + ED25519.public_key_multibase, id="a space before"),
        pytest.param(ED25519.public_key_multibase + "\n", id="a line end after"),
        pytest.param(ED25519.public_key_multibase + "0", id="a letter base58 has not"),
        pytest.param(ED25519.public_key_multibase.replace("z6Mk", "z6M\u212a"), id="a letter that looks alike"),
        pytest.param("z" + "1" * 10_000, id="ten thousand characters"),
        pytest.param("z6Mk" + "2" * 10_000, id="ten thousand digits"),
        pytest.param("z" + "\ud800", id="half a surrogate pair"),
    ],
)
def test_a_malformed_multikey_is_refused(text: Any) -> None:
    with pytest.raises(MalformedValueError):
        public_key_from_multibase(text)


@pytest.mark.parametrize("codec", [b"\xe7\x01", b"\xec\x01", b"\xea\x01", b"\x85\x24"])
def test_a_kind_of_key_we_do_not_know_could_not_be_checked(codec: bytes) -> None:
    with pytest.raises(UnsupportedError):
        public_key_from_multibase(multikey(codec + RAW))


@pytest.mark.parametrize("codec", [kind.secret_codec for kind in KEY_TYPES])
def test_a_secret_key_where_a_public_one_belongs_is_told_apart(codec: bytes) -> None:
    with pytest.raises(CryptographicSecurityError, match="stolen"):
        public_key_from_multibase(multikey(codec + bytes(31) + b"\x07"))


@pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.public_key.type)
@pytest.mark.parametrize("private", ["d", "k", "p", "q", "dp", "dq", "qi", "oth"])
def test_a_jwk_with_a_private_member_is_refused(signer: SoftwareSigner, private: str) -> None:
    with pytest.raises(CryptographicSecurityError, match="stolen"):
        public_key_from_jwk({**signer.public_key.to_jwk(), private: "AAAA"})


Y_OF_FIVE = base64url_encode(bytes.fromhex("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"))
ED_JWK, EC_JWK = ED25519.public_key.to_jwk(), P256.public_key.to_jwk()


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="a list"),
        pytest.param("{}", id="text"),
        pytest.param({}, id="empty"),
        pytest.param({"kty": 7}, id="a kty that is a number"),
        pytest.param({"kty": ["OKP"], "crv": "Ed25519"}, id="a kty that is a list"),
        pytest.param({"kty": "OKP", "crv": "Ed25519"}, id="no x"),
        pytest.param({**ED_JWK, "x": None}, id="x is null"),
        pytest.param({**ED_JWK, "x": ED_JWK["x"] + "="}, id="padding"),
        pytest.param({**ED_JWK, "x": "+" + ED_JWK["x"][1:]}, id="base64 instead of base64url"),
        pytest.param({**ED_JWK, "x": ED_JWK["x"] + "AA"}, id="too long"),
        pytest.param({**EC_JWK, "y": None}, id="y is null"),
        pytest.param({**EC_JWK, "y": EC_JWK["y"] + "="}, id="padding of y"),
        pytest.param({name: EC_JWK[name] for name in ("kty", "crv", "x")}, id="no y"),
        pytest.param({**EC_JWK, "y": EC_JWK["x"]}, id="not on the curve"),
        pytest.param({**EC_JWK, "x": base64url_encode(bytes(32)), "y": base64url_encode(bytes(32))}, id="zeros"),
        pytest.param({**EC_JWK, "x": base64url_encode(b"\0" + X)}, id="a coordinate of 33 bytes"),
        pytest.param({**EC_JWK, "x": base64url_encode(X[1:])}, id="a coordinate of 31 bytes"),
        pytest.param({**EC_JWK, "x": base64url_encode((5 + P256_PRIME).to_bytes(32)), "y": Y_OF_FIVE},
                     id="a coordinate that is not reduced"),
    ],
)
def test_a_malformed_jwk_is_refused(jwk: Any) -> None:
    with pytest.raises(MalformedValueError):
        public_key_from_jwk(jwk)


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": "AA", "e": "AQAB"},
        {"kty": "OKP", "crv": "X25519", "x": "AA"},
        {"kty": "oct"},
        {**ED_JWK, "crv": "ED25519"},
        {**EC_JWK, "kty": "OKP"},
        {**EC_JWK, "crv": ["P-256"]},
        {**EC_JWK, "crv": None},
    ],
)
def test_a_jwk_of_another_kind_could_not_be_checked(jwk: Any) -> None:
    with pytest.raises(UnsupportedError):
        public_key_from_jwk(jwk)


@pytest.mark.parametrize(
    "extra",
    [
        {"use": "enc"},
        {"use": None},
        {"use": ["sig"]},
        {"key_ops": ["encrypt"]},
        {"key_ops": []},
        {"key_ops": "verify"},
        {"key_ops": None},
        {"alg": "ES256"},
        {"alg": "HS256"},
        {"alg": "none"},
        {"alg": None},
        {"alg": ["EdDSA"]},
    ],
)
def test_a_jwk_meant_for_something_else_is_refused(extra: dict[str, Any]) -> None:
    with pytest.raises(CryptographicSecurityError):
        public_key_from_jwk({**ED_JWK, **extra})


@pytest.mark.parametrize(
    "extra",
    [
        {"use": "sig"},
        {"key_ops": ["verify"]},
        {"alg": "EdDSA"},
        {"alg": "Ed25519"},
        {"kid": "key-1"},
        {"ext": True},
    ],
)
def test_a_jwk_meant_for_signatures_is_read(extra: dict[str, Any]) -> None:
    assert public_key_from_jwk({**ED_JWK, **extra}) == ED25519.public_key


def der(r: int, s: int) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    return encode_dss_signature(r, s)


def both(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


GOOD = P256.sign(b"message")
R, S = int.from_bytes(GOOD[:32], "big"), int.from_bytes(GOOD[32:], "big")


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(b"", id="empty"),
        pytest.param(GOOD[:-1], id="a byte too few"),
        pytest.param(GOOD + b"\0", id="a byte too many"),
        pytest.param(GOOD[:32], id="r alone"),
        pytest.param(der(R, S), id="DER"),
        pytest.param(GOOD[32:] + GOOD[:32], id="s before r"),
        pytest.param(both(0, 0), id="zeros"),
        pytest.param(both(0, S), id="r is zero"),
        pytest.param(both(R, 0), id="s is zero"),
        pytest.param(both(1, 1), id="ones"),
        pytest.param(both(P256_ORDER, S), id="r is the order"),
        pytest.param(both(R, P256_ORDER), id="s is the order"),
        pytest.param(both(P256_ORDER, P256_ORDER), id="both are the order"),
        pytest.param(both(P256_ORDER - 1, P256_ORDER - 1), id="both are the order less one"),
        pytest.param(both(P256_PRIME, S), id="r is the prime"),
        pytest.param(b"\xff" * 64, id="all ones"),
        pytest.param(both(P256_ORDER - R, S), id="another r"),
    ],
)
def test_a_made_up_p256_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(ProofVerificationError):
        P256.public_key.verify(signature, b"message")


@pytest.mark.parametrize(("kind", "hashing"), [("P-256", SHA256()), ("P-384", SHA384()), ("P-521", SHA512())])
def test_a_number_of_a_signature_may_begin_with_zeros(kind: str, hashing: HashAlgorithm) -> None:
    """One number in 128 is shorter by a byte; the judge is the cryptography package's own reader and writer."""
    signer = SoftwareSigner.from_secret(kind, bytes(find_key_type(kind).secret_length - 1) + b"\x07")
    key = signer._parsed.public_key()
    shorter = 0
    for index in range(300):
        message = str(index).encode()
        signature = signer.sign(message)
        half = find_key_type(kind).secret_length
        assert len(signature) == 2 * half
        numbers = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        if 0 in (signature[0], signature[half]):
            shorter += 1
            key.verify(der(*numbers), message, ECDSA(hashing))
            signer.public_key.verify(signature, message)
    assert shorter


def test_either_s_of_a_p256_signature_is_good() -> None:
    P256.public_key.verify(both(R, S), b"message")
    P256.public_key.verify(both(R, P256_ORDER - S), b"message")


L = 2**252 + 27742317777372353535851937790883648493
ED_GOOD = ED25519.sign(b"message")
ED_S = int.from_bytes(ED_GOOD[32:], "little")


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(b"", id="empty"),
        pytest.param(ED_GOOD[:63], id="a byte too few"),
        pytest.param(ED_GOOD + b"\0", id="a byte too many"),
        pytest.param(bytes(64), id="zeros"),
        pytest.param(ed25519_point(1) + bytes(32), id="the identity and zero"),
        pytest.param(ED_GOOD[:32] + (ED_S + L).to_bytes(32, "little"), id="s plus the order"),
        pytest.param(ED_GOOD[:32] + (L - ED_S).to_bytes(32, "little"), id="s negated"),
        pytest.param(ED_GOOD[32:] + ED_GOOD[:32], id="s before r"),
        pytest.param(b"\xff" * 64, id="all ones"),
    ],
)
def test_a_made_up_ed25519_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(ProofVerificationError):
        ED25519.public_key.verify(signature, b"message")


@pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.public_key.type)
@pytest.mark.parametrize("other", SIGNERS, ids=lambda signer: signer.public_key.type)
def test_a_signature_holds_under_its_own_key_alone(signer: SoftwareSigner, other: SoftwareSigner) -> None:
    signature = signer.sign(b"message")

    if signer is other:
        other.public_key.verify(signature, b"message")
        return
    with pytest.raises(ProofVerificationError):
        other.public_key.verify(signature, b"message")


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("P-256", bytes(32)),
        ("P-256", P256_ORDER.to_bytes(32, "big")),
        ("P-256", b"\xff" * 32),
        ("P-256", bytes(31)),
        ("P-384", bytes(48)),
        ("P-384", bytes(32) + b"\x07"),
        ("Ed25519", bytes(64)),
        ("Ed25519", b""),
    ],
)
def test_bytes_that_are_no_secret_are_refused(kind: str, secret: bytes) -> None:
    with pytest.raises(MalformedValueError):
        SoftwareSigner.from_secret(kind, secret)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", MalformedValueError),
        ("u7QE", MalformedValueError),
        ("z0", MalformedValueError),
        (multikey(b"\x80\x26" + bytes(31)), MalformedValueError),
        (multikey(b"\x86\x26" + bytes(32)), MalformedValueError),
        (ED25519.public_key_multibase, UnsupportedError),
    ],
)
def test_a_text_that_is_no_secret_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        SoftwareSigner.from_secret_multibase(text)


@pytest.mark.parametrize("name", ["ed25519", "secp256k1", "", "Ed448"])
def test_a_kind_of_key_that_is_in_no_registry_is_not_guessed(name: str) -> None:
    with pytest.raises(UnsupportedError):
        PublicKey(name, RAW)
    with pytest.raises(UnsupportedError):
        SoftwareSigner.generate(name)


def test_a_signer_does_not_show_its_secret_when_printed() -> None:
    assert P256.secret.hex() not in repr(P256)
    assert ED25519.public_key_multibase in repr(ED25519)


def test_two_generated_keys_differ() -> None:
    for kind in KEY_TYPES:
        assert SoftwareSigner.generate(kind.name).public_key != SoftwareSigner.generate(kind.name).public_key


def test_a_signer_can_be_named_by_its_owners_document() -> None:
    signer = SoftwareSigner.generate("P-256", verification_method="did:web:school.example#p256")

    assert signer.verification_method == "did:web:school.example#p256"
    assert signer.algorithm == signer.public_key.algorithm == "ES256"


@given(st.text(max_size=80).map(lambda text: "z" + text) | st.binary(max_size=60).map(multikey))
def test_whatever_stands_for_a_key_gives_a_key_or_a_typed_error(text: str) -> None:
    try:
        key = public_key_from_multibase(text)
    except (ProblemError, UnsupportedError):
        return
    assert key.to_multibase() == text
