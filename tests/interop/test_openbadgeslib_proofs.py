"""PyPI ``openbadgeslib`` (LGPL, tests only): its badges as tokens and with Data Integrity, ours, and their twins."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from openbadgeslib import ob3

from bench.documents import badge
from credkit.encoding import base64url_decode, base64url_encode
from credkit.environment import SystemRandomness
from credkit.errors import ProofVerificationError
from credkit.formats.jwt_vc import sign_vc_jwt, verify_token
from credkit.jose import peek_header, rsa_public_key_from_jwk
from credkit.jsonld import Processor
from credkit.keys import SoftwareSigner
from credkit.profiles.openbadges_3 import check_open_badge
from credkit.proofs import add_base_proof, add_proof, derive, verify_proof
from tests.interop.conftest import CREATED, RepeatableRandomness, controller_of, signer_of

KEYS = pytest.mark.parametrize(("key_type", "alg"), [("Ed25519", "EdDSA"), ("P-256", "ES256")])
STUDENT = "did:key:z6Mkqm7jV5kQ3ATcNmLxgFzeTQPBUF7Bt43pTwJ1rWJUXB4t"
SOMEBODY = "did:key:z6MkfcFUkTBhF5FyEGvdM4swoNzRRZQqNpKhjapaixgzyfcu"


def secret_pem(signer: SoftwareSigner) -> bytes:
    key: Any = (Ed25519PrivateKey.from_private_bytes(signer.secret) if signer.algorithm == "Ed25519"
                else derive_private_key(int.from_bytes(signer.secret, "big"), SECP256R1()))
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def their_badge(issuer: str) -> ob3.OpenBadgeCredential:
    described = ob3.ResultDescription("https://school.example/courses/1#grade", "Final grade", "LetterGrade")
    achievement = ob3.Achievement(
        id="https://school.example/courses/1", name="Algebra I", description="A course of one year.",
        criteria_narrative="Pass the final examination.", result_descriptions=[described])
    return ob3.OpenBadgeCredential(
        issuer=ob3.Issuer(id=issuer, name="Lincoln High School"), recipient_id=STUDENT, achievement=achievement,
        issuance_date=datetime(2026, 6, 12, 15, tzinfo=UTC),
        results=[ob3.Result(result_description=described.id, value="A-")])


def our_badge(issuer: str) -> dict[str, Any]:
    """With an end: without one that peer takes nothing that is shown in part."""
    return {**badge(issuer), "validUntil": "2036-06-12T15:00:00Z"}


def with_claims(document: dict[str, Any]) -> dict[str, Any]:
    """The registered claims that Open Badges wants beside the members (OB-3.0 #jwt-proof)."""
    begins, ends = (int(datetime.fromisoformat(document[name]).timestamp()) for name in ("validFrom", "validUntil"))
    return {**document, "iss": document["issuer"]["id"], "jti": document["id"], "nbf": begins, "exp": ends,
            "sub": document["credentialSubject"]["id"]}


def for_somebody_else(document: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    changed["credentialSubject"]["id"] = SOMEBODY
    return changed


def token_for_somebody_else(token: str) -> str:
    header, payload, signature = token.split(".")
    document = for_somebody_else(json.loads(base64url_decode(payload)))
    if "sub" in document:
        document["sub"] = SOMEBODY
    return ".".join((header, base64url_encode(json.dumps(document).encode()), signature))


@KEYS
def test_we_verify_their_token(key_type: str, alg: str) -> None:
    signer = signer_of(key_type)
    theirs = ob3.OB3Signer(secret_pem(signer), alg).sign(their_badge(controller_of(signer)))

    token = verify_token(theirs, signer.public_key)
    assert token.document["credentialSubject"]["result"][0]["value"] == "A-"
    assert check_open_badge(token.document, derived=False) == ()
    with pytest.raises(ProofVerificationError):
        verify_token(token_for_somebody_else(theirs), signer.public_key)


def test_we_verify_their_rs256_token() -> None:
    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    theirs = ob3.OB3Signer(secret, "RS256").sign(their_badge("https://school.example"))
    key = rsa_public_key_from_jwk(peek_header(theirs)["jwk"])

    assert check_open_badge(verify_token(theirs, key, allow_rs256=True).document, derived=False) == ()
    with pytest.raises(ProofVerificationError):
        verify_token(token_for_somebody_else(theirs), key, allow_rs256=True)


@KEYS
def test_they_verify_our_token(key_type: str, alg: str) -> None:
    signer = signer_of(key_type)
    issuer = controller_of(signer)
    verifier = ob3.OB3Verifier.for_issuer_did(issuer)

    ours = sign_vc_jwt(with_claims(our_badge(issuer)), signer)

    assert verify_token(ours, signer.public_key).document == our_badge(issuer)
    assert verifier.verify(ours, expected_recipient=STUDENT).issuer.name == "Lincoln High School"
    with pytest.raises(ob3.OB3VerificationError, match="Invalid signature"):
        verifier.verify(token_for_somebody_else(ours))


def test_we_verify_their_proof(processor: Processor) -> None:
    signer = signer_of("Ed25519")
    theirs = ob3.OB3LdpSigner(secret_pem(signer)).sign(their_badge(controller_of(signer)))

    verify_proof(theirs, signer.public_key, processor)
    with pytest.raises(ProofVerificationError):
        verify_proof(for_somebody_else(theirs), signer.public_key, processor)


def test_they_verify_our_proof(processor: Processor) -> None:
    signer = signer_of("Ed25519")
    issuer = controller_of(signer)
    ours = add_proof(our_badge(issuer), suite="eddsa-rdfc-2022", signer=signer, processor=processor, created=CREATED)
    verifier = ob3.OB3LdpVerifier.for_issuer_did(issuer)

    assert verifier.verify(ours, expected_recipient=STUDENT).achievement.name == "Algebra II 1"
    with pytest.raises(ob3.OB3VerificationError):
        verifier.verify(for_somebody_else(ours))


def test_they_verify_what_we_show_in_part(processor: Processor) -> None:
    signer = signer_of("P-256")
    issuer = controller_of(signer)
    base = add_base_proof(our_badge(issuer), signer=signer, processor=processor, created=CREATED,
                          randomness=RepeatableRandomness())
    shown = derive(base, ["/credentialSubject/achievement", "/credentialSubject/result/0"], processor,
                   SystemRandomness())
    verifier = ob3.OB3LdpVerifier.for_issuer_did(issuer)

    assert [result.value for result in verifier.verify(shown).results] == ["A"]
    forged = copy.deepcopy(shown)
    forged["credentialSubject"]["result"][0]["value"] = "A+"
    with pytest.raises(ob3.OB3VerificationError):
        verifier.verify(forged)
