"""``python -m issuer`` is ``backpack-issuer``."""

from __future__ import annotations

from issuer.cli import main

main()
