"""``python -m wallet`` is ``backpack-wallet``."""

from __future__ import annotations

from wallet.cli import main

main()
