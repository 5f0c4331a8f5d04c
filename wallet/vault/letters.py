"""Letters: what passes between people of a backpack before they share a key, sealed under a token both hold."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credkit.encoding import base64url_decode, base64url_encode, sha256
from credkit.errors import ParsingError, StateError
from credkit.ports import JSONObject, Randomness
from wallet.vault.sealing import pad, seal, unpad, unseal

_TOKEN_BYTES = 18
_GONE = "This invitation is used up or too old. Ask who invited you for a new one."


def new_token(randomness: Randomness) -> str:
    """A fresh token of 144 bits; whoever has it can open the letter."""
    return base64url_encode(randomness.token_bytes(_TOKEN_BYTES))


def token_id(token: str) -> str:
    """The name under which a letter lies; it tells nothing of the token.

    Raises:
        StateError: no token.
    """
    return base64url_encode(sha256(b"backpack-letter-id" + _secret(token)))


def seal_letter(token: str, content: JSONObject, randomness: Randomness) -> bytes:
    """``content`` sealed under ``token``, padded."""
    return seal(_key(token), pad(content), ("letter", token_id(token)), randomness)


def open_letter(token: str, sealed: bytes) -> JSONObject:
    """The content of a letter.

    Raises:
        SealBroken: changed, or sealed under another token.
    """
    return unpad(unseal(_key(token), sealed, ("letter", token_id(token))))


def _key(token: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"backpack-letter-key").derive(_secret(token))


def _secret(token: str) -> bytes:
    try:
        secret = base64url_decode(token)
    except ParsingError as error:
        raise StateError(_GONE) from error
    if len(secret) != _TOKEN_BYTES:
        raise StateError(_GONE)
    return secret
