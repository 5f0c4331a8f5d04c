"""The key of an encrypted answer, for the life of its request: a fresh one each, stored sealed, removed when the answer
is there.

Spec: OPENID4VP #name-encrypted-responses; security.md B10
"""

from __future__ import annotations

import hmac
import json

from credkit.encoding import parse_json_object
from credkit.jose import decrypt, encrypt, generate_encryption_key, x25519_private_jwk, x25519_public_jwk
from credkit.ports import JSONObject

_PURPOSE = b"backpack verifier: keys of encrypted answers"


class AnswerKeys:
    """Makes and seals keys.

    Args:
        secret: 32 bytes that do not lie in the database.
    """

    def __init__(self, secret: bytes) -> None:
        self._own = x25519_private_jwk(hmac.digest(secret, _PURPOSE, "sha256"))

    def make(self, request_id: str) -> str:
        """A fresh private key (P-256) that is named after its request, sealed."""
        key = generate_encryption_key(request_id)
        return encrypt(json.dumps(key).encode(), x25519_public_jwk(self._own))

    def open(self, sealed: str) -> JSONObject:
        """The private JWK.

        Raises:
            ProofVerificationError: it was sealed under another secret, or was changed.
        """
        return parse_json_object(decrypt(sealed, self._own))
