"""Ways to unlock: each file turns a secret and its stored parameters into a key, and is named here once."""

from __future__ import annotations

from wallet.vault.methods import guardians, passkey, passphrase, recovery_kit

METHODS = (passphrase, passkey, recovery_kit, guardians)
