"""What is known once somebody has proven to hold a key: to an issuer by OpenID4VCI, or in an exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from credkit.keys import PublicKey


@dataclass(frozen=True)
class KeyProof:
    """A verified proof of possession.

    Attributes:
        public_key: The holder's key.
        did: The holder's DID: the one named in the proof, or the did:key of a bare JWK.
        nonce: The ``c_nonce`` it was made for.
        binding: How the key was named: the header's ``kid``, ``jwk`` or ``x5c``, or the kind of proof itself.
        key_id: The DID URL that named it, None if it was no DID.
    """

    public_key: PublicKey
    did: str
    nonce: str
    binding: Literal["kid", "jwk", "x5c", "di_vp", "attestation"]
    key_id: str | None = None
