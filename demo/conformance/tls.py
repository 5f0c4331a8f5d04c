"""A certificate authority that lives as long as the process, and one certificate for this machine's own names."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_NAMES = ("localhost",)
_ADDRESSES = ("127.0.0.1", "::1")
_LIFETIME = timedelta(days=7)


def make_tls(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's TLS context, and the path of the authority's certificate for those who are to trust it.

    Args:
        folder: Empty, of this process alone; keys are written there for the TLS library.
    """
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Backpack conformance authority", authority_key.public_key(), None, authority_key)
    server = _certificate("localhost", key.public_key(), authority, authority_key)
    authority_file, chain, key_file = folder / "authority.pem", folder / "server.pem", folder / "server.key"
    pem = serialization.Encoding.PEM
    authority_file.write_bytes(authority.public_bytes(pem))
    chain.write_bytes(server.public_bytes(pem) + authority.public_bytes(pem))
    key_file.touch(mode=0o600)
    key_file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key_file)
    return context, str(authority_file)


def _certificate(name: str, key: ec.EllipticCurvePublicKey, authority: x509.Certificate | None,
                 authority_key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        issuer_name=subject if authority is None else authority.subject, subject_name=subject, public_key=key,
        serial_number=x509.random_serial_number(), not_valid_before=now - timedelta(hours=1),
        not_valid_after=now + _LIFETIME,
    ).add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
    if authority is not None:
        alternative = [*(x509.DNSName(each) for each in _NAMES),
                       *(x509.IPAddress(ipaddress.ip_address(each)) for each in _ADDRESSES)]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    return builder.sign(authority_key, hashes.SHA256())
