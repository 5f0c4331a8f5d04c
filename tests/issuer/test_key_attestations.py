"""Keys that somebody vouches for, and keys in certificates: what is taken as a proof, and what is not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from credkit.jose import sign_compact
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols.oid4vci.v1_0 import PROOF_TYPE
from credkit.status import token_status_list
from issuer.bootstrap import build_services
from issuer.web import create_app
from tests.issuer.conftest import ORIGIN, School
from tests.issuer.test_credential_endpoint import ENDPOINT, WELL_KNOWN, post, refused
from tests.issuer.test_record_forms import offered, office
from tests.support.certificates import authority

__all__ = ["office"]
ATTESTER = SoftwareSigner.generate("P-256")
KEYS = [SoftwareSigner.generate(kind) for kind in ("P-256", "Ed25519", "P-256")]


@pytest.fixture
def attested(office: School, tmp_path: Path) -> School:
    """The school, which takes the word of one attester for keys."""
    path = tmp_path / "attesters.json"
    path.write_text(json.dumps({"keys": [{**ATTESTER.public_key.to_jwk(), "kid": "attester-1"}]}), encoding="utf-8")
    services = build_services(replace(office.config, attesters=path), clock=office.world.clock,
                              fetcher=office.world.web)
    return School(office.world, office.config, services, create_app(services))


def attestation(school: School, *, by: SoftwareSigner = ATTESTER, typ: str = "key-attestation+jwt",
                **changes: Any) -> str:
    now = int(school.world.clock.now().timestamp())
    claims: JSONObject = {
        "iat": now, "exp": now + 300, "attested_keys": [key.public_key.to_jwk() for key in KEYS],
        "key_storage": ["iso_18045_high"], "user_authentication": ["iso_18045_basic"], **changes}
    return sign_compact({name: value for name, value in claims.items() if value is not None}, by, typ=typ,
                        header={"kid": "attester-1"})


def proof(school: School, key: SoftwareSigner, header: JSONObject, nonce: str | None = None) -> str:
    claims = {"aud": ORIGIN, "iat": int(school.world.clock.now().timestamp()), "nonce": nonce or school.family.nonce()}
    return sign_compact(claims, key, typ=PROOF_TYPE, header=header)


def holders(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["credential"]["credentialSubject"]["id"] for each in answer.json["credentials"]]


DIDS = [key.verification_method.partition("#")[0] for key in KEYS]


@pytest.mark.spec("OID4VCI-1.0", "#attestation-proof-type")
def test_an_attestation_alone_brings_a_copy_for_each_key(
        attested: School, caplog: pytest.LogCaptureFixture) -> None:
    told = attested.family.client.get(WELL_KNOWN).json["credential_configurations_supported"]["badge-eddsa"]
    assert told["proof_types_supported"]["attestation"] == {"proof_signing_alg_values_supported": ["EdDSA", "ES256"]}
    for typ in ("key-attestation+jwt", "keyattestation+jwt"):
        token, identifier = offered(attested, "badge-eddsa")
        vouched = attestation(attested, nonce=attested.family.nonce(), typ=typ)
        answer = post(attested, ENDPOINT, token, {"credential_identifier": identifier,
                                                  "proofs": {"attestation": [vouched]}})
        assert holders(answer) == DIDS
    assert ["keyattestation+jwt" in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.spec("OID4VCI-1.0", "#jwt-proof-type")
@pytest.mark.parametrize("named", [{"kid": "1"}, {"jwk": KEYS[1].public_key.to_jwk()},
                                   {"kid": KEYS[1].verification_method}])
def test_a_proof_by_one_attested_key_brings_a_copy_for_each(attested: School, named: JSONObject) -> None:
    token, identifier = offered(attested, "badge-eddsa")
    made = proof(attested, KEYS[1], {**named, "key_attestation": attestation(attested)})
    answer = post(attested, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {"jwt": [made]}})
    assert holders(answer) == DIDS


def test_an_attestation_that_is_bad_is_refused(attested: School) -> None:
    token, identifier = offered(attested, "badge-eddsa")
    now, nonce = int(attested.world.clock.now().timestamp()), attested.family.nonce()
    stranger, jwk = SoftwareSigner.generate("P-256"), KEYS[0].public_key.to_jwk()
    bad = [attestation(attested, nonce=nonce, by=stranger), attestation(attested),
           attestation(attested, nonce=nonce, exp=now - 120), attestation(attested, nonce=nonce, iat=now + 120),
           attestation(attested, nonce=nonce, iat=None), attestation(attested, nonce=nonce, attested_keys=[]),
           attestation(attested, nonce=nonce, attested_keys=[jwk, jwk]), attestation(attested, nonce=nonce, typ="JWT"),
           attestation(attested, nonce=nonce, attested_keys="x"), attestation(attested, nonce=nonce, key_storage="x"),
           attestation(attested, nonce=nonce, attested_keys=[{**jwk, "d": "AA"}]), attestation(attested, nonce=7)]
    for each in bad:
        refused(post(attested, ENDPOINT, token, {"credential_identifier": identifier,
                                                 "proofs": {"attestation": [each]}}), "invalid_proof")
    made_up = attestation(attested, nonce="made-up")
    request = {"credential_identifier": identifier, "proofs": {"attestation": [made_up]}}
    refused(post(attested, ENDPOINT, token, request), "invalid_nonce")


def test_a_proof_beside_an_attestation_of_other_keys_is_refused(attested: School) -> None:
    token, identifier = offered(attested, "badge-eddsa")
    other = SoftwareSigner.generate("P-256")
    bad = [proof(attested, other, {"jwk": other.public_key.to_jwk(), "key_attestation": attestation(attested)}),
           proof(attested, KEYS[0], {"kid": "1", "key_attestation": attestation(attested)}),
           proof(attested, KEYS[0], {"kid": "9", "key_attestation": attestation(attested)}),
           proof(attested, KEYS[0], {"kid": "0", "key_attestation": attestation(attested, exp=None)}),
           proof(attested, KEYS[0], {"kid": "0", "key_attestation": attestation(attested, nonce="another")}),
           proof(attested, KEYS[0], {"kid": "0", "key_attestation": 7})]
    for each in bad:
        refused(post(attested, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {"jwt": [each]}}),
                "invalid_proof")


def test_an_office_that_trusts_no_attester_takes_the_key_but_no_attestation(office: School) -> None:
    token, identifier = offered(office, "badge-eddsa")
    vouched = attestation(office, nonce=office.family.nonce())
    refused(post(office, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {"attestation": [vouched]}}),
            "invalid_proof")
    made = proof(office, KEYS[0], {"jwk": KEYS[0].public_key.to_jwk(), "key_attestation": vouched})
    answer = post(office, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {"jwt": [made]}})
    assert holders(answer) == DIDS[:1]


def test_a_key_may_be_named_by_a_certificate(office: School) -> None:
    token, identifier = offered(office, "badge-eddsa")
    leaf = authority(office.world.clock.now(), "A wallet")
    made = proof(office, leaf.signer, {"x5c": [leaf.x5c]})
    answer = post(office, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {"jwt": [made]}})
    assert holders(answer) == [leaf.signer.verification_method.partition("#")[0]]
    for chain in ([], "x", ["AA=="], [leaf.x5c, 7], [authority(office.world.clock.now()).x5c]):
        refused(post(office, ENDPOINT, token, {"credential_identifier": identifier, "proofs": {
            "jwt": [proof(office, leaf.signer, {"x5c": chain})]}}), "invalid_proof")


LIST_ORIGIN, LIST = "https://attester.example", "https://attester.example/status/1"
STATUS = token_status_list.build_reference(7, LIST)


def serve_list(school: School, statuses: dict[int, int], *, by: SoftwareSigner = ATTESTER, url: str = LIST,
               age_s: int = 0, status: int = 200) -> None:
    """The attester's list of taken-back attestations, as it was ``age_s`` ago, good for an hour."""
    now = school.world.clock.now() - timedelta(seconds=age_s)
    token = token_status_list.sign_status_list(
        token_status_list.pack(statuses, 2, 64), url=url, signer=by, issued_at=now,
        expires_at=now + timedelta(hours=1), header={"kid": "attester-1"})
    school.world.web.serve(LIST_ORIGIN, Response(token, status, content_type=token_status_list.MEDIA_TYPE))


