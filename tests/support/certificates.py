"""Certificates for tests: an authority of our own and what it signs, made once a run."""

from __future__ import annotations

import functools
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

BEGINS, ENDS = datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@functools.cache
def authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The anchor and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(_name("Test authority"), _name("Test authority"), key.public_key(),
                                      x509.random_serial_number(), BEGINS, ENDS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256()), key


def key_identifier() -> bytes:
    """What certificates of the authority name as their authority key identifier."""
    return x509.SubjectKeyIdentifier.from_public_key(authority()[1].public_key()).digest


@functools.cache
def certificate_of(host: str) -> tuple[bytes, bytes]:
    """A certificate for ``host`` followed by the anchor, and its key, both PEM."""
    anchor, anchor_key = authority()
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(anchor.subject, _name(host), key.public_key(), x509.random_serial_number(),
                                      BEGINS, ENDS)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(anchor_key.public_key()),
                                    critical=False)
    leaf = builder.sign(anchor_key, hashes.SHA256())
    chain = b"".join(each.public_bytes(Encoding.PEM) for each in (leaf, anchor))
    return chain, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
