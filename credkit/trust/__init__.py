"""Whom a verifier believes: sources of trust, one file each. This package only reads; ``verification`` decides."""

from __future__ import annotations

from typing import Final

SOURCES: Final[tuple[str, ...]] = ("allow_list",)
"""The registered sources of trust, by the name of their module."""
