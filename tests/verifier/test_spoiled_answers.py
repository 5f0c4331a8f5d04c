"""Every member of an answer replaced by something of another type, properly signed all the same: the exact error or a
report, never anything else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from credkit.dids import did_jwk_of
from credkit.encoding import base64url_encode
from credkit.errors import CredkitError, ProtocolError
from credkit.formats._sd_jwt import issue_sd_jwt
from credkit.formats.jwt_vc import sign_jwt_vc_json
from credkit.formats.sd_jwt_vc import bind_key, choose
from credkit.jose import peek_payload, sign_compact
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from tests.credkit.protocols.support import spoiled
from tests.support.amount import FULL
from tests.support.world import OsRandomness
from tests.verifier.conftest import College, form_of
from tests.verifier.test_formats_asked import CARD, FREE, V1, ask, query

HOLDER = SoftwareSigner.generate("P-256")
DID = did_jwk_of(HOLDER.public_key)
STEP = 1 if FULL else 17
Answers = Iterator[tuple[JSONObject, Any]]


def sampled(message: Any) -> Iterator[Any]:
    """Every spoiled message under ``make full``, else one in seventeen."""
    for number, each in enumerate(spoiled(message)):
        if number % STEP == 0:
            yield each


def of_presentations(college: College) -> Answers:
    """Presentations with a Data Integrity proof; what is signed does not hold any more, so that nothing is taken."""
    _, request = ask(college, query("ldp_vc"))
    for each in sampled(college.presented(request)):
        yield request, each


def of_tokens(college: College) -> Answers:
    """JWT presentations around a good record, and around a record that its issuer signed as it stands."""
    _, request = ask(college, query("jwt_vc_json"))
    subject: JSONObject = {**FREE["credentialSubject"], "id": DID}
    good = sign_jwt_vc_json({**FREE, "issuer": college.school.did, "credentialSubject": subject}, college.school.p256)
    vp = {"@context": [V1], "type": ["VerifiablePresentation"], "verifiableCredential": [good]}
    claims = {"iss": DID, "aud": request["client_id"], "nonce": request["nonce"], "iat": 1, "vp": vp}
    for each in sampled(claims):
        if isinstance(each, dict):
            yield request, sign_compact(each, HOLDER, typ="JWT", header={"kid": f"{DID}#0"})
    for payload in sampled(peek_payload(good)):
        if isinstance(payload, dict):
            _, fresh = ask(college, query("jwt_vc_json"))
            record = sign_compact(payload, college.school.p256, typ="JWT",
                                  header={"kid": college.school.p256.verification_method})
            around = {**claims, "nonce": fresh["nonce"], "vp": {**vp, "verifiableCredential": [record]}}
            yield fresh, sign_compact(around, HOLDER, typ="JWT", header={"kid": f"{DID}#0"})


def of_sd_jwts(college: College) -> Answers:
    """SD-JWTs whose issuer or holder signed something odd."""
    said = {"iss": college.school.did, "vct": "urn:any:card", "cnf": {"jwk": HOLDER.public_key.to_jwk()}, "iat": 1,
            "status": {"status_list": {"idx": 1, "uri": "https://school.example/tokens/1"}}, **CARD}
    now, signer = college.world.clock.now(), college.school.p256

    def bound(claims: JSONObject, request: JSONObject) -> str:
        whole = issue_sd_jwt(claims, [], signer, typ="dc+sd-jwt", randomness=OsRandomness(),
                             header={"kid": signer.verification_method})
        return str(bind_key(choose(whole, []), HOLDER, nonce=request["nonce"], audience=request["client_id"], now=now))

    for claims in sampled(said):
        _, request = ask(college, query("dc+sd-jwt"))
        if isinstance(claims, dict):
            try:
                yield request, bound(claims, request)
            except CredkitError:
                continue
    _, request = ask(college, query("dc+sd-jwt"))
    token, _, kb = bound({**said, "status": {}}, request).rpartition("~")
    for payload in sampled(peek_payload(kb)):
        yield request, token + "~" + sign_compact(
            json.dumps(payload).encode(), HOLDER, typ="kb+jwt", header=None)
    for header in sampled({"alg": "ES256", "typ": "kb+jwt", "kid": "x", "x5c": ["AA"]}):
        head = base64url_encode(json.dumps(header).encode())
        yield request, f"{token}~{head}.{kb.partition('.')[2]}"


@pytest.mark.parametrize("make", [of_presentations, of_tokens, of_sd_jwts])
def test_whatever_stands_in_an_answer_it_is_refused_by_code_or_told(
        college: College, make: Callable[[College], Answers]) -> None:
    refused = told = 0
    for request, presentation in make(college):
        form = form_of(vp_token=json.dumps({"a": [presentation]}), state=request["state"])
        try:
            college.services.responses.receive(request["response_uri"].rpartition("/")[2], form)
        except ProtocolError as error:
            assert (error.error, error.http_status) == ("invalid_request", 400)
            assert error.description
            refused += 1
        else:
            told += 1
    assert refused > 10
    client = college.signed_in()
    for result in college.services.results.page(1)[0]:
        assert client.get(f"/results/{result.id}").status_code == 200
    assert told < refused
