"""Unlocking with a passkey: the key comes of the passkey's PRF value, which no server can ask for by itself.

A passkey that knows no PRF is kept too: it only says who somebody is, and then the passphrase is asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import ParsingError, SealBroken, WrongSecret
from credkit.ports import Randomness
from wallet.vault.methods import _reading

NAME = "passkey"
PRF_BYTES = 32


@dataclass(frozen=True)
class Passkey:
    """What a slot knows of a passkey.

    Attributes:
        credential_id: As the authenticator names it.
        public_key: COSE key.
        prf_input: What the authenticator's PRF is asked for; None if it has none, so that it opens nothing.
    """

    credential_id: bytes
    public_key: bytes
    prf_input: bytes | None


def new_parameters(passkey: Passkey, added_at: int, randomness: Randomness) -> str:
    """The parameters of a new slot, as JSON; ``added_at`` in seconds, UTC."""
    prf_input = None if passkey.prf_input is None else base64url_encode(passkey.prf_input)
    return json.dumps({
        "credential_id": base64url_encode(passkey.credential_id), "public_key": base64url_encode(passkey.public_key),
        "prf_input": prf_input, "salt": base64url_encode(randomness.token_bytes(_reading.SALT_BYTES)), "at": added_at})


def read_passkey(parameters: str) -> Passkey:
    """The passkey of a slot.

    Raises:
        SealBroken: the parameters are not what we wrote.
    """
    stored = _reading.read(parameters)
    has_prf = stored.get("prf_input") is not None
    return Passkey(_reading.binary(stored, "credential_id"), _reading.binary(stored, "public_key"),
                   _reading.binary(stored, "prf_input") if has_prf else None)


def derive_key(secret: bytes, parameters: str) -> bytes:
    """The 32-byte key that opens the slot.

    Args:
        secret: The passkey's PRF value, 32 bytes.

    Raises:
        WrongSecret: it is no PRF value.
        SealBroken: the parameters are not what we wrote, or the passkey only signs in.

    Spec: WEBAUTHN-3 #prf-extension
    """
    if len(secret) != PRF_BYTES:
        raise WrongSecret("This passkey does not open the backpack.")
    if read_passkey(parameters).prf_input is None:
        raise SealBroken(_reading.CHANGED)
    return _reading.key_of(secret, _reading.read(parameters), NAME)


def prf_value(text: str) -> bytes:
    """The PRF value that a page has posted, base64url.

    Raises:
        WrongSecret: it is none: not 32 bytes, or all the same.
    """
    try:
        found = base64url_decode(text)
    except ParsingError as error:
        raise WrongSecret("This passkey does not open the backpack.") from error
    if len(found) != PRF_BYTES or len(set(found)) == 1:
        raise WrongSecret("This passkey does not open the backpack.")
    return found
