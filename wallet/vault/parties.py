"""Parties: a pair to open (X25519) and one to sign (Ed25519), under a master key that each slot seals in turn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from credkit import jose
from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import SealBroken, StateError, WrongSecret
from credkit.keys import SoftwareSigner
from credkit.ports import Clock, Randomness
from wallet.store import PartyRow, SlotRow, Store
from wallet.vault.methods import passphrase as passphrase_method
from wallet.vault.methods.passphrase import Cost
from wallet.vault.sealing import KEY_BYTES, new_name, pad, seal, unpad, unseal


@dataclass(frozen=True, repr=False)
class PartyKeys:
    """An unlocked party: its private X25519 key (32 bytes) and its signer. Never leaves ``wallet.vault``."""

    party_id: str
    opening_secret: bytes
    signer: SoftwareSigner

    @property
    def opening_jwk(self) -> dict[str, str]:
        """The public JWK to which content keys are wrapped."""
        return jose.x25519_public_jwk(self.private_jwk)

    @cached_property
    def private_jwk(self) -> dict[str, str]:
        """The private JWK that opens them, worked out once: every item that is opened asks for it."""
        return jose.x25519_private_jwk(self.opening_secret)


def create_party(store: Store, login: str, passphrase: str, *, first: bool, cost: Cost, clock: Clock,
                 randomness: Randomness) -> tuple[str, bytes]:
    """Make a party, unlocked by ``passphrase``.

    Args:
        login: The keyed hash of the name it signs in with.
        first: Only if there is no party yet.

    Returns:
        Its id and its 32-byte master key.

    Raises:
        RangeValueError: the passphrase is quickly guessed.
        StateError: the name is taken, or there is a party already.
    """
    passphrase_method.check_strength(passphrase)
    party_id = new_name(randomness)
    opening, signing, master = (randomness.token_bytes(KEY_BYTES) for _ in range(3))
    signer = SoftwareSigner.from_secret("Ed25519", signing)
    public = jose.x25519_private_jwk(opening)["x"]
    sealed = seal_keys(PartyKeys(party_id, opening, signer), master, randomness)
    party = PartyRow(party_id, login, public, signer.public_key_multibase, sealed, int(clock.now().timestamp()))
    if not store.add_party(party, passphrase_slot(party_id, master, passphrase, cost, randomness), only=first):
        if first:
            raise StateError("This backpack has a passphrase already.")
        raise StateError("This name is taken. Choose another.")
    return party_id, master


def seal_keys(keys: PartyKeys, master: bytes, randomness: Randomness) -> bytes:
    """Both private keys of a party under its master key, bound to the party and to the public halves."""
    content = {"opening": base64url_encode(keys.opening_secret), "signing": base64url_encode(keys.signer.secret)}
    return seal(master, pad(content), _party_context(
        keys.party_id, keys.opening_jwk["x"], keys.signer.public_key_multibase), randomness)


def passphrase_slot(party_id: str, master: bytes, passphrase: str, cost: Cost, randomness: Randomness) -> SlotRow:
    """A slot that opens with ``passphrase``."""
    parameters = passphrase_method.new_parameters(cost, randomness)
    key = passphrase_method.derive_key(passphrase, parameters)
    return seal_slot(new_slot_id(randomness), party_id, passphrase_method.NAME, parameters, key, master, randomness)


def new_slot_id(randomness: Randomness) -> str:
    """A fresh name for a slot."""
    return new_name(randomness)


def seal_slot(slot_id: str, party_id: str, method: str, parameters: str, key: bytes, master: bytes,
              randomness: Randomness) -> SlotRow:
    """A slot in which ``master`` is sealed under ``key``, bound to whose slot it is and to its parameters."""
    return SlotRow(slot_id, party_id, method, parameters, seal(
        key, master, ("slot", party_id, slot_id, method, parameters), randomness))


def unseal_slot(slot: SlotRow, key: bytes) -> bytes:
    """The master key in a slot.

    Raises:
        SealBroken: another key, or the slot was changed.
    """
    return unseal(key, slot.sealed_master, ("slot", slot.party_id, slot.id, slot.method, slot.parameters))


def open_slot(store: Store, party_id: str, passphrase: str) -> bytes:
    """The party's 32-byte master key.

    Raises:
        WrongSecret: the passphrase opens no slot of this party.
        SealBroken: a slot's parameters are below the floor.
    """
    for slot in store.slots(party_id):
        if slot.method != passphrase_method.NAME:
            continue
        key = passphrase_method.derive_key(passphrase, slot.parameters)
        try:
            return unseal_slot(slot, key)
        except SealBroken:
            continue
    raise WrongSecret("This passphrase does not open the backpack. Check the spelling.")


def open_party(store: Store, party_id: str, master: bytes) -> PartyKeys:
    """The party's own private keys.

    Raises:
        SealBroken: the stored party is not the one this master key belongs to, or its public keys were swapped.
    """
    row = store.party(party_id)
    if row is None:
        raise SealBroken("this backpack no longer holds the keys it had")
    content = unpad(unseal(master, row.sealed_keys, _party_context(party_id, row.opening_key, row.signing_key)))
    return PartyKeys(party_id, base64url_decode(content["opening"]),
                     SoftwareSigner.from_secret("Ed25519", base64url_decode(content["signing"])))


def _party_context(party_id: str, opening_key: str, signing_key: str) -> tuple[str, ...]:
    return ("party", party_id, opening_key, signing_key)


def waste_a_guess(passphrase: str, cost: Cost, randomness: Randomness) -> None:
    """The work of a wrong guess, so that an unknown name takes as long as a wrong passphrase (security.md F08)."""
    passphrase_method.derive_key(passphrase, passphrase_method.new_parameters(cost, randomness))
