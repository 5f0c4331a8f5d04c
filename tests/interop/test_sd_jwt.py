"""SD-JWT VC with npm ``@sd-jwt/sd-jwt-vc`` and PyPI ``sd-jwt``: whoever issues, presents and verifies, all agree."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from jwcrypto.jws import InvalidJWSSignature

from bench.node_peer import NodePeer, PeerRefused
from bench.sd_jwt_peers import NodeSdJwt, PythonSdJwt
from credkit.encoding import base64url_decode, base64url_encode
from credkit.environment import SystemRandomness
from credkit.errors import InvalidChallengeError, InvalidDomainError, ProofVerificationError
from credkit.formats.sd_jwt_vc import (
    Path,
    bind_key,
    check_key_binding,
    choose,
    holder_of,
    issue_sd_jwt_vc,
    parse_sd_jwt,
    verify_sd_jwt_vc,
)
from credkit.jose import peek_payload
from credkit.keys import SoftwareSigner, public_key_from_jwk
from tests.interop.conftest import signer_of

ISSUER = signer_of("P-256")
HOLDER = SoftwareSigner.from_secret("P-256", bytes(range(2, 34)))
AUDIENCE, NONCE = "https://college.example", "n-0S6_WzA2Mj"
REQUEST = {"nonce": NONCE, "audience": AUDIENCE}
CLAIMS: dict[str, Any] = {
    "vct": "https://school.example/vct/course", "iss": "https://school.example", "iat": int(time.time()),
    "exp": int(time.time()) + 86_400, "cnf": {"jwk": HOLDER.public_key.to_jwk()},
    "student": {"name": "Lucía Ramírez", "number": "204417"},
    "course": {"title": "Algebra I", "grade": "A-", "standards": ["A-REI.3", "A-CED.1", "F-IF.4"],
               "lessons": [{"day": "Monday", "room": "12"}, {"day": "Friday", "room": "7"}]},
}
PLACES: list[Path] = [
    ("student",), ("student", "name"), ("student", "number"), ("course", "title"), ("course", "grade"),
    ("course", "standards", 0), ("course", "standards", 1), ("course", "standards", 2), ("course", "lessons", 1),
    ("course", "lessons", 1, "room")]
SHOWN: list[Path] = [
    ("student", "number"), ("course", "grade"), ("course", "standards", 1), ("course", "lessons", 1, "room")]
SEEN = {
    "student": {"number": "204417"},
    "course": {"grade": "A-", "standards": ["A-CED.1"], "lessons": CLAIMS["course"]["lessons"]},
    **{name: CLAIMS[name] for name in ("vct", "iss", "iat", "exp", "cnf")},
}
THEIRS = ("@sd-jwt/sd-jwt-vc", "sd-jwt")
WHO = ("ours", *THEIRS)
# What the libraries raise for a token that does not hold; jwcrypto's errors have no common parent that says so.
REFUSALS = (ProofVerificationError, PeerRefused, InvalidJWSSignature, ValueError)


class Ours:
    """Our own side, spoken to like the others."""

    def issue(self, claims, places, *, decoys=False):
        options = {"selective": places, "randomness": SystemRandomness(), "decoys": 2 if decoys else 0}
        return lambda: issue_sd_jwt_vc(claims, ISSUER, **options)

    def present(self, token, shown, *, nonce, audience):
        options = {"nonce": nonce, "audience": audience, "now": datetime.now(UTC)}
        return lambda: str(bind_key(choose(parse_sd_jwt(token), shown), HOLDER, **options))

    def verify(self, token, *, nonce, audience):
        return lambda: verified(token, nonce=nonce, audience=audience)


def verified(token: str, *, nonce: str, audience: str) -> dict[str, Any]:
    sd_jwt = parse_sd_jwt(token)
    claims = verify_sd_jwt_vc(sd_jwt, ISSUER.public_key).claims
    holder = public_key_from_jwk(holder_of(claims))
    check_key_binding(sd_jwt, holder, nonce=nonce, audience=audience, now=datetime.now(UTC))
    return claims


@pytest.fixture(scope="module")
def sides() -> Iterator[dict[str, Any]]:
    with NodePeer(None, "jose_peer.mjs") as node:
        yield {"ours": Ours(), THEIRS[0]: NodeSdJwt(node, ISSUER, HOLDER), THEIRS[1]: PythonSdJwt(ISSUER, HOLDER)}


def presented(sides: dict[str, Any], issuer: str, holder: str) -> str:
    # Only we put decoys into arrays, and only our holder does not count them among the elements.
    issued = sides[issuer].issue(CLAIMS, PLACES, decoys=issuer != "ours" or holder == "ours")()
    token: str = sides[holder].present(issued, SHOWN, **REQUEST)()
    return token


@pytest.mark.parametrize(("issuer", "holder"), list(product(WHO, WHO)))
def test_whoever_issues_and_presents_everybody_sees_the_same(sides, issuer: str, holder: str) -> None:
    token = presented(sides, issuer, holder)

    for verifier in WHO:
        assert {**sides[verifier].verify(token, **REQUEST)()} == SEEN, verifier


@pytest.mark.parametrize(("issuer", "holder"), list(product(WHO, WHO)))
def test_everybody_refuses_what_was_changed_on_the_way(sides, issuer: str, holder: str) -> None:
    token = presented(sides, issuer, holder)
    jwt, *disclosures, binding = token.split("~")

    for changed in (
        "~".join((another_issuer(jwt), *disclosures, binding)),
        "~".join((jwt, *disclosures[1:], binding)),
        "~".join((jwt, *map(better_grade, disclosures), binding)),
        token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB"),
    ):
        for verifier in WHO:
            with pytest.raises(REFUSALS):
                sides[verifier].verify(changed, **REQUEST)()


def another_issuer(jwt: str) -> str:
    header, _, signature = jwt.split(".")
    payload = json.dumps({**peek_payload(jwt), "iss": "https://elsewhere.example"}).encode()
    return ".".join((header, base64url_encode(payload), signature))


def better_grade(disclosure: str) -> str:
    parts = json.loads(base64url_decode(disclosure))
    return disclosure if parts[1] != "grade" else base64url_encode(json.dumps([*parts[:-1], "A+"]).encode())


@pytest.mark.parametrize("verifier", WHO)
@pytest.mark.parametrize("other", [{"nonce": "another"}, {"audience": "https://elsewhere.example"}])
def test_a_presentation_made_for_another_request_is_refused(sides, verifier: str, other: dict[str, str]) -> None:
    token = presented(sides, "ours", "ours")

    with pytest.raises((*REFUSALS, InvalidChallengeError, InvalidDomainError)):
        sides[verifier].verify(token, **{**REQUEST, **other})()


@pytest.mark.parametrize("holder", ["ours", "sd-jwt"])
def test_arrays_inside_something_kept_back_can_be_shown_in_part(sides, holder: str) -> None:
    """sd-jwt-js is no holder here: it changes what it reads, then binds the key to another selection than it shows."""
    places = [("course",), *(("course", "standards", index) for index in range(3))]
    for issuer in WHO:
        token = sides[holder].present(sides[issuer].issue(CLAIMS, places)(), [("course", "standards", 1)], **REQUEST)()

        for verifier in WHO:
            assert sides[verifier].verify(token, **REQUEST)()["course"]["standards"] == ["A-CED.1"]


def test_what_belongs_to_nothing_that_was_signed_is_refused_by_us_though_not_by_everybody(sides) -> None:
    stray = base64url_encode(b'["c2FsdA", "grade", "A+"]')
    token = sides["ours"].issue(CLAIMS, PLACES)() + f"{stray}~"
    bound = str(bind_key(parse_sd_jwt(token), HOLDER, **REQUEST, now=datetime.now(UTC)))

    with pytest.raises(ProofVerificationError):
        sides["ours"].verify(bound, **REQUEST)()
    for peer in THEIRS:
        assert sides[peer].verify(bound, **REQUEST)()["course"]["grade"] == "A-"


@pytest.mark.parametrize("key_type", ["Ed25519", "P-384"])
def test_sd_jwt_js_takes_our_other_keys(key_type: str) -> None:
    issuer, holder = signer_of(key_type), signer_of("Ed25519")
    claims = {**CLAIMS, "cnf": {"jwk": holder.public_key.to_jwk()}}
    token = parse_sd_jwt(issue_sd_jwt_vc(claims, issuer, selective=PLACES, randomness=SystemRandomness()))

    bound = str(bind_key(choose(token, SHOWN), holder, **REQUEST, now=datetime.now(UTC)))

    with NodePeer(None, "jose_peer.mjs") as node:
        assert NodeSdJwt(node, issuer, holder).verify(bound, **REQUEST)()["course"] == SEEN["course"]
