"""How much is generated: `make full` (BACKPACK_FULL=1) runs the whole of it, `make test` a tenth."""

from __future__ import annotations

import os

FULL = os.environ.get("BACKPACK_FULL") == "1"


def amount(whole: int) -> int:
    """``whole`` under `make full`, else a tenth of it, at least one."""
    return whole if FULL else max(1, whole // 10)
