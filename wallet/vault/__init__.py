"""The vault: secrets, sealed items and sessions. No network, no Flask; what leaves it is bodies and Signers.

Errors: ``WrongSecret``, ``VaultLocked`` (also ``TooManyTries``), ``SealBroken``, ``StateError`` for what is not there.
"""

from __future__ import annotations

from wallet.vault.holder_keys import HolderKey
from wallet.vault.items import Entry, Item, OpenVault, Summarize
from wallet.vault.memory import STATUS_LIST, HeldMemory, VaultMemory
from wallet.vault.methods.passphrase import Cost
from wallet.vault.sessions import TooManyTries, Unlocked, Vault

__all__ = ["STATUS_LIST", "Cost", "Entry", "HeldMemory", "HolderKey", "Item", "OpenVault", "Summarize", "TooManyTries",
           "Unlocked", "Vault", "VaultMemory"]
