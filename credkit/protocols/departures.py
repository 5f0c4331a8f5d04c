"""What others of older drafts do otherwise and is taken all the same: each case is named and logged, and refused in
strict mode. A role names its own cases.

Spec: protocols.md §5 "Old drafts worth accepting"
"""

from __future__ import annotations

import logging
from enum import StrEnum


class Departures:
    """Takes departures, or refuses them.

    Args:
        role: Names the log.
        strict: Refuse them.
    """

    def __init__(self, role: str, *, strict: bool) -> None:
        self.strict = strict
        self._log = logging.getLogger(f"backpack.{role}.compat")

    def note(self, departure: StrEnum) -> None:
        """Say in the log that this was taken."""
        self._log.warning("taken although %s", departure)
