"""BBS signatures over BLS12-381: many messages under one signature, from which proofs over some of them are made.

The curve's arithmetic comes from py_arkworks_bls12381, which is neither audited nor constant-time; this package is the
only one that imports it. Without the extra ``bbs`` every function raises ``UnsupportedError``.

Spec: draft-irtf-cfrg-bbs-signatures-08
"""

from __future__ import annotations

from credkit.proofs._bbs.ciphersuite import SHA_256, SHAKE_256, Ciphersuite
from credkit.proofs._bbs.scheme import (
    PUBLIC_KEY_BYTES,
    SECRET_KEY_BYTES,
    SIGNATURE_BYTES,
    key_gen,
    proof_gen,
    proof_verify,
    read_secret,
    sign,
    sk_to_pk,
    verify,
)

__all__ = ["PUBLIC_KEY_BYTES", "SECRET_KEY_BYTES", "SHAKE_256", "SHA_256", "SIGNATURE_BYTES", "Ciphersuite",
           "key_gen", "proof_gen", "proof_verify", "read_secret", "sign", "sk_to_pk", "verify"]
