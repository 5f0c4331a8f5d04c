"""Who may vouch for wallets: a file of keys (JWKs) or of certificates (PEM) that the office chose.

Spec: draft-ietf-oauth-attestation-based-client-auth-10 #section-7; RFC7517 #section-5
"""

from __future__ import annotations

from pathlib import Path

from credkit.encoding import parse_json_object
from credkit.errors import ConfigError, IssuerNotTrusted, ProblemError, UnsupportedError
from credkit.keys import PublicKey, public_key_from_jwk
from credkit.ports import Clock, JSONObject
from credkit.shape import member
from credkit.x509 import NO_ANCHORS, Anchors, anchors_from_pem, verify_chain

_MAX_BYTES = 1_048_576


class Attesters:
    """The attesters of one file.

    Raises:
        ConfigError: it cannot be read, or holds neither keys nor certificates.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._keys: dict[str | None, PublicKey] = {}
        self._anchors = NO_ANCHORS
        try:
            content = path.read_bytes()
            if len(content) > _MAX_BYTES:
                raise ConfigError("The file of those who vouch for wallets is too large.")
            if b"-----BEGIN" in content:
                certificates = anchors_from_pem(content)
                self._anchors = Anchors(lambda: certificates)
            else:
                self._keys = {jwk.get("kid"): public_key_from_jwk(jwk)
                              for jwk in member(parse_json_object(content), "keys", list)}
                if not self._keys:
                    raise ConfigError("The file of those who vouch for wallets names nobody.")
        except (OSError, ProblemError, UnsupportedError, AttributeError, TypeError) as error:
            raise ConfigError("The file of those who vouch for wallets cannot be read.") from error

    def find(self, header: JSONObject) -> PublicKey:
        """The key of whoever made a token with this header: by ``kid`` among our keys, by ``x5c`` to our certificates.

        Raises:
            IssuerNotTrusted: nobody of ours.
            ProblemError: a chain that is malformed or too old.
        """
        if "x5c" in header:
            return verify_chain(header["x5c"], self._anchors, self._clock.now()).public_key
        kid = header.get("kid")
        key = self._keys.get(kid if isinstance(kid, str) else None)
        if key is None and kid is None and len(self._keys) == 1:
            (key,) = self._keys.values()
        if key is None:
            raise IssuerNotTrusted("nobody who is trusted here vouches for this wallet")
        return key
