"""didkit (Rust, archived) and our legacy suite agree on VCDM 1.1; what didkit cannot do is written down here."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import ProofVerificationError
from credkit.formats.jwt_vc import sign_jwt_vc_json, verify_token
from credkit.jsonld import Processor
from credkit.keys import public_key_from_multibase
from credkit.proofs import add_proof, verify_proof
from tests.interop.conftest import CREATED, controller_of, legacy_credential, signer_of
from tests.support.shared import ROOT

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 13), reason="didkit 0.3.3 has wheels for Python 3.11 and 3.12")

SUITE = "Ed25519Signature2020"
PURPOSE = json.dumps({"proofPurpose": "assertionMethod"})


def didkit(operation: str, **members: Any) -> Any:
    """didkit's answer from a fresh process, or its error as a string."""
    command = [sys.executable, "-m", "tests.interop.didkit_child"]
    request = json.dumps({"op": operation, **members})
    done = subprocess.run(command, cwd=ROOT, input=request, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    return answer.get("result", answer.get("error"))


@pytest.fixture(scope="module")
def issued() -> dict[str, Any]:
    """A credential that didkit signed with a key of its own."""
    holder = didkit("key")
    options = {"type": SUITE, "proofPurpose": "assertionMethod", "verificationMethod": holder["method"]}
    document = json.dumps(legacy_credential(holder["did"]))
    credential: dict[str, Any] = didkit("issue", document=document, options=json.dumps(options), key=holder["key"])
    return credential


def test_we_verify_what_didkit_issues(issued: dict[str, Any], processor: Processor) -> None:
    key = public_key_from_multibase(issued["proof"]["verificationMethod"].split("#")[1])

    verify_proof(issued, key, processor)


def test_a_date_changed_after_didkit_signed_is_caught(issued: dict[str, Any], processor: Processor) -> None:
    key = public_key_from_multibase(issued["proof"]["verificationMethod"].split("#")[1])

    with pytest.raises(ProofVerificationError):
        verify_proof({**issued, "expirationDate": "2040-01-01T00:00:00Z"}, key, processor)


def test_didkit_verifies_what_we_issue_and_catches_what_was_changed(processor: Processor) -> None:
    signer = signer_of("Ed25519")
    ours = add_proof(
        legacy_credential(controller_of(signer)), suite=SUITE, signer=signer, processor=processor, created=CREATED
    )

    good = didkit("verify", document=json.dumps(ours), options=PURPOSE)
    changed = {**ours, "expirationDate": "2040-01-01T00:00:00Z"}
    bad = didkit("verify", document=json.dumps(changed), options=PURPOSE)

    assert good == {"checks": ["proof"], "warnings": [], "errors": []}
    assert bad["errors"]


def better(token: str) -> str:
    """The same token with another end."""
    header, payload, signature = token.split(".")
    said = base64url_decode(payload)
    changed = said.replace(b"2030-01-01", b"2040-01-01")
    assert changed != said
    return ".".join((header, base64url_encode(changed), signature))


def test_we_verify_the_token_that_didkit_issues() -> None:
    holder = didkit("key")
    options = json.dumps({"proofFormat": "jwt", "verificationMethod": holder["method"]})
    document = legacy_credential(holder["did"])
    token = didkit("issue", document=json.dumps(document), options=options, key=holder["key"])
    key = public_key_from_multibase(holder["method"].split("#")[1])

    read = verify_token(token, key).document

    assert {name: read[name] for name in document} == document
    with pytest.raises(ProofVerificationError):
        verify_token(better(token), key)


@pytest.mark.parametrize("key_type", ["Ed25519", "P-256"])
def test_didkit_verifies_the_token_that_we_issue(key_type: str) -> None:
    signer = signer_of(key_type)
    ours = sign_jwt_vc_json(legacy_credential(controller_of(signer)), signer)
    options = json.dumps({"proofFormat": "jwt"})

    assert didkit("verify", document=ours, options=options) == {"checks": ["JWS"], "warnings": [], "errors": []}
    refused = didkit("verify", document=better(ours), options=options)
    assert isinstance(refused, str) or refused["errors"]


def test_didkit_refuses_vcdm_2_0_which_is_why_it_is_only_a_peer() -> None:
    holder = didkit("key")
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": holder["did"],
        "credentialSubject": {"id": "did:example:subject"},
    }
    options = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "verificationMethod": holder["method"]}

    answer = didkit("issue", document=json.dumps(document), options=json.dumps(options), key=holder["key"])

    assert isinstance(answer, str) and answer
