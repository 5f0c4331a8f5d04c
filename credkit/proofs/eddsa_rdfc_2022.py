"""eddsa-rdfc-2022: Ed25519 over RDFC-1.0 canonical N-Quads.

Spec: VC-DI-EDDSA #eddsa-rdfc-2022
"""

from types import MappingProxyType

from credkit.proofs._suite import RdfcSuite

SUITE = RdfcSuite("eddsa-rdfc-2022", MappingProxyType({"Ed25519": "sha256"}))
