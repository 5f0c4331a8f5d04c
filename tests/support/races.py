"""How many take part in a race, and how often it is run."""

from __future__ import annotations

import os
from typing import Final

PLAYERS: Final = 64
KINDS: Final = 16
"""Of races on each database: a code, a nonce, an offer, a guess, a proof, an answer, each in every way it is taken."""
ROUNDS: Final = -(-int(os.environ.get("BACKPACK_RACES", "50")) // KINDS)
"""Of each kind: fifty together on each database in ``make test``, a thousand in ``make races``."""
