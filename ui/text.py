"""Foreign text made safe to look at: nothing in it may move or hide what stands around it (security.md F11)."""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "["
    "\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"  # control characters, but not tab, line feed, carriage return
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2064\u3164\ufeff\uffa0"  # zero-width and blank letters
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"  # direction controls, line separators
    "\ufff9-\ufffb\U000e0000-\U000e007f"  # annotations and tags
    "\ud800-\udfff"  # half a character
    "]"
)
_MARK = (
    "[\u0300-\u034e\u0350-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_TOWER = re.compile(f"({_MARK}{{4}}){_MARK}+")


def clean(text: str) -> str:
    """``text`` without direction controls, invisible characters and towers of more than four combining marks.

    The two joiners that scripts and emoji need (U+200C, U+200D) stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return _TOWER.sub(r"\1", _INVISIBLE.sub("", text))


def one_line(text: str, limit: int = 200) -> str:
    """``text`` cleaned, on one line, at most ``limit`` characters (the last one an ellipsis if it was longer)."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"
