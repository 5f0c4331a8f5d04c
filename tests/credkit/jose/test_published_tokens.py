"""JWS, JWK and thumbprints against the RFCs' own examples, and against other implementations."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import CryptographicSecurityError, MalformedValueError, ProofVerificationError, UnsupportedError
from credkit.jose import (
    peek_header,
    peek_payload,
    rsa_public_key_from_jwk,
    sign_compact,
    thumbprint,
    verify_compact,
    x25519_private_jwk,
    x25519_public_jwk,
)
from credkit.keys import KEY_TYPES, SoftwareSigner, public_key_from_jwk

# RFC7515 #appendix-A.2 and #appendix-A.3
CLAIMS = {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
ES256 = (
    f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
ES256_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
RS256 = (
    f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
    "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
    "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
    "cN_IoypGlUPQGe77Rw"
)
RS256_KEY = {
    "kty": "RSA",
    "e": "AQAB",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
    "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Ca"
    "pHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h"
    "4FRWyuXpoQ",
}
# RFC8037 #appendix-A
ED25519_SECRET = base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
ED25519_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)
# RFC7638 #section-3.1
THUMBPRINT_KEY = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
    "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu"
    "6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awa"
    "pJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}


@pytest.mark.spec("RFC7515", "#appendix-A.3")
def test_the_published_es256_token_verifies() -> None:
    assert verify_compact(ES256, public_key_from_jwk(ES256_KEY), typ=None) == CLAIMS


@pytest.mark.spec("RFC7515", "#appendix-A.2")
def test_the_published_rs256_token_verifies_where_it_is_asked_for() -> None:
    key = rsa_public_key_from_jwk(RS256_KEY)

    assert verify_compact(RS256, key, typ=None, allow_rs256=True) == CLAIMS
    with pytest.raises(CryptographicSecurityError):
        verify_compact(RS256, key, typ=None)


@pytest.mark.spec("RFC8037", "#appendix-A.4")
def test_the_published_ed25519_token_is_what_we_sign() -> None:
    signer = SoftwareSigner.from_secret("Ed25519", ED25519_SECRET)

    assert sign_compact(b"Example of Ed25519 signing", signer, typ=None) == ED25519_JWS


@pytest.mark.parametrize("token", [ES256, RS256])
def test_a_published_token_with_another_signature_is_caught(token: str) -> None:
    key = public_key_from_jwk(ES256_KEY) if token is ES256 else rsa_public_key_from_jwk(RS256_KEY)
    changed = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]

    with pytest.raises(ProofVerificationError):
        verify_compact(changed, key, typ=None, allow_rs256=True)


@pytest.mark.spec("RFC7638", "#section-3.1")
def test_the_published_thumbprints() -> None:
    assert thumbprint(THUMBPRINT_KEY) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    ed25519 = SoftwareSigner.from_secret("Ed25519", ED25519_SECRET).public_key.to_jwk()
    assert thumbprint(ed25519) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.spec("RFC7748", "#section-6.1")
def test_the_published_x25519_secret_has_the_published_public_half() -> None:
    secret = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    jwk = x25519_private_jwk(secret)

    assert jwk["x"] == "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"
    assert x25519_public_jwk(jwk) == {"kty": "OKP", "crv": "X25519", "x": jwk["x"]}


@pytest.mark.parametrize("kind", KEY_TYPES, ids=lambda kind: kind.name)
def test_another_implementation_reads_what_we_sign(kind: Any) -> None:
    signer = SoftwareSigner.generate(kind.name)
    token = sign_compact({"sub": "Ana \u00d1and\u00fa", "n": 1}, signer, typ="example+jwt", header={"kid": "k"})

    other = JWS()
    other.allowed_algs = ["EdDSA", "ES256", "ES384", "ES512"]
    other.deserialize(token, JWK(**signer.public_key.to_jwk()))

    assert json.loads(other.payload) == {"sub": "Ana \u00d1and\u00fa", "n": 1}
    assert other.jose_header["typ"] == "example+jwt"


@pytest.mark.parametrize("kind", KEY_TYPES, ids=lambda kind: kind.name)
def test_we_read_what_another_implementation_signs(kind: Any) -> None:
    other = JWK.generate(**({"kty": "OKP", "crv": "Ed25519"} if kind.kty == "OKP" else {"kty": "EC", "crv": kind.name}))
    alg = "EdDSA" if kind.kty == "OKP" else kind.algorithm
    token = JWS(b'{"sub":"x"}')
    token.add_signature(other, alg=alg, protected=json.dumps({"alg": alg, "typ": "example+jwt"}))

    key = public_key_from_jwk(json.loads(other.export_public()))

    assert verify_compact(token.serialize(compact=True), key, typ="example+jwt") == {"sub": "x"}
    assert thumbprint(key.to_jwk()) == other.thumbprint()


def test_ed25519_may_be_called_by_either_of_its_names() -> None:
    signer = SoftwareSigner.generate("Ed25519")
    token = sign_compact({"a": 1}, signer, typ="x")
    assert peek_header(token) == {"alg": "EdDSA", "typ": "x"}

    payload = token.split(".")[1]
    renamed = base64url_encode(b'{"alg":"Ed25519","typ":"x"}') + "." + payload
    signed = renamed + "." + base64url_encode(signer.sign(renamed.encode()))

    assert verify_compact(signed, signer.public_key, typ="x") == {"a": 1} == peek_payload(signed)


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        [],
        {},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "OKP", "crv": 1, "x": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "\u00e9"},
    ],
)
def test_a_key_without_its_members_has_no_thumbprint(jwk: Any) -> None:
    with pytest.raises(MalformedValueError):
        thumbprint(jwk)


def test_a_shared_secret_has_no_thumbprint() -> None:
    with pytest.raises(UnsupportedError):
        thumbprint({"kty": "oct", "k": "AA"})


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param({"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}, id="another curve"),
        pytest.param({"kty": "OKP", "crv": "X25519", "x": "A" * 42}, id="31 bytes"),
        pytest.param({"kty": "OKP", "crv": "X25519", "x": "=" * 43}, id="no base64url"),
        pytest.param({"kty": "OKP", "crv": "X25519"}, id="no x"),
        pytest.param([], id="a list"),
    ],
)
def test_what_is_no_x25519_key_is_refused(jwk: Any) -> None:
    with pytest.raises(MalformedValueError):
        x25519_public_jwk(jwk)


def test_an_x25519_secret_must_be_whole() -> None:
    with pytest.raises(MalformedValueError):
        x25519_private_jwk(bytes(31))


@pytest.mark.parametrize(
    ("jwk", "error"),
    [
        ({**RS256_KEY, "n": "AQAB"}, CryptographicSecurityError),
        ({**RS256_KEY, "n": "_" * 170 + "8"}, CryptographicSecurityError),
        ({**RS256_KEY, "n": "_" * 1368}, CryptographicSecurityError),
        ({**RS256_KEY, "e": "AQ"}, CryptographicSecurityError),
        ({**RS256_KEY, "e": "Aw"}, CryptographicSecurityError),
        ({**RS256_KEY, "d": "AQAB"}, CryptographicSecurityError),
        ({**RS256_KEY, "n": "=="}, MalformedValueError),
        ({**RS256_KEY, "n": None}, MalformedValueError),
        ({"kty": "RSA"}, MalformedValueError),
        ({"kty": "EC"}, MalformedValueError),
        (None, MalformedValueError),
    ],
)
def test_a_weak_or_malformed_rsa_key_is_refused(jwk: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        rsa_public_key_from_jwk(jwk)
