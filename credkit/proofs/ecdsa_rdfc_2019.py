"""ecdsa-rdfc-2019: ECDSA on P-256 (SHA-256) or P-384 (SHA-384) over RDFC-1.0 canonical N-Quads.

Spec: VC-DI-ECDSA #ecdsa-rdfc-2019
"""

from types import MappingProxyType

from credkit.proofs._suite import RdfcSuite

SUITE = RdfcSuite("ecdsa-rdfc-2019", MappingProxyType({"P-256": "sha256", "P-384": "sha384"}))
