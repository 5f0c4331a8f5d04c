"""Backups as pages and commands use them: made with the passphrase of today, put back where nobody is, or copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from credkit.environment import Environment
from wallet.services import activity
from wallet.services.record.items import ADMISSION, GRANT, INVITATION, LIMIT, PROPOSAL, SHARE
from wallet.store import Store
from wallet.vault import OpenVault, Unlocked, Vault
from wallet.vault.backup import Brought, add_copies, read_backup, write_backup

_OF_THE_ORIGINAL: Final = frozenset({ADMISSION, GRANT, INVITATION, LIMIT, PROPOSAL, SHARE})
"""What names people, links and rights of the record that was copied: it means nothing in a copy."""


@dataclass(frozen=True)
class Backups:
    """The use cases about backups over one environment."""

    environment: Environment
    store: Store
    vault: Vault

    def make(self, vault: OpenVault, out: BinaryIO, present: str, *, client: str) -> int:
        """Write everything the unlocked party can open to ``out``; returns how many items.

        The file opens with the passphrase of today. Each record's log says that a copy was taken (security.md G06).

        Raises:
            WrongSecret, TooManyTries: ``present`` is not the passphrase.
            TooComplexError: it would be larger than what can be read again.
        """
        self.vault.master_of(vault.party_id, present, client)
        self._log(vault, "made")
        return write_backup(vault, out, present, cost=self.vault.cost, now=self.environment.clock.now(),
                            randomness=self.environment.randomness)

    def restore(self, file: BinaryIO, passphrase: str) -> Unlocked:
        """Put a backup into a wallet that nobody uses yet.

        Raises:
            BackupRefused: the file is not taken. StateError: somebody uses this wallet. Nothing was changed.
        """
        unlocked = self.vault.restore(read_backup(file, passphrase), passphrase)
        self._log(unlocked.vault, "restored")
        return unlocked

    def _log(self, vault: OpenVault, state: str) -> None:
        personal = vault.personal()
        for space in (personal, *(personal.for_learner(each.owner_id) for each in personal.learners())):
            activity.log(space, self.environment.clock, "backup", {"state": state})

    def add_copies(self, vault: OpenVault, file: BinaryIO, passphrase: str, label: Callable[[str], str]) -> Brought:
        """Put what is in a backup beside what the unlocked party has.

        Args:
            label: What a copied record is called, from what it was called.

        Raises:
            BackupRefused: the file is not taken; nothing was changed.
        """
        saved = read_backup(file, passphrase)
        brought = add_copies(vault, saved, label, left_out=_OF_THE_ORIGINAL, now=self.environment.clock.now())
        activity.log(vault.personal(), self.environment.clock, "backup", {
            "state": "copied", "count": brought.items, "total": brought.items})
        return brought
