"""eddsa-jcs-2022: Ed25519 over RFC 8785 canonical JSON.

Spec: VC-DI-EDDSA #eddsa-jcs-2022
"""

from types import MappingProxyType

from credkit.proofs._suite import JcsSuite

SUITE = JcsSuite("eddsa-jcs-2022", MappingProxyType({"Ed25519": "sha256"}))
