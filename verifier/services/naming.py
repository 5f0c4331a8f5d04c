"""Under which name the verifier asks, with which key it signs, and how the answer is to come.

Spec: OPENID4VP #name-client-identifier-prefix-an
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

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

from credkit.dids import did_jwk_of
from credkit.errors import ConfigError, StateError
from credkit.keys import SoftwareSigner
from credkit.ports import Signer
from credkit.protocols.oid4vp import v1_0
from verifier.services.setup import Identity

_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion)


@dataclass(frozen=True)
class Manner:
    """How a request is made.

    Attributes:
        prefix: One of ``v1_0.ASKER_PREFIXES``: how the verifier names itself.
        did_method: Of a DID: that of the verifier's address, or its key itself.
        response_mode: One of ``v1_0.RESPONSE_MODES``: in clear, or sealed for this request.
    """

    prefix: str = v1_0.DID_PREFIX
    did_method: Literal["web", "jwk"] = "web"
    response_mode: str = v1_0.DIRECT_POST


@dataclass(frozen=True)
class Certificate:
    """A certificate, those that vouch for it, and its key.

    Attributes:
        chain: DER, its own first, without an anchor.
        hosts: What it names as DNS names.
        is_self_signed: Whether nobody vouches for it but itself.
    """

    chain: tuple[bytes, ...]
    hosts: tuple[str, ...]
    signer: Signer
    is_self_signed: bool


@dataclass(frozen=True)
class Asker:
    """Who asks with one request. Without a signer the request is not signed."""

    client_id: str
    signer: Signer | None
    certificates: tuple[bytes, ...] = ()


class Names:
    """Every name under which one verifier may ask."""

    def __init__(self, identity: Identity, signer: SoftwareSigner, certificate: Certificate | None) -> None:
        self._identity = identity
        self._signer = signer
        self._certificate = certificate

    def choose(self, manner: Manner, response_uri: str) -> Asker:
        """Who asks in this manner.

        Raises:
            StateError: the verifier has no such name.
        """
        if manner.prefix == v1_0.REDIRECT_URI:
            return Asker(v1_0.build_redirect_uri(response_uri), None)
        if manner.prefix in (v1_0.X509_SAN_DNS, v1_0.X509_HASH):
            return self._by_certificate(manner.prefix)
        if manner.did_method == "web":
            return Asker(self._identity.client_id, self._signer)
        did = did_jwk_of(self._signer.public_key)
        signer = SoftwareSigner.from_secret(self._signer.public_key.type, self._signer.secret, f"{did}#0")
        return Asker(v1_0.build_client_id(did), signer)

    def find(self, client_id: str) -> Asker:
        """Who asked under this name.

        Raises:
            StateError: the verifier does not have this name any more.
        """
        prefix, _, rest = client_id.partition(":")
        manner = Manner(prefix, "jwk" if rest.startswith("did:jwk:") else "web")
        asker = self.choose(manner, rest)
        if asker.client_id != client_id:
            raise StateError("This request was made under a name that the verifier no longer has; ask for a new one.")
        return asker

    def _by_certificate(self, prefix: str) -> Asker:
        if self._certificate is None:
            raise StateError("This verifier has no certificate. Give it one: init --cert FILE --key FILE.")
        chain = self._certificate.chain
        if prefix == v1_0.X509_HASH:
            return Asker(v1_0.build_x509_hash(chain[0]), self._certificate.signer, chain)
        host = urlsplit(self._identity.origin).hostname or ""
        if host not in self._certificate.hosts:
            raise StateError("The certificate does not name the host of this verifier.")
        return Asker(v1_0.build_x509_san_dns(host), self._certificate.signer, chain)


def read_certificate(certificate: bytes, key: bytes) -> Certificate:
    """A certificate with the chain that vouches for it, and its private key, all PEM; a self-signed anchor at the end
    is left out.

    Raises:
        ConfigError: one of them cannot be read, they do not belong together, or the key is of a kind not spoken here.
    """
    try:
        chain = x509.load_pem_x509_certificates(certificate)
        leaf, *others = chain
        names = next((each.value for each in leaf.extensions if isinstance(each.value, x509.SubjectAlternativeName)),
                     None)
        secret = load_pem_private_key(key, None)
        public = [each.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                  for each in (leaf.public_key(), secret.public_key())]
    except _UNREADABLE as error:
        raise ConfigError("The certificate or its key cannot be read; both must be PEM files without a password."
                          ) from error
    if public[0] != public[1]:
        raise ConfigError("The certificate and the key do not belong together.")
    hosts = () if names is None else tuple(name.lower() for name in names.get_values_for_type(x509.DNSName))
    kept = [leaf, *(each for each in others if each.issuer != each.subject)]
    return Certificate(tuple(each.public_bytes(Encoding.DER) for each in kept), hosts, _signer_of(secret),
                       leaf.issuer == leaf.subject)


def _signer_of(secret: object) -> SoftwareSigner:
    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return SoftwareSigner.from_secret("Ed25519", secret.private_bytes(
            Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    if isinstance(secret, ec.EllipticCurvePrivateKey) and secret.curve.name in _CURVES:
        scalar = secret.private_numbers().private_value
        return SoftwareSigner.from_secret(_CURVES[secret.curve.name], scalar.to_bytes((secret.curve.key_size + 7) // 8))
    raise ConfigError("The certificate must be for a key on the curve P-256, P-384, P-521 or Ed25519.")
