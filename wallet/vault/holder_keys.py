"""Holder keys: one Ed25519 key per credential. Outside the vault each is a Signer and nothing more."""

from __future__ import annotations

from credkit.encoding import base64url_decode, base64url_encode
from credkit.keys import SoftwareSigner
from credkit.ports import Randomness


class HolderKey:
    """A private key that signs and tells its public half; a ``Signer``.

    Not a dataclass on purpose: its text form, ``vars`` and pickles show nothing.
    """

    __slots__ = ("__signer",)

    def __init__(self, secret: bytes) -> None:
        self.__signer = SoftwareSigner.from_secret("Ed25519", secret)

    @property
    def algorithm(self) -> str:
        """``Ed25519``."""
        return self.__signer.algorithm

    @property
    def public_key_multibase(self) -> str:
        """The Multikey form of the public half, ``z6Mk…``."""
        return self.__signer.public_key_multibase

    @property
    def verification_method(self) -> str:
        """``did:key:z6Mk…#z6Mk…``."""
        return self.__signer.verification_method

    @property
    def did(self) -> str:
        """The did:key that stands for this key, and so for the holder of one credential."""
        return self.verification_method.partition("#")[0]

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519 signature over ``message``."""
        return self.__signer.sign(message)

    def __reduce__(self) -> str:
        raise TypeError("a holder key does not leave the vault")

    def _sealed_form(self) -> str:
        return base64url_encode(self.__signer.secret)


def new_holder_key(randomness: Randomness) -> HolderKey:
    """A fresh key from ``randomness``."""
    return HolderKey(randomness.token_bytes(32))


def sealed_form(key: HolderKey) -> str:
    """The form in which a key lies inside a sealed item; for ``wallet.vault`` alone."""
    return key._sealed_form()


def from_sealed_form(text: str) -> HolderKey:
    """A key out of a sealed item."""
    return HolderKey(base64url_decode(text))
