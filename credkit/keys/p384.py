"""P-384 keys, ES384. Spec: CID-1.0 #Multikey; RFC7518 #section-3.4"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from credkit.keys._ecdsa import EcdsaKeyType

P384 = EcdsaKeyType(
    name="P-384", algorithm="ES384", public_codec=b"\x81\x24", secret_codec=b"\x87\x26", secret_length=48,
    curve=ec.SECP384R1(), hashing=hashes.SHA384(),
)
