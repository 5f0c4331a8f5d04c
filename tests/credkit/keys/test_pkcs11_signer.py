"""A key in a hardware token signs like any other ``Signer``: PKCS#11, here SoftHSM's token, and the key stays in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from asn1crypto.core import OctetString, PrintableString
from pkcs11.exceptions import AttributeSensitive
from pkcs11.util.ec import encode_named_curve_parameters

from credkit.encoding import sha256
from credkit.environment import SystemRandomness
from credkit.errors import ProofVerificationError
from credkit.formats.jwt_vc import sign_vc_jwt, verify_token
from credkit.keys import PublicKey
from credkit.ports import Signer
from credkit.proofs import add_base_proof, add_proof, derive, verify_proof
from tests.support.world import School, World

PIN = "1234-5678"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LIBRARIES = [path for pattern in ("", "*/") for path in Path("/usr/lib").glob(f"{pattern}softhsm/libsofthsm2.so")]


@dataclass(frozen=True)
class TokenSigner:
    """A ``Signer`` around a private key object of a PKCS#11 session."""

    algorithm: str
    public_key: PublicKey
    private: Any

    @property
    def public_key_multibase(self) -> str:
        return self.public_key.to_multibase()

    @property
    def verification_method(self) -> str:
        return f"did:key:{self.public_key_multibase}#{self.public_key_multibase}"

    def sign(self, message: bytes) -> bytes:
        """A token's ECDSA signs a digest and answers r‖s, its EdDSA signs the message: what ``Signer`` asks for."""
        if self.algorithm == "Ed25519":
            return self.private.sign(message, mechanism=pkcs11.Mechanism.EDDSA)
        return self.private.sign(sha256(message), mechanism=pkcs11.Mechanism.ECDSA)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pkcs11.Session]:
    tool = shutil.which("softhsm2-util")
    assert tool and LIBRARIES, "softhsm2 is missing; make test installs it, or: sudo apt-get install softhsm2"
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = [tool, "--init-token", "--free", "--label", "school", "--pin", PIN, "--so-pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    with pkcs11.lib(str(LIBRARIES[0])).get_token(token_label="school").open(rw=True, user_pin=PIN) as opened:
        yield opened
    del os.environ["SOFTHSM2_CONF"]


def generated(session: pkcs11.Session, kind: pkcs11.KeyType, curve: bytes):
    parameters = session.create_domain_parameters(kind, {pkcs11.Attribute.EC_PARAMS: curve}, local=True)
    template = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
    public, private = parameters.generate_keypair(store=True, private_template=template)
    return bytes(OctetString.load(public[pkcs11.Attribute.EC_POINT])), private


@pytest.fixture(scope="module")
def p256(session: pkcs11.Session) -> TokenSigner:
    point, private = generated(session, pkcs11.KeyType.EC, encode_named_curve_parameters("secp256r1"))
    return TokenSigner("ES256", PublicKey("P-256", bytes([2 + (point[-1] & 1)]) + point[1:33]), private)


@pytest.fixture(scope="module")
def ed25519(session: pkcs11.Session) -> TokenSigner:
    point, private = generated(session, pkcs11.KeyType.EC_EDWARDS, PrintableString("edwards25519").dump())
    return TokenSigner("Ed25519", PublicKey("Ed25519", point), private)


@pytest.fixture(scope="module")
def course() -> tuple[dict, World]:
    world = World()
    return School(world).course(), world


@pytest.fixture(params=["p256", "ed25519"])
def signer(request: pytest.FixtureRequest) -> TokenSigner:
    return request.getfixturevalue(request.param)


def test_the_key_never_leaves_the_token(signer: TokenSigner) -> None:
    with pytest.raises(AttributeSensitive):
        signer.private[pkcs11.Attribute.VALUE]


def test_its_signature_is_what_the_port_promises(signer: TokenSigner) -> None:
    kept: Signer = signer
    signature = kept.sign(b"message")
    assert len(signature) == 64
    signer.public_key.verify(signature, b"message")
    with pytest.raises(ProofVerificationError):
        signer.public_key.verify(signature, b"another")


@pytest.mark.parametrize(("name", "suite"), [("p256", "ecdsa-rdfc-2019"), ("p256", "ecdsa-jcs-2019"),
                                             ("ed25519", "eddsa-rdfc-2022"), ("ed25519", "eddsa-jcs-2022")])
def test_it_issues_a_badge(name, suite, course, request) -> None:
    (document, world), signer = course, request.getfixturevalue(name)
    signed = add_proof(document, suite=suite, signer=signer, processor=world.processor, created=NOW)
    verify_proof(signed, signer.public_key, world.processor)
    with pytest.raises(ProofVerificationError):
        verify_proof({**signed, "validFrom": "2020-01-01T00:00:00Z"}, signer.public_key, world.processor)


def test_it_issues_a_badge_that_can_be_shown_in_part(p256, course) -> None:
    document, world = course
    base = add_base_proof(document, signer=p256, processor=world.processor, created=NOW,
                          randomness=SystemRandomness())
    shown = derive(base, ["/credentialSubject/achievement/name"], world.processor, SystemRandomness())
    verify_proof(shown, p256.public_key, world.processor)


def test_it_issues_a_token(signer: TokenSigner, course) -> None:
    document, _ = course
    assert verify_token(sign_vc_jwt(document, signer), signer.public_key).document == document
