"""The only door to JOSE: compact JWS around any ``Signer``, verifying by allow-list, thumbprints, JWE for sealing.

Spec: RFC7515; RFC7516; RFC7638; RFC8037; RFC8725; security.md B01 to B03, B08, B10, B11
"""

from __future__ import annotations

from credkit.jose.jwe import decrypt, encrypt
from credkit.jose.jwe_direct import (
    DIRECT_ALG,
    DIRECT_ENCS,
    decrypt_direct,
    encrypt_direct,
    generate_encryption_key,
    peek_jwe_header,
    public_encryption_jwk,
)
from credkit.jose.jwk import (
    RsaPublicKey,
    rsa_public_key_from_jwk,
    rsa_public_key_from_pem,
    thumbprint,
    x25519_private_jwk,
    x25519_public_jwk,
)
from credkit.jose.jws import VerifyingKey, peek_header, peek_payload, sign_compact, verify_compact

__all__ = ["DIRECT_ALG", "DIRECT_ENCS", "RsaPublicKey", "VerifyingKey", "decrypt", "decrypt_direct", "encrypt",
           "encrypt_direct", "generate_encryption_key", "peek_header", "peek_jwe_header", "peek_payload",
           "public_encryption_jwk", "rsa_public_key_from_jwk", "rsa_public_key_from_pem", "sign_compact", "thumbprint",
           "verify_compact", "x25519_private_jwk", "x25519_public_jwk"]
