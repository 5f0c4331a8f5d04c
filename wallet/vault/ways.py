"""The ways in which a party may unlock: listed, added, changed, taken away, and used where the passphrase is lost.

Every party keeps a passphrase. Each change asks for it, so that an unattended screen changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from credkit.encoding import base64url_encode
from credkit.errors import SealBroken, StateError, WrongSecret
from wallet.store import SlotRow
from wallet.vault.items import OpenVault
from wallet.vault.manifest import Counters, NoCounters
from wallet.vault.methods import METHODS, guardians, passkey, passphrase, recovery_kit
from wallet.vault.methods._reading import read
from wallet.vault.methods.guardians import Circle
from wallet.vault.methods.passkey import Passkey
from wallet.vault.parties import new_slot_id, passphrase_slot, seal_slot, unseal_slot
from wallet.vault.sessions import Unlocked, Vault, check_at_first_look, session_name

_NO_KIT = "This code opens nothing here. Compare it with the paper, group by group."
_NO_PASSKEY = "This passkey does not open the backpack."


@dataclass(frozen=True)
class Way:
    """One way in.

    Attributes:
        method: The name of a method in ``wallet.vault.methods``.
        added_at: Seconds, UTC; None for a passphrase.
        opens: False for a passkey that only says who somebody is.
        circle: For guardians: who they are and how many are needed.
    """

    id: str
    method: str
    added_at: int | None
    opens: bool
    circle: Circle | None


class Ways:
    """The ways into the parties of one wallet."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._store = vault._store
        self._randomness = vault._randomness

    def all(self, vault: OpenVault) -> tuple[Way, ...]:
        """The unlocked party's own, the passphrase first.

        Raises:
            SealBroken: the parameters of one were changed.
        """
        order = [method.NAME for method in METHODS]
        found = [_way(slot) for slot in self._store.slots(vault.party_id) if slot.method in order]
        return tuple(sorted(found, key=lambda way: (order.index(way.method), way.added_at or 0, way.id)))

    # Changing ---------------------------------------------------------------------------------------------------------

    def change_passphrase(self, vault: OpenVault, present: str, new: str, *, client: str,
                          cookie: str | None = None) -> None:
        """Put ``new`` in place of the present passphrase; other sessions of this party end.

        Args:
            cookie: Of the session that stays.

        Raises:
            WrongSecret, TooManyTries: ``present`` is not the passphrase.
            RangeValueError: ``new`` is quickly guessed.
            StateError: it was changed elsewhere meanwhile.
        """
        passphrase.check_strength(new)
        master = self._vault.master_of(vault.party_id, present, client)
        self._set_passphrase(vault.party_id, master, new, keep=session_name(cookie) if cookie else None)

    def _set_passphrase(self, party_id: str, master: bytes, new: str, *, keep: str | None = None,
                        remove: tuple[str, ...] = ()) -> None:
        old = tuple(slot.id for slot in self._store.slots(party_id) if slot.method == passphrase.NAME)
        slot = passphrase_slot(party_id, master, new, self._vault._cost, self._randomness)
        if not self._store.change_slots(party_id, add=(slot,), remove=(*old, *remove), keep_session=keep,
                                        end_sessions=True):
            raise StateError("This was changed on another device meanwhile.")

    def add_passkey(self, vault: OpenVault, present: str, key: Passkey, prf: bytes | None, *, client: str) -> None:
        """Keep a passkey; without its PRF value it only says who somebody is.

        Raises:
            WrongSecret, TooManyTries: ``present`` is not the passphrase.
            StateError: it is here already.
        """
        master = self._vault.master_of(vault.party_id, present, client)
        if any(other.credential_id == key.credential_id for _slot, other in self._passkeys(vault.party_id)):
            raise StateError("This passkey is here already.")
        known = replace(key, prf_input=key.prf_input if prf is not None else None)
        parameters = passkey.new_parameters(known, self._vault._now(), self._randomness)
        slot = SlotRow(new_slot_id(self._randomness), vault.party_id, passkey.NAME, parameters, b"")
        if prf is not None:
            slot = seal_slot(slot.id, vault.party_id, passkey.NAME, parameters, passkey.derive_key(prf, parameters),
                             master, self._randomness)
        self._store.change_slots(vault.party_id, add=(slot,))

    def add_kit(self, vault: OpenVault, present: str, *, client: str) -> str:
        """Make a recovery kit in place of the one there was; returns its code, which is kept nowhere.

        Raises:
            WrongSecret, TooManyTries: ``present`` is not the passphrase.
        """
        master = self._vault.master_of(vault.party_id, present, client)
        old = tuple(slot.id for slot in self._store.slots(vault.party_id) if slot.method == recovery_kit.NAME)
        code = recovery_kit.new_code(self._randomness)
        secret = recovery_kit.secret_of(code)
        parameters = recovery_kit.new_parameters(self._vault._now(), self._randomness)
        slot = seal_slot(recovery_kit.slot_id(secret), vault.party_id, recovery_kit.NAME, parameters,
                         recovery_kit.derive_key(secret, parameters), master, self._randomness)
        if not self._store.change_slots(vault.party_id, add=(slot,), remove=old):
            raise StateError("This was changed on another device meanwhile.")
        return code

    def set_guardians(self, vault: OpenVault, present: str, circle_of: Mapping[str, str], *, slot_id: str,
                      threshold: int, secret: bytes, client: str) -> None:
        """Let a quorum open the party, in place of the one there was.

        Args:
            circle_of: Party id → that party's share, sealed to it alone.
            secret: What the shares make together, 32 bytes.

        Raises:
            WrongSecret, TooManyTries: ``present`` is not the passphrase.
        """
        master = self._vault.master_of(vault.party_id, present, client)
        old = tuple(slot.id for slot in self._store.slots(vault.party_id) if slot.method == guardians.NAME)
        parameters = guardians.new_parameters(Circle(threshold, circle_of), self._vault._now(), self._randomness)
        slot = seal_slot(slot_id, vault.party_id, guardians.NAME, parameters,
                         guardians.derive_key(secret, parameters), master, self._randomness)
        if not self._store.change_slots(vault.party_id, add=(slot,), remove=old):
            raise StateError("This was changed on another device meanwhile.")

    def remove(self, vault: OpenVault, slot_id: str, present: str, *, client: str) -> str:
        """Take a way in away; returns its method.

        Raises:
            WrongSecret, TooManyTries: ``present`` is not the passphrase.
            StateError: there is no such way, or it is the passphrase.
        """
        self._vault.master_of(vault.party_id, present, client)
        slot = self._store.slot(slot_id)
        if slot is None or slot.party_id != vault.party_id:
            raise StateError("There is nothing here under this name.")
        if slot.method == passphrase.NAME:
            raise StateError("Every backpack keeps a passphrase. You can change it.")
        self._store.change_slots(vault.party_id, remove=(slot.id,))
        return slot.method

    # Opening ----------------------------------------------------------------------------------------------------------

    def passkey(self, party_id: str, credential_id: bytes) -> tuple[SlotRow, Passkey]:
        """The slot of a passkey that claims to be this party's.

        Raises:
            WrongSecret: this party has no such passkey.
        """
        for slot, key in self._passkeys(party_id):
            if key.credential_id == credential_id:
                return slot, key
        raise WrongSecret(_NO_PASSKEY)

    def _passkeys(self, party_id: str) -> list[tuple[SlotRow, Passkey]]:
        return [(slot, passkey.read_passkey(slot.parameters)) for slot in self._store.slots(party_id)
                if slot.method == passkey.NAME]

    def passkeys(self, party_id: str) -> tuple[bytes, ...]:
        """The ids of a party's passkeys."""
        return tuple(key.credential_id for _slot, key in self._passkeys(party_id))

    def open_with_passkey(self, slot: SlotRow, prf: bytes, *, counters: Counters | None = None) -> Unlocked:
        """Unlock with the PRF value of a passkey whose answer was checked.

        Raises:
            WrongSecret: the value does not open this slot.
        """
        return self._open(slot, passkey.derive_key(prf, slot.parameters), _NO_PASSKEY, counters)

    def open_with_kit(self, code: str, new: str, *, client: str) -> Unlocked:
        """Unlock with the code of the recovery kit and set a new passphrase; the kit is used up, other sessions end.

        Raises:
            MistypedCode: a group of the code cannot be right.
            WrongSecret, TooManyTries: the code opens nothing.
            RangeValueError: ``new`` is quickly guessed; nothing was changed.
        """
        secret = recovery_kit.secret_of(code)
        passphrase.check_strength(new)
        attempt = self._vault.count_try("recovery kit", client)
        slot = self._store.slot(recovery_kit.slot_id(secret))
        if slot is None or slot.method != recovery_kit.NAME:
            raise WrongSecret(_NO_KIT)
        unlocked = self._open(slot, recovery_kit.derive_key(secret, slot.parameters), _NO_KIT, None)
        self._set_passphrase(slot.party_id, unlocked._master, new, remove=(slot.id,))
        self._store.forgive(attempt)
        return unlocked

    def open_with_guardians(self, slot: SlotRow, secret: bytes, new: str) -> Unlocked:
        """Unlock with what the guardians' shares make together and set a new passphrase; other sessions end.

        Raises:
            WrongSecret: it does not open this slot.
            RangeValueError: ``new`` is quickly guessed; nothing was changed.
        """
        passphrase.check_strength(new)
        unlocked = self._open(slot, guardians.derive_key(secret, slot.parameters),
                              "Not enough people have agreed yet.", None)
        self._set_passphrase(slot.party_id, unlocked._master, new)
        return unlocked

    def _open(self, slot: SlotRow, key: bytes, refusal: str, counters: Counters | None) -> Unlocked:
        try:
            master = unseal_slot(slot, key)
        except SealBroken as error:
            raise WrongSecret(refusal) from error
        unlocked = self._vault._unlocked(slot.party_id, master, counters or NoCounters())
        check_at_first_look(unlocked)
        return unlocked

    def new_challenge(self, lifetime_s: int) -> bytes:
        """32 random bytes for one ceremony; they are good once."""
        challenge = self._randomness.token_bytes(32)
        now = self._vault._now()
        self._store.add_challenge(_challenge_id(challenge), expires_at=now + lifetime_s, now=now)
        return challenge

    def use_challenge(self, challenge: bytes) -> bool:
        """Use a challenge up; whether it was ours, in time, and not used before."""
        return self._store.use_challenge(_challenge_id(challenge), now=self._vault._now())


def _challenge_id(challenge: bytes) -> str:
    return base64url_encode(challenge[:64])


def _way(slot: SlotRow) -> Way:
    stored = read(slot.parameters)
    added = stored.get("at")
    return Way(slot.id, slot.method, added if isinstance(added, int) else None, bool(slot.sealed_master),
               guardians.read_circle(slot.parameters) if slot.method == guardians.NAME else None)
