"""OpenID4VCI 1.0: proving possession of the holder's key (security.md B01, B02, B11, E03)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from credkit.encoding import base64url_encode
from credkit.errors import ProtocolError
from credkit.jose import peek_header, sign_compact
from credkit.keys import SoftwareSigner
from credkit.protocols.key_proof import KeyProof
from credkit.protocols.oid4vci import v1_0
from tests.credkit.protocols.support import NOW, WRONG, resolver_of, signed, unsigned
from tests.support.fakeweb import FakeWeb

ISSUER = "https://school.example"
TYP = "openid4vci-proof+jwt"
NONCE = "wKI4LT17ac15ES9bw8ac4"
AT = int(NOW.timestamp())
ED = SoftwareSigner.from_secret("Ed25519", bytes(range(32)))
P256 = SoftwareSigner.from_secret("P-256", bytes(range(32)))
P384 = SoftwareSigner.from_secret("P-384", bytes(range(48)))
PAYLOAD = {"aud": ISSUER, "iat": AT, "nonce": NONCE}
HEADER = {"typ": TYP, "alg": "EdDSA", "kid": ED.verification_method}


def verify(proof: Any, **changes: Any) -> KeyProof:
    arguments = {"audience": ISSUER, "now": NOW, "resolver": resolver_of(FakeWeb()), **changes}
    return v1_0.verify_key_proof(proof, **arguments)


def refuse(proof: Any, **changes: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        verify(proof, **changes)
    assert (caught.value.error, caught.value.http_status) == ("invalid_proof", 400)


def without(members: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in members.items() if key != name}


def did_jwk(signer: SoftwareSigner) -> str:
    return "did:jwk:" + base64url_encode(json.dumps(signer.public_key.to_jwk()).encode())


@pytest.mark.spec("OID4VCI-1.0", "#jwt-proof-type")
@pytest.mark.parametrize("signer", [ED, P256], ids=["Ed25519", "P-256"])
def test_our_own_proof_is_taken(signer: SoftwareSigner) -> None:
    proof = verify(v1_0.build_key_proof(signer, audience=ISSUER, nonce=NONCE, now=NOW))

    key_id = signer.verification_method
    assert proof == KeyProof(signer.public_key, key_id.partition("#")[0], NONCE, "kid", key_id)


def test_a_key_may_be_named_by_a_jwk() -> None:
    header = {"typ": TYP, "alg": "ES256", "jwk": P256.public_key.to_jwk()}

    proof = verify(signed(header, PAYLOAD, P256))

    assert (proof.did, proof.binding) == (P256.verification_method.partition("#")[0], "jwk")


def test_a_key_may_be_named_by_a_did_jwk() -> None:
    header = {"typ": TYP, "alg": "ES256", "kid": did_jwk(P256) + "#0"}

    assert verify(signed(header, PAYLOAD, P256)).did == did_jwk(P256)


def test_a_proof_made_by_another_implementation_is_taken() -> None:
    jwt = pytest.importorskip("joserfc.jwt")
    okp = pytest.importorskip("joserfc.jwk")
    key = okp.ECKey.import_key({**P256.public_key.to_jwk(), "d": base64url_encode(P256.secret)})

    token = jwt.encode({"typ": TYP, "alg": "ES256", "kid": P256.verification_method}, PAYLOAD, key)

    assert verify(token).public_key == P256.public_key


@pytest.mark.spec("security.md", "E03")
@pytest.mark.parametrize(
    "header",
    [
        without(HEADER, "typ"),
        {**HEADER, "typ": "JWT"},
        {**HEADER, "typ": "openid4vci-proof+JWT"},
        {**HEADER, "typ": ["x"]},
        without(HEADER, "kid"),
        {**HEADER, "kid": None},
        {**HEADER, "kid": ""},
        {**HEADER, "kid": ["x"]},
        {**HEADER, "kid": "0"},
        {**HEADER, "kid": "did:key"},
        {**HEADER, "kid": ED.verification_method.partition("#")[0]},
        {**HEADER, "kid": "did:key:zzz#zzz"},
        {**HEADER, "kid": P256.verification_method},
        {**HEADER, "kid": ED.verification_method + "x"},
        {**HEADER, "kid": "#" + ED.public_key_multibase},
        {**HEADER, "kid": ED.verification_method.partition("#")[0] + "#" + P256.public_key_multibase},
        {**HEADER, "kid": "did:web:evil.example#1"},
        {**HEADER, "kid": "https://evil.example/#1"},
        {**HEADER, "kid": "did:jwk:e30#0"},
        {**HEADER, "kid": "../../etc/passwd#x"},
        {**HEADER, "kid": "did:key:z" + "1" * 100_000 + "#1"},
        {**HEADER, "kid": "' OR 1=1 --#"},
        {**HEADER, "jwk": ED.public_key.to_jwk()},
        {**HEADER, "x5c": ["x"]},
        {"typ": TYP, "alg": "EdDSA", "x5c": ["x"]},
        {"typ": TYP, "alg": "EdDSA", "jwk": {**ED.public_key.to_jwk(), "d": base64url_encode(ED.secret)}},
        {"typ": TYP, "alg": "EdDSA", "jwk": P256.public_key.to_jwk()},
        {"typ": TYP, "alg": "EdDSA", "jwk": {}},
        {"typ": TYP, "alg": "EdDSA", "jwk": []},
        {"typ": TYP, "alg": "EdDSA", "jwk": {"kty": "oct", "k": "AA"}},
        {"typ": TYP, "alg": "EdDSA", "jku": "https://evil.example/keys"},
        {"typ": TYP, "alg": "EdDSA", "jwk": ED.public_key.to_jwk(), "kid": None},
        {**HEADER, "crit": ["b64"], "b64": False},
        {**HEADER, "crit": ["x"], "x": 1},
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "None"},
        {**HEADER, "alg": "HS256"},
        {**HEADER, "alg": "ES256"},
        {**HEADER, "alg": "RS256"},
        {**HEADER, "alg": None},
        {**HEADER, "alg": ["EdDSA"]},
        {**HEADER, "alg": "eddsa"},
        without(HEADER, "alg"),
    ],
)
def test_a_proof_with_a_wrong_header_is_refused(header: dict[str, Any]) -> None:
    web = FakeWeb()

    refuse(signed(header, PAYLOAD, ED), resolver=resolver_of(web))

    assert web.requests == []


@pytest.mark.spec("security.md", "E03")
@pytest.mark.parametrize(
    "payload",
    [
        *[without(PAYLOAD, name) for name in PAYLOAD],
        *[
            {**PAYLOAD, "aud": value}
            for value in (
                "https://school.example/",
                "https://School.example",
                "https://evil.example",
                "",
                [ISSUER],
                [ISSUER, "https://evil.example"],
                {"x": ISSUER},
                7,
                None,
            )
        ],
        *[
            {**PAYLOAD, "iat": value}
            for value in (AT - 301, AT + 61, AT - 10**6, 0, -1, str(AT), True, None, [AT], 10**300, 1e308)
        ],
        *[{**PAYLOAD, "nonce": value} for value in ("", None, 7, [NONCE], {"x": 1}, True)],
        *[{**PAYLOAD, "exp": value} for value in (AT - 61, 0, "soon", None, True, 10**300)],
        *[{**PAYLOAD, "nbf": value} for value in (AT + 61, "soon", None, True, 10**300)],
        {**PAYLOAD, "iss": "client"},
        {**PAYLOAD, "iss": None},
        {**PAYLOAD, "iss": ED.verification_method.partition("#")[0]},
    ],
)
def test_a_proof_with_wrong_claims_is_refused(payload: dict[str, Any]) -> None:
    refuse(signed(HEADER, payload, ED))


@pytest.mark.parametrize(
    "payload",
    [
        {**PAYLOAD, "iat": AT - 300},
        {**PAYLOAD, "iat": AT + 60},
        {**PAYLOAD, "iat": AT + 0.5},
        {**PAYLOAD, "exp": AT + 300, "nbf": AT, "jti": "x", "new": []},
    ],
)
def test_a_proof_within_the_window_is_taken(payload: dict[str, Any]) -> None:
    assert verify(signed(HEADER, payload, ED)).nonce == NONCE


def test_a_proof_signed_with_another_key_is_refused() -> None:
    other = SoftwareSigner.generate("Ed25519")

    refuse(signed(HEADER, PAYLOAD, other))
    refuse(signed({"typ": TYP, "alg": "EdDSA", "jwk": ED.public_key.to_jwk()}, PAYLOAD, other))
    refuse(unsigned(HEADER, PAYLOAD))
    refuse(unsigned({**HEADER, "alg": "none"}, PAYLOAD))


def test_an_algorithm_that_is_not_advertised_is_refused() -> None:
    proof = v1_0.build_key_proof(P384, audience=ISSUER, nonce=NONCE, now=NOW)

    refuse(proof)
    refuse(v1_0.build_key_proof(ED, audience=ISSUER, nonce=NONCE, now=NOW), algorithms=["ES256"])
    assert verify(proof, algorithms=["ES384"]).public_key == P384.public_key


def test_any_changed_byte_is_caught() -> None:
    proof = v1_0.build_key_proof(ED, audience=ISSUER, nonce=NONCE, now=NOW)

    for place in range(0, len(proof), 3):
        other = "A" if proof[place] != "A" else "B"
        refuse(proof[:place] + other + proof[place + 1 :])


@pytest.mark.parametrize(
    "proof",
    [*WRONG, "a.b.c", "..", "e30.e30.", "x" * 20_000, "é.é.é", "e30.e30.AA\n", {"payload": "", "signatures": []}],
)
def test_what_is_no_proof_is_refused(proof: Any) -> None:
    refuse(proof)


@pytest.mark.spec("security.md", "B11")
@pytest.mark.parametrize(
    "typ", ["vc+jwt", "dc+sd-jwt", "kb+jwt", "statuslist+jwt", "oauth-authz-req+jwt", "at+jwt", "JWT", None]
)
def test_a_token_of_another_kind_is_no_proof(typ: str | None) -> None:
    refuse(sign_compact(PAYLOAD, ED, typ=typ, header={"kid": ED.verification_method}))


# All proofs of one request


def used(live: set[str]) -> Callable[[str], bool]:
    """A store of nonces: each is good once."""

    def use_nonce(nonce: str) -> bool:
        if nonce not in live:
            return False
        live.remove(nonce)
        return True

    return use_nonce


def verify_all(proofs: list[Any], live: set[str], *, batch_size: int = 3) -> tuple[KeyProof, ...]:
    return v1_0.verify_key_proofs(
        proofs, audience=ISSUER, now=NOW, resolver=resolver_of(FakeWeb()), use_nonce=used(live), batch_size=batch_size
    )


def made(signer: SoftwareSigner, nonce: str = NONCE) -> str:
    return v1_0.build_key_proof(signer, audience=ISSUER, nonce=nonce, now=NOW)


def test_a_nonce_is_good_once() -> None:
    live = {NONCE}

    assert len(verify_all([made(ED)], live)) == 1
    with pytest.raises(ProtocolError) as caught:
        verify_all([made(ED)], live)
    assert (caught.value.error, caught.value.http_status) == ("invalid_nonce", 400)


def test_an_unknown_nonce_is_refused() -> None:
    with pytest.raises(ProtocolError) as caught:
        verify_all([made(ED, "never-given")], {NONCE})

    assert caught.value.error == "invalid_nonce"


def test_a_nonce_is_not_used_up_by_a_proof_that_does_not_hold() -> None:
    live = {NONCE, "second"}

    with pytest.raises(ProtocolError) as caught:
        verify_all([made(ED), made(P256, "second")[:-4] + "AAAA"], live)

    assert caught.value.error == "invalid_proof"
    assert live == {NONCE, "second"}


def test_several_keys_with_one_nonce_are_taken_together() -> None:
    live = {NONCE}

    proofs = verify_all([made(ED), made(P256)], live)

    assert [proof.public_key for proof in proofs] == [ED.public_key, P256.public_key]
    assert live == set()


@pytest.mark.parametrize(
    "proofs", [[], [made(ED), made(ED)], [made(SoftwareSigner.generate("Ed25519")) for _ in range(4)]]
)
def test_none_too_many_and_one_key_twice_are_refused(proofs: list[str]) -> None:
    live = {NONCE}

    with pytest.raises(ProtocolError) as caught:
        verify_all(proofs, live)

    assert caught.value.error == "invalid_proof"
    assert live == {NONCE}


def test_one_key_under_two_names_is_one_key() -> None:
    by_jwk = signed({"typ": TYP, "alg": "EdDSA", "jwk": ED.public_key.to_jwk()}, PAYLOAD, ED)

    with pytest.raises(ProtocolError, match="same key"):
        verify_all([made(ED), by_jwk], {NONCE})


@pytest.mark.parametrize("signer", [ED, P256], ids=["Ed25519", "P-256"])
def test_a_key_may_be_named_as_a_jwk(signer: SoftwareSigner) -> None:
    made = v1_0.build_key_proof(signer, audience=ISSUER, nonce=NONCE, now=NOW, binding="jwk")
    assert peek_header(made).keys() == {"alg", "typ", "jwk"}
    proof = verify(made)
    assert (proof.public_key, proof.binding) == (signer.public_key, "jwk")
