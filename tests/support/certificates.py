"""Certificates made for a test: an authority, and leaves that it, or somebody else, vouches for."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from credkit.keys import SoftwareSigner


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def x5c(self) -> str:
        return base64.b64encode(self.der).decode("ascii")

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def signer(self) -> SoftwareSigner:
        """The same key as a kernel signer (P-256 only)."""
        return SoftwareSigner.from_secret("P-256", self.key.private_numbers().private_value.to_bytes(32, "big"))


def authority(now: datetime, name: str = "A test's authority", above: Issued | None = None) -> Issued:
    """A certificate that may vouch for others, by itself or, as an intermediate, by ``above``."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, key, now, above, days=365)
    builder = builder.add_extension(x509.BasicConstraints(True, None), True).add_extension(
        x509.KeyUsage(True, False, False, False, False, True, True, False, False), True)
    return Issued(builder.sign((above.key if above else key), hashes.SHA256()), key)


def leaf(now: datetime, above: Issued | None, dns_names: Sequence[str] = (), *, name: str = "A verifier",
         days: int = 30, uris: Sequence[str] = ()) -> Issued:
    """A certificate for these names; without ``above`` vouched for by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, key, now, above, days=days)
    names: list[x509.GeneralName] = [*map(x509.DNSName, dns_names), *map(x509.UniformResourceIdentifier, uris)]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    return Issued(builder.sign((above.key if above else key), hashes.SHA256()), key)


def _builder(name: str, key: ec.EllipticCurvePrivateKey, now: datetime, above: Issued | None,
             days: int) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = subject if above is None else above.certificate.subject
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=60))
    builder = builder.not_valid_after(now + timedelta(days=days)).add_extension(
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    if above is not None:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key())
        builder = builder.add_extension(identifier, False)
    return builder
