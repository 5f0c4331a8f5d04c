"""How many take part in a race, and how often it is run."""

from __future__ import annotations

import os
from typing import Final

PLAYERS: Final = 64
ROUNDS: Final = int(os.environ.get("BACKPACK_RACES", "4"))
"""Of each kind of race on each database: together more than fifty; ``make races`` runs a thousand of each."""
