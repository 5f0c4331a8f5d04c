"""Sealed messages: the office's key for requests, and answers to a wallet's key. Never errors.

The key is derived from the office's secret, so that every worker has it and none has to keep it.

Spec: OID4VCI-1.0 #encrypted-messages
"""

from __future__ import annotations

from functools import cached_property

from credkit.encoding import base64url_encode
from credkit.jose import DIRECT_ALG
from credkit.keys import SoftwareSigner
from credkit.ports import JSONObject
from credkit.protocols.oid4vci import v1_0
from issuer.services.office import Office

_PURPOSE, _SUBJECT, _KEY_ID = "encryption", "credential requests", "requests-1"


class Sealing:
    """Opens requests."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @cached_property
    def _private_jwk(self) -> dict[str, str]:
        secret = self._office.keys.derive(_PURPOSE, _SUBJECT)
        public = SoftwareSigner.from_secret("P-256", secret).public_key.to_jwk()
        return {**public, "d": base64url_encode(secret), "kid": _KEY_ID, "alg": DIRECT_ALG, "use": "enc"}

    def metadata(self) -> JSONObject:
        """What the issuer metadata say of it."""
        return v1_0.build_encryption_metadata(self._private_jwk)

    def open(self, sealed: bytes) -> JSONObject:
        """The request in a JWE.

        Raises:
            ProtocolError: ``invalid_encryption_parameters``.
        """
        return v1_0.open_request(sealed, self._private_jwk)
