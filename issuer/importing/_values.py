"""Texts, numbers and dates as exports write them."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date

MAX_CHARACTERS = 2000
_JOINERS = "\u200c\u200d"
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?", re.ASCII)


def plain(text: str) -> str:
    """The text on one line, in composed form, without characters that hide or move others (security.md F11)."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(each for each in composed if each in _JOINERS or unicodedata.category(each) not in ("Cc", "Cf"))


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
