"""What the High Assurance Interoperability Profile demands of an issuer and a verifier alike.

Spec: HAIP-1.0 #section-6.1, #section-7
"""

from __future__ import annotations

from typing import Final

from credkit.errors import ConfigError
from credkit.x509 import OwnCertificate

ES256: Final = "ES256"


def checked_certificate(certificate: OwnCertificate | None) -> OwnCertificate:
    """The certificate by which a role may name itself.

    Raises:
        ConfigError: there is none, it is for another kind of key than P-256, or it is signed by itself.
    """
    if certificate is None or certificate.is_self_signed or certificate.signer.algorithm != ES256:
        raise ConfigError("The profile haip needs a certificate for a P-256 key that is not signed by itself.")
    return certificate
