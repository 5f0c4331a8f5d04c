"""The picture of a badge: its own, only pixels of it, or a plain one with its title.

Spec: OB-3.0 #baking (the picture that carries the credential); security.md F02
"""

from __future__ import annotations

import base64
import math
import textwrap
from html import escape
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from ui.images import open_image
from ui.text import one_line

_SIDE_PX: Final = 512
_LINES: Final = 4
_CHARACTERS: Final = 16
_INK, _FIELD, _RIM = "#16324f", "#ffffff", "#2f6f9f"
_POINTS: Final = 24


def badge_png(title: str, picture: bytes | None) -> bytes:
    """A PNG of at most 512 × 512 pixels: ``picture`` re-encoded, or a plain badge that says ``title``.

    Raises:
        MalformedValueError, TooComplexError: see ``images.open_image``.
    """
    image = _drawn(title) if picture is None else _own(picture)
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def badge_svg(title: str, picture: bytes | None) -> bytes:
    """The same as an SVG without script, style or anything from outside.

    Raises:
        MalformedValueError, TooComplexError: see ``images.open_image``.
    """
    half = _SIDE_PX // 2
    if picture is None:
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in _star())
        lines = _lines(title)
        inside = (f'<polygon points="{points}" fill="{_RIM}"/><circle cx="{half}" cy="{half}" r="180" fill="{_FIELD}"/>'
                  + "".join(f'<text x="{half}" y="{y}" font-family="sans-serif" font-size="36" fill="{_INK}" '
                            f'text-anchor="middle">{escape(line)}</text>' for line, y in lines))
    else:
        address = base64.b64encode(badge_png(title, picture)).decode("ascii")
        inside = f'<image width="{_SIDE_PX}" height="{_SIDE_PX}" href="data:image/png;base64,{address}"/>'
    name = escape(one_line(title))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE_PX} {_SIDE_PX}" width="{_SIDE_PX}" '
            f'height="{_SIDE_PX}" role="img"><title>{name}</title>{inside}</svg>').encode()


def _own(picture: bytes) -> Image.Image:
    image = open_image(picture).convert("RGBA")
    image.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.LANCZOS)
    plain = Image.new("RGBA", image.size)
    plain.paste(image)
    return plain


def _drawn(title: str) -> Image.Image:
    image = Image.new("RGBA", (_SIDE_PX, _SIDE_PX))
    draw, half = ImageDraw.Draw(image), _SIDE_PX // 2
    draw.polygon(_star(), fill=_RIM)
    draw.ellipse((half - 180, half - 180, half + 180, half + 180), fill=_FIELD)
    for line, y in _lines(title):
        draw.text((half, y), line, font=ImageFont.load_default(36), fill=_INK, anchor="ms")
    return image


def _star() -> list[tuple[float, float]]:
    half = _SIDE_PX / 2
    radii = [(250 if index % 2 else 225) for index in range(2 * _POINTS)]
    return [(half + radius * math.cos(math.pi * index / _POINTS), half + radius * math.sin(math.pi * index / _POINTS))
            for index, radius in enumerate(radii)]


def _lines(title: str) -> list[tuple[str, int]]:
    """The title on at most four lines, each with the height of its base line."""
    lines = textwrap.wrap(one_line(title), _CHARACTERS, max_lines=_LINES, placeholder="…") or [""]
    top = _SIDE_PX // 2 + 12 - 22 * (len(lines) - 1)
    return [(line, top + 44 * index) for index, line in enumerate(lines)]
