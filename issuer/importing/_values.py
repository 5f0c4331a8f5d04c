"""Numbers and dates as exports write them."""

from __future__ import annotations

import math
import re
from datetime import date

_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?", re.ASCII)


def read_number(text: str) -> float | None:
    """A plain decimal number that is not negative, or None. Whole numbers come as whole floats."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def read_date(text: str) -> date | None:
    """An ISO date (a time behind it is cut off), or None."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
