"""Wallet attestation, the client's half: whoever runs a wallet vouches for it, and the wallet shows that it is meant.

Spec: draft-ietf-oauth-attestation-based-client-auth-10; HAIP-1.0 #section-4.4.1
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from credkit.encoding import base64url_encode
from credkit.jose import sign_compact
from credkit.keys import public_key_from_multibase
from credkit.ports import JSONObject, Randomness, Signer
from credkit.protocols.client_attestation import HEADER, POP_HEADER, POP_TYP, TYP
from credkit.x509 import OwnCertificate

CHALLENGE_HEADER: Final = "oauth-client-attestation-challenge"
USE_CHALLENGE: Final = "use_attestation_challenge"
_JTI_BYTES = 16
_LIFETIME = timedelta(minutes=5)


def build_headers(provider: OwnCertificate, instance: Signer, *, client_id: str, audience: str, now: datetime,
                  randomness: Randomness, challenge: str | None = None) -> dict[str, str]:
    """The two headers of one request.

    Args:
        provider: Vouches. ``instance``: the wallet's own key, a fresh one for each issuer.
        client_id: The same for every wallet of this provider.
        audience: The authorization server's ``issuer``.
        challenge: The last that this server gave.
    """
    jwk = public_key_from_multibase(instance.public_key_multibase).to_jwk()
    attested = {"sub": client_id, "iat": int(now.timestamp()), "exp": int((now + _LIFETIME).timestamp()),
                "cnf": {"jwk": jwk}}
    proof: JSONObject = {"aud": audience, "jti": base64url_encode(randomness.token_bytes(_JTI_BYTES)),
                         "iat": int(now.timestamp())} | ({} if challenge is None else {"challenge": challenge})
    return {HEADER: sign_compact(attested, provider.signer, typ=TYP, header={"x5c": provider.x5c}),
            POP_HEADER: sign_compact(proof, instance, typ=POP_TYP)}
