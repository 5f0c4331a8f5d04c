"""DPoP proofs: the RFC's own, and each way in which one can be for something else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from credkit.encoding import base64url_encode, sha256
from credkit.errors import ParsingError, ProtocolError
from credkit.jose import sign_compact, thumbprint
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols import dpop
from credkit.protocols._reading import CLOCK_SKEW_S, MAX_AGE_S
from tests.credkit.protocols.support import NOW, WRONG
from tests.support.shared import read_json

PUBLISHED: JSONObject = read_json(Path(__file__).resolve().parents[2] / "vectors" / "dpop" / "proofs.json")
URL = "https://school.example/token"
KEY = SoftwareSigner.generate("P-256")
TOKEN = "a.b-c_~+/=="


@dataclass
class Seen:
    """The nonces a server gave out and the proofs it took."""

    nonces: tuple[str, ...] = ("n1",)
    proofs: dict[str, datetime] = field(default_factory=dict)

    def is_new(self, proof: str, until: datetime) -> bool:
        return self.proofs.setdefault(proof, until) is until

    def verify(self, proof: str, *, method: str = "POST", url: str = URL, now: datetime = NOW,
               access_token: str | None = None) -> dpop.DpopProof:
        return dpop.verify_dpop_proof(proof, method=method, url=url, now=now, is_fresh=self.nonces.__contains__,
                                      is_new=self.is_new, access_token=access_token)


def proof(signer: SoftwareSigner = KEY, *, typ: str | None = dpop.TYP, header: dict[str, Any] | None = None,
          **changes: Any) -> str:
    payload = {"jti": "j1", "htm": "POST", "htu": URL, "iat": int(NOW.timestamp()), "nonce": "n1", **changes}
    kept = {name: value for name, value in payload.items() if value is not ...}
    return sign_compact(kept, signer, typ=typ, header={"jwk": signer.public_key.to_jwk()} if header is None else header)


def refusal(call: Any) -> tuple[str, int]:
    with pytest.raises(ProtocolError) as caught:
        call()
    return caught.value.error, caught.value.http_status


@pytest.mark.spec("RFC9449", "#section-5")
@pytest.mark.parametrize("name", ["at_token", "at_resource"])
def test_the_proofs_of_the_rfc_hold_but_for_the_nonce_that_we_want(name: str) -> None:
    case = PUBLISHED[name]
    options = {"method": case["method"], "url": case["url"], "now": datetime.fromtimestamp(case["iat"], UTC),
               "access_token": case.get("access_token")}

    assert refusal(lambda: Seen().verify(case["proof"], **options)) == (
        "use_dpop_nonce", 400 if name == "at_token" else 401)
    for wrong in ({"method": "PUT"}, {"url": case["url"] + "/x"}, {"now": options["now"] + timedelta(seconds=301)},
                  {"access_token": "another"}):
        assert refusal(lambda wrong=wrong: Seen().verify(case["proof"], **{**options, **wrong}))[0] == (
            "invalid_dpop_proof")


@pytest.mark.parametrize("signer", [KEY, SoftwareSigner.generate("Ed25519"), SoftwareSigner.generate("P-384")])
def test_a_proof_names_the_key_that_made_it(signer: SoftwareSigner) -> None:
    found = Seen().verify(proof(signer))

    assert found.thumbprint == thumbprint(signer.public_key.to_jwk())


@pytest.mark.spec("RFC9449", "#section-4.3")
@pytest.mark.parametrize("htu", [
    URL + "?a=b", URL + "#x", "HTTPS://SCHOOL.example/token", "https://school.example:443/token",
])
def test_an_address_counts_without_its_query_and_in_any_case(htu: str) -> None:
    assert Seen().verify(proof(htu=htu)).jti == "j1"


@pytest.mark.spec("RFC9449", "#section-4.3")
@pytest.mark.parametrize("changes", [
    {"htm": "GET"}, {"htm": "post"}, {"htm": ...}, {"htu": "https://school.example/credential"},
    {"htu": "https://school.example/token/"}, {"htu": "https://other.example/token"}, {"htu": ...},
    {"htu": "http://school.example/token"}, {"htu": "https://school.example:444/token"}, {"jti": ...},
    {"jti": "x" * 513}, {"iat": ...}, {"iat": int(NOW.timestamp()) - 301}, {"iat": int(NOW.timestamp()) + 61},
    {"typ": "JWT"}, {"typ": None}, {"header": {}}, {"header": {"kid": "did:key:x"}},
    {"header": {"jwk": SoftwareSigner.generate("P-256").public_key.to_jwk()}},
    {"header": {"jwk": {**KEY.public_key.to_jwk(), "d": base64url_encode(KEY.secret)}}},
])
def test_a_proof_of_something_else_is_refused(changes: dict[str, Any]) -> None:
    assert refusal(lambda: Seen().verify(proof(**changes))) == ("invalid_dpop_proof", 400)


@pytest.mark.parametrize("name", ["htm", "htu", "iat", "jti"])
@pytest.mark.parametrize("value", [each for each in WRONG if each not in ("x", " ", "\u0000")], ids=repr)
def test_a_member_of_the_wrong_type_is_refused(name: str, value: Any) -> None:
    assert refusal(lambda: Seen().verify(proof(**{name: value}))) == ("invalid_dpop_proof", 400)


def test_what_is_no_proof_is_refused() -> None:
    for text in ("", "x", "a.b.c", ".", proof() + "," + proof(jti="j2"), proof()[:-4], "é", "x" * 9000):
        assert refusal(lambda text=text: Seen().verify(text)) == ("invalid_dpop_proof", 400)


def test_an_algorithm_with_a_shared_secret_is_refused() -> None:
    header = base64url_encode(b'{"alg":"HS256","typ":"dpop+jwt","jwk":{"kty":"oct","k":"AAAA"}}')
    body = base64url_encode(b"{}")

    assert refusal(lambda: Seen().verify(f"{header}.{body}.AAAA")) == ("invalid_dpop_proof", 400)


@pytest.mark.spec("RFC9449", "#section-8")
@pytest.mark.parametrize("nonce", [..., "", "n2", 7, ["n1"]])
def test_another_nonce_than_ours_is_asked_for_again(nonce: Any) -> None:
    wanted = "use_dpop_nonce" if nonce in (..., "", "n2") else "invalid_dpop_proof"
    seen = Seen()

    assert refusal(lambda: seen.verify(proof(nonce=nonce))) == (wanted, 400)
    assert not seen.proofs


@pytest.mark.spec("RFC9449", "#section-11.1")
def test_a_proof_is_taken_once_and_remembered_until_it_is_too_old() -> None:
    seen = Seen()
    found = seen.verify(proof())

    assert refusal(lambda: seen.verify(proof())) == ("invalid_dpop_proof", 400)
    assert list(seen.proofs.values()) == [NOW + timedelta(seconds=MAX_AGE_S + CLOCK_SKEW_S)]
    assert seen.verify(proof(SoftwareSigner.generate("P-256"))).jti == found.jti, "another key may use the same jti"


@pytest.mark.spec("RFC9449", "#section-7.1")
@pytest.mark.parametrize("ath", [..., "", "x", base64url_encode(sha256(b"another")), 7, None])
def test_at_a_resource_the_proof_is_for_the_token(ath: Any) -> None:
    good = proof(ath=base64url_encode(sha256(TOKEN.encode())))

    assert Seen().verify(good, access_token=TOKEN).jti == "j1"
    assert refusal(lambda: Seen().verify(proof(ath=ath), access_token=TOKEN)) == ("invalid_dpop_proof", 401)


def test_a_refusal_names_the_scheme_and_the_algorithms() -> None:
    assert dpop.build_challenge("use_dpop_nonce") == (
        'DPoP error="use_dpop_nonce", algs="ES256 ES384 EdDSA Ed25519"')


@pytest.mark.parametrize("value", ["", "x", "x" * 42, "x" * 44, "+" * 43, "é" * 43])
def test_a_thumbprint_has_one_form(value: str) -> None:
    assert dpop.parse_thumbprint(PUBLISHED["thumbprint"]) == PUBLISHED["thumbprint"]
    with pytest.raises(ParsingError):
        dpop.parse_thumbprint(value)
