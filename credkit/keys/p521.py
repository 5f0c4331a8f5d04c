"""P-521 keys, ES512, for JOSE and COSE only: no Data Integrity suite signs with them.

Spec: CID-1.0 #Multikey; RFC7518 #section-3.4
"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from credkit.keys._ecdsa import EcdsaKeyType

P521 = EcdsaKeyType(
    name="P-521", algorithm="ES512", public_codec=b"\x82\x24", secret_codec=b"\x88\x26", secret_length=66,
    curve=ec.SECP521R1(), hashing=hashes.SHA512(),
)
