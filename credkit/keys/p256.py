"""P-256 keys, ES256. Spec: CID-1.0 #Multikey; RFC7518 #section-3.4"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from credkit.keys._ecdsa import EcdsaKeyType

P256 = EcdsaKeyType(
    name="P-256", algorithm="ES256", public_codec=b"\x80\x24", secret_codec=b"\x86\x26", secret_length=32,
    curve=ec.SECP256R1(), hashing=hashes.SHA256(),
)
