"""Under which name the verifier asks, with which key it signs, and how the answer is to come.

Spec: OPENID4VP #name-client-identifier-prefix-an
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from credkit.dids import did_jwk_of
from credkit.errors import StateError
from credkit.keys import SoftwareSigner
from credkit.ports import Signer
from credkit.protocols.oid4vp import v1_0
from credkit.x509 import OwnCertificate
from verifier.services.setup import Identity


@dataclass(frozen=True)
class Manner:
    """How a request is made.

    Attributes:
        prefix: One of ``v1_0.PREFIXES``: how the verifier names itself.
        did_method: Of a DID: that of the verifier's address, or its key itself.
        response_mode: One of ``v1_0.RESPONSE_MODES``: in clear, or sealed for this request.
    """

    prefix: str = v1_0.DID_PREFIX
    did_method: Literal["web", "jwk"] = "web"
    response_mode: str = v1_0.DIRECT_POST


@dataclass(frozen=True)
class Asker:
    """Who asks with one request. Without a signer the request is not signed."""

    client_id: str
    signer: Signer | None
    certificates: tuple[bytes, ...] = ()


class Names:
    """Every name under which one verifier may ask."""

    def __init__(self, identity: Identity, signer: SoftwareSigner, certificate: OwnCertificate | None) -> None:
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
