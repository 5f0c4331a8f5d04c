"""The vault: secrets, sealed items and sessions. No network, no Flask; what leaves it is bodies and Signers.

Errors: ``WrongSecret``, ``VaultLocked`` (also ``TooManyTries``), ``SealBroken``, ``StateError`` for what is not there.
"""

from __future__ import annotations

from wallet.vault.additions import LOG
from wallet.vault.chain import DECIDES, Member, Scope
from wallet.vault.holder_keys import HolderKey
from wallet.vault.index import Summarize
from wallet.vault.items import Entitle, Entry, Judge, Learner, OpenVault
from wallet.vault.manifest import Counters, NoCounters, OlderCopy
from wallet.vault.memory import STATUS_LIST, HeldMemory, VaultMemory
from wallet.vault.methods.passphrase import Cost
from wallet.vault.sessions import FIRST_LOGIN, TooManyTries, Unlocked, Vault
from wallet.vault.space import Item

__all__ = ["DECIDES", "FIRST_LOGIN", "LOG", "STATUS_LIST", "Cost", "Counters", "Entitle", "Entry", "HeldMemory",
           "HolderKey", "Item", "Judge", "Learner", "Member", "NoCounters", "OlderCopy", "OpenVault", "Scope",
           "Summarize", "TooManyTries", "Unlocked", "Vault", "VaultMemory"]
