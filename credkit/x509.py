"""X.509: chains in a token's ``x5c``, checked against anchors that were chosen beforehand, and certificates of our own;
the only door to it.

What a certificate is for (its extended key usage) is not asked: who presents one for a request or a record is named by
it, and what the name may do is decided elsewhere.

Spec: RFC5280 #section-6; RFC7515 #section-4.1.6
"""

from __future__ import annotations

import base64
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from credkit.encoding import base64_decode, base64url_encode, sha256
from credkit.errors import (
    ConfigError,
    Expired,
    IssuerNotTrusted,
    MalformedValueError,
    NotYetValid,
    ParsingError,
    UnsupportedError,
)
from credkit.keys import PublicKey, SoftwareSigner

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)
_MAX_CERTIFICATES: Final = 10
_MAX_CHARACTERS: Final = 64 * 1024
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_UNREADABLE: Final = (ValueError, x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType,
                      UnsupportedAlgorithm)
_PEM_BLOCK: Final = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,65536})-----END CERTIFICATE-----")


class Anchors:
    """Whom to trust to name others; nobody at all: no chain holds.

    Args:
        read: Gives their certificates as DER; asked once, when the first chain is checked, for the web's list is long.
    """

    def __init__(self, read: Callable[[], Iterable[bytes]] = tuple) -> None:
        self._read = read

    @cached_property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Those that can be read; the web's list holds some with odd numbers."""
        return tuple(_loadable(self._read()))


NO_ANCHORS: Final = Anchors()


