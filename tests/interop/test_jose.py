"""npm ``jose``, from PyPI ``joserfc`` (what is signed) and ``jwcrypto`` (what is sealed): both ways, none changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from bench.documents import badge
from bench.node_peer import NodePeer, PeerRefused
from bench.sd_jwt_peers import private_jwk
from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import CryptographicSecurityError, ProofVerificationError
from credkit.formats.jwt_vc import (
    VC_TYP,
    VP_TYP,
    peek_token,
    sign_jwt_vc_json,
    sign_vc_jwt,
    sign_vp_jwt,
    verify_token,
)
from credkit.jose import (
    decrypt,
    encrypt,
    rsa_public_key_from_jwk,
    thumbprint,
    x25519_private_jwk,
    x25519_public_jwk,
)
from tests.interop.conftest import controller_of, legacy_credential, signer_of

# joserfc warns of the name that RFC 9864 replaced and that everybody still writes.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

KEYS = [("Ed25519", "EdDSA"), ("P-256", "ES256"), ("P-384", "ES384")]
every_key = pytest.mark.parametrize(("key_type", "alg"), KEYS)
every_peer = pytest.mark.parametrize("peer", ["jose", "from PyPI"])
SEALING = ["ECDH-ES+A256KW", "A256GCM"]
PRESENTATION = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "VerifiablePresentation"}
NONCE, AUDIENCE = "n-0S6_WzA2Mj", "https://college.example"
RSA_SECRET = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Jose:
    """npm ``jose``."""

    def __init__(self, node: NodePeer) -> None:
        self._node = node

    def sign(self, payload: dict, key: dict, alg: str, header: dict) -> str:
        return self._node.ask("jwtSign", key=key, alg=alg, header=header, payload=payload)

    def verify(self, token: str, key: dict, alg: str, typ: str) -> dict:
        return self._node.ask("jwtVerify", key=key, alg=alg, typ=typ, token=token)

    def seal(self, text: str, key: dict) -> str:
        return self._node.ask("jweEncrypt", key=key, text=text)

    def open(self, token: str, key: dict) -> str:
        return self._node.ask("jweDecrypt", key=key, token=token)


class FromPyPI:
    """``joserfc`` for what is signed, ``jwcrypto`` for what is sealed: we seal with ``joserfc`` ourselves."""

    def sign(self, payload: dict, key: dict, alg: str, header: dict) -> str:
        return jwt.encode({"alg": alg, **header}, payload, read(key), algorithms=[alg], default_type=None)

    def verify(self, token: str, key: dict, alg: str, typ: str) -> dict:
        decoded = jwt.decode(token, read(key), algorithms=[alg])
        assert decoded.header["typ"] == typ
        return dict(decoded.claims)

    def seal(self, text: str, key: dict) -> str:
        protected = json.dumps({"alg": SEALING[0], "enc": SEALING[1]})
        return str(JWE(text.encode(), protected=protected, recipient=JWK(**key), algs=SEALING).serialize(compact=True))

    def open(self, token: str, key: dict) -> str:
        sealed = JWE(algs=SEALING)
        sealed.deserialize(token, key=JWK(**key))
        return bytes(sealed.payload).decode()


def read(key: dict) -> Any:
    kinds: dict[str, Any] = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}
    return kinds[key["kty"]].import_key(key)


@pytest.fixture(scope="module")
def peers() -> Iterator[dict[str, Any]]:
    with NodePeer(None, "jose_peer.mjs") as node:
        yield {"jose": Jose(node), "from PyPI": FromPyPI()}


def better(token: str) -> str:
    """The same token with a word changed after it was signed."""
    header, payload, signature = token.split(".")
    said = base64url_decode(payload)
    changed = said.replace(b"Algebra", b"Physics").replace(b"2030-01-01", b"2040-01-01")
    assert changed != said
    return ".".join((header, base64url_encode(changed), signature))


def check_they_verify(peer: Any, token: str, key: dict, alg: str, typ: str) -> dict:
    """The payload as they read it; they refuse its twin."""
    with pytest.raises((PeerRefused, JoseError)):
        peer.verify(better(token), key, alg, typ)
    payload: dict = peer.verify(token, key, alg, typ)
    return payload


@every_peer
@every_key
def test_they_verify_our_credential(peers, peer: str, key_type: str, alg: str) -> None:
    signer = signer_of(key_type)
    document = badge(controller_of(signer))

    ours = sign_vc_jwt(document, signer)

    assert check_they_verify(peers[peer], ours, signer.public_key.to_jwk(), alg, VC_TYP) == document


@every_peer
@pytest.mark.parametrize(("key_type", "alg"), [*KEYS, ("Ed25519", "Ed25519")])
def test_we_verify_their_credential(peers, peer: str, key_type: str, alg: str) -> None:
    signer = signer_of(key_type)
    document = badge(controller_of(signer))

    theirs = peers[peer].sign(document, private_jwk(signer), alg, {"typ": VC_TYP, "kid": signer.verification_method})

    token = verify_token(theirs, signer.public_key)
    assert (token.document, token.key_id) == (document, signer.verification_method)
    with pytest.raises(ProofVerificationError):
        verify_token(better(theirs), signer.public_key)


@every_peer
@every_key
def test_a_presentation_goes_both_ways(peers, peer: str, key_type: str, alg: str) -> None:
    signer, holder = signer_of("P-256"), signer_of(key_type)
    enveloped = {"@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiableCredential",
                 "id": "data:application/vc+jwt," + sign_vc_jwt(badge(controller_of(signer)), signer)}
    document = {**PRESENTATION, "holder": controller_of(holder), "verifiableCredential": [enveloped]}

    ours = sign_vp_jwt(document, holder, nonce=NONCE, audience=AUDIENCE)
    read_by_them = peers[peer].verify(ours, holder.public_key.to_jwk(), alg, VP_TYP)
    payload = {**document, "nonce": NONCE, "aud": AUDIENCE}
    theirs = peers[peer].sign(payload, private_jwk(holder), alg, {"typ": VP_TYP})
    token = verify_token(theirs, holder.public_key)

    assert read_by_them == payload
    assert token.is_presentation and token.document == document
    assert token.claims == {"nonce": NONCE, "aud": AUDIENCE}


@every_peer
@every_key
def test_vcdm_1_1_goes_both_ways(peers, peer: str, key_type: str, alg: str) -> None:
    signer = signer_of(key_type)
    document = legacy_credential(controller_of(signer))

    ours = sign_jwt_vc_json(document, signer)
    payload = check_they_verify(peers[peer], ours, signer.public_key.to_jwk(), alg, "JWT")
    theirs = peers[peer].sign(payload, private_jwk(signer), alg, {"typ": "JWT"})

    assert payload["vc"] == document and payload["sub"] == document["credentialSubject"]["id"]
    assert verify_token(theirs, signer.public_key).document == document
    with pytest.raises(ProofVerificationError):
        verify_token(better(theirs), signer.public_key)


@every_peer
def test_we_verify_their_rs256_where_it_is_allowed_and_nowhere_else(peers, peer: str) -> None:
    secret = RSAKey.import_key(RSA_SECRET)
    document = badge("https://school.example")
    theirs = peers[peer].sign(document, secret.as_dict(private=True), "RS256", {"typ": "JWT"})
    key = rsa_public_key_from_jwk(secret.as_dict(private=False))

    assert verify_token(theirs, key, allow_rs256=True).document == document == peek_token(theirs).document
    with pytest.raises(CryptographicSecurityError):
        verify_token(theirs, key)
    with pytest.raises(ProofVerificationError):
        verify_token(better(theirs), key, allow_rs256=True)


@every_peer
def test_what_is_sealed_opens_on_the_other_side(peers, peer: str) -> None:
    secret = x25519_private_jwk(bytes(range(1, 33)))
    public = x25519_public_jwk(secret)
    text = json.dumps({"name": "Lucía"}, ensure_ascii=False)

    assert peers[peer].open(encrypt(text.encode(), public), secret) == text
    theirs = peers[peer].seal(text, public)
    assert decrypt(theirs, secret).decode() == text
    with pytest.raises(ProofVerificationError):
        decrypt(theirs[:-4] + ("AAAA" if theirs[-4:] != "AAAA" else "BBBA"), secret)


@pytest.mark.parametrize("key_type", ["Ed25519", "P-256", "P-384"])
def test_everybody_finds_the_same_thumbprint(peers, key_type: str) -> None:
    jwk = signer_of(key_type).public_key.to_jwk()
    compute: Callable[..., Any] = peers["jose"]._node.ask

    assert thumbprint(jwk) == read(jwk).thumbprint() == compute("thumbprint", key=jwk)
