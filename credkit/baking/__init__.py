"""Badges inside pictures: a credential as text in a PNG or an SVG, put in and taken out.

A picture carries a credential and proves nothing: what was taken out is checked like any other text. No pixel is
decoded and no SVG is drawn here (security.md F02).

Spec: OB-3.0 #baking; OB-2.0 baking specification
"""

from __future__ import annotations

from credkit.baking import png, svg
from credkit.baking._baked import MAX_PICTURE_BYTES, MAX_TEXT_BYTES, OPEN_BADGES_2, OPEN_BADGES_3, BakedBadge
from credkit.errors import MalformedValueError

__all__ = ["MAX_PICTURE_BYTES", "MAX_TEXT_BYTES", "OPEN_BADGES_2", "OPEN_BADGES_3", "BakedBadge", "bake", "is_carrier",
           "unbake"]


def is_carrier(data: bytes) -> bool:
    """Whether ``data`` begins like a PNG or an SVG, which may carry a badge."""
    return png.is_png(data) or svg.is_svg(data)


def unbake(data: bytes) -> BakedBadge | None:
    """The badge in a picture; None if it carries none, or is neither PNG nor SVG.

    Raises:
        ParsingError: a damaged picture, more than one badge of one kind, or text that is none.
        TooComplexError: too large.

    Spec: OB-3.0 #baking
    """
    if png.is_png(data):
        return png.unbake(data)
    return svg.unbake(data) if svg.is_svg(data) else None


def bake(data: bytes, text: str) -> bytes:
    """A copy of the picture with ``text`` (JSON or a compact JWS of one credential) in it.

    Raises:
        MalformedValueError: neither PNG nor SVG, or not the text of one credential.
        ParsingError, TooComplexError: a damaged picture, an SVG that carries a badge already, or too large.

    Spec: OB-3.0 #baking
    """
    if png.is_png(data):
        return png.bake(data, text)
    if svg.is_svg(data):
        return svg.bake(data, text)
    raise MalformedValueError("a badge can be put into a PNG or an SVG picture only")