@dataclass(frozen=True)
class Certificate:
    """The leaf of a chain that holds.

    Attributes:
        der: The certificate itself.
        public_key: The key it is about.
        dns_names: Its subject alternative names of the type dNSName, as they stand.
        uris: Its subject alternative names of the type URI, as they stand.
        subject: Its organization, else its common name; empty if it has neither.
    """

    der: bytes
    public_key: PublicKey
    dns_names: tuple[str, ...]
    uris: tuple[str, ...]
    subject: str


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate of our own, those that vouch for it, and its key.

    Attributes:
        chain: DER, its own first, without an anchor.
        hosts: What it names as DNS names.
        is_self_signed: Whether nobody vouches for it but itself.
    """

    chain: tuple[bytes, ...]
    hosts: tuple[str, ...]
    signer: SoftwareSigner
    is_self_signed: bool

    @property
    def x5c(self) -> list[str]:
        """The chain as the header of a token holds it: padded base64 of DER (RFC7515 #section-4.1.6)."""
        return [base64.b64encode(each).decode("ascii") for each in self.chain]


def anchors_from_pem(text: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM file, as DER; text around them is passed over.

    Raises:
        ParsingError: none in it, or one that cannot be read.
    """
    found = tuple(base64_decode("".join(block.decode("ascii").split())) for block in _PEM_BLOCK.findall(text))
    if not found:
        raise ParsingError("the file holds no certificate")
    for der in found:
        _load(der)
    return found


def hash_of(der: bytes) -> str:
    """SHA-256 of a certificate, base64url: the ``x509_hash`` of OpenID4VP-1.0 #client_identifier_prefixes."""
    return base64url_encode(sha256(der))


def verify_chain(x5c: Any, anchors: Anchors, now: datetime) -> Certificate:
    """The leaf that ``x5c`` begins with, if a chain leads from it to an anchor, all of it valid now.

    Args:
        x5c: The header member: certificates as base64 of DER, the leaf first; an anchor may stand among them.

    Raises:
        ParsingError, MalformedValueError: no list of certificates.
        NotYetValid, Expired: the leaf is.
        IssuerNotTrusted: no chain leads to an anchor.
        UnsupportedError: a leaf with a kind of key that is not spoken here.

    Spec: RFC5280 #section-6.1
    """
    leaf, *others = _read(x5c)
    if now < leaf.not_valid_before_utc:
        raise NotYetValid("the certificate is not valid yet")
    if now > leaf.not_valid_after_utc:
        raise Expired("the certificate is no longer valid")
    certificate = _described(leaf)
    trusted = list(anchors.certificates)
    if not trusted:
        raise IssuerNotTrusted("nobody who is trusted here vouches for the certificate")
    try:
        _verifier(trusted, now).verify(leaf, others)
    except (VerificationError, *_UNREADABLE) as error:
        raise IssuerNotTrusted("nobody who is trusted here vouches for the certificate") from error
    return certificate


def verify_bare_chain(x5c: Any, anchors: Anchors, now: datetime) -> Certificate:
    """``verify_chain`` of a chain that leaves out its anchor, and whose leaf somebody else signed.

    Raises:
        IssuerNotTrusted: an anchor, or a certificate that nobody but itself vouches for, stands among them.
        ProblemError, UnsupportedError: as ``verify_chain``.

    Spec: HAIP-1.0 #section-4.4.1, #section-4.5.1
    """
    certificate, trusted = verify_chain(x5c, anchors, now), anchors.certificates
    if any(each.issuer == each.subject or each in trusted for each in _read(x5c)):
        raise IssuerNotTrusted("the chain holds its own anchor, or a certificate that nobody else signed")
    return certificate


def peek_leaf(x5c: Any) -> Certificate:
    """The leaf that ``x5c`` begins with, whoever made it: for a key that only has to be somebody's own.

    Raises:
        ParsingError, MalformedValueError: no list of certificates.
        UnsupportedError: a leaf with a kind of key that is not spoken here.
    """
    return _described(_read(x5c)[0])


def _verifier(trusted: list[x509.Certificate], now: datetime) -> Any:
    policy = PolicyBuilder().store(Store(trusted)).time(now).max_chain_depth(_MAX_CERTIFICATES)
    return policy.extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(),
                                     ee_policy=ExtensionPolicy.permit_all()).build_client_verifier()


def _read(x5c: Any) -> list[x509.Certificate]:
    if not isinstance(x5c, list) or not 0 < len(x5c) <= _MAX_CERTIFICATES:
        raise MalformedValueError("the chain of certificates is empty, too long, or no list", pointer="/x5c")
    if not all(isinstance(each, str) and 0 < len(each) <= _MAX_CHARACTERS for each in x5c):
        raise MalformedValueError("a certificate is not a text of bounded length", pointer="/x5c")
    return [_load(base64_decode(each)) for each in x5c]


def _load(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except _UNREADABLE as error:
        raise ParsingError("a certificate could not be read", pointer="/x5c") from error


def _loadable(certificates: Iterable[bytes]) -> Iterator[x509.Certificate]:
    for der in certificates:
        with suppress(*_UNREADABLE), warnings.catch_warnings():
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            yield x509.load_der_x509_certificate(der)


def _extension(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    return next((each.value for each in certificate.extensions if isinstance(each.value, kind)), None)


def _described(leaf: x509.Certificate) -> Certificate:
    try:
        names = _extension(leaf, x509.SubjectAlternativeName)
        dns_names = () if names is None else tuple(names.get_values_for_type(x509.DNSName))
        uris = () if names is None else tuple(names.get_values_for_type(x509.UniformResourceIdentifier))
        subjects = [leaf.subject.get_attributes_for_oid(kind)
                    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)]
        subject = next((str(found[0].value) for found in subjects if found), "")
        key = leaf.public_key()
    except _UNREADABLE as error:
        raise ParsingError("a certificate could not be read", pointer="/x5c") from error
    return Certificate(leaf.public_bytes(Encoding.DER), _public_key(key), dns_names, uris, subject)


def _public_key(key: Any) -> PublicKey:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return PublicKey("Ed25519", key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return PublicKey(_CURVES[key.curve.name], key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
    raise UnsupportedError("the certificate is about a kind of key that is not supported")


def authority_key_identifier(certificate: str) -> str | None:
    """The authority key identifier (base64url) in a certificate as ``x5c`` holds it; None if it has none, or cannot be
    read (RFC5280 #section-4.2.1.1).
    """
    try:
        found = _extension(x509.load_der_x509_certificate(base64_decode(certificate)), x509.AuthorityKeyIdentifier)
    except (ParsingError, *_UNREADABLE):
        return None
    return None if found is None or found.key_identifier is None else base64url_encode(found.key_identifier)


def read_own_certificate(certificate: bytes, key: bytes) -> OwnCertificate:
    """A certificate with the chain that vouches for it, and its private key, all PEM; a self-signed anchor at the end
    is left out.

    Raises:
        ConfigError: one of them cannot be read, they do not belong together, or the key is of a kind not spoken here.
    """
    try:
        chain = x509.load_pem_x509_certificates(certificate)
        leaf, *others = chain
        names = _extension(leaf, x509.SubjectAlternativeName)
        secret = load_pem_private_key(key, None)
        public = [each.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                  for each in (leaf.public_key(), secret.public_key())]
    except (TypeError, *_UNREADABLE) as error:
        raise ConfigError("The certificate or its key cannot be read; both must be PEM files without a password."
                          ) from error
    if public[0] != public[1]:
        raise ConfigError("The certificate and the key do not belong together.")
    hosts = () if names is None else tuple(name.lower() for name in names.get_values_for_type(x509.DNSName))
    kept = [leaf, *(each for each in others if each.issuer != each.subject)]
    return OwnCertificate(tuple(each.public_bytes(Encoding.DER) for each in kept), hosts, _signer_of(secret),
                       leaf.issuer == leaf.subject)


def _signer_of(secret: object) -> SoftwareSigner:
    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return SoftwareSigner.from_secret("Ed25519", secret.private_bytes(
            Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    if isinstance(secret, ec.EllipticCurvePrivateKey) and secret.curve.name in _CURVES:
        scalar = secret.private_numbers().private_value
        return SoftwareSigner.from_secret(_CURVES[secret.curve.name], scalar.to_bytes((secret.curve.key_size + 7) // 8))
    raise ConfigError("The certificate must be for a key on the curve P-256, P-384, P-521 or Ed25519.")
