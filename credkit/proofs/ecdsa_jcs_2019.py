"""ecdsa-jcs-2019: ECDSA on P-256 (SHA-256) or P-384 (SHA-384) over RFC 8785 canonical JSON.

Spec: VC-DI-ECDSA #ecdsa-jcs-2019
"""

from types import MappingProxyType

from credkit.proofs._suite import JcsSuite

SUITE = JcsSuite("ecdsa-jcs-2019", MappingProxyType({"P-256": "sha256", "P-384": "sha384"}))