@pytest.mark.spec("OID4VCI-1.0", "#keyattestation-jwt")
@pytest.mark.parametrize("alone", [True, False])
def test_an_attestation_that_was_taken_back_is_refused(attested: School, alone: bool) -> None:
    token, identifier = offered(attested, "badge-eddsa")

    def asked() -> Any:
        nonce = attested.family.nonce()
        if alone:
            proofs = {"attestation": [attestation(attested, nonce=nonce, status=STATUS)]}
        else:
            vouched = attestation(attested, status=STATUS)
            proofs = {"jwt": [proof(attested, KEYS[0], {"kid": "0", "key_attestation": vouched}, nonce)]}
        return post(attested, ENDPOINT, token, {"credential_identifier": identifier, "proofs": proofs})

    for statuses, words in (({7: 1}, "taken back"), ({7: 2}, "on hold"), ({7: 3}, "taken back")):
        serve_list(attested, statuses)
        answer = asked()
        refused(answer, "invalid_proof")
        assert words in answer.json["error_description"]
    serve_list(attested, {6: token_status_list.INVALID})
    assert holders(asked()) == DIDS


def test_what_cannot_be_looked_up_has_not_passed(attested: School) -> None:
    token, identifier = offered(attested, "badge-eddsa")

    def asked(status: Any = STATUS) -> Any:
        vouched = attestation(attested, nonce=attested.family.nonce(), status=status)
        return post(attested, ENDPOINT, token, {"credential_identifier": identifier,
                                                "proofs": {"attestation": [vouched]}})

    serve_list(attested, {})
    for status in ({}, {"status_list": 7}, {"status_list": {"idx": -1, "uri": LIST}}, 7, "x",
                   {"status_list": {"idx": 7, "uri": "x"}}, {"status_list": {"idx": 64, "uri": LIST}},
                   {"status_list": {"idx": 7, "uri": LIST + "0"}}):
        refused(asked(status), "invalid_proof")
    for served in ({"by": SoftwareSigner.generate("P-256")}, {"url": LIST + "0"}, {"age_s": 3600}, {"age_s": -120},
                   {"status": 404}):
        serve_list(attested, {}, **served)
        refused(asked(), "invalid_proof")
    attested.world.web.unreachable(LIST_ORIGIN)
    answer = asked()
    refused(answer, "invalid_proof")
    assert "could not be reached" in answer.json["error_description"]
    attested.world.web.reachable(LIST_ORIGIN)
    serve_list(attested, {})
    assert holders(asked()) == DIDS, "nothing was spent"
