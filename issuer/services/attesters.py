"""Who may vouch for wallets: a file of keys (JWKs) or of certificates (PEM) that the office chose.

Spec: draft-ietf-oauth-attestation-based-client-auth-10 #section-7; OID4VCI-1.0 #keyattestation; RFC7517 #section-5
"""

from __future__ import annotations

from pathlib import Path

from credkit.encoding import parse_json_object
from credkit.errors import (
    ConfigError,
    FetchError,
    IssuerNotTrusted,
    ProblemError,
    Revoked,
    StatusRetrievalError,
    Suspended,
    UnsupportedError,
)
from credkit.jose import peek_header
from credkit.keys import PublicKey, public_key_from_jwk
from credkit.ports import Clock, Fetcher, JSONObject
from credkit.shape import member
from credkit.status.token_status_list import (
    MEDIA_TYPE,
    SUSPENDED,
    VALID,
    decode_list,
    is_current,
    parse_reference,
    verify_status_list,
)
from credkit.x509 import NO_ANCHORS, Anchors, anchors_from_pem, verify_bare_chain, verify_chain

_MAX_BYTES = 1_048_576


class Attesters:
    """The attesters of one file.

    Args:
        certified: Whether only those count whose certificate comes with what they say, without its anchor and not
            signed by itself (HAIP-1.0 #section-4.4.1, #section-4.5.1).

    Raises:
        ConfigError: it cannot be read, or holds neither keys nor certificates, or keys where certificates are needed.
    """

    def __init__(self, path: Path, clock: Clock, fetcher: Fetcher, *, certified: bool = False) -> None:
        self._clock = clock
        self._fetcher = fetcher
        self._certified = certified
        self._keys: dict[str | None, PublicKey] = {}
        self._anchors = NO_ANCHORS
        try:
            content = path.read_bytes()
            if len(content) > _MAX_BYTES:
                raise ConfigError("The file of those who vouch for wallets is too large.")
            if certified or b"-----BEGIN" in content:
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
            verify = verify_bare_chain if self._certified else verify_chain
            return verify(header["x5c"], self._anchors, self._clock.now()).public_key
        kid = header.get("kid")
        key = self._keys.get(kid if isinstance(kid, str) else None)
        if key is None and kid is None and len(self._keys) == 1:
            (key,) = self._keys.values()
        if key is None:
            raise IssuerNotTrusted("nobody who is trusted here vouches for this wallet")
        return key

    def check_status(self, status: JSONObject) -> None:
        """Whether an attestation with this ``status`` still counts, by the list of one of our attesters.

        Raises:
            Revoked, Suspended: the list says so.
            StatusRetrievalError: it could not be had or is out of date, so that nobody can tell.
            ProblemError, UnsupportedError: the reference or the list does not hold.

        Spec: draft-ietf-oauth-status-list-12 #section-8.3
        """
        place = parse_reference(status)
        try:
            answer = self._fetcher.get(place.list_url, accept=MEDIA_TYPE)
        except FetchError as error:
            raise StatusRetrievalError("the list of taken-back attestations could not be reached") from error
        if answer.status != 200:
            raise StatusRetrievalError("the list of taken-back attestations could not be reached")
        token = answer.body.decode("ascii", "replace").strip()
        claims = verify_status_list(token, self.find(peek_header(token)), url=place.list_url)
        if not is_current(claims, self._clock.now()):
            raise StatusRetrievalError("the list of taken-back attestations is out of date")
        said = decode_list(member(claims, "status_list", dict)).status(place.index)
        if said == SUSPENDED:
            raise Suspended("the attestation was put on hold", pointer="/status")
        if said != VALID:
            raise Revoked("the attestation was taken back", pointer="/status")
