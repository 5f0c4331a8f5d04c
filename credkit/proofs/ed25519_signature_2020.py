"""Ed25519Signature2020: the legacy suite of older wallets and badges; the same hashing as eddsa-rdfc-2022.

Spec: VC-DI-EDDSA #ed25519signature2020-0
"""

from types import MappingProxyType

from credkit.proofs._suite import RdfcSuite

SUITE = RdfcSuite("Ed25519Signature2020", MappingProxyType({"Ed25519": "sha256"}), "Ed25519Signature2020")
