"""Holder keys: one key per credential, Ed25519 or P-256. Outside the vault each is a Signer and nothing more."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import MalformedValueError
from credkit.keys import PublicKey, SoftwareSigner
from credkit.ports import Randomness

ED25519: Final = "Ed25519"
P_256: Final = "P-256"


class HolderKey:
    """A private key that signs and tells its public half; a ``Signer``.

    Not a dataclass on purpose: its text form, ``vars`` and pickles show nothing.
    """

    __slots__ = ("__signer",)

    def __init__(self, secret: bytes, key_type: str = ED25519) -> None:
        self.__signer = SoftwareSigner.from_secret(key_type, secret)

    @property
    def algorithm(self) -> str:
        """``Ed25519`` or ``ES256``."""
        return self.__signer.algorithm

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return self.__signer.public_key

    @property
    def public_key_multibase(self) -> str:
        """The Multikey form of the public half, ``z6Mk…`` or ``zDn…``."""
        return self.__signer.public_key_multibase

    @property
    def verification_method(self) -> str:
        """``did:key:z…#z…``."""
        return self.__signer.verification_method

    @property
    def did(self) -> str:
        """The did:key that stands for this key, and so for the holder of one credential."""
        return self.verification_method.partition("#")[0]

    def sign(self, message: bytes) -> bytes:
        """64 bytes of signature over ``message``."""
        return self.__signer.sign(message)

    def __reduce__(self) -> str:
        raise TypeError("a holder key does not leave the vault")

    def _sealed_form(self) -> str:
        secret = base64url_encode(self.__signer.secret)
        return secret if self.__signer.public_key.type == ED25519 else f"{self.__signer.public_key.type}.{secret}"


def new_holder_key(randomness: Randomness, key_type: str = ED25519) -> HolderKey:
    """A fresh key from ``randomness``."""
    while True:
        with suppress(MalformedValueError):  # of 2^32 values one is no secret on P-256
            return HolderKey(randomness.token_bytes(32), key_type)


def sealed_form(key: HolderKey) -> str:
    """The form in which a key lies inside a sealed item; for ``wallet.vault`` alone."""
    return key._sealed_form()


def from_sealed_form(text: str) -> HolderKey:
    """A key out of a sealed item: its secret, with the kind of key before it unless that is Ed25519."""
    key_type, mark, secret = text.rpartition(".")
    return HolderKey(base64url_decode(secret), key_type if mark else ED25519)
