"""Ways to unlock: each file turns a secret and its stored parameters into a key, and is named here once."""

from __future__ import annotations

from wallet.vault.methods import passphrase

METHODS = (passphrase,)
