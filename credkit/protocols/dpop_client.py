"""DPoP, the client's half: showing with each request that we hold the key a token is bound to.

Spec: RFC9449 #section-4.2
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from credkit.encoding import base64url_encode, sha256
from credkit.jose import sign_compact
from credkit.keys import public_key_from_multibase
from credkit.ports import JSONObject, Randomness, Signer

TYP: Final = "dpop+jwt"
HEADER: Final = "DPoP"
NONCE_HEADER: Final = "dpop-nonce"
_JTI_BYTES = 16


def build_proof(signer: Signer, *, method: str, url: str, now: datetime, randomness: Randomness,
                access_token: str | None = None, nonce: str | None = None) -> str:
    """The ``DPoP`` header of one request.

    Args:
        url: Of the request; query and fragment are left out.
        access_token: The token that goes along, where one does.
        nonce: The last that this server gave.
    """
    parts = urlsplit(url)
    payload: JSONObject = {
        "jti": base64url_encode(randomness.token_bytes(_JTI_BYTES)), "htm": method,
        "htu": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), "iat": int(now.timestamp())}
    if access_token is not None:
        payload["ath"] = base64url_encode(sha256(access_token.encode("ascii")))
    if nonce is not None:
        payload["nonce"] = nonce
    jwk = public_key_from_multibase(signer.public_key_multibase).to_jwk()
    return sign_compact(payload, signer, typ=TYP, header={"jwk": jwk})
