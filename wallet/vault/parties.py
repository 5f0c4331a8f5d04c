"""Parties: a pair to open (X25519) and one to sign (Ed25519), under a master key that each slot seals in turn."""

from __future__ import annotations

from dataclasses import dataclass

from credkit import jose
from credkit.encoding import base64url_decode, base64url_encode
from credkit.errors import SealBroken, StateError, WrongSecret
from credkit.keys import SoftwareSigner
from credkit.ports import Clock, Randomness
from wallet.store import PartyRow, SlotRow, Store
from wallet.vault.methods import passphrase as passphrase_method
from wallet.vault.methods.passphrase import Cost
from wallet.vault.sealing import KEY_BYTES, pad, seal, unpad, unseal

LEARNER = "learner"


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

    @property
    def private_jwk(self) -> dict[str, str]:
        """The private JWK that opens them."""
        return jose.x25519_private_jwk(self.opening_secret)


def create_party(store: Store, passphrase: str, *, cost: Cost, clock: Clock,
                 randomness: Randomness) -> tuple[str, bytes]:
    """Make the backpack's first party, unlocked by ``passphrase``.

    Returns:
        Its id and its 32-byte master key.

    Raises:
        RangeValueError: the passphrase is quickly guessed.
        StateError: there is a party already.
    """
    passphrase_method.check_strength(passphrase)
    party_id = base64url_encode(randomness.token_bytes(16))
    opening, signing, master = (randomness.token_bytes(KEY_BYTES) for _ in range(3))
    signer = SoftwareSigner.from_secret("Ed25519", signing)
    public = jose.x25519_private_jwk(opening)["x"]
    sealed = seal(master, pad({"opening": base64url_encode(opening), "signing": base64url_encode(signing)}),
                  _party_context(party_id, public, signer.public_key_multibase), randomness)
    party = PartyRow(party_id, LEARNER, public, signer.public_key_multibase, sealed, int(clock.now().timestamp()))
    if not store.add_party(party, _new_slot(party_id, master, passphrase, cost, randomness), only=True):
        raise StateError("This backpack has a passphrase already.")
    return party_id, master


def _new_slot(party_id: str, master: bytes, passphrase: str, cost: Cost, randomness: Randomness) -> SlotRow:
    slot_id = base64url_encode(randomness.token_bytes(16))
    parameters = passphrase_method.new_parameters(cost, randomness)
    key = passphrase_method.derive_key(passphrase, parameters)
    context = ("slot", party_id, slot_id, passphrase_method.NAME, parameters)
    return SlotRow(slot_id, party_id, passphrase_method.NAME, parameters, seal(key, master, context, randomness))


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
            return unseal(key, slot.sealed_master, ("slot", party_id, slot.id, slot.method, slot.parameters))
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
