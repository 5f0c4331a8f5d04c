"""Under which name a holder key signs: what the issuer of a record takes, and how a record names its holder.

Spec: OID4VCI-1.0 #credential-issuer-parameters (``cryptographic_binding_methods_supported``)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from credkit.dids import did_jwk_of, did_key_of
from credkit.errors import UnsupportedError
from credkit.formats import jwt_vc, ldp_vc, sd_jwt_vc
from credkit.keys import PublicKey
from credkit.protocols.oid4vci.messages import CredentialConfiguration, KeyAttestationsRequired
from wallet.vault import HolderKey

Binding = Literal["did:key", "did:jwk", "jwk"]

_BINDINGS: Final[Mapping[str, tuple[Binding, ...]]] = {
    ldp_vc.NAME: ("did:key", "did:jwk"), jwt_vc.NAME: ("did:key", "did:jwk"),
    sd_jwt_vc.NAME: ("jwk", "did:key", "did:jwk")}
"""How a record of each format that we keep may name its holder's key, the best first."""

_ED25519: Final = ("Ed25519", frozenset({"EdDSA", "Ed25519"}))
_P256: Final = ("P-256", frozenset({"ES256"}))
_KEY_TYPES: Final = {sd_jwt_vc.NAME: (_P256, _ED25519)}
"""Which kind of key is made where an issuer takes both: of SD-JWT, the one that everybody can verify."""


@dataclass(frozen=True)
class KeyPlan:
    """Which kind of key a record is asked for with, and how that is named."""

    key_type: str
    binding: Binding


def key_plan(configuration: CredentialConfiguration) -> KeyPlan:
    """The key that this kind of record is to be bound to.

    Raises:
        UnsupportedError: a format, a proof or a kind of key that is not spoken here, or a key that has to lie in
            hardware.
    """
    proof_type = configuration.proof_types.get("jwt")
    bindings = _BINDINGS.get(configuration.format)
    if bindings is None or proof_type is None:
        raise UnsupportedError("this offer holds a kind of record that is not supported")
    if proof_type.key_attestations_required not in (None, KeyAttestationsRequired()):
        raise UnsupportedError("this issuer wants keys to be kept in a way that a backpack does not keep them")
    binding = next((each for each in bindings if each in configuration.binding_methods), None)
    kinds = _KEY_TYPES.get(configuration.format, (_ED25519, _P256))
    key_type = next((name for name, algorithms in kinds if algorithms & set(proof_type.signing_algs)), None)
    if binding is None or key_type is None:
        raise UnsupportedError("this issuer does not take the kind of key that is used here")
    return KeyPlan(key_type, binding)


def is_attested(configuration: CredentialConfiguration) -> bool:
    """Whether somebody must vouch for the key of this kind of record."""
    return configuration.proof_types["jwt"].key_attestations_required is not None


def dids_of(key: PublicKey) -> tuple[str, ...]:
    """Every DID that is this key."""
    return did_key_of(key), did_jwk_of(key)


@dataclass(frozen=True)
class NamedKey:
    """A holder key under the name by which a record knows it; a ``Signer``."""

    key: HolderKey
    binding: Binding

    @property
    def algorithm(self) -> str:
        """``Ed25519`` or ``ES256``."""
        return self.key.algorithm

    @property
    def public_key_multibase(self) -> str:
        """The Multikey form of the public half."""
        return self.key.public_key_multibase

    @property
    def verification_method(self) -> str:
        """The DID URL that names the key."""
        return f"{self.did}#0" if self.binding == "did:jwk" else self.key.verification_method

    @property
    def did(self) -> str:
        """The DID that stands for the key."""
        return did_jwk_of(self.key.public_key) if self.binding == "did:jwk" else self.key.did

    def sign(self, message: bytes) -> bytes:
        """64 bytes of signature over ``message``."""
        return self.key.sign(message)
