"""Wallet attestations in both shapes, and each way in which one does not hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from credkit.errors import IssuerNotTrusted, ProtocolError
from credkit.jose import sign_compact, thumbprint
from credkit.keys import PublicKey, SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols import client_attestation as abca
from credkit.protocols._reading import CLOCK_SKEW_S, MAX_AGE_S
from credkit.protocols.client_attestation_client import build_headers
from credkit.x509 import Anchors, read_own_certificate, verify_bare_chain
from tests.credkit.protocols.support import NOW, WRONG
from tests.support.certified import anchor, certificate_of
from tests.support.world import NOW as CERTIFIED
from tests.support.world import OsRandomness

SERVER = "https://school.example"
ATTESTER, WALLET, STRANGER = (SoftwareSigner.generate("P-256") for _ in range(3))
SECONDS = int(NOW.timestamp())


def attestation(signer: SoftwareSigner = ATTESTER, *, typ: str = abca.TYP, **changes: Any) -> str:
    return sign_compact(kept({"sub": "wallet", "exp": SECONDS + 3600, "cnf": {"jwk": WALLET.public_key.to_jwk()},
                              **changes}), signer, typ=typ, header={"kid": "attester"})


def pop(signer: SoftwareSigner = WALLET, *, typ: str = abca.POP_TYP, **changes: Any) -> str:
    payload = {"aud": SERVER, "jti": "j1", "iat": SECONDS, "challenge": "c1", **changes}
    return sign_compact(kept(payload), signer, typ=typ)


def older(**changes: Any) -> str:
    """The proof as the drafts before 07 shaped it."""
    return pop(**{"iat": ..., "challenge": ..., "iss": "wallet", "exp": SECONDS + 60, "nonce": "c1", **changes})


def kept(payload: JSONObject) -> JSONObject:
    return {name: value for name, value in payload.items() if value is not ...}


def find(header: JSONObject) -> PublicKey:
    if header.get("kid") != "attester":
        raise IssuerNotTrusted("nobody we know")
    return ATTESTER.public_key


def verify(first: str, second: str, *, seen: dict[str, datetime] | None = None,
           **options: Any) -> abca.ClientAttestation:
    proofs = {} if seen is None else seen
    return abca.verify_client_attestation(first, second, **{
        "find_attester": find, "audience": SERVER, "now": NOW, "is_fresh": ("c1",).__contains__,
        "is_new": lambda proof, until: proofs.setdefault(proof, until) is until, **options})


def test_what_our_wallet_sends_is_taken_as_the_server_wants_it() -> None:
    provider = read_own_certificate(*certificate_of("wallets.example"))
    anchors = Anchors(lambda: [anchor().der])
    headers = build_headers(provider, WALLET, client_id="https://wallet.example", audience=SERVER, now=NOW,
                            randomness=OsRandomness(), challenge="c1")
    found = verify(headers[abca.HEADER], headers[abca.POP_HEADER], algorithms=("ES256",),
                   find_attester=lambda header: verify_bare_chain(header["x5c"], anchors, CERTIFIED).public_key)
    assert (found.client_id, found.is_trusted) == ("https://wallet.example", True)
    assert found.thumbprint == thumbprint(WALLET.public_key.to_jwk())


def refusal(*tokens: str, **options: Any) -> tuple[str, int]:
    with pytest.raises(ProtocolError) as caught:
        verify(*tokens, **options)
    return caught.value.error, caught.value.http_status


BAD = ("invalid_client", 401)


@pytest.mark.spec("draft-ietf-oauth-attestation-based-client-auth-10", "#section-5")
@pytest.mark.parametrize("changes", [
    {}, {"challenge": ...}, {"aud": [SERVER, "https://other.example"]}, {"iss": "wallet"}, {"exp": SECONDS + 5},
])
def test_a_wallet_that_somebody_known_vouches_for_is_taken(changes: dict[str, Any]) -> None:
    found = verify(attestation(), pop(**changes))

    assert found == abca.ClientAttestation("wallet", thumbprint(WALLET.public_key.to_jwk()), True)


def test_the_older_shape_is_taken_by_name_only() -> None:
    noted: list[str] = []
    found = verify(attestation(iss="https://attester.example"), older(), on_older=lambda: noted.append("older"))

    assert (found.client_id, noted) == ("wallet", ["older"])
    assert refusal(attestation(), older()) == BAD, "strict"
    for changes in ({"iss": "another"}, {"iss": ...}, {"exp": ...}, {"exp": SECONDS - 61}, {"exp": SECONDS + 4000},
                    {"aud": "https://evil.example"}, {"jti": ...}, {"signer": STRANGER}):
        assert refusal(attestation(), older(**changes), on_older=lambda: noted.append("bad")) == BAD
    assert refusal(attestation(), older(nonce="c2"), on_older=lambda: None)[0] == "use_attestation_challenge"
    assert noted == ["older"]


@pytest.mark.spec("draft-ietf-oauth-attestation-based-client-auth-10", "#section-7")
@pytest.mark.parametrize("changes", [
    {"signer": STRANGER}, {"typ": "JWT"}, {"exp": ...}, {"exp": SECONDS - 61}, {"iat": SECONDS + 61}, {"sub": ...},
    {"nbf": SECONDS + 61}, {"cnf": ...}, {"cnf": {}}, {"cnf": {"jwk": STRANGER.public_key.to_jwk()}}, {"sub": ""},
])
def test_an_attestation_that_does_not_hold_is_refused(changes: dict[str, Any]) -> None:
    assert refusal(attestation(**changes), pop()) == BAD


@pytest.mark.parametrize("changes", [
    {"signer": STRANGER}, {"signer": ATTESTER}, {"typ": abca.TYP}, {"aud": "https://evil.example"}, {"aud": ...},
    {"aud": []}, {"iat": SECONDS - 301}, {"iat": SECONDS + 61}, {"iat": ...}, {"jti": ...}, {"jti": "x" * 513},
    {"iss": "another"}, {"exp": SECONDS - 61},
])
def test_a_proof_that_does_not_hold_is_refused(changes: dict[str, Any]) -> None:
    assert refusal(attestation(), pop(**changes)) == BAD


def test_a_proof_is_taken_once_and_with_a_challenge_of_ours() -> None:
    seen: dict[str, datetime] = {}
    assert refusal(attestation(), pop(challenge="c2"), seen=seen) == ("use_attestation_challenge", 400)
    assert not seen
    verify(attestation(), pop(), seen=seen)
    assert refusal(attestation(), pop(), seen=seen) == BAD
    assert list(seen.values()) == [NOW + timedelta(seconds=MAX_AGE_S + CLOCK_SKEW_S)]


def test_who_attests_is_left_open_where_nobody_is_known() -> None:
    found = verify(attestation(STRANGER), pop(), find_attester=None)

    assert not found.is_trusted
    for tokens in ((attestation(), pop(STRANGER)), (attestation(exp=SECONDS - 61), pop()),
                   (attestation(typ="JWT"), pop()), (attestation(), pop(aud="x"))):
        assert refusal(*tokens, find_attester=None) == BAD


@pytest.mark.parametrize("member", ["sub", "exp", "cnf", "iat", "nbf"])
@pytest.mark.parametrize("value", [each for each in WRONG if each not in ("x", " ", "\u0000", 0)], ids=repr)
def test_a_claim_of_the_wrong_type_is_refused(member: str, value: Any) -> None:
    if member in ("iat", "nbf") and value == 2.5:
        return
    assert refusal(attestation(**{member: value}), pop()) == BAD


@pytest.mark.parametrize("member", ["aud", "jti", "iat", "challenge"])
@pytest.mark.parametrize("value", [each for each in WRONG if each not in ("x", " ", "\u0000", "")], ids=repr)
def test_a_member_of_the_proof_of_the_wrong_type_is_refused(member: str, value: Any) -> None:
    assert refusal(attestation(), pop(**{member: value})) == BAD


def test_what_is_no_token_is_refused() -> None:
    for text in ("", "x", "a.b.c", "é", "x" * 40_000, attestation() + "," + attestation()):
        assert refusal(text, pop()) == BAD
        assert refusal(attestation(), text) == BAD
        assert refusal(text, pop(), find_attester=None) == BAD
