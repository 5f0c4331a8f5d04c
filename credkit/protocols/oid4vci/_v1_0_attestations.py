"""OpenID4VCI 1.0: what somebody whom the issuer trusts says of the keys in a wallet.

Spec: OID4VCI-1.0 #keyattestation, #attestation-proof-type
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from credkit.errors import ParsingError
from credkit.jose import peek_header, sign_compact, verify_compact
from credkit.keys import PublicKey, public_key_from_jwk
from credkit.ports import JSONObject
from credkit.protocols._reading import CLOCK_SKEW_S, not_expired, objects, optional_text, strings
from credkit.shape import member, numeric_date, optional_member
from credkit.x509 import OwnCertificate

ATTESTATION_TYPE: Final = "key-attestation+jwt"
OLD_ATTESTATION_TYPE: Final = "keyattestation+jwt"
_LIFETIME: Final = timedelta(minutes=5)
_MAX_KEYS: Final = 64
_MAX_CHARACTERS: Final = 65_536

FindAttester = Callable[[JSONObject], PublicKey]
"""Header of an attestation → the key of an attester that is trusted; raises a ``ProblemError`` for anybody else."""


@dataclass(frozen=True)
class AttestedKeys:
    """Keys that an attester vouches for.

    Attributes:
        keys: In the attester's order, each key once.
        names: ``kid`` of each as it stands in its JWK, or None.
        nonce: The ``c_nonce`` it was made for, or None.
        status: Where to look up whether it was taken back, or None; the attester's word holds only if it was not.
    """

    keys: tuple[PublicKey, ...]
    names: tuple[str | None, ...]
    nonce: str | None
    status: JSONObject | None = None

    def named(self, kid: str) -> PublicKey:
        """The key with this ``kid``, else the one at this place of the list, counted from 0.

        Raises:
            ParsingError: there is none.
        """
        if kid in self.names:
            return self.keys[self.names.index(kid)]
        if kid.isascii() and kid.isdigit() and len(kid) < 4 and int(kid) < len(self.keys):
            return self.keys[int(kid)]
        raise ParsingError("the proof names a key that is not among those attested")


def build_key_attestation(provider: OwnCertificate, keys: Collection[PublicKey], *, nonce: str | None,
                          now: datetime) -> str:
    """What whoever runs a wallet says of keys in it: that they are there, and nothing of how safe (no ``key_storage``).

    Args:
        nonce: The ``c_nonce`` of the request it goes with; None of an issuer that gives none.

    Spec: OID4VCI-1.0 #keyattestation-jwt; HAIP-1.0 #section-4.5.1
    """
    claims: JSONObject = {"iat": int(now.timestamp()), "exp": int((now + _LIFETIME).timestamp()),
                          "attested_keys": [key.to_jwk() for key in keys]}
    claims |= {} if nonce is None else {"nonce": nonce}
    return sign_compact(claims, provider.signer, typ=ATTESTATION_TYPE, header={"x5c": provider.x5c})


def verify_key_attestation(token: Any, *, find_attester: FindAttester, now: datetime, algorithms: Collection[str],
                           needs_expiry: bool, types: Collection[str] = (ATTESTATION_TYPE,)) -> AttestedKeys:
    """The keys of an attestation that holds.

    Args:
        needs_expiry: Whether ``exp`` must be there, as beside a ``jwt`` proof.
        types: Which ``typ`` it may have.

    Raises:
        ProblemError: malformed, made by nobody who is trusted, expired, or its signature does not hold.

    Spec: OID4VCI-1.0 #keyattestation-jwt
    """
    if not isinstance(token, str) or len(token) > _MAX_CHARACTERS:
        raise ParsingError("the attestation is not a text of bounded length")
    header = peek_header(token)
    if header.get("alg") not in tuple(algorithms):
        raise ParsingError("the attestation is made with an algorithm that is not taken here")
    payload = verify_compact(token, find_attester(header), typ=tuple(types))
    _check_times(payload, now, needs_expiry)
    for name in ("key_storage", "user_authentication"):
        strings(payload, name)
    entries = objects(payload, "attested_keys")
    keys = tuple(public_key_from_jwk(entry) for entry in entries)
    if not 0 < len(keys) <= _MAX_KEYS or len({key.to_multibase() for key in keys}) != len(keys):
        raise ParsingError("the attestation must name keys, not too many and each once")
    return AttestedKeys(keys, tuple(optional_text(entry, "kid") for entry in entries), optional_text(payload, "nonce"),
                        optional_member(payload, "status", dict))


def _check_times(payload: JSONObject, now: datetime, needs_expiry: bool) -> None:
    issued = numeric_date(member(payload, "iat", object))
    if issued is None or issued > now + timedelta(seconds=CLOCK_SKEW_S):
        raise ParsingError("the attestation does not say since when it holds")
    if "exp" not in payload:
        if needs_expiry:
            raise ParsingError("the attestation does not say until when it holds")
        return
    not_expired(payload, now, "the attestation")
